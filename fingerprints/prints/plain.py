"""Where a picture is drawn or empty: plates, letters, flat skies. To share those makes no two pictures one."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["filled", "plain"]

Mask = NDArray[np.bool_]

_EVEN: Final = 5
"""Grey levels between the lightest and the darkest of 5 × 5 pixels: what encoding leaves of one colour."""
_LETTERS: Final = 13
"""Pixels of the working picture: a stroke on a plate is narrower."""
_EDGE: Final = 7
"""Pixels: the edge of a plate, and what encoding adds to it."""


def plain(grey: NDArray[np.uint8]) -> Mask:
    """True where a grey picture of working size is drawn or empty."""
    box = np.ones((5, 5), np.uint8)
    even = cv2.threshold(cv2.subtract(cv2.dilate(grey, box), cv2.erode(grey, box)), _EVEN, 1, cv2.THRESH_BINARY_INV)[1]
    even = cv2.morphologyEx(even, cv2.MORPH_OPEN, box)
    filled = cv2.morphologyEx(even, cv2.MORPH_CLOSE, np.ones((_LETTERS, _LETTERS), np.uint8))
    return np.asarray(cv2.dilate(filled, np.ones((_EDGE, _EDGE), np.uint8)) > 0)


def filled(grey: NDArray[np.uint8], covered: Mask) -> NDArray[np.uint8]:
    """The picture with what is covered filled from around it: points beside large letters look as they do without."""
    small = cv2.resize(grey, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    mask = cv2.resize(covered.astype(np.uint8), small.shape[::-1], interpolation=cv2.INTER_NEAREST)
    made = cv2.resize(cv2.inpaint(small, mask, 5, cv2.INPAINT_TELEA), grey.shape[::-1])
    return np.asarray(np.where(covered, made, grey), np.uint8)
