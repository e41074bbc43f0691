"""One row of the register: what it declares, and how much it counts.

A row keeps every cell, known or not. What cannot be understood is a fault with the row's number, and never makes the
row cover more.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from scanner.judge.phrases import UNSURE, folded_phrase, is_locatable, is_placeholder, is_unconditional, side_of
from scanner.judge.register.cells import (
    DIGEST,
    Defect,
    boxes_of,
    category_of,
    date_of,
    digest_in,
    references_in,
)
from scanner.judge.register.columns import LOCATED
from scanner.judge.register.row_faults import closed_cells, faults_of
from scanner.judge.vocabulary import Meaning, vocabulary_of
from scanner.model import Box, Category

__all__ = ["DIGEST", "Defect", "Row", "boxes_of", "date_of", "row_of"]

_ALWAYS_ASKED = ("licence_tier", "trains_on_inputs", "inputs_used")
_CONDITIONS = "approval_conditions"
_ABSOLUTE = re.compile(r"[\\/]|[A-Za-z]:[\\/]|file:|smb:")
_MACHINES = frozenset(
    {"chatgpt", "claude", "gemini", "copilot", "midjourney", "ai", "ki", "ia", "the tool", "automatic"}
)
"""What approves nothing, whatever its role."""
_LITERAL = 3
"""Letters and digits beside wildcards from which on they name a file: `EP101_master*.mov`."""
_DECLARED = {"enhanced": 1, "edited": 2, "generated": 3}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Row:
    """One declared use. `cells` hold every column as text; the other fields are what was understood of them."""

    file: str
    number: int
    id: str
    cells: Mapping[str, str]
    glob: str = ""
    is_absolute: bool = False
    """Whether the path begins at a volume: the delivery has the file by the path's tail."""
    digest: str = ""
    """`xxh3-128:…`; `?` for one that the scan cannot compare."""
    references: tuple[str, ...] = ()
    tc_in: str = ""
    tc_out: str = ""
    boxes: tuple[Box, ...] = ()
    category: Category | None = None
    declared: int | None = None
    """How far AI went: 1 enhanced, 2 edited, 3 generated."""
    status: str = "draft"
    final: bool = False
    """Whether the row is about the final."""
    approved_on: date | None = None
    expires: date | None = None
    wrong: tuple[str, ...] = ()
    """Columns with a fault. An approval that has one counts as informed."""
    meanings: Mapping[str, Meaning] = field(default_factory=dict)
    """The meanings of the closed columns that the row's sheet has."""
    consent_until: date | None = None
    generated_on: date | None = None
    consent_on: date | None = None
    void: str = ""
    """Why the row does not count although it is in the sheet: `hidden`, `struck out`; empty where it counts."""

    @property
    def key(self) -> tuple[str, int]:
        """Its file and number."""
        return self.file, self.number

    @property
    def is_exact(self) -> bool:
        """Whether it states which finding, reference or content it is about."""
        return bool(self.references or self.cells.get("finding_id", "").strip())

    @property
    def is_broad(self) -> bool:
        """Whether its path has wildcards and names neither a folder nor a file: `*`, `**/*.mov`."""
        folders, _, name = self.glob.rpartition("/")
        stem = name.partition(".")[0] if set(name) & set("*?") else name
        named = any(not set(folder) & set("*?") for folder in folders.split("/") if folder)
        return not named and len(re.sub(r"[\W_]", "", stem)) < _LITERAL

    @property
    def is_shot(self) -> bool:
        """Whether it names an episode and a time there, and no file: a line of a shot disclosure map."""
        named = self.glob or self.digest or self.references
        return bool(self.tc_in) and not named and bool(self.cells.get("episode", "").strip("* "))

    @property
    def said(self) -> str:
        """What it declares, in its own words."""
        return repr(self.cells.get("generated_or_altered", ""))

    @property
    def words(self) -> frozenset[str]:
        """The words of the column `use_case`."""
        meaning = self.meanings.get("use_case")
        return meaning.words if meaning else frozenset()

    def has(self, need: str) -> bool:
        """Whether a column is filled in, or holds the word of `column=word`; `a|b` asks for one of several columns."""
        return any(self._has(one) for one in need.split("|"))

    def declares(self, column: str, words: frozenset[str]) -> bool:
        """Whether a column holds one of some words, or leaves open whether it does. `*` is any value."""
        value = self.cells.get(column, "").strip()
        if "*" in words:
            return bool(value) and not (column == _CONDITIONS and is_unconditional(value))
        meaning = self.meanings.get(column)
        if meaning is None:
            return bool(value) and folded_phrase(value) in words
        return bool(meaning.words & words) or UNSURE in meaning.words or self.leaves_open(column)

    def leaves_open(self, column: str) -> bool:
        """Whether a closed column holds a placeholder, or a phrase that is not understood."""
        meaning = self.meanings.get(column)
        if meaning is None or not self.cells[column].strip():
            return False
        return bool(meaning.unknown) or (meaning.is_open and UNSURE not in meaning.words)

    @property
    def unanswered(self) -> tuple[str, ...]:
        """The questions about the tool that the row's sheet asks and the row leaves empty."""
        if self.status in ("draft", "planned"):
            return ()
        return tuple(column for column in _ALWAYS_ASKED if not self.cells.get(column, "-").strip())

    def side(self, approvers: tuple[str, ...] = ()) -> str:
        """On which side it was approved: see `side_of`."""
        cells = self.cells
        by, *others = (folded_phrase(cells.get(name, "")) for name in ("approved_by", "operator", "tool", "vendor"))
        if by and not approvers and (by in others or by in _MACHINES):
            return "production"
        return side_of((cells.get("approved_by", ""), cells.get("approver_role", "")), approvers)

    def _has(self, need: str) -> bool:
        column, _, word = need.partition("=")
        value = self.cells.get(column, "").strip()
        meaning = self.meanings.get(column)
        if meaning is not None:
            is_open = meaning.is_open and UNSURE not in meaning.words
            whole = bool(meaning.words - {"none"}) and not is_open and not meaning.unknown
            return whole and word in meaning.words if word else whole
        if column == "disclosure_tc" and word:  # where it is asked for, the hit decides
            return not is_placeholder(value)
        if column.endswith("_date") or column.startswith("date_"):
            return date_of(value) is not None
        if word:
            return folded_phrase(value) == folded_phrase(word)
        return is_locatable(value) if column in LOCATED else not is_placeholder(value)


