"""A fingerprint of sound that survives speech over it: pairs of spectral peaks. After Wang, "An Industrial-Strength
Audio Search Algorithm", ISMIR 2003.

A peak is a point of the spectrogram that is loudest in its neighbourhood after each band's own level is subtracted, so
that sound above or between the speech counts as much as the speech. A pair of peaks (two frequencies and the time
between) is a landmark; the same music gives the same landmarks at the same distance in time, whatever is mixed over it.
Changed speed is found by a query with moved peaks, not with resampled sound.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import fft, ndimage

from fingerprints.prints.steady import levels_of, sounding
from media.decode import SOUND_RATE

__all__ = ["HOP", "KEYS", "NAME", "VERSION", "WINDOW", "Landmarks", "Listener", "Peaks", "landmarks", "power_of"]

NAME = "landmarks"
VERSION = 1

WINDOW = 1024
"""Samples of one spectrum: 85 ms."""
HOP = 256
"""Samples from one spectrum to the next: 21 ms."""
ACROSS = 7
"""Spectra on either side of a peak that are not louder: 0.15 s."""
UP = 10
"""Bins above and below a peak that are not louder: 117 Hz."""
LOWEST, HIGHEST = 10, 500
"""Bins in which peaks are taken: 117 Hz to 5.9 kHz."""
FLOOR = -75.0
"""Decibels of full scale under which there is silence."""
OVER = 4.0
"""Decibels that a peak is over its band's level of the last and next seconds."""

FAN = 8
"""Pairs that a peak begins."""
NEAREST, FARTHEST = 2, 60
"""Spectra from a pair's first peak to its second: 0.04 to 1.3 s."""
WIDEST = 120
"""Bins between the two."""

LINEAR = 72.0
"""Bins below which frequencies are distinguished by bin, and above which by 1 / 72: 0.84 kHz."""

KEYS = 1 << 22
"""Different keys of landmarks."""

_BLOCK = SOUND_RATE * 20
_LEVEL = 94
"""Spectra over which a band's level is taken: 2 s."""


@dataclass(frozen=True, slots=True, eq=False)
class Peaks:
    """Peaks in the order of time, all rows in step."""

    times: NDArray[np.float32]
    """Spectra from the start."""
    bins: NDArray[np.float32]
    """Frequency in bins of `SOUND_RATE` / `WINDOW`, with its fraction."""
    seconds: float
    """Length of the sound."""
    levels: NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, np.float32))
    """Decibels of full scale; none where they were not kept."""

    def moved(self, *, speed: float, pitch: float) -> Peaks:
        """The peaks of the same sound at `speed` (backwards below 0), with frequencies multiplied by `pitch`."""
        times, bins = self.times / np.float32(abs(speed)), self.bins * np.float32(pitch)
        seconds, levels = self.seconds / abs(speed), self.levels
        if speed < 0:
            times, bins = np.float32(seconds * SOUND_RATE / HOP - WINDOW / HOP) - times[::-1], bins[::-1]
            levels = levels[::-1]
        return Peaks(times, bins, seconds, levels)


@dataclass(frozen=True, slots=True, eq=False)
class Landmarks:
    """Pairs of peaks in no order, both columns in step."""

    keys: NDArray[np.uint32]
    times: NDArray[np.float32]
    """Of the first peak, in spectra."""


class Listener:
    """Receives sound as it is decoded, and keeps its peaks."""

    def __init__(self, keep: Callable[[bytes], object] | None = None) -> None:
        """`keep` is given the samples, 16 bits each, without a hole from the first that is heard."""
        self._keep = keep
        self._buffer = np.zeros(0, np.float32)
        self._heard = 0
        """Samples before the buffer."""
        self._start: float | None = None
        self._times: list[NDArray[np.float32]] = []
        self._bins: list[NDArray[np.float32]] = []
        self._loud: list[NDArray[np.float32]] = []
        self._levels: list[NDArray[np.float16]] = []
        self._parts: list[NDArray[np.float32]] = []
        self._size = 0

    def take(self, seconds: float, samples: NDArray[np.int16]) -> None:
        """Receive samples of a time of the file; a gap before them is silence."""
        self._start = seconds if self._start is None else self._start
        hole = round((seconds - self._start) * SOUND_RATE) - self._heard - len(self._buffer) - self._size
        if SOUND_RATE // 20 < hole < SOUND_RATE * 60:
            self._add(np.zeros(hole, np.int16))
        self._add(samples)

    def close(self) -> None:
        """End the sound. From then on it can be pickled."""
        self._work(last=True)
        self._keep = None

    def peaks(self, origin: float) -> Peaks:
        """All, in time after `origin` seconds of the file."""
        shift = ((self._start or 0.0) - origin) * SOUND_RATE / HOP
        times = np.concatenate([np.zeros(0, np.float32), *self._times]) + np.float32(shift)
        bins = np.concatenate([np.zeros(0, np.float32), *self._bins])
        seconds = (self._heard + len(self._buffer)) / SOUND_RATE if self._start is not None else 0.0
        return Peaks(times, bins, seconds, np.concatenate([np.zeros(0, np.float32), *self._loud]))

    def start(self, origin: float) -> float:
        """Seconds after `origin` at which the first sample is."""
        return (self._start or 0.0) - origin

    def sounding(self, origin: float) -> NDArray[np.bool_]:
        """For each spectrum after `origin`: whether it is more than silence, one tone or room tone."""
        heard = sounding(np.concatenate([levels_of(np.zeros((0, HIGHEST + UP), np.float32)), *self._levels]))
        shift = round(((self._start or 0.0) - origin) * SOUND_RATE / HOP)
        return np.pad(heard, (max(0, shift), 0))[max(0, -shift) :]

    def _add(self, samples: NDArray[np.int16]) -> None:
        if self._keep is not None:
            self._keep(samples.astype("<i2").tobytes())
        self._parts.append(samples.astype(np.float32) / np.float32(32768))
        self._size += len(samples)
        if self._size >= _BLOCK:
            self._work(last=False)

    def _work(self, *, last: bool) -> None:
        """Peaks of all that has its neighbourhood on both sides."""
        self._buffer = np.concatenate([self._buffer, *self._parts])
        self._parts, self._size = [], 0
        margin = _LEVEL // 2 + ACROSS
        count = 1 + (len(self._buffer) - WINDOW) // HOP
        first = 0 if self._heard == 0 else margin
        end = count if last else count - margin
        if end <= first:
            return
        power = power_of(self._buffer)
        self._levels.append(levels_of(power[first:end]).astype(np.float16))
        times, bins, loud = _peaks(power, first, end)
        self._loud.append(loud)
        self._times.append(times + np.float32(self._heard / HOP))
        self._bins.append(bins)
        drop = max(0, end - margin) * HOP
        self._buffer, self._heard = self._buffer[drop:].copy(), self._heard + drop


