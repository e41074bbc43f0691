"""The results of `provscan trace` for programs: edit lists, and one JSON document.

In an edit list the source is the reference and the record is the programme. Each list has one programme: no program
loads a list of two.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import count
from pathlib import Path
from typing import Any

from fingerprints.programmes.programme import Programme
from fingerprints.programmes.segments import Segment
from fingerprints.vocabulary import Grade, Sense
from media.timecode import Timecode
from media.timelines.cmx3600 import AUXILIARY, format_comment, format_event, format_head, format_motion
from scanner.clock import first_label
from scanner.reports.interface import Document
from scanner.reports.naming import Naming
from scanner.reports.wording import inert

__all__ = ["traced_edls", "traced_json"]

_Found = tuple[Programme, Sequence[Segment]]
_TIMES, _OF_TIMES = Fraction(1000), Fraction(25)
"""Frames a second of what states no rate, and those by which an edit list counts it."""


def traced_edls(found: Iterable[_Found]) -> Iterator[Document]:
    """A list for each programme, named after it where there are several."""
    programmes, names = list(found), Naming()
    for programme, segments in programmes:
        name = names.name(inert(programme.path.name))
        yield Document(name if len(programmes) > 1 else "", _edl(programme, segments))
    if not programmes:
        yield Document("", iter(("TITLE: provscan trace\r\n",)))


def _edl(programme: Programme, segments: Sequence[Segment]) -> Iterator[str]:
    for line in _lines(programme, segments):
        yield line.replace("\n", "\r\n")


def traced_json(found: Iterable[_Found], sought: Iterable[Path]) -> str:
    """All programmes with what was found in them, and the items that were found in none. Times are seconds of the
    reference, frames count from the programme's first."""
    programmes = list(found)
    named = {one.reference for _, segments in programmes for one in segments}
    document = {
        "schema": "provscan/trace/1",
        "programmes": [_programme_json(programme, segments) for programme, segments in programmes],
        "not_found": [inert(str(path)) for path in sought if str(path) not in named],
    }
    return json.dumps(document, indent=1) + "\n"


def _programme_json(programme: Programme, segments: Sequence[Segment]) -> dict[str, Any]:
    first = first_label(programme.start, programme.rate, programme.sound)
    return {
        "path": inert(str(programme.path)),
        "seconds": round(float(programme.seconds), 3),
        "start": str(first),
        "rate": str(first.rate),
        "mode": str(programme.mode),
        "complete": not programme.fault,
        **({"fault": inert(programme.fault)} if programme.fault else {}),
        **({"note": inert(programme.note)} if programme.note else {}),
        "matches": [_segment_json(one, first) for one in segments],
    }


def _segment_json(one: Segment, first: Timecode) -> dict[str, Any]:
    return {
        "reference": inert(one.reference),
        "kind": one.kind.value,
        "in": str(first + one.in_frame),
        "out": str(first + one.out_frame),
        "in_frame": one.in_frame,
        "out_frame": one.out_frame,
        "reference_in": round(float(one.reference_in), 3),
        "reference_out": round(float(one.reference_out), 3),
        "speed": round(float(one.speed), 4),
        "mirrored": one.flip,
        "region": [round(float(edge), 4) for edge in one.region] if one.region is not None else None,
        "method": str(one.by),
        "score": float(one.score),
        "threshold": float(one.threshold),
        **({"grade": Grade.UNCERTAIN.value} if one.is_doubtful else {}),
    }


def _lines(programme: Programme, segments: Sequence[Segment]) -> Iterator[str]:
    numbers = count(1)
    stated = first_label(programme.start, programme.rate, programme.sound)
    first = _framed(stated)
    name = inert(programme.path.name)
    yield format_head(f"provscan trace, {name}", drop=first.drop)
    if first.rate != stated.rate:
        yield format_comment("NOTE", f"{name} states no frame rate: counted at {first.rate}")
    for one in segments:
        source = Timecode(round(one.reference_in * first.rate), first.rate, first.drop)
        seconds = float((one.out_frame - one.in_frame) / stated.rate)
        if one.reference_out:
            seconds = one.reference_out - one.reference_in
        length = max(1, round(seconds * first.rate))
        record = (_framed(stated + one.in_frame), _framed(stated + one.out_frame))
        track = "V" if one.kind is Sense.PICTURE else "A"
        yield format_event(next(numbers), AUXILIARY, track, (source, source + length), record)
        if one.speed != 1.0:
            yield format_motion(AUXILIARY, one.speed * float(first.rate), source)
        yield format_comment("FROM CLIP NAME", inert(Path(one.reference).name))
        doubt = f" {Grade.UNCERTAIN}" if one.is_doubtful else ""
        yield format_comment("COMMENT", f"{name} {one.by} {one.score:g}{' mirrored' if one.flip else ''}{doubt}")


def _framed(label: Timecode) -> Timecode:
    """A label that an edit list can hold: a time of what states no rate, at 25 frames a second."""
    return Timecode.at(label.seconds, _OF_TIMES) if label.rate == _TIMES else label
