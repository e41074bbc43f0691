"""Local features of a picture: ORB points spread evenly over it, their descriptors, and its layout.

Points recognise a picture that was cropped, mirrored or placed inside a scene. Every picture is read with its longer
side at `SIDE` pixels, enlarged if need be.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from fingerprints.model import Features
from fingerprints.prints.layout import CELLS, layout
from media.errors import Malformed
from media.still import Picture

__all__ = [
    "NAME",
    "POINTS",
    "QUERY_POINTS",
    "SIDE",
    "VERSION",
    "Points",
    "best",
    "extract",
    "of_working",
    "pack",
    "points_of",
    "unpack",
    "working",
]

NAME = "orb-layout"
VERSION = 1
"""Stored with every reference: features of two versions are never compared."""

SIDE = 640
"""The longer side of the working picture."""
POINTS = 600
"""Points kept of a reference: 22 kB packed."""
QUERY_POINTS = 800
"""Points kept of a picture that is looked up: what it shares with a reference may be a small part of it."""

_GRID = 8
"""Points are taken in turn from this many cells each way, so that a caption cannot have them all."""
_COARSE = 1 / 3
"""Of the points are taken from the picture at `_SMALLER` of its size: what remains of it in a corner of a frame."""
_SMALLER = 0.4
_DRAWN = 2
"""Turns that a point waits where a looked-up picture is plain: letters and plates take few."""
_OCTAVE = 1.2
_EDGE = 31
"""ORB looks at nothing nearer to the border than its patch."""
_FAST = 12
"""FAST's threshold in grey levels: low enough for fog and night."""
_HEADER = struct.Struct("<4sBHHH")
_MAGIC = b"ORBL"
_LAYOUT_BYTES = CELLS * CELLS // 8


def extract(picture: Picture, *, points: int = POINTS) -> Features:
    """The features of a picture of any size."""
    return of_working(working(picture), points=points)


def working(picture: Picture) -> NDArray[np.uint8]:
    """The picture as grey, its longer side at `SIDE` pixels."""
    grey = picture if picture.ndim == 2 else cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    height, width = grey.shape
    scale = SIDE / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return np.ascontiguousarray(cv2.resize(grey, size, interpolation=how), np.uint8)


def of_working(grey: NDArray[np.uint8], *, points: int = POINTS) -> Features:
    """The features of a result of `working`."""
    return replace(points_of(grey, points).described(), layout=layout(grey))


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """Points of a working picture before they are described: finding them costs more than that."""

    greys: tuple[NDArray[np.uint8], NDArray[np.uint8]]
    """The picture, and smaller copies."""
    found: tuple[tuple[Any, ...], tuple[Any, ...]]
    """OpenCV's key points in each."""

    def mirrored(self) -> Points:
        """The points of the mirrored picture, at the mirrored places."""
        pairs = zip(self.greys, self.found, strict=True)
        fine, coarse = (tuple(_mirror_point(point, grey.shape[1]) for point in found) for grey, found in pairs)
        large, small = (np.ascontiguousarray(grey[:, ::-1]) for grey in self.greys)
        return Points((large, small), (fine, coarse))

    def inverted(self) -> Points:
        """The points of the negative: at the same places, with inverted contrast."""
        fine, coarse = (tuple(_invert_point(point) for point in found) for found in self.found)
        large, small = (np.asarray(255 - grey) for grey in self.greys)
        return Points((large, small), (fine, coarse))

    def described(self) -> Features:
        """Features without a layout, which only a reference needs."""
        (fine, sharp), (coarse, blunt) = (_describe(*pair) for pair in zip(self.greys, self.found, strict=True))
        return Features(
            points=np.concatenate([fine, coarse / np.float32(_SMALLER)]),
            descriptors=np.concatenate([sharp, blunt]),
            size=self.greys[0].shape[::-1],
            layout=np.zeros(0, np.uint8),
        )


def points_of(grey: NDArray[np.uint8], points: int, plain: NDArray[np.bool_] | None = None) -> Points:
    """The points of a result of `working`. Points where it is `plain` are kept only where there are too few others."""
    height, width = grey.shape
    coarse = round(points * _COARSE)
    less = (max(1, round(width * _SMALLER)), max(1, round(height * _SMALLER)))
    small = np.asarray(cv2.resize(grey, less, interpolation=cv2.INTER_AREA), np.uint8)
    less_plain = None if plain is None else cv2.resize(plain.astype(np.uint8), less, interpolation=cv2.INTER_AREA) > 0
    return Points((grey, small), (_find_points(grey, points - coarse, plain), _find_points(small, coarse, less_plain)))


