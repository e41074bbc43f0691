"""Parts of a picture that are looked up by themselves: insets, and things with four straight sides."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fingerprints.prints.features import SIDE
from fingerprints.prints.panels import panels
from fingerprints.prints.quads import quads, rectified
from fingerprints.stills.geometry import Matrix
from media.still import Picture

__all__ = ["Crop", "laid_in", "parts_of"]

_PANELS: Final = 16
"""Panels of one picture: a grid of four by four."""
_LOOKED: Final = 6
"""Of these, the largest, that are looked up by their points too."""
_RIMS: Final = (0.015, 0.065)
"""Of a quadrilateral's shorter side: what lies around it, and a print's border too."""


@dataclass(frozen=True, slots=True, eq=False)
class Crop:
    """A part as an upright picture."""

    picture: Picture
    back: Matrix
    """Maps fractions of it to fractions of the picture."""
    has_points: bool
    """Whether it is looked up by its points too, or by its hash alone."""
    is_whole: bool = False


def parts_of(picture: Picture, working: Picture) -> Iterator[Crop]:
    """The whole first; then its parts, the largest first. `working` is the picture, grey and of working size."""
    yield Crop(picture, np.eye(3), has_points=True, is_whole=True)
    yield from laid_in(picture, working, _PANELS)
    for corners in quads(working):
        upright, back = rectified(picture, corners, SIDE)
        for rim in _RIMS:
            yield Crop(*_trimmed(upright, back, rim), has_points=False)


def laid_in(picture: Picture, working: Picture, most: int) -> Iterator[Crop]:
    """Where there may be insets with upright borders in this picture."""
    high, wide = picture.shape[:2]
    height, width = working.shape[:2]
    for number, box in enumerate(panels([working], most=most)):
        left, top, right, bottom = (np.array(box) / (width, height, width, height)).tolist()
        cut = picture[round(top * high) : round(bottom * high), round(left * wide) : round(right * wide)]
        yield Crop(cut, _placed(left, top, right, bottom), has_points=number < _LOOKED)


def _trimmed(upright: Picture, back: Matrix, part: float) -> tuple[Picture, Matrix]:
    """Without a rim of that part of its shorter side."""
    height, width = upright.shape[:2]
    rim = max(1, round(part * min(height, width)))
    cut = _placed(rim / width, rim / height, 1 - rim / width, 1 - rim / height)
    return np.ascontiguousarray(upright[rim : height - rim, rim : width - rim]), back @ cut


def _placed(left: float, top: float, right: float, bottom: float) -> NDArray[np.float64]:
    return np.array([[right - left, 0, left], [0, bottom - top, top], [0, 0, 1]])
