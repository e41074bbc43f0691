"""A marker list as Avid Media Composer exports and imports it: one line a hit, six columns between tabs.

Name, timecode, track, colour, comment, length in frames; no header. The timecode is the deliverable's own,
with `;` where it counts drop-frame. The comment begins with the deliverable's path in brackets, so that the
lines of one programme can be picked out of a delivery of many. Source: lists that Media Composer writes (Markers
window, Export Markers), as the public converters `adamhawkey/EDL_tools` and `mjiggidy/locatorator` read them.
"""

from __future__ import annotations

from collections.abc import Iterator

from scanner.model import Kind, Record
from scanner.records.summary import Summary
from scanner.reports.interface import Listed, Records, Report
from scanner.reports.timed import COLOURS, cues, typed
from scanner.reports.wording import inert, trim

__all__ = ["MarkersReport", "marker_lines"]

_PATH = 120


class MarkersReport(Report):
    """Every hit in time, for the Markers window. Empty where there is none: the format has no header."""

    name = "markers"
    file_name = "report.markers.txt"
    lists: Listed = "hits in time"
    controls = "\n\t"

    def escape(self, text: str) -> str:
        """See `Report.escape`."""
        return inert(text)

    def render(self, summary: Summary, records: Records) -> Iterator[str]:
        """The lines, deliverable by deliverable, each in the order of its timeline."""
        for record in records():
            yield from marker_lines(record)


def marker_lines(record: Record) -> Iterator[str]:
    """The lines of one deliverable."""
    asset = record.examination.asset
    path = typed(trim(asset.path, _PATH))
    track = "A1" if asset.kind is Kind.AUDIO else "V1"
    for cue in cues(record):
        length = 1 if cue.whole else cue.span.frames
        comment = f"[{path}] {typed(cue.comment)}"
        yield "\t".join(("provscan", str(cue.start), track, COLOURS[cue.hit.outcome], comment, str(length))) + "\n"
