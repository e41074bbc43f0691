"""Timelines: the source clips that a cut is made of, one statement for each event.

They point at what a master without metadata was conformed from; judging resolves the names among the scanned files.
"""

from __future__ import annotations

from collections.abc import Iterator

from media.encoding import decode_text
from media.errors import Malformed, TooLarge
from media.timelines import MAX_EVENTS, Event, Said, Title, Unread
from media.timelines.edl import ale, edl
from media.timelines.fcpxml import fcpxml
from media.timelines.otio import otio
from media.timelines.xmeml import xmeml
from scanner.model import Evidence
from scanner.readers.interface import MAX_VALUE, Medium, Reader

__all__ = ["TIMELINE", "Timeline"]

_MAX_WHOLE = 64 << 20
"""Bytes of the formats that are read whole; AAF and xmeml are not."""
_MAX_WORDS = 400
_FACTS = (
    *("file", "reel", "track", "record_in", "record_out", "source_in", "source_out", "rate", "source_rate"),
    *("speed", "speed_fps", "enabled", "within", "unexpanded"),
)
_NAMED = 3
"""Clips that were not opened, which a problem names."""


class Timeline(Reader):
    """Reads EDL, ALE, AAF, OTIO, Final Cut Pro 7 XML and FCPXML."""

    name = "timeline"
    version = 4
    media_types = frozenset(
        {
            "application/x-cmx3600",
            "application/x-ale",
            "application/x-aaf",
            "application/x-otio+json",
            "application/x-fcp7+xml",
            "application/x-fcpxml",
        }
    )

    def read(self, medium: Medium) -> Iterator[Evidence]:
        """`title`, `source-clip` (all of them), `note`, `Identification/…`; a fault for events not understood."""
        events = words = 0
        lost: list[str] = []
        closed: list[str] = []
        for said in _read_timeline(medium):
            if isinstance(said, Event | Unread):
                events += 1
                if events > MAX_EVENTS:
                    raise TooLarge(f"more than {MAX_EVENTS} events; the rest was not compared")
                if isinstance(said, Unread) or said.is_misplaced:
                    lost.append(said.where)
                if isinstance(said, Unread):
                    continue
                if said.unexpanded:
                    closed.append(f"{said.name[:80]} ({said.where[:80]}): {said.unexpanded}")
                facts = {key: value for key in _FACTS if (value := getattr(said, key))}
                yield self._evidence("source-clip", said.name, said.where, facts)
                continue
            words += 1
            if words <= _MAX_WORDS:
                yield self._evidence("title" if isinstance(said, Title) else said.key, said.text, said.where, {})
        if lost or closed:
            raise _NotUnderstood(lost, closed, events)

    def _evidence(self, key: str, value: str, where: str, facts: dict[str, str]) -> Evidence:
        return Evidence(reader=self.name, key=key, value=value[:MAX_VALUE], where=where, facts=facts)


TIMELINE = Timeline()


class _NotUnderstood(Malformed):
    """Some events, or all: only a timeline of which nothing was understood counts as not inspected."""

    def __init__(self, lost: list[str], closed: list[str], events: int) -> None:
        parts = []
        if lost:
            parts.append(
                f"{len(lost)} of {events} events were not understood or cannot be placed; the first: {lost[0]}"
            )
        if closed:
            more = f"; and {len(closed) - _NAMED} more" if len(closed) > _NAMED else ""
            parts.append(f"{len(closed)} clips were not opened: {'; '.join(closed[:_NAMED])}{more}")
        super().__init__("; ".join(parts))
        self.blocking = len(lost) + len(closed) == events


def _read_timeline(medium: Medium) -> Iterator[Said]:
    match medium.media_type:
        case "application/x-aaf":
            from media.timelines.aaf import aaf  # late: few deliveries hold one, and every worker would load it

            return aaf(medium.path)
        case "application/x-fcp7+xml":
            return xmeml(medium.file)
        case "application/x-fcpxml":
            return fcpxml(_whole(medium))
        case "application/x-otio+json":
            return otio(_whole(medium))
        case "application/x-ale":
            return ale(decode_text(_whole(medium)))
        case _:
            return edl(decode_text(_whole(medium)))


def _whole(medium: Medium) -> bytes:
    return medium.read(0, medium.size, limit=_MAX_WHOLE)
