"""Marks in the picture itself: labels and logos of generators, labels of law, preview marks, placeholder text.

What is read is in `fingerprints.marks`; this module puts it into statements. A hit is good evidence; its absence is
none: marks are cropped, painted over, or too small to be read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from media.errors import EssenceUnread, MediaError
from media.identify import KINDS, WITHOUT_PIXELS
from media.place import Box
from media.still import open_picture
from media.timecode import ASSUMED, rate_of
from scanner.model import Evidence, Kind
from scanner.readers.interface import Medium, Reader

if TYPE_CHECKING:
    from fingerprints.marks.glimpses import FrameSource
    from fingerprints.marks.still import VisibleMark
    from media.probe import Stream

__all__ = ["VISIBLE", "VisibleReader", "rate_of_picture", "search_seconds"]

SEARCH_SECONDS, SEARCH_BYTES = 180.0, 5e5
"""So many seconds, and one more for every so many bytes, may be spent on the marks of a programme."""
MOST_BOXES: Final = 100
_SEGMENT: Final = "video/iso.segment"
"""It cannot be decoded without its initialisation segment."""


class VisibleReader(Reader):
    """Reads marks in the picture: its text and its logos, where they stand, in which frames, and whether they are firm.

    The key is the kind of mark: `generator-label`, `legal-label`, `stock-mark`, `placeholder`; the value, the text or
    the logo's name. Facts: `name`, the tool or library; `form`, `text` or `logo`; `firmness`, `firm` or `possible`;
    `box`, in percent of the picture (left, top, width, height); `embedded` where it lies on a screen in the scene;
    `copies` where it repeats; `seen`, in how many of the frames looked at; `frames`, counted from the first, of a
    programme; `boxes` where it moves.
    """

    name = "visible"
    version = 4
    costly = True
    searches_pixels = True
    reads_whole = True
    media_types = (
        frozenset(name for name, kind in KINDS.items() if kind in (Kind.IMAGE, Kind.VIDEO))
        - WITHOUT_PIXELS
        - {_SEGMENT}
    )

    def read(self, medium: Medium) -> Iterator[Evidence]:
        """One statement for each kind and name of mark, and for each part of a programme that shows it."""
        try:
            if medium.kind is Kind.IMAGE and not medium.frames:
                yield from _of_still(medium)
            else:
                yield from _of_programme(medium)
        except MediaError as error:
            raise EssenceUnread(f"visible marks were not looked for in all of it: {error}") from error


VISIBLE = VisibleReader()


def _of_still(medium: Medium) -> Iterator[Evidence]:
    from fingerprints.marks.still import DETAIL_SIDE, find_marks

    for mark in find_marks(open_picture(medium.path, at_least=DETAIL_SIDE)):
        yield _evidence(mark)


def _of_programme(medium: Medium) -> Iterator[Evidence]:
    from fingerprints.marks.glimpses import FileSource, SequenceSource
    from fingerprints.marks.programme import marks_of_programme
    from media.probe import probe  # late, as in `container`

    first = 0
    source: FrameSource | None = None
    if medium.frames:
        first, source = medium.frames[0][0], SequenceSource(medium.frames)
    elif (video := probe(medium.path).first("video")) is not None:
        source = FileSource(medium.path, rate_of_picture(video), search_seconds(medium.size))
    if source is None:
        return
    found = marks_of_programme(source, limit_seconds=search_seconds(medium.size))
    for shown in found.marks:
        into, out = shown.frames[0] + first, shown.frames[1] - 1 + first
        facts = {"seen": f"{shown.seen} of {shown.looked} frames"}
        facts |= {} if medium.frames else {"frames": f"{into}-{out}"}
        if len(shown.boxes) > 1:
            places = (f"{a + first}-{b - 1 + first}:{_written(box)}" for (a, b), box in shown.boxes[:MOST_BOXES])
            facts["boxes"] = " ".join(places)
        yield replace(_evidence(shown.mark, **facts), frames=((into, out),))
    if found.fault is not None:
        raise found.fault


def search_seconds(size: int) -> float:
    """How long the marks of a programme of so many bytes may be looked for."""
    return SEARCH_SECONDS + size / SEARCH_BYTES


def rate_of_picture(video: Stream) -> Fraction:
    """Frames a second as the picture states them, else `ASSUMED`, as where programmes are compared."""
    try:
        return rate_of(video.rate or "")
    except ValueError:
        return ASSUMED


def _evidence(mark: VisibleMark, **more: str) -> Evidence:
    facts = {"name": mark.name, "form": "logo" if mark.is_logo else "text", "box": _written(mark.box)}
    facts["firmness"] = "firm" if mark.is_firm else "possible"
    facts |= {"embedded": "yes"} if mark.is_embedded else {}
    facts |= {"copies": str(mark.copies)} if mark.copies > 1 else {}
    return Evidence(reader=VISIBLE.name, key=mark.kind, value=mark.text, where="picture", facts=facts | more)


def _written(box: Box) -> str:
    return ",".join(f"{side:g}" for side in (box.x, box.y, box.w, box.h))
