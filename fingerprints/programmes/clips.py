"""Segments of clips: lines of hits, settled on the frames themselves in the geometry in which they are seen."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from fingerprints.index.index import distances
from fingerprints.prints import phash
from fingerprints.prints.views import WHOLE
from fingerprints.programmes.align import (
    ALIKE,
    STANDS,
    STILL_ALIKE,
    VOTES,
    Alignment,
    FrameHits,
    FrameVectors,
    extent,
    least_of,
    lines,
    settle,
    speeds_about,
    steady,
    track,
)
from fingerprints.programmes.brief import FEWEST, LONGEST, settle_brief
from fingerprints.programmes.cut_out import cut_out
from fingerprints.programmes.follow import Looks
from fingerprints.programmes.geometries import MOVING, Pair, Part, climbed, geometries, pairs_of
from fingerprints.programmes.placed import CLOSE, Placed, drawn, tracked
from fingerprints.programmes.programme import Programme
from fingerprints.programmes.segments import Region, Segment, pictured, region_of
from fingerprints.programmes.shots import Shot, nearest_cut
from fingerprints.programmes.sought import Query
from fingerprints.vocabulary import Measure
from media.decode import Large, Small, Wish, decode
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
MARGINS = (1.5, 8.0)
"""Seconds before and after the hits that are looked at; more where the first do not reach the clip's end."""
AROUND = 300.0
"""Seconds of the clip, before and after, that a camera that stands still is compared with."""
SNAP = 3
"""Frames from an edge to a cut that is then the edge."""
SHORTEST = 12
"""Frames of a segment at least."""
NEAR = 40
"""Bits of a hit that is worth a look at a short shot."""
JUMP = 64
"""Bits between two frames, over which they may be of two short shots."""
MISSES = 2
"""Samples in a row that do not show a clip, beyond which it is not followed."""

_Shows = Callable[[int, int, float], NDArray[np.float32]]
_Found = tuple[Alignment, int, int, Region]
"""The settled line, the rows that show the clip, and where in the frame."""


def clip_segments(programme: Programme, looks: Looks, item: Query, seen: FrameHits, *, flip: bool) -> Iterator[Segment]:
    """Of one clip, as it is or mirrored."""
    done: list[tuple[int, int]] = []
    for line in lines(seen):
        pairs = pairs_of(programme, looks, item, line, flip=flip)
        wide = _widened(programme, looks, item, line, pairs, flip=flip) if line.votes < VOTES else line
        if wide is not line:
            pairs = pairs_of(programme, looks, item, wide, flip=flip)
        found = _found(programme, looks, item, wide, pairs, flip=flip)
        if found is not None:
            done.append(found[1:3])
            yield _segment(programme, item, found, flip=flip)
    for shot, guess in _brief(programme, seen):
        if any(first < shot.end and shot.first < end for first, end in done):
            continue
        found = _found_brief(programme, looks, item, shot, guess, flip=flip)
        if found is not None:
            done.append(found[1:3])
            yield _segment(programme, item, found, flip=flip)


def _segment(programme: Programme, item: Query, found: _Found, *, flip: bool) -> Segment:
    settled, first, end, region = found
    assert item.clip is not None  # noqa: S101 - only clips come here
    begin, stop = sorted((programme.clock[edge] - settled.offset) * settled.speed for edge in (first, end - 1))
    return Segment(
        **pictured(programme, first, end),  # type: ignore[arg-type]
        reference=item.name,
        reference_in=round(max(0.0, float(begin)), 4),
        reference_out=round(min(item.clip.seconds, float(stop) + abs(settled.speed) / float(programme.rate)), 4),
        speed=settled.speed,
        flip=flip,
        score=round(settled.score, 4),
        threshold=STILL_ALIKE if settled.is_still else settled.least,
        by=Measure.LIKENESS if settled.is_still else Measure.MOTION,
        region=region,
    )


def _brief(programme: Programme, seen: FrameHits) -> Iterator[tuple[Shot, Alignment]]:
    """Shots of a second and less in which the clip may be, each with its nearest hit."""
    rows = np.searchsorted(programme.clock, seen.here - 1e-6)
    asked: set[tuple[int, int]] = set()
    for hit in np.argsort(seen.distances, kind="stable"):
        if seen.distances[hit] > NEAR:
            return
        row = int(rows[hit])
        for shot in (programme.shot_of(row), _between_jumps(programme, row)):
            if (shot.first, shot.end) in asked:
                continue
            asked.add((shot.first, shot.end))
            if FEWEST <= shot.end - shot.first <= LONGEST * programme.rate:
                ends = programme.clock[shot.first], programme.clock[shot.end - 1]
                yield shot, Alignment(1.0, float(seen.here[hit] - seen.there[hit]), float(ends[0]), float(ends[1]), 1)


def _between_jumps(programme: Programme, row: int) -> Shot:
    """The frames about a row that follow each other without a jump: among short shots not every cut is one."""
    shot, reach = programme.shot_of(row), int(LONGEST * programme.rate) + 1
    first, end = max(shot.first, row - reach), min(shot.end, row + reach)
    jumps = (
        first
        + 1
        + np.flatnonzero(distances(programme.hashes[first + 1 : end], programme.hashes[first : end - 1]) > JUMP)
    )
    before, after = jumps[jumps <= row], jumps[jumps > row]
    return Shot(int(before[-1]) if len(before) else first, int(after[0]) if len(after) else end)


