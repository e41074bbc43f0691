"""Where a sound's peaks are in a programme at one offset, and whether that is coincidence.

Landmarks propose an offset; here all peaks are compared, also those that speech left without a partner. Rule: chance is
measured on the same peaks at other offsets, and its limit follows from the number of places that were tried.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from fingerprints.prints.landmarks import HOP, WINDOW, Peaks
from media.decode import SOUND_RATE

__all__ = ["SECOND", "Coincidence", "Places", "coincidences", "steps_of"]

SECOND = SOUND_RATE / HOP
"""Spectra."""
CENTRE = WINDOW / HOP / 2
"""Spectra from where one begins to its middle."""
FINE = 3
"""Steps of a bin: peaks of one sound lie within half a bin of each other, of other sounds anywhere."""
BINS = 544 * FINE
"""More steps than any peak has, after any pitch."""
HEIGHT = 300 * FINE
"""Steps of the bins in which most peaks lie."""
ALIKE = 8.0
"""Times chance, at which peaks agree at least where a sound is heard: it is heard while this explains them better."""
SILENT = 20.0
"""Nats that may be lost on peaks that stay away: speech may cover a sound for some seconds."""
USUAL = 0.35
"""Times the share that agrees, at which an end of it is one still: speech lies unevenly over a sound."""
AWAY, NEAR, STEP = 450, 6, 3
"""Spectra to the farthest and the nearest other offset, and between them: 10 s to either side, none left out."""
ROUGH = 13
"""Every so many of them tell the chance before it is worth it to ask all."""
MOST = 4000
"""Peaks that are asked at all other offsets: one and a half minutes of music stand for what is longer."""
STAYED = 3.0
"""How rarely so many peaks stay away at an end, at which it is taken for one."""
NOTE = 12
"""Spectra that are one note: 0.26 s."""
BEYOND, SURE = 2.0, 0.5
"""Times what other offsets have beyond chance, unless this part of all peaks agrees."""
RIVALS = 98
"""Per cent of the other offsets at which fewer agree: music of the same tempo and key agrees at many beats, a loop with
itself at a few bars."""

Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Coincidence:
    """A stretch over which peaks agree. Spectra of the sound as it was moved; its ends may lie beyond its peaks."""

    start: float
    end: float
    agreeing: int
    least: int
    """As many must agree to be no chance."""
    asked: int
    """Of so many peaks."""
    cells: Rows
    """Where the agreeing ones lie in the programme: spectrum · `BINS` + step of the bin, in order."""


def steps_of(bins: NDArray[np.float32]) -> Rows:
    """Frequencies as places have them."""
    return np.clip(np.rint(bins * FINE), 1, BINS - 2).astype(np.int64)


class Places:
    """Where a programme has peaks, give or take one spectrum and half a bin: a bit each."""

    def __init__(self, peaks: Peaks) -> None:
        times, bins = np.rint(peaks.times).astype(np.int64), steps_of(peaks.bins)
        self._first = int(times.min(initial=0)) - 2
        rows = int(times.max(initial=0)) + 3 - self._first
        self._bits = np.zeros((rows, BINS // 8), np.uint8)
        for start in range(0, rows, _BLOCK):
            near = (times >= self._first + start - 1) & (times <= self._first + start + _BLOCK)
            block = np.zeros((_BLOCK + 4, BINS), np.bool_)
            row, column = times[near] - self._first - start + 2, bins[near]
            for later in (-1, 0, 1):
                for above in (-1, 0, 1):
                    block[row + later, column + above] = True
            self._bits[start : start + _BLOCK] = np.packbits(block[2 : 2 + min(_BLOCK, rows - start)], axis=1)

        self.density = float(np.bitwise_count(self._bits).sum(dtype=np.int64)) / (rows * HEIGHT)
        """Of places where peaks lie: how often one agrees by chance."""

    def count(self, times: Rows, bins: Rows) -> Rows:
        """How many of the last axis agree."""
        rows = np.clip(times - self._first, 0, len(self._bits) - 1)
        return np.asarray(((self._bits[rows, bins >> 3] & _BIT[bins & 7]) > 0).sum(axis=-1, dtype=np.int64))

    def agree(self, times: Rows, bins: Rows, shifts: Rows) -> NDArray[np.bool_]:
        """Shifts × peaks. The first row and the last are empty."""
        found = np.zeros((len(shifts), len(times)), np.bool_)
        few = max(1, _AT_ONCE // len(times))
        for part in range(0, len(shifts), few):
            rows = np.clip(times - self._first + shifts[part : part + few, None], 0, len(self._bits) - 1)
            found[part : part + few] = (self._bits[rows, bins >> 3] & _BIT[bins & 7]) > 0
        return found


def coincidences(
    places: Places, sound: Peaks, rows: slice, offset: float, chance: float, rivals: int = RIVALS
) -> Iterator[Coincidence]:
    """Stretches around these peaks of `sound`, `offset` later, that have less than this chance.

    `rivals` is the share of other offsets, in per cent, that they stand against; 100 for what may be no loop.
    """
    times = np.rint(sound.times[rows] + np.float32(offset)).astype(np.int64)
    bins = steps_of(sound.bins[rows])
    if not len(times):
        return
    nearest = places.agree(times, bins, np.array([0, -1, 1]))
    nudge = int(nearest.sum(axis=1).argmax())
    agreeing, times = nearest[nudge], times + (0, -1, 1)[nudge]
    rough = places.agree(times, bins, _OTHERS[::ROUGH])
    rate = max(float(rough.mean()), 1 / len(times))
    # Any stretch of it may turn out to be the best.
    chance /= len(times)
    for begin, stop in _stretches(agreeing, rate, -np.log(chance)):
        count = int(agreeing[begin:stop].sum())
        if count < _unlikely(rough[:, begin:stop], times[begin:stop], chance):
            continue
        asked = slice(begin, min(stop, begin + MOST))
        least = _least(places.agree(times[asked], bins[asked], _OTHERS), times[asked], chance, rivals)
        least = -(-least * (stop - begin) // (asked.stop - begin))
        if count < least:
            continue
        first, end = _trimmed(agreeing, begin, stop, rate)
        heard = first + np.flatnonzero(agreeing[first:end])
        # What agreed by its length alone, thinly, is chance after all.
        if len(heard) < least:
            continue
        share = len(heard) / (end - first)
        yield Coincidence(
            *_edges(sound, rows.start + first, rows.start + end, share),
            len(heard), least, end - first, times[heard] * BINS + bins[heard],
        )  # fmt: skip


def _stretches(agreeing: NDArray[np.bool_], rate: float, nats: float) -> Iterator[tuple[int, int]]:
    """From which row to which agreement explains the peaks better than this rate of chance, by so many nats."""
    rate = min(rate, 0.5 / ALIKE)
    gain, loss = np.log(ALIKE), np.log((1 - rate) / (1 - ALIKE * rate))
    first = end = before = 0
    score = best = 0.0
    for row in [*np.flatnonzero(agreeing).tolist(), len(agreeing) + int(SILENT / loss) + 1]:
        score -= loss * (row - before)
        if score <= 0 or score < best - SILENT:
            if best >= nats:
                yield first, end
            first, score, best = row, 0.0, 0.0
        score += gain
        before = row + 1
        if score >= best:
            best, end = score, before


def _trimmed(agreeing: NDArray[np.bool_], first: int, end: int, rate: float) -> tuple[int, int]:
    """The part that agrees as its middle does: a chance hit far beyond the end is no longer worth what lies between."""
    share = float(agreeing[first:end].mean()) * USUAL
    if share < 2 * rate:
        return first, end
    score = np.where(agreeing[first:end], np.log(share / rate), np.log((1 - share) / (1 - rate)))
    total = np.concatenate([[0.0], np.cumsum(score)])
    until = int((total - np.minimum.accumulate(total)).argmax())
    return first + int(total[: until + 1].argmin()), first + until


def _least(agree: NDArray[np.bool_], times: Rows, chance: float, rivals: int) -> int:
    """How many must agree, by how many do at other offsets: all of them."""
    counts = agree.sum(axis=1, dtype=np.int64)
    mean = max(float(counts.mean()), 0.1)
    rival = mean + BEYOND * (float(np.percentile(counts, rivals)) - mean)
    return int(np.ceil(max(_unlikely(agree, times, chance), min(rival, SURE * len(times)))))


def _unlikely(agree: NDArray[np.bool_], times: Rows, chance: float) -> int:
    """So many agree with less than this chance, by how many do at other offsets: some of them will do."""
    counts = agree.sum(axis=1, dtype=np.int64)
    # What agrees at once is one note. Over longer times offsets of a beat are alike: they are rivals, no chance.
    notes = np.flatnonzero(np.diff(times // NOTE, prepend=-1 << 40))
    spread = float(np.add.reduceat(agree, notes, axis=1, dtype=np.int64).var(axis=0).sum())
    mean = max(float(counts.mean()), 0.1)
    return 1 + bisect_left(range(len(times) + 1), -chance, key=lambda count: -_tail(count + 1, mean, spread))


def _tail(count: int, mean: float, variance: float) -> float:
    """Chance of so many or more. Peaks come in chords: their numbers are spread as a negative binomial."""
    clumps = mean * mean / max(variance - mean, 0.01 * mean)
    return float(special.betainc(count, clumps, mean / (mean + clumps)))


def _edges(sound: Peaks, first: int, end: int, share: float) -> tuple[float, float]:
    """Where the sound of these rows begins and ends.

    So many more peaks may have stayed away as do once in `STAYED` times; where it has no more, all of it is heard.
    """
    more = int(np.ceil(np.log(STAYED) / -np.log(1 - min(share, 0.99))))
    before, behind = first - more, end - 1 + more
    start = float(sound.times[before]) + CENTRE if before >= 0 else 0.0
    return start, float(sound.times[behind]) + CENTRE if behind < len(sound.times) else sound.seconds * SECOND


_BLOCK, _AT_ONCE = 4096, 1 << 20
_BIT = np.uint8(128) >> np.arange(8, dtype=np.uint8)
_OTHERS = np.array([shift * side for shift in range(NEAR, AWAY, STEP) for side in (-1, 1)], np.int64)
