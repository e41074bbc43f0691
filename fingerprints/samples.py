"""The frames of a programme that are looked at closely: in every guise, by the bars of their shot.

Their pictures lie in a file without a name until they are needed again.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from fingerprints.algorithms import phash, views
from fingerprints.algorithms.bars import Box, unbarred
from fingerprints.algorithms.panels import panels
from fingerprints.algorithms.quality import GATE, qualities
from fingerprints.decode import Large
from fingerprints.index import distances
from fingerprints.model import Picture
from fingerprints.pictures import jpeg

__all__ = ["LOOK_SECONDS", "Sample", "Sampler", "Spool"]

NEW_BITS = 8
"""A frame nearer than this to the last sample shows nothing new."""
LOOK_SECONDS = 2.0
"""In a shot that lasts, a sample is compared by features every so often."""
OTHER_BITS, SOONER_SECONDS = 90, 0.6
"""A sample that differs so much from the last of those is compared so soon: a dissolve is no cut."""
FAINT = GATE / 3
"""Quality under which a frame is not looked at. What lies between is found by its features, never by its hash."""
_WAITING = 48
"""Larger frames that wait for the end of their shot, about."""


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """A frame that is looked at closely."""

    row: int
    guises: views.Views
    """How it is asked: whole, without the bars of its shot, its centre, its panels, each also mirrored."""
    windows: views.Views | None
    """How it is found, if the programme is a reference."""
    look: bool
    """Whether it stands for its shot when features are compared."""
    box: Box | None
    """Inside the bars, in pixels of the sample's picture."""
    panels: tuple[Box, ...]
    """Pictures that may lie in this one."""
    place: tuple[int, int]


class Spool:
    """Bytes in a file without a name, which goes with this object."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile(prefix="provscan-")  # noqa: SIM115 - lives as long as its owner
        self._end = 0

    def write(self, data: bytes) -> tuple[int, int]:
        """Where it lies: for `read`."""
        self._file.seek(self._end)
        self._file.write(data)
        place = self._end, len(data)
        self._end += len(data)
        return place

    def read(self, place: tuple[int, int]) -> bytes:
        """What was written there."""
        self._file.seek(place[0])
        return self._file.read(place[1])

    def mapped(self, shape: tuple[int, ...]) -> NDArray[np.float16]:
        """All of it as numbers, mapped and not read."""
        self._file.flush()
        return np.memmap(self._file, np.float16, "r", shape=shape) if shape[0] else np.zeros(shape, np.float16)


class Sampler:
    """Looks at the larger frames, shot by shot: they share its bars."""

    def __init__(self, spool: Spool, reference: bool) -> None:
        self._spool, self._reference = spool, reference
        self._waiting: list[Large] = []
        self._asked: NDArray[np.uint64] | None = None
        self._looked = -np.inf
        self._seen: NDArray[np.uint64] | None = None
        self._found: list[tuple[float, Sample]] = []

    def take(self, large: Large) -> None:
        """A larger frame."""
        self._waiting.append(large)

    def ease(self, until: float) -> None:
        """A shot that lasts is looked at in parts."""
        if len(self._waiting) > _WAITING:
            self._look(until)

    def end(self, until: float) -> None:
        """A shot ends where the frame at `until` begins."""
        self._look(until)
        self._asked, self._looked = None, -np.inf

    def samples(self, times: NDArray[np.float64]) -> tuple[Sample, ...]:
        """All, each with the row of its frame."""
        rows = np.searchsorted(times, [seconds - 1e-4 for seconds, _ in self._found])
        pairs = zip(rows, self._found, strict=True)
        return tuple(replace(sample, row=int(row)) for row, (_, sample) in pairs if row < len(times))

    def _look(self, until: float) -> None:
        mine = [large for large in self._waiting if large.seconds < until - 1e-4]
        self._waiting = self._waiting[len(mine) :]
        if not mine:
            return
        box = unbarred(np.max([large.grey for large in mine], axis=0))
        for number, large in enumerate(mine):
            low = phash.coefficients(phash.small_grey(large.grey)[None])
            if qualities(low)[0] < FAINT:
                continue
            own = phash.bits_of(low)
            new = self._asked is None or int(distances(own, self._asked)[0]) > NEW_BITS
            look = self._due(large.seconds, own)
            if look:
                self._looked, self._seen = large.seconds, own
            if new or look:
                self._asked = own
                around = [other.grey for other in (*mine[max(0, number - 1) : number], *mine[number + 1 : number + 2])]
                self._found.append((large.seconds, self._sample(large.grey, around, box, look)))

    def _due(self, seconds: float, own: NDArray[np.uint64]) -> bool:
        """Whether features are to be compared: every so often, and sooner where all has changed without a cut."""
        since = seconds - self._looked
        if since >= LOOK_SECONDS or self._seen is None:
            return True
        return since >= SOONER_SECONDS and int(distances(own, self._seen)[0]) > OTHER_BITS

    def _sample(self, grey: Picture, around: list[Picture], box: Box | None, look: bool) -> Sample:
        laid = () if self._reference else panels([grey, *around])
        return Sample(
            row=0,
            guises=_guises(grey, box, laid),
            windows=views.windows(grey if box is None else _cut_out(grey, box)) if self._reference else None,
            look=look,
            box=box,
            panels=laid,
            place=self._spool.write(jpeg(grey, quality=80)),
        )


def _cut_out(grey: Picture, box: Box) -> Picture:
    left, top, right, bottom = box
    return grey[top:bottom, left:right]


def _guises(grey: Picture, box: Box | None, laid: tuple[Box, ...]) -> views.Views:
    """As `views.queries`, by the bars of the shot, which a dark frame or a caption cannot hide; and its panels."""
    asked = [(views.queries(grey), "whole", "whole" if box else "")]
    if box is not None:
        asked.append((views.queries(_cut_out(grey, box)), "unbarred", ""))
    asked += [(views.queries(_cut_out(grey, panel)), "panel", "whole") for panel in laid]
    names: list[str] = []
    rows: list[tuple[NDArray[np.uint64], NDArray[np.float32]]] = []
    for seen, called, only in asked:
        kept = [row for row, name in enumerate(seen.names) if name.startswith(only)]
        names += [seen.names[row].replace("whole", called) for row in kept]
        rows.append((seen.hashes[kept], seen.qualities[kept]))
    hashes, quality = zip(*rows, strict=True)
    return views.Views(tuple(names), np.concatenate(hashes), np.concatenate(quality))
