"""The place of a picture in frames that show it at an angle or handheld; frames that are rectified to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from fingerprints.prints.phash import SIDE
from media.still import Picture

__all__ = ["CLOSE", "Corners", "Pace", "Placed", "placed", "square", "straightened"]

CLOSE = 480
"""Pixels of the longer side of the frames that are straightened."""
_UPRIGHT = 0.012
"""Of the frame: corners that lie so near to an upright box, and stay so near to their place, are one."""
_INSIDE = 0.03
"""Of the frame, by which a corner may lie outside."""

Corners = NDArray[np.float64]
"""4 × 2 parts of the frame's width and height, from the upper left, clockwise; of the mirrored frame if mirrored."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds of a clip that are seen: (seconds of the programme − offset) · speed."""

    speed: float
    offset: float
    votes: int
    """Rows that agree on it."""


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """The corners of the picture at some rows; between them they move in straight lines."""

    rows: NDArray[np.int64]
    corners: NDArray[np.float64]
    """N × 4 × 2."""
    flip: bool
    moments: NDArray[np.float64]
    """Seconds of the picture's clip that are seen there, about."""
    stays: bool = False
    """Whether several rows give the same place."""
    pace: Pace | None = None
    """The time at which its clip runs, where the rows agree on one."""

    def straightened(self, grey: Picture, row: int) -> NDArray[np.uint8]:
        """The picture there as 64 × 64 grey, not mirrored."""
        flat = self.corners.reshape(len(self.rows), 8)
        here = np.array([np.interp(row, self.rows, column) for column in flat.T]).reshape(4, 2)
        return straightened(np.ascontiguousarray(grey[:, ::-1]) if self.flip else grey, here)


def straightened(frame: Picture, corners: Corners) -> NDArray[np.uint8]:
    """The part of a frame between four corners as 64 × 64 grey."""
    height, width = frame.shape
    side = 2 * SIDE
    matrix = cv2.getPerspectiveTransform((corners * (width, height)).astype(np.float32), square(side))
    laid = cv2.warpPerspective(frame, matrix, (side, side), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(cv2.resize(laid, (SIDE, SIDE), interpolation=cv2.INTER_AREA), np.uint8)


def square(side: int) -> NDArray[np.float32]:
    """The corners of a square picture in pixels, as `Corners` are ordered."""
    return np.array([[0, 0], [side, 0], [side, side], [0, side]], np.float32)


def placed(seen: Mapping[int, tuple[Corners, float]], *, flip: bool) -> Placed | None:
    """Of corners and moments by row; nothing of a picture larger than the frame, or upright and at rest."""
    if not seen:
        return None
    rows = np.array(sorted(seen), np.int64)
    corners = np.stack([seen[int(row)][0] for row in rows])
    moments = np.array([seen[int(row)][1] for row in rows])
    if corners.min() < -_INSIDE or corners.max() > 1 + _INSIDE:
        return None
    middle = np.median(corners, axis=0)
    if np.abs(corners - middle).max() < _UPRIGHT:
        low, high = middle.min(axis=0), middle.max(axis=0)
        box = np.array([low, [high[0], low[1]], high, [low[0], high[1]]])
        upright = np.abs(middle - box).max() < _UPRIGHT and len(rows) > 1
        return None if upright else Placed(rows[:1], middle[None], flip, moments[:1], stays=len(rows) > 1)
    return Placed(rows, corners, flip, moments)
