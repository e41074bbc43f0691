"""Coverage's data files of processes that were killed while they wrote: taken away before they are combined."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

__all__ = ["remove_torn_data"]

_TABLES = frozenset({"coverage_schema", "meta", "file", "context", "arc", "line_bits", "tracer"})
"""Of coverage's schema; it makes them one by one, without a journal."""


def remove_torn_data(folder: Path) -> list[Path]:
    """Remove every `.coverage.*` of a folder that is no whole database. Returns what was removed.

    `coverage combine` warns of some of these files and fails over others, at the end of a run that passed.
    """
    torn = [path for path in sorted(folder.glob(".coverage.*")) if not _is_whole(path)]
    for path in torn:
        path.unlink(missing_ok=True)
    return torn


def _is_whole(path: Path) -> bool:
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database:
            tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            versions = database.execute("SELECT version FROM coverage_schema").fetchall()
            return (
                tables >= _TABLES
                and len(versions) == 1
                and database.execute("PRAGMA quick_check(1)").fetchone() == ("ok",)
            )
    except sqlite3.Error:
        return False
