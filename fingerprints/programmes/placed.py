"""A picture that is seen at an angle or from a moving hand: frames straightened to what the whole of it shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from fingerprints.prints.phash import LOW, SIDE, basis
from media.still import Picture

__all__ = ["CLOSE", "Placed", "drawn", "placed", "tracked"]

CLOSE = 480
"""Pixels of the longer side of the frames that are straightened."""
_UPRIGHT = 0.012
"""Of the frame: corners that lie so near to an upright box, and stay so near to their place, are one."""
_INSIDE = 0.03
"""Of the frame, by which a corner may lie outside."""

_STOP = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 25, 1e-3)
_CORRELATES = 0.5
"""Correlation of a frame with the picture that it should show, under which its place is not learned from it."""
_FAR = 6.0
"""Pixels of 64 that a corner moves from one frame to the next at most."""

Corners = NDArray[np.float64]
"""4 × 2 parts of the frame's width and height, from the upper left, clockwise; of the mirrored frame if mirrored."""


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """Where the corners of the picture are at some rows; between them they go straight on."""

    rows: NDArray[np.int64]
    corners: NDArray[np.float64]
    """N × 4 × 2."""
    flip: bool
    moments: NDArray[np.float64]
    """Seconds of the picture's clip that are seen there, about."""
    stays: bool = False
    """Whether several rows say that it is at one place."""

    def straightened(self, grey: Picture, row: int) -> NDArray[np.uint8]:
        """What a frame shows there as 64 × 64 grey, not mirrored."""
        flat = self.corners.reshape(len(self.rows), 8)
        here = np.array([np.interp(row, self.rows, column) for column in flat.T]).reshape(4, 2)
        return _straightened(np.ascontiguousarray(grey[:, ::-1]) if self.flip else grey, here)


def _straightened(frame: Picture, corners: Corners) -> NDArray[np.uint8]:
    height, width = frame.shape
    side = 2 * SIDE
    matrix = cv2.getPerspectiveTransform((corners * (width, height)).astype(np.float32), _square(side))
    laid = cv2.warpPerspective(frame, matrix, (side, side), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(cv2.resize(laid, (SIDE, SIDE), interpolation=cv2.INTER_AREA), np.uint8)


def _square(side: int) -> NDArray[np.float32]:
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


def drawn(low: NDArray[np.floating]) -> NDArray[np.float32]:
    """The 64 × 64 picture that 16 × 16 low frequencies describe, in grey levels."""
    weights = np.full(LOW, 1 / (2 * SIDE))
    weights[0] /= 2
    waves = basis() * weights
    return np.asarray(waves @ np.asarray(low, np.float64) @ waves.T, np.float32)


def tracked(
    greys: Sequence[Picture], first: int, start: Placed, shows: Callable[[int, int, float], NDArray[np.float32]]
) -> Placed:
    """Where the picture is in every frame, the first of which is row `first`, from the rows where that is known on.

    `shows` draws what should be seen at a row if a moment is seen at another: each frame is laid over that, from where
    the one before it was.
    """
    frames = [np.ascontiguousarray(grey[:, ::-1]) if start.flip else grey for grey in greys]
    known = {int(row): corners for row, corners in zip(start.rows, start.corners, strict=True)}
    moments = {int(row): float(moment) for row, moment in zip(start.rows, start.moments, strict=True)}
    anchors = [row for row in known if first <= row < first + len(frames)]
    found: dict[int, Corners] = {}
    for row in range(first, first + len(frames)):
        if anchors:
            nearest = min(anchors, key=lambda anchor: abs(anchor - row))
            found[row] = known[nearest]
    for anchor in anchors:
        for step in (1, -1):
            at, corners = anchor, known[anchor]
            while first <= at < first + len(frames) and min(anchors, key=lambda one: abs(one - at)) == anchor:
                corners = _laid_over(frames[at - first], corners, shows(at, anchor, moments[anchor]))
                found[at] = corners
                at += step
    if not found:
        return start
    rows = np.array(sorted(found), np.int64)
    there = np.interp(rows, start.rows, start.moments)
    return Placed(rows, np.stack([found[int(row)] for row in rows]), start.flip, there)


def _laid_over(frame: Picture, corners: Corners, shown: NDArray[np.float32]) -> Corners:
    """The corners in a frame where it is most like what should be shown; as they were where it is like nothing."""
    height, width = frame.shape
    here = cv2.GaussianBlur(_straightened(frame, corners).astype(np.float32), (0, 0), 1.5)
    whole = np.ones((SIDE, SIDE), np.uint8)
    try:
        score, found = cv2.findTransformECC(
            shown, here, np.eye(2, 3, dtype=np.float32), cv2.MOTION_AFFINE, _STOP, whole, 5
        )
    except cv2.error:
        return corners
    square = _square(SIDE)
    moved = cv2.transform(square[None], np.asarray(found, np.float32))[0]
    if score < _CORRELATES or np.abs(moved - square).max() > _FAR:
        return corners
    back = cv2.getPerspectiveTransform(square, (corners * (width, height)).astype(np.float32))
    return np.asarray(cv2.perspectiveTransform(moved[None], back)[0] / (width, height), np.float64)