def _found_brief(
    programme: Programme, looks: Looks, item: Query, shot: Shot, guess: Alignment, *, flip: bool
) -> _Found | None:
    """The whole shot on a line, in the first geometry that holds."""
    assert item.clip is not None  # noqa: S101
    pairs = pairs_of(programme, looks, item, guess, flip=flip)
    if not pairs:
        return None
    begin, stop = np.searchsorted(item.clip.clock, (guess.there[0] - 2 * REACH, guess.there[1] + 2 * REACH))
    for here, there in geometries(programme, looks, item, guess, pairs, flip=flip):
        try:
            own = _part(programme, shot.first, shot.end, here)
            other = _part(item.clip, int(begin), int(stop), there)
        except MediaError:
            continue
        settled = settle_brief(_unflipped(own, here, flip=flip), other, guess)
        if settled is not None:
            return settled, shot.first, shot.end, _box(here)
    return None


def _widened(
    programme: Programme, looks: Looks, item: Query, line: Alignment, pairs: Sequence[Pair], *, flip: bool
) -> Alignment:
    """The same with the other samples of its shot in which the clip registers: votes may have seen only one."""
    assert item.clip is not None  # noqa: S101
    known = {number: key_image for *_, number, key_image in pairs}
    if not known:
        return line
    clock, moments = programme.clock, item.clip.moments
    shot = programme.shot_of(programme.samples[min(known)].row)
    hits = [
        (float(clock[programme.samples[number].row]), float(moments[key_image])) for number, key_image in known.items()
    ]
    for step in (-1, 1):
        number, missed = (min(known) if step < 0 else max(known)) + step, 0
        while 0 <= number < len(programme.samples) and missed < MISSES:
            row = programme.samples[number].row
            if not shot.first <= row < shot.end or len(hits) > MOVING:
                break
            here = float(clock[row])
            near = min(hits, key=lambda hit: abs(hit[0] - here))
            key_image = int(np.abs(moments - (near[1] + here - near[0])).argmin())
            best = climbed(looks, item, number, (key_image, key_image + 1, key_image - 1), flip=flip)
            missed = missed + 1 if best is None else 0
            if best is not None:
                hits.append((here, float(moments[best[-1]])))
            number += step
    if len(hits) <= len(known):
        return line
    here_at, there_at = np.array(sorted(hits)).T
    wide = lines(FrameHits(here_at, there_at, np.zeros(len(here_at))))
    return max(wide, key=lambda one: one.votes, default=line)


def _found(
    programme: Programme, looks: Looks, item: Query, line: Alignment, pairs: Sequence[Pair], *, flip: bool
) -> _Found | None:
    """The settled line, the rows that show the clip, and where in the frame; nothing if it does not hold."""
    best: _Found | None = None
    for parts in geometries(programme, looks, item, line, pairs, flip=flip):
        held = _held(programme, item, line, parts, flip=flip)
        if held is not None and (best is None or _worth(held[0]) > _worth(best[0])):
            best = *held, _box(parts[0])
        if best is not None and best[0].score >= GOOD:
            break
    if best is None:
        return None
    settled, first, end, region = best
    first, end = _snapped(programme, first, end)
    least = SHORTEST if settled.votes >= VOTES else 2 * SHORTEST
    return (settled, first, end, region) if end - first >= least else None


def _held(
    programme: Programme, item: Query, line: Alignment, parts: tuple[Part, Region], *, flip: bool
) -> tuple[Alignment, int, int] | None:
    """The line settled on parts of the two frames, and the rows that it explains."""
    assert item.clip is not None  # noqa: S101
    found: tuple[Alignment, int, int] | None = None
    for margin in MARGINS if parts != (WHOLE, WHOLE) else MARGINS[-1:]:
        tracks = _tracks(programme, item.clip, line, parts, margin, flip=flip)
        settled = tracks and max(_settled(*tracks[:2], line, parts), key=_worth, default=None)
        if not tracks or not settled:
            break
        here, there, row = tracks
        first, end = extent(here, there, settled)
        found = settled, first + row, end + row
        if first > 0 and end < len(here.times):
            break
    return found


def _worth(line: Alignment) -> float:
    """Agreement over length; real time wins where another speed hardly explains more."""
    usual = 1.0 if line.speed == 1.0 else 0.985 if abs(line.speed - 1) < 0.05 else 0.96
    return float(line.score * usual * (line.last - line.first) ** 0.5)


