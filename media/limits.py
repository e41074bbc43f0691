"""Limits that several doors share."""

from __future__ import annotations

__all__ = ["MAX_PIXELS"]

MAX_PIXELS = 150_000_000
"""Pixels of one picture or frame that are decoded: a large-format scan of 12,000 by 12,000."""
