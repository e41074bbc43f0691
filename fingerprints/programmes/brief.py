"""Clips in shots of a second and less: every frame of the shot is compared with as many of the clip, at the same pace.

A vote over time needs some seconds. Here the frames decide: the pictures must be alike, and where they change, what
changes must agree.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from fingerprints.index.index import distances
from fingerprints.prints.views import WHOLE
from fingerprints.programmes.align import Alignment, FrameHits, FrameVectors
from fingerprints.programmes.geometries import geometries, pairs_of
from fingerprints.programmes.looks import Looks
from fingerprints.programmes.moments import Moment, judge_moment
from fingerprints.programmes.placed import Placed
from fingerprints.programmes.programme import Programme
from fingerprints.programmes.segments import Region
from fingerprints.programmes.settling import BACKWARDS, MOVES, STANDS, nearest
from fingerprints.programmes.shots import AROUND, TIMES, Shot
from fingerprints.programmes.sought import Query
from fingerprints.programmes.tracks import vectors_of
from media.errors import MediaError

__all__ = ["LONGEST", "brief_shots", "found_in_shot", "settle_brief"]

FEWEST = 3
"""Frames of a shot at least."""
LONGEST = 1.0
"""Seconds of a shot at most: a longer one is settled like all."""
BRIEF_ALIKE = 0.8
"""Likeness of the pictures that is needed."""
BRIEF_STILL = 0.97
"""The same where nothing moves."""
WIDE = 120.0
"""Seconds about the guess: what hardly moves does not tell the time."""
CLOSE = 3.0
"""The same where a part of the clip is opened again."""
NEAR = 40
"""Bits of a hit that is worth a look at a short shot."""
JUMP = 64
"""Bits between two frames, over which they may be of two short shots."""


def brief_shots(programme: Programme, seen: FrameHits) -> Iterator[tuple[Shot, Alignment]]:
    """Shots of a second and less in which the clip may be, each with its nearest hit."""
    rows = np.searchsorted(programme.clock, seen.here - 1e-6)
    asked: set[tuple[int, int]] = set()
    for hit in np.argsort(seen.distances, kind="stable"):
        if seen.distances[hit] > NEAR:
            return
        for shot in _shots_about(programme, int(rows[hit])):
            if (shot.first, shot.end) in asked:
                continue
            asked.add((shot.first, shot.end))
            if FEWEST <= shot.end - shot.first <= LONGEST * programme.rate:
                ends = programme.clock[shot.first], programme.clock[shot.end - 1]
                yield shot, Alignment(1.0, float(seen.here[hit] - seen.there[hit]), float(ends[0]), float(ends[1]), 1)


def _shots_about(programme: Programme, row: int) -> Iterator[Shot]:
    """What may be the shot of a row: among short shots, and in fast moves, not every cut is found as one."""
    shot, reach = programme.shot_of(row), int(LONGEST * programme.rate) + 1
    yield shot
    first, end = max(shot.first, row - reach), min(shot.end, row + reach)
    bits = distances(programme.hashes[first + 1 : end], programme.hashes[first : end - 1])
    yield _between(first, end, bits > JUMP, row)
    low = np.asarray(programme.low[first:end], np.float32).reshape(end - first, -1)
    yield _between(first, end, _stand_out(np.linalg.norm(np.diff(low, axis=0), axis=1)), row)


def _between(first: int, end: int, jumps: NDArray[np.bool_], row: int) -> Shot:
    """The rows about one from `first` to `end` that have no jump between them, each of which is one to the next."""
    cuts = first + 1 + np.flatnonzero(jumps)
    before, after = cuts[cuts <= row], cuts[cuts > row]
    return Shot(int(before[-1]) if len(before) else first, int(after[0]) if len(after) else end)


def _stand_out(steps: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Where the change from one frame to the next is far over those about it, however much all frames change."""
    if not len(steps):
        return np.zeros(0, bool)
    around = np.lib.stride_tricks.sliding_window_view(np.pad(steps, AROUND, mode="edge"), 2 * AROUND + 1)
    return np.asarray(steps > TIMES * np.quantile(around, 0.8, axis=1), bool)


