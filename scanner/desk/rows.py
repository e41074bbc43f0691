"""Register rows that the desk proposes for a file: what the scan read, and the columns that a person fills in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count, islice
from typing import Final

from media.errors import RunError
from scanner.judge.policy import load_policies
from scanner.judge.register.columns import APPROVAL, ASKED, COLUMNS, REQUIRED
from scanner.judge.register.cuesheet import cue_rows
from scanner.judge.register.row_faults import faults_of
from scanner.model import Record

__all__ = ["ProposedRow", "faults_of_cells", "name_column", "propose_rows"]

_MOST: Final = 12
"""Rows that are proposed for one file."""
_WHERE: Final = ("asset_glob", "content_digest", "finding_id", "phash_or_ref_id", "tc_in", "tc_out", "region")
_NAMES: Final = {
    "asset_glob": "file", "content_digest": "digest", "finding_id": "finding", "phash_or_ref_id": "reference",
    "tc_in": "timecode in", "tc_out": "timecode out", "entry_id": "number of the row",
    "scope_temp_or_final": "approved for", "approval_ref": "document of the approval",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedRow:
    """A row before a person completes it."""

    cells: Mapping[str, str]
    """Column → what the scan read."""
    names: tuple[str, ...]
    """Columns that are shown at once."""

    @property
    def more(self) -> list[str]:
        """The other columns."""
        return [name for name in COLUMNS if name not in self.names]


def propose_rows(record: Record, written: Sequence[Mapping[str, str]]) -> list[ProposedRow]:
    """A row for each use in the file, the first ones, with numbers that no written row has."""
    asked = [name for name in (*REQUIRED, *ASKED, *_needs_of(record), *APPROVAL) if name in COLUMNS]
    taken = {row.get("entry_id", "") for row in written}
    numbers = (name for number in count(len(taken) + 1) if (name := f"DESK-{number:04}") not in taken)
    return [_propose(row, number, asked) for row, number in zip(_uses(record), numbers, strict=False)]


def faults_of_cells(cells: Mapping[str, str]) -> list[str]:
    """Everything for which a row would count for less, a sentence each that begins with the label of its field."""
    return [f"{name_column(fault.column)}: {fault.message}" for fault in faults_of("", 0, cells) if fault.grave]


def name_column(column: str) -> str:
    """A column in words."""
    return _NAMES.get(column, column.replace("_", " "))


def _uses(record: Record) -> Iterator[Mapping[str, str]]:
    return islice(cue_rows(lambda: [record]), _MOST)


def _propose(row: Mapping[str, str], number: str, asked: Sequence[str]) -> ProposedRow:
    cells = {name: value for name, value in row.items() if name in COLUMNS and value} | {"entry_id": number}
    names = dict.fromkeys((*(name for name in _WHERE if name in cells), "description", *asked, "notes"))
    return ProposedRow(cells=cells, names=tuple(names))


def _needs_of(record: Record) -> Iterator[str]:
    """The columns that the rules of its reasons ask for in an approval."""
    rules = {reason.rule for reason in record.verdict.reasons}
    for name in {part for reason in record.verdict.reasons for part in reason.asked_by}:
        try:
            policy = load_policies([name])
        except RunError:
            continue
        for rule in policy.rules:
            if rule.id in rules:
                for need in rule.needs:
                    yield from (part.partition("=")[0] for part in need.split("|"))
