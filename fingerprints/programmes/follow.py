"""Follows a still that was recognised in some frames until it disappears: through its zoom, to the frame.

From sample to sample by registration; then to the cut, or where there is none (a dissolve, an inset over a running
shot) by comparing each frame between. Rule: a still is only where it registers.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np

from fingerprints.index.index import distances
from fingerprints.model import Features
from fingerprints.prints.phash import hashes, small_grey
from fingerprints.prints.views import Views
from fingerprints.programmes.looks import Looks
from fingerprints.programmes.placed import Corners
from fingerprints.programmes.programme import Programme
from fingerprints.programmes.tracks import larger_again
from fingerprints.stills.detail import likeness
from fingerprints.stills.geometry import UNIT
from fingerprints.stills.parallax import Sameness, judge_sameness
from media.errors import MediaError
from media.still import Picture

__all__ = ["Appearance", "Still", "follow"]

JUMP = 0.08
"""Part of the frame: a still whose corners move further over a cut was cut to again."""
REACH_SECONDS = 6
"""Between two samples of one instance, at most."""
SNAP_SECONDS = 0.5
"""A still that is lost this near to the cut of its shot is taken to last until the cut: moves end where little of it is
left."""
CLOSE = 320
"""Pixels of the longer side at which frames are looked at one by one."""
SHOWS = 0.3
"""Part of its full likeness at which a still begins to show."""
LEAST = 0.12
UNLIKE = 90
"""Bits between two frames one after the other that do not show one picture."""
_BREAK = 3


@dataclass(frozen=True, slots=True, eq=False)
class Still:
    """What is followed."""

    picture: Picture
    features: Features
    flip: bool
    windows: Views | None = None
    """Its views, by which a frame that shows it reframed is near to it."""


@dataclass(frozen=True, slots=True, eq=False)
class Appearance:
    """Where a still is visible: rows of the programme, `end` not included."""

    first: int
    end: int
    inliers: int
    """Of the best registration."""
    quad: Corners
    """Of that one."""
    samples: tuple[int, ...]
    """In which it was registered."""
    is_doubtful: bool = False
    """Whether it may be another photograph of the same place: a person must check."""


@dataclass(eq=False)
class _Trail:
    programme: Programme
    looks: Looks
    still: Still
    found: dict[int, tuple[int, Corners]] = field(default_factory=dict)
    missing: set[int] = field(default_factory=set)

    def at(self, number: int) -> bool:
        """Whether the still registers in a sample."""
        if number in self.found or number in self.missing:
            return number in self.found
        found = self.looks.registered(
            number, self.still.features, flip=self.still.flip, picture=lambda: self.still.picture
        )
        if found is None:
            self.missing.add(number)
            return False
        registration, sight = found
        self.found[number] = registration.inliers, sight.corners(registration, self.still.features)
        return True

    def walk(self, number: int, step: int) -> int:
        """The last sample that way in which it registers, two misses in a row not passed."""
        last = number
        while (further := self._further(last, step)) is not None:
            last = further
        return last

    def _further(self, last: int, step: int) -> int | None:
        """Another sample that shows it: far in the same shot, for then it is also between, or one of the next two."""
        rows, most = [sample.row for sample in self.programme.samples], REACH_SECONDS * self.programme.rate
        shot = self.programme.shot_of(rows[last])
        far = last
        while 0 <= far + step < len(rows) and shot.first <= rows[far + step] < shot.end:
            if abs(rows[far + step] - rows[last]) > most:
                break
            far += step
        while abs(far - last) > 2:
            if self._goes_on(last, far):
                return far
            far = last + int((far - last) / 2)
        for other in (last + step, last + 2 * step):
            near = 0 <= other < len(rows) and abs(rows[other] - rows[last]) <= most
            if near and self._goes_on(last, other):
                return other
        return None

    def _goes_on(self, last: int, other: int) -> bool:
        if self.at(other) and self._steady(last, other):
            return True
        self.found.pop(other, None)
        self.missing.add(other)
        return False

    def _steady(self, one: int, other: int) -> bool:
        rows = self.programme.samples[one].row, self.programme.samples[other].row
        if self.programme.shot_of(rows[0]) == self.programme.shot_of(rows[1]):
            return True
        return float(np.abs(self.found[one][1] - self.found[other][1]).max()) < JUMP


def follow(programme: Programme, looks: Looks, still: Still, seed: int) -> Appearance | None:
    """The instance around the sample `seed`; None if the still does not register there."""
    trail = _Trail(programme, looks, still)
    if not trail.at(seed):
        return None
    first, last = trail.walk(seed, -1), trail.walk(seed, 1)
    best = max(trail.found, key=lambda number: trail.found[number][0])
    sameness = _sameness(trail, best)
    if sameness is Sameness.ANOTHER:
        return None
    return Appearance(
        _edge(trail, first, -1),
        _edge(trail, last, 1) + 1,
        *trail.found[best],
        tuple(sorted(trail.found)),
        is_doubtful=sameness is Sameness.DOUBTFUL,
    )


def _sameness(trail: _Trail, number: int) -> Sameness:
    """Whether a sample shows the still, or another photograph of the same place."""
    still = trail.still
    found = trail.looks.registered(number, still.features, flip=still.flip, picture=lambda: still.picture)
    if found is None:
        return Sameness.COPY
    registration, sight = found
    asked = hashes(small_grey(sight.look.grey)[None])
    views = hashes(small_grey(still.picture)[None]) if still.windows is None else still.windows.hashes
    bits = int(distances(views, np.repeat(asked, len(views), axis=0)).min()) if len(views) else 256
    return judge_sameness(sight.look, registration, still.picture, bits)


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
            return _before_jump(programme, row, border)
    if programme.mode.quick:
        return row
    seen = _closely(trail, number, step, row, other)
    return _before_jump(programme, seen, border) if abs(border - seen) <= SNAP_SECONDS * programme.rate else seen


def _before_jump(programme: Programme, row: int, border: int) -> int:
    """The border, or the last row before a frame unlike the one before it: a cut between two pale pictures is none."""
    step = 1 if border >= row else -1
    rows = np.arange(row, border + step, step)
    bits = distances(programme.hashes[rows[1:]], programme.hashes[rows[:-1]])
    jumps = np.flatnonzero(bits > UNLIKE)
    return int(rows[jumps[0]]) if len(jumps) else border


def _closely(trail: _Trail, number: int, step: int, row: int, other: int) -> int:
    """The outermost row between the two in which the still shows."""
    programme = trail.programme
    low, high = min(row, other), max(row, other)
    try:
        greys = larger_again(programme, low, high + 1, side=CLOSE)
    except MediaError:
        return row
    if len(greys) < high - low + 1:
        return row
    if 0 <= number - step < len(programme.samples) and trail.found.keys() != {number}:
        trail.at(number - step)  # how it moves is told best by the nearest
    rows = range(low, high + 1)
    likeness = np.array(
        [_likeness(trail.still, grey, _placed(trail, number, at)) for grey, at in zip(greys, rows, strict=True)]
    )
    if row == high:
        likeness = likeness[::-1]
    floor = max(LEAST, SHOWS * float(likeness[0]))
    last = bad = 0
    for count, value in enumerate(likeness):
        bad = 0 if value >= floor else bad + 1
        if bad >= _BREAK:
            break
        last = count if value >= floor else last
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
    """Of a frame's detail to the still's where it should be."""
    frame = np.ascontiguousarray(grey[:, ::-1]) if still.flip else grey
    height, width = frame.shape
    start = UNIT * still.picture.shape[1::-1]
    matrix = cv2.getPerspectiveTransform(start.astype(np.float32), (placed * (width, height)).astype(np.float32))
    return likeness(frame, still.picture, np.asarray(matrix, np.float64))
