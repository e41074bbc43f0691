"""Timelines: the sequences and events that a cut is made of, typed; and what else a timeline states in words.

They point at what a master without metadata was conformed from; judging resolves the names among the scanned files.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from media.encoding import decode_text
from media.errors import Malformed, TooLarge
from media.timelines import MAX_EVENTS, Event, Said, Title, Unread
from media.timelines.edl import ale, edl
from media.timelines.fcpxml import fcpxml
from media.timelines.otio import otio
from media.timelines.xmeml import xmeml
from scanner.model import Evidence
from scanner.readers.each import in_turn
from scanner.readers.interface import MAX_VALUE, Medium, Reader
from scanner.sequences import COUNT

__all__ = ["TIMELINE", "Timeline"]

_MAX_WHOLE = 64 << 20
"""Bytes of the formats that are read whole; AAF and xmeml are not."""
_MAX_WORDS = 400
_NAMED = 3
"""Clips that were not opened, which a problem names."""


class Timeline(Reader):
    """Reads EDL, ALE, AAF, OTIO, Final Cut Pro 7 XML and FCPXML."""

    name = "timeline"
    version = 5
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

    def read(self, medium: Medium) -> Iterator[Evidence | Title | Event]:
        """`title`, `note`, `Identification/…` as statements, and the titles and events themselves; last `events`, how
        many they are. A fault for events not understood."""
        seen = _Seen()
        entries = (one for said in _read_timeline(medium) for one in self._read(said, seen))
        yield from in_turn(entries, self._count(seen))
        if seen.lost or seen.closed:
            raise _NotUnderstood(seen.lost, seen.closed, seen.events)

    def _count(self, seen: _Seen) -> Iterator[Evidence]:
        """The number of events, once they are read."""
        if seen.kept:
            facts = {"events": str(seen.kept), "sequences": str(seen.sequences)}
            count = f"{seen.kept:,} {'event' if seen.kept == 1 else 'events'}"
            yield Evidence(reader=self.name, key=COUNT, value=count, where="all of it", facts=facts)

    def _read(self, said: Said, seen: _Seen) -> Iterator[Evidence | Title | Event]:
        """What one entry of a timeline comes to."""
        if isinstance(said, Event | Unread):
            seen.events += 1
            if seen.events > MAX_EVENTS:
                raise TooLarge(f"more than {MAX_EVENTS} events; the rest was not compared")
            if isinstance(said, Unread) or said.is_misplaced:
                seen.lost.append(said.where)
            if isinstance(said, Event):
                if said.unexpanded:
                    seen.closed.append(f"{said.name[:80]} ({said.where[:80]}): {said.unexpanded}")
                seen.kept += 1
                seen.sequences += seen.begins
                seen.begins = False
                yield replace(said, name=said.name[:MAX_VALUE])
            return
        if isinstance(said, Title):
            seen.begins = True
            yield said
        seen.words += 1
        if seen.words <= _MAX_WORDS:
            key = "title" if isinstance(said, Title) else said.key
            yield Evidence(reader=self.name, key=key, value=said.text[:MAX_VALUE], where=said.where)


TIMELINE = Timeline()


@dataclass(slots=True)
class _Seen:
    """A timeline in numbers, and what of it was not understood."""

    events: int = 0
    kept: int = 0
    """Those of them that were understood."""
    sequences: int = 0
    """Those that have events."""
    begins: bool = True
    """The next event begins one."""
    words: int = 0
    lost: list[str] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)


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
