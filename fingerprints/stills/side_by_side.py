"""Draws a picture beside the reference that it shows, aligned: a person checks a match by it."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from fingerprints.stills.geometry import UNIT
from media.place import Box
from media.still import Picture, fitted

__all__ = ["laid_over", "side_by_side"]

_SIDE = 640
_OVERLAY_SIDE = 1280
_GAP = 8
_LINE = (255, 64, 32)
_CHANGED, _UNDER = (255, 230, 0), (0, 0, 0)
"""Of a changed region's outline, and of the broader line under it that shows it on any picture."""


def side_by_side(
    picture: Picture, reference: Picture, matrix: NDArray[np.float64], regions: Sequence[Box] = ()
) -> Picture:
    """On the left the picture with the reference's outline, on the right the reference, aligned.

    `matrix` maps fractions of the reference to fractions of the picture, like `PictureMatch.matrix`. `regions` of the
    picture, like `Alteration.regions`, are outlined in both.
    """
    left, right = laid_over(picture, reference, matrix, side=_SIDE)
    height, width = left.shape[:2]
    scale = np.diag([width, height, 1.0]) @ matrix
    outline = np.rint(cv2.perspectiveTransform(UNIT[None], scale)).clip(-1e6, 1e6).astype(np.int32)
    cv2.polylines(left, [outline.reshape(-1, 1, 2)], isClosed=True, color=_LINE, thickness=2, lineType=cv2.LINE_AA)
    for region in regions:
        _outline(left, region)
        _outline(right, region)
    return np.asarray(np.hstack([left, np.full((height, _GAP, 3), 255, np.uint8), right]), np.uint8)


def laid_over(
    picture: Picture, reference: Picture, matrix: NDArray[np.float64], *, side: int = _OVERLAY_SIDE
) -> tuple[Picture, Picture]:
    """The picture at `side` pixels, and the reference warped onto it; both of one size. `matrix` as above."""
    left = _rgb(fitted(picture, side)).copy()
    height, width = left.shape[:2]
    other = _rgb(fitted(reference, side))
    scale = np.diag([width, height, 1.0]) @ matrix @ np.diag([1 / other.shape[1], 1 / other.shape[0], 1.0])
    right = np.asarray(cv2.warpPerspective(other, scale, (width, height), flags=cv2.INTER_AREA), np.uint8)
    return left, right


def _outline(image: NDArray[np.uint8], region: Box) -> None:
    height, width = image.shape[:2]
    start = round(region.x * width / 100), round(region.y * height / 100)
    end = round((region.x + region.w) * width / 100) - 1, round((region.y + region.h) * height / 100) - 1
    for colour, thickness in ((_UNDER, 4), (_CHANGED, 2)):
        cv2.rectangle(image, start, end, colour, thickness)


def _rgb(picture: Picture) -> Picture:
    return picture if picture.ndim == 3 else np.repeat(picture[:, :, None], 3, axis=2)
