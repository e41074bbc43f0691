"""Opens the cache file, or says why it cannot be used and opens a private temporary one.

A broken file of ours is moved aside. What is not ours is never touched.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

__all__ = ["APPLICATION_ID", "SCHEMA", "open_database"]

APPLICATION_ID = 0x70727663
"""`prvc`, in the file's header: how we know our own."""
SCHEMA = 2
BUSY_SECONDS = 5.0

_TABLES = (
    """CREATE TABLE IF NOT EXISTS examination (
        key BLOB NOT NULL, toolset TEXT NOT NULL, stamp TEXT NOT NULL, lost INTEGER NOT NULL, body BLOB NOT NULL,
        PRIMARY KEY (key, toolset))""",
    "DROP TABLE IF EXISTS format",
    """CREATE TABLE IF NOT EXISTS recognised (
        folder BLOB NOT NULL, name BLOB NOT NULL, toolset TEXT NOT NULL, stamp TEXT NOT NULL,
        media_type TEXT NOT NULL, width INTEGER, height INTEGER, sound INTEGER,
        PRIMARY KEY (folder, name)) WITHOUT ROWID""",
    """CREATE TEMP TABLE run (
        position INTEGER PRIMARY KEY, key BLOB NOT NULL, toolset TEXT NOT NULL, done INTEGER NOT NULL,
        stamp TEXT NOT NULL, kind TEXT NOT NULL, asset BLOB NOT NULL)""",
    "CREATE INDEX temp.run_key ON run (key, toolset)",
    """CREATE TEMP TABLE spill (
        key BLOB NOT NULL, toolset TEXT NOT NULL, body BLOB NOT NULL, PRIMARY KEY (key, toolset))""",
)
"""`examination` and `recognised` are lasting, and `format` is what an older provscan left; `run` (what this run found,
in order) and `spill` (what could not be written to a damaged file) are this connection's own."""


class _Unusable(Exception):
    """Not ours to use; left as it is."""


def open_database(path: Path | None) -> tuple[sqlite3.Connection, tuple[str, ...]]:
    """An open database with our tables, and warnings in words."""
    if path is None:
        return _temporary(), ()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return _open(path), ()
    except _Unusable as error:
        return _temporary(), (f"the cache {path} is not used: {error}",)
    except OSError as error:
        return _temporary(), (f"the cache {path} is not used: {error.strerror or error}",)
    except sqlite3.OperationalError as error:
        return _temporary(), (f"the cache {path} is not used: {error}; another run may be using it",)
    except sqlite3.DatabaseError as error:
        return _instead_of_broken(path, error)


def _instead_of_broken(path: Path, error: sqlite3.DatabaseError) -> tuple[sqlite3.Connection, tuple[str, ...]]:
    aside = path.with_name(path.name + ".broken")
    try:
        os.replace(path, aside)  # noqa: PTH105
        for suffix in ("-wal", "-shm"):
            with suppress(FileNotFoundError):
                path.with_name(path.name + suffix).unlink()
        return _open(path), (f"the cache {path} was damaged ({error}); renamed {aside.name}, and a new one begun",)
    except (OSError, sqlite3.Error, _Unusable):
        return _temporary(), (f"the cache {path} is damaged ({error}) and cannot be replaced; it is not used",)


def _open(path: Path) -> sqlite3.Connection:
    if path.exists() and path.stat().st_size:
        _refuse_foreign(path)
    database = _connect(str(path))
    try:
        database.execute("PRAGMA journal_mode = WAL")
        # A commit survives a killed process; a power cut may cost the last ones, and breaks nothing.
        database.execute("PRAGMA synchronous = NORMAL")
        database.execute("BEGIN IMMEDIATE")
        if database.execute("PRAGMA user_version").fetchone()[0] < SCHEMA:
            database.execute("DROP TABLE IF EXISTS examination")
            database.execute("DROP TABLE IF EXISTS recognised")
        _make_tables(database)
        database.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        database.execute(f"PRAGMA user_version = {SCHEMA}")
        database.execute("COMMIT")
    except BaseException:
        database.close()
        raise
    return database


def _refuse_foreign(path: Path) -> None:
    with closing(sqlite3.connect(path.absolute().as_uri() + "?mode=ro", uri=True, timeout=BUSY_SECONDS)) as database:
        (application,) = database.execute("PRAGMA application_id").fetchone()
        (version,) = database.execute("PRAGMA user_version").fetchone()
        (tables,) = database.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()
    if application != APPLICATION_ID and tables:
        raise _Unusable("it is the database of another program")
    if version > SCHEMA and application == APPLICATION_ID:
        raise _Unusable("it was written by a newer provscan")


def _temporary() -> sqlite3.Connection:
    """A private database that spills to a file of its own and is gone when it is closed."""
    database = _connect("")
    _make_tables(database)
    return database


def _connect(path: str) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)  # each statement commits by itself


def _make_tables(database: sqlite3.Connection) -> None:
    for statement in _TABLES:
        database.execute(statement)
