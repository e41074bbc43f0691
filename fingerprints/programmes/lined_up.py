"""Decides which segments share line-up only, and where their other content begins and ends.

A temporary file and a master begin with the same bars and slate: these form one segment with the content after them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import takewhile

import numpy as np

from fingerprints.prints.line_up import line_up_of
from fingerprints.programmes.programme import Programme
from fingerprints.programmes.segments import Segment, pictured, sounded
from fingerprints.programmes.sound.coincidence import SECOND
from fingerprints.vocabulary import LineUp, Sense

__all__ = ["lined_up"]

WHOLE = 0.98
"""Of the frame, both ways, from which a region is all of it."""
SHORTEST = 1.0
"""Seconds of sound that must be more than tone, silence and room tone."""
TRIMMED = 0.5
"""Seconds of those before and behind it, from which they are taken away; and of line-up beside content in a picture."""


def lined_up(programme: Programme, segment: Segment) -> Iterator[Segment]:
    """The segment, marked where it is line-up only; where content follows or precedes line-up, both separately.

    For sound, only the part that is more than line-up remains.
    """
    if segment.kind is Sense.SOUND:
        yield _heard(programme, segment)
    else:
        yield from _seen(programme, segment)


def _seen(programme: Programme, segment: Segment) -> Iterator[Segment]:
    """Line-up is told apart by shots: each has a sample, and one of every frame that shows something new."""
    first, end = np.searchsorted(programme.numbers, [segment.in_frame, segment.out_frame]).tolist()
    shots = [(max(shot.first, first), min(shot.end, end)) for shot in programme.shots]
    shots = [shot for shot in shots if shot[0] < shot[1]]
    before = list(
        takewhile(lambda kinds: LineUp.NO not in kinds, (_kinds(programme, segment, *shot) for shot in shots))
    )
    if len(before) == len(shots):
        yield _marked(segment, before)
        return
    rest = [shot for shot in reversed(shots[len(before) :]) if segment.reference_out]
    behind = list(takewhile(lambda kinds: LineUp.NO not in kinds, (_kinds(programme, segment, *shot) for shot in rest)))
    last = shots[len(shots) - len(behind) - 1][1]
    start = shots[len(before)][0]
    is_led = segment.reference_out > 0 and _is_worth(programme, before, first, start)
    is_trailed = _is_worth(programme, behind, last, end)
    if is_led:
        yield _marked(_part(programme, segment, first, start), before)
    yield _part(programme, segment, start if is_led else first, last if is_trailed else end)
    if is_trailed:
        yield _marked(_part(programme, segment, last, end), behind)


def _is_worth(programme: Programme, kinds: Sequence[set[LineUp]], first: int, end: int) -> bool:
    """Whether line-up is told apart: some was seen, and it lasts."""
    return any(kinds) and end - first >= TRIMMED * float(programme.rate)


def _kinds(programme: Programme, segment: Segment, first: int, end: int) -> set[LineUp]:
    """What the samples of some rows are; as soon as one is content, that."""
    found: set[LineUp] = set()
    for sample in programme.samples:
        if not first <= sample.row < end:
            continue
        picture = programme.picture(sample)
        left, top, right, bottom = segment.region or (0.0, 0.0, 1.0, 1.0)
        if min(right - left, bottom - top) < WHOLE:
            high, wide = picture.shape[:2]
            picture = picture[int(top * high) : int(bottom * high), int(left * wide) : int(right * wide)]
        found.add(line_up_of(picture))
        if LineUp.NO in found:
            break
    return found


def _marked(segment: Segment, kinds: Sequence[set[LineUp]]) -> Segment:
    every = set().union(*kinds)
    if not every:
        return segment
    return replace(segment, line_up=LineUp.CARD if LineUp.CARD in every else LineUp.SIGNAL)


def _part(programme: Programme, segment: Segment, first: int, end: int) -> Segment:
    """Rows of a segment, with the seconds of the reference that they show."""
    shown = pictured(programme, first, end)
    if (shown["in_frame"], shown["out_frame"]) == (segment.in_frame, segment.out_frame):
        return segment
    part = replace(segment, **shown)  # type: ignore[arg-type]
    return _trimmed(part, part.in_seconds - segment.in_seconds, segment.out_seconds - part.out_seconds)


def _trimmed(segment: Segment, before: float, behind: float) -> Segment:
    """The segment with so many of its seconds taken away from what it shows of the reference."""
    ahead, after = (before, behind) if segment.speed > 0 else (behind, before)
    speed = abs(segment.speed)
    return replace(
        segment,
        reference_in=round(segment.reference_in + ahead * speed, 3),
        reference_out=round(segment.reference_out - after * speed, 3),
    )


def _heard(programme: Programme, segment: Segment) -> Segment:
    first, end = int(segment.in_seconds * SECOND), int(segment.out_seconds * SECOND)
    sounding = np.flatnonzero(programme.sounding[first:end])
    if not len(programme.sounding):
        return segment
    if len(sounding) < SHORTEST * SECOND:
        return replace(segment, line_up=LineUp.SIGNAL)
    before = float(sounding[0]) / SECOND
    behind = (segment.out_seconds - segment.in_seconds) - float(sounding[-1] + 1) / SECOND
    before, behind = (side if side >= TRIMMED else 0.0 for side in (before, behind))
    if not before and not behind:
        return segment
    part = sounded(programme, segment.in_seconds + before, segment.out_seconds - behind)
    return _trimmed(replace(segment, **part), before, behind)  # type: ignore[arg-type]
