"""A programme read in parts, by as many workers, that is exactly what one reading of it gives.

Parts begin and end at stretches. Each decodes a batch more on either side: by these its shots are found, and what two
parts decoded of them must be the same. Rule: where anything is not as it must be, nothing is made of the parts.
"""

from __future__ import annotations

import pickle
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from fingerprints.prints import phash
from fingerprints.programmes.programme import Programme, assemble, rate_of_picture, strides
from fingerprints.programmes.reading.pictures import BATCH, STRETCH, ProgrammeReading, ReadPictures, ReadSound
from fingerprints.programmes.samples import GUISE, Sample, Spool
from media.decode import EVERY_FRAME, Wish, decode
from media.errors import Malformed
from media.probe import probe
from media.seeking.seams import ProgrammePart, cut_programme
from media.work.meter import report_share

__all__ = ["join_parts", "parts_of", "read_part", "read_sound"]

MOST: Final = 4
"""Stretches of a part at most: at 24 frames a second nearly three minutes, of which a fifteenth is decoded twice."""
_CLOSE: Final = 0.002
"""Seconds by which a time differs from what the sample tables state for being in milliseconds."""


@dataclass(frozen=True, slots=True, eq=False)
class _Own:
    """What was read of a part's own frames; its pictures are by themselves. Pickled."""

    seen: ReadPictures
    jpegs: tuple[bytes, ...]
    """The picture of each sample."""
    seams: tuple[tuple[str, ...], tuple[str, ...]]
    """Digests of the batches on both sides of its begin and of its end."""


def parts_of(path: Path, workers: int) -> tuple[ProgrammePart, ...]:
    """The parts in which so many workers read a movie; empty where one reads it."""

    def choose(count: int) -> int:
        return STRETCH * min(MOST, max(1, -(-count // (workers * STRETCH))))

    return cut_programme(path, choose, BATCH) if workers > 1 else ()


def read_part(path: Path, part: ProgrammePart) -> bytes:
    """Read a part of a movie, for `join_parts`. Raises `MediaError` where it is not as its sample tables state."""
    said = probe(path)
    rate, _ = rate_of_picture(said.first("video"))
    stride, every = strides(rate, EVERY_FRAME)
    before, until = -(-part.first // stride), -(-(part.first + len(part.shown)) // stride)
    reading = ProgrammeReading(False, every, first=part.first, larger=before)
    lasts = max(float(part.shown[-1] - part.shown[0]), 1.0)
    for block in decode(path, Wish(sound=False, stride=stride, part=part, origin=part.origin), said):
        reading.take(block)
        report_share((block.seconds - float(part.shown[0])) / lasts)
    reading.close()
    seen = reading.pictures()
    if len(seen.times) != len(part.shown) or before + reading.larger != until:
        raise Malformed("it does not hold the pictures that its sample tables state")
    if np.abs(seen.times - part.shown).max() > _CLOSE + 0.5 / float(rate):  # FFmpeg counts in whole frames
        raise Malformed("its pictures are not shown when its sample tables state")
    return pickle.dumps(_own(seen, part, reading.digests))


def _own(seen: ReadPictures, part: ProgrammePart, digests: list[str]) -> _Own:
    """Of what was read, the part's own; rows and samples count from its first."""
    assert seen.spool is not None  # noqa: S101 - it was read here
    first, end, spool = part.begin - part.first, part.end - part.first, seen.spool
    rows = [sample.row for sample in seen.samples]
    low, high = bisect_left(rows, first), bisect_left(rows, end)
    asked = seen.asked[(seen.asked["sample"] >= low) & (seen.asked["sample"] < high)].copy()
    asked["sample"] -= low
    samples = seen.samples[low:high]
    at_end = (end - first + (BATCH if first else 0)) // BATCH
    own = ReadPictures(
        times=seen.times[first:end],
        low=np.array(seen.low[first:end]),
        hashes=np.array(seen.hashes[first:end]),
        flat=seen.flat[first:end],
        black=seen.black[first:end],
        starts=tuple(start - first for start in seen.starts if first <= start < end and (start or not part.first)),
        samples=tuple(replace(sample, row=sample.row - first) for sample in samples),
        asked=asked,
    )
    return _Own(
        own,
        tuple(spool.read(sample.place) for sample in samples),
        (tuple(digests[:2]) if first else (), tuple(digests[at_end - 1 : at_end + 1]) if end < len(seen.times) else ()),
    )


def read_sound(path: Path, part: ProgrammePart) -> bytes:
    """Read the sound of a movie that has this part, for `join_parts`. Raises `MediaError` where it is damaged."""
    reading = ProgrammeReading(False, 1)
    said = probe(path)
    if said.first("audio") is not None:
        for block in decode(path, Wish(picture=False, origin=part.origin), said):
            reading.take(block)
            report_share(block.seconds / said.duration if said.duration else 0.0)
    reading.close()
    heard = reading.sound()
    return pickle.dumps(replace(heard, waveform=np.array(heard.waveform)))


def join_parts(path: Path, parts: Iterable[Path], sound: Path) -> Programme:
    """The programme whose parts were read into files, in their order, and its sound into another.

    Raises `MediaError` where parts do not agree on what both have decoded.
    """
    joined = _Joined()
    seam: tuple[str, ...] = ()
    for file in parts:
        own: _Own = pickle.loads(file.read_bytes())  # noqa: S301 - from our own worker
        if own.seams[0] != seam:
            raise Malformed("two parts of it do not agree")
        seam = own.seams[1]
        joined.append(own)
    heard: ReadSound = pickle.loads(sound.read_bytes())  # noqa: S301 - from our own worker
    waveform = Spool()
    waveform.write(heard.waveform.tobytes())
    return assemble(path, probe(path), joined.pictures(), replace(heard, waveform=waveform.mapped(np.int16)))


class _Joined:
    """Parts one after the other; what grows with the length is in files without a name."""

    def __init__(self) -> None:
        self._low, self._hashes, self._asked, self._spool = Spool(), Spool(), Spool(), Spool()
        self._rows: list[ReadPictures] = []
        self._starts: list[int] = []
        self._samples: list[Sample] = []
        self._count = 0

    def append(self, own: _Own) -> None:
        """Add the next part."""
        seen, asked = own.seen, own.seen.asked.copy()
        self._low.write(seen.low.tobytes())
        self._hashes.write(seen.hashes.tobytes())
        asked["sample"] += len(self._samples)
        self._asked.write(asked.tobytes())
        self._starts += [start + self._count for start in seen.starts]
        for sample, jpeg in zip(seen.samples, own.jpegs, strict=True):
            self._samples.append(replace(sample, row=sample.row + self._count, place=self._spool.write(jpeg)))
        self._rows.append(replace(seen, low=seen.low[:0], hashes=seen.hashes[:0], asked=asked[:0], samples=()))
        self._count += len(seen.times)

    def pictures(self) -> ReadPictures:
        """All."""
        return ReadPictures(
            times=np.concatenate([one.times for one in self._rows]),
            low=self._low.mapped(np.float16, phash.LOW, phash.LOW),
            hashes=self._hashes.mapped(np.uint64, 4),
            flat=np.concatenate([one.flat for one in self._rows]),
            black=np.concatenate([one.black for one in self._rows]),
            starts=tuple(self._starts),
            samples=tuple(self._samples),
            asked=self._asked.mapped(GUISE),
            spool=self._spool,
        )
