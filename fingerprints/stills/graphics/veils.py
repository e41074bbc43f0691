"""Finds translucent plates and takes them off: what shows through one is compared like the rest of the picture.

A plate mixes the picture with one colour: the picture under it is a gain of the reference and a constant, the same all
over a box with straight sides. Letters on it, and what was pasted before the plate was laid over it, do not fit.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from fingerprints.stills.grading import fit_robustly
from fingerprints.stills.registered import Levels, Mask

__all__ = ["Veiled", "lift_veils"]

_STEP: Final = 7.0
"""Levels by which the difference from the reference rises at the border of a plate."""
_ACROSS, _ALONG = 6, 9
"""Pixels on each side of a border, and along it, whose differences are compared: texture rises and falls in fewer."""
_GAP: Final = 21
"""Pixels over which a border may be missing: there the picture has the plate's colour."""
_LEAST: Final = (0.15, 0.04)
"""Of the frame's width and height: shorter lines are no borders of a plate."""
_TALLEST: Final = 0.5
"""Of the frame's height: what is taller is no plate."""
_TOGETHER: Final = 0.7
"""Least part of two lines, of both together, that lies over each other."""
_SIDE: Final = 0.5
"""Least part of a plate's side that is a straight line."""
_FIRM: Final = 3
"""Sides of a plate that are lines, or lie at the frame's border."""
_BESIDE: Final = 42
"""Pixels from the end of a level line within which an upright one may end the plate."""
_LINES, _TRIED = 14, 8
"""Lines that are paired, the longest, and boxes that are tried, those that differ most."""
_WIDER: Final = 1.5
"""Times as wide as high, at least."""
_CORNERS, _IN_CORNER = 3, 0.25
"""Corners of a plate, of four, that are the mixture, and by what part of each more than needs none."""
_LOOSE: Final = 12
"""Rows by which a line may lie beside the border of its plate: letters have lines too."""
_RIM: Final = 3
"""Pixels each way at a plate's border that show both."""
_FITS: Final = 9.0
"""Levels within which a place is the mixture."""
_EXPLAINED: Final = (0.38, 0.3)
"""Least part of a plate that is the mixture, and how much more than is the reference as it is."""
_GAIN: Final = (0.1, 0.92)
"""Of the reference's light that shows through: less cannot be judged, and more is no plate."""
_SAMPLES: Final = 4_000
_MIDDLE: Final = 128.0
"""Of the levels: the constant's term is as large as the others."""

_Box = tuple[int, int, int, int]
"""Top, bottom, left and right in pixels, the last of each excluded."""


@dataclass(frozen=True, slots=True, eq=False)
class Veiled:
    """A picture without its translucent plates."""

    picture: Levels
    plates: Mask
    """Where they were."""
    rims: Mask
    """Their borders, where nothing can be compared."""


@dataclass(frozen=True, slots=True, eq=False)
class _Veil:
    """What a plate makes of the picture behind it: gains and shifts of L, a, b."""

    gains: Levels
    shifts: Levels
    explained: float
    """Pixels that it explains, less those that need no plate."""


@dataclass(frozen=True, slots=True)
class _Line:
    """A straight line along which the difference from the reference steps."""

    at: int
    begin: int
    end: int

    def covers(self, begin: int, end: int) -> bool:
        """Whether it goes along most of the way between two places."""
        return min(self.end, end) - max(self.begin, begin) >= _SIDE * (end - begin)

    def shared(self, other: _Line) -> float:
        """The part of both together that lies over each other."""
        both = min(self.end, other.end) - max(self.begin, other.begin)
        return both / max(1, max(self.end, other.end) - min(self.begin, other.begin))


def lift_veils(there: Levels, here: Levels, inside: Mask) -> Veiled | None:
    """Take translucent plates off `here`, a picture's L, a, b over the graded reference's `there`; None without one."""
    done, plates, rims = here.copy(), np.zeros_like(inside), np.zeros_like(inside)
    one, other = (np.asarray(cv2.GaussianBlur(levels, (0, 0), 1.0), np.float32) for levels in (there, here))
    found = [(box, veil) for box in _boxes(other - one, inside) if (veil := _veil(one, other, box)) is not None]
    for box, veil in sorted(found, key=lambda each: -each[1].explained):
        tight = _tightened(box, veil, one, other)
        if tight is None:
            continue
        top, bottom, left, right = tight
        whole = np.s_[top:bottom, left:right]
        if plates[whole].any():
            continue
        done[whole] += there[whole] - (there[whole] * veil.gains + veil.shifts)
        plates[whole] = True
        rims |= _outline(tight, inside.shape)
    return Veiled(done, plates, rims) if plates.any() else None


