"""Parts of a programme and of a clip as tracks over time: from the stored data of every frame, or by a second look."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from fingerprints.prints import phash
from fingerprints.prints.cut_out import cut_out
from fingerprints.prints.views import WHOLE
from fingerprints.programmes.align import Alignment, FrameVectors, track
from fingerprints.programmes.geometries import Part
from fingerprints.programmes.placed import CLOSE, Placed
from fingerprints.programmes.programme import Programme
from fingerprints.programmes.segments import Region
from fingerprints.programmes.settling import REACH, SHORTEST
from fingerprints.programmes.steadied import tracked
from media.decode import Large, Small, Wish, decode
from media.errors import Malformed, MediaError
from media.still import Picture

__all__ = ["Tracks", "larger_again", "tracks_of", "vectors_of"]

AROUND = 300.0
"""Seconds of the clip, before and after, that a camera that stands still is compared with."""


@dataclass(frozen=True, slots=True, eq=False)
class Tracks:
    """What corresponds in a programme and in a clip, if the clip is seen."""

    here: FrameVectors
    there: FrameVectors
    row: int
    """Of the programme, at which its track begins."""


def tracks_of(
    programme: Programme, clip: Programme, line: Alignment, parts: tuple[Part, Region], margin: float, *, flip: bool
) -> Tracks | None:
    """The two about a line, `margin` seconds more on either side; nothing where too little can be looked at."""
    clock, (here, there) = programme.clock, parts
    whole = sorted((line.offset, line.offset + clip.seconds / line.speed))
    earliest = max(line.first - margin, whole[0] - 2 * REACH)
    latest = min(line.last + margin, whole[1] + 2 * REACH)
    first, end = np.searchsorted(clock, [min(earliest, line.first), max(latest, line.last) + 1e-6])
    if end - first < SHORTEST or not len(clip.numbers):
        return None
    around = AROUND if there == WHOLE else margin * max(1.0, abs(line.speed)) + 2 * REACH
    begin, stop = np.searchsorted(clip.clock, [line.there[0] - around, line.there[1] + around])
    try:
        own = vectors_of(programme, int(first), int(end), here, flip=flip, shown=(clip, line))
        other = vectors_of(clip, int(begin), int(stop), there)
    except MediaError:
        return None
    if min(len(own.times), len(other.times)) < SHORTEST:
        return None
    return Tracks(own, other, int(first))


def vectors_of(
    programme: Programme, first: int, end: int, part: Part, *, flip: bool = False,
    shown: tuple[Programme, Alignment] | None = None,
) -> FrameVectors:  # fmt: skip
    """Rows of a programme in a part of the frame, turned back if mirrored. Raises `MediaError`.

    A picture that does not stay in its place is followed by what is `shown`: a clip, along a line.
    """
    if end - first < 2:
        raise Malformed("nothing to look at")
    clock = programme.clock[first:end]
    if isinstance(part, Placed):
        return _straight(programme, first, end, part, shown)
    if part == WHOLE or programme.mode.quick:
        return _unflipped(track(clock, programme.low[first:end]), flip=flip)
    wish = replace(_wish(programme, first, end), large=0, crop=part)
    try:
        greys = [block.grey for block in decode(programme.medium, wish) if isinstance(block, Small)][: end - first]
    except MediaError:  # a library keeps clips whose files have gone
        return _unflipped(track(clock, cut_out(programme.low[first:end], part)), flip=flip)
    if not greys:
        raise Malformed("nothing to look at")
    return _unflipped(track(clock[: len(greys)], phash.coefficients(np.stack(greys))), flip=flip)


def _straight(
    programme: Programme, first: int, end: int, part: Placed, shown: tuple[Programme, Alignment] | None
) -> FrameVectors:
    """Rows straightened to where a picture lies."""
    seen = larger_again(programme, first, end, side=CLOSE)
    clock = programme.clock[first : first + len(seen)]
    if not part.stays and shown is not None:
        clip, line = shown
        part = tracked(seen, first, part, lambda row: clip.drawn((clock[row - first] - line.offset) * line.speed))
    straight = [part.straightened(grey, first + number) for number, grey in enumerate(seen)]
    if not straight:
        raise Malformed("nothing to look at")
    return track(clock, phash.coefficients(np.stack(straight)))


def larger_again(programme: Programme, first: int, end: int, *, side: int) -> list[Picture]:
    """These rows as grey, their longer side at `side` pixels; fewer where not all can be decoded. Raises
    `MediaError`."""
    wish = replace(_wish(programme, first, end), stride=1, large=side)
    return [block.grey for block in decode(programme.medium, wish) if isinstance(block, Large)][: end - first]


def _wish(programme: Programme, first: int, end: int) -> Wish:
    """What decodes the rows from `first` to `end`, which is not included, without their sound."""
    half, numbers = 0.5 / float(programme.rate), programme.numbers
    return Wish(
        sound=False,
        start=max(0.0, programme.seconds_of(first) - half),
        seconds=float((numbers[end - 1] - numbers[first]) / programme.rate) + 2 * half,
    )


def _unflipped(own: FrameVectors, *, flip: bool) -> FrameVectors:
    """A track of a mirrored clip turned back."""
    if not flip:
        return own
    signs = np.where(np.arange(phash.BITS) % phash.LOW % 2, -1, 1).astype(np.float32)
    return FrameVectors(own.times, own.values * signs)
