"""A still that was recognised in some frames is followed until it goes: over its zoom, to the frame.

From sample to sample by registration; then to the cut, or where there is none (a dissolve, a picture
that is laid over a running shot) by looking at each frame between. Law: a still is only where it
registers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from fingerprints.index.index import distances
from fingerprints.model import Features
from fingerprints.prints import features
from fingerprints.prints.bars import Box
from fingerprints.prints.phash import hashes, small_grey
from fingerprints.programmes.programme import Programme
from fingerprints.programmes.segments import Region, mirrored
from fingerprints.stills import verify
from fingerprints.stills.detail import likeness, stands
from fingerprints.stills.geometry import UNIT
from fingerprints.stills.parallax import is_another_photograph
from fingerprints.stills.verify import PreparedPicture, Registration
from media.decode import Large, Wish, decode
from media.errors import MediaError
from media.still import Picture

__all__ = ["Appearance", "Looks", "Sight", "Still", "follow"]

JUMP = 0.08
"""Of the frame: a still whose corners move further over a cut was cut to anew."""
REACH_SECONDS = 6
"""Between two samples of one instance, at most."""
SNAP_SECONDS = 0.5
"""A still that is lost so near to the cut of its shot is shown until there: moves end where little of it is left."""
CLOSE = 320
"""Pixels of the longer side at which frames are looked at one by one."""
SHOWS = 0.3
"""Part of its full likeness at which a still begins to show."""
LEAST = 0.12
POINTS, POINTS_SPREAD = 15, 0.1
"""Points that agree, and the part of the shared area that they enclose, by which a clip is proposed."""
UNLIKE = 90
"""Bits between two frames one after the other that do not show one picture."""
_BREAK = 3

Corners = NDArray[np.float64]
"""4 × 2: where the corners of a reference lie, as parts of the frame's width and height, not mirrored back."""


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """A sample as it is looked up, whole or one of its panels, as it is or mirrored."""

    look: PreparedPicture
    part: Region
    """Of the frame that it shows, mirrored with it."""

    def framed(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """The look's pixels as parts of the frame."""
        left, top, right, bottom = self.part
        return points / self.look.features.size * (right - left, bottom - top) + (left, top)

    def looked(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """The way back."""
        left, top, right, bottom = self.part
        return (points - (left, top)) / (right - left, bottom - top) * self.look.features.size

    def registered(
        self, reference: Features, picture: Callable[[], Picture] | None = None, *, moves: bool = False
    ) -> Registration | None:
        """Where a reference lies in it; `picture` opens it where few points say so, and its detail has to.

        Of what `moves`, points alone propose: titles hide its layout, and its course in time decides.
        """
        found = verify.register(self.look, reference)
        if found is None or stands(self.look, found, picture):
            return found
        return found if moves and found.inliers >= POINTS and found.spread >= POINTS_SPREAD else None

    def corners(self, found: Registration, reference: Features) -> Corners:
        """Where a reference lies in the frame."""
        placed = verify.quad(found.homography, reference.size)
        assert placed is not None  # noqa: S101 - an accepted registration has its corners
        return self.framed(placed)


@dataclass(eq=False)
class Looks:
    """Samples of a programme as they are looked up; the last ones are kept."""

    programme: Programme

    def __post_init__(self) -> None:
        self._picture = lru_cache(maxsize=8)(lambda number: self.programme.picture(self.programme.samples[number]))
        self.sight = lru_cache(maxsize=160)(self._sight)

    def registered(
        self,
        number: int,
        reference: Features,
        *,
        flip: bool,
        picture: Callable[[], Picture] | None = None,
        moves: bool = False,
    ) -> tuple[Registration, Sight] | None:
        """Where a reference lies in a sample: in the whole, else in a panel. See `Sight.registered`."""
        for panel in (None, *self.programme.samples[number].panels):
            sight = self.sight(number, flip, panel)
            found = sight.registered(reference, picture, moves=moves)
            if found is not None:
                return found, sight
        return None

    def _sight(self, number: int, flip: bool, panel: Box | None = None) -> Sight:
        if flip:
            straight = self.sight(number, False, panel)
            return Sight(straight.look.mirrored(), mirrored(straight.part))
        grey = self._picture(number)
        height, width = grey.shape
        x, y, until, down = panel or (0, 0, width, height)
        look = verify.look(features.working(np.ascontiguousarray(grey[y:down, x:until])))
        return Sight(look, (x / width, y / height, until / width, down / height))


@dataclass(frozen=True, slots=True, eq=False)
class Still:
    """What is followed."""

    picture: Picture
    features: Features
    flip: bool


@dataclass(frozen=True, slots=True, eq=False)
class Appearance:
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
    """The instance that holds the sample `seed`; nothing if the still does not register there."""
    trail = _Trail(programme, looks, still)
    if not trail.at(seed):
        return None
    first, last = trail.walk(seed, -1), trail.walk(seed, 1)
    best = max(trail.found, key=lambda number: trail.found[number][0])
    if _is_another(trail, best):
        return None
    return Appearance(
        _edge(trail, first, -1),
        _edge(trail, last, 1) + 1,
        *trail.found[best],
        tuple(sorted(trail.found)),
    )


def _is_another(trail: _Trail, number: int) -> bool:
    """Whether a sample shows another photograph of the same place."""
    still = trail.still
    found = trail.looks.registered(number, still.features, flip=still.flip, picture=lambda: still.picture)
    if found is None:
        return False
    registration, sight = found
    shown, asked = (hashes(small_grey(one)[None]) for one in (still.picture, sight.look.grey))
    bits = int(distances(shown, asked)[0]) if registration.in_place else 256
    return is_another_photograph(sight.look, registration, still.picture, bits)


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
    start, end = float(programme.seconds_of(low)), float(programme.seconds_of(high))
    wish = Wish(
        sound=False,
        stride=1,
        start=max(0.0, start - 0.5 / float(programme.rate)),
        seconds=end - start + 1 / float(programme.rate),
        large=CLOSE,
    )
    try:
        greys = [block.grey for block in decode(programme.medium, wish) if isinstance(block, Large)][: high - low + 1]
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
