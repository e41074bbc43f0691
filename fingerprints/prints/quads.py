"""Finds quadrilaterals: prints on a wall, telephones, screens, posters; seen from the front or from the side.

A quadrilateral is a closed outline of four straight sides. One that is not a picture, such as a door or a book, costs a
few hashes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["quads", "rectified"]

Corners = NDArray[np.float64]
"""4 × 2: fractions of width and height, clockwise from the upper left."""

MOST: Final = 24
"""Of a picture: the largest."""
SMALLEST, LARGEST = 0.006, 0.75
"""Part of the picture that one takes."""
_NARROWEST: Final = 0.06
"""Of the picture's shorter side: a side of one."""
_STRAIGHT: Final = 0.02
"""Of an outline's length, by which it may leave its four sides."""
_FULL: Final = 0.8
"""Of the four sides' area that the outline's own hull fills."""
_SINE: Final = 0.6
"""Of a corner, at least."""
_SAME: Final = 0.8
"""Intersection over union of boxes that are one."""
_CLOSED: Final = (3, 7)
"""Pixels over which an edge may be broken."""


def quads(grey: NDArray[np.uint8]) -> tuple[Corners, ...]:
    """In a grey picture of working size, the largest first."""
    height, width = grey.shape
    if min(height, width) < 64:
        return ()
    found: list[tuple[float, Corners]] = []
    for corners in _find_outlines(grey):
        area = float(cv2.contourArea(corners.astype(np.float32)))
        sides = np.hypot(*(np.roll(corners, -1, axis=0) - corners).T)
        if SMALLEST <= area / grey.size <= LARGEST and sides.min() >= _NARROWEST * min(height, width):
            found.append((area, _clockwise(corners)))
    kept: list[Corners] = []
    for _, corners in sorted(found, key=lambda one: -one[0]):
        if len(kept) == MOST:
            break
        if all(_alike(corners, other) < _SAME for other in kept):
            kept.append(corners)
    return tuple(corners / (width, height) for corners in kept)


def rectified(picture: NDArray[np.uint8], corners: Corners, most: int) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """The content of a quadrilateral as an upright picture, its longer side at most `most` pixels, and the way back.

    The way back maps fractions of the upright picture to fractions of the picture.
    """
    height, width = picture.shape[:2]
    placed = corners * (width, height)
    top, right, bottom, left = np.hypot(*(np.roll(placed, -1, axis=0) - placed).T)
    wide, high = max(top, bottom), max(left, right)
    scale = min(1.0, most / max(wide, high))
    size = max(16, round(wide * scale)), max(16, round(high * scale))
    whole = np.array([[0, 0], [size[0], 0], [*size], [0, size[1]]], np.float32)
    matrix = cv2.getPerspectiveTransform(whole, placed.astype(np.float32))
    soft = cv2.GaussianBlur(picture, (0, 0), 0.5 / scale) if scale < 0.7 else picture
    upright = cv2.warpPerspective(soft, matrix, size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
    back = np.diag([1 / width, 1 / height, 1.0]) @ matrix @ np.diag([*size, 1.0])
    return np.asarray(upright, np.uint8), np.asarray(back, np.float64)


def _find_outlines(grey: NDArray[np.uint8]) -> Iterator[Corners]:
    """Outlines of four straight sides, from edges that are joined over small gaps."""
    soft = cv2.bilateralFilter(grey, 5, 25, 5)
    middle = float(np.median(soft))
    for low, high in ((20, 60), (max(30.0, 0.5 * middle), max(90.0, 1.2 * middle))):
        edges = cv2.Canny(soft, low, high)
        for gap in _CLOSED:
            joined = cv2.morphologyEx(edges, cv2.MORPH_CLOSE, np.ones((gap, gap), np.uint8))
            for outline in cv2.findContours(joined, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)[0]:
                corners = _find_corners(outline)
                if corners is not None:
                    yield corners


def _find_corners(outline: Any) -> Corners | None:
    """The four corners of an outline, if it has no others."""
    if min(cv2.boundingRect(outline)[2:]) < 16:
        return None
    hull = cv2.convexHull(outline)
    length = cv2.arcLength(hull, closed=True)
    for bend in (1.0, 1.8):
        corners = cv2.approxPolyDP(hull, bend * _STRAIGHT * length, closed=True).reshape(-1, 2).astype(np.float64)
        if len(corners) == 4:
            break
    else:
        return None
    sides = np.roll(corners, -1, axis=0) - corners
    following = np.roll(sides, -1, axis=0)
    turns = np.abs(sides[:, 0] * following[:, 1] - sides[:, 1] * following[:, 0])
    sines = turns / np.maximum(np.hypot(*sides.T) * np.hypot(*following.T), 1e-6)
    area = cv2.contourArea(corners.astype(np.float32))
    if sines.min() < _SINE or cv2.contourArea(hull) < _FULL * area:
        return None
    return np.asarray(corners, np.float64)


def _clockwise(corners: Corners) -> Corners:
    """From the corner that is nearest to the upper left: a picture is hung upright."""
    centre = corners.mean(axis=0)
    ordered = corners[np.argsort(np.arctan2(*(corners - centre).T[::-1]))]
    return np.asarray(np.roll(ordered, -int(np.argmin((ordered - ordered.min(axis=0)).sum(axis=1))), axis=0))


def _alike(one: Corners, other: Corners) -> float:
    """Intersection over union of the boxes around two."""
    low = np.maximum(one.min(axis=0), other.min(axis=0))
    high = np.minimum(one.max(axis=0), other.max(axis=0))
    both = float(np.prod(np.clip(high - low, 0, None)))
    areas = sum(float(np.prod(np.ptp(corners, axis=0))) for corners in (one, other))
    return both / max(areas - both, 1e-6)
