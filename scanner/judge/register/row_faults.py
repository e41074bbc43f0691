"""What is wrong with a row of the register, column by column, in sentences that state what to write instead."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from scanner.judge.phrases import folded_phrase, is_locatable, is_placeholder
from scanner.judge.register.cells import DIGEST, Defect, boxes_of, category_of, date_of
from scanner.judge.register.columns import APPROVAL, REQUIRED
from scanner.judge.vocabulary import CLOSED, vocabulary_of
from scanner.model import Category

__all__ = ["closed_cells", "faults_of", "is_endless"]

_LOCATORS = ("asset_glob", "content_digest", "phash_or_ref_id", "source_material_ids", "tc_in")
_DATES = ("date_generated", "date_informed", "date_approved", "expires", "consent_date", "consent_until")
_COUNTED_DATES = ("date_generated", "date_approved", "expires")
"""A day in another of these that cannot be read is noted: what needs it lacks it."""
_LABEL = re.compile(r"(?:[01]?\d|2[0-3])[:;][0-5]?\d[:;][0-5]?\d(?:[:;.,]\d{1,6})?|\d{1,9}")
_SHA256 = re.compile(r"(?:sha-?256:)?[0-9a-f]{64}", re.IGNORECASE)
_PHASH = re.compile(r"(?:(?:p|d|a|w)?hash:)?(?:[0-9a-f]{16}|[0-9a-f]{64})", re.IGNORECASE)
"""64 or 256 bits, as hash tools print them."""
_ENDLESS = frozenset({
    "never", "unlimited", "perpetual", "perpetuity", "in perpetuity", "no expiry", "no end", "indefinite",
    "indefinitely", "for ever", "forever", "unbefristet", "unbegrenzt", "kein ablauf", "nie", "zeitlich unbegrenzt",
    "illimite",
    "illimitee", "sans limite", "sans limite de duree", "perpetuel", "indefinido", "sin limite", "ilimitado",
    "perpetuo",
})  # fmt: skip


def faults_of(file: str, number: int, cells: Mapping[str, str]) -> Iterator[Defect]:
    """List everything that is wrong with a row, in the order of its columns."""

    def fault(column: str, message: str, *, grave: bool = True) -> Defect:
        return Defect(file, number, column, message, grave)

    status = vocabulary_of("status")
    words = status.read(cells.get("status", "")).words if status is not None else frozenset()
    is_approved = "approved" in words
    for column in (*REQUIRED, *(APPROVAL if is_approved else ())):
        value = cells.get(column, "").strip()
        if not value:
            more = "; a merged cell belongs to its first row only" if column == "entry_id" else ""
            if words == {"draft"}:  # what nobody has finished is not wrong yet
                yield fault(column, "is still to be filled in", grave=False)
            else:
                yield fault(column, f"is not filled in{more}")
        elif column != "entry_id" and column not in CLOSED and not column.startswith("date_") and is_placeholder(value):
            yield fault(column, f"{value!r} is a placeholder: enter what it stands for")
    kept = cells.get("approval_ref", "").strip()
    if is_approved and kept and not is_placeholder(kept) and not is_locatable(kept):
        yield fault("approval_ref", f"{kept!r} names no document: enter its number or date, a link or a path")
    role = cells.get("approver_role", "").strip()
    if is_approved and role and is_placeholder(role):
        yield fault("approver_role", f"{role!r} is a placeholder: enter in which role it was approved")
    if is_approved and not any(cells.get(column, "").strip() for column in _LOCATORS[1:]):
        message = "a path alone informs but does not approve: enter the digest, a reference or the timecode"
        yield fault("content_digest", message, grave=False)
    if "planned" not in words and not any(cells.get(column, "").strip() for column in _LOCATORS):
        yield fault("asset_glob", "no place is stated: enter a path, a digest, a reference or a timecode")
    for column, message in (*_words(closed_cells(cells)), *_days(cells), *_times(cells)):
        yield fault(column, message, grave=column not in _DATES or column in _COUNTED_DATES)
    into, out = (_order(cells.get(column, "")) for column in ("tc_in", "tc_out"))
    if into and out and len(into) == len(out) and (out < into or (out == into and len(out) > 1)):  # one frame is right
        yield fault("tc_out", "is not after tc_in: right only for a use over midnight", grave=False)
    if cells.get("category", "").strip() and category_of(cells["category"]) is None:
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


def closed_cells(cells: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """The closed columns that the row's sheet has, each with its cell. Most rows of a table share them."""
    return tuple((column, cells[column]) for column in CLOSED if column in cells)


def is_endless(said: str) -> bool:
    """Whether an end date means that something holds without end."""
    return folded_phrase(said) in _ENDLESS


@lru_cache(maxsize=4096)
def _words(closed: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """Phrases that are not in a column's vocabulary."""
    return tuple(_unknown_words(closed))


def _unknown_words(closed: tuple[tuple[str, str], ...]) -> Iterator[tuple[str, str]]:
    for column, cell in closed:
        vocabulary = vocabulary_of(column)
        if vocabulary is None or not cell.strip():
            continue
        meaning = vocabulary.read(cell)
        if column in (*REQUIRED, "scope_temp_or_final") and meaning.is_open and not meaning.words:
            yield column, f"{cell!r} is a placeholder: choose from {', '.join(vocabulary.names)}"
        for phrase in meaning.unknown:
            near = vocabulary.suggest(phrase)
            meant = f"did you mean {near!r}? Known are" if near else "known are"
            yield column, f"{phrase!r} is not a word of this column: {meant} {', '.join(vocabulary.names)}"


def _days(cells: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for column in _DATES:
        value = cells.get(column, "").strip()
        if value and date_of(value) is None and not (column in ("expires", "consent_until") and is_endless(value)):
            yield column, f"{value!r} is ambiguous or not a date; write 2026-11-22"


def _times(cells: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for column in ("tc_in", "tc_out"):
        value = cells.get(column, "").strip()
        if re.fullmatch(r"[\d:;]+[.,]\d\d", value):
            yield column, f"{value!r} may mean frames or hundredths of a second; write 01:00:28:10"
        elif value and not _LABEL.fullmatch(value):
            yield column, f"{value!r} is not a timecode; write 01:00:28:10"
    if bool(cells.get("tc_in", "").strip()) != bool(cells.get("tc_out", "").strip()):
        yield "tc_out", "tc_in and tc_out belong together; the row covers no time"


def _order(label: str) -> tuple[int, ...]:
    """The numbers of a label or of a frame, to be compared with others of the same form."""
    return tuple(int(number) for number in re.findall(r"\d{1,9}", label))
