"""Finds the row of five coloured squares that DALL·E 2 draws over the lower right corner.

Yellow, cyan, green, orange and blue, opaque, each a sixty-fourth of the picture's side, flush with its edges. Colour
bars have other colours in another order, and their fields are no squares.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from fingerprints.marks.logos.logo import Logo
from media.place import Box

__all__ = ["COLOURS", "find_squares"]

COLOURS: Final = ((255, 255, 102), (66, 255, 255), (81, 218, 76), (255, 110, 60), (60, 70, 255))
"""From left to right, RGB."""
FAR: Final = 75
"""Levels, all three together as a distance: what compression and a colour conversion leave of a colour."""
DEPTH: Final = 0.15
"""Of the height: how far from the lower edge the row is looked for."""
LEAST_PIXELS: Final = 3


def find_squares(picture: NDArray[np.uint8]) -> Logo | None:
    """The row of squares in a picture (H × W × 3, RGB), or None. Firm in the corner, possible near it."""
    height, width = picture.shape[:2]
    depth = max(1, min(height, int(DEPTH * height)))
    named = _named(picture[height - depth :])
    for row in range(depth - 1, -1, -1):
        for left, side in _rows_of_five(named[row]):
            top = height - depth + row
            used = _height(named[:, left : left + 5 * side], row, side)
            if not 0.6 * side <= used <= 1.5 * side:
                continue
            bottom, right = top + 1, left + 5 * side
            corner = height - bottom <= 0.3 * side and width - right <= 0.5 * side
            outline = np.array([[left, bottom - used], [right, bottom]]) / (width, height)
            return Logo("DALL·E", "generator-label", Box.around(np.clip(outline, 0, 1)), corner)
    return None


def _named(strip: NDArray[np.uint8]) -> NDArray[np.int8]:
    """Which of the five colours each pixel has, from 0; −1 where none."""
    off = strip.astype(np.float32)[:, :, None] - np.array(COLOURS, np.float32)
    distance = np.sqrt((off * off).sum(axis=3))
    return np.where(distance.min(axis=2) <= FAR, distance.argmin(axis=2), -1).astype(np.int8)


def _rows_of_five(line: NDArray[np.int8]) -> list[tuple[int, int]]:
    """Where the five colours follow each other in runs of one length: left edge and length, the rightmost first.

    The first run may be longer: the ground can be yellow too.
    """
    if not (line == len(COLOURS) - 1).any():
        return []
    changes = np.flatnonzero(np.diff(line)) + 1
    starts, ends = np.concatenate([[0], changes]), np.concatenate([changes, [len(line)]])
    values, lengths = line[starts], ends - starts
    real = (values >= 0) & (lengths >= LEAST_PIXELS)
    starts, ends, values = starts[real], ends[real], values[real]
    found = []
    for first in range(len(values) - len(COLOURS), -1, -1):
        last = first + len(COLOURS) - 1
        if (values[first : last + 1] != range(len(COLOURS))).any():
            continue
        side = (ends[last] - ends[first]) / (len(COLOURS) - 1)
        edges = ends[first] + side * np.arange(len(COLOURS))
        if ends[first] >= side * 0.8 and np.abs(ends[first : last + 1] - edges).max() <= max(1.5, 0.2 * side):
            found.append((max(0, round(float(ends[first] - side))), round(float(side))))
    return found


def _height(named: NDArray[np.int8], row: int, side: int) -> int:
    """How many rows upwards from `row` show the five colours, in pixels."""
    middles = (np.arange(len(COLOURS)) + 0.5) * side
    agree = (named[: row + 1, np.minimum(middles.astype(int), named.shape[1] - 1)] == range(len(COLOURS))).all(axis=1)
    broken = np.flatnonzero(~agree[::-1])
    return int(broken[0]) if len(broken) else row + 1
