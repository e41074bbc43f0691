"""Reads a programme as it is decoded: low frequencies, hashes, shots and samples of the picture, peaks of the sound.

Data that grow with the length go into temporary files without a name.
"""

from __future__ import annotations

from array import array
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from fingerprints.model import Hashes
from fingerprints.prints import phash
from fingerprints.prints.landmarks import Listener
from fingerprints.prints.quality import qualities
from fingerprints.programmes.samples import Sampler, Spool
from fingerprints.programmes.shots import AROUND, Changes, changes, cuts
from media.decode import Large, Small, Sound

__all__ = ["LOW_SCALE", "ProgrammeReading", "frame_numbers"]

BLACK = 24
"""Mean level under which a flat frame is black: video black is 16."""
LOW_SCALE = 128
"""Low frequencies are stored over this, to fit into 16 bits."""
_BATCH = 128


class ProgrammeReading:
    """The results of the decoder, taken in batches; complete once it is closed."""

    def __init__(self, reference: bool, every: int) -> None:
        """Of a `reference`, samples are kept as what is looked for; one larger frame of `every` is sampled."""
        self.anything = False
        self.times = array("d")
        self._batch: list[NDArray[np.uint8]] = []
        self.low, self.hashes, self.spool = Spool(), Spool(), Spool()
        self.flat: list[NDArray[np.bool_]] = []
        self.black: list[NDArray[np.bool_]] = []
        self._last: tuple[Hashes, NDArray[np.uint8], NDArray[np.float32]] | None = None
        # The changes of rows whose shot is not yet told, and the few before them; the first is row `_seen_at`.
        self._seen = Changes(np.zeros(0, np.float32), np.zeros(0, np.float32), np.zeros(0, np.bool_))
        self._seen_at = 0
        self.starts = [0]
        self._told = 1
        self.sampler = Sampler(self.times, self.spool, reference, every)
        self.waveform = Spool()
        self.listener = Listener(self.waveform.write)

    def take(self, block: Small | Large | Sound) -> None:
        """One block of the decoder, in its order."""
        self.anything = True
        if isinstance(block, Sound):
            self.listener.take(block.seconds, block.samples)
        elif isinstance(block, Large):
            self.sampler.take(block)
        else:
            self.times.append(block.seconds)
            self._batch.append(block.grey)
            if len(self._batch) == _BATCH:
                self._hash()
                self._cut(AROUND)

    def close(self) -> None:
        """No more blocks come."""
        if self._batch:
            self._hash()
        self._cut(0)
        self.sampler.end(np.inf)
        self.listener.close()

    def _hash(self) -> None:
        """Low frequencies, hashes and changes of the batch."""
        greys = np.stack(self._batch)
        self._batch.clear()
        low = phash.coefficients(greys)
        self.low.write((low / LOW_SCALE).astype(np.float16).tobytes())
        hashes, quality = phash.bits_of(low), qualities(low)
        before = self._last or (hashes[0], greys[0], quality[0])
        now = (hashes, greys, quality)
        seen = changes(*(np.concatenate([one[None], many]) for one, many in zip(before, now, strict=True)))[1:]
        self._last = hashes[-1], greys[-1], quality[-1]
        self.hashes.write(hashes.tobytes())
        self.flat.append(seen.flat)
        self.black.append(seen.flat & (greys.mean(axis=(1, 2)) < BLACK))
        self._seen = self._seen.then(seen)

    def _cut(self, lag: int) -> None:
        """Close the shots that have ended. The last `lag` rows are not told before what follows them is known."""
        found = cuts(self._seen)
        end = self._seen_at + len(found) - lag
        for row in np.flatnonzero(found) + self._seen_at:
            if self._told <= row < end:
                self.sampler.end(self.times[row])
                self.starts.append(int(row))
        self._told = max(self._told, end)
        keep = max(0, self._told - AROUND - self._seen_at)
        self._seen, self._seen_at = self._seen[keep:], self._seen_at + keep
        self.sampler.ease(self.times[self._told - 1] if self._told <= len(self.times) else np.inf)


def frame_numbers(seconds: NDArray[np.float64], rate: Fraction) -> NDArray[np.int64]:
    """Frame numbers: one after the other where the rate is kept, else by the clock of the rate."""
    rows = np.arange(len(seconds), dtype=np.int64)
    if not len(rows) or np.abs(seconds - rows / float(rate)).max() < max(0.5 / float(rate), 0.002):
        return rows
    return np.rint(seconds * float(rate)).astype(np.int64)
