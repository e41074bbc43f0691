"""A fingerprint of sound by its waveform, for a recording at its own speed: the signs of its samples.

First the spectrum is flattened, each moment and frequency to one level: another sound hides it only where it is louder.
The phases remain; a recording shares all of them with itself and none with another. Flattening is that of Knapp and
Carter, "The Generalized Correlation Method for Estimation of Time Delay", 1976.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from media.decode import SOUND_RATE

__all__ = ["RATE", "flattened", "opened", "signs"]

RATE = 6_000
"""Samples a second that are compared."""
WINDOW = 512
"""Samples that are flattened at once: 43 ms."""
LOWEST, HIGHEST = 150, 2900
"""Hertz that are kept."""
QUIET = 3e-4
"""Amplitude, of full scale in a bin, under which a sound counts for less and less: digital silence has no phase."""
LEVEL = 40.0
"""Of 127: the root mean square of flat samples."""

_HOP = WINDOW // 2
_STEP = _HOP * RATE // SOUND_RATE
_BLOCK = 1 << 13
"""Spectra at once."""


def flattened(samples: NDArray[np.int16]) -> NDArray[np.int8]:
    """Samples at `SOUND_RATE` as flat ones at `RATE`: about `LEVEL` where anything is heard, 0 in silence."""
    count = -(-len(samples) // _HOP)
    made = [np.zeros(0, np.int8)]
    window = np.sin(np.pi * (np.arange(WINDOW, dtype=np.float32) + 0.5) / WINDOW)
    hertz = np.arange(_STEP + 1) * SOUND_RATE / WINDOW
    kept = (hertz >= LOWEST) & (hertz <= HIGHEST)
    # Unit spectra of so many bins have this level before and behind the window.
    scale = LEVEL * 2 * _STEP / np.sqrt(2 * kept.sum())
    before = np.zeros(_STEP, np.float32)
    for first in range(0, count, _BLOCK):
        frames = min(_BLOCK, count - first)
        part = np.zeros((frames + 1) * _HOP, np.float32)
        taken = samples[first * _HOP : (first + frames + 1) * _HOP]
        part[: len(taken)] = taken.astype(np.float32) / 32768
        spectra = fft.rfft(np.lib.stride_tricks.sliding_window_view(part, WINDOW)[::_HOP] * window, axis=1)
        spectra = spectra[:, : len(hertz)]
        spectra /= np.abs(spectra) + QUIET * WINDOW / 4
        spectra[:, ~kept] = 0
        waves = fft.irfft(spectra, axis=1) * window[:: SOUND_RATE // RATE]
        ahead = np.concatenate([before[None], waves[:-1, _STEP:]])
        before = waves[-1, _STEP:]
        made.append(np.clip(np.rint((waves[:, :_STEP] + ahead) * scale), -127, 127).astype(np.int8).ravel())
    return np.concatenate(made)


def signs(flat: NDArray[np.int8]) -> NDArray[np.uint8]:
    """One bit for each sample."""
    return np.packbits(flat >= 0)


def opened(packed: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The same as 1 and −1."""
    return np.unpackbits(np.asarray(packed)).astype(np.float32) * 2 - 1
