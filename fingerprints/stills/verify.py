"""Verifies whether a picture shows a reference, and where: a homography between local features, and its checks.

Candidates are cheap and often wrong. A match needs (1) enough distinct points that agree on one plausible geometry, (2)
spread over what the two pictures share, and (3) a layout that agrees over the whole shared area, also where there are
no points. A logo, a caption, a slate or a timecode that two unrelated pictures share cannot give the last.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from fingerprints.index.descriptors import nearest_two
from fingerprints.model import Features
from fingerprints.prints import features, layout
from fingerprints.prints.bars import unbarred
from fingerprints.prints.plain import filled, plain
from fingerprints.stills.geometry import Matrix, in_place, inverse, map_points, plausible, quad, shared_boxes
from media.still import Picture

__all__ = ["AGREEMENT", "INLIERS", "SPREAD", "PreparedPicture", "Registration", "look", "looks", "quad", "register"]

INLIERS = 10
"""Distinct points that must agree on the geometry."""
SPREAD = 0.03
"""The least part of the shared area that the agreeing points must enclose."""
AGREEMENT = 0.55
"""The least part of the shared area's blocks whose layout must agree."""
FEW, FEW_AGREEMENT = 25, 0.66
"""With fewer points than these, more of the layout must agree."""
IN_PLACE = 1.4
"""The least sum of agreement and coverage where the geometry leaves the frame in place."""
IN_PLACE_AGREEMENT = 0.92
"""Or the least agreement there alone: grain and interlacing remove points, never the layout."""

_FARTHEST = 80
"""Bits by which the descriptors of one point may differ."""
_RATIO = 0.85
"""The second best must be this much worse."""
_PIXELS = 4.0
"""Of the working picture, by which an agreeing point may be off."""
_EXPLAINED = 0.85
"""Of the agreeing points: a simpler geometry that explains so many is as good."""
_GAP = 2.0
"""Points nearer to each other are one: corners are found in several octaves."""
_GRID = 8
_FEWEST = 3
"""Points of a reference in a cell of the grid, for the cell to be asked."""

Points = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class PreparedPicture:
    """A picture to be looked up, as it is or mirrored."""

    grey: NDArray[np.uint8]
    seen: NDArray[np.uint8]
    """1 where the picture is, 0 where bars are."""
    points: features.Points
    features: Features
    flip: bool
    plain: NDArray[np.bool_]
    """True where it is drawn or empty."""

    def mirrored(self) -> PreparedPicture:
        """The same picture, mirrored: points are not searched for again."""
        grey, seen = (np.ascontiguousarray(one[:, ::-1]) for one in (self.grey, self.seen))
        points = self.points.mirrored()
        return PreparedPicture(
            grey, seen, points, points.described(), not self.flip, np.ascontiguousarray(self.plain[:, ::-1])
        )

    def inverted(self) -> PreparedPicture:
        """The picture as its negative: points are not searched for again."""
        points = self.points.inverted()
        return PreparedPicture(
            np.asarray(255 - self.grey), self.seen, points, points.described(), self.flip, self.plain
        )

    def uncovered(self) -> PreparedPicture:
        """The picture without the graphics on it: points beside them are described as in a picture without graphics."""
        grey = filled(self.grey, self.plain)
        points = features.points_of(grey, features.QUERY_POINTS, self.plain)
        return PreparedPicture(grey, self.seen, points, points.described(), self.flip, self.plain)

    def agreement(self, reference: Features, back: Matrix) -> layout.Agreement:
        """Agreement of the layouts, where `back` maps this picture to the reference: without the bars, or with them.

        Apparent bars may be the border of a print, and then the reference has them too.
        """
        masks = (self.seen,) if self.seen.all() else (self.seen, np.ones_like(self.seen))
        found = [layout.agreement(self.grey, mask, reference.layout, back, reference.size) for mask in masks]
        return max(found, key=lambda agreement: agreement[1])


@dataclass(frozen=True, slots=True, eq=False)
class Registration:
    """The place of a reference in a picture, and the evidence for it."""

    homography: Matrix
    """From the reference's working pixels to the look's (the mirrored picture's, if `flip`)."""
    flip: bool
    inliers: int
    """Distinct points that agree on the geometry."""
    spread: float
    """Part of the shared area that they enclose, 0 to 1."""
    coverage: float
    """Part of the reference's cells with points that has one that agrees."""
    agreement: float
    """Part of the shared area's blocks whose layout agrees."""
    shared: float
    """Part of the reference that the picture shows."""
    framed: float
    """Part of it that lies in the frame: more than `shared`, if its own white border was taken for bars."""
    agreeing: Points
    """Those points in the reference."""
    error: float
    """Pixels of the look by which the median point is off."""
    in_place: bool
    """Whether the reference fills the picture's frame as it fills its own, as a shared overlay would suggest."""

    @property
    def accepted(self) -> bool:
        """Whether all checks hold."""
        least = AGREEMENT if self.inliers >= FEW else FEW_AGREEMENT
        if self.inliers < INLIERS or self.spread < SPREAD or self.agreement < least:
            return False
        convincing = self.agreement >= IN_PLACE_AGREEMENT or self.agreement + self.coverage >= IN_PLACE
        return convincing or not self.in_place


