"""Reads a programme as it is decoded: low frequencies, hashes, shots and samples of the picture, peaks of the sound.

Data that grow with the length go into temporary files without a name. Rule: what is kept of a frame depends on nothing
but the frames of its stretch and of the batches beside it, so that parts of a programme can be read apart.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fingerprints.model import Hashes
from fingerprints.prints import phash
from fingerprints.prints.landmarks import Listener
from fingerprints.prints.quality import qualities
from fingerprints.programmes.samples import Sample, Sampler, Spool
from fingerprints.programmes.shots import AROUND, Changes, changes, cuts
from media.decode import Large, Small, Sound
from media.digest import digest_bytes

__all__ = ["BATCH", "LOW_SCALE", "STRETCH", "ProgrammeReading", "ReadPictures", "ReadSound", "frame_numbers"]

BLACK = 24
"""Mean level under which a flat frame is black: video black is 16."""
LOW_SCALE = 128
"""Low frequencies are stored over this, to fit into 16 bits."""
BATCH: Final = 128
"""Frames that are hashed together, counted from the programme's first."""
STRETCH: Final = 1024
"""Frames that are sampled by themselves, counted from the programme's first: each part of a long shot."""


@dataclass(frozen=True, slots=True, eq=False)
class ReadPictures:
    """What was read of frames one after the other, all rows in step."""

    times: NDArray[np.float64]
    low: NDArray[np.float16]
    hashes: Hashes
    flat: NDArray[np.bool_]
    black: NDArray[np.bool_]
    starts: tuple[int, ...]
    """Rows at which shots begin; the programme's first frame begins one."""
    samples: tuple[Sample, ...]
    asked: NDArray[np.void]
    """Variants of the samples."""
    spool: Spool | None = None
    """Pictures of the samples, where they are at hand."""


@dataclass(frozen=True, slots=True, eq=False)
class ReadSound:
    """What was read of the sound."""

    listener: Listener
    waveform: NDArray[np.int16]
    """Its samples at `SOUND_RATE`."""


class ProgrammeReading:
    """The results of the decoder, taken in batches; complete once it is closed."""

    def __init__(self, reference: bool, every: int, *, first: int = 0, larger: int = 0) -> None:
        """Of a `reference`, samples are kept as what is looked for; one larger frame of `every` is sampled.

        `first` is the number of the first frame in its programme, and `larger` of its first larger frame among those.
        """
        self.anything, self.larger = False, 0
        self.digests: list[str] = []
        """Of the small frames of each batch."""
        self.times = array("d")
        self._batch: list[NDArray[np.uint8]] = []
        self._first = first
        self._low, self._hashes, self._spool = Spool(), Spool(), Spool()
        self._flat: list[NDArray[np.bool_]] = []
        self._black: list[NDArray[np.bool_]] = []
        self._last: tuple[Hashes, NDArray[np.uint8], NDArray[np.float32]] | None = None
        # The changes of rows whose shot is not yet told, and the few before them; the first is row `_seen_at`.
        self._seen = Changes(np.zeros(0, np.float32), np.zeros(0, np.float32), np.zeros(0, np.bool_))
        self._seen_at = 0
        self._starts = [0]
        self._told = 1
        self._sampler = Sampler(self.times, self._spool, reference, every, larger)
        self._waveform = Spool()
        self._listener = Listener(self._waveform.write)

    def take(self, block: Small | Large | Sound) -> None:
        """One block of the decoder, in its order."""
        self.anything = True
        if isinstance(block, Sound):
            self._listener.take(block.seconds, block.samples)
        elif isinstance(block, Large):
            self.larger += 1
            self._sampler.take(block)
        else:
            self.times.append(block.seconds)
            self._batch.append(block.grey)
            if (self._first + len(self.times)) % BATCH == 0:
                self._hash()
                self._cut(AROUND)

    def close(self) -> None:
        """No more blocks come."""
        if self._batch:
            self._hash()
        self._cut(0)
        self._sampler.end(np.inf)
        self._listener.close()

    def pictures(self) -> ReadPictures:
        """All that was read of the picture."""
        return ReadPictures(
            times=np.array(self.times),
            low=self._low.mapped(np.float16, phash.LOW, phash.LOW),
            hashes=self._hashes.mapped(np.uint64, 4),
            flat=np.concatenate([np.zeros(0, np.bool_), *self._flat]),
            black=np.concatenate([np.zeros(0, np.bool_), *self._black]),
            starts=tuple(self._starts) if self.times else (),
            samples=self._sampler.samples(),
            asked=self._sampler.asked(),
            spool=self._spool,
        )

    def sound(self) -> ReadSound:
        """All that was read of the sound."""
        return ReadSound(self._listener, self._waveform.mapped(np.int16))

    def _hash(self) -> None:
        """Low frequencies, hashes and changes of the batch."""
        greys = np.stack(self._batch)
        self._batch.clear()
        self.digests.append(digest_bytes(greys.tobytes()))
        low = phash.coefficients(greys)
        self._low.write((low / LOW_SCALE).astype(np.float16).tobytes())
        hashes, quality = phash.bits_of(low), qualities(low)
        before = self._last or (hashes[0], greys[0], quality[0])
        now = (hashes, greys, quality)
        seen = changes(*(np.concatenate([one[None], many]) for one, many in zip(before, now, strict=True)))[1:]
        self._last = hashes[-1], greys[-1], quality[-1]
        self._hashes.write(hashes.tobytes())
        self._flat.append(seen.flat)
        self._black.append(seen.flat & (greys.mean(axis=(1, 2)) < BLACK))
        self._seen = self._seen.then(seen)

    def _cut(self, lag: int) -> None:
        """Close the shots and stretches that have ended. The last `lag` rows are not told before what follows them is
        known."""
        found = cuts(self._seen)
        end = self._seen_at + len(found) - lag
        begins = (np.arange(len(found)) + self._seen_at + self._first) % STRETCH == 0
        for row in np.flatnonzero(found | begins) + self._seen_at:
            if self._told <= row < end:
                self._sampler.end(self.times[row])
                if found[row - self._seen_at]:
                    self._starts.append(int(row))
        self._told = max(self._told, end)
        keep = max(0, self._told - AROUND - self._seen_at)
        self._seen, self._seen_at = self._seen[keep:], self._seen_at + keep
        self._sampler.ease(self.times[self._told - 1] if self._told <= len(self.times) else np.inf)


def frame_numbers(seconds: NDArray[np.float64], rate: Fraction) -> NDArray[np.int64]:
    """Frame numbers: one after the other where the rate is kept, else by the clock of the rate."""
    rows = np.arange(len(seconds), dtype=np.int64)
    if not len(rows) or np.abs(seconds - rows / float(rate)).max() < max(0.5 / float(rate), 0.002):
        return rows
    return np.rint(seconds * float(rate)).astype(np.int64)
