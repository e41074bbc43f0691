"""Logos without text that generators put into pictures, found as shapes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fingerprints.marks.words import MarkKind
from media.place import Box

__all__ = ["Logo", "find_logos"]


@dataclass(frozen=True, slots=True)
class Logo:
    """A logo found in a picture."""

    name: str
    """Of the tool, as rules and reports name it: `Gemini`."""
    kind: MarkKind
    box: Box
    score: float
    """How well the shape agrees, 0 to 1."""
    is_firm: bool
    """Whether it is sure enough to be more than possible."""


def find_logos(picture: NDArray[np.uint8]) -> tuple[Logo, ...]:
    """The logos in a picture of H × W × 3, RGB. Never raises for what the picture shows."""
    return ()
