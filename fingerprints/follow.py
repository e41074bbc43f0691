"""A still that was recognised in some frames is followed until it goes: over its zoom, to the frame.

From sample to sample by registration; then to the cut, or where there is none (a dissolve, a picture
that is laid over a running shot) by looking at each frame between. Law: a still is only where it
registers.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from fingerprints import verify
from fingerprints.decode import Large, Wish, decode
from fingerprints.errors import MediaFault
from fingerprints.model import Features, Picture
from fingerprints.programme import Programme
from fingerprints.verify import Look, Registration

__all__ = ["Looks", "Span", "Still", "corners", "follow"]

JUMP = 0.08
"""Of the frame: a still whose corners move further over a cut was cut to anew."""
CLOSE = 320
"""Pixels of the longer side at which frames are looked at one by one."""
SHOWS = 0.3
"""Part of its full likeness at which a still begins to show."""
LEAST = 0.12
_BREAK = 3

Corners = NDArray[np.float64]
"""4 × 2: where the corners of a reference lie, as parts of the frame's width and height, not mirrored back."""


@dataclass(eq=False)
class Looks:
    """Samples of a programme as they are looked up; the last ones are kept."""

    programme: Programme

    def __post_init__(self) -> None:
        self.pair = lru_cache(maxsize=96)(self._pair)

    def _pair(self, number: int) -> tuple[Look, Look]:
        return verify.looks(self.programme.picture(self.programme.samples[number]))


def corners(found: Registration, look: Look, reference: Features) -> Corners:
    """Where the reference lies in the look."""
    placed = verify.quad(found.homography, reference.size)
    assert placed is not None  # noqa: S101 - an accepted registration has its corners
    return placed / look.features.size


@dataclass(frozen=True, slots=True, eq=False)
class Still:
    """What is followed."""

    picture: Picture
    features: Features
    flip: bool


@dataclass(frozen=True, slots=True, eq=False)
class Span:
    """Where a still is: rows of the programme, `end` not included."""

    first: int
    end: int
    inliers: int
    """Of the best registration."""
    quad: Corners
    """Of that one."""
    samples: tuple[int, ...]
    """In which it was registered."""


@dataclass(eq=False)
class _Trail:
    programme: Programme
    looks: Looks
    still: Still
    found: dict[int, tuple[int, Corners]] = field(default_factory=dict)

    def at(self, number: int) -> bool:
        """Whether the still registers in a sample."""
        if number in self.found:
            return True
        look = self.looks.pair(number)[self.still.flip]
        found = verify.register(look, self.still.features)
        if found is None or not found.accepted:
            return False
        self.found[number] = found.inliers, corners(found, look, self.still.features)
        return True

    def walk(self, number: int, step: int) -> int:
        """The last sample that way in which it registers, two misses in a row not passed."""
        last, missed = number, 0
        while 0 <= number + step < len(self.programme.samples) and missed < 2:
            number += step
            samples = self.programme.samples
            if abs(samples[number].row - samples[last].row) > 6 * self.programme.rate:
                break
            if not self.at(number) or not self._steady(last, number):
                self.found.pop(number, None)
                missed += 1
                continue
            last, missed = number, 0
        return last

    def _steady(self, one: int, other: int) -> bool:
        rows = self.programme.samples[one].row, self.programme.samples[other].row
        if self.programme.shot_of(rows[0]) == self.programme.shot_of(rows[1]):
            return True
        return float(np.abs(self.found[one][1] - self.found[other][1]).max()) < JUMP


def follow(programme: Programme, looks: Looks, still: Still, seed: int) -> Span | None:
    """The instance that holds the sample `seed`; nothing if the still does not register there."""
    trail = _Trail(programme, looks, still)
    if not trail.at(seed):
        return None
    first, last = trail.walk(seed, -1), trail.walk(seed, 1)
    best = max(trail.found, key=lambda number: trail.found[number][0])
    return Span(
        _edge(trail, first, -1),
        _edge(trail, last, 1) + 1,
        *trail.found[best],
        tuple(sorted(trail.found)),
    )


