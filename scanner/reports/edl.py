"""CMX3600 edit lists with locators: one list for each deliverable that has hits in time.

Each event is the first frame of a hit; source and record timecode are the deliverable's own, so that the list can be
laid over the programme. It states each hit twice: as a `* LOC:` comment (Avid, OpenTimelineIO) and as the marker line
that DaVinci Resolve itself writes and reads (Timelines > Export > Timeline Markers to EDL). Events of a drop-frame
programme have `;`, as `FCM: DROP FRAME` announces; a locator always has `:`, because its readers ignore a locator with
another sign. Sources: CMX 3600 as in the DaVinci Resolve manual, "Conforming EDL Files"; OpenTimelineIO's cmx_3600
adapter.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import groupby

from media.timelines.cmx3600 import MAX_EVENTS, format_comment, format_event, format_head, format_mark, reel_of
from scanner.reports.timed import COLOURS, Cue, TimedDeliverable, TimedReport, typed

__all__ = ["EdlReport", "ResolveReport"]


class _EditList(TimedReport):
    """A list of events that are one frame long, at most 999 of them."""

    def parts(self, timeline: TimedDeliverable) -> Iterator[TimedDeliverable]:
        """Lists of at most 999 events."""
        starts = [tuple(group) for _, group in groupby(timeline.cues, key=lambda cue: cue.start)]
        if len(starts) <= MAX_EVENTS:
            yield timeline
            return
        for number, first in enumerate(range(0, len(starts), MAX_EVENTS), 1):
            some = starts[first : first + MAX_EVENTS]
            yield replace(timeline, cues=tuple(cue for starting in some for cue in starting), part=number)

    def write(self, found: Iterable[TimedDeliverable]) -> Iterator[str]:
        """The lists, one after another. A program reads one list a file: see `documents`."""
        empty = True
        for one in found:
            yield "\n" * (not empty) + self._list(one)
            empty = False
        if empty:
            yield format_head("provscan, no hits in time", drop=False)

    def _list(self, one: TimedDeliverable) -> str:
        title = f"{typed(one.path)} ({one.part})" if one.part else typed(one.path)
        starts = (list(group) for _, group in groupby(one.cues, key=lambda cue: cue.start))
        events = (f"\n{self._event(number, one, starting)}" for number, starting in enumerate(starts, 1))
        signed = format_comment("SIGN-OFF", typed(one.signed)) if one.signed else ""
        return format_head(title, drop=one.start.drop) + signed + "".join(events)

    def _event(self, number: int, one: TimedDeliverable, starting: list[Cue]) -> str:
        """One event for all hits that start on one frame: edit lists and Resolve's timeline hold one mark a frame."""
        raise NotImplementedError


class EdlReport(_EditList):
    """What a cutting room loads to jump to each hit."""

    name = "edl"
    file_name = "report.edl"

    def _event(self, number: int, one: TimedDeliverable, starting: list[Cue]) -> str:
        start = starting[0].start
        ends = (start, start + 1)
        locators = (
            f"{str(cue.start).replace(';', ':')} {COLOURS[cue.hit.outcome].upper():7} {typed(cue.comment)}"
            for cue in starting
        )
        return "".join(
            (
                format_event(number, reel_of(one.path), "A" if one.sound else "V", ends, ends),
                format_comment("FROM CLIP NAME", typed(one.name)),
                format_comment("RATE", str(start.rate)),
                *(format_comment("LOC", locator) for locator in locators),
                format_mark("", *_mark(starting)),
            )
        )


class ResolveReport(_EditList):
    """The list that DaVinci Resolve writes for a timeline's markers, and imports: name, colour, length, note."""

    name = "resolve"
    file_name = "report.resolve.edl"

    def _event(self, number: int, one: TimedDeliverable, starting: list[Cue]) -> str:
        start = starting[0].start
        ends = (start, start + 1)
        notes = " / ".join(typed(cue.comment).replace("|", "/") for cue in starting)
        return format_event(number, "001", "V", ends, ends) + format_mark(notes, *_mark(starting))


def _mark(starting: list[Cue]) -> tuple[str, str, int]:
    """Name, colour and length of the mark for hits that start on one frame."""
    worst = max(starting, key=lambda cue: cue.hit.outcome.rank)
    words = f"{worst.hit.outcome.value.upper()} {typed(worst.hit.mark.words).replace('|', '/')}"
    more = f" and {len(starting) - 1} more" if len(starting) > 1 else ""
    return f"{words}{more}", COLOURS[worst.hit.outcome], max(cue.length for cue in starting)
