"""What every algorithm is: a name, a version, a fingerprint of a picture, a distance and its threshold."""

from __future__ import annotations

from typing import Protocol

from fingerprints.model import Fingerprint
from media.still import Picture

__all__ = ["Algorithm"]


class Algorithm(Protocol):
    """Proven by `tests/contracts/test_algorithms.py`. A change that changes values is a new version."""

    @property
    def name(self) -> str:
        """Kebab-case; stored in libraries."""

    @property
    def version(self) -> int:
        """Stored beside the name: fingerprints of two versions are never compared."""

    @property
    def threshold(self) -> float:
        """Two pictures at this distance or nearer are taken for the same."""

    def fingerprint(self, picture: Picture) -> Fingerprint:
        """Of the picture as it is."""

    def distance(self, one: Fingerprint, other: Fingerprint) -> float:
        """0 for equal, symmetric, larger for less alike."""
