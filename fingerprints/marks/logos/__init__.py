"""Logos without text that generators put into pictures, found as shapes: one module for each logo, and one
for those that are flat shapes described in `signs.toml`."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fingerprints.marks.logos.bars import find_bars
from fingerprints.marks.logos.logo import Logo
from fingerprints.marks.logos.signs import find_signs
from fingerprints.marks.logos.sparkle import find_sparkle
from fingerprints.marks.logos.squares import find_squares

__all__ = ["Logo", "find_logos"]


def find_logos(picture: NDArray[np.uint8]) -> tuple[Logo, ...]:
    """The logos in a picture of H × W × 3, RGB. Never raises for what the picture shows.

    The picture may be the mean of some frames of one shot: what moves is blurred there, and the mark is the clearer.
    """
    sure = [logo for find in (find_sparkle, find_squares, find_bars) if (logo := find(picture)) is not None]
    return (*sure, *(logo for logo in find_signs(picture) if logo.name not in {one.name for one in sure}))
