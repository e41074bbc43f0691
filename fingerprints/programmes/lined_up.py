"""Which of the segments that were found share line-up only, and where what is more than it begins and ends."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from fingerprints.programmes.programme import Programme
from fingerprints.programmes.segments import Segment, sounded
from fingerprints.programmes.sound.coincidence import SECOND
from fingerprints.stills.line_up import line_up_of
from fingerprints.vocabulary import LineUp, Sense

__all__ = ["lined_up"]

WHOLE = 0.98
"""Of the frame, both ways, from which a region is all of it."""
SHORTEST = 1.0
"""Seconds of sound that must be more than tone, silence and room tone."""
TRIMMED = 0.5
"""Seconds of those before and behind it, from which they are taken away."""


def lined_up(programme: Programme, segment: Segment) -> Segment:
    """The segment, marked where it is line-up only; of sound, what is more than line-up."""
    return _heard(programme, segment) if segment.kind is Sense.SOUND else _seen(programme, segment)


def _seen(programme: Programme, segment: Segment) -> Segment:
    """Line-up where each sample of what is seen is: every shot has one, and every frame that shows something new."""
    rows = np.searchsorted(programme.numbers, [segment.in_frame, segment.out_frame])
    samples = [sample for sample in programme.samples if rows[0] <= sample.row < rows[1]]
    kinds: set[LineUp] = set()
    for sample in samples:
        picture = programme.picture(sample)
        left, top, right, bottom = segment.region or (0.0, 0.0, 1.0, 1.0)
        if min(right - left, bottom - top) < WHOLE:
            high, wide = picture.shape[:2]
            picture = picture[int(top * high) : int(bottom * high), int(left * wide) : int(right * wide)]
        kinds.add(line_up_of(picture))
        if LineUp.NO in kinds:
            return segment
    if not kinds:
        return segment
    return replace(segment, line_up=LineUp.CARD if LineUp.CARD in kinds else LineUp.SIGNAL)


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
    ahead, after = (before, behind) if segment.speed > 0 else (behind, before)
    speed = abs(segment.speed)
    return replace(
        segment,
        **sounded(programme, segment.in_seconds + before, segment.out_seconds - behind),  # type: ignore[arg-type]
        reference_in=round(segment.reference_in + ahead * speed, 3),
        reference_out=round(segment.reference_out - after * speed, 3),
    )
