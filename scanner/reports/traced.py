"""The edit list of `provscan trace`: the source is the reference, the record is the programme."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import count
from pathlib import Path

from fingerprints.programmes.programme import Programme
from fingerprints.programmes.segments import Kind, Segment
from media.timecode import Timecode
from media.timelines.cmx3600 import AUXILIARY, format_comment, format_count, format_event, format_motion
from scanner.clock import first_label
from scanner.reports.wording import inert

__all__ = ["traced_edl"]

_TIMES, _OF_TIMES = Fraction(1000), Fraction(25)
"""Frames a second of what states no rate, and those by which an edit list counts it."""


def traced_edl(found: Iterable[tuple[Programme, Sequence[Segment]]]) -> str:
    """One list for all programmes, one after another."""
    numbers = count(1)
    parts = (_of_programme(programme, segments, numbers) for programme, segments in found)
    return "TITLE: provscan trace\n" + "".join(line for part in parts for line in part)


def _of_programme(programme: Programme, segments: Sequence[Segment], numbers: Iterator[int]) -> Iterator[str]:
    stated = first_label(programme.start, programme.rate, programme.sound)
    first = _framed(stated)
    name = inert(programme.path.name)
    yield format_count(drop=first.drop)
    if first.rate != stated.rate:
        yield format_comment("NOTE", f"{name} states no frame rate: counted at {first.rate}")
    for one in segments:
        source = Timecode(round(one.reference_in * first.rate), first.rate, first.drop)
        seconds = float((one.out_frame - one.in_frame) / stated.rate)
        if one.reference_out:
            seconds = one.reference_out - one.reference_in
        length = max(1, round(seconds * first.rate))
        record = (_framed(stated + one.in_frame), _framed(stated + one.out_frame))
        track = "V" if one.kind is Kind.PICTURE else "A"
        yield format_event(next(numbers), AUXILIARY, track, (source, source + length), record)
        if one.speed != 1.0:
            yield format_motion(AUXILIARY, one.speed * float(first.rate), source)
        yield format_comment("FROM CLIP NAME", inert(Path(one.reference).name))
        yield format_comment("COMMENT", f"{name} {one.by} {one.score:g}{' mirrored' if one.flip else ''}")


def _framed(label: Timecode) -> Timecode:
    """A label that an edit list can hold: a time of what states no rate, at 25 frames a second."""
    return Timecode.at(label.seconds, _OF_TIMES) if label.rate == _TIMES else label
