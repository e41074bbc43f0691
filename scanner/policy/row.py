"""One row of the register: what was declared, what it is worth, and what is wrong with it.

Law: a row keeps every cell, known or not. What cannot be understood is a fault with the row's number,
and never makes the row cover more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from scanner.model import Category
from scanner.policy.case import Box
from scanner.policy.columns import APPROVAL, REQUIRED, WORDS

__all__ = ["DIGEST", "Fault", "Row", "boxes_of", "date_of", "row_of"]

_LOCATORS = ("asset_glob", "content_digest", "phash_or_ref_id", "source_material_ids", "tc_in")
_DATES = ("date_generated", "date_informed", "date_approved", "expires", "consent_date")
DIGEST = re.compile(r"(?:(xxh3-128(?:-sampled)?):)?([0-9a-f]{32})", re.IGNORECASE)
_LABEL = re.compile(r"(?:[01]?\d|2[0-3])[:;][0-5]?\d[:;][0-5]?\d(?:[:;.,]\d{1,6})?|\d{1,9}")
_SHA256 = re.compile(r"(?:sha-?256:)?[0-9a-f]{64}", re.IGNORECASE)
_PHASH = re.compile(r"(?:(?:p|d|a|w)?hash:)?(?:[0-9a-f]{16}|[0-9a-f]{64})", re.IGNORECASE)
"""64 or 256 bits, as hash tools print them."""
_SPELLED = {
    "altered": "edited", "modified": "edited", "edited_with_ai": "edited", "ai_edited": "edited",
    "ai_generated": "generated", "fully_generated": "generated", "ai_enhanced": "enhanced", "upscaled": "enhanced",
    "restored": "enhanced",
}  # fmt: skip
_ISO = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?")
"""A day, which may have a time behind it."""
_DECLARED = {"enhanced": 1, "edited": 2, "generated": 3}


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One declared use. `cells` hold every column as text; the other fields are what was understood of them."""

    file: str
    number: int
    id: str
    cells: Mapping[str, str]
    glob: str = ""
    digest: str = ""
    """`xxh3-128:…`; `?` is one that the scan cannot compare."""
    references: tuple[str, ...] = ()
    tc_in: str = ""
    tc_out: str = ""
    boxes: tuple[Box, ...] = ()
    category: Category | None = None
    declared: int | None = None
    """How far AI went: 1 enhanced, 2 edited, 3 generated."""
    status: str = "draft"
    final: bool = False
    """Whether it speaks for the final."""
    approved_on: date | None = None
    expires: date | None = None
    wrong: tuple[str, ...] = ()
    """Columns that are not right. An approval in which any is counts as informed."""

    @property
    def said(self) -> str:
        """What it declares, in its own words."""
        return repr(self.cells.get("generated_or_altered", ""))

    def has(self, need: str) -> bool:
        """Whether a column is filled in, or holds the word of `column=word`."""
        column, _, word = need.partition("=")
        value = self.cells.get(column, "").strip().lower()
        return value == word if word else value not in ("", "none", "unknown", "tbd", "n/a", "-")


def row_of(file: str, number: int, cells: Mapping[str, str]) -> tuple[Row, tuple[Fault, ...]]:
    """The row that cells say, and what is wrong with it."""
    faults = list(_faults(file, number, cells))
    dates = {name: date_of(cells.get(name, "")) for name in _DATES}
    status = _plain(cells.get("status", "")) or "draft"
    declared = _plain(cells.get("generated_or_altered", ""))
    category = _category(cells.get("category", ""))
    row = Row(
        file=file,
        number=number,
        id=cells.get("entry_id", "").strip() or f"row {number}",
        cells=cells,
        glob=cells.get("asset_glob", "").strip().replace("\\", "/").strip("/"),
        digest=_digest(cells.get("content_digest", "")),
        references=_references(cells),
        tc_in=cells.get("tc_in", "").strip(),
        tc_out=cells.get("tc_out", "").strip(),
        boxes=boxes_of(cells.get("region", "")) or (),
        category=category,
        declared=_DECLARED.get(_SPELLED.get(declared, declared)),
        status=status if status in WORDS["status"] else "draft",
        final=_plain(cells.get("scope_temp_or_final", "")) == "final",
        approved_on=dates["date_approved"],
        expires=dates["expires"],
        wrong=tuple(dict.fromkeys(fault.column for fault in faults if fault.grave)),
    )
    return row, tuple(faults)


