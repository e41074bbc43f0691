"""The results of a search: a reference, from frame to frame of a programme; and the arithmetic of its frames."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from fingerprints.programmes.align import joined
from fingerprints.programmes.programme import Programme
from fingerprints.vocabulary import LineUp, Measure, Sense

__all__ = ["Segment", "apart", "mirrored", "pictured", "region_of", "shared", "sounded"]

LESS = 2.0, 0.001
"""Times and more than what the clip that is most alike lacks of full likeness: where nothing moves, another that lacks
more is only of the same place."""
NOISE = 0.7
"""Agreement of what moves that counts for nothing where another clip says that nothing moves."""
FIRM = 0.8
"""Score of a clip that shows the moment, from which on others that only show its view are not seen."""
ONE_LINE = 0.05
"""Seconds between the clocks of two parts of one instance, at most; or a frame."""
Region = tuple[float, float, float, float]
"""Left, top, right, bottom as parts of the frame, seen as the programme shows it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """One instance. Frames count from the programme's first; `out_frame` and `out_seconds` are just after it."""

    programme: str
    reference: str
    kind: Sense
    in_frame: int
    out_frame: int
    in_seconds: float
    out_seconds: float
    rate: Fraction
    """Frames a second of the programme's clock."""
    reference_in: float
    """Seconds of the reference; 0 for a still."""
    reference_out: float
    speed: float = 1.0
    """Of the reference in the programme: 2 is double speed, −1 is backwards, from its out to its in."""
    pitch: float = 1.0
    """Of its frequencies, where it is heard: 1 where they are kept, the speed where they go with it."""
    flip: bool = False
    score: float
    threshold: float
    by: Measure
    region: Region | None = None
    """Where in the frame the reference is seen, in the best frame; nothing for sound."""
    line_up: LineUp = LineUp.NO
    """Whether everything shared is bars, tone, silence or room tone, or words on an even ground."""
    is_doubtful: bool = False
    """Whether the still may be another photograph of the same place, or an altered copy; the clip, another recording of
    the same view: a person must check."""


def pictured(programme: Programme, first: int, end: int) -> dict[str, object]:
    """The fields of a picture segment that follow from its rows (`end` not included)."""
    begin = int(programme.numbers[first])
    stop = int(programme.numbers[end - 1]) + 1
    return {**_frames(programme, begin, stop), "programme": str(programme.path), "kind": Sense.PICTURE}


def sounded(programme: Programme, start: float, end: float) -> dict[str, object]:
    """The same for a sound segment that is heard from a second to a second."""
    begin, stop = (round(seconds * float(programme.rate)) for seconds in (start, end))
    return {
        **_frames(programme, max(0, begin), max(begin + 1, stop)),
        "programme": str(programme.path),
        "kind": Sense.SOUND,
    }


def _frames(programme: Programme, begin: int, stop: int) -> dict[str, object]:
    rate = programme.rate
    return {
        "in_frame": begin,
        "out_frame": stop,
        "in_seconds": float(begin / rate),
        "out_seconds": float(stop / rate),
        "rate": rate,
    }


def region_of(corners: NDArray[np.float64], *, flip: bool) -> Region:
    """The box around corners, inside the frame, turned back if the frame was mirrored."""
    (left, top), (right, bottom) = np.clip(corners.min(axis=0), 0, 1), np.clip(corners.max(axis=0), 0, 1)
    if flip:
        left, right = 1 - right, 1 - left
    return round(float(left), 4), round(float(top), 4), round(float(right), 4), round(float(bottom), 4)


def mirrored(region: Region) -> Region:
    """The same part of the mirrored frame."""
    left, top, right, bottom = region
    return 1 - right, top, 1 - left, bottom


def apart(segments: Iterable[Segment]) -> list[Segment]:
    """The strongest of the segments that state the same about the same time, ordered by time; parts of one instance are
    joined.

    Two instances of one reference at one time stay two where they are seen at different places.
    """
    kept: list[Segment] = []
    whole = joined(segments, lambda segment: segment.in_frame, _on_one_line, _both)
    for one in sorted(whole, key=lambda segment: -segment.score * (segment.out_frame - segment.in_frame) ** 0.5):
        if not any(_same(one, other) for other in kept):
            kept.append(one)
    kept = [one for one in kept if not any(_only_the_place(one, other) for other in kept)]
    return sorted(kept, key=lambda segment: (segment.programme, segment.in_frame, segment.reference, segment.kind))


def _on_one_line(one: Segment, other: Segment) -> bool:
    alike = ("programme", "reference", "kind", "flip", "speed", "line_up")
    if one.reference_out == 0 or any(getattr(one, name) != getattr(other, name) for name in alike):
        return False
    offsets = [segment.in_seconds - _first(segment) / segment.speed for segment in (one, other)]
    return (
        other.in_frame <= one.out_frame
        and abs(offsets[1] - offsets[0]) <= max(ONE_LINE, float(1 / one.rate))
        and (one.region is None or other.region is None or _overlap(one.region, other.region) > 0.8)
    )


def _first(segment: Segment) -> float:
    """Seconds of the reference that stand at the in."""
    return segment.reference_in if segment.speed > 0 else segment.reference_out


def _both(one: Segment, other: Segment) -> Segment:
    """From where the first begins to where the later ends, with the evidence of the longer."""
    longer = max(one, other, key=lambda segment: segment.out_frame - segment.in_frame)
    later = max(one, other, key=lambda segment: segment.out_frame)
    return replace(
        longer,
        in_frame=one.in_frame,
        in_seconds=one.in_seconds,
        reference_in=min(one.reference_in, later.reference_in),
        out_frame=later.out_frame,
        out_seconds=later.out_seconds,
        reference_out=max(one.reference_out, later.reference_out),
    )


def _same(one: Segment, other: Segment) -> bool:
    if any(getattr(one, name) != getattr(other, name) for name in ("programme", "reference", "kind", "line_up")):
        return False
    if shared(one, other) < 0.3 * min(one.out_frame - one.in_frame, other.out_frame - other.in_frame):
        return False
    return one.region is None or other.region is None or _overlap(one.region, other.region) > 0.2


def _only_the_place(one: Segment, other: Segment) -> bool:
    """A standing camera's place looks alike at all times: of clips that only look alike, the one most alike is seen.

    Copies of it stay: they are as much alike. What little seems to move where it says that nothing does is noise.
    """
    if not {one.by, other.by} <= {Measure.LIKENESS, Measure.MOTION} or Measure.LIKENESS not in (one.by, other.by):
        return False
    if one.programme != other.programme or one.reference == other.reference:
        return False
    if 2 * shared(one, other) < one.out_frame - one.in_frame:
        return False
    if one.region is not None and other.region is not None and _overlap(one.region, other.region) < 0.5:
        return False
    if one.by is Measure.MOTION:
        return one.score < NOISE
    if one.is_doubtful and not other.is_doubtful and other.score >= FIRM:
        return True
    times, more = LESS
    return 1 - one.score > times * (1 - other.score) + more


def shared(one: Segment, other: Segment) -> int:
    """Frames that both have; less than 1 where they have none."""
    return min(one.out_frame, other.out_frame) - max(one.in_frame, other.in_frame)


def _overlap(one: Region, other: Region) -> float:
    """Intersection over the smaller."""
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)]
    return max(0.0, wide) * max(0.0, high) / max(min(areas), 1e-6)
