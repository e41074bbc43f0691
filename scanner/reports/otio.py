"""OpenTimelineIO: each deliverable as a timeline of one clip, with a marker for each hit in time.

Markers are on the clip, in the time of its media, as the format requires. The JSON is written directly: the schema's
versions are those that every release of the library since 0.12 reads. Source: OpenTimelineIO, "Timeline Structure" and
"Serialized Data Documentation".
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Any

from scanner.reports.timed import COLOURS, Cue, TimedDeliverable, TimedReport

__all__ = ["OtioReport"]


class OtioReport(TimedReport):
    """For OpenTimelineIO, and the programs that read it: Resolve, Hiero, RV, Blender."""

    name = "otio"
    file_name = "report.otio"

    def write(self, found: Iterable[TimedDeliverable]) -> Iterator[str]:
        """Write a timeline; several as a collection."""
        found = iter(found)
        first = list(islice(found, 2))
        if len(first) == 1:
            yield json.dumps(_timeline(first[0]), indent=1) + "\n"
            return
        yield '{"OTIO_SCHEMA": "SerializableCollection.1", "metadata": {}, "name": "provscan", "children": ['
        for number, one in enumerate(chain(first, found)):
            yield f"{',' * bool(number)}\n{json.dumps(_timeline(one), indent=1)}"
        yield "]}\n"


def _timeline(one: TimedDeliverable) -> dict[str, Any]:
    kind = "Audio" if one.sound else "Video"
    signed = {"sign_off": one.signed} if one.signed else {}
    track = _composition("Track.1", kind, [_clip(one)]) | {"kind": kind}
    return {
        "OTIO_SCHEMA": "Timeline.1",
        "metadata": {"provscan": {"path": one.path, "drop_frame": one.start.drop, "start": str(one.start), **signed}},
        "name": one.name,
        "global_start_time": _time(one, one.start.frame),
        "tracks": _composition("Stack.1", "tracks", [track]),
    }


def _composition(schema: str, name: str, children: list[dict[str, Any]]) -> dict[str, Any]:
    empty: dict[str, Any] = {"metadata": {}, "source_range": None, "effects": [], "markers": []}
    return {"OTIO_SCHEMA": schema, "name": name, **empty, "children": children}


def _clip(one: TimedDeliverable) -> dict[str, Any]:
    whole = _range(one, one.start.frame, one.frames)
    return {
        "OTIO_SCHEMA": "Clip.1",
        "metadata": {},
        "name": one.name,
        "source_range": whole,
        "effects": [],
        "markers": [_marker(one, cue) for cue in one.cues],
        "media_reference": {
            "OTIO_SCHEMA": "ExternalReference.1",
            "metadata": {},
            "name": one.name,
            "available_range": whole,
            "target_url": one.url,
        },
    }


def _marker(one: TimedDeliverable, cue: Cue) -> dict[str, Any]:
    hit = cue.hit
    return {
        "OTIO_SCHEMA": "Marker.2",
        "metadata": {
            "provscan": {
                "finding": hit.id,
                "outcome": hit.outcome.value,
                "timecode": str(cue.start),
                "rules": [reason.rule for reason in hit.reasons],
            }
        },
        "name": cue.title,
        "color": COLOURS[hit.outcome].upper(),
        "marked_range": _range(one, one.start.frame + one.offset(cue), cue.length),
        "comment": cue.comment,
    }


def _range(one: TimedDeliverable, start: int, length: int) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "TimeRange.1", "start_time": _time(one, start), "duration": _time(one, length)}


def _time(one: TimedDeliverable, frames: int) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "RationalTime.1", "rate": float(one.rate), "value": float(frames)}
