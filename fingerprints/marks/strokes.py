"""Parts of a frame whose edges stay, and that may be a line of text, a short word or a logo."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from fingerprints.marks.patches import Pixels

__all__ = ["LEAST_EDGE", "LOGOS", "Edges", "compact_parts", "is_low", "is_wide", "written_parts"]

STROKE: Final = 13
"""Pixels across, within which a stroke has both its edges. Smooth ground that agrees by chance has none so near."""
WRITTEN: Final = 1.5
"""Changes of sign among the edges along a row, in heights of the part: letters have 1.7 and more."""
NARROWEST, FEWEST = 14, 55
"""Pixels: width of a part, and how many of its edges stay. By chance some thirty do in eight by eight."""
LOWEST, TALLEST = 7, 0.2
"""Height of a part: pixels, and of the picture."""
WIDE, WORD = 1.8, 32
"""The shape of a word: width in heights, and in pixels at least."""
LOGOS: Final = 0.7
"""Of width and height, behind which logos lie."""
LEAST_EDGE: Final = 22
"""Sobel units: a step of some six grey levels."""

Edges = tuple[NDArray[np.int16], NDArray[np.int16]]
"""Slopes across and down, signed."""


def written_parts(staying: Edges, mask: NDArray[np.bool_]) -> Iterator[tuple[Pixels, bool]]:
    """Parts that may be lines of text: strokes in a row, whatever smooth ground stays around them."""
    import cv2

    row: Any = np.ones((1, STROKE), np.uint8)
    rising, falling = (
        cv2.dilate(one.astype(np.uint8), row) for one in (staying[0] > LEAST_EDGE, staying[0] < -LEAST_EDGE)
    )
    for part in _parts_of(mask & (rising > 0) & (falling > 0)):
        if is_wide(part) and _changes_of(staying[0], part) >= WRITTEN:
            yield part, True


def compact_parts(staying: Edges, mask: NDArray[np.bool_]) -> Iterator[tuple[Pixels, bool]]:
    """Parts that may be a word of few letters, or in the lower corners logos."""
    height, width = mask.shape
    for part in _parts_of(mask):
        if is_wide(part):
            continue
        is_written = _changes_of(staying[0], part) >= WRITTEN
        if is_written or is_low(part, width, height):
            yield part, is_written


def _changes_of(across: NDArray[np.int16], part: Pixels) -> float:
    """How often the edges along a row of a part change their sign, in its heights."""
    signs = np.sign(np.where(np.abs(across[part.region]) > LEAST_EDGE // 2, across[part.region], 0))
    places, rows = np.nonzero(signs)[::-1]
    changes = (np.diff(signs[rows, places]) != 0) & (np.diff(rows) == 0)
    counts = np.bincount(rows[1:][changes], minlength=part.h)
    return float(np.sort(counts)[part.h * 3 // 4]) * part.h / part.w


def _parts_of(mask: NDArray[np.bool_]) -> Iterator[Pixels]:
    """Where edges stand close in rows, in the sizes of marks."""
    import cv2

    rows: Any = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((3, 13), np.uint8))
    height, width = mask.shape
    _, _, stats, _ = cv2.connectedComponentsWithStats(rows)
    _, _, w, h, area = stats.T
    sized = (h >= LOWEST) & (h <= TALLEST * height) & (w >= h * 0.6) & (w >= NARROWEST) & (w < 0.9 * width)
    for row in stats[sized & (area >= 0.2 * w * h) & (area >= FEWEST)]:
        part = Pixels(*(int(value) for value in row[:4]))
        if np.count_nonzero(mask[part.region]) >= FEWEST:
            yield part


def is_wide(part: Pixels) -> bool:
    """Whether it has the shape of a word."""
    return part.w >= max(WIDE * part.h, WORD)


def is_low(part: Pixels, width: int, height: int) -> bool:
    """Whether it lies in one of the lower corners."""
    return part.y > LOGOS * height and not (1 - LOGOS) * width < part.x + part.w / 2 < LOGOS * width
