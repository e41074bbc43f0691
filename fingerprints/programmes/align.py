"""Hits in time → lines: which part of a reference runs at which speed where in a programme.

First a sparse Hough vote over speed and offset; then the line is settled on the frames themselves, by
what moves: the background of a camera that stands still is alike at all times and says nothing about
when. Law: a line that only the background supports is no line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from fingerprints.prints.phash import product

__all__ = [
    "SPEEDS",
    "STILL_ALIKE",
    "Alignment",
    "FrameHits",
    "FrameVectors",
    "extent",
    "joined",
    "least_of",
    "lines",
    "runs",
    "settle",
    "speeds_about",
    "steady",
    "track",
]

SPEEDS = (1.0, 24 / 25, 25 / 24, 0.9, 1.1, 0.5, 2.0, -1.0)
"""Of the reference in the programme: PAL speed-up and its reverse, conformed rates, slow motion, fast motion,
reversed."""
FAST = (2.5, 3.0, 3.5, 4.0, 4.6, 5.3, 6.0, 7.0, 8.0, 9.2, 10.6, 12.2, 14.0, 16.0)
"""Of time-lapse: so near to each other that hits over some seconds fall into one bin."""
FAST_HITS = 20_000
"""Hits up to which those are asked: a reference that has more stands still, and its hits tell no speed."""
BIN = 0.5
"""Seconds of offset that count as one in the vote."""
VOTES = 3
"""Different moments of the programme, and of the reference, that make a line; fewer only suggest one."""
SUGGESTED = 4
"""Lines of one reference that are settled, at most, where each has fewer votes."""
COARSE = 0.03
"""Seconds of a frame, over which two are too far apart: what moves is elsewhere by then."""
CORE = 1.5
"""Seconds that are settled at the least."""
SURE = 0.7
"""Agreement that a line needs which was only suggested, or of time-lapse."""
STANDS = 0.8
"""Agreement that a line needs where the camera stands still: the same hands do the like at another time."""
BACKWARDS = 0.88
"""Agreement that a line needs which runs backwards: what a hand puts down it took up before."""
GAP = 4.0
"""Seconds without a hit that end a line or a run: still pictures are sampled every two."""
ALIKE, ASKEW = 0.55, 0.45
"""Correlation of what moves that a settled line needs, and of a clip that is seen at an angle or from the hand."""
STILL_ALIKE = 0.8
"""Likeness of the pictures that it needs where nothing moves."""
MOVES = 0.004
"""Part of a track's energy that must change in time for its motion to say anything."""
STEADY = 0.8
"""Likeness of a reference's frames to their mean at which its camera stands still."""
HOLDS = 0.5
"""Part of a line's usual similarity at which a frame still belongs to it."""
LEAST = 0.35
"""Similarity at which it belongs at the least."""
BREAK = 4
"""Frames in a row that do not belong, which end it."""

Values = NDArray[np.float32]
T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class FrameHits:
    """Hits of one reference, all rows in step: seconds of both, bits that differ, mirrored or not."""

    here: NDArray[np.float64]
    there: NDArray[np.float64]
    distances: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Alignment:
    """`there` = (`here` − offset) · speed, for `here` from `first` to `last`."""

    speed: float
    offset: float
    first: float
    last: float
    votes: int
    score: float = 0.0
    """After settling: correlation of what moves, or of the picture where nothing does."""
    is_still: bool = False
    """Nothing moves: the picture alone decided."""
    least: float = ALIKE
    """What the correlation of what moves had to reach."""

    @property
    def there(self) -> tuple[float, float]:
        """Seconds of the reference, the earlier first."""
        ends = (self.first - self.offset) * self.speed, (self.last - self.offset) * self.speed
        return min(ends), max(ends)


@dataclass(frozen=True, slots=True, eq=False)
class FrameVectors:
    """Frames as unit vectors over time."""

    times: NDArray[np.float64]
    values: Values


def track(times: NDArray[np.float64], low: NDArray[np.floating]) -> FrameVectors:
    """Of N × 16 × 16 low frequencies: without the mean level, fine detail lifted, each of length 1."""
    count = len(low)
    lift = np.hypot(*np.meshgrid(np.arange(16), np.arange(16))).astype(np.float32)
    values = (np.asarray(low, np.float32) * lift).reshape(count, -1)
    return FrameVectors(times, values / np.maximum(np.linalg.norm(values, axis=1, keepdims=True), 1e-3))


