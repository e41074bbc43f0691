"""The frames of a programme that are looked up: in every variant, by the bars of their shot.

Their pictures are in a file without a name until they are needed again.
"""

from __future__ import annotations

import tempfile
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import DTypeLike, NDArray

from fingerprints.index.index import distances
from fingerprints.prints import phash, views
from fingerprints.prints.bars import Box, unbarred
from fingerprints.prints.lettering import unlettered
from fingerprints.prints.panels import panels
from fingerprints.prints.quality import GATE, qualities
from media.decode import Large
from media.still import Picture, jpeg

__all__ = ["GUISE", "LOOK_SECONDS", "Sample", "Sampler", "Spool"]

GUISE: Final = np.dtype([("sample", np.int32), ("mirrored", np.bool_), ("hash", np.uint64, 4)])
"""The variants of a sample: whole, without the bars of its shot, its centre, its panels, without large letters, each
also mirrored."""

NEW_BITS = 8
"""A frame nearer than this to the last sample shows nothing new."""
LOOK_SECONDS = 2.0
"""In a shot that lasts, a sample is compared by features every so often."""
OTHER_BITS, SOONER_SECONDS = 90, 0.6
"""A sample that differs so much from the last of those is compared so soon: a dissolve is no cut."""
FAINT = GATE / 3
"""Quality under which a frame is not looked at. What lies between is found by its features, never by its hash."""
_WAITING = 64
"""Larger frames that wait for the end of their shot, about."""
_FEW = 3
"""Samples of a shot at least: of a shorter one its first, middle and last larger frames are looked at."""


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """A frame that is looked up."""

    row: int
    windows: views.Views | None
    """How it is found, if the programme is a reference."""
    look: bool
    """Whether it represents its shot when features are compared."""
    box: Box | None
    """Inside the bars, in pixels of the sample's picture."""
    panels: tuple[Box, ...]
    """Pictures that may be inside this one."""
    place: tuple[int, int]


class Spool:
    """Bytes in a file without a name, which is removed with this object."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile(prefix="provscan-")  # noqa: SIM115 - lives as long as its owner
        self._end = 0

    def write(self, data: bytes) -> tuple[int, int]:
        """Write bytes; returns their place, for `read`."""
        self._file.seek(self._end)
        self._file.write(data)
        place = self._end, len(data)
        self._end += len(data)
        return place

    def read(self, place: tuple[int, int]) -> bytes:
        """Read the bytes of a place."""
        self._file.seek(place[0])
        return self._file.read(place[1])

    def mapped(self, dtype: DTypeLike, *row: int) -> NDArray[Any]:
        """All of it as rows of numbers, mapped and not read."""
        self._file.flush()
        every = np.memmap(self._file, dtype, "r") if self._end else np.zeros(0, dtype)
        return np.asarray(every).reshape(-1, *row)


class Sampler:
    """Looks at the larger frames, shot by shot: they share its bars."""

    def __init__(self, times: Sequence[float], spool: Spool, reference: bool, every: int = 1, first: int = 0) -> None:
        """`times` are those of the rows, and grow as they are read. One larger frame of `every` is looked at; `first`
        is the number of the first one that comes."""
        self._times, self._spool, self._reference, self._every = times, spool, reference, every
        self._guises = Spool()
        self._waiting: list[Large] = []
        self._taken, self._counted = first, 0
        self._asked: NDArray[np.uint64] | None = None
        self._looked = -np.inf
        self._seen: NDArray[np.uint64] | None = None
        self._found: list[Sample] = []

    def take(self, large: Large) -> None:
        """Take a larger frame."""
        self._waiting.append(large)

    def ease(self, until: float) -> None:
        """A long shot is sampled in parts."""
        if sum(large.seconds < until - 1e-4 for large in self._waiting) > _WAITING:  # in whatever order they came
            self._look(until)

    def end(self, until: float) -> None:
        """A shot, or a stretch of a long one, ends where the frame at `until` begins."""
        self._look(until, ends=True)
        self._asked, self._looked, self._counted = None, -np.inf, 0

    def samples(self) -> tuple[Sample, ...]:
        """All."""
        return tuple(self._found)

    def asked(self) -> NDArray[np.void]:
        """Every variant of the samples, a `GUISE` each."""
        return self._guises.mapped(GUISE)

    def _look(self, until: float, *, ends: bool = False) -> None:
        mine = [large for large in self._waiting if large.seconds < until - 1e-4]
        self._waiting = self._waiting[len(mine) :]
        if not mine:
            return
        shown = mine[:: self._every] if len(mine) > 4 * self._every else mine
        box = unbarred(np.max([large.grey for large in shown], axis=0))
        for number in self._chosen(len(mine), ends):
            large = mine[number]
            row = bisect_left(self._times, large.seconds - 1e-4)
            low = phash.coefficients(phash.small_grey(large.grey)[None])
            if row == len(self._times) or qualities(low)[0] < FAINT:
                continue
            own = phash.bits_of(low)
            new = self._asked is None or int(distances(own, self._asked)[0]) > NEW_BITS
            look = self._due(large.seconds, own)
            if look:
                self._looked, self._seen = large.seconds, own
            if new or look:
                self._asked = own
                around = [
                    mine[other].grey
                    for other in (number - self._every, number + self._every)
                    if 0 <= other < len(mine) and other != number
                ]
                self._found.append(self._sample(row, large.grey, around, box, look))

    def _chosen(self, count: int, ends: bool) -> list[int]:
        """Which of so many larger frames of one shot are looked at: every so many, of a short shot more."""
        first = self._taken
        self._taken += count
        chosen = [number for number in range(count) if (first + number) % self._every == 0]
        self._counted += len(chosen)
        if ends and self._counted < _FEW:
            return sorted({0, count // 2, count - 1})
        return chosen

    def _due(self, seconds: float, own: NDArray[np.uint64]) -> bool:
        """Whether features are to be compared: every so often, and sooner where all has changed without a cut."""
        since = seconds - self._looked
        if since >= LOOK_SECONDS or self._seen is None:
            return True
        return since >= SOONER_SECONDS and int(distances(own, self._seen)[0]) > OTHER_BITS

    def _sample(self, row: int, grey: Picture, around: list[Picture], box: Box | None, look: bool) -> Sample:
        laid = () if self._reference else panels([grey, *around])
        if not self._reference:
            self._guises.write(b"".join(one.tobytes() for one in _guises(len(self._found), grey, box, laid)))
        return Sample(
            row=row,
            windows=views.windows(grey if box is None else _cut_out(grey, box)) if self._reference else None,
            look=look,
            box=box,
            panels=laid,
            place=self._spool.write(jpeg(grey, quality=80)),
        )


def _cut_out(grey: Picture, box: Box) -> Picture:
    left, top, right, bottom = box
    return grey[top:bottom, left:right]


def _guises(sample: int, grey: Picture, box: Box | None, laid: tuple[Box, ...]) -> Iterator[NDArray[np.void]]:
    """As `views.queries`, by the bars of the shot, which a dark frame or a caption cannot hide; its panels; and
    without large letters."""
    asked = [(views.queries(grey), "whole" if box else "")]
    if box is not None:
        asked.append((views.queries(_cut_out(grey, box)), ""))
    asked += [(views.queries(_cut_out(grey, panel)), "whole") for panel in laid]
    if (bare := unlettered(grey)) is not None:
        asked.append((views.queries(bare), ""))
    for seen, only in asked:
        for name, bits in zip(seen.names, seen.hashes, strict=True):
            if name.startswith(only):
                yield np.array((sample, name.endswith("mirrored"), bits), GUISE)
