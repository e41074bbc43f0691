"""Whether a word in a picture is a mark, or only possible: it may be a name, a title, a line of a list or of a page.

A mark stands alone, at an edge or over the picture, and is small. The name of a tool is also a person's name in a lower
third, a company under a speaker, a row of a chart, a subtitle; the name of a library is a line of the credits.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from fingerprints.marks.ocr import Line
from fingerprints.marks.words import MarkWord, classify
from media.place import Box

__all__ = ["COPIES", "FEW_LINES", "SURE", "is_at_edge", "is_firm", "may_be_embedded"]

FEW_LINES: Final = 8
"""A picture with more lines than this is full of text: none of them is more than possible."""
FEWEST_LINES: Final = 4
"""Up to so many, a preview mark or a placeholder that crosses the middle may be firm, whatever its height."""
TALLEST: Final = 9.0
"""Percent of the picture's height: what is taller is a title, unless it repeats."""
TALLEST_NAME: Final = 6.0
"""The same of a short name away from the edges, where chapters have their titles."""
NEAR_EDGE: Final = 8.0
"""Percent of a side: so near to an edge lies a mark."""
SAFE: Final = 16.0
"""The same of a credit, which stands inside the safe area."""
LONGEST_NAME: Final = 8
"""Letters of a name in one word that may be a person's or a place's."""
COPIES: Final = 3
"""So many of one mark make a pattern; of a stock library's that each stand alone, one fewer."""
SURE: Final = 0.8
"""Score of a reading that may be firm."""
NEXT: Final = 1.2
"""Heights between two lines, up to which they belong together."""
MOST_TEXT: Final = 12.0
"""Percent of the picture that its lines take up: filler under more of them is the body of a page."""
SPOKEN: Final = (62.0, 70.0)
"""Percent across and down: left of and below it stand lower thirds and subtitles."""
CORNER: Final = (70.0, 75.0)
"""Percent across and down: right of and below it stand the marks of most generators."""

_FAMILIES: Final = (frozenset({"iStock", "Getty Images"}), frozenset({"Adobe Stock", "Fotolia"}))
"""Libraries that stand together in one mark."""
_OF_MARK: Final = re.compile(
    r"(?i)@|www|https?:|\.(?:com|ai|video|art|org|net|io)\b|\bcredits?\b|©|#|\d{5,}|\bid\b|\bv?\d\.\d"
)
"""What stands beside a mark and belongs to it: a handle, an address, a number, a credit."""
_AI: Final = re.compile(r"A[Il1]$|[\u2e80-\u9fff]")
"""What makes a name a tool's: `AI` at its end, as it may be read, or Chinese and Japanese characters."""
_NUMBER: Final = re.compile(r"#\s?\d+")
_CHANNEL: Final = re.compile(r"\D+\d{1,2}")
"""A name with a whole number, which a broadcaster's channel has too; a version has a point."""
_READING: Final = re.compile(r"[\W\d_]*\d[\W\d_]*[A-Za-z]{0,4}[\W_]*")
"""A number with its unit."""


def is_firm(
    line: Line, word: MarkWord, lines: Sequence[Line], screen: Box | None = None, *, stands: bool | None
) -> bool:
    """Whether a line that holds a mark's word is the mark.

    `lines`: all of the picture. `screen`: what the picture shows it on. `stands`: whether the lines stand while the
    picture under them moves; None of a single picture.
    """
    if not word.whole_line or line.score < SURE:
        return False
    if word.is_object and stands is not None:
        return False
    if word.is_body:
        return stands is not False and len(lines) <= FEW_LINES and _text_of(lines) <= MOST_TEXT
    if _is_pattern(word, lines):
        return True
    is_name = _is_name(line, word)
    if len(lines) > FEW_LINES or _is_in_company(line, word, lines) or (is_name and _is_named(line, word, lines)):
        return False
    if _NUMBER.fullmatch(line.text) and not _is_cornered(line.box):
        return False  # a number of anything
    if word.is_credit and (not stands or is_at_edge(line.box, near=SAFE) or line.box.h >= TALLEST):
        return False  # credits stand at edges too, inside the safe area; a large one is the emblem of who distributes
    if line.box.h < TALLEST and is_at_edge(line.box, screen):
        return True
    if stands and line.box.h < (TALLEST_NAME if is_name else TALLEST):
        return True
    crosses = word.kind in ("stock-mark", "placeholder") and len(lines) <= FEWEST_LINES
    return crosses and (bool(stands) or not word.is_short)