def runs(times: NDArray[np.float64]) -> Iterator[NDArray[np.int64]]:
    """Rows of `times`, in order, in groups between which nothing was hit for `GAP` seconds."""
    order = np.argsort(times, kind="stable")
    if len(order):
        yield from np.split(order, np.flatnonzero(np.diff(times[order]) > GAP) + 1)


def lines(seen: FrameHits) -> list[Alignment]:
    """The lines that the hits vote for, best first; each hit counts for one of them."""
    found: list[Alignment] = []
    left = np.ones(len(seen.here), bool)
    speeds = (*SPEEDS, *FAST) if len(left) <= FAST_HITS else SPEEDS
    while len(found) < 200 and left.any() and sum(line.votes < VOTES for line in found) < SUGGESTED:
        best = max((_best(seen, left, speed) for speed in speeds), key=_worth)
        if best is None:
            break
        found.append(best)
        left &= (seen.here < best.first - 0.01) | (seen.here > best.last + 0.01)
    return found


def _worth(line: Alignment | None) -> float:
    # Real time wins where another speed explains hardly more. Two hits lie on a line of any speed.
    if line is None or (line.speed in FAST and line.votes < VOTES):
        return 0.0
    return line.score * (1.0 if line.speed == 1.0 else 0.93)


def _best(seen: FrameHits, left: NDArray[np.bool_], speed: float) -> Alignment | None:
    offsets = seen.here - seen.there / speed
    best: Alignment | None = None
    for shift in (0.0, 0.5):
        bins = np.floor(offsets / BIN + shift).astype(np.int64)
        names, inverse = np.unique(bins[left], return_inverse=True)
        votes = np.bincount(inverse, 1 - seen.distances[left] / 128)
        for name in names[np.argsort(-votes)[:4]]:
            rows = np.flatnonzero(left & (bins == name))
            for run in runs(seen.here[rows]):
                line = _line(seen, rows[run], offsets, speed)
                if best is None or line.score > best.score:
                    best = line
    return best


def _line(seen: FrameHits, rows: NDArray[np.int64], offsets: NDArray[np.float64], speed: float) -> Alignment:
    here, there = seen.here[rows], seen.there[rows]
    votes = min(len(np.unique(here)), len(np.unique(there)))
    near = 1 - seen.distances[rows] / 128
    # One vote a moment: its best.
    moments, inverse = np.unique(here, return_inverse=True)
    score = np.zeros(len(moments))
    np.maximum.at(score, inverse, near)
    spread = float(np.median(np.abs(offsets[rows] - np.median(offsets[rows]))))
    middle = float(np.median(offsets[rows]))
    worth = float(score.sum()) * min(1.0, votes / len(moments) + 0.3) - spread
    return Alignment(speed, middle, float(here.min()), float(here.max()), votes, worth)


def joined(
    parts: Iterable[T], begin: Callable[[T], float], on_one_line: Callable[[T, T], bool], both: Callable[[T, T], T]
) -> list[T]:
    """Parts of one instance as one, by where they begin: a long instance is found in parts."""
    done: list[T] = []
    for one in sorted(parts, key=begin):
        at = next((at for at, other in enumerate(done) if on_one_line(other, one)), None)
        if at is None:
            done.append(one)
        else:
            done[at] = both(done[at], one)
    return done


# ---- settling


def speeds_about(line: Alignment, *, still: bool) -> tuple[float, ...]:
    """Speeds at which a line is settled: those about the one that was voted for; all where hits tell none."""
    near = dict.fromkeys((line.speed, *SPEEDS, *(FAST if line.speed > 2 else ())))
    if still or line.votes < 2 * VOTES:
        return tuple(near)
    return tuple(speed for speed in near if 0.45 < speed / line.speed < 2.2)


def least_of(line: Alignment, speed: float, *, steady: bool, askew: bool) -> float:
    """Agreement of what moves that a line needs."""
    if speed < 0:
        return BACKWARDS
    if steady and not askew:
        return STANDS
    if line.votes < VOTES or speed > 2.2:
        return SURE
    return ASKEW if askew else ALIKE


