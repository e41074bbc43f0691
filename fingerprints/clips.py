"""Segments of clips: lines of hits, settled on the frames themselves in the geometry in which they are seen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from fingerprints import verify
from fingerprints.algorithms import phash
from fingerprints.align import ALIKE, SPEEDS, VOTES, Line, Seen, Track, extent, lines, settle, steady, track
from fingerprints.decode import Small, Wish, decode
from fingerprints.errors import MediaFault
from fingerprints.follow import Looks, corners
from fingerprints.programme import Programme
from fingerprints.segments import By, Region, Segment, pictured, region_of
from fingerprints.shots import nearest_cut
from fingerprints.sought import Item

__all__ = ["clip_segments"]

REACH = 1.5
"""Seconds about the vote in which the line is settled."""
FULL = 0.04
"""A region that leaves out less than this on any side is the whole frame."""
MARGIN = 6.0
"""Seconds before and after the hits that are looked at where the frame has to be decoded again."""
AROUND = 300.0
"""Seconds of the clip, before and after, that a camera that stands still is compared with."""
SNAP = 3
"""Frames from an edge to a cut that is then the edge."""
SHORTEST = 12
"""Frames of a segment at least."""

_WHOLE: Region = (0.0, 0.0, 1.0, 1.0)


def clip_segments(programme: Programme, looks: Looks, item: Item, seen: Seen, *, flip: bool) -> Iterator[Segment]:
    """Of one clip, as it is or mirrored."""
    clip = item.clip
    assert clip is not None  # noqa: S101 - only clips come here
    for line in lines(seen):
        here_box, there_box = _geometry(programme, looks, item, line, flip=flip)
        pair = _tracks(programme, clip, line, here_box, there_box, flip=flip)
        if pair is None:
            continue
        here, there, row = pair
        settled = max(_settled(here, there, line), key=_worth, default=None)
        if settled is None:
            continue
        first, end = extent(here, there, settled)
        first, end = _snapped(programme, first + row, end + row)
        if end - first < (SHORTEST if settled.votes >= VOTES else 2 * SHORTEST):
            continue
        begin, stop = ((programme.clock[edge] - settled.offset) * settled.speed for edge in (first, end - 1))
        yield Segment(
            **pictured(programme, first, end),  # type: ignore[arg-type]
            reference=item.name,
            reference_in=round(max(0.0, float(begin)), 4),
            reference_out=round(min(clip.seconds, float(stop) + settled.speed / float(programme.rate)), 4),
            speed=settled.speed,
            flip=flip,
            score=round(settled.score, 4),
            threshold=ALIKE,
            by=By.MOTION,
            region=here_box,
        )


def _worth(line: Line) -> float:
    """Agreement over length; real time wins where another speed hardly explains more."""
    usual = 1.0 if line.speed == 1.0 else 0.985 if abs(line.speed - 1) < 0.05 else 0.96
    return float(line.score * usual * (line.last - line.first) ** 0.5)


def _settled(here: Track, there: Track, line: Line) -> Iterator[Line]:
    """A line for every speed that it may have: settled about the vote, then on all frames that it explains.

    Where the camera stands still and the vote says nothing, any place and speed may be right.
    """
    still = steady(there, line)
    reach = max(REACH, there.times[-1] - there.times[0]) if still else REACH
    for speed in dict.fromkeys((line.speed, *SPEEDS)):
        found = _narrowed(here, there, line, reach, speed)
        if found is not None:
            yield found


def _narrowed(here: Track, there: Track, line: Line, reach: float, speed: float) -> Line | None:
    """Settled ever more closely, each time on all frames that the last line explains."""
    for narrower in (reach, 0.4, 0.2):
        found = settle(here, there, line, reach=narrower, speed=speed)
        if found is None:
            return None
        first, end = extent(here, there, found)
        if end - first < SHORTEST:
            return None
        line = replace(found, first=float(here.times[first]), last=float(here.times[end - 1]))
    return line


def _geometry(programme: Programme, looks: Looks, item: Item, line: Line, *, flip: bool) -> tuple[Region, Region]:
    """The part of the frame in which the clip is seen, and the part of the clip that is seen there."""
    clip = item.clip
    assert clip is not None  # noqa: S101
    clock, there_clock = programme.clock, clip.clock
    times = np.array([clock[sample.row] for sample in programme.samples])
    moments = np.array([there_clock[sample.row] for sample in clip.samples])
    inside = np.flatnonzero((times >= line.first - 0.1) & (times <= line.last + 0.1))
    best = None
    for number in inside[:: max(1, len(inside) // 4)][:5]:
        plate = int(np.abs(moments - (times[number] - line.offset) * line.speed).argmin())
        look = looks.pair(int(number))[flip]
        found = verify.register(look, item.plate(plate))
        if found is not None and found.accepted and (best is None or found.inliers > best[0].inliers):
            best = found, look, item.plate(plate), int(number)
    if best is None:
        return _WHOLE, _WHOLE
    found, look, plate_features, number = best
    here = region_of(corners(found, look, plate_features), flip=False)
    here = _inside(here, programme, number, flip=flip)
    back = np.linalg.inv(found.homography)
    wide, high = look.features.size
    points = np.array(
        [
            [x * wide, y * high, 1]
            for x, y in ((here[0], here[1]), (here[2], here[1]), (here[2], here[3]), (here[0], here[3]))
        ]
    )
    mapped = points @ back.T
    there = region_of(mapped[:, :2] / mapped[:, 2:] / plate_features.size, flip=False)
    if flip:
        here = (1 - here[2], here[1], 1 - here[0], here[3])
    return (_full(here), _full(there)) if min(here[2] - here[0], here[3] - here[1]) > 0.05 else (_WHOLE, _WHOLE)


def _inside(region: Region, programme: Programme, number: int, *, flip: bool) -> Region:
    """Without the bars of the shot."""
    sample = programme.samples[number]
    if sample.box is None:
        return region
    height, width = programme.picture(sample).shape[:2]
    left, top, right, bottom = (
        sample.box[0] / width,
        sample.box[1] / height,
        sample.box[2] / width,
        sample.box[3] / height,
    )
    if flip:
        left, right = 1 - right, 1 - left
    return max(region[0], left), max(region[1], top), min(region[2], right), min(region[3], bottom)


def _full(region: Region) -> Region:
    whole = max(region[0], region[1], 1 - region[2], 1 - region[3]) < FULL
    return _WHOLE if whole else region


def _tracks(
    programme: Programme, clip: Programme, line: Line, here: Region, there: Region, *, flip: bool
) -> tuple[Track, Track, int] | None:
    """The two as tracks of the parts that correspond, and the row at which the programme's begins."""
    clock = programme.clock
    margin = MARGIN if here != _WHOLE else 3 * MARGIN
    earliest = max(line.first - margin, line.offset - 2 * REACH)
    latest = min(line.last + margin, line.offset + clip.seconds / line.speed + 2 * REACH)
    first, end = np.searchsorted(clock, [min(earliest, line.first), max(latest, line.last) + 1e-6])
    if end - first < SHORTEST or not len(clip.numbers):
        return None
    around = AROUND if there == _WHOLE else 3 * MARGIN
    moments = [(line.first - line.offset) * line.speed - around, (line.last - line.offset) * line.speed + around]
    begin, stop = np.searchsorted(clip.clock, moments)
    try:
        own = _part(programme, int(first), int(end), here)
        other = _part(clip, int(begin), int(stop), there)
    except MediaFault:
        return None
    if min(len(own.times), len(other.times)) < SHORTEST:
        return None
    if flip:
        signs = np.where(np.arange(phash.BITS) % phash.LOW % 2, -1, 1).astype(np.float32)
        own = Track(own.times, own.values * signs)
    return own, other, int(first)


def _part(programme: Programme, first: int, end: int, region: Region) -> Track:
    """Rows of a programme in a part of the frame: from what is kept, or by a second look."""
    if end - first < 2:
        raise MediaFault("nothing to look at")
    clock = programme.clock[first:end]
    if region == _WHOLE or programme.mode.quick:
        return track(clock, programme.low[first:end])
    half = 0.5 / float(programme.rate)
    wish = Wish(
        sound=False, large=0, crop=region,
        start=max(0.0, programme.seconds_of(first) - half), seconds=float(clock[-1] - clock[0]) + 2 * half,
    )  # fmt: skip
    greys = [block.grey for block in decode(programme.path, wish) if isinstance(block, Small)][: end - first]
    if not greys:
        raise MediaFault("nothing to look at")
    return track(clock[: len(greys)], phash.coefficients(np.stack(greys)))


def _snapped(programme: Programme, first: int, end: int) -> tuple[int, int]:
    """Edges that lie at a cut are the cut."""
    starts = programme.starts
    return tuple(edge if (cut := nearest_cut(starts, edge, SNAP)) is None else cut for edge in (first, end))  # type: ignore[return-value]