def row_of(file: str, number: int, cells: Mapping[str, str], *, void: str = "") -> tuple[Row, tuple[Defect, ...]]:
    """Make the row that cells state, and list what is wrong with it."""
    faults = list(faults_of(file, number, cells))
    meanings = _read_meanings(closed_cells(cells))
    row = Row(
        file=file,
        number=number,
        id=cells.get("entry_id", "").strip() or f"row {number}",
        cells=cells,
        glob=_glob(cells.get("asset_glob", "")),
        is_absolute=_ABSOLUTE.match(cells.get("asset_glob", "").strip()) is not None,
        digest=digest_in(cells.get("content_digest", "")),
        references=references_in(cells),
        tc_in=cells.get("tc_in", "").strip(),
        tc_out=cells.get("tc_out", "").strip(),
        boxes=boxes_of(cells.get("region", "")) or (),
        category=category_of(cells.get("category", "")),
        declared=_measure_declared(meanings.get("generated_or_altered")),
        status=_status(meanings.get("status")),
        final=_one(meanings.get("scope_temp_or_final")) == "final",
        approved_on=date_of(cells.get("date_approved", "")),
        expires=date_of(cells.get("expires", "")),
        wrong=tuple(dict.fromkeys(fault.column for fault in faults if fault.grave)),
        meanings=meanings,
        consent_until=date_of(cells.get("consent_until", "")),
        generated_on=date_of(cells.get("date_generated", "")),
        consent_on=date_of(cells.get("consent_date", "")),
        void=void,
    )
    return row, tuple(faults)


def _glob(said: str) -> str:
    """A path as paths of a delivery are written; the same object where it is one."""
    path = re.sub(r"^(?:\./)+", "", said.strip().replace("\\", "/")).strip("/")
    return said if path == said else path


@lru_cache(maxsize=4096)
def _read_meanings(closed: tuple[tuple[str, str], ...]) -> Mapping[str, Meaning]:
    """What closed columns say."""
    read = ((column, vocabulary_of(column), cell) for column, cell in closed)
    return {column: vocabulary.read(cell) for column, vocabulary, cell in read if vocabulary is not None}


def _measure_declared(meaning: Meaning | None) -> int | None:
    """How far AI went at most; None where the row does not say."""
    if meaning is None or meaning.unknown:
        return None
    return max((_DECLARED[word] for word in meaning.words), default=None)


def _one(meaning: Meaning | None) -> str:
    """The word of a column that takes one; empty where it says none, or several."""
    return next(iter(meaning.words)) if meaning and len(meaning.words) == 1 and not meaning.unknown else ""


def _status(meaning: Meaning | None) -> str:
    """A status that nobody understands is `unclear`: it neither informs nor leaves earlier approvals standing."""
    if meaning is None or (meaning.is_open and not meaning.words):
        return "draft"
    return _one(meaning) or "unclear"
