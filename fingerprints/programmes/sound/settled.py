"""The sides of a recording that runs at another speed, or backwards: by its waveform, once found by peaks.

The programme is resampled to the speed of the reference. Peaks give that speed to a part in a thousand, waveforms
exactly.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from fingerprints.prints.waveform import RATE, flattened, opened
from fingerprints.programmes.sound.echoes import followed
from fingerprints.programmes.sound.sounds import Heard
from fingerprints.programmes.sound.tempo import Variant
from media.decode import SOUND_RATE

__all__ = ["settled"]

FARTHEST, STEP, FINE = 1e-3, 5e-5, 2e-5
"""How far the speed may be off, in which steps it is tried, and beside the best of them."""
MIDDLE = 8.0
"""Seconds about its middle by which the speed is found."""
REACH = 20.0
"""Seconds of the reference before and behind what peaks found, that are followed."""
LAGS = RATE // 8
"""Samples by which the place may be off."""
CLEAR = 12.0
"""Times its spread, at which a speed is the right one."""


def settled(
    waveform: NDArray[np.int16], start: float, packed: NDArray[np.uint8], seconds: float, one: Heard
) -> Heard | None:
    """The same with the speed and the sides of the waveform; nothing where it does not agree, or tells no more.

    `waveform` are the programme's samples at `SOUND_RATE`, the first `start` seconds after its begin.
    """
    speed, pitch = one.variant.speed, one.variant.pitch
    if not len(waveform) or not len(packed) or abs(speed) != pitch or speed == 1.0:
        return None
    reference = opened(packed)[: round(seconds * RATE)]
    middle = (one.reference_start + one.reference_end) / 2
    there = _there(one, middle)
    length = min(MIDDLE, one.reference_end - one.reference_start)

    def agreement(other: float) -> tuple[float, float, float]:
        score, late = _agreement(waveform, start, reference, (middle, length), there, other)
        return score, other, late

    rungs = range(1) if speed == -1.0 else range(-round(FARTHEST / STEP), round(FARTHEST / STEP) + 1)
    score, speed, late = max(agreement(speed * (1 + rung * STEP)) for rung in rungs)
    if speed != -1.0:
        score, speed, late = max(agreement(speed * (1 + rung * FINE)) for rung in (-1, 0, 1))
    if score < CLEAR:
        return None
    first, end = max(0.0, one.reference_start - REACH), min(seconds, one.reference_end + REACH)
    begin = there + late / abs(speed) * np.sign(speed) - (middle - first) / speed
    heard = _resampled(waveform, start, begin, end - first, speed)
    part = reference[round(first * RATE) : round(end * RATE)]
    # Silence before it, so that it may begin at once.
    found = list(followed(np.pad(heard, RATE), part, RATE, (0, len(part)), one.item))
    if not found:
        return None
    low = min(one.reference_start, first + min(echo.start for echo in found) - 1)
    high = max(one.reference_end, first + max(echo.end for echo in found) - 1)
    sides = sorted((begin + (low - first) / speed, begin + (high - first) / speed))
    variant = one.variant if abs(speed / one.speed - 1) < STEP else Variant(speed, speed)
    return replace(one, start=sides[0], end=sides[1], reference_start=low, reference_end=high, variant=variant)


def _there(one: Heard, moment: float) -> float:
    """Seconds of the programme at which a second of the reference is heard."""
    if one.speed > 0:
        return one.start + (moment - one.reference_start) / one.speed
    return one.start + (one.reference_end - moment) / -one.speed


def _agreement(
    waveform: NDArray[np.int16],
    start: float,
    reference: NDArray[np.float32],
    about: tuple[float, float],
    there: float,
    speed: float,
) -> tuple[float, float]:
    """Times its spread, how far the reference about a second agrees; and seconds that it lies later than thought."""
    middle, length = about
    first = max(0, round((middle - length / 2) * RATE))
    piece = reference[first : first + round(length * RATE)]
    margin = LAGS / RATE
    begin = there - (middle - first / RATE + margin) / speed
    heard = _resampled(waveform, start, begin, len(piece) / RATE + 2 * margin, speed).astype(np.float32)
    size = fft.next_fast_len(len(heard) + len(piece))
    agree = np.abs(fft.irfft(fft.rfft(heard, size) * np.conj(fft.rfft(piece, size)), size)[: 2 * LAGS])
    at = int(agree.argmax())
    return float(agree[at] / (np.sqrt((heard**2).sum()) + 1e-9)), (at - LAGS) / RATE


def _resampled(
    waveform: NDArray[np.int16], start: float, begin: float, seconds: float, speed: float
) -> NDArray[np.int8]:
    """So many seconds of the reference as they are heard, flat, from a second of the programme on."""
    count = round(seconds * SOUND_RATE)
    places = (begin - start) * SOUND_RATE + np.arange(count) / speed
    low, high = max(0, int(places.min()) - 1), min(len(waveform), int(places.max()) + 2)
    if high - low < 2:
        return np.zeros(round(seconds * RATE), np.int8)
    samples = np.interp(places, np.arange(low, high), waveform[low:high].astype(np.float32), left=0, right=0)
    return flattened(np.rint(samples).astype(np.int16))