def best(features: Features, most: int) -> NDArray[np.int64]:
    """Rows of the best points of a looked-up picture, from each of its sizes in proportion."""
    if len(features.points) < QUERY_POINTS:
        return np.arange(len(features.points))
    coarse = round(QUERY_POINTS * _COARSE)
    few = round(most * _COARSE)
    return np.asarray(np.r_[: most - few, QUERY_POINTS - coarse : QUERY_POINTS - coarse + few])


def pack(features: Features) -> bytes:
    """The stored form: points to a quarter of a pixel."""
    count = len(features.points)
    places = np.clip(np.rint(features.points * 4), 0, 65535).astype("<u2")
    head = _HEADER.pack(_MAGIC, VERSION, count, *features.size)
    return head + places.tobytes() + features.descriptors.tobytes() + features.layout.tobytes()


def unpack(data: bytes) -> Features:
    """Unpack the result of `pack`. Raises `MediaError` for anything else."""
    if len(data) < _HEADER.size:
        raise Malformed("stored features are cut short")
    magic, version, count, width, height = _HEADER.unpack_from(data)
    if magic != _MAGIC or version != VERSION:
        raise Malformed(f"stored features are not of {NAME} version {VERSION}; add the reference again")
    if len(data) != _HEADER.size + count * 36 + _LAYOUT_BYTES or not (width and height):
        raise Malformed("stored features are damaged")
    body = np.frombuffer(data, np.uint8, offset=_HEADER.size)
    return Features(
        points=body[: count * 4].view("<u2").reshape(count, 2).astype(np.float32) / np.float32(4),
        descriptors=body[count * 4 : count * 36].reshape(count, 32),
        size=(width, height),
        layout=body[count * 36 :],
    )


def _find_points(grey: NDArray[np.uint8], most: int, plain: NDArray[np.bool_] | None) -> tuple[Any, ...]:
    """A grey picture's best points."""
    orb = _orb(2 * most)
    # What is narrower than the patch has no point, and OpenCV fails on what has no width in the last octave.
    found = orb.detect(grey, None) if min(grey.shape) > 2 * _EDGE else ()
    places = np.array([point.pt for point in found], np.float32).reshape(-1, 2)
    strength = np.array([point.response for point in found], np.float32)
    height, width = grey.shape
    drawn = np.zeros(len(places), bool)
    if plain is not None and len(places):
        x, y = places.astype(np.int64).T
        drawn = plain[np.minimum(y, height - 1), np.minimum(x, width - 1)]
    return tuple(found[row] for row in _spread(places, strength, (width, height), drawn)[:most])


def _describe(grey: NDArray[np.uint8], found: tuple[Any, ...]) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """The places and descriptors of a grey picture's points, in its pixels."""
    kept, descriptors = _orb(POINTS).compute(grey, found) if found else ((), None)
    if descriptors is None:
        return np.zeros((0, 2), np.float32), np.zeros((0, 32), np.uint8)
    return np.array([point.pt for point in kept], np.float32).reshape(-1, 2), np.asarray(descriptors, np.uint8)


def _mirror_point(point: Any, width: int) -> Any:
    """The same point in the mirrored picture of that width: in the middle of the same pixel of its octave."""
    scale = _OCTAVE**point.octave
    x = (round(width / scale) - 1) * scale - point.pt[0]
    return cv2.KeyPoint(x, point.pt[1], point.size, (180 - point.angle) % 360, point.response, point.octave)


def _invert_point(point: Any) -> Any:
    """The same point in the negative."""
    return cv2.KeyPoint(point.pt[0], point.pt[1], point.size, (point.angle + 180) % 360, point.response, point.octave)


def _spread(
    places: NDArray[np.float32], strength: NDArray[np.float32], size: tuple[int, int], drawn: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """Rows in order of worth: every cell's strongest first, then every cell's second, and so on."""
    if not len(places):
        return np.zeros(0, np.int64)
    column, row = np.clip(places * _GRID / np.array(size), 0, _GRID - 1).astype(np.int64).T
    cell = row * _GRID + column
    order = np.lexsort((-strength, drawn, cell))
    first = np.searchsorted(cell[order], np.arange(_GRID * _GRID))
    turn = np.empty(len(places), np.int64)
    turn[order] = np.arange(len(places)) - first[cell[order]]
    return np.lexsort((-strength, np.where(drawn, _DRAWN * (turn + 1), turn)))


@cache
def _orb(most: int) -> Any:
    """Eight octaves of 1.2: a picture is found at a quarter to four times its size."""
    return cv2.ORB.create(most, _OCTAVE, 8, _EDGE, 0, 2, cv2.ORB_HARRIS_SCORE, 31, _FAST)