def _faults(file: str, number: int, cells: Mapping[str, str]) -> Iterator[Fault]:
    def fault(column: str, message: str, *, grave: bool = True) -> Fault:
        return Fault(file, number, column, message, grave)

    status = _plain(cells.get("status", ""))
    for column in (*REQUIRED, *(APPROVAL if status == "approved" else ())):
        if not cells.get(column, "").strip():
            more = "; a merged cell belongs to its first row only" if column == "entry_id" else ""
            yield fault(column, f"is not filled in{more}")
    if status == "approved" and not any(cells.get(column, "").strip() for column in _LOCATORS[1:]):
        message = "by its path alone a row informs and approves nothing: enter the digest, a reference or the timecode"
        yield fault("content_digest", message, grave=False)
    if not any(cells.get(column, "").strip() for column in _LOCATORS):
        yield fault("asset_glob", "nothing says where the use is: a path, a digest, a reference or a timecode")
    for column, words in WORDS.items():
        value = _plain(cells.get(column, ""))
        if value and _SPELLED.get(value, value) not in words:
            yield fault(column, f"{cells[column]!r} is not one of {', '.join(words)}")
    for column in _DATES:
        if cells.get(column, "").strip() and date_of(cells[column]) is None:
            yield fault(column, f"{cells[column]!r} is not a date that can be told for sure; write 2026-11-22")
    for column in ("tc_in", "tc_out"):
        value = cells.get(column, "").strip()
        if re.fullmatch(r"[\d:;]+[.,]\d\d", value):
            yield fault(column, f"{value!r} may mean frames or hundredths of a second; write 01:00:28:10")
        elif value and not _LABEL.fullmatch(value):
            yield fault(column, f"{value!r} is not a timecode; write 01:00:28:10")
    into, out = (_order(cells.get(column, "")) for column in ("tc_in", "tc_out"))
    if into and out and len(into) == len(out) and out <= into:
        yield fault("tc_out", "is not after tc_in: right only for a use over midnight", grave=False)
    if bool(cells.get("tc_in", "").strip()) != bool(cells.get("tc_out", "").strip()):
        yield fault("tc_out", "tc_in and tc_out belong together; the row covers no time")
    if cells.get("category", "").strip() and _category(cells["category"]) is None:
        yield fault("category", f"{cells['category']!r} is not one of {', '.join(Category)}")
    if cells.get("region", "").strip() and boxes_of(cells["region"]) is None:
        yield fault("region", f"{cells['region']!r} is not x,y,w,h in percent")
    if _PHASH.fullmatch(cells.get("phash_or_ref_id", "").strip()):
        message = "is read as a reference's id: a scan keeps no perceptual hashes; name the picture's file or its id"
        yield fault("phash_or_ref_id", message, grave=False)
    digest = cells.get("content_digest", "").strip()
    if _SHA256.fullmatch(digest):
        yield fault("content_digest", "a scan does not compute SHA-256; copy the digest that the report prints")
    elif digest and not DIGEST.fullmatch(digest):
        yield fault("content_digest", f"{digest!r} is not a digest; copy the one that the report prints")


def _order(label: str) -> tuple[int, ...]:
    """The numbers of a label or of a frame, to be compared with others of the same form."""
    return tuple(int(number) for number in re.findall(r"\d{1,9}", label))


def _plain(value: str) -> str:
    return re.sub(r"[\s-]+", "_", value.strip().lower())


def _digest(said: str) -> str:
    found = DIGEST.fullmatch(said.strip())
    if found is None:
        return "?" if said.strip() else ""
    return f"{(found[1] or 'xxh3-128').lower()}:{found[2].lower()}"


def _references(cells: Mapping[str, str]) -> tuple[str, ...]:
    said = f"{cells.get('phash_or_ref_id', '')};{cells.get('source_material_ids', '')}"
    return tuple(dict.fromkeys(name.strip() for name in re.split(r"[;\n]", said) if name.strip()))


def _category(said: str) -> Category | None:
    try:
        return Category(_plain(said).replace("_", "-"))
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
