"""The views of a picture that are hashed: windows of a reference, and the variants of a query.

Post-production reframes. A reference is therefore stored as itself, zoomed at places of a grid, and cut to the rasters
that pictures are delivered in; a query is looked up as it is, without its bars, and as its 4:3 centre, each also
mirrored. The windows were chosen by recall of reframed photographs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from fingerprints.model import Hashes
from fingerprints.prints.bars import unbarred
from fingerprints.prints.phash import LOW, SIDE, Coefficients, basis, bits_of, mirrored, product
from fingerprints.prints.quality import GATE, qualities
from media.still import Picture, fitted, grey

__all__ = ["VIEW_NAMES", "WHOLE", "Region", "Views", "guises", "queries", "region", "windows"]

Region = tuple[float, float, float, float]
"""Left, top, right, bottom as fractions of the picture."""

WHOLE: Region = (0.0, 0.0, 1.0, 1.0)
_SIDE = 256
"""The longer side from which views are taken: two or more pixels for each that is hashed."""
_ZOOMS = ((0.91, 3), (0.8, 4), (0.7, 3))
"""Share of the side that a zoom shows, and at how many places each way."""
_RASTERS = {"16:9": 16 / 9, "2.39:1": 2.39, "4:3": 4 / 3, "1:1": 1.0}
_PLACES = {"start": 0.0, "middle": 0.5, "end": 1.0}
_SAME = 0.04
"""Shapes that differ by less are one."""


@dataclass(frozen=True, slots=True, eq=False)
class Views:
    """Hashes of one picture's views, all rows in step; views that show too little are left out."""

    names: tuple[str, ...]
    hashes: Hashes
    qualities: NDArray[np.float32]


def windows(picture: Picture) -> Views:
    """The views of a reference; their names are of `VIEW_NAMES`."""
    small = grey(fitted(picture, _SIDE))
    shape = small.shape[1] / small.shape[0]
    boxes = {name: box for name, cut in _CUTS.items() if (box := cut(shape))}
    return _views(boxes, _transform_parts(small, boxes.values()))


def queries(picture: Picture) -> Views:
    """The variants of a query: `whole`, `unbarred`, `centre`, and each `… mirrored`."""
    small = grey(fitted(picture, _SIDE))
    boxes = dict(_guises(small))
    low = _transform_parts(small, boxes.values())
    both = (*boxes, *(f"{name} mirrored" for name in boxes))
    return _views(both, np.concatenate([low, mirrored(low)]))


def guises(picture: Picture) -> dict[str, Region]:
    """The part of a picture that each variant of a query shows; mirrored ones show the same part, mirrored."""
    return dict(_guises(grey(fitted(picture, _SIDE))))


def region(name: str, size: tuple[int, int]) -> Region:
    """The part of a reference of width and height `size` that its view `name` shows."""
    return _CUTS[name](size[0] / size[1]) or WHOLE


def _guises(small: NDArray[np.uint8]) -> Iterator[tuple[str, Region]]:
    height, width = small.shape
    yield "whole", WHOLE
    left, top, right, bottom = 0, 0, width, height
    if bars := unbarred(small):
        left, top, right, bottom = bars
        yield "unbarred", (left / width, top / height, right / width, bottom / height)
    shape = (right - left) / (bottom - top)
    if centre := _raster(shape, 4 / 3, 0.5):
        across, down = (right - left) / width, (bottom - top) / height
        yield (
            "centre",
            (
                left / width + centre[0] * across,
                top / height + centre[1] * down,
                left / width + centre[2] * across,
                top / height + centre[3] * down,
            ),
        )


def _zoom(share: float, x: float, y: float) -> Region:
    left, top = x * (1 - share), y * (1 - share)
    return left, top, left + share, top + share


def _raster(shape: float, raster: float, place: float) -> Region | None:
    """The largest part of that raster, at a place along the side that is cut; nothing where it is nearly all."""
    if abs(raster / shape - 1) < _SAME:
        return None
    share = min(shape / raster, raster / shape)
    start = place * (1 - share)
    return (0.0, start, 1.0, start + share) if raster > shape else (start, 0.0, start + share, 1.0)


def _cuts() -> Iterator[tuple[str, Callable[[float], Region | None]]]:
    yield "whole", lambda _: WHOLE
    for share, count in _ZOOMS:
        for row in range(count):
            for column in range(count):
                box = _zoom(share, column / (count - 1), row / (count - 1))
                yield f"zoom {share} at {column + 1},{row + 1}", lambda _, box=box: box  # type: ignore[misc]
    for name, raster in _RASTERS.items():
        for place, at in _PLACES.items():
            yield f"{name} {place}", lambda shape, raster=raster, at=at: _raster(shape, raster, at)  # type: ignore[misc]


_CUTS: Mapping[str, Callable[[float], Region | None]] = dict(_cuts())
VIEW_NAMES = tuple(_CUTS)
"""Libraries store a view as its position here: append only, or it is a new version of the hash."""


def _views(names: Iterable[str], low: Coefficients) -> Views:
    quality = qualities(low)
    kept = quality >= GATE
    return Views(tuple(name for name, keep in zip(names, kept, strict=True) if keep), bits_of(low[kept]), quality[kept])


def _transform_parts(small: NDArray[np.uint8], boxes: Iterable[Region]) -> Coefficients:
    """The coefficients of parts of a grey picture: averaging by area and the transform are one matrix each way."""
    height, width = small.shape
    levels = small.astype(np.float64)
    across: dict[tuple[int, int], NDArray[np.float64]] = {}
    low = []
    for left, top, right, bottom in boxes:
        x, y = _pixels(left, right, width), _pixels(top, bottom, height)
        if x not in across:
            across[x] = product(levels[:, x[0] : x[1]], _shrinking(x[1] - x[0]))
        low.append(_shrinking(y[1] - y[0]).T @ across[x][y[0] : y[1]])
    return np.stack(low)


def _pixels(start: float, end: float, side: int) -> tuple[int, int]:
    first = min(round(start * side), side - 1)
    return first, max(round(end * side), first + 1)


@cache
def _shrinking(length: int) -> NDArray[np.float64]:
    """Length × 16: pixels → their 64 area averages → the low coefficients of those."""
    edges = np.linspace(0, length, SIDE + 1)
    pixel = np.arange(length)[:, None]
    overlap = np.clip(np.minimum(edges[1:], pixel + 1) - np.maximum(edges[:-1], pixel), 0, None)
    made = (overlap * (SIDE / length)) @ basis()
    return np.asarray(made.reshape(length, LOW))
