"""Converts cells of a register and of waivers into values: dates, boxes, digests, references; and what is wrong with
them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from scanner.model import Box, Category

__all__ = ["DIGEST", "Defect", "boxes_of", "category_of", "date_of", "digest_in", "plain_of", "references_in"]

DIGEST = re.compile(r"(?:(xxh3-128(?:-sampled)?):)?([0-9a-f]{32})", re.IGNORECASE)
_ISO = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?")
"""A day, which may have a time behind it."""
_YEAR_FIRST = re.compile(r"(?P<year>20\d\d)(?P<sign>[/.]?)(?P<month>\d\d)(?P=sign)(?P<day>\d\d)")
_DOTTED = re.compile(r"(?P<day>\d{1,2})\.\s?(?P<month>\d{1,2})\.\s?(?P<year>\d{4})")
_NAMES: tuple[str, ...] = (
    "january jan januar janner janvier janv enero ene", "february feb februar fevrier fevr fev febrero",
    "march mar marz mrz mars marzo", "april apr avril avr abril abr", "may mai mayo", "june jun juni juin junio",
    "july jul juli juillet juil julio", "august aug aout agosto ago",
    "september sep sept septembre septiembre setiembre", "october oct oktober okt octobre octubre",
    "november nov novembre noviembre", "december dec dezember dez decembre diciembre dic",
)  # fmt: skip
_MONTHS: Mapping[str, int] = {word: number for number, names in enumerate(_NAMES, 1) for word in names.split()}
"""English, German, French and Spanish, without accents."""
_DAYS = (
    "mon tue wed thu fri sat sun monday tuesday wednesday thursday friday saturday sunday montag dienstag mittwoch "
    "donnerstag freitag samstag sonntag mo di mi do fr sa so lundi mardi mercredi jeudi vendredi samedi dimanche "
    "lunes martes miercoles jueves viernes sabado domingo"
)
_AROUND = frozenset({"st", "nd", "rd", "th", "er", "de", "del", "le", "the", "of", "el", "den", "am", *_DAYS.split()})
"""What stands around a day in words."""


@dataclass(frozen=True, slots=True)
class Defect:
    """What is wrong with a row. `grave`: the row counts for less because of it."""

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
    """A digest as a scan writes it; `?` for an algorithm that a scan does not compute, empty for none."""
    found = DIGEST.fullmatch(said.strip())
    if found is None:
        return "?" if said.strip() else ""
    return f"{(found[1] or 'xxh3-128').lower()}:{found[2].lower()}"


def references_in(cells: Mapping[str, str]) -> tuple[str, ...]:
    """The ids and names of references that a row states."""
    said = f"{cells.get('phash_or_ref_id', '')};{cells.get('source_material_ids', '')}"
    return tuple(dict.fromkeys(name.strip() for name in re.split(r"[;\n]", said) if name.strip()))


def category_of(said: str) -> Category | None:
    """A category by its name; None where there is none of that name."""
    try:
        return Category(plain_of(said).replace("_", "-"))
    except ValueError:
        return None


def boxes_of(said: str) -> tuple[Box, ...] | None:
    """`10,20,30,40; 0,0,5,5` as boxes in percent; None where the cell has another form."""
    found = []
    for part in filter(None, (part.strip() for part in said.split(";"))):
        try:
            x, y, w, h = (float(number) for number in part.split(","))
        except ValueError:
            return None
        if not (0 <= x <= 100 and 0 <= y <= 100 and 0 < w <= 100 and 0 < h <= 100):
            return None
        found.append(Box(x, y, w, h))
    return tuple(found)


@lru_cache(maxsize=8192)
def date_of(said: str) -> date | None:
    """A date that is unambiguous: ISO, `22.11.2026`, `22. November 2026`, `22 de noviembre de 2026`, a spreadsheet's
    day number; with slashes only where day and month cannot be confused."""
    text = said.strip()
    if "?" in text:
        return None
    if (iso := _ISO.fullmatch(text)) is not None:
        try:
            return date.fromisoformat(iso[1])
        except ValueError:
            return None
    number = text.removesuffix(".0")
    if number.isdecimal() and 20_000 <= int(number) <= 80_000:  # 1954 to 2119
        return date(1899, 12, 30) + timedelta(days=int(number))
    if (plain := _YEAR_FIRST.fullmatch(text)) is not None:
        return _day(plain["year"], plain["month"], plain["day"])
    if (dotted := _DOTTED.fullmatch(text)) is not None:
        return _day(dotted["year"], dotted["month"], dotted["day"])
    return _in_words(text) or _parse_slashed(text)


def _day(year: str | int, month: str | int, day: str | int) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def _in_words(text: str) -> date | None:
    """`1 April 2026`, `April 1st, 2026`, `1er avril 2026`, `1. März 2026`, `01-Apr-2026`."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    words = re.findall(r"[a-z]+|\d+", "".join(char for char in plain if not unicodedata.combining(char)))
    months = [number for word in words if (number := _MONTHS.get(word)) is not None]
    numbers = [word for word in words if word.isdecimal()]
    others = {word for word in words if not word.isdecimal() and word not in _MONTHS} - _AROUND
    years = [number for number in numbers if len(number) == 4]
    days = [number for number in numbers if len(number) <= 2]
    if others or not len(months) == len(years) == len(days) == 1 or len(numbers) != 2:
        return None
    return _day(years[0], months[0], days[0])


def _parse_slashed(text: str) -> date | None:
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
