"""Cells of a register and of waivers as values: dates, boxes, digests, references, and what is wrong with a cell."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from scanner.model import Category
from scanner.policy.case import Box

__all__ = ["DIGEST", "Fault", "boxes_of", "category_of", "date_of", "digest_in", "plain_of", "references_in"]

DIGEST = re.compile(r"(?:(xxh3-128(?:-sampled)?):)?([0-9a-f]{32})", re.IGNORECASE)
_ISO = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?")
"""A day, which may have a time behind it."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a row. `grave`: the row is worth less for it."""

    file: str
    row: int
    column: str
    message: str
    grave: bool = True

    def __str__(self) -> str:
        where = f"{self.file}, row {self.row}" if self.row else self.file
        return f"{where}{', ' + self.column if self.column else ''}: {self.message}"


def plain_of(value: str) -> str:
    """A word in lower case, with `_` between its parts."""
    return re.sub(r"[\s-]+", "_", value.strip().lower())


def digest_in(said: str) -> str:
    """A digest as a scan writes it; `?` for one that it does not compute, empty for none."""
    found = DIGEST.fullmatch(said.strip())
    if found is None:
        return "?" if said.strip() else ""
    return f"{(found[1] or 'xxh3-128').lower()}:{found[2].lower()}"


def references_in(cells: Mapping[str, str]) -> tuple[str, ...]:
    """The ids and names of references that a row states."""
    said = f"{cells.get('phash_or_ref_id', '')};{cells.get('source_material_ids', '')}"
    return tuple(dict.fromkeys(name.strip() for name in re.split(r"[;\n]", said) if name.strip()))


def category_of(said: str) -> Category | None:
    """A category by its name; None where it is not one."""
    try:
        return Category(plain_of(said).replace("_", "-"))
    except ValueError:
        return None


def boxes_of(said: str) -> tuple[Box, ...] | None:
    """`10,20,30,40; 0,0,5,5` as boxes in percent; None where it is not that."""
    found = []
    for part in filter(None, (part.strip() for part in said.split(";"))):
        try:
            x, y, w, h = (float(number) for number in part.split(","))
        except ValueError:
            return None
        if not (0 <= x <= 100 and 0 <= y <= 100 and 0 < w <= 100 and 0 < h <= 100):
            return None
        found.append((x, y, w, h))
    return tuple(found)


def date_of(said: str) -> date | None:
    """A date that can be told for sure: ISO, `22.11.2026`, a spreadsheet's day number; slashes only if day and
    month cannot be mistaken for one another."""
    text = said.strip()
    if (iso := _ISO.fullmatch(text)) is not None:
        try:
            return date.fromisoformat(iso[1])
        except ValueError:
            return None
    if text.isdecimal() and 20_000 <= int(text) <= 80_000:  # 1954 to 2119
        return date(1899, 12, 30) + timedelta(days=int(text))
    for pattern in ("%d.%m.%Y", "%d %b %Y", "%d %B %Y", "%B %d, %Y", "%b %d, %Y"):
        try:
            return datetime.strptime(text, pattern).date()
        except ValueError:
            continue
    return _slashed(text)


def _slashed(text: str) -> date | None:
    found = re.fullmatch(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})", text)
    if found is None:
        return None
    one, two, year = (int(number) for number in found.groups())
    if one <= 12 and two <= 12 and one != two:
        return None
    month, day = (two, one) if one > 12 else (one, two)
    try:
        return date(year, month, day)
    except ValueError:
        return None
