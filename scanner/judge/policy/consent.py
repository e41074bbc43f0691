"""Decides whether a consent in the register covers a use: its term, its production and what it describes. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from scanner.judge.phrases import folded_phrase, is_placeholder, is_temporary
from scanner.judge.register.row import Row
from scanner.judge.register.row_faults import is_endless

__all__ = ["consent_lacks"]

_PART = re.compile(
    r"(?:the )?(?:series|film|movie|show|serie|pelicula)|(?:s|season |staffel |saison |temporada )\d+|e?p?\d{3,}"
)
"""What may stand behind a production's name without naming another."""


def consent_lacks(row: Row, day: date | None, *, is_final: bool) -> Iterator[str]:
    """List what keeps a consent from covering a use, in words. An empty column is no obstacle."""
    until = row.cells.get("consent_until", "").strip()
    if row.consent_until is not None and day is not None and row.consent_until < day:
        yield f"a consent that is still valid ({row.consent_until})"
    elif until and row.consent_until is None and not is_endless(until):
        yield f"the last day on which the consent is valid ({until!r})"
    stated, title = (row.cells.get(name, "").strip() for name in ("consent_project", "title"))
    if (stated and is_placeholder(stated)) or (stated and title and not _is_same(stated, title)):
        yield "a consent for this production"
    scope = row.cells.get("consent_scope", "").strip()
    if scope and is_placeholder(scope):
        yield "the use that the consent describes"
    elif is_final and is_temporary(scope):
        yield f"a consent that covers the final ({scope!r})"


def _is_same(one: str, other: str) -> bool:
    """Whether two name the same production, with or without its season or format behind it."""
    short, long = sorted((folded_phrase(one), folded_phrase(other)), key=len)
    behind = long.removeprefix(short).strip()
    return long.startswith(short) and (not behind or _PART.fullmatch(behind) is not None)
