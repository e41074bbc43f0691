"""Where sound is steady and without content: silence, one tone, or room tone. All else sounds.

Levels are taken from each spectrum while it is in memory, and judged in consecutive half seconds.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["Levels", "levels_of", "sounding"]

BANDS = np.array([2, 6, 10, 15, 20, 26, 33, 41, 51, 63, 78, 96, 118, 145, 180, 230, 300, 390])
"""First bins of the bands: 23 Hz to 6 kHz."""
BESIDE = 3
"""Bins beside a tone's that are its window's."""
SILENT = -62.0
"""Decibels of full scale under which there is silence."""
ONE = 0.97
"""Part of the energy that a single clean tone has at least."""
SAME = 1
"""Bins by which a tone may move."""
ROOM, RESTLESS = -38.0, 2.0
"""Highest level of room tone in decibels, and by how many its bands vary about their mean of half a second."""
BLOCK = 24
"""Spectra that are judged at once: half a second."""
LEAST = 4
"""Blocks, at the least, of a tone or of room tone: a note is shorter."""

Levels = NDArray[np.float32]
"""A row a spectrum: decibels of each band, of all, the loudest bin and its part of the energy."""


def levels_of(power: NDArray[np.float32]) -> Levels:
    """Levels of spectra: power over full scale, a row each."""
    heard = power[:, BANDS[0] :]
    bands = np.add.reduceat(power, BANDS, axis=1)
    whole = bands.sum(axis=1)
    top = heard.argmax(axis=1) + BANDS[0]
    sums = np.cumsum(np.pad(power, ((0, 0), (1, 0))), axis=1)
    rows = np.arange(len(power))
    last = np.minimum(top + BESIDE + 1, power.shape[1])
    tone = sums[rows, last] - sums[rows, np.maximum(top - BESIDE, 0)]
    decibels = 10 * np.log10(np.column_stack([bands, whole]) + 1e-12)
    return np.column_stack([decibels, top, tone / np.maximum(whole, 1e-12)]).astype(np.float32)


def sounding(levels: Levels) -> NDArray[np.bool_]:
    """Of each spectrum, whether it is more than silence, a tone or room tone."""
    count = -(-len(levels) // BLOCK)
    kinds = np.array([_kind(levels[block * BLOCK : (block + 1) * BLOCK]) for block in range(count)], np.int64)
    for kind in (_TONE, _STEADY):
        same = kinds == kind
        edges = np.flatnonzero(np.diff(np.concatenate([[False], same, [False]]).astype(np.int8)))
        for first, end in edges.reshape(-1, 2).tolist():
            if end - first < LEAST:
                kinds[first:end] = _SOUNDS
    return np.repeat(kinds == _SOUNDS, BLOCK)[: len(levels)]


_SOUNDS, _SILENT, _TONE, _STEADY = range(4)


def _kind(block: Levels) -> int:
    """Of half a second. Where a tone begins or ends inside of it, what is not silent counts."""
    loud = block[block[:, -3] > SILENT]
    if not len(loud):
        return _SILENT
    top, share = loud[:, -2], loud[:, -1]
    if float((share >= ONE).mean()) >= 0.8 and float((np.abs(top - np.median(top)) <= SAME).mean()) >= 0.8:
        return _TONE
    bands = block[:, :-3]
    if float(block[:, -3].max()) <= ROOM and float(np.median(np.std(_smooth(bands), axis=0))) <= RESTLESS:
        return _STEADY
    return _SOUNDS


def _smooth(bands: Levels) -> Levels:
    """Means of four spectra: noise in a narrow band moves by itself."""
    even = bands[: len(bands) // 4 * 4]
    return even.reshape(-1, 4, bands.shape[1]).mean(axis=1) if len(even) else bands