def _veil(there: Levels, here: Levels, box: _Box) -> _Veil | None:
    """The plate that covers a box; None where none does."""
    top, bottom, left, right = box
    inner = np.s_[top + _RIM : bottom - _RIM, left + _RIM : right - _RIM]
    one, other = (levels[inner].reshape(-1, 3) for levels in (there, here))
    area, step = len(one), max(1, len(one) // _SAMPLES)
    one, other = one[::step], other[::step]
    even = np.full(len(one), _MIDDLE, np.float32)
    fits = [fit_robustly(np.stack([own, even], axis=1), its[:, None]) for own, its in zip(one.T, other.T, strict=True)]
    gains, shifts = np.hstack(fits) * [[1.0], [_MIDDLE]]
    fitting = float((np.abs(one * gains + shifts - other).max(axis=1) <= _FITS).mean())
    same = float((np.abs(one - other).max(axis=1) <= _FITS).mean())
    least, more = _EXPLAINED
    if not _GAIN[0] <= gains[0] <= _GAIN[1] or fitting < max(least, same + more):
        return None
    return _Veil(np.asarray(gains, np.float32), np.asarray(shifts, np.float32), area * (fitting - same))


def _tightened(box: _Box, veil: _Veil, there: Levels, here: Levels) -> _Box | None:
    """The box that holds most of what the plate explains, and least of what needs none; as high as it was, about.

    None if it is no plate's: narrow, or without corners, as a thing is that was pasted.
    """
    top, bottom, left, right = box
    first, last = max(0, top - _LOOSE), min(len(there), bottom + _LOOSE)
    one, other = there[first:last], here[first:last]
    mixed = one * veil.gains + veil.shifts
    veiled, plain = (np.abs(each - other).max(axis=2) <= _FITS for each in (mixed, one))
    votes = veiled.astype(np.int32) - plain
    left, right = _densest(votes[top - first : bottom - first].sum(axis=0))
    top, bottom = _densest(votes[:, left:right].sum(axis=1))
    tall, wide = bottom - top, right - left
    if tall < 4 * _RIM or wide < max(_LEAST[0] * there.shape[1], _WIDER * tall):
        return None
    inner = votes[top:bottom, left:right]
    high, broad = max(1, tall // 3), max(1, wide // 8)
    corners = [inner[rows, columns].mean() for rows in np.s_[:high, -high:] for columns in np.s_[:broad, -broad:]]
    if sum(corner >= _IN_CORNER for corner in corners) < _CORNERS:
        return None
    return first + top, first + bottom, left, right


def _densest(votes: NDArray[np.int32]) -> tuple[int, int]:
    """Begin and end of the run with the largest sum."""
    sums = np.concatenate([[0], np.cumsum(votes)])
    gains = sums - np.minimum.accumulate(sums)
    end = int(gains.argmax())
    return int(sums[: end + 1].argmin()), end


def _boxes(off: Levels, inside: Mask) -> list[_Box]:
    """Boxes between lines, three sides of which are lines or the frame's border: those that differ most from the
    reference."""
    height, width = inside.shape
    apart = np.abs(off).max(axis=2)
    begins = [*_lines(apart, inside, 1), _Line(0, 0, width)]
    ends = [*_lines(apart, inside, -1), _Line(height, 0, width)]
    lefts = [*_lines(apart.T, inside.T, 1), _Line(0, 0, height)]
    rights = [*_lines(apart.T, inside.T, -1), _Line(width, 0, height)]
    differs = np.where(apart > _FITS, 1.0, -1.0) * inside
    sums = cv2.integral(differs)
    found: dict[_Box, float] = {}
    for one, other in product(begins, ends):
        top, bottom = one.at, other.at
        # The frame's own border is as wide as the other line.
        drawn = [line for line in (one, other) if 0 < line.at < height]
        if not max(_LEAST[1] * height, 4 * _RIM) <= bottom - top <= _TALLEST * height or not drawn:
            continue
        if len(drawn) == 2 and one.shared(other) < _TOGETHER:
            continue
        near = [
            _near(ends_of, [line.at for line in upright if line.covers(top, bottom)])
            for ends_of, upright in (({line.begin for line in drawn}, lefts), ({line.end for line in drawn}, rights))
        ]
        for (left, is_left), (right, is_right) in product(*near):
            if len(drawn) + is_left + is_right >= _FIRM and _LEAST[0] * width <= right - left:
                box = (top, bottom, left, right)
                found[box] = sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left]
    return [box for box in sorted(found, key=lambda box: -found[box]) if found[box] > 0][:_TRIED]


def _near(ends: set[int], sides: list[int]) -> list[tuple[int, bool]]:
    """Where a box may end: at the ends of its level lines, or at upright lines beside them (true)."""
    beside = {side for side in sides if any(abs(side - end) <= _BESIDE for end in ends)}
    return [(end, end in beside) for end in sorted(ends | beside)]


def _lines(apart: Levels, inside: Mask, sign: int) -> list[_Line]:
    """Level lines at which a difference begins, or ends (`sign` −1), going down: those where it changes most."""
    across = np.repeat([-1.0, 0.0, 1.0], [_ACROSS, 1, _ACROSS]) * sign / _ACROSS
    steps = cv2.sepFilter2D(apart, cv2.CV_32F, np.full(_ALONG, 1 / _ALONG), across)
    marked = ((steps >= _STEP) & inside).astype(np.uint8)
    least = max(12, round(_LEAST[1] * min(inside.shape)))
    closed = cv2.morphologyEx(marked, cv2.MORPH_CLOSE, np.ones((1, _GAP), np.uint8))
    drawn = np.asarray(cv2.morphologyEx(closed, cv2.MORPH_OPEN, np.ones((1, least), np.uint8)) > 0)
    sums = (steps * drawn).sum(axis=1)
    found: list[_Line] = []
    for at in np.argsort(-sums, kind="stable").tolist():
        if not drawn[at].any() or len(found) >= _LINES:
            break
        if all(abs(at - line.at) > _ACROSS for line in found):
            places = np.flatnonzero(drawn[at])
            found.append(_Line(int(at), int(places[0]), int(places[-1]) + 1))
    return found


def _outline(box: _Box, shape: tuple[int, ...]) -> Mask:
    top, bottom, left, right = box
    drawn = np.zeros(shape, np.uint8)
    cv2.rectangle(drawn, (left, top), (right - 1, bottom - 1), 1, 2 * _RIM + 1)
    return drawn > 0