def looks(picture: Picture) -> tuple[PreparedPicture, PreparedPicture]:
    """The picture as it is, and mirrored."""
    grey = features.working(picture)
    return look(grey), look(np.ascontiguousarray(grey[:, ::-1]), flip=True)


def register(look: PreparedPicture, reference: Features) -> Registration | None:
    """The best plausible geometry between them, with its witnesses; nothing without one."""
    here, there = _pairs(look.features, reference)
    if len(here) < INLIERS:
        return None
    found: Any
    found, agreeing = cv2.findHomography(there, here, cv2.USAC_MAGSAC, _PIXELS, maxIters=3000, confidence=0.9999)
    if found is None:
        return None
    matrix = np.asarray(found, np.float64)
    if not plausible(matrix, reference.size):
        return None
    kept = agreeing.ravel().astype(bool)
    return _witnessed(look, reference, _simplest(matrix, here[kept], there[kept]), here[kept], there[kept])


def look(grey: NDArray[np.uint8], *, flip: bool = False) -> PreparedPicture:
    """A working picture; one that is to be looked up mirrored is given mirrored."""
    seen = np.ones_like(grey)
    if bars := unbarred(grey):
        left, top, right, bottom = bars
        seen[:] = 0
        seen[top:bottom, left:right] = 1
    drawn = plain(grey)
    points = features.points_of(grey, features.QUERY_POINTS, drawn)
    return PreparedPicture(grey, seen, points, points.described(), flip, drawn)


def _pairs(look: Features, reference: Features) -> tuple[Points, Points]:
    """Points of the two that look alike, and like no second point."""
    if min(len(look.points), len(reference.points)) < 2:
        return np.zeros((0, 2), np.float32), np.zeros((0, 2), np.float32)
    bits, rows = nearest_two(look.descriptors, reference.descriptors)
    here = np.flatnonzero((bits[:, 0] <= _FARTHEST) & (bits[:, 0] < _RATIO * bits[:, 1]))
    return look.points[here], reference.points[rows[here, 0]]


def _simplest(matrix: Matrix, here: Points, there: Points) -> Matrix:
    """The same without keystone, or without keystone and shear, where that explains the points as well.

    Points on one car of an empty road say nothing of the frame's corners: what they leave open, a homography
    invents.
    """
    for estimate in (cv2.estimateAffinePartial2D, cv2.estimateAffine2D):
        found: Any
        found, agreeing = estimate(there, here, method=cv2.RANSAC, ransacReprojThreshold=_PIXELS)
        if found is not None and agreeing.mean() >= _EXPLAINED:
            return np.vstack([np.asarray(found, np.float64), [0.0, 0.0, 1.0]])
    return matrix


def _witnessed(look: PreparedPicture, reference: Features, matrix: Matrix, here: Points, there: Points) -> Registration:
    back = inverse(matrix)
    shared, agreement = look.agreement(reference, back)
    enclosed = cv2.contourArea(cv2.convexHull(there)) if len(there) >= 3 else 0.0
    width, height = reference.size
    return Registration(
        homography=matrix,
        flip=look.flip,
        inliers=min(_distinct(here), _distinct(there)),
        spread=min(1.0, enclosed / max(shared * width * height, 1.0)),
        coverage=_coverage(reference, there),
        agreement=agreement,
        shared=shared,
        framed=_framed(matrix, reference.size, look.features.size),
        agreeing=there,
        error=_error(matrix, here, there),
        in_place=in_place(matrix, reference.size, look.features.size),
    )


def _framed(matrix: Matrix, size: tuple[int, int], frame: tuple[int, int]) -> float:
    boxes = shared_boxes(np.diag([1 / frame[0], 1 / frame[1], 1.0]) @ matrix @ np.diag([*size, 1.0]))
    return boxes[1].w * boxes[1].h / 1e4 if boxes else 0.0


def _error(matrix: Matrix, here: Points, there: Points) -> float:
    placed = map_points(matrix, there.astype(np.float64))
    return float(np.median(np.hypot(*(placed - here).T))) if placed is not None and len(here) else 0.0


def _distinct(points: Points) -> int:
    return len(np.unique(np.floor(points / _GAP), axis=0))


def _coverage(reference: Features, there: Points) -> float:
    having = _counts(reference.points, reference.size) >= _FEWEST
    return float((_counts(there, reference.size)[having] > 0).mean()) if having.any() else 0.0


def _counts(points: Points, size: tuple[int, int]) -> NDArray[np.int64]:
    column, row = np.clip(points * _GRID / np.array(size), 0, _GRID - 1).astype(np.int64).T
    return np.bincount(row * _GRID + column, minlength=_GRID * _GRID)
