"""What one run found, in order, and which of it is examined: a table of the store that ends with the run."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from typing import Final

from media.errors import RunError
from scanner.examine.codec import from_json
from scanner.model import Asset

__all__ = ["RunList", "write"]

_PAGE: Final = 500
"""Assets that are taken from the list at once."""


class RunList:
    """The assets of a run."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def add(self, rows: Iterable[tuple[object, ...]]) -> None:
        """Add assets: of each the key, toolset, whether it is examined, stamp, kind, and itself as JSON."""
        statement = "INSERT INTO run (key, toolset, done, stamp, kind, asset) VALUES (?, ?, ?, ?, ?, ?)"
        write(self._database, "BEGIN")
        try:
            self._database.executemany(statement, rows)
        except sqlite3.Error as error:
            raise _full(error) from error
        write(self._database, "COMMIT")

    def finish(self, key: bytes, tools: str) -> None:
        """Note that an asset is examined."""
        write(self._database, "UPDATE run SET done = 1 WHERE key = ? AND toolset = ?", (key, tools))

    def stamp(self, key: bytes) -> str | None:
        """The stamp that an asset had when it was added."""
        row = self._database.execute("SELECT stamp FROM run WHERE key = ?", (key,)).fetchone()
        return str(row[0]) if row else None

    def count(self) -> int:
        """How many assets there are."""
        return int(self._database.execute("SELECT COUNT(*) FROM run").fetchone()[0])

    def count_waiting(self) -> int:
        """How many have no examination."""
        return int(self._database.execute("SELECT COUNT(*) FROM run WHERE NOT done").fetchone()[0])

    def waiting(self) -> Iterator[Asset]:
        """Those that have no examination, in order. More may get one meanwhile."""
        position = -1
        query = "SELECT position, asset FROM run WHERE NOT done AND position > ? ORDER BY position LIMIT ?"
        while rows := self._database.execute(query, (position, _PAGE)).fetchall():
            yield from (from_json(Asset, asset) for _, asset in rows)
            position = rows[-1][0]

    def assets(self) -> Iterator[Asset]:
        """Those that are examined, in order. Decodes no examination."""
        for (asset,) in self._database.execute("SELECT asset FROM run WHERE done ORDER BY position"):
            yield from_json(Asset, asset)


def write(database: sqlite3.Connection, statement: str, values: tuple[object, ...] = ()) -> None:
    """Write into a run's own tables, without which there is no run. `RunError` where there is no room."""
    try:
        database.execute(statement, values)
    except sqlite3.Error as error:
        raise _full(error) from error


def _full(error: sqlite3.Error) -> RunError:
    return RunError(f"this run's results cannot be kept: {error}; is the temporary folder full?")