def settle(
    here: FrameVectors,
    there: FrameVectors,
    guess: Alignment,
    *,
    reach: float,
    speed: float,
    least: float = ALIKE,
    ease: float = 1.0,
) -> Alignment | None:
    """The best line at a speed within `reach` seconds of a guess; nothing if what moves does not agree."""
    more = max(0.0, CORE - (guess.last - guess.first)) / 2 + 1e-6
    core = np.flatnonzero((here.times >= guess.first - more) & (here.times <= guess.last + more))
    if len(core) < 2 or len(there.times) < 2:
        return None
    core = core[:: max(1, len(core) // (150 if reach < 2 else 50))]
    times, values = here.times[core], here.values[core]
    frame = float(np.median(np.diff(there.times)))
    step = (frame / 2 if reach < 1 else frame if frame > COARSE else 2 * frame) / max(1.0, abs(speed))
    # A line of another speed turns about the middle of the guess.
    middle = (guess.first + guess.last) / 2
    turned = middle - (middle - guess.offset) * guess.speed / speed
    offsets = np.arange(turned - reach, turned + reach + step, step)
    at = (times[None, :] - offsets[:, None]) * speed
    inside = (at >= there.times[0] - frame) & (at <= there.times[-1] + frame)
    enough = inside.sum(axis=1) >= max(2, len(times) // 2)
    if not enough.any():
        return None
    like, motion, still = _likeness(values, there, _usual(there, guess), at[enough], inside[enough])
    score = np.where(still, like, motion + 0.1 * like)
    row = int(score.argmax())
    told = like[row] if still[row] else motion[row]
    if told < ease * (STILL_ALIKE if still[row] else least):
        return None
    return replace(
        guess,
        speed=speed,
        offset=float(offsets[enough][row]),
        score=float(told),
        is_still=bool(still[row]),
        least=least,
    )


def _likeness(
    values: Values, there: FrameVectors, usual: Values, at: NDArray[np.float64], inside: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """Of frames to those of another track at each of M × N times: of the pictures, of what moves, if anything does."""
    rows = nearest(there.times, at)
    low, high = int(rows.min()), int(rows.max()) + 1
    others = there.values[low:high]
    own, other = values - values.mean(axis=0), others - usual
    counts = inside.sum(axis=1)
    numbers = np.arange(len(values))
    plain = product(others, values.T).T
    # As own @ other.T: the means leave by themselves.
    moving = plain - (values @ usual)[:, None] - values.mean(axis=0) @ other.T
    like = (plain[numbers, rows - low] * inside).sum(axis=1) / counts
    ours = inside @ (own**2).sum(axis=1)
    theirs = ((other**2).sum(axis=1)[rows - low] * inside).sum(axis=1)
    motion = (moving[numbers, rows - low] * inside).sum(axis=1) / np.maximum(np.sqrt(ours * theirs), 1e-6)
    # Where one moves and the other does not, what moves must agree.
    return like, motion, np.sqrt(ours * theirs) < MOVES * counts


def steady(there: FrameVectors, guess: Alignment) -> bool:
    """Whether the reference hardly changes about the guess, so that hits say nothing about when."""
    first, last = guess.there
    near = there.values[(there.times >= first - 2) & (there.times <= last + 2)]
    return len(near) > 2 and float(np.median(near @ _usual(there, guess))) > STEADY


def nearest(times: NDArray[np.float64], at: NDArray[np.float64]) -> NDArray[np.int64]:
    """Rows of the times nearest to others; those beyond the ends get the ends."""
    return np.asarray(np.rint(np.interp(at, times, np.arange(len(times)))), np.int64)


def _usual(there: FrameVectors, guess: Alignment) -> Values:
    """The mean of the reference where the guess lies."""
    first, last = guess.there
    near = (there.times >= first - 1) & (there.times <= last + 1)
    return np.asarray(there.values[near].mean(axis=0) if near.sum() > 2 else there.values.mean(axis=0), np.float32)


def extent(here: FrameVectors, there: FrameVectors, line: Alignment) -> tuple[int, int]:
    """The rows of `here`, the second not included, that show the reference along the line."""
    at = (here.times - line.offset) * line.speed
    step = float(np.median(np.diff(there.times)))
    like = np.einsum("nv,nv->n", here.values, there.values[nearest(there.times, at)])
    inside = (at >= there.times[0] - 0.6 * step) & (at <= there.times[-1] + step)
    core = (here.times >= line.first) & (here.times <= line.last) & inside
    usual = float(np.median(like[core])) if core.any() else 1.0
    good = inside & (like >= max(HOLDS * usual, LEAST))
    middle = np.flatnonzero(core & good)
    if not len(middle):
        return 0, 0
    return _walk(good, int(middle[0]), -1), _walk(good, int(middle[-1]), 1) + 1


def _walk(good: NDArray[np.bool_], row: int, step: int) -> int:
    """The last good row before `BREAK` bad ones."""
    last, bad = row, 0
    while 0 <= row + step < len(good) and bad < BREAK:
        row += step
        bad = 0 if good[row] else bad + 1
        last = row if good[row] else last
    return last