def power_of(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Spectra of samples, 1 is full scale: power, a row each."""
    frames = np.lib.stride_tricks.sliding_window_view(samples, WINDOW)[::HOP]
    window = np.hanning(WINDOW).astype(np.float32)
    spectra = np.abs(fft.rfft(frames * window, axis=1)[:, : HIGHEST + UP])
    return np.asarray((spectra / np.float32(WINDOW / 4)) ** 2, np.float32)


def _peaks(power: NDArray[np.float32], first: int, end: int) -> tuple[NDArray[np.float32], ...]:
    """Times, bins and levels of the spectra `first` to `end`; those around them are neighbourhood."""
    levels = 10 * np.log10(power + 1e-12).astype(np.float32)
    usual = ndimage.uniform_filter1d(np.maximum(levels, FLOOR - 20), _LEVEL, axis=0, mode="nearest")
    usual = ndimage.uniform_filter1d(usual, 2 * UP, axis=1, mode="nearest")
    over = levels - usual
    most = ndimage.maximum_filter1d(ndimage.maximum_filter1d(over, 2 * ACROSS + 1, axis=0), 2 * UP + 1, axis=1)
    loud = (over >= most) & (over >= OVER) & (levels >= FLOOR)
    loud[:first] = loud[end:] = False
    loud[:, :LOWEST] = loud[:, HIGHEST:] = False
    times, bins = np.nonzero(loud)
    below, here, above = (levels[times, bins + step] for step in (-1, 0, 1))
    bend = below - 2 * here + above
    shift = np.where(bend < -1e-3, np.clip(0.5 * (below - above) / np.minimum(bend, -1e-3), -0.5, 0.5), 0)
    return times.astype(np.float32), (bins + shift).astype(np.float32), here


def _notes(bins: NDArray[np.float32]) -> NDArray[np.int64]:
    """Frequencies in steps of a bin where they are low and of 1.4 % where they are high, 0 to 255.

    A sound that runs at a speed between two that are tried has most of its landmarks still.
    """
    high = np.log(np.maximum(bins, LINEAR) / LINEAR) * LINEAR
    return np.asarray(np.clip(np.rint(np.minimum(bins, LINEAR) + high), 0, 255), np.int64)


def landmarks(peaks: Peaks, *, fan: int = FAN) -> Landmarks:
    """Each peak with the `fan` nearest that follow it in its zone."""
    order = np.lexsort((peaks.bins, peaks.times))
    times, bins = peaks.times[order], peaks.bins[order]
    taken, notes = np.zeros(len(times), np.int64), _notes(bins)
    keys, starts = [np.zeros(0, np.uint32)], [np.zeros(0, np.float32)]
    for step in range(1, min(len(times), 160)):
        later = np.rint(times[step:] - times[:-step]).astype(np.int64)
        wide = np.abs(bins[step:] - bins[:-step]) <= WIDEST
        good = (later >= NEAREST) & (later <= FARTHEST) & wide & (taken[:-step] < fan)
        rows = np.flatnonzero(good)
        taken[rows] += 1
        keys.append(((notes[rows] << 14) | (notes[rows + step] << 6) | later[rows]).astype(np.uint32))
        starts.append(times[rows])
        if not (later <= FARTHEST).any():
            break
    return Landmarks(np.concatenate(keys), np.concatenate(starts))
