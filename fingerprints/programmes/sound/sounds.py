"""Sound that is heard again, under speech and at other speeds: landmarks propose where, all peaks decide.

Every reference is asked at several speeds, with its pitch gone along and kept. Few landmarks suffice to propose
an offset, for they settle nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from fingerprints.prints.landmarks import KEYS, Landmarks, Peaks, landmarks
from fingerprints.programmes.align import joined
from fingerprints.programmes.sound.coincidence import BINS, FINE, RIVALS, SECOND, Places, coincidences
from fingerprints.programmes.sound.tempo import TRIED, VARIANTS, Variant, fitted

__all__ = ["MOMENTS", "Heard", "Sounds", "strongest"]

FEWEST, MOMENTS, ENOUGH, SIGMAS = 4, 5, 18, 8
"""Different moments with the same landmark at the same distance that propose a sound as it is, and at another speed or
pitch; where there is much chance, so many times its spread over it, up to the third: a loop looks like chance."""
UNEVEN = 3.0
"""Times as many landmarks agree by chance where there is music as in the mean: fewer than that propose nothing."""
WITHIN = 3.0
"""Spectra within which distances are the same."""
GAP = 4.0
"""Seconds without one that end a run of them: speech may cover it for as long."""
REACH = 30.0
"""Seconds before and after a run in which all peaks are asked."""
SHORTEST, CHANGED, MOST_OF = 1.0, 2.5, 0.5
"""Seconds of a sound at the least, and at another speed or pitch, unless this part of its peaks agrees: a word in a new
tempo is anyone's."""
EXPECTED = 1e-3
"""Segments that a whole search may have by chance."""
ANOTHER, LESS, SHARED = 0.4, 0.6, 0.4
"""Another take has fewer of its own peaks than the first, fewer than the second times the right one's, and more than
the third of them are the right one's."""
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
    variant: Variant
    peaks: int
    threshold: float
    asked: int = 0
    """Peaks of the reference from start to end."""
    cells: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64), compare=False, repr=False)
    """Where the agreeing ones lie in the programme, as a `Coincidence` has them."""
    by_waveform: bool = False
    """Whether its waveform was found and not its peaks: they are then how far it stands out, in times its spread."""

    @property
    def speed(self) -> float:
        """Of the reference in the programme; below 0 it is heard backwards."""
        return self.variant.speed

    @property
    def offset(self) -> float:
        """Seconds of the programme at which the reference's first would be heard, or backwards its last."""
        first = self.reference_start if self.speed > 0 else -self.reference_end
        return self.start - first / abs(self.speed)


@dataclass(frozen=True, slots=True)
class _Proposal:
    """Spectra: an item's distance from the programme, and from when to when in the programme it is seen."""

    item: int
    variant: Variant
    offset: float
    first: float
    last: float
    moments: int


class Sounds:
    """The landmarks of many sounds. A programme is asked for them as it would be at every speed and pitch."""

    def __init__(self, items: Sequence[Peaks]) -> None:
        self._items = items
        keys, times, owners = [np.zeros(0, np.uint32)], [np.zeros(0, np.float32)], [np.zeros(0, np.int32)]
        for owner, item in enumerate(items):
            made = landmarks(item)
            keys.append(made.keys)
            times.append(made.times)
            owners.append(np.full(len(made.keys), owner, np.int32))
        every = np.concatenate(keys)
        order = np.argsort(every, kind="stable")
        # From the first entry of a key to that of the next: no search.
        self._starts = np.concatenate([[0], np.cumsum(np.bincount(every, minlength=KEYS))]).astype(np.int32)
        self._times, self._owners = np.concatenate(times)[order], np.concatenate(owners)[order]

    def heard(self, programme: Peaks, places: Places | None = None) -> list[Heard]:
        """All instances; one moment of the programme has one instance of an item. `places` are the programme's."""
        places = places or Places(programme)
        places_tried = len(self._items) * max(programme.seconds * SECOND, 1.0)
        found: list[Heard] = []
        proposals = (one for variant in VARIANTS for one in self._proposals(programme, variant))
        for one in sorted(proposals, key=lambda one: -one.moments):
            if not any(_explains(other, one) for other in found):
                # Half of the errors that are allowed are for what runs as it is, where far less is tried.
                tried = 1 if one.variant == Variant() else (len(VARIANTS) - 1) * TRIED
                found += self._weighed(places, one, EXPECTED / (2 * places_tried * tried))
        kept = strongest(found)
        return [one for one in kept if not any(_is_rival(one, other) for other in kept)]

    def _proposals(self, programme: Peaks, variant: Variant) -> Iterator[_Proposal]:
        """Where in the programme an item may run so, by its landmarks."""
        asked = programme.moved(speed=1 / variant.speed, pitch=1 / variant.pitch)
        pairs = self._pairs(landmarks(asked))
        fewest = FEWEST if variant == Variant() else MOMENTS
        for item, offset, first, last, moments in _proposals(*pairs, max(asked.seconds * SECOND, 1.0), fewest):
            if variant.speed > 0:
                speed = variant.speed
                yield _Proposal(item, variant, offset / speed, first / speed, last / speed, moments)
            else:
                whole = programme.seconds * SECOND
                begin = whole - self._items[item].seconds * SECOND - offset
                yield _Proposal(item, variant, begin, whole - last, whole - first, moments)

    def _pairs(self, asked: Landmarks) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.int32]]:
        low = self._starts[asked.keys]
        counts = self._starts[asked.keys + 1] - low
        counts[counts > COMMON] = 0
        rows = np.repeat(np.arange(len(counts)), counts)
        within = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
        entries = low[rows] + within
        return asked.times[rows], self._times[entries], self._owners[entries]

    def _weighed(self, places: Places, one: _Proposal, chance: float) -> Iterator[Heard]:
        item = self._items[one.item]
        fit = fitted(places, item, one.variant, one.offset, one.first, one.last)
        if fit is None:
            return
        variant, offset = fit
        sound, speed = item.moved(speed=variant.speed, pitch=variant.pitch), abs(variant.speed)
        sides = (one.first - REACH * SECOND, one.last + REACH * SECOND)
        ends = np.array([side - offset for side in sides], np.float32)
        first, end = np.searchsorted(sound.times, ends).tolist()
        # At another speed or pitch there are many more ways to fit: there a loop is no excuse.
        rivals = RIVALS if one.variant == Variant() else 100
        for stretch in coincidences(places, sound, slice(first, end), offset, chance, rivals):
            start, stop = stretch.start / SECOND, stretch.end / SECOND
            is_short = not one.variant.is_plain and stretch.agreeing < MOST_OF * stretch.asked
            if stop - start < (CHANGED if is_short else SHORTEST):
                continue
            there = (start * speed, stop * speed)
            if variant.speed < 0:
                there = (item.seconds - there[1], item.seconds - there[0])
            yield Heard(
                one.item, start + offset / SECOND, stop + offset / SECOND, *there, variant,
                stretch.agreeing, stretch.least, stretch.asked, stretch.cells,
            )  # fmt: skip


