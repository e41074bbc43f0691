"""Limits that several modules share."""

from __future__ import annotations

__all__ = ["MAX_PIXELS", "is_cut_short"]

MAX_PIXELS = 150_000_000
"""Pixels of one picture or frame that are decoded: a large-format scan of 12,000 by 12,000."""


def is_cut_short(declared: float, reached: float, *, seconds: float = 2.0, share: float = 0.02) -> bool:
    """Whether what ends at `reached` seconds lacks more than `seconds` of its declared length, and more than a `share`
    of it.

    Durations are rounded, and counted to the start or to the end of a last frame: a small difference is not damage.
    """
    return declared - reached > max(seconds, share * declared)