def _settled(
    here: FrameVectors, there: FrameVectors, line: Alignment, parts: tuple[Part, Region]
) -> Iterator[Alignment]:
    """Lines of the likeliest speeds: settled about the vote, then on all frames that they explain.

    Where the camera stands still and the vote says nothing, any place and speed may be right.
    """
    still = steady(there, line)
    reach = max(REACH, there.times[-1] - there.times[0]) if still else REACH
    askew = isinstance(parts[0], Placed)
    rough = [
        settle(
            here,
            there,
            line,
            reach=reach,
            speed=speed,
            least=least_of(line, speed, steady=still, askew=askew),
            ease=ROUGHLY,
        )
        for speed in speeds_about(line, still=still)
    ]
    likely = sorted((found for found in rough if found), key=lambda found: -_worth(found))
    for one in likely if still else likely[:LIKELY]:
        found = _narrowed(here, there, one, least_of(line, one.speed, steady=still, askew=askew))
        if found is not None:
            yield found


def _narrowed(here: FrameVectors, there: FrameVectors, line: Alignment, least: float) -> Alignment | None:
    """Settled ever more closely, each time on all frames that the last line explains.

    Where the camera stands still, all of it must agree closely, or its middle: at its ends it may be dissolved.
    """
    found: Alignment | None = line
    floor = ALIKE if least == STANDS else least
    for narrower in (0.0, 0.4, 0.2):
        found = settle(here, there, line, reach=narrower, speed=line.speed, least=floor) if narrower else line
        if found is None:
            return None
        first, end = extent(here, there, found)
        if end - first < SHORTEST:
            return None
        line = replace(found, first=float(here.times[first]), last=float(here.times[end - 1]))
    if line.is_still or line.score >= least:
        return line
    edge = (line.last - line.first) / 4
    middle = replace(line, first=line.first + edge, last=line.last - edge)
    return line if settle(here, there, middle, reach=0.1, speed=line.speed, least=least) else None


def _tracks(
    programme: Programme, clip: Programme, line: Alignment, parts: tuple[Part, Region], margin: float, *, flip: bool
) -> tuple[FrameVectors, FrameVectors, int] | None:
    """The two as tracks of the parts that correspond, and the row at which the programme's begins."""
    clock, (here, there) = programme.clock, parts
    whole = sorted((line.offset, line.offset + clip.seconds / line.speed))
    earliest = max(line.first - margin, whole[0] - 2 * REACH)
    latest = min(line.last + margin, whole[1] + 2 * REACH)
    first, end = np.searchsorted(clock, [min(earliest, line.first), max(latest, line.last) + 1e-6])
    if end - first < SHORTEST or not len(clip.numbers):
        return None
    around = AROUND if there == WHOLE else margin * max(1.0, abs(line.speed)) + 2 * REACH
    moments = [line.there[0] - around, line.there[1] + around]
    begin, stop = np.searchsorted(clip.clock, moments)
    try:
        shows = (
            _shows(programme, clip, line.speed if line.votes >= VOTES else 1.0)
            if isinstance(here, Placed) and not here.stays
            else None
        )
        own = _part(programme, int(first), int(end), here, shows)
        other = _part(clip, int(begin), int(stop), there)
    except MediaError:
        return None
    if min(len(own.times), len(other.times)) < SHORTEST:
        return None
    return _unflipped(own, here, flip=flip), other, int(first)


def _shows(programme: Programme, clip: Programme, speed: float) -> _Shows:
    """Draws what a clip shows at a row, if it shows a moment at another row."""
    clock, moments = programme.clock, clip.clock
    return lambda row, anchor, moment: drawn(
        clip.low[int(np.abs(moments - (moment + (clock[row] - clock[anchor]) * speed)).argmin())]
    )


def _unflipped(own: FrameVectors, part: Part, *, flip: bool) -> FrameVectors:
    """A track of a mirrored clip turned back; what was straightened is so already."""
    if not flip or isinstance(part, Placed):
        return own
    signs = np.where(np.arange(phash.BITS) % phash.LOW % 2, -1, 1).astype(np.float32)
    return FrameVectors(own.times, own.values * signs)


def _box(part: Part) -> Region:
    """Around a part of the frame as it is shown."""
    return region_of(np.median(part.corners, axis=0), flip=part.flip) if isinstance(part, Placed) else part


def _part(
    programme: Programme,
    first: int,
    end: int,
    region: Part,
    shows: _Shows | None = None,
) -> FrameVectors:
    """Rows of a programme in a part of the frame: from what is kept, or by a second look if its file is there."""
    if end - first < 2:
        raise Malformed("nothing to look at")
    clock = programme.clock[first:end]
    if region == WHOLE or programme.mode.quick:
        return track(clock, programme.low[first:end])
    half = 0.5 / float(programme.rate)
    wish = Wish(
        sound=False, start=max(0.0, programme.seconds_of(first) - half), seconds=float(clock[-1] - clock[0]) + 2 * half
    )
    if isinstance(region, Placed):
        wish = replace(wish, stride=1, large=CLOSE)
        shown = [block.grey for block in decode(programme.medium, wish) if isinstance(block, Large)][: end - first]
        laid = region if shows is None else tracked(shown, first, region, shows)
        straight = [laid.straightened(grey, first + number) for number, grey in enumerate(shown)]
        if not straight:
            raise Malformed("nothing to look at")
        return track(clock[: len(straight)], phash.coefficients(np.stack(straight)))
    wish = replace(wish, large=0, crop=region)
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