def found_in_shot(
    programme: Programme, looks: Looks, item: Query, shot: Shot, guess: Alignment, *, flip: bool
) -> tuple[Alignment, Region | Placed] | None:
    """The line on which a whole shot shows the clip, and where in the frame: in the first geometry that holds."""
    assert item.clip is not None  # noqa: S101 - only clips come here
    pairs = pairs_of(programme, looks, item, guess, flip=flip)
    if not pairs:
        return None
    for here, there in geometries(programme, looks, item, guess, pairs, flip=flip):
        reach = WIDE if there == WHOLE else CLOSE
        begin, stop = np.searchsorted(item.clip.clock, (guess.there[0] - reach, guess.there[1] + reach))
        try:
            own = vectors_of(programme, shot.first, shot.end, here, flip=flip)
            other = vectors_of(item.clip, int(begin), int(stop), there)
        except MediaError:
            continue
        settled = settle_brief(own, other, guess)
        if settled is not None:
            return settled, here
    return None


def settle_brief(here: FrameVectors, there: FrameVectors, guess: Alignment) -> Alignment | None:
    """The best line, forwards or backwards, on which all frames of a shot are those of the clip; nothing if none is."""
    found = [line for speed in (1.0, -1.0) if (line := _settled(here, there, guess, speed)) is not None]
    return max(found, key=lambda line: line.score * (1.0 if line.speed > 0 else 0.97), default=None)


def _settled(here: FrameVectors, there: FrameVectors, guess: Alignment, speed: float) -> Alignment | None:
    count = len(here.times)
    if min(count, len(there.times)) < FEWEST:
        return None
    frame, middle = float(np.median(np.diff(there.times))), float(here.times.mean())
    turned = middle - (middle - guess.offset) * guess.speed / speed
    offsets = turned + np.arange(-WIDE, WIDE + frame / 2, frame / 2)
    at = (here.times[None, :] - offsets[:, None]) * speed
    inside = ((at >= there.times[0] - frame) & (at <= there.times[-1] + frame)).all(axis=1)
    if not inside.any():
        return None
    offsets, rows = offsets[inside], nearest(there.times, at[inside])
    like, motion, energy = _compared(here, there, rows)
    moves = energy >= MOVES * count
    row = int((like + np.where(moves, 0.3 * motion, -1.0)).argmax())
    least, ends = BACKWARDS if speed < 0 else STANDS, (float(here.times[0]), float(here.times[-1]))
    line = replace(guess, speed=speed, offset=float(offsets[row]), first=ends[0], last=ends[1], least=least)
    if moves[row] and like[row] >= BRIEF_ALIKE and motion[row] >= least:
        return replace(line, score=float(motion[row]), is_still=False)
    row = int(np.where(moves, -1.0, like + motion).argmax())
    if speed < 0 or moves[row] or like[row] < BRIEF_STILL:
        return None
    line = replace(line, offset=float(offsets[row]), is_still=True)
    is_open = judge_moment(here, there, line) is Moment.OPEN
    return replace(line, score=float(like[row]), is_doubtful=is_open)


def _compared(
    here: FrameVectors, there: FrameVectors, rows: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Of N frames with N rows of another track, M times: likeness, agreement of what changes, and how much does."""
    own, count = here.values - here.values.mean(axis=0), len(here.values)
    plain, moving = here.values @ there.values.T, own @ there.values.T
    like, motion, shown = np.zeros(len(rows)), np.zeros(len(rows)), np.zeros((len(rows), there.values.shape[1]))
    for number in range(count):
        like += plain[number, rows[:, number]]
        motion += moving[number, rows[:, number]]
        shown += there.values[rows[:, number]]
    changes = np.maximum(count - (shown**2).sum(axis=1) / count, 0.0)
    energy = np.sqrt(float((own**2).sum()) * changes)
    return like / count, motion / np.maximum(energy, 1e-6), energy
