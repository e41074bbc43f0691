"""A picture beside the reference that it shows, laid as it lies in the picture: what a person checks a match by."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from fingerprints.model import Picture
from fingerprints.pictures import fitted

__all__ = ["side_by_side"]

_SIDE = 640
_GAP = 8
_LINE = (255, 64, 32)


def side_by_side(picture: Picture, reference: Picture, matrix: NDArray[np.float64]) -> Picture:
    """Left the picture with the reference's outline, right the reference laid the same way.

    `matrix` takes fractions of the reference to fractions of the picture, as `PictureMatch.matrix` does.
    """
    left = _rgb(fitted(picture, _SIDE)).copy()
    height, width = left.shape[:2]
    other = _rgb(fitted(reference, _SIDE))
    scale = np.diag([width, height, 1.0]) @ matrix @ np.diag([1 / other.shape[1], 1 / other.shape[0], 1.0])
    right = cv2.warpPerspective(other, scale, (width, height), flags=cv2.INTER_AREA)
    corners = np.array([[[0, 0], [other.shape[1], 0], [other.shape[1], other.shape[0]], [0, other.shape[0]]]], float)
    outline = np.rint(cv2.perspectiveTransform(corners, scale)).clip(-1e6, 1e6).astype(np.int32)
    cv2.polylines(left, [outline.reshape(-1, 1, 2)], isClosed=True, color=_LINE, thickness=2, lineType=cv2.LINE_AA)
    return np.asarray(np.hstack([left, np.full((height, _GAP, 3), 255, np.uint8), right]), np.uint8)


def _rgb(picture: Picture) -> Picture:
    return picture if picture.ndim == 3 else np.repeat(picture[:, :, None], 3, axis=2)
