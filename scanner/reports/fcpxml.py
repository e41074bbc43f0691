"""FCPXML, which Final Cut Pro and Resolve read: each deliverable as a project with its hits as markers.

Times are exact fractions of a second. A marker has one frame; its note states its length. A hit that needs a decision
is a to-do marker, which Final Cut Pro shows red and lists until it is ticked off; one that is only information is a
plain marker. Source: Apple, "FCPXML Reference", version 1.9.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction

from scanner.model import Outcome
from scanner.reports.timed import Cue, TimedDeliverable, TimedReport
from scanner.reports.xml import DECLARATION, Markup, close, comment, element, opening

__all__ = ["FcpxmlReport"]


class FcpxmlReport(TimedReport):
    """For Final Cut Pro: File > Import > XML."""

    name = "fcpxml"
    file_name = "report.fcpxml"

    def write(self, found: Iterable[TimedDeliverable]) -> Iterator[str]:
        """Write all projects in one event. Resources come first in the format, so the timelines are kept until then."""
        kept = list(enumerate(found, 1))
        yield f'{DECLARATION}<!DOCTYPE fcpxml>\n<fcpxml version="1.9">\n'
        yield element("resources", *(_resource(one, number) for number, one in kept))
        yield f"{opening('event', name='provscan')}\n"
        for number, one in kept:
            yield comment(one.signed) + _project(one, number)
        yield close("event") + close("fcpxml")


def _resource(one: TimedDeliverable, number: int) -> Markup:
    sides = {side: str(pixels) for side, pixels in zip(("width", "height"), one.size, strict=True) if pixels}
    video = {"hasVideo": "1"} if not one.sound else {"hasAudio": "1"}
    return Markup(
        element("format", id=f"r{number}f", frameDuration=_seconds(1 / one.rate), **sides)
        + element(
            "asset",
            element("media-rep", kind="original-media", src=one.url),
            id=f"r{number}",
            name=one.name,
            start=_seconds(one.start.frame / one.rate),
            duration=_seconds(one.frames / one.rate),
            format=f"r{number}f",
            **video,
        )
    )


def _project(one: TimedDeliverable, number: int) -> Markup:
    start, counts = _seconds(one.start.frame / one.rate), "DF" if one.start.drop else "NDF"
    length = _seconds(one.frames / one.rate)
    clip = element(
        "asset-clip",
        *(_marker(one, cue) for cue in one.cues),
        ref=f"r{number}",
        name=one.name,
        offset=start,
        start=start,
        duration=length,
        tcFormat=counts,
    )
    spine = element("spine", clip)
    sequence = element("sequence", spine, format=f"r{number}f", duration=length, tcStart=start, tcFormat=counts)
    return element("project", sequence, name=one.name)


def _marker(one: TimedDeliverable, cue: Cue) -> Markup:
    start = Fraction(one.start.frame + one.offset(cue)) / one.rate
    todo = {} if cue.hit.outcome is Outcome.FYI else {"completed": "0"}
    return element(
        "marker",
        start=_seconds(start),
        duration=_seconds(1 / one.rate),
        value=cue.title,
        note=cue.comment,
        **todo,
    )


def _seconds(time: Fraction) -> str:
    """`3600s`, `1001/24000s`."""
    return f"{time}s"