def _edge(trail: _Trail, number: int, step: int) -> int:
    """The row at which the still begins or ends, seen from the outermost sample that shows it."""
    programme = trail.programme
    row = programme.samples[number].row
    shot = programme.shot_of(row)
    beyond = number + step
    other = programme.samples[beyond].row if 0 <= beyond < len(programme.samples) else -1
    border = shot.first if step < 0 else shot.end - 1
    if not shot.first <= other < shot.end:
        other = border
        if abs(other - row) <= programme.rate:
            return border
    if programme.mode.quick:
        return row
    return _closely(trail, number, row, other)


def _closely(trail: _Trail, number: int, row: int, other: int) -> int:
    """The outermost row between the two in which the still shows."""
    programme = trail.programme
    low, high = min(row, other), max(row, other)
    start, end = float(programme.seconds_of(low)), float(programme.seconds_of(high))
    wish = Wish(
        sound=False,
        stride=1,
        start=max(0.0, start - 0.5 / float(programme.rate)),
        seconds=end - start + 1 / float(programme.rate),
        large=CLOSE,
    )
    try:
        greys = [block.grey for block in decode(programme.path, wish) if isinstance(block, Large)][: high - low + 1]
    except MediaFault:
        return row
    if len(greys) < high - low + 1:
        return row
    rows = range(low, high + 1)
    likeness = np.array(
        [_likeness(trail.still, grey, _placed(trail, number, at)) for grey, at in zip(greys, rows, strict=True)]
    )
    if row == high:
        likeness = likeness[::-1]
    floor = max(LEAST, SHOWS * float(likeness[0]))
    last = bad = 0
    for step, value in enumerate(likeness):
        bad = 0 if value >= floor else bad + 1
        if bad >= _BREAK:
            break
        last = step if value >= floor else last
    return row - last if row == high else row + last


def _placed(trail: _Trail, number: int, row: int) -> Corners:
    """The corners at a row: on the line through the two samples nearest to `number`'s side."""
    known = sorted(trail.found, key=lambda one: abs(one - number))[:2]
    here = trail.found[number][1]
    if len(known) < 2:
        return here
    rows = [trail.programme.samples[one].row for one in known]
    pace = (trail.found[known[1]][1] - here) / (rows[1] - rows[0])
    # A registration trembles by a pixel or two: what is less than that is no movement.
    return here + pace * (row - rows[0]) if np.abs(pace * (rows[1] - rows[0])).max() > 0.01 else here


def _likeness(still: Still, grey: Picture, placed: Corners) -> float:
    """Correlation of detail where the still should be."""
    frame = np.ascontiguousarray(grey[:, ::-1]) if still.flip else grey
    height, width = frame.shape
    picture = still.picture
    start = np.array(
        [[0, 0], [picture.shape[1], 0], [picture.shape[1], picture.shape[0]], [0, picture.shape[0]]], np.float32
    )
    matrix = cv2.getPerspectiveTransform(start, (placed * (width, height)).astype(np.float32))
    shrink = np.clip(np.sqrt(abs(np.linalg.det(matrix[:2, :2]))), 0.05, 1.0)
    soft = cv2.GaussianBlur(picture, (0, 0), 0.5 / shrink) if shrink < 0.8 else picture
    shown = cv2.warpPerspective(soft, matrix, (width, height), flags=cv2.INTER_LINEAR)
    mask = cv2.warpPerspective(np.full(picture.shape, 255, np.uint8), matrix, (width, height)) > 250
    if mask.sum() < 200:
        return 0.0
    one, other = _detail(frame)[mask], _detail(shown)[mask]
    one, other = one - one.mean(), other - other.mean()
    return float((one * other).sum() / max(float(np.linalg.norm(one) * np.linalg.norm(other)), 1e-3))


def _detail(grey: Any) -> NDArray[np.float32]:
    levels = grey.astype(np.float32)
    return np.asarray(cv2.GaussianBlur(levels, (0, 0), 1.5) - cv2.GaussianBlur(levels, (0, 0), 12), np.float32)
