"""Segments of clips: lines of hits, settled on the frames themselves in the geometry in which they are seen."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from fingerprints.index.index import distances
from fingerprints.model import Features
from fingerprints.prints import phash
from fingerprints.prints.views import WHOLE
from fingerprints.programmes.align import (
    ALIKE,
    STANDS,
    STILL_ALIKE,
    VOTES,
    Line,
    Seen,
    Track,
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
from fingerprints.programmes.follow import Looks, Sight
from fingerprints.programmes.placed import CLOSE, Placed, drawn, placed, tracked
from fingerprints.programmes.programme import Programme
from fingerprints.programmes.segments import By, Region, Segment, pictured, region_of
from fingerprints.programmes.shots import Shot, nearest_cut
from fingerprints.programmes.sought import Item
from fingerprints.stills.geometry import UNIT, inverse, map_points
from fingerprints.stills.verify import Registration
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
NEAR = 40
"""Bits of a hit that is worth a look at a short shot."""
JUMP = 64
"""Bits between two frames, over which they may be of two short shots."""
MISSES = 2
"""Samples in a row that do not show a clip, beyond which it is not followed."""
MOVING = 24
"""Samples of a clip that moves in the frame in which it is registered."""

_Part = Region | Placed
"""Of a frame: a box in it, or where a clip lies that is seen at an angle."""
_Shows = Callable[[int, int, float], NDArray[np.float32]]
_Found = tuple[Line, int, int, Region]
"""The settled line, the rows that show the clip, and where in the frame."""
_Pair = tuple[Registration, Sight, Features, int, int]
"""How a plate lies in a sample, with the numbers of the sample and of the plate."""


def clip_segments(programme: Programme, looks: Looks, item: Item, seen: Seen, *, flip: bool) -> Iterator[Segment]:
    """Of one clip, as it is or mirrored."""
    done: list[tuple[int, int]] = []
    for line in lines(seen):
        wide = _widened(programme, looks, item, line, flip=flip) if line.votes < VOTES else line
        found = _found(programme, looks, item, wide, flip=flip)
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


def _segment(programme: Programme, item: Item, found: _Found, *, flip: bool) -> Segment:
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
        by=By.LIKENESS if settled.is_still else By.MOTION,
        region=region,
    )


def _brief(programme: Programme, seen: Seen) -> Iterator[tuple[Shot, Line]]:
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
                yield shot, Line(1.0, float(seen.here[hit] - seen.there[hit]), float(ends[0]), float(ends[1]), 1)


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
    programme: Programme, looks: Looks, item: Item, shot: Shot, guess: Line, *, flip: bool
) -> _Found | None:
    """The whole shot on a line, in the first geometry that holds."""
    assert item.clip is not None  # noqa: S101
    if not _pairs(programme, looks, item, guess, flip=flip):
        return None
    begin, stop = np.searchsorted(item.clip.clock, (guess.there[0] - 2 * REACH, guess.there[1] + 2 * REACH))
    for here, there in _geometries(programme, looks, item, guess, flip=flip):
        try:
            own = _part(programme, shot.first, shot.end, here)
            other = _part(item.clip, int(begin), int(stop), there)
        except MediaError:
            continue
        settled = settle_brief(_unflipped(own, here, flip=flip), other, guess)
        if settled is not None:
            return settled, shot.first, shot.end, _box(here)
    return None


def _widened(programme: Programme, looks: Looks, item: Item, line: Line, *, flip: bool) -> Line:
    """The same with the other samples of its shot in which the clip registers: votes may have seen only one."""
    assert item.clip is not None  # noqa: S101
    pairs = {number: plate for *_, number, plate in _pairs(programme, looks, item, line, flip=flip)}
    if not pairs:
        return line
    clock, moments = programme.clock, item.clip.clock[[sample.row for sample in item.clip.samples]]
    shot = programme.shot_of(programme.samples[min(pairs)].row)
    hits = [(float(clock[programme.samples[number].row]), float(moments[plate])) for number, plate in pairs.items()]
    for step in (-1, 1):
        number, missed = (min(pairs) if step < 0 else max(pairs)) + step, 0
        while 0 <= number < len(programme.samples) and missed < MISSES:
            row = programme.samples[number].row
            if not shot.first <= row < shot.end or len(hits) > MOVING:
                break
            here = float(clock[row])
            near = min(hits, key=lambda hit: abs(hit[0] - here))
            plate = int(np.abs(moments - (near[1] + here - near[0])).argmin())
            best = _climbed(looks, item, number, plate, flip=flip)
            missed = missed + 1 if best is None else 0
            if best is not None:
                hits.append((here, float(moments[best])))
            number += step
    if len(hits) <= len(pairs):
        return line
    here_at, there_at = np.array(sorted(hits)).T
    wide = lines(Seen(here_at, there_at, np.zeros(len(here_at))))
    return max(wide, key=lambda one: one.votes, default=line)


def _climbed(looks: Looks, item: Item, number: int, plate: int, *, flip: bool) -> int | None:
    """The plate near to a guess that registers best in a sample, from the guess on while it gets better."""
    best: tuple[int, int] | None = None
    assert item.clip is not None  # noqa: S101
    asked = [one for one in (plate, plate + 1, plate - 1) if 0 <= one < len(item.clip.samples)]
    tried = set(asked)
    while asked:
        one = asked.pop(0)
        found = looks.registered(number, item.plate(one), flip=flip, moves=True)
        if found is None or (best is not None and found[0].inliers <= best[1]):
            continue
        best = one, found[0].inliers
        more = {one + step for step in (-1, 1) if 0 <= one + step < len(item.clip.samples)} - tried
        tried |= more
        asked += sorted(more)
    return None if best is None else best[0]


def _found(programme: Programme, looks: Looks, item: Item, line: Line, *, flip: bool) -> _Found | None:
    """The settled line, the rows that show the clip, and where in the frame; nothing if it does not hold."""
    best: _Found | None = None
    for parts in _geometries(programme, looks, item, line, flip=flip):
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
    programme: Programme, item: Item, line: Line, parts: tuple[_Part, Region], *, flip: bool
) -> tuple[Line, int, int] | None:
    """The line settled on parts of the two frames, and the rows that it explains."""
    assert item.clip is not None  # noqa: S101
    found: tuple[Line, int, int] | None = None
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


def _worth(line: Line) -> float:
    """Agreement over length; real time wins where another speed hardly explains more."""
    usual = 1.0 if line.speed == 1.0 else 0.985 if abs(line.speed - 1) < 0.05 else 0.96
    return float(line.score * usual * (line.last - line.first) ** 0.5)


def _settled(here: Track, there: Track, line: Line, parts: tuple[_Part, Region]) -> Iterator[Line]:
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


def _narrowed(here: Track, there: Track, line: Line, least: float) -> Line | None:
    """Settled ever more closely, each time on all frames that the last line explains.

    Where the camera stands still, all of it must agree closely, or its middle: at its ends it may be dissolved.
    """
    found: Line | None = line
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


def _geometries(
    programme: Programme, looks: Looks, item: Item, line: Line, *, flip: bool
) -> Iterator[tuple[_Part, Region]]:
    """Parts of the frame in which the clip may be seen, with the parts of the clip that are seen there.

    The whole of both costs nothing, and needs no bars to be told from a dark road.
    """
    pairs = _pairs(programme, looks, item, line, flip=flip)
    in_place = [np.abs(sight.corners(found, plate) - UNIT).max() < IN_PLACE for found, sight, plate, *_ in pairs]
    if any(in_place) or not pairs:
        yield WHOLE, WHOLE
    laid = None if any(in_place) else _placed(programme, looks, item, line, pairs, flip=flip)
    if laid is not None:
        yield laid, WHOLE
    for pair in pairs[:GEOMETRIES]:
        for panel in () if any(in_place) else _panels(programme, pair[3], flip=flip):
            parts = _parts(programme, *pair[:4], flip=flip, panel=panel)
            if parts is not None:
                yield parts
        parts = _parts(programme, *pair[:4], flip=flip)
        if parts is not None:
            yield parts
    if pairs and not any(in_place):
        yield WHOLE, WHOLE


def _placed(
    programme: Programme, looks: Looks, item: Item, line: Line, pairs: Sequence[_Pair], *, flip: bool
) -> Placed | None:
    """Where the whole clip is seen at an angle, or from a moving hand: then where it is in every sample."""
    assert item.clip is not None  # noqa: S101
    moments = item.clip.clock[[sample.row for sample in item.clip.samples]]
    known = {number for *_, number, _ in pairs}
    seen = {
        programme.samples[number].row: (sight.corners(found, plate), float(moments[which]))
        for found, sight, plate, number, which in pairs
    }
    laid = placed(seen, flip=flip)
    if laid is None or laid.stays:
        return laid
    inside = [
        number
        for number, sample in enumerate(programme.samples)
        if line.first - 0.1 <= programme.clock[sample.row] <= line.last + 0.1 and number not in known
    ]
    for number in inside[:: max(1, len(inside) // MOVING)]:
        row = programme.samples[number].row
        plate = int(np.abs(moments - (programme.clock[row] - line.offset) * line.speed).argmin())
        found = looks.registered(number, item.plate(plate), flip=flip, moves=True)
        if found is not None:
            seen[row] = found[1].corners(found[0], item.plate(plate)), float(moments[plate])
    return placed(seen, flip=flip)


def _panels(programme: Programme, number: int, *, flip: bool) -> Iterator[Region]:
    """Panels of a sample as parts of the frame, or of the mirrored frame: beside a clip others may be seen."""
    sample = programme.samples[number]
    if not sample.panels:
        return
    height, width = programme.picture(sample).shape[:2]
    for box in sample.panels:
        left, top, right, bottom = box[0] / width, box[1] / height, box[2] / width, box[3] / height
        yield (1 - right, top, 1 - left, bottom) if flip else (left, top, right, bottom)


def _parts(
    programme: Programme,
    found: Registration,
    sight: Sight,
    plate: Features,
    number: int,
    *,
    flip: bool,
    panel: Region | None = None,
) -> tuple[Region, Region] | None:
    """What a registration says: the part of the frame, and the part of the clip. Of a panel, where that cuts it."""
    here = _inside(region_of(sight.corners(found, plate), flip=False), programme, number, flip=flip)
    if panel is not None:
        whole = here
        here = max(here[0], panel[0]), max(here[1], panel[1]), min(here[2], panel[2]), min(here[3], panel[3])
        seen = max(0.0, here[2] - here[0]) * max(0.0, here[3] - here[1])
        if not 0.25 < seen / max((whole[2] - whole[0]) * (whole[3] - whole[1]), 1e-6) < 0.9:
            return None
    corners = np.array([[here[x], here[y]] for x, y in ((0, 1), (2, 1), (2, 3), (0, 3))])
    back = map_points(inverse(found.homography), sight.looked(corners))
    if back is None or min(here[2] - here[0], here[3] - here[1]) <= 0.05:
        return None
    there = region_of(back / plate.size, flip=False)
    if flip:
        here = (1 - here[2], here[1], 1 - here[0], here[3])
    return _full(here), _full(there)


def _pairs(programme: Programme, looks: Looks, item: Item, line: Line, *, flip: bool) -> list[_Pair]:
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
    best: dict[int, _Pair] = {}
    tried = set(asked)
    while asked:
        number, plate = asked.pop(0)
        found = looks.registered(number, item.plate(plate), flip=flip, moves=True)
        if found is None or (number in best and found[0].inliers <= best[number][0].inliers):
            continue
        best[number] = *found, item.plate(plate), number, plate
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
    programme: Programme, clip: Programme, line: Line, parts: tuple[_Part, Region], margin: float, *, flip: bool
) -> tuple[Track, Track, int] | None:
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


def _unflipped(own: Track, part: _Part, *, flip: bool) -> Track:
    """A track of a mirrored clip turned back; what was straightened is so already."""
    if not flip or isinstance(part, Placed):
        return own
    signs = np.where(np.arange(phash.BITS) % phash.LOW % 2, -1, 1).astype(np.float32)
    return Track(own.times, own.values * signs)


def _box(part: _Part) -> Region:
    """Around a part of the frame as it is shown."""
    return region_of(np.median(part.corners, axis=0), flip=part.flip) if isinstance(part, Placed) else part


def _part(
    programme: Programme,
    first: int,
    end: int,
    region: _Part,
    shows: _Shows | None = None,
) -> Track:
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
