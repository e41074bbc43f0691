"""Segments of clips: lines of hits, settled on the frames themselves in the geometry in which they are seen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from fingerprints.model import Features
from fingerprints.prints import phash
from fingerprints.prints.views import WHOLE
from fingerprints.programmes.align import (
    ALIKE,
    SPEEDS,
    STILL_ALIKE,
    VOTES,
    Line,
    Seen,
    Track,
    extent,
    lines,
    settle,
    steady,
    track,
)
from fingerprints.programmes.cut_out import cut_out
from fingerprints.programmes.follow import Looks, Sight
from fingerprints.programmes.programme import Programme
from fingerprints.programmes.segments import By, Region, Segment, pictured, region_of
from fingerprints.programmes.shots import nearest_cut
from fingerprints.programmes.sought import Item
from fingerprints.stills.geometry import UNIT, inverse, map_points
from fingerprints.stills.verify import Registration
from media.decode import Small, Wish, decode
from media.errors import Malformed, MediaError

__all__ = ["clip_segments"]

REACH = 1.5
"""Seconds about the vote in which the line is settled."""
LIKELY = 4
"""Speeds that are settled closely, where the picture tells them apart."""
ROUGHLY = 0.75
"""Part of the agreement that a line needs which is yet to be settled closely."""
GOOD = 0.8
"""Agreement at which no other geometry is tried."""
GEOMETRIES = 2
"""That are tried: in a moving shot one is only as good as the two frames are the same."""
IN_PLACE = 0.06
"""Of the frame: a clip whose corners are so near to the frame's fills it."""
FULL = 0.04
"""A region that leaves out less than this on any side is the whole frame."""
MARGINS = (1.5, 8.0)
"""Seconds before and after the hits that are looked at; more where the first do not reach the clip's end."""
AROUND = 300.0
"""Seconds of the clip, before and after, that a camera that stands still is compared with."""
SNAP = 3
"""Frames from an edge to a cut that is then the edge."""
SHORTEST = 12
"""Frames of a segment at least."""


def clip_segments(programme: Programme, looks: Looks, item: Item, seen: Seen, *, flip: bool) -> Iterator[Segment]:
    """Of one clip, as it is or mirrored."""
    clip = item.clip
    assert clip is not None  # noqa: S101 - only clips come here
    for line in lines(seen):
        found = _found(programme, looks, item, line, flip=flip)
        if found is None:
            continue
        settled, first, end, region = found
        begin, stop = ((programme.clock[edge] - settled.offset) * settled.speed for edge in (first, end - 1))
        yield Segment(
            **pictured(programme, first, end),  # type: ignore[arg-type]
            reference=item.name,
            reference_in=round(max(0.0, float(begin)), 4),
            reference_out=round(min(clip.seconds, float(stop) + settled.speed / float(programme.rate)), 4),
            speed=settled.speed,
            flip=flip,
            score=round(settled.score, 4),
            threshold=STILL_ALIKE if settled.is_still else ALIKE,
            by=By.LIKENESS if settled.is_still else By.MOTION,
            region=region,
        )


def _found(
    programme: Programme, looks: Looks, item: Item, line: Line, *, flip: bool
) -> tuple[Line, int, int, Region] | None:
    """The settled line, the rows that show the clip, and where in the frame; nothing if it does not hold."""
    best: tuple[Line, int, int, Region] | None = None
    for parts in _geometries(programme, looks, item, line, flip=flip):
        held = _held(programme, item, line, parts, flip=flip)
        if held is not None and (best is None or _worth(held[0]) > _worth(best[0])):
            best = *held, parts[0]
        if best is not None and best[0].score >= GOOD:
            break
    if best is None:
        return None
    settled, first, end, region = best
    first, end = _snapped(programme, first, end)
    least = SHORTEST if settled.votes >= VOTES else 2 * SHORTEST
    return (settled, first, end, region) if end - first >= least else None


