"""Sound that is heard again, under speech and at other speeds: landmarks propose where, all peaks decide.

Every reference is asked at several speeds, with its pitch gone along and kept. Few landmarks suffice to propose
an offset, for they settle nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from fingerprints.prints.landmarks import Landmarks, Peaks, landmarks
from fingerprints.programmes.align import joined
from fingerprints.programmes.coincidence import SECOND, Places, coincidences

__all__ = ["MOMENTS", "VARIANTS", "Heard", "Sounds", "strongest"]

SPEEDS = (1.0, 24 / 25, 25 / 24)
VARIANTS = (*((speed, speed) for speed in SPEEDS), *((speed, 1.0) for speed in SPEEDS[1:]))
"""Speed and pitch of the reference in the programme."""
MOMENTS, ENOUGH = 6, 12
"""Different moments with the same landmark at the same distance that propose it: where there is much chance the second,
for what looks like chance may be a loop."""
UNEVEN = 3.0
"""Times as many landmarks agree by chance where there is music as in the mean: fewer than that propose nothing."""
WITHIN = 3.0
"""Spectra within which distances are the same."""
GAP = 4.0
"""Seconds without one that end a run of them: speech may cover it for as long."""
REACH = 30.0
"""Seconds before and after a run in which all peaks are asked."""
SHORTEST = 1.0
EXPECTED = 1e-3
"""Segments that a whole search may have by chance."""
COMMON = 400
"""Landmarks that a reference has more often are a hum."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One instance: seconds in the programme and in the reference."""

    item: int
    start: float
    end: float
    reference_start: float
    reference_end: float
    speed: float
    peaks: int
    threshold: int


@dataclass(frozen=True, slots=True)
class _Proposal:
    """Spectra: a variant's distance from the programme, and from when to when in the programme it is seen."""

    owner: int
    offset: float
    first: float
    last: float
    moments: int


class Sounds:
    """The landmarks of many sounds, in all variants."""

    def __init__(self, items: Sequence[Peaks]) -> None:
        self._items = items
        keys, times, owners = [np.zeros(0, np.uint32)], [np.zeros(0, np.float32)], [np.zeros(0, np.int32)]
        for owner in range(len(items) * len(VARIANTS)):
            made = landmarks(self._moved(owner))
            keys.append(made.keys)
            times.append(made.times)
            owners.append(np.full(len(made.keys), owner, np.int32))
        every = np.concatenate(keys)
        order = np.argsort(every, kind="stable")
        self._keys, self._times, self._owners = (
            every[order],
            np.concatenate(times)[order],
            np.concatenate(owners)[order],
        )

    def heard(self, programme: Peaks) -> list[Heard]:
        """All instances; one moment of the programme has one instance of an item."""
        places = Places(programme)
        spectra = max(programme.seconds * SECOND, 1.0)
        tried = len(self._items) * len(VARIANTS) * spectra
        found: list[Heard] = []
        for one in sorted(_proposals(*self._pairs(landmarks(programme)), spectra), key=lambda one: -one.moments):
            item = one.owner // len(VARIANTS)
            middle = (one.first + one.last) / 2 / SECOND
            if not any(other.item == item and other.start <= middle <= other.end for other in found):
                found += self._weighed(places, one, EXPECTED / tried)
        return strongest(found)

    def _moved(self, owner: int) -> Peaks:
        item, variant = divmod(owner, len(VARIANTS))
        speed, pitch = VARIANTS[variant]
        return self._items[item].moved(speed=speed, pitch=pitch)

    def _pairs(self, asked: Landmarks) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.int32]]:
        low, high = (np.searchsorted(self._keys, asked.keys, side=side) for side in ("left", "right"))
        counts = high - low
        counts[counts > COMMON] = 0
        rows = np.repeat(np.arange(len(counts)), counts)
        within = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
        entries = low[rows] + within
        return asked.times[rows], self._times[entries], self._owners[entries]

    def _weighed(self, places: Places, one: _Proposal, chance: float) -> Iterator[Heard]:
        item, variant = divmod(one.owner, len(VARIANTS))
        speed, sound = VARIANTS[variant][0], self._moved(one.owner)
        ends = np.array([one.first - REACH * SECOND, one.last + REACH * SECOND]) - one.offset
        first, end = np.searchsorted(sound.times, ends).tolist()
        for stretch in coincidences(places, sound, slice(first, end), one.offset, chance):
            start, stop = stretch.start / SECOND, stretch.end / SECOND
            if stop - start >= SHORTEST:
                yield Heard(
                    item, start + one.offset / SECOND, stop + one.offset / SECOND, start * speed, stop * speed,
                    speed, stretch.agreeing, stretch.least,
                )  # fmt: skip


def _proposals(
    here: NDArray[np.float32], there: NDArray[np.float32], owners: NDArray[np.int32], spectra: float
) -> Iterator[_Proposal]:
    """Where landmarks of one variant agree in distance, the most first."""
    offsets = (here - there).astype(np.float64)
    # One line for all variants, so far from each other that none reaches into the next.
    line = offsets + owners * (2 * np.abs(offsets).max(initial=0) + 2 * WITHIN)
    order = np.argsort(line)
    line, offsets, here, owners = line[order], offsets[order], here[order], owners[order]
    ends = np.searchsorted(line, line + WITHIN, side="right")
    counts = ends - np.arange(len(line))
    chance = np.bincount(owners) * WITHIN * UNEVEN / spectra
    least = np.clip(chance + 4 * np.sqrt(chance), MOMENTS, ENOUGH)
    many = np.flatnonzero(counts >= least[owners])
    taken = np.zeros(len(line), bool)
    for row in many[np.argsort(-counts[many], kind="stable")].tolist():
        if taken[row]:
            continue
        rows = slice(row, ends[row])
        taken[rows] = True
        owner, middle = int(owners[row]), float(offsets[(row + ends[row]) // 2])
        times = np.unique(here[rows])
        if len(times) < least[owner]:
            continue
        gaps = np.flatnonzero(times[1:] - times[:-1] > GAP * SECOND) + 1
        for run in np.split(times, gaps) if len(gaps) else (times,):
            if len(run) >= least[owner]:
                yield _Proposal(owner, middle, float(run[0]), float(run[-1]), len(run))


def _on_one_line(one: Heard, other: Heard) -> bool:
    if (one.item, one.speed) != (other.item, other.speed) or other.start > one.end:
        return False
    offsets = [heard.start - heard.reference_start / heard.speed for heard in (one, other)]
    return abs(offsets[1] - offsets[0]) * SECOND <= WITHIN


def _both(one: Heard, other: Heard) -> Heard:
    """From where the first begins to where the later ends, with the evidence of the longer."""
    longer, later = (
        max(one, other, key=lambda heard: heard.end - heard.start),
        max(one, other, key=lambda heard: heard.end),
    )
    return replace(
        longer, start=one.start, reference_start=one.reference_start, end=later.end, reference_end=later.reference_end
    )


def strongest(found: list[Heard]) -> list[Heard]:
    """One moment of the programme has one instance of an item: the strongest, joined of its parts."""
    kept: list[Heard] = []
    for one in sorted(joined(found, lambda heard: heard.start, _on_one_line, _both), key=lambda heard: -heard.peaks):
        shared = (min(one.end, other.end) - max(one.start, other.start) for other in kept if other.item == one.item)
        if max(shared, default=-1.0) < 0.3 * (one.end - one.start):
            kept.append(one)
    return sorted(kept, key=lambda heard: (heard.start, heard.item))
