"""Marker lists as Avid Media Composer exports and imports them: one line for each hit, six columns between tabs.

Name, timecode, track, colour, comment, length in frames; no header. The timecode is the deliverable's own, with `;`
where it counts drop-frame. Source: lists that Media Composer writes (Markers window, Export Markers), as the public
converters `adamhawkey/EDL_tools` and `mjiggidy/locatorator` read them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from scanner.reports.timed import COLOURS, TimedDeliverable, TimedReport, typed
from scanner.reports.wording import trim

__all__ = ["MarkersReport"]

_PATH = 120


class MarkersReport(TimedReport):
    """Every hit in time, for the Markers window. Empty where there is none: the format has no header.

    The comment begins with the deliverable's path in brackets, which distinguishes the markers of two programmes on one
    timeline.
    """

    name = "markers"
    file_name = "report.markers.txt"
    controls = "\n\t"

    def write(self, found: Iterable[TimedDeliverable]) -> Iterator[str]:
        """The lines, deliverable by deliverable, each in the order of its timeline."""
        for one in found:
            path, track = typed(trim(one.path, _PATH)), "A1" if one.sound else "V1"
            for cue in one.cues:
                comment = f"[{path}] {typed(cue.comment)}"
                cells = ("provscan", str(cue.start), track, COLOURS[cue.hit.outcome], comment, str(cue.length))
                yield "\t".join(cells) + "\n"
