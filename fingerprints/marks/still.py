"""The marks in one picture: its lines of text and its logos, each firm or possible.

A word is a mark where its line is nothing but the mark and the picture holds few other lines, at an edge of the picture
or repeated over it. What has less of that is possible. Boxes are in percent of the picture.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from fingerprints.marks.firmness import COPIES, FEW_LINES, is_at_edge, is_firm
from fingerprints.marks.logos import find_logos
from fingerprints.marks.ocr import Line, read_lines
from fingerprints.marks.patches import overlap_of, propose_text, read_parts
from fingerprints.marks.screens import find_screens
from fingerprints.marks.words import MarkKind, classify
from media.place import Box
from media.still import Picture, fitted

__all__ = ["DETAIL_SIDE", "SAME", "TextLines", "VisibleMark", "find_marks", "marks_of"]

WHOLE_SIDE: Final = 1280
"""Longer side in pixels at which the whole picture is read."""
DETAIL_SIDE: Final = 1920
"""Longer side at which logos are looked for, and small text, to be read enlarged: it may be under 10 pixels high."""

SAME: Final = 0.4
"""Of the smaller of two readings' boxes, over which they are of one line."""
MANY_LINES: Final = 12
"""In a picture with more lines, a word inside a line is part of a text."""


@dataclass(frozen=True, slots=True)
class VisibleMark:
    """A mark in a picture."""

    kind: MarkKind
    name: str
    """Of the tool, the library or the label: `Kling`."""
    text: str
    """As it was read; the name where it is a logo."""
    box: Box
    is_firm: bool
    """Whether it is more than possible."""
    is_embedded: bool = False
    """Whether it lies on a screen or a sheet that the picture shows."""
    is_logo: bool = False
    copies: int = 1
    """How many of it the picture holds."""


@dataclass(frozen=True, slots=True)
class TextLines:
    """What was read in a picture."""

    lines: tuple[Line, ...]
    screens: tuple[Box, ...] = ()
    """Screens and sheets that it shows."""


def find_marks(picture: Picture) -> tuple[VisibleMark, ...]:
    """The marks in a picture, upright, RGB or grey: one for each kind and name, firm ones first.

    Raises `MissingDependency` where text cannot be read here.
    """
    detail = fitted(picture, DETAIL_SIDE)
    read = _read_text(fitted(picture, WHOLE_SIDE), detail)
    return tuple(_one_each([*marks_of(read), *_logos_of(detail)]))


def _read_text(whole: Picture, detail: Picture) -> TextLines:
    """The lines of a picture given in two sizes: those of the whole, and where they are few, of parts enlarged."""
    lines = list(read_lines(whole))
    if len(lines) <= FEW_LINES and not _has_firm(lines):
        for line in read_parts(detail, propose_text(detail)):
            _merge(lines, line)
    screens = find_screens(whole) if any(classify(line.text) for line in lines) else ()
    return TextLines(tuple(lines), screens)


def _has_firm(lines: Sequence[Line]) -> bool:
    return any(mark.is_firm for mark in marks_of(TextLines(tuple(lines))))


def _merge(lines: list[Line], other: Line) -> None:
    """Add a line, or take it for another reading of one that is known: a mark wins, then the longer, surer one."""
    for at, known in enumerate(lines):
        if overlap_of(known.box, other.box) > SAME:
            if _worth(other) > _worth(known):
                lines[at] = other
            return
    lines.append(other)


def _worth(line: Line) -> tuple[int, float]:
    word = classify(line.text)
    return (0 if word is None else 1 + word.whole_line, len(line.text) * line.score)


def marks_of(read: TextLines, *, stands: bool | None = None) -> tuple[VisibleMark, ...]:
    """The marks among the lines of a picture.

    `stands`: whether these lines stand still while the picture under them moves; None of a single picture.
    """
    lines = _joined(read.lines)
    words = [(line, word) for line in lines if (word := classify(line.text)) is not None]
    copies = Counter((word.kind, word.name) for _, word in words)
    found = []
    for line, word in words:
        count = copies[word.kind, word.name]
        if not word.whole_line and len(read.lines) > MANY_LINES and count < COPIES:
            continue
        screens = () if is_at_edge(line.box) else read.screens
        screen = next((one for one in screens if line.box.lies_in(one)), None)
        firm = is_firm(line, word, lines, screen, stands=stands)
        embedded = screen is not None
        found.append(VisibleMark(word.kind, word.name, line.text, line.box, firm, is_embedded=embedded, copies=count))
    return tuple(found)


def _joined(lines: Sequence[Line]) -> list[Line]:
    """The lines; two that stand close in one row and are a mark only together are one."""
    left = list(lines)
    for one in lines:
        for other in lines:
            if one is other or one not in left or other not in left or not _follows(one.box, other.box):
                continue
            both = f"{one.text} {other.text}"
            if (word := classify(both)) and word.whole_line and not all(map(_is_whole, (one, other))):
                x, y = one.box.x, min(one.box.y, other.box.y)
                after = other.box.x + other.box.w
                below = max(one.box.y + one.box.h, other.box.y + other.box.h)
                left.remove(other)
                box = Box(x, y, round(after - x, 2), round(below - y, 2))
                left[left.index(one)] = Line(both, box, min(one.score, other.score))
    return left


def _is_whole(line: Line) -> bool:
    word = classify(line.text)
    return word is not None and word.whole_line


def _follows(one: Box, other: Box) -> bool:
    """Whether a box stands right of another one in the same row, about as high, and close."""
    tall = max(one.h, other.h)
    return (
        0.6 < one.h / max(other.h, 1e-6) < 1.7
        and abs(one.y + one.h / 2 - other.y - other.h / 2) < tall / 2
        and -tall / 2 < other.x - one.x - one.w < tall
    )


def _logos_of(picture: Picture) -> Iterator[VisibleMark]:
    if picture.ndim != 3:
        return
    for logo in find_logos(picture):
        yield VisibleMark(logo.kind, logo.name, logo.name, logo.box, logo.is_firm, is_logo=True)


def _one_each(marks: Sequence[VisibleMark]) -> Iterator[VisibleMark]:
    """Of every kind and name the firmest mark, firm ones first, with how many there are."""
    counts = Counter((mark.kind, mark.name) for mark in marks)
    kept: dict[tuple[str, str], VisibleMark] = {}
    for mark in sorted(marks, key=lambda mark: (not mark.is_firm, mark.is_logo)):
        kept.setdefault((mark.kind, mark.name), replace(mark, copies=counts[mark.kind, mark.name]))
    yield from kept.values()