def _held(
    programme: Programme, item: Item, line: Line, parts: tuple[Region, Region], *, flip: bool
) -> tuple[Line, int, int] | None:
    """The line settled on parts of the two frames, and the rows that it explains."""
    assert item.clip is not None  # noqa: S101
    found: tuple[Line, int, int] | None = None
    for margin in MARGINS if parts != (WHOLE, WHOLE) else MARGINS[-1:]:
        tracks = _tracks(programme, item.clip, line, parts, margin, flip=flip)
        settled = tracks and max(_settled(*tracks[:2], line), key=_worth, default=None)
        if not tracks or not settled:
            break
        here, there, row = tracks
        first, end = extent(here, there, settled)
        found = settled, first + row, end + row
        if first > 0 and end < len(here.times):
            break
    return found


def _worth(line: Line) -> float:
    """Agreement over length; real time wins where another speed hardly explains more."""
    usual = 1.0 if line.speed == 1.0 else 0.985 if abs(line.speed - 1) < 0.05 else 0.96
    return float(line.score * usual * (line.last - line.first) ** 0.5)


def _settled(here: Track, there: Track, line: Line) -> Iterator[Line]:
    """Lines of the likeliest speeds: settled about the vote, then on all frames that they explain.

    Where the camera stands still and the vote says nothing, any place and speed may be right.
    """
    still = steady(there, line)
    reach = max(REACH, there.times[-1] - there.times[0]) if still else REACH
    rough = [
        settle(here, there, line, reach=reach, speed=speed, ease=ROUGHLY)
        for speed in dict.fromkeys((line.speed, *SPEEDS))
    ]
    likely = sorted((found for found in rough if found), key=lambda found: -_worth(found))
    for one in likely if still else likely[:LIKELY]:
        found = _narrowed(here, there, one)
        if found is not None:
            yield found


def _narrowed(here: Track, there: Track, line: Line) -> Line | None:
    """Settled ever more closely, each time on all frames that the last line explains."""
    found: Line | None = line
    for narrower in (0.0, 0.4, 0.2):
        found = settle(here, there, line, reach=narrower, speed=line.speed) if narrower else line
        if found is None:
            return None
        first, end = extent(here, there, found)
        if end - first < SHORTEST:
            return None
        line = replace(found, first=float(here.times[first]), last=float(here.times[end - 1]))
    return line


def _geometries(
    programme: Programme, looks: Looks, item: Item, line: Line, *, flip: bool
) -> Iterator[tuple[Region, Region]]:
    """Parts of the frame in which the clip may be seen, with the parts of the clip that are seen there.

    The whole of both costs nothing, and needs no bars to be told from a dark road.
    """
    pairs = _pairs(programme, looks, item, line, flip=flip)
    in_place = [np.abs(sight.corners(found, plate) - UNIT).max() < IN_PLACE for found, sight, plate, _ in pairs]
    if any(in_place) or not pairs:
        yield WHOLE, WHOLE
    for pair in pairs[:GEOMETRIES]:
        parts = _parts(programme, *pair, flip=flip)
        if parts is not None:
            yield parts
    if pairs and not any(in_place):
        yield WHOLE, WHOLE


def _parts(
    programme: Programme, found: Registration, sight: Sight, plate: Features, number: int, *, flip: bool
) -> tuple[Region, Region] | None:
    """What a registration says: the part of the frame, and the part of the clip."""
    here = _inside(region_of(sight.corners(found, plate), flip=False), programme, number, flip=flip)
    corners = np.array([[here[x], here[y]] for x, y in ((0, 1), (2, 1), (2, 3), (0, 3))])
    back = map_points(inverse(found.homography), sight.looked(corners))
    if back is None or min(here[2] - here[0], here[3] - here[1]) <= 0.05:
        return None
    there = region_of(back / plate.size, flip=False)
    if flip:
        here = (1 - here[2], here[1], 1 - here[0], here[3])
    return _full(here), _full(there)


