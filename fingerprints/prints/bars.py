"""Finds the bars around a picture: letterbox, pillarbox, window box, of any even colour.

A border row belongs to a bar when most of it is one level and that level is the border's; a subtitle may cross it.
Where the picture itself is dark the guess can be wrong, so the whole picture must always be hashed too.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["Box", "unbarred"]

Box = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels, the last two excluded."""

EVEN = 12
"""Levels by which a bar's pixels may differ from its own: what strong JPEG compression leaves."""
SHARE = 0.62
"""Of a row's pixels that are even, for the row to belong to a bar: the rest may be a subtitle."""
LEAST = 0.02
"""Of the side: narrower bars are left where they are."""
MOST = 0.40
"""Of the side, each: wider ones leave no picture."""


def unbarred(grey: NDArray[np.uint8]) -> Box | None:
    """The box inside the bars; None where there are no bars."""
    height, width = grey.shape
    if min(height, width) < 32:
        return None
    top, bottom = _bars(grey)
    left, right = _bars(grey[top : height - bottom].T)
    if not (top or bottom or left or right):
        return None
    return left, top, width - right, height - bottom


def _bars(grey: NDArray[np.uint8]) -> tuple[int, int]:
    """Rows of the bar before and after the picture. A lone bar is none: a sky or a table is no letterbox."""
    before, after = _even_rows(grey), _even_rows(grey[::-1])
    deepest = max(_depth(before), _depth(after))
    least = max(2, round(len(grey) * LEAST))
    if not least <= deepest <= len(grey) * MOST:
        return 0, 0
    bars = _depth(before, deepest), _depth(after, deepest)
    return bars if min(bars) >= least else (0, 0)


def _even_rows(grey: NDArray[np.uint8]) -> NDArray[np.float64]:
    """The share of each row, from the border on, that is of the border's level."""
    rows = grey[: len(grey) // 2 + 1].astype(np.int16)
    level = int(np.median(rows[: max(1, len(rows) // 20)]))
    return np.asarray((np.abs(rows - level) <= EVEN).mean(axis=1))


def _depth(even: NDArray[np.float64], other: int = 0) -> int:
    """How many rows are the bar's. As many as the `other` side's, if a subtitle is all that breaks it."""
    broken = np.flatnonzero(even < SHARE)
    depth = int(broken[0]) if broken.size else len(even)
    return other if depth < other and even[:other].mean() >= SHARE else depth
