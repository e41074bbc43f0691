"""Where a programme may be cut into parts that decode to exactly the pictures of one decode of all.

That is so for ISO and QuickTime movies only, whose sample tables state every picture's time, and there for codecs of
key frames alone, and for H.264 and HEVC from pictures that no later one is predicted across (IDR and IRAP). A key frame
of an open group in H.264 is none: later pictures may refer to what is before it. Other containers state no time for
each picture, or are searched for a place by trial, and other codecs may refer across key frames: they are decoded in
one go. Whoever decodes a part compares the times of its pictures with those that are stated here.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from math import inf
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from media.containers.sample_times import picture_times
from media.errors import MediaError
from media.probe import opened, stream_of
from media.seeking.entry import is_entry, is_known, length_bytes

__all__ = ["LONGEST_SECONDS", "ProgrammePart", "cut_programme"]

LONGEST_SECONDS: Final = 12 * 3600
"""What comes later is not decoded."""

_EARLIER: Final = 0.131
"""Seconds by which FFmpeg seeks before a time where pictures are not decoded in the order of showing."""
_KEYS: Final = 2
"""Key frames before a time, one of which a seek to it finds."""


@dataclass(frozen=True, slots=True, eq=False)
class ProgrammePart:
    """Pictures one after the other, in the order of showing. Numbers count from the movie's first picture."""

    begin: int
    """The number of its first own picture, and of the one after its last."""
    end: int
    first: int
    """The number of the first picture that is decoded: some before and after its own are, too."""
    shown: NDArray[np.float64]
    """Seconds at which each of the decoded ones is shown."""
    origin: float
    """Seconds at which the movie begins, on its own clock; `shown` counts from there."""
    between: tuple[float, float]
    """Seconds between the picture before the first and the first, and between the last and the one after it; infinite
    where there is none."""


@dataclass(frozen=True, slots=True, eq=False)
class _Movie:
    """What decides where it may be cut."""

    path: Path
    codec: str
    unit: int
    """Bytes of the length before each unit of a picture."""
    shown: NDArray[np.float64]
    keys: NDArray[np.int64]
    """N × 3, of key frames: ticks, place, size."""
    ticks: float
    """Seconds of one."""
    begin: float
    """Of the file, on the clock of the ticks."""


def cut_programme(path: Path, choose: Callable[[int], int], margin: int) -> tuple[ProgrammePart, ...]:
    """The parts of a movie. `choose` gives the pictures of each from the number of all; `margin` more are
    decoded before and after it.

    Empty where one of the seams would not be exact, where nothing states it, or where there is one part only.
    """
    try:
        movie = _look(path)
        if movie is None or movie.shown[-1] > LONGEST_SECONDS:
            return ()
        count = len(movie.shown)
        edges = [*range(0, max(1, count - margin), max(margin, choose(count))), count]
        parts = tuple(_part(movie, begin, end, margin) for begin, end in pairwise(edges))
        is_exact = len(parts) > 1 and all(_is_exact(movie, part.between[0]) for part in parts if part.first)
    except (MediaError, OSError):
        return ()
    return parts if is_exact else ()


def _part(movie: _Movie, begin: int, end: int, margin: int) -> ProgrammePart:
    shown = movie.shown
    first, last = max(0, begin - margin), min(len(shown), end + margin)
    before = float(shown[first - 1] + shown[first]) / 2 if first else -inf
    after = float(shown[last - 1] + shown[last]) / 2 if last < len(shown) else inf
    return ProgrammePart(begin, end, first, shown[first:last], movie.begin, (before, after))


def _look(path: Path) -> _Movie | None:
    with opened(path) as container, path.open("rb") as file:
        stream = next((one for one in container.streams if stream_of(one).kind == "video"), None)
        if stream is None or "mov" not in container.format.name.split(",") or not stream.time_base:
            return None
        codec, extradata = stream.codec_context.name, bytes(stream.codec_context.extradata or b"")
        if not is_known(codec):
            return None
        shown = picture_times(file, os.fstat(file.fileno()).st_size)
        if shown is None or len(shown) != len(stream.index_entries):
            return None
        begin = (container.start_time or 0) / 1e6
        first = float((stream.start_time or 0) * stream.time_base) - begin
        keys = [(one.timestamp, one.pos, one.size) for one in stream.index_entries if one.is_keyframe]
        return _Movie(
            path, codec, length_bytes(codec, extradata), shown + first, np.array(keys, np.int64).reshape(-1, 3),
            float(stream.time_base), begin,
        )  # fmt: skip


def _is_exact(movie: _Movie, seconds: float) -> bool:
    """Whether decoding from wherever a seek to a time leads gives the pictures from then on as a decode of all does."""
    ends = movie.keys[:, 0] * movie.ticks - movie.begin
    before = movie.keys[ends <= seconds][-_KEYS:]
    if not len(before) or ends[0] > seconds - _EARLIER:
        return False
    with movie.path.open("rb") as file:
        return all(is_entry(file, place, size, movie.codec, movie.unit) for _, place, size in before.tolist())
