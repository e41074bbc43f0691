"""The fingerprints of pictures and sounds, one file each. A change that changes what one stores is a new version."""

from __future__ import annotations

from collections.abc import Mapping

from fingerprints.prints import features, phash

__all__ = ["STORED"]

STORED: Mapping[str, int] = {phash.NAME: phash.VERSION, features.NAME: features.VERSION}
"""What libraries hold, with versions: fingerprints of another version are refused."""
