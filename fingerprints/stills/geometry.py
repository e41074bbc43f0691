"""Plane geometry of one picture inside another. Pure numbers: no picture is opened here."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from media.place import Box

__all__ = ["UNIT", "Matrix", "in_place", "inverse", "map_points", "plausible", "quad", "shared_boxes", "zoom"]

Matrix = NDArray[np.float64]
"""3 × 3, acts on column vectors (x, y, 1)."""

UNIT = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float64)
"""The corners of a picture in fractions of its width and height."""

_SINE = 0.5
"""Of a corner: sharper than 30° is no view of a picture."""
_KEYSTONE = 2.5
"""How much longer one of two opposite sides may be."""
_SQUEEZE = 2.6
"""How much one direction may be stretched against the other: anamorphic pictures are by 2."""
_PLACE = 0.05


def map_points(matrix: Matrix, points: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """Map points; None if one is mapped to the horizon or beyond."""
    mapped = np.c_[points, np.ones(len(points))] @ matrix.T
    depth = mapped[:, 2]
    if not np.isfinite(mapped).all() or (depth * np.sign(depth[0]) <= 1e-9).any():
        return None
    return np.asarray(mapped[:, :2] / mapped[:, 2:])


def quad(matrix: Matrix, size: tuple[int, int]) -> NDArray[np.float64] | None:
    """Map the corners of a picture of that width and height."""
    return map_points(matrix, UNIT * size)


def plausible(matrix: Matrix, size: tuple[int, int]) -> bool:
    """Whether a camera or an editor could have done this to a picture: not mirrored, folded or torn out of shape."""
    corners = quad(matrix, size)
    if corners is None:
        return False
    sides = np.roll(corners, -1, axis=0) - corners
    lengths = np.hypot(*sides.T)
    if lengths.min() < 16 or lengths.max() > 16 * max(size):
        return False
    following = np.roll(sides, -1, axis=0)
    turns = sides[:, 0] * following[:, 1] - sides[:, 1] * following[:, 0]
    if (turns / (lengths * np.roll(lengths, -1))).min() < _SINE:
        return False
    top, right, bottom, left = lengths
    keystone = max(abs(np.log(top / bottom)), abs(np.log(right / left)))
    squeeze = abs(np.log((top + bottom) / (left + right) * size[1] / size[0]))
    return bool(keystone < np.log(_KEYSTONE) and squeeze < np.log(_SQUEEZE))


def in_place(matrix: Matrix, size: tuple[int, int], frame: tuple[int, int]) -> bool:
    """Whether a picture of one size fills a frame of the other as it fills its own."""
    corners = quad(matrix, size)
    return corners is not None and bool(np.abs(corners / frame - UNIT).max() < _PLACE)


def shared_boxes(matrix: Matrix) -> tuple[Box, Box] | None:
    """What a frame shows of a picture: the box in the frame, and the box in the picture. All in fractions."""
    corners = map_points(matrix, UNIT)
    if corners is None:
        return None
    seen = _clipped(corners)
    back = map_points(inverse(matrix), seen) if len(seen) >= 3 else None
    if back is None:
        return None
    return Box.around(seen), Box.around(np.asarray(np.clip(back, 0, 1), np.float64))


def inverse(matrix: Matrix) -> Matrix:
    """The way back."""
    return np.asarray(np.linalg.inv(matrix), np.float64)


def zoom(matrix: Matrix) -> float:
    """The side of the frame that the whole picture would fill: 1 fills it, 1.25 is cropped, 0.33 is an inset."""
    corners = map_points(matrix, UNIT)
    if corners is None:
        return 0.0
    x, y = corners.T
    area = abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2
    return round(float(np.sqrt(area)), 4)


def _clipped(polygon: NDArray[np.float64]) -> NDArray[np.float64]:
    """A convex polygon inside the unit square (Sutherland and Hodgman)."""
    for axis in (0, 1):
        for sign, limit in ((1.0, 0.0), (-1.0, -1.0)):
            kept: list[NDArray[np.float64]] = []
            for here, there in zip(polygon, np.roll(polygon, -1, axis=0), strict=True):
                inside, next_inside = sign * here[axis] >= limit, sign * there[axis] >= limit
                if inside:
                    kept.append(here)
                if inside != next_inside:
                    part = (limit * sign - here[axis]) / (there[axis] - here[axis])
                    kept.append(here + part * (there - here))
            if not kept:
                return np.zeros((0, 2))
            polygon = np.array(kept)
    return polygon
