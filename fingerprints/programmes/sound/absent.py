"""Decides whether a sound that seems to be heard is contradicted: its peaks are missing where nothing covers them.

Another reading of a text by the same voice has many of its peaks at their places, and lacks others where nothing covers
them. Another sound over it adds to the level and removes nothing.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from fingerprints.prints.landmarks import HOP, WINDOW, Peaks, power_of
from fingerprints.programmes.sound.coincidence import SECOND, Places, steps_of
from media.decode import SOUND_RATE

__all__ = ["Levels"]

FEWEST, SURE = 12, 2.0
"""Peaks that agree at the least, and times as many as by chance, or nothing is known of how loud the sound is."""
NEIGHBOURS = 15
"""Agreeing peaks of about a frequency, that say how loud the sound is there."""
UNDER, MISSING, QUARTER = 3.0, 0.15, -2.6
"""Decibels under those that agree, at which a peak is missing and not covered; what part of all may be; and under what
the quarter of the others that lies lowest begins, where another recording is heard. Of the same recording in another
pitch or tempo it begins at −2, of other readings of its text at −3 to −10."""
FEW, HALF = 0.42, -0.8
"""Part of all that must agree where nothing lies over the sound: the lower half of the others is then under this."""
LONGEST = 60.0
"""Seconds that are looked at."""


class Levels:
    """How loud a programme is at places of its spectra."""

    def __init__(self, waveform: NDArray[np.int16], start: float, places: Places) -> None:
        """Samples at `SOUND_RATE`, the first of them `start` seconds after the programme's begin."""
        self._waveform, self._start, self._places = waveform, start, places

    def contradict(self, sound: Peaks, offset: float, first: float, end: float) -> bool:
        """Whether the peaks of a sound, `offset` spectra later, are missing in the open from one second to another."""
        if not len(self._waveform) or not len(sound.levels):
            return False
        sides = np.array([first * SECOND - offset, min(end, first + LONGEST) * SECOND - offset], np.float32)
        low, high = np.searchsorted(sound.times, sides).tolist()
        times = np.rint(sound.times[low:high] + np.float32(offset)).astype(np.int64)
        bins = sound.bins[low:high]
        agree = self._places.agree(times, steps_of(bins), np.array([0, -1, 1])) if high > low else np.zeros((3, 0))
        step = int(agree.sum(axis=1).argmax())
        times, met = times + (0, -1, 1)[step], agree[step] > 0
        if met.sum() < max(FEWEST, SURE * self._places.density * len(met)):
            return False
        gain = self._at(times, np.rint(bins).astype(np.int64)) - sound.levels[low:high]
        over, inside = _beside(gain, bins, met)
        unmet = over[inside & ~met]
        if not len(unmet):
            return False
        quarter, half = np.percentile(unmet, [25, 50])
        missing = float((unmet < -UNDER).sum()) / float(inside.sum())
        return bool((missing > MISSING and quarter < QUARTER) or (half < HALF and met.mean() < FEW))

    def _at(self, times: NDArray[np.int64], bins: NDArray[np.int64]) -> NDArray[np.float32]:
        """Decibels about places."""
        shift = round(self._start * SOUND_RATE / HOP)
        first = max(0, int(times.min()) - shift - 2)
        samples = self._waveform[first * HOP : (int(times.max()) - shift + 3) * HOP + WINDOW]
        padded = np.pad(samples.astype(np.float32) / np.float32(32768), (0, WINDOW)).astype(np.float32)
        levels = 10 * np.log10(power_of(padded) + 1e-10)
        levels = ndimage.maximum_filter(levels, (3, 3))
        rows = np.clip(times - shift - first, 0, len(levels) - 1)
        return np.asarray(levels[rows, np.clip(bins, 0, levels.shape[1] - 1)], np.float32)


def _beside(
    gain: NDArray[np.float32], bins: NDArray[np.float32], met: NDArray[np.bool_]
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Gains over the usual one of those that agree at about their frequency; and which lie among these."""
    rows = np.flatnonzero(met)
    rows = rows[np.argsort(bins[rows], kind="stable")]
    usual = ndimage.median_filter(gain[rows], NEIGHBOURS, mode="nearest")
    low, high = np.percentile(bins[rows], [3, 97])
    return gain - np.interp(bins, bins[rows], usual).astype(np.float32), (bins >= low) & (bins <= high)
