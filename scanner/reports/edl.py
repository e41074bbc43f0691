"""CMX3600 edit lists with locators: one list for each deliverable that has hits in time, one after another.

Each event is the first frame of a hit; source and record timecode are the deliverable's own, so that the
list lays itself over the programme. A hit is told twice, as a `* LOC:` comment (Avid, OpenTimelineIO) and as
the marker line that DaVinci Resolve itself writes and reads (Timelines > Export > Timeline Markers to EDL).
Sources: CMX 3600 as in the DaVinci Resolve manual, "Conforming EDL Files"; OpenTimelineIO's cmx_3600 adapter.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from media.timelines.cmx3600 import MAX_EVENTS, format_comment, format_event, format_head, reel_of
from scanner.model import Kind, Record
from scanner.records.summary import Summary
from scanner.reports.interface import Listed, Records, Report
from scanner.reports.timed import COLOURS, Cue, cues, typed
from scanner.reports.wording import inert

__all__ = ["EdlReport", "edit_lists"]


class EdlReport(Report):
    """What a cutting room loads to jump to each hit."""

    name = "edl"
    file_name = "report.edl"
    lists: Listed = "hits in time"

    def escape(self, text: str) -> str:
        """See `Report.escape`."""
        return inert(text)

    def render(self, summary: Summary, records: Records) -> Iterator[str]:
        """The lists. A reader that takes one programme a file wants the document cut before each `TITLE:`."""
        empty = True
        for record in records():
            for text in edit_lists(record):
                yield text if empty else f"\n{text}"
                empty = False
        if empty:
            yield format_head("provscan, no hits in time", drop=False)


def edit_lists(record: Record) -> Iterator[str]:
    """The lists of one deliverable: none where it has no hits in time, more than one beyond 999 events."""
    asset = record.examination.asset
    starts = [list(group) for _, group in groupby(cues(record), key=lambda cue: cue.start)]
    for first in range(0, len(starts), MAX_EVENTS):
        origin = starts[first][0].start
        part = f" ({first // MAX_EVENTS + 1})" if len(starts) > MAX_EVENTS else ""
        head = format_head(f"{typed(inert(asset.path))}{part}", drop=origin.drop)
        track = "A" if asset.kind is Kind.AUDIO else "V"
        events = (
            _event(number, track, asset.path, starting)
            for number, starting in enumerate(starts[first : first + MAX_EVENTS], 1)
        )
        yield head + "".join(events)


def _event(number: int, track: str, path: str, starting: list[Cue]) -> str:
    """One event for all hits that start on one frame: edit lists and Resolve's timeline hold one mark a frame."""
    start = starting[0].start
    ends = (start, start + 1)
    worst = max(starting, key=lambda cue: cue.hit.outcome.rank)
    colour = COLOURS[worst.hit.outcome]
    longest = max(1 if cue.whole else cue.span.frames for cue in starting)
    words = f"{worst.hit.outcome.value.upper()} {typed(worst.hit.mark.words).replace('|', '/')}"
    more = f" and {len(starting) - 1} more" if len(starting) > 1 else ""
    return "\n" + "".join(
        (
            format_event(number, reel_of(path), track, ends, ends),
            format_comment("FROM CLIP NAME", typed(inert(path.rpartition("/")[2]))),
            format_comment("RATE", str(start.rate)),
            *(
                format_comment("LOC", f"{start} {COLOURS[cue.hit.outcome].upper():7} {typed(cue.comment)}")
                for cue in starting
            ),
            f" |C:ResolveColor{colour.title()} |M:{words}{more} |D:{longest}\n",
        )
    )
