"""Segments of clips: lines of hits, settled on the frames themselves in the geometry in which they are seen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from fingerprints.prints.views import WHOLE
from fingerprints.programmes.align import VOTES, Alignment, FrameHits, lines
from fingerprints.programmes.brief import LONGEST, brief_shots, found_in_shot
from fingerprints.programmes.geometries import MOVING, Pair, Part, box_of, climbed, geometries, pairs_of
from fingerprints.programmes.looks import Looks
from fingerprints.programmes.placed import Placed
from fingerprints.programmes.programme import Programme
from fingerprints.programmes.segments import Region, Segment, pictured
from fingerprints.programmes.settling import SHORTEST, STILL_ALIKE, extent, settled_lines, worth
from fingerprints.programmes.shots import Shot, nearest_cut
from fingerprints.programmes.sought import Query
from fingerprints.programmes.tracks import tracks_of
from fingerprints.vocabulary import Measure

__all__ = ["clip_segments"]

GOOD = 0.8
"""Agreement at which no other geometry is tried."""
MARGINS = (1.5, 8.0)
"""Seconds before and after the hits that are looked at; more where the first do not reach the clip's end."""
AGAIN = 1.5
"""Frames by which a line is off the time by which a picture was followed, from which on it is followed again."""
SNAP = 3
"""Frames from an edge to a cut that is then the edge."""
MISSES = 2
"""Samples in a row that do not show a clip, beyond which it is not followed."""


@dataclass(frozen=True, slots=True)
class Hold:
    """A visible clip: its settled line, the rows that show it (`end` not included), and where in the frame."""

    line: Alignment
    first: int
    end: int
    region: Region


def clip_segments(programme: Programme, looks: Looks, item: Query, seen: FrameHits, *, flip: bool) -> Iterator[Segment]:
    """The segments of one clip, as it is or mirrored."""
    done: list[Hold] = []
    voted = lines(seen)
    for line in voted:
        if line.votes < VOTES and any(_holds(programme, one, line) for one in done):
            continue
        found = _found_on(programme, looks, item, line, flip=flip)
        if found is not None:
            done.append(found)
            yield _segment(programme, item, found, flip=flip)
    for shot, line in _shot_lines(programme, seen, voted):
        if _is_taken(done, shot):
            continue
        found = _found_on(programme, looks, item, line, flip=flip)
        if found is not None:
            done.append(found)
            yield _segment(programme, item, found, flip=flip)
    for shot, guess in brief_shots(programme, seen):
        if _is_taken(done, shot):
            continue
        settled = found_in_shot(programme, looks, item, shot, guess, flip=flip)
        # What only may be a shot shows nothing by a view alone.
        if settled is not None and (not settled[0].is_doubtful or programme.shot_of(shot.first) == shot):
            done.append(Hold(settled[0], shot.first, shot.end, box_of(settled[1])))
            yield _segment(programme, item, done[-1], flip=flip)


def _is_taken(done: Sequence[Hold], shot: Shot) -> bool:
    """Whether the clip was found in a part of a shot."""
    return any(one.first < shot.end and shot.first < one.end for one in done)


def _found_on(programme: Programme, looks: Looks, item: Query, line: Alignment, *, flip: bool) -> Hold | None:
    """The clip where a line that was voted for says."""
    pairs = pairs_of(programme, looks, item, line, flip=flip)
    wide = _widened(programme, looks, item, line, pairs, flip=flip) if line.votes < VOTES else line
    if wide is not line:
        pairs = pairs_of(programme, looks, item, wide, flip=flip)
    return _found(programme, looks, item, wide, pairs, flip=flip)


def _shot_lines(programme: Programme, seen: FrameHits, voted: Sequence[Alignment]) -> Iterator[tuple[Shot, Alignment]]:
    """The best line within each of the shots that one line spans.

    Shots of a camera that stands still vote alike: a line may span several, and hold in one of them only.
    """
    rows = np.searchsorted(programme.clock, seen.here - 1e-6)
    shots = np.searchsorted(programme.starts, rows, side="right") - 1
    asked: set[int] = set()
    for line in voted:
        within = np.unique(shots[(seen.here >= line.first - 0.01) & (seen.here <= line.last + 0.01)])
        if line.votes >= VOTES and len(within) > 1:
            asked |= set(within.tolist())
    for number in sorted(asked):
        shot, mine = programme.shots[number], shots == number
        if shot.end - shot.first <= programme.rate * LONGEST:
            continue
        alone = FrameHits(seen.here[mine], seen.there[mine], seen.distances[mine])
        yield from ((shot, line) for line in lines(alone)[:1])