def may_be_embedded(line: Line, word: MarkWord, lines: Sequence[Line], screens: Sequence[Box]) -> bool:
    """Whether a line of the scene may be a mark in a picture that the scene shows, not a sign or a line of a page.

    What a person or a shop may be called (*Sora*) needs a screen or a sheet around it.
    """
    if not word.whole_line or word.kind == "placeholder" or word.is_credit or line.score < SURE:
        return False
    if len(lines) > FEW_LINES or _is_in_company(line, word, lines):
        return False
    return not _is_name(line, word) or any(line.box.lies_in(screen) for screen in screens)


def _is_pattern(word: MarkWord, lines: Sequence[Line]) -> bool:
    """Whether a mark repeats over the picture, and not in a list of names."""
    copies = [(line, one) for line in lines if (one := classify(line.text)) and _is_same(one, word)]
    alone = sum(not _is_in_company(line, one, lines) for line, one in copies)
    return alone >= COPIES - (word.kind == "stock-mark") or (len(copies) >= COPIES and not word.is_credit)


def _is_same(one: MarkWord, other: MarkWord) -> bool:
    return (one.kind, one.name) == (other.kind, other.name)


def _is_in_company(line: Line, word: MarkWord, lines: Sequence[Line]) -> bool:
    """Whether another line stands next to a mark's and does not belong to it: a name, a list, a reading."""
    if word.kind == "legal-label":
        return False
    beside = [other.text for other in lines if other is not line and _is_next(line.box, other.box)]
    if word.kind == "placeholder":
        return word.is_short and any(map(_READING.fullmatch, beside)) and not any(map(classify, beside))
    return any(not _belongs(text, word) for text in beside)


def _belongs(text: str, word: MarkWord) -> bool:
    bare = " ".join(part for part in text.split() if len(part) > 1)  # an emblem is read as a letter
    other = classify(bare) if bare else None
    if other is None:
        return len(text) < 3 or _OF_MARK.search(text) is not None
    is_family = any({word.name, other.name} <= family for family in _FAMILIES)
    return other.kind != word.kind or other.name == word.name or is_family


def _is_next(one: Box, other: Box) -> bool:
    """Whether a box stands right above, below or beside another that is about as high."""
    if not _is_alike(one, other):
        return False
    tall = max(min(one.h, other.h), 0.5)
    across = max(one.x, other.x) - min(one.x + one.w, other.x + other.w)
    down = max(one.y, other.y) - min(one.y + one.h, other.y + other.h)
    return (across < 0 and down < NEXT * tall) or (down < -0.5 * tall and across < 2 * tall)


def _is_name(line: Line, word: MarkWord) -> bool:
    """Whether a generator's word may be somebody's or something's name: `Sora`, `Kling`; not `Kling AI`, `KLINGAI`."""
    is_plain = line.text.isalpha() and len(line.text) <= LONGEST_NAME and not _AI.search(line.text)
    return word.kind == "generator-label" and (word.is_short or is_plain)


def _is_named(line: Line, word: MarkWord, lines: Sequence[Line]) -> bool:
    """Whether a short name may be somebody's or something's: in a subtitle or a lower third, on a map, in a chart.

    The lower right corner is that of marks: there other words may be shown at the same time, but no other tool's name.
    """
    others = [other for other in lines if other is not line and not _belongs(other.text, word)]
    if _is_cornered(line.box):
        found = (classify(other.text) for other in others)
        return any(one is not None and one.kind == word.kind and one.whole_line for one in found)
    if _CHANNEL.fullmatch(line.text):
        return True
    across, down = _middle(line.box)
    return (across < SPOKEN[0] and down > SPOKEN[1]) or any(_is_alike(line.box, other.box) for other in others)


def _is_cornered(box: Box) -> bool:
    across, down = _middle(box)
    return across > CORNER[0] and down > CORNER[1]


def _middle(box: Box) -> tuple[float, float]:
    return box.x + box.w / 2, box.y + box.h / 2


def _is_alike(one: Box, other: Box) -> bool:
    """Whether two boxes are about as high."""
    return 0.4 < one.h / max(other.h, 1e-6) < 2.5


def _text_of(lines: Sequence[Line]) -> float:
    return sum(line.box.area_percent for line in lines)


def is_at_edge(box: Box, of: Box | None = None, *, near: float = NEAR_EDGE) -> bool:
    """Whether a box lies at an edge of the picture, or of a part of it, to `near` percent of a side."""
    outer = of or Box(0, 0, 100, 100)
    across = min(box.x - outer.x, outer.x + outer.w - box.x - box.w) * 100 / max(outer.w, 1e-6)
    down = min(box.y - outer.y, outer.y + outer.h - box.y - box.h) * 100 / max(outer.h, 1e-6)
    return min(across, down) <= near
