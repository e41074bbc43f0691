"""Hits in time → lines: which part of a reference runs at which speed where in a programme.

A sparse Hough vote over speed and offset. A line that was voted for is settled on the frames themselves (`settling`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "ALIKE",
    "ASKEW",
    "FAST",
    "SPEEDS",
    "VOTES",
    "Alignment",
    "FrameHits",
    "FrameVectors",
    "joined",
    "lines",
    "runs",
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
GAP = 4.0
"""Seconds without a hit that end a line or a run: still pictures are sampled every two."""
ALIKE, ASKEW = 0.55, 0.7
"""Correlation of what moves that a settled line needs, and of a clip that is seen at an angle or from the hand."""

Values = NDArray[np.float32]
T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class FrameHits:
    """Hits of one reference, a row each: seconds of both, and bits that differ."""

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
    is_doubtful: bool = False
    """Nothing moves that would show the same moment: it may be another recording of the same view."""
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
