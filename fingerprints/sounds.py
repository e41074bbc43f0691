"""Sound that is heard again: by landmarks under speech and at other speeds, by Chromaprint as it is.

Every reference is asked at several speeds, with its pitch gone along and kept. What agrees in time by
chance is estimated from the hits themselves; a segment needs far more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fingerprints.algorithms.landmarks import HOP, Landmarks, Peaks, landmarks
from fingerprints.decode import SOUND_RATE

__all__ = ["CLEAR", "MOMENTS", "VARIANTS", "Heard", "Sounds"]

SECOND = SOUND_RATE / HOP
"""Spectra."""
SPEEDS = (1.0, 24 / 25, 25 / 24)
VARIANTS = (*((speed, speed) for speed in SPEEDS), *((speed, 1.0) for speed in SPEEDS[1:]))
"""Speed and pitch of the reference in the programme."""
MOMENTS = 12
"""Different moments with the same landmark at the same distance that a segment needs at least."""
SLACK = 1.5
"""Spectra by which landmarks may be off."""
GAP = 4.0
"""Seconds without one that end a segment: speech may cover it for as long."""
SHORTEST = 1.0
DENSITY = 1.5
"""Moments a second of a segment, at least."""
CLEAR, BEYOND = 24, 1.6
"""Moments from which a segment stands by itself; with fewer it needs so many times what other offsets have there.

Music of nearly the same tempo agrees by its beat, but at every beat as well."""
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
    moments: int
    threshold: int


class Sounds:
    """The landmarks of many sounds, in all variants."""

    def __init__(self, items: Sequence[Peaks]) -> None:
        keys, times, owners = [np.zeros(0, np.uint32)], [np.zeros(0, np.float32)], [np.zeros(0, np.int32)]
        for number, peaks in enumerate(items):
            for variant, (speed, pitch) in enumerate(VARIANTS):
                made = landmarks(peaks.moved(speed=speed, pitch=pitch))
                keys.append(made.keys)
                times.append(made.times)
                owners.append(np.full(len(made.keys), number * len(VARIANTS) + variant, np.int32))
        every = np.concatenate(keys)
        order = np.argsort(every, kind="stable")
        self._keys, self._times, self._owners = (
            every[order],
            np.concatenate(times)[order],
            np.concatenate(owners)[order],
        )

    def heard(self, programme: Peaks) -> list[Heard]:
        """All instances; one moment of the programme has one instance of an item."""
        asked = landmarks(programme)
        here, there, owners = self._pairs(asked)
        found: list[Heard] = []
        for owner in np.unique(owners):
            rows = owners == owner
            found += _instances(int(owner), here[rows], there[rows], programme.seconds)
        return _strongest(found)

    def _pairs(self, asked: Landmarks) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.int32]]:
        low, high = (np.searchsorted(self._keys, asked.keys, side=side) for side in ("left", "right"))
        counts = high - low
        counts[counts > COMMON] = 0
        rows = np.repeat(np.arange(len(counts)), counts)
        within = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
        entries = low[rows] + within
        return asked.times[rows], self._times[entries], self._owners[entries]


def _instances(owner: int, here: NDArray[np.float32], there: NDArray[np.float32], seconds: float) -> Iterator[Heard]:
    offsets = (here - there).astype(np.float64)
    order = np.argsort(offsets)
    offsets, here, there = offsets[order], here[order], there[order]
    # How many agree by chance within the slack: the hits are spread over the whole programme.
    chance = len(offsets) * 2 * SLACK / max(seconds * SECOND, 1.0)
    least = int(max(MOMENTS, np.ceil(chance + 6 * np.sqrt(chance))))
    ends = np.searchsorted(offsets, offsets + 2 * SLACK, side="right")
    starts = np.arange(len(offsets))
    taken = np.zeros(len(offsets), bool)
    for row in np.argsort(starts - ends, kind="stable"):
        if ends[row] - row < least:
            break
        if taken[row]:
            continue
        taken[row : ends[row]] = True
        for heard in _runs(owner, here[row : ends[row]], there[row : ends[row]], least):
            elsewhere = np.abs(offsets - offsets[row : ends[row]].mean()) > 3 * SLACK
            during = elsewhere & (here >= heard.start * SECOND) & (here <= heard.end * SECOND)
            if heard.moments >= CLEAR or heard.moments >= BEYOND * _most(offsets[during]):
                yield heard


def _most(offsets: NDArray[np.float64]) -> int:
    """The most that agree, of offsets in order."""
    ends = np.searchsorted(offsets, offsets + 2 * SLACK, side="right")
    return int((ends - np.arange(len(offsets))).max(initial=0))


def _runs(owner: int, here: NDArray[np.float32], there: NDArray[np.float32], least: int) -> Iterator[Heard]:
    item, variant = divmod(owner, len(VARIANTS))
    speed = VARIANTS[variant][0]
    order = np.argsort(here, kind="stable")
    here, there = here[order], there[order]
    for run in np.split(np.arange(len(here)), np.flatnonzero(np.diff(here) > GAP * SECOND) + 1):
        moments = len(np.unique(here[run]))
        first, last = float(here[run[0]]), float(here[run[-1]])
        length = (last - first) / SECOND
        if moments < least or length < SHORTEST or moments < DENSITY * length:
            continue
        offset = float(np.median(here[run] - there[run]))
        yield Heard(
            item, first / SECOND, last / SECOND, (first - offset) * speed / SECOND, (last - offset) * speed / SECOND,
            speed, moments, least,
        )  # fmt: skip


def _strongest(found: list[Heard]) -> list[Heard]:
    kept: list[Heard] = []
    for one in sorted(found, key=lambda heard: -heard.moments):
        shared = (min(one.end, other.end) - max(one.start, other.start) for other in kept if other.item == one.item)
        if max(shared, default=-1.0) < 0.3 * (one.end - one.start):
            kept.append(one)
    return sorted(kept, key=lambda heard: (heard.start, heard.item))
