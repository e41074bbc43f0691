"""Parts of a picture that are looked up by themselves: pictures laid into it. Fractions of its width and height."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from fingerprints.prints.panels import panels
from fingerprints.prints.views import Region
from media.still import Picture

__all__ = ["cut_out", "laid_in"]


def laid_in(working: Picture) -> Iterator[Region]:
    """Where pictures with upright borders may lie in this one, which is grey and of working size."""
    height, width = working.shape[:2]
    for box in panels([working]):
        left, top, right, bottom = (np.array(box) / (width, height, width, height)).tolist()
        yield left, top, right, bottom


def cut_out(picture: Picture, part: Region) -> Picture:
    """That part of it."""
    height, width = picture.shape[:2]
    left, top, right, bottom = part
    return picture[round(top * height) : round(bottom * height), round(left * width) : round(right * width)]
