"""Finds panels: pictures with straight, upright borders inside a frame, or beside each other in it.

A border is a line of steps in level that stays in place from frame to frame. Where the inset and its background are
alike, a border has gaps. A window or a door may be taken for a panel: that costs a hash.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from fingerprints.prints.bars import Box

__all__ = ["MOST", "panels"]

MOST = 2
"""Panels of a frame of a programme."""
STEP = 14
"""Grey levels between the two sides of a border."""
SMALLEST, LARGEST = 0.04, 0.8
"""Part of the frame that a panel takes."""
NARROWEST = 0.12
"""Of the frame's width or height: an upright picture a third as high as a 16:9 frame takes 0.14 of its width."""
SIDE, SIDES = 0.3, 0.5
"""Part of a side that has a step: of each, and of all four."""
HALF = 0.75
"""Part of a side that has a step, where it divides the frame in two."""
LINES = 14
"""Lines each way that are combined: the longest."""
BESIDE = 5
"""Pixels from a line to where texture would step as often."""
_APART = 3
"""Pixels between two lines."""

Steps = NDArray[np.uint8]
Over = NDArray[np.int8]
"""Twice the steps at a place, without those beside it."""
Counts = NDArray[np.int32]


def panels(greys: Sequence[NDArray[np.uint8]], *, most: int = MOST) -> tuple[Box, ...]:
    """In a frame, given with its neighbours of the same shot; at most so many, the surest first."""
    height, width = greys[0].shape
    if min(height, width) < 64:
        return ()
    upright = _steady([_steps(grey) for grey in greys])
    level = _steady([_steps(np.ascontiguousarray(grey.T)) for grey in greys])
    columns, rows = _lines(upright, NARROWEST), _lines(level, NARROWEST)
    if len(columns) + len(rows) < 5:  # the frame's own borders are four
        return ()
    return _boxes(_counts(upright, columns), _counts(level, rows), columns, rows, most)


def _steps(grey: NDArray[np.uint8]) -> Steps:
    """1 where the level steps from one pixel of a row to the next."""
    step = cv2.absdiff(grey[:, 1:], grey[:, :-1])
    return np.asarray(cv2.threshold(step, STEP - 1, 1, cv2.THRESH_BINARY)[1], np.uint8)


def _steady(steps: list[Steps]) -> Over:
    """Those of most frames, the same within a pixel, over how many there are beside them: texture is all steps."""
    total = np.zeros_like(steps[0])
    for one in steps:
        cv2.add(total, cv2.dilate(one, np.ones((1, 3), np.uint8)), total)
    most = cv2.threshold(total, len(steps) // 2, 1, cv2.THRESH_BINARY)[1].view(np.int8)
    over = np.empty_like(most)
    np.left_shift(most, 1, out=over)
    over[:, BESIDE:] -= most[:, :-BESIDE]
    over[:, :-BESIDE] -= most[:, BESIDE:]
    return over


def _lines(steps: Over, least: float) -> NDArray[np.int64]:
    """Places of the longest lines, apart from each other, in order; with the two borders of the frame."""
    totals = cv2.reduce(steps.astype(np.float32), 0, cv2.REDUCE_SUM)[0]
    found: list[int] = []
    for place in np.argsort(-totals, kind="stable"):
        if totals[place] < 2 * SIDE * least * len(steps) or len(found) == LINES:
            break
        if all(abs(int(place) - other) > _APART for other in found):
            found.append(int(place))
    return np.array([0, *sorted(one + 1 for one in found if _APART < one < steps.shape[1] - _APART), -1], np.int64)


def _counts(steps: Over, places: NDArray[np.int64]) -> Counts:
    """Steps of each line before every place along it. The borders of the frame have none."""
    chosen = np.zeros((len(steps) + 1, len(places)), np.int32)
    np.cumsum(steps[:, places[1:-1] - 1], axis=0, dtype=np.int32, out=chosen[1:, 1:-1])
    return chosen


def _boxes(
    upright: Counts, level: Counts, columns: NDArray[np.int64], rows: NDArray[np.int64], most: int
) -> tuple[Box, ...]:
    """All that four lines enclose, and whose sides are there."""
    height, width = len(upright) - 1, len(level) - 1
    columns, rows = np.where(columns < 0, width, columns), np.where(rows < 0, height, rows)
    left, right = np.triu_indices(len(columns), 1)
    top, bottom = np.triu_indices(len(rows), 1)
    wide, high = columns[right] - columns[left], rows[bottom] - rows[top]
    across, down = wide >= NARROWEST * width, high >= NARROWEST * height
    left, right, wide, top, bottom, high = (
        left[across],
        right[across],
        wide[across],
        top[down],
        bottom[down],
        high[down],
    )
    # Part of each line that steps between two others: rows are pairs of rows, columns are lines; and the other way.
    sides = (upright[rows[bottom]] - upright[rows[top]]) / np.maximum(2 * high, 1)[:, None]
    edges = (level[columns[right]] - level[columns[left]]) / np.maximum(2 * wide, 1)[:, None]
    four = np.stack([sides[:, left], sides[:, right], edges[:, top].T, edges[:, bottom].T])
    # The frame's own border is no step, and needs none: a panel may lie at it. The one side of a half is whole.
    ends = left == 0, right == len(columns) - 1, (top == 0)[:, None], (bottom == len(rows) - 1)[:, None]
    border = np.array(np.broadcast_arrays(*ends))
    inner = 4 - border.sum(axis=0)
    mean = four.sum(axis=0) / np.maximum(inner, 1)
    share = high[:, None] * wide[None, :] / (height * width)
    good = ((four >= SIDE) | border).all(axis=0) & (mean >= np.array([2, HALF, SIDES, SIDES, SIDES])[inner])
    good &= (share >= SMALLEST) & (share <= LARGEST)
    worth = np.where(good, four.sum(axis=0), 0)
    kept: list[Box] = []
    for place in np.argsort(-worth, axis=None)[:200]:
        y, x = np.unravel_index(place, worth.shape)
        if not good[y, x] or len(kept) == most:
            break
        box = int(columns[left[x]]), int(rows[top[y]]), int(columns[right[x]]), int(rows[bottom[y]])
        if all(_alike(box, other) < 0.5 for other in kept):
            kept.append(box)
    return tuple(kept)


def _alike(one: Box, other: Box) -> float:
    """Intersection over union."""
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    both = max(0, wide) * max(0, high)
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)]
    return both / max(sum(areas) - both, 1)
