"""Large letters over a picture: where they are, and the picture with them filled from around.

Titles that take a fifth of a frame hide its hash and draw all its points to their edges. The rest of the frame still
has the low frequencies of the picture behind them, once they are filled.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from media.still import fitted

__all__ = ["unlettered"]

_SIDE: Final = 256
"""Pixels of the longer side at which letters are looked for."""
_ABOUT: Final = 8
"""Grey levels about that of letters, after a codec."""
_LEAST: Final = 0.02
"""Part of the picture that letters of one level take."""
_PEAK: Final = 0.6
"""Part of the pixels within ten levels that lie within three: letters are of one level, a wall of several."""
_MOST: Final = 150
"""Components of a letter's size, of which more are a texture."""
_HIGH: Final = (0.05, 0.45)
"""Height of a letter, least and most, as part of the picture's."""
_STROKE: Final = 0.045
"""Half of a stroke's width at most, as part of the picture's height."""
_EDGE, _SHARP = 40, 0.6
"""Levels across the edge of a letter, and the part of its outline that has them."""
_ROW, _LETTERS = 3, 4
"""Letters in a row, and in all rows, at the least."""
_AROUND: Final = 5
"""Pixels about a letter that a codec changes."""

Grey = NDArray[np.uint8]
Box = tuple[int, int, int, int]
"""Left, top, width and height, in pixels."""


def unlettered(grey: Grey) -> Grey | None:
    """The picture, 256 pixels at most, without the letters over it; nothing where there are no large ones."""
    small = np.asarray(fitted(grey, _SIDE), np.uint8)
    letters = _letters(small)
    if letters is None:
        return None
    covered = cv2.dilate(letters, np.ones((_AROUND, _AROUND), np.uint8))
    return np.asarray(cv2.inpaint(small, covered, 5, cv2.INPAINT_TELEA), np.uint8)


def _letters(grey: Grey) -> Grey | None:
    levels = np.bincount(grey.ravel(), minlength=256)
    narrow, broad = (np.convolve(levels, np.ones(width), "same") for width in (7, 21))
    found = np.zeros_like(grey)
    for level in (128 + int(narrow[128:].argmax()), int(narrow[:128].argmax())):
        if narrow[level] < max(_LEAST * grey.size, _PEAK * broad[level]):
            continue
        ink = (np.abs(grey.astype(np.int16) - level) <= _ABOUT).astype(np.uint8)
        _, labels, boxes, _ = cv2.connectedComponentsWithStats(ink, connectivity=4)
        letters = dict(_like_letters(grey, np.asarray(labels, np.int32), np.asarray(boxes, np.int32)))
        if len(in_rows := _in_rows(letters)) >= _LETTERS:
            found |= np.isin(labels, in_rows).astype(np.uint8)
    return found if found.any() else None


def _like_letters(grey: Grey, labels: NDArray[np.int32], boxes: NDArray[np.int32]) -> Iterator[tuple[int, Box]]:
    """Components of a letter's size and stroke, with a sharp outline."""
    height, width = grey.shape
    _, _, wide, high, area = boxes.T
    sized = (high >= _HIGH[0] * height) & (high <= _HIGH[1] * height) & (wide <= width / 2) & (area >= 12)
    asked = np.flatnonzero(sized & (np.arange(len(boxes)) > 0))
    if not _LETTERS <= len(asked) <= _MOST:
        return
    steep = cv2.morphologyEx(grey, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    for label in asked.tolist():
        x, y, across, down, _ = boxes[label].tolist()
        part = np.s_[y : y + down, x : x + across]
        mine = np.pad((labels[part] == label).astype(np.uint8), 1)
        if cv2.distanceTransform(mine, cv2.DIST_L2, 3).max() > max(2.0, _STROKE * height):
            continue
        outline = (mine - cv2.erode(mine, np.ones((3, 3), np.uint8)))[1:-1, 1:-1] > 0
        if float((steep[part][outline] >= _EDGE).mean()) >= _SHARP:
            yield label, (x, y, across, down)


def _in_rows(letters: dict[int, Box]) -> list[int]:
    """Those that stand on one line with two others at least, of about their height."""
    found = []
    for label, (_, top, _, high) in letters.items():
        beside = [
            1
            for _, other, _, tall in letters.values()
            if abs(other + tall - top - high) < 0.25 * high and 0.6 < tall / high < 1.6
        ]
        if len(beside) >= _ROW:
            found.append(label)
    return found
