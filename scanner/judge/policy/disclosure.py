"""Decides whether a disclosure that the register states exists, has its wording, and is where the use is. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from scanner.judge.phrases import is_placeholder
from scanner.judge.register.row import Row
from scanner.judge.register.span import Locus

__all__ = ["FIRST", "disclosure_lacks", "find_timecodes", "frames_at"]

FIRST: Final = "first-exposure"
"""`disclosure_tc=first-exposure` asks for a disclosure no later than the first frame of the use."""
_TIME = re.compile(r"\d{1,2}[:;]\d\d[:;]\d\d(?:[:;.]\d{1,3})?")
_BEFORE_SECONDS = 15
"""So long before a use its card or narration may stand."""
_ANYWHERE = frozenset({"credit", "description"})
"""Forms whose place is not that of the use."""
_HEAD = re.compile(
    r"opening|\bhead\b|beginning|\bstart\b|anfang|beginn|vorspann|debut|ouverture|inicio|comienzo", re.IGNORECASE
)
"""A card's place in words."""


def disclosure_lacks(row: Row, locus: Locus, *, is_first: bool = False) -> Iterator[str]:
    """List what keeps a disclosure from counting, in words. An empty column is no obstacle.

    `is_first`: the disclosure must start no later than one second after the first frame of the use.
    """
    words = row.cells.get("disclosure_text", "").strip()
    if words and is_placeholder(words):
        yield "the wording of the disclosure"
    if not _is_placed(row, locus, is_first=is_first):
        yield "a disclosure at the first exposure" if is_first else "a disclosure where the use is"


def _is_placed(row: Row, locus: Locus, *, is_first: bool) -> bool:
    """Whether one of the stated timecodes is at the hit or shortly before it; a card may open the programme.

    True where the row states no place, or where the hit has no time and the place is not a placeholder.
    """
    meaning = row.meanings.get("disclosure_method")
    forms = meaning.words if meaning else frozenset()
    place = row.cells.get("disclosure_tc", "").strip()
    times = find_timecodes(f"{place} {row.cells.get('disclosure_method', '')}")
    if place and is_placeholder(place):
        return False
    if forms & _ANYWHERE and not is_first:
        return True
    if not times:
        return not place or not locus.spans or place.isdecimal() or ("card" in forms and bool(_HEAD.search(place)))
    if not locus.spans:
        return True
    second = round(locus.origin.rate) if locus.origin else 0
    begin = min(first for first, _ in locus.spans)
    for frame in frames_at(times, locus):
        if "card" in forms and frame <= begin:
            return True
        if is_first:
            if begin - _BEFORE_SECONDS * second <= frame <= begin + second:
                return True
        elif any(first - _BEFORE_SECONDS * second <= frame < after for first, after in locus.spans):
            return True
    return False


def find_timecodes(cell: str) -> list[str]:
    """The timecodes in a cell, with or without frames, in order: `01:02:03:04`, `01:02:03`."""
    return _TIME.findall(cell)


def frames_at(times: Iterable[str], locus: Locus) -> Iterator[int]:
    """The stated timecodes as frames of the file; one that is not a label there has no place."""
    for time in times:
        label = time if len(re.findall("[:;.]", time)) == 3 else f"{time}:00"
        try:
            yield locus.between(label, label)[0]
        except ValueError:
            continue
