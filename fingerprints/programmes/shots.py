"""Where one camera position ends and the next begins, and which frames are flat or black, without content.

A cut is a frame whose hash and levels both jump, far more than those of the frames around it. A flash or a violent move
may give one cut too many; that costs nothing, because matches are followed over it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fingerprints.index.index import distances
from fingerprints.model import Hashes
from fingerprints.prints.quality import GATE

__all__ = ["AROUND", "Changes", "Shot", "changes", "cuts", "nearest_cut"]

AROUND = 5
"""Frames on either side that a jump is compared with."""
BITS = 64
"""Of 256 that a cut changes at least; two unrelated pictures differ by about 128."""
TIMES = 2.5
"""How far a cut's jump is over the middle jump around it."""
LEVELS = 2.0
"""Grey levels by which a cut changes a pixel on average, at least."""
FLAT_LEVELS = 12.0
"""The same, where one side of the cut is flat and its hash has no content."""


@dataclass(frozen=True, slots=True)
class Shot:
    """Rows of a programme's frames, `end` not included."""

    first: int
    end: int


@dataclass(frozen=True, slots=True, eq=False)
class Changes:
    """How each frame differs from the one before it, all rows in step. The first row of all differs by nothing."""

    bits: NDArray[np.float32]
    levels: NDArray[np.float32]
    flat: NDArray[np.bool_]

    def __getitem__(self, rows: slice) -> Changes:
        return Changes(self.bits[rows], self.levels[rows], self.flat[rows])

    def then(self, later: Changes) -> Changes:
        """These, and after them those."""
        bits, levels = np.concatenate([self.bits, later.bits]), np.concatenate([self.levels, later.levels])
        return Changes(bits, levels, np.concatenate([self.flat, later.flat]))


def changes(hashes: Hashes, greys: NDArray[np.uint8], qualities: NDArray[np.float32]) -> Changes:
    """Of N frames; the first of them is only the others' context."""
    bits = np.zeros(len(hashes), np.float32)
    bits[1:] = distances(hashes[1:], hashes[:-1])
    levels = np.zeros(len(hashes), np.float32)
    levels[1:] = np.abs(greys[1:].astype(np.int16) - greys[:-1]).mean(axis=(1, 2))
    return Changes(bits, levels, qualities < GATE)


def cuts(seen: Changes) -> NDArray[np.bool_]:
    """True where a shot begins."""
    count = len(seen.bits)
    if count < 2:
        return np.zeros(count, bool)
    padded = np.pad(seen.bits, AROUND, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * AROUND + 1)
    usual = np.median(np.delete(windows, AROUND, axis=1), axis=1)
    jumps = (seen.bits >= BITS) & (seen.bits >= TIMES * usual) & (seen.levels >= LEVELS)
    flat = seen.flat.copy()
    flat[1:] |= seen.flat[:-1]
    found = np.where(flat, seen.levels >= FLAT_LEVELS, jumps)
    found[0] = False
    return np.asarray(found, bool)


def nearest_cut(starts: NDArray[np.int64], row: int, reach: int) -> int | None:
    """The start of a shot (or the end of all) nearest to a row, if it lies within reach."""
    if not len(starts):
        return None
    best = int(starts[np.abs(starts - row).argmin()])
    return best if abs(best - row) <= reach else None
