"""The detail of a reference, laid over a picture: a witness where few points agree.

A crop of a plain thing has few corners, and all in one place. If the detail of nearly all of the picture is
that of the reference, block by block, it is shown all the same. A shared caption or bug fills few blocks.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from fingerprints.stills.geometry import Matrix
from fingerprints.stills.verify import INLIERS, Look, Registration
from media.still import Picture

__all__ = ["agrees", "likeness", "stands"]

_SIDE: Final = 320
"""Pixels of the picture's longer side at which details are compared: a geometry may be off by a pixel of those."""
_BLOCK: Final = 20
_EVEN: Final = 2.0
"""Grey levels: a block whose detail varies less says nothing."""
_ALIKE, _MOST = 0.5, 0.7
"""Correlation of a block that agrees, and the least part of those that say something which must."""
_WHOLE: Final = 0.45
"""Correlation of all of it together."""
_FEWEST, _SHARE = 30, 0.25
"""Blocks that must say something, and their least part of what is seen: more than any caption or bug fills."""
_LEAST: Final = 200
"""Pixels that both must have."""

_Detail = NDArray[np.float32]
_Mask = NDArray[np.bool_]


def stands(look: Look, found: Registration, picture: Callable[[], Picture | None] | None) -> bool:
    """Whether a reference is seen where it was registered: by all witnesses, or by its detail where points are few.

    `picture` opens the reference as grey, as large as its features say; it is asked where points alone do not tell.
    """
    if found.accepted or picture is None or found.inliers < INLIERS:
        return found.accepted
    shown = picture()
    return shown is not None and agrees(look.grey, look.seen, shown, found.homography)


def likeness(frame: Picture, picture: Picture, matrix: Matrix) -> float:
    """Correlation of detail where the picture should be, −1 to 1. `matrix`: its pixels to the frame's."""
    shown, mask = _laid(picture, matrix, frame.shape)
    return _correlation(_detail(frame)[mask], _detail(shown)[mask]) if mask.sum() >= _LEAST else 0.0


def agrees(frame: Picture, seen: NDArray[np.uint8], picture: Picture, matrix: Matrix) -> bool:
    """Whether the detail of what is seen of the frame is, nearly everywhere, that of the picture as it is laid."""
    scale = min(1.0, _SIDE / max(frame.shape))
    small = cv2.resize(frame, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    shown, mask = _laid(picture, np.diag([scale, scale, 1.0]) @ matrix, small.shape)
    mask &= cv2.resize(seen, small.shape[::-1], interpolation=cv2.INTER_NEAREST) > 0
    here, there = _detail(np.asarray(small, np.uint8)), _detail(shown)
    asked, alike = 0, []
    for top in range(0, small.shape[0] - _BLOCK + 1, _BLOCK):
        for left in range(0, small.shape[1] - _BLOCK + 1, _BLOCK):
            block = np.s_[top : top + _BLOCK, left : left + _BLOCK]
            if not mask[block].all():
                continue
            asked += 1
            if max(here[block].std(), there[block].std()) >= _EVEN:
                alike.append(_correlation(here[block], there[block]))
    if len(alike) < max(_FEWEST, _SHARE * asked) or np.mean(np.array(alike) >= _ALIKE) < _MOST:
        return False
    return _correlation(here[mask], there[mask]) >= _WHOLE


def _laid(picture: Picture, matrix: Matrix, shape: tuple[int, ...]) -> tuple[Picture, _Mask]:
    """The picture in a frame of that shape, and where it is there; softened first where it shrinks."""
    size = shape[1], shape[0]
    shrink = np.clip(np.sqrt(abs(np.linalg.det(matrix[:2, :2]))), 0.05, 1.0)
    soft = cv2.GaussianBlur(picture, (0, 0), 0.5 / shrink) if shrink < 0.8 else picture
    shown = cv2.warpPerspective(soft, matrix, size, flags=cv2.INTER_LINEAR)
    mask = cv2.warpPerspective(np.full(picture.shape, 255, np.uint8), matrix, size)
    return np.asarray(shown, np.uint8), np.asarray(mask) > 250


def _correlation(one: _Detail, other: _Detail) -> float:
    one, other = one - one.mean(), other - other.mean()
    return float((one * other).sum() / max(float(np.linalg.norm(one) * np.linalg.norm(other)), 1e-3))


def _detail(grey: Picture) -> _Detail:
    levels = grey.astype(np.float32)
    return np.asarray(cv2.GaussianBlur(levels, (0, 0), 1.5) - cv2.GaussianBlur(levels, (0, 0), 12), np.float32)
