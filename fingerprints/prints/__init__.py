"""Algorithms, one file each. A change that changes what one stores is a new version."""

from __future__ import annotations

from collections.abc import Mapping

from fingerprints.prints import features
from fingerprints.prints.interface import Algorithm
from fingerprints.prints.phash import PHASH

__all__ = ["ALGORITHMS", "STORED"]

ALGORITHMS: tuple[Algorithm, ...] = (PHASH,)
"""Those that compare two pictures by a fingerprint of each."""

STORED: Mapping[str, int] = {PHASH.name: PHASH.version, features.NAME: features.VERSION}
"""What libraries hold, and in which version: they refuse to be read by others."""