def _holds(programme: Programme, hold: Hold, line: Alignment) -> bool:
    """Whether what a few hits suggest lies in what was found: its place was searched for already."""
    clock = programme.clock
    return bool(clock[hold.first] - 0.01 <= line.first and line.last <= clock[hold.end - 1] + 0.01)


def _segment(programme: Programme, item: Query, found: Hold, *, flip: bool) -> Segment:
    line, edges = found.line, (found.first, found.end - 1)
    assert item.clip is not None  # noqa: S101 - only clips come here
    begin, stop = sorted((programme.clock[edge] - line.offset) * line.speed for edge in edges)
    return Segment(
        **pictured(programme, found.first, found.end),  # type: ignore[arg-type]
        reference=item.name,
        reference_in=round(max(0.0, float(begin)), 4),
        reference_out=round(min(item.clip.seconds, float(stop) + abs(line.speed) / float(programme.rate)), 4),
        speed=line.speed,
        flip=flip,
        score=round(line.score, 4),
        threshold=STILL_ALIKE if line.is_still else line.least,
        by=Measure.LIKENESS if line.is_still else Measure.MOTION,
        region=found.region,
        is_doubtful=line.is_doubtful,
    )


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
) -> Hold | None:
    """The clip where it is seen; nothing if the line does not hold."""
    best: Hold | None = None
    for parts in geometries(programme, looks, item, line, pairs, flip=flip):
        held = _held(programme, item, line, parts, flip=flip)
        if held is not None and (best is None or worth(held.line) > worth(best.line)):
            best = held
        if best is not None and best.line.score >= GOOD:
            break
    if best is None:
        return None
    first, end = _snapped(programme, best.first, best.end)
    least = SHORTEST if best.line.votes >= VOTES else 2 * SHORTEST
    return replace(best, first=first, end=end) if end - first >= least else None


def _held(programme: Programme, item: Query, line: Alignment, parts: tuple[Part, Region], *, flip: bool) -> Hold | None:
    """The line settled on parts of the two frames, and the rows that it explains."""
    here = parts[0]
    if not isinstance(here, Placed) or here.pace is None:
        return _held_on(programme, item, line, parts, flip=flip)
    pace = here.pace
    paced = replace(line, speed=pace.speed, offset=pace.offset, votes=max(line.votes, pace.votes))
    held = _held_on(programme, item, paced, parts, flip=flip)
    if held is None or (
        held.line.speed == pace.speed and abs(held.line.offset - pace.offset) * programme.rate <= AGAIN
    ):
        return held
    closer = _held_on(programme, item, replace(held.line, first=line.first, last=line.last), parts, flip=flip)
    return held if closer is None or worth(closer.line) < worth(held.line) else closer


def _held_on(
    programme: Programme, item: Query, line: Alignment, parts: tuple[Part, Region], *, flip: bool
) -> Hold | None:
    assert item.clip is not None  # noqa: S101 - only clips come here
    found: Hold | None = None
    for margin in MARGINS if parts != (WHOLE, WHOLE) else MARGINS[-1:]:
        tracks = tracks_of(programme, item.clip, line, parts, margin, flip=flip)
        if tracks is None:
            break
        every = settled_lines(tracks.here, tracks.there, line, askew=isinstance(parts[0], Placed))
        settled = max(every, key=worth, default=None)
        if settled is None:
            break
        first, end = extent(tracks.here, tracks.there, settled)
        found = Hold(settled, first + tracks.row, end + tracks.row, box_of(parts[0]))
        if first > 0 and end < len(tracks.here.times):
            break
    return found


def _snapped(programme: Programme, first: int, end: int) -> tuple[int, int]:
    """Edges that lie at a cut are the cut."""
    starts = programme.starts
    return tuple(edge if (cut := nearest_cut(starts, edge, SNAP)) is None else cut for edge in (first, end))  # type: ignore[return-value]
