"""Finds the row of ten thin bars that Sora 1 animates in the lower right corner.

Ten upright white lines at equal distances, half transparent; their heights change from frame to frame like those of a
level meter. The row is an eighth of the picture's shorter side wide. A fence, a blind, a ruler or a barcode has more
lines, or lines that go on upwards; letters have no equal distances.
"""

from __future__ import annotations

from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from fingerprints.marks.logos.logo import Logo
from media.place import Box

__all__ = ["find_bars"]

Floats = NDArray[np.float32]

COUNT: Final = 10
DISTANCE: Final = 0.0130
"""Between two bars, as a share of the picture's shorter side."""
SIZES: Final = (0.94, 0.97, 1.0, 1.03, 1.06)
"""Other distances that are tried, as shares of that: the picture was scaled or cropped a little."""
FINE: Final = 12
"""Pixels between two bars at which the corner is read."""
HALF_HEIGHT: Final = 9
"""Of the highest bar, in those pixels."""
HOME: Final = (0.060, 0.075)
"""From the right side to the row, and from the lower side to the row's middle, as shares of the shorter side."""
NEAR: Final = 0.015
"""How far from there it may lie."""
REACH: Final = (0.24, 0.16)
"""How much of the corner is read, as shares of the shorter side: to the left and upwards."""
LEAST_SIDE: Final = 300
"""Shorter sides of smaller pictures leave less than four pixels between bars."""
DAMPING: Final = 8.0
WEAKEST, STRONGEST = 0.10, 2.0
"""By how much a bar takes away the logarithm of the distance to white, at least and at most."""
OUTSIDE: Final = 0.4
"""How much of that there may be where an eleventh bar would stand, above, below and beside the bars."""


def find_bars(picture: NDArray[np.uint8]) -> Logo | None:
    """The row of bars in a picture (H × W × 3, RGB), or None."""
    height, width = picture.shape[:2]
    shorter = min(height, width)
    if shorter < LEAST_SIDE:
        return None
    wide, high = (int(share * shorter) for share in REACH)
    corner = picture[height - high :, width - wide :].astype(np.float32).mean(axis=2)
    dark = np.log(255 + DAMPING - corner, dtype=np.float32)
    best, found = 0.0, (0.0, 0.0, 1.0)
    for size in SIZES:
        scale = FINE / (DISTANCE * size * shorter)
        score, x, y = _agreement(cv2.resize(dark, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC))
        if score > best:
            best, found = score, (x / scale, y / scale, 1 / scale)
    if not best:
        return None
    x, y, pixel = found
    left, middle = width - wide + x - pixel * FINE / 2, height - high + y
    beside, below = (width - left - (COUNT - 0.5) * FINE * pixel) / shorter, (height - middle) / shorter
    if max(abs(beside - HOME[0]), abs(below - HOME[1])) > NEAR:
        return None
    corners = [[left, middle - HALF_HEIGHT * pixel], [left + COUNT * FINE * pixel, middle + HALF_HEIGHT * pixel]]
    return Logo("Sora", "generator-label", Box.around(np.clip(np.array(corners) / (width, height), 0, 1)), best > 0.95)


def _agreement(dark: Floats) -> tuple[float, float, float]:
    """The best row's share of bars that agree (0 where none is a row), and where its first bar's middle is."""
    half = FINE // 2
    span = (COUNT - 1) * FINE
    if dark.shape[1] < span + 4 * FINE or dark.shape[0] < 6 * HALF_HEIGHT:
        return 0.0, 0.0, 0.0
    ridge = np.minimum(dark[:, : -2 * half], dark[:, 2 * half :]) - dark[:, half:-half]
    tall = 2 * HALF_HEIGHT + 1
    inside = cv2.blur(ridge, (1, tall), borderType=cv2.BORDER_REPLICATE)
    above, below = np.roll(inside, tall + 2, axis=0), np.roll(inside, -tall - 2, axis=0)
    starts = np.arange(FINE, ridge.shape[1] - span - FINE)
    bars = np.stack([inside[:, starts + FINE * number] for number in range(COUNT)])
    usual = np.median(bars, axis=0)
    least = np.maximum(usual, 1e-3)
    alike = ((bars > 0.3 * least) & (bars < 2.5 * least)).mean(axis=0)
    near = cv2.dilate(inside, np.ones((1, 7), np.uint8))
    stray = [near[:, starts - FINE], near[:, starts + COUNT * FINE]]
    stray += [_along(part, starts) for part in (above, below)] + [_along(inside, starts + off) for off in (-4, 4)]
    ends = np.max(np.stack(stray), axis=0) < OUTSIDE * least
    score = np.where((usual > WEAKEST) & (usual < STRONGEST) & ends & (alike >= 0.8), alike + 0.01 * usual, 0)
    score[: tall + 2], score[-tall - 2 :] = 0, 0
    row, start = np.unravel_index(int(score.argmax()), score.shape)
    if not score[row, start]:
        return 0.0, 0.0, 0.0
    return float(alike[row, start]), float(starts[start] + half), float(row)


def _along(response: NDArray[Any], starts: NDArray[np.intp]) -> Floats:
    """The mean response at ten places in a row, for each start."""
    return np.asarray(np.mean([response[:, starts + FINE * number] for number in range(COUNT)], axis=0), np.float32)