def _pairs(
    programme: Programme, looks: Looks, item: Item, line: Line, *, flip: bool
) -> list[tuple[Registration, Sight, Features, int]]:
    """Samples with the plates that register best, the best first: on the line and about it, for its time is rough."""
    clip = item.clip
    assert clip is not None  # noqa: S101
    moments = clip.clock[[sample.row for sample in clip.samples]]
    times = programme.clock[[sample.row for sample in programme.samples]]
    inside = np.flatnonzero((times >= line.first - 0.1) & (times <= line.last + 0.1))
    asked = [
        (int(number), int(np.abs(moments - (times[number] - line.offset) * line.speed).argmin()))
        for number in inside[:: max(1, len(inside) // 3)][:4]
    ]
    best: dict[int, tuple[Registration, Sight, Features, int]] = {}
    tried = set(asked)
    while asked:
        number, plate = asked.pop(0)
        found = looks.registered(number, item.plate(plate), flip=flip)
        if found is None or (number in best and found[0].inliers <= best[number][0].inliers):
            continue
        best[number] = *found, item.plate(plate), number
        about = {(number, plate + step) for step in (-1, 1) if 0 <= plate + step < len(moments)} - tried
        tried |= about
        asked += sorted(about)
    return sorted(best.values(), key=lambda pair: -pair[0].inliers)


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
    return WHOLE if whole else region


def _tracks(
    programme: Programme, clip: Programme, line: Line, parts: tuple[Region, Region], margin: float, *, flip: bool
) -> tuple[Track, Track, int] | None:
    """The two as tracks of the parts that correspond, and the row at which the programme's begins."""
    clock, (here, there) = programme.clock, parts
    earliest = max(line.first - margin, line.offset - 2 * REACH)
    latest = min(line.last + margin, line.offset + clip.seconds / line.speed + 2 * REACH)
    first, end = np.searchsorted(clock, [min(earliest, line.first), max(latest, line.last) + 1e-6])
    if end - first < SHORTEST or not len(clip.numbers):
        return None
    around = AROUND if there == WHOLE else margin * max(1.0, line.speed) + 2 * REACH
    moments = [(line.first - line.offset) * line.speed - around, (line.last - line.offset) * line.speed + around]
    begin, stop = np.searchsorted(clip.clock, moments)
    try:
        own = _part(programme, int(first), int(end), here)
        other = _part(clip, int(begin), int(stop), there)
    except MediaError:
        return None
    if min(len(own.times), len(other.times)) < SHORTEST:
        return None
    if flip:
        signs = np.where(np.arange(phash.BITS) % phash.LOW % 2, -1, 1).astype(np.float32)
        own = Track(own.times, own.values * signs)
    return own, other, int(first)


def _part(programme: Programme, first: int, end: int, region: Region) -> Track:
    """Rows of a programme in a part of the frame: from what is kept, or by a second look if its file is there."""
    if end - first < 2:
        raise Malformed("nothing to look at")
    clock = programme.clock[first:end]
    if region == WHOLE or programme.mode.quick:
        return track(clock, programme.low[first:end])
    half = 0.5 / float(programme.rate)
    wish = Wish(
        sound=False, large=0, crop=region,
        start=max(0.0, programme.seconds_of(first) - half), seconds=float(clock[-1] - clock[0]) + 2 * half,
    )  # fmt: skip
    try:
        greys = [block.grey for block in decode(programme.medium, wish) if isinstance(block, Small)][: end - first]
    except MediaError:  # a library keeps clips whose files have gone
        return track(clock, cut_out(programme.low[first:end], region))
    if not greys:
        raise Malformed("nothing to look at")
    return track(clock[: len(greys)], phash.coefficients(np.stack(greys)))


def _snapped(programme: Programme, first: int, end: int) -> tuple[int, int]:
    """Edges that lie at a cut are the cut."""
    starts = programme.starts
    return tuple(edge if (cut := nearest_cut(starts, edge, SNAP)) is None else cut for edge in (first, end))  # type: ignore[return-value]
