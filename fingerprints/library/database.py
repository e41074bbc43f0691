"""The SQLite file of a catalogue: how it is opened, changed in transactions and queried."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from fingerprints.library.rows import encode_text, put
from fingerprints.library.schema import has_checksums, has_right_tables, upgrade
from media.errors import LibraryError

__all__ = ["CATALOGUE", "REPAIR", "CatalogueFile", "connect", "transaction"]

CATALOGUE = "library.sqlite"
REPAIR = "provscan library repair --check"
"""The command that a message about damage names; the folder follows."""
_BUSY_SECONDS = 60.0


class CatalogueFile:
    """The open file of one catalogue, whatever its tables hold."""

    def __init__(self, folder: Path, database: sqlite3.Connection, name: str = CATALOGUE) -> None:
        self.folder = folder
        self._database = database
        self._path = folder / name
        self._file = _identify_file(self._path)

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    @contextmanager
    def changing(self) -> Iterator[None]:
        """A transaction that no other process can interleave. Counted as a change."""
        with self._writing():
            yield
            put(self._database, "counter", ("change", self.change() + 1))

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with transaction(self._database):
            if _identify_file(self._path) != self._file:
                raise LibraryError(f"{self.folder} was repaired meanwhile: run the same command again")
            upgrade(self._database)
            yield

    def change(self) -> int:
        """A number that differs after every change by any process."""
        return int(self._one("SELECT value FROM counter WHERE name = 'change'")[0])

    def is_sound(self) -> str:
        """`ok`, or what is wrong; SQLite checks what tables hold and not how they are defined."""
        said = str(self._one("PRAGMA integrity_check")[0])
        return said if said != "ok" or has_right_tables(self._database) else "the definition of a table has changed"

    def has_checksums(self) -> bool:
        """Whether rows have checksums: not in a catalogue of an older schema that was not changed since."""
        return has_checksums(self._database)

    def rows(self, table: str) -> Iterator[tuple[Any, ...]]:
        """All rows of a table as they are stored, one after the other."""
        return self._stream(f"SELECT * FROM {table}")  # noqa: S608 - our own names

    def _stream(self, query: str) -> Iterator[tuple[Any, ...]]:
        try:
            yield from self._database.execute(query)
        except sqlite3.Error as error:
            raise LibraryError(f"{self.folder / CATALOGUE} cannot be read: {error}") from error

    def _execute(self, query: str, values: Iterable[object]) -> sqlite3.Cursor:
        return self._database.execute(query, [encode_text(value) for value in values])

    def _rows(self, query: str, values: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
        try:
            return self._execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise LibraryError(f"{self.folder / CATALOGUE} cannot be read: {error}") from error

    def _one(self, query: str, values: tuple[object, ...] = ()) -> Any:
        return next(iter(self._rows(query, values)), None)


def connect(path: Path) -> sqlite3.Connection:
    """Open the file of a catalogue, as whatever writes it must."""
    database = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None)
    # No WAL, so that libraries also open from read-only and shared folders.
    database.execute("PRAGMA journal_mode = DELETE")
    # What is deleted is gone, and the bytes of a damaged file hold no row that does not count.
    database.execute("PRAGMA secure_delete = ON")
    return database


@contextmanager
def transaction(database: sqlite3.Connection) -> Iterator[None]:
    """A transaction that no other process can interleave. Raises `LibraryError`."""
    try:
        database.execute("BEGIN IMMEDIATE")
    except sqlite3.Error as error:
        raise LibraryError(f"the library cannot be written: {error}") from error
    try:
        yield
        database.execute("COMMIT")
    except BaseException as error:
        with closing(database.cursor()) as cursor:
            cursor.execute("ROLLBACK")
        if isinstance(error, sqlite3.Error):
            raise LibraryError(f"the library cannot be written: {error}") from error
        raise


def _identify_file(path: Path) -> tuple[int, int]:
    """What differs when a repair replaces the file."""
    stat = path.stat()
    return stat.st_dev, stat.st_ino
