"""Final Cut Pro 7 XML, which Premiere Pro and Resolve read: each deliverable as a sequence with its hits as markers.

Markers count in frames from the sequence's first; name and comment are separate. The clip names the file by its
relative path, so that a program asks once where the media are. Sources: Apple, "Final Cut Pro XML Interchange Format",
version 4; Adobe, Premiere Pro, "Importing XML project files".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from media.timecode import nominal
from scanner.reports.timed import Cue, TimedDeliverable, TimedReport
from scanner.reports.xml import DECLARATION, Markup, close, comment, element

__all__ = ["Fcp7Report"]

_WHOLE = -1
"""The out point of a marker that has no length."""


class Fcp7Report(TimedReport):
    """For Premiere Pro: File > Import."""

    name = "fcp7"
    file_name = "report.fcp7.xml"

    def write(self, found: Iterable[TimedDeliverable]) -> Iterator[str]:
        """The sequences."""
        yield f'{DECLARATION}<!DOCTYPE xmeml>\n<xmeml version="4">\n'
        for number, one in enumerate(found, 1):
            yield comment(one.signed) + _sequence(one, number)
        yield close("xmeml")


def _sequence(one: TimedDeliverable, number: int) -> Markup:
    media = element("audio" if one.sound else "video", _format(one), element("track", _clip(one, number)))
    return element(
        "sequence",
        element("name", one.name),
        element("duration", str(one.frames)),
        _rate(one),
        _timecode(one),
        element("media", media),
        *(_marker(one, cue) for cue in one.cues),
        id=f"sequence-{number}",
    )


def _format(one: TimedDeliverable) -> Markup:
    if one.sound or not all(one.size):
        return Markup("")
    width, height = (element(side, str(pixels)) for side, pixels in zip(("width", "height"), one.size, strict=True))
    return element("format", element("samplecharacteristics", _rate(one), width, height))


def _clip(one: TimedDeliverable, number: int) -> Markup:
    """The whole programme, as one clip."""
    length = str(one.frames)
    file = element(
        "file",
        element("name", one.name),
        element("pathurl", one.url),
        _rate(one),
        element("duration", length),
        _timecode(one),
        element("media", element("audio" if one.sound else "video")),
        id=f"file-{number}",
    )
    places = (("start", "0"), ("end", length), ("in", "0"), ("out", length))
    return element(
        "clipitem",
        element("name", one.name),
        element("duration", length),
        _rate(one),
        *(element(name, place) for name, place in places),
        file,
        id=f"clipitem-{number}",
    )


def _marker(one: TimedDeliverable, cue: Cue) -> Markup:
    first = one.offset(cue)
    return element(
        "marker",
        element("comment", cue.comment),
        element("name", cue.title),
        element("in", str(first)),
        element("out", str(_WHOLE if cue.whole else first + cue.length)),
    )


def _rate(one: TimedDeliverable) -> Markup:
    ntsc = "TRUE" if one.rate.denominator == 1001 else "FALSE"
    return element("rate", element("timebase", str(nominal(one.rate))), element("ntsc", ntsc))


def _timecode(one: TimedDeliverable) -> Markup:
    return element(
        "timecode",
        _rate(one),
        element("string", str(one.start)),
        element("frame", str(one.start.frame)),
        element("displayformat", "DF" if one.start.drop else "NDF"),
    )
