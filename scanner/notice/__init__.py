"""What a production asks before it starts a use, and what it sends to its contact: triage of planned uses, and
notices."""

from __future__ import annotations

from scanner.notice.items import AiUse, items_of, items_of_plan
from scanner.notice.letter import Letter, letter_of, redact_letter
from scanner.notice.markdown import letter_markdown
from scanner.notice.planned import planned_json, planned_lines, planned_markdown
from scanner.notice.sheet import COLUMNS, letter_rows
from scanner.notice.word import letter_docx

__all__ = [
    "COLUMNS",
    "AiUse",
    "Letter",
    "items_of",
    "items_of_plan",
    "letter_docx",
    "letter_markdown",
    "letter_of",
    "letter_rows",
    "planned_json",
    "planned_lines",
    "planned_markdown",
    "redact_letter",
]
