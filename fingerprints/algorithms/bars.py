"""Finds the bars that a picture was put between: letterbox, pillarbox, window box, of any even colour.

A border row belongs to a bar when most of it is one level and that level is the border's; a subtitle
may cross it. Where the picture itself is dark the guess can be wrong: the picture as it is must
always be hashed too.
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
    """The box inside the bars; nothing where there are none."""
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
    rows = len(grey)
    before, after = _depth(grey), _depth(grey[::-1])
    least = max(2, round(rows * LEAST))
    if before < least or after < least:
        return 0, 0
    return before, after


def _depth(grey: NDArray[np.uint8]) -> int:
    most = int(len(grey) * MOST)
    border = grey[:most]
    level = int(np.median(border[: max(1, most // 20)]))
    even = (np.abs(border.astype(np.int16) - level) <= EVEN).mean(axis=1) >= SHARE
    depth = int(np.argmin(even)) if not even.all() else most
    return depth if depth < most else 0
