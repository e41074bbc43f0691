"""What is heard of references in a programme: by peaks, by waveform, and not where peaks are missing in the open."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from fingerprints.prints.landmarks import WINDOW, Peaks
from fingerprints.programmes.programme import Programme
from fingerprints.programmes.sought import Query
from fingerprints.programmes.sound.absent import Levels
from fingerprints.programmes.sound.coincidence import SECOND, Places
from fingerprints.programmes.sound.echoes import LEAST, Echo, echoes
from fingerprints.programmes.sound.settled import settled
from fingerprints.programmes.sound.sounds import Heard, Sounds
from fingerprints.programmes.sound.tempo import Variant
from media.decode import SOUND_RATE

__all__ = ["Hearing"]

ALIKE = 0.1
"""Seconds by which the offsets of one instance may differ."""
SHARED = 0.3
"""Of the shorter of two, from which they are heard at one time."""
SURER = 2.0
"""Times its least agreement, with which a waveform leaves nothing to peaks at another offset."""
SURE = 3.0
"""The same, with which nothing can contradict it."""


class Hearing:
    """Items with sound that are looked for in one programme after the other."""

    def __init__(self, items: Sequence[Query]) -> None:
        self._peaks = [item.sound or Peaks(np.zeros(0, np.float32), np.zeros(0, np.float32), 0.0) for item in items]
        self._signs = [item.signs() for item in items]
        self._sounds = Sounds(self._peaks)

    def heard(self, programme: Programme) -> list[Heard]:
        """All instances; one moment of the programme has one instance of an item."""
        places = Places(programme.peaks)
        levels = Levels(programme.waveform, programme.sound_start, places)
        seconds = [peaks.seconds for peaks in self._peaks]
        by_waveform = [self._of_echo(one) for one in echoes(programme.flat_sound(), self._signs, seconds)]
        found = merged(self._sounds.heard(programme.peaks, places), by_waveform)
        return [
            settled(programme.waveform, programme.sound_start, self._signs[one.item], seconds[one.item], one) or one
            for one, is_sure in found
            if is_sure or not self._is_contradicted(levels, one)
        ]

    def _of_echo(self, echo: Echo) -> Heard:
        return Heard(
            echo.item, echo.start, echo.end, echo.start - echo.offset, echo.end - echo.offset, Variant(),
            round(echo.score), LEAST, by_waveform=True,
        )  # fmt: skip

    def _is_contradicted(self, levels: Levels, one: Heard) -> bool:
        variant = one.variant
        sound = self._peaks[one.item].moved(speed=variant.speed, pitch=variant.pitch)
        begin = one.reference_start if variant.speed > 0 else self._peaks[one.item].seconds - one.reference_end
        offset = (one.start - begin / abs(variant.speed)) * SECOND
        return levels.contradict(sound, offset, one.start, one.end - WINDOW / 2 / SOUND_RATE)


def merged(by_peaks: Sequence[Heard], by_waveform: Sequence[Heard]) -> Iterator[tuple[Heard, bool]]:
    """Both as one, and whether that is sure. Where both found it, the waveform says from when to when."""
    taken: set[int] = set()
    for one in by_peaks:
        rows = [row for row, other in enumerate(by_waveform) if other.item == one.item and _shared(one, other) > 0]
        along = [row for row in rows if _is_along(one, by_waveform[row])]
        across = [row for row in rows if row not in along and _shared(one, by_waveform[row]) > SHARED]
        if along:
            taken |= set(along)
            start, end = min(by_waveform[row].start for row in along), max(by_waveform[row].end for row in along)
            # Peaks may reach farther, unless there it is heard again: a loop.
            before = [
                by_waveform[row].end for row in rows if row not in along and by_waveform[row].end <= start + ALIKE
            ]
            behind = [
                by_waveform[row].start for row in rows if row not in along and by_waveform[row].start >= end - ALIKE
            ]
            start, end = min(start, max([one.start, *before])), max(end, min([one.end, *behind]))
            yield _cut(one, start, end), True
        elif all(_is_weaker(by_waveform[row], one) for row in across):
            taken |= set(across)
            yield one, False
    yield from ((one, one.peaks >= SURE * LEAST) for row, one in enumerate(by_waveform) if row not in taken)


def _is_along(one: Heard, other: Heard) -> bool:
    return one.variant == other.variant and abs(one.offset - other.offset) <= ALIKE


def _is_weaker(wave: Heard, other: Heard) -> bool:
    """Whether a waveform agrees only where one note of the same sound does, at another speed or pitch."""
    if other.variant == Variant():
        return False
    return wave.peaks < SURER * LEAST or 2 * (wave.end - wave.start) < other.end - other.start


def _shared(one: Heard, other: Heard) -> float:
    """Of the shorter."""
    shared = min(one.end, other.end) - max(one.start, other.start)
    return shared / max(min(one.end - one.start, other.end - other.start), 1e-6)


def _cut(one: Heard, start: float, end: float) -> Heard:
    return replace(one, start=start, end=end, reference_start=start - one.offset, reference_end=end - one.offset)
