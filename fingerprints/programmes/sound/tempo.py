"""At which speed and pitch a sound may run in a programme: a ladder to propose by, and the rungs between.

Speed and pitch go together (a tape, 24 frames shown as 25), or one of them is kept, as editing programs do; or it
runs backwards.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fingerprints.prints.landmarks import Peaks
from fingerprints.programmes.sound.coincidence import SECOND, Places, steps_of

__all__ = ["TRIED", "VARIANTS", "Variant", "fitted"]

STEP = (25 / 24) ** (1 / 3)
"""From one rung to the next: landmarks agree to half of it, and 24 frames as 25 are a rung."""
RUNGS = tuple(STEP**rung for rung in (-4, -3, -2, -1, 1, 2, 3, 4))
"""To 5.6 % up and 5.3 % down: a semitone is within half a step of the last."""
SNAP = 0.0015
"""Part of a speed within which it is taken for one that is usual."""
_USUAL = (1.0, 24 / 25, 25 / 24)
_FITS = ((1.0, 0.008, 0.001), (4.0, 0.002, 0.0005), (10.0, 0.0008, 0.0002))
"""Seconds around a proposal in which its peaks are asked, how far the speed may be off, and in which steps."""
TRIED = 20
"""Speeds and pitches that are tried in the place of one, about."""
PLAUSIBLE = 10.0
"""Nats that the agreement of what proposes a sound must have at the least: what is found at last has three times as
many."""
_NEAR = np.arange(-3, 4)


@dataclass(frozen=True, slots=True)
class Variant:
    """Of a sound in a programme."""

    speed: float = 1.0
    """Below 0 it runs backwards."""
    pitch: float = 1.0

    @property
    def is_plain(self) -> bool:
        """Neither another speed nor another pitch; backwards or not."""
        return abs(self.speed) == 1.0 and self.pitch == 1.0


VARIANTS = (
    Variant(),
    *(Variant(rung, rung) for rung in RUNGS),
    *(Variant(rung, 1.0) for rung in RUNGS),
    *(Variant(1.0, rung) for rung in RUNGS),
    Variant(-1.0, 1.0),
)


def fitted(
    places: Places, sound: Peaks, variant: Variant, offset: float, first: float, last: float
) -> tuple[Variant, float] | None:
    """The speed, pitch and offset near a rung at which most peaks agree; none where no more agree than by chance.

    Offset, first and last are spectra. What runs at neither another speed nor another pitch is left as it is.
    """
    middle = (first + last) / 2
    for reach, farthest, step in _FITS[: 1 if variant.is_plain else None]:
        sides = first - reach * SECOND, last + reach * SECOND
        steps = 0 if variant.is_plain else round(farthest / step)
        more = np.asarray(1 + step * _by_nearness(steps), np.float64)
        speeds = variant.speed * (more if variant.speed != 1.0 else np.ones(len(more)))
        pitches = variant.pitch * (more if variant.pitch != 1.0 else np.ones(len(more)))
        # It turns about the middle of what proposed it.
        offsets = np.asarray(middle - (middle - offset) * abs(variant.speed) / np.abs(speeds), np.float64)
        peaks = sound.moved(speed=np.sign(variant.speed), pitch=1.0)
        counts, asked = _agreeing(places, peaks, np.abs(speeds), pitches, offsets, sides)
        row, near = np.unravel_index(int(counts.argmax()), counts.shape)
        if _nats(int(counts[row, near]), asked * places.density) < PLAUSIBLE:
            return None
        variant = Variant(float(speeds[row]), float(pitches[row]))
        offset = float(offsets[row]) + float(_NEAR[near])
    return _usual(variant, offset, middle)


def _usual(variant: Variant, offset: float, middle: float) -> tuple[Variant, float]:
    """At a speed that is usual, where that is about what was found."""
    usual = next((speed for speed in _USUAL if abs(variant.speed / speed - 1) < SNAP), variant.speed)
    pitch = usual if variant.pitch == variant.speed else variant.pitch
    return Variant(usual, pitch), middle - (middle - offset) * variant.speed / usual


def _agreeing(
    places: Places,
    sound: Peaks,
    speeds: NDArray[np.float64],
    pitches: NDArray[np.float64],
    offsets: NDArray[np.float64],
    sides: tuple[float, float],
) -> tuple[NDArray[np.int64], int]:
    """How many peaks between the sides agree, at each speed and each of the nearest offsets; and of how many."""
    ends = np.array([(side - offsets[0]) * speeds[0] for side in sides], np.float32)
    low, high = np.searchsorted(sound.times, ends).tolist()
    times = np.rint(sound.times[low:high] / speeds[:, None] + offsets[:, None]).astype(np.int64)
    bins = steps_of(sound.bins[low:high] * pitches[:, None].astype(np.float32))
    return places.count(times[:, None] + _NEAR[:, None], bins[:, None]), high - low


def _nats(count: int, mean: float) -> float:
    """How much less likely than the mean so many are."""
    return count * float(np.log(count / mean)) - count + mean if count > mean else 0.0


def _by_nearness(steps: int) -> NDArray[np.int64]:
    """0, −1, 1, −2, …: of equals the nearest counts."""
    every = np.arange(-steps, steps + 1)
    return np.asarray(every[np.argsort(np.abs(every), kind="stable")])
