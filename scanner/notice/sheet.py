"""The notice as a table: one row for each use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from scanner.notice.letter import Letter

__all__ = ["COLUMNS", "letter_rows"]

_LABELS: Final = (
    "Asked of you", "Where", "What is seen or heard", "Use", "Tool", "Model", "Plan", "Vendor may train on inputs",
    "Put into the tool", "Performer", "Why", "What settles it", "Register", "MISSING",
)  # fmt: skip
COLUMNS: Final = ("Group", "Item", *_LABELS, "Answer", "Answered by", "Date", "Reference")
"""Headings. None of them is a status or an approval, so a notice that is read as a register approves nothing."""


def letter_rows(letter: Letter) -> Iterator[Mapping[str, str]]:
    """One row for each use; several facts of one label are lines of one cell."""
    for group in letter.groups:
        for use in group.uses:
            cells = {"Group": group.title, "Item": use.title}
            for label in _LABELS:
                cells[label] = "\n".join(fact.text for fact in use.facts if fact.label == label)
            yield cells
