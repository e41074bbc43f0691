"""The layout of a picture: one bit for each of 32 × 32 cells, whether it is brighter than its surroundings.

It needs no stored picture, survives a grade, and can be read for any part of the frame: it confirms a geometry also
where there are no points.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["BLOCKS", "CELLS", "Agreement", "agreement", "layout"]

CELLS = 32
"""Each way."""
BLOCKS = 4
"""Each way; layouts are compared block by block, so that one strong edge does not decide for all."""

Matrix = NDArray[np.float64]
Cells = NDArray[np.float32]

Agreement = tuple[float, float]
"""The part of the reference that is seen, and the part of its blocks there that agree."""

_SAME = 0.75
"""Part of a block's contrast, for the block to agree. In unrelated pictures it is about one half."""
_STRONG = 24.0
"""Grey levels above which a cell says no more."""
_SEEN = 0.9
_FEWEST = (CELLS // BLOCKS) ** 2 // 4
"""Cells of a block that must be seen for it to be asked."""
_FLAT = 16.0
"""Grey levels in all: a block of less contrast says nothing."""


def layout(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """128 bytes."""
    return np.packbits(_relief(grey, np.ones_like(grey))[0] > 0)


def agreement(
    grey: NDArray[np.uint8], seen: NDArray[np.uint8], stored: NDArray[np.uint8], back: Matrix, size: tuple[int, int]
) -> Agreement:
    """How a picture agrees with the layout of a reference of that size.

    `back` maps the picture's pixels to the reference's; `seen` is 1 where the picture is and 0 in its bars.
    """
    side = CELLS * 4
    matrix = np.diag([side / size[0], side / size[1], 1.0]) @ back
    relief, share = _relief(_warp(grey, matrix, side), _warp(seen, matrix, side))
    bits = np.unpackbits(stored).reshape(CELLS, CELLS).astype(bool)
    asked = (share > _SEEN).astype(np.float32)
    weight = np.minimum(np.abs(relief), _STRONG) * asked
    total = _blocks(weight)
    enough = (_blocks(asked) >= _FEWEST) & (total > _FLAT)
    if not enough.any():
        return float(share.mean()), 0.0
    same = _blocks(weight * ((relief > 0) == bits))[enough] / total[enough]
    return float(share.mean()), float((same >= _SAME).mean())


def _relief(grey: NDArray[np.uint8], seen: NDArray[np.uint8]) -> tuple[Cells, Cells]:
    """How much brighter than its surroundings each cell is, and how much of it is seen (0 to 1).

    What is not seen counts for nothing, in a cell and in its surroundings.
    """
    cells = (CELLS, CELLS)
    share = np.asarray(cv2.resize(seen.astype(np.float32), cells, interpolation=cv2.INTER_AREA), np.float32)
    light = np.asarray(cv2.resize(grey.astype(np.float32) * seen, cells, interpolation=cv2.INTER_AREA), np.float32)
    near, far = (_blur(light, sigma) / np.maximum(_blur(share, sigma), np.float32(1e-3)) for sigma in (0.8, 3.0))
    return np.asarray(near - far, np.float32), share


def _warp(grey: NDArray[np.uint8], matrix: Matrix, side: int) -> NDArray[np.uint8]:
    """Averaged first where it shrinks, so that fine patterns do not make false cells."""
    scale = float(np.sqrt(abs(np.linalg.det(matrix[:2, :2] / matrix[2, 2]))))
    if scale < 0.7:
        height, width = grey.shape
        size = (max(8, round(width * scale)), max(8, round(height * scale)))
        grey = np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.uint8)
        matrix = matrix @ np.diag([width / size[0], height / size[1], 1.0])
    return np.asarray(cv2.warpPerspective(grey, matrix, (side, side), flags=cv2.INTER_LINEAR), np.uint8)


def _blur(cells: Cells, sigma: float) -> Cells:
    return np.asarray(cv2.GaussianBlur(cells, (0, 0), sigma, borderType=cv2.BORDER_CONSTANT), np.float32)


def _blocks(cells: Cells) -> Cells:
    """Sums over the blocks."""
    side = CELLS // BLOCKS
    return np.asarray(cells.reshape(BLOCKS, side, BLOCKS, side).sum(axis=(1, 3)), np.float32)
