"""Examines the surroundings of a reference in a picture: whether the picture continues as if the reference had no
border.

A border, a frame, a scene around a print all end at a seam; an extension has none.
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from fingerprints.prints.features import working
from fingerprints.stills.geometry import UNIT, Matrix, map_points
from fingerprints.stills.registered import Levels, Mask
from media.place import Box
from media.still import Picture

__all__ = ["extensions"]

_LEAST_AREA = 0.03
"""Of the picture, in all: less may be a geometry that is not quite right."""
_LEAST_STRIP = 0.01


def extensions(picture: Picture, matrix: Matrix, seen: NDArray[np.uint8]) -> tuple[tuple[Box, float], ...]:
    """Strips of the picture around the reference, with their parts of its area, if the picture continues there.

    It does if nothing shows a seam along most of the open sides; `seen` is 1 where the picture is.
    """
    grey = working(picture).astype(np.float32)
    height, width = grey.shape
    free = cv2.resize(seen, (width, height), interpolation=cv2.INTER_NEAREST) > 0
    placed = map_points(matrix, UNIT)
    if placed is None:
        return ()
    corners = placed * (width, height)
    told = [told for side in range(4) if (told := _goes_on(grey, free, corners, side)) is not None]
    covered = cv2.fillConvexPoly(np.zeros((height, width), np.uint8), corners.round().astype(np.int32), 1) > 0
    around = free & ~covered
    if not told or 2 * sum(told) <= len(told) or around.mean() < _LEAST_AREA:
        return ()
    return tuple(_strips(around, np.clip(placed, 0, 1)))


def _strips(around: Mask, corners: NDArray[np.float64]) -> Iterator[tuple[Box, float]]:
    """Left, right, over and under the reference's box."""
    (left, top), (right, bottom) = corners.min(axis=0), corners.max(axis=0)
    height, width = around.shape
    for x0, y0, x1, y1 in ((0, 0, left, 1), (right, 0, 1, 1), (left, 0, right, top), (left, bottom, right, 1)):
        part = around[round(y0 * height) : round(y1 * height), round(x0 * width) : round(x1 * width)]
        if part.sum() >= _LEAST_STRIP * around.size:
            yield Box.around(np.array([[x0, y0], [x1, y1]])), float(part.sum()) / around.size


def _goes_on(grey: Levels, free: Mask, corners: NDArray[np.float64], side: int) -> bool | None:
    """Whether the picture crosses a side of the reference as if there were none; nothing where it ends there."""
    start, end = corners[side], corners[(side + 1) % 4]
    along = (end - start) / max(float(np.hypot(*(end - start))), 1.0)
    outward = np.array([along[1], -along[0]])
    if outward @ (start - corners.mean(axis=0)) < 0:
        outward = -outward
    places = start + np.linspace(0.04, 0.96, 128)[:, None] * (end - start)
    steps = {step: np.rint(places + outward * step).astype(int) for step in (-12, -4, 4, 12, 20)}
    height, width = grey.shape
    open_ = np.all(
        [(x >= 0) & (x < width) & (y >= 0) & (y < height) for x, y in (place.T for place in steps.values())], axis=0
    )
    if open_.sum() < 32:
        return None
    level = {step: grey[place[open_][:, 1], place[open_][:, 0]] for step, place in steps.items()}
    is_free = free[steps[20][open_][:, 1], steps[20][open_][:, 0]].mean() > 0.5
    if not is_free or min(values.std() for values in level.values()) < 4:
        return None
    within = ((-4, -12), (4, 12))
    usual = max(float(np.median(np.abs(level[one] - level[other]))) for one, other in within)
    seam = float(np.median(np.abs(level[4] - level[-4])))
    likeness = np.mean([np.corrcoef(level[one], level[other])[0, 1] for one, other in within])
    return seam <= 1.6 * usual + 1 and bool(np.corrcoef(level[4], level[-4])[0, 1] > 0.6 * likeness)