def _is_rival(one: Heard, other: Heard) -> bool:
    """Whether another reference explains what agrees with one, and far more: one is another take of the same line.

    What is hidden among other sounds agrees where nothing else does; of copies neither explains far more.
    """
    start, end = max(one.start, other.start), min(one.end, other.end)
    if one.item == other.item or 2 * (end - start) < one.end - one.start or one.peaks > ANOTHER * one.asked:
        return False
    mine, others = (heard.cells[(heard.cells >= _cell(start)) & (heard.cells < _cell(end))] for heard in (one, other))
    if not len(mine) or len(mine) > LESS * len(others):
        return False
    around = (others[:, None] + _ABOUT).ravel()
    return float(np.isin(mine, around).mean()) > SHARED


def _cell(seconds: float) -> float:
    return seconds * SECOND * BINS


_ABOUT = np.array([row * BINS + step for row in range(-2, 3) for step in range(-FINE, FINE + 1)], np.int64)


def _explains(one: Heard, other: _Proposal) -> bool:
    """Whether what was found leaves nothing to a proposal: it is sure, or of the same speed."""
    if one.item != other.item or not one.start <= (other.first + other.last) / 2 / SECOND <= one.end:
        return False
    return one.peaks > 2 * one.threshold or not other.variant.is_plain


def _proposals(
    here: NDArray[np.float32], there: NDArray[np.float32], owners: NDArray[np.int32], spectra: float, fewest: int
) -> Iterator[tuple[int, float, float, float, int]]:
    """Owner, distance, first and last moment, and moments of landmarks that agree in distance."""
    chance = np.bincount(owners) * WITHIN * UNEVEN / spectra
    here, there, owners = _gathered(here, there, owners, fewest)
    offsets = (here - there).astype(np.float64)
    # One line for all owners, so far from each other that none reaches into the next.
    line = offsets + owners * (2 * np.abs(offsets).max(initial=0) + 2 * WITHIN)
    order = np.argsort(line)
    line, offsets, here, owners = line[order], offsets[order], here[order], owners[order]
    ends = np.searchsorted(line, line + WITHIN, side="right")
    counts = ends - np.arange(len(line))
    least = np.clip(chance + SIGMAS * np.sqrt(chance), fewest, ENOUGH)
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
                yield owner, middle, float(run[0]), float(run[-1]), len(run)


def _gathered(
    here: NDArray[np.float32], there: NDArray[np.float32], owners: NDArray[np.int32], fewest: int
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.int32]]:
    """Those that have enough others about their distance: most have none, and sorting them would cost the most."""
    place = (np.floor((here - there) / WITHIN).astype(np.int64) + owners.astype(np.int64) * _SPREAD) % _PLACES
    counts = np.bincount(place, minlength=_PLACES)
    about = counts + np.roll(counts, 1) + np.roll(counts, -1)
    rows = np.flatnonzero(about[place] >= fewest)
    return here[rows], there[rows], owners[rows]


_PLACES, _SPREAD = 1 << 22, 2_654_435
"""Places that counts share, and from one item's to the next's."""


def _on_one_line(one: Heard, other: Heard) -> bool:
    if (one.item, one.variant) != (other.item, other.variant) or other.start > one.end:
        return False
    return abs(other.offset - one.offset) * SECOND <= WITHIN


def _both(one: Heard, other: Heard) -> Heard:
    """From where the first begins to where the later ends, with the evidence of the longer."""
    longer, later = (
        max(one, other, key=lambda heard: heard.end - heard.start),
        max(one, other, key=lambda heard: heard.end),
    )
    low, high = (one, later) if one.speed > 0 else (later, one)
    return replace(
        longer, start=one.start, end=later.end, reference_start=low.reference_start, reference_end=high.reference_end
    )


def strongest(found: list[Heard]) -> list[Heard]:
    """One moment of the programme has one instance of an item: the strongest, joined of its parts."""
    kept: list[Heard] = []
    for one in sorted(joined(found, lambda heard: heard.start, _on_one_line, _both), key=lambda heard: -heard.peaks):
        shared = (min(one.end, other.end) - max(one.start, other.start) for other in kept if other.item == one.item)
        if max(shared, default=-1.0) < 0.3 * (one.end - one.start):
            kept.append(one)
    return sorted(kept, key=lambda heard: (heard.start, heard.item))
