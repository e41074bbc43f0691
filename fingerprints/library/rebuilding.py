"""Makes a new catalogue of the rows that a damaged one still holds."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from fingerprints.library.database import CATALOGUE, connect, transaction
from fingerprints.library.rows import as_text, put
from fingerprints.library.salvage import Salvage
from fingerprints.library.schema import SCHEMA, create_tables, put_algorithm
from fingerprints.prints import STORED
from media.errors import LibraryError

__all__ = ["DAMAGED", "LostReference", "locked", "rebuild", "take_place"]

DAMAGED = "library.sqlite.damaged"
"""A damaged catalogue, once another has taken its place."""
_DIGEST = re.compile("[0-9a-f]{32}")
_OURS = re.compile(rf"[0-9a-f]{{24}}|[0-9a-f]{{32}}|ordinal|change|schema|made .*|{'|'.join(map(re.escape, STORED))}")
"""Texts of other indices than those of ids and files, whose rows may have the same numbers."""


@dataclass(frozen=True, slots=True)
class LostReference:
    """A reference that must be added again."""

    id: str
    file: str
    """Where it was added from; empty: not known any more."""
    why: str


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Let no other process change a damaged catalogue meanwhile; where SQLite cannot open it, no other can either."""
    with closing(sqlite3.connect(folder / CATALOGUE, isolation_level=None)) as database:
        try:
            database.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            if "locked" in str(error):
                raise LibraryError(f"{folder} is in use: end what adds to it, and repair it again") from error
        except sqlite3.DatabaseError:
            pass
        yield
        with suppress(sqlite3.Error):
            database.execute("ROLLBACK")


def rebuild(folder: Path, path: Path) -> list[LostReference]:
    """Write a new catalogue to `path`, and return the references whose rows are lost. Raises `LibraryError` where there
    are no checksums by which a row could be recognised."""
    path.unlink(missing_ok=True)
    salvage = Salvage(folder / CATALOGUE)
    with closing(connect(path)) as database:
        database.execute("PRAGMA synchronous = OFF")  # the whole file is synced before it takes its place
        with transaction(database):
            create_tables(database, {})
            database.execute("DELETE FROM counter")
            for table, row in salvage.rows():
                if table == "thumbnail":
                    database.execute("INSERT OR REPLACE INTO thumbnail VALUES (?, ?)", row)
                else:
                    put(database, table, row)
            if database.execute("SELECT 1 FROM counter UNION SELECT 1 FROM reference").fetchone() is None:
                path.unlink()
                raise LibraryError(
                    f"{folder}: no row of its catalogue has a checksum, so that nothing can be recognised: it was made"
                    " by an older provscan, or nothing is left. Restore it from a copy, or create it again from its log"
                )
            _complete_counters(database, folder)
            return list(_drop_incomplete(database, salvage.names))


def _complete_counters(database: sqlite3.Connection, folder: Path) -> None:
    counters = dict(database.execute("SELECT name, value FROM counter").fetchall())
    tops = "SELECT ordinal FROM plate UNION ALL SELECT ordinal FROM removed"
    (top,) = database.execute(f"SELECT COALESCE(MAX(ordinal), -1) FROM ({tops})").fetchone()  # noqa: S608
    put(database, "counter", ("schema", SCHEMA))
    put(database, "counter", ("ordinal", max(counters.get("ordinal", 0), top + 1)))
    put(database, "counter", ("change", counters.get("change", int.from_bytes(os.urandom(4), "big")) + 1))
    made = dict(database.execute("SELECT name, version FROM algorithm").fetchall())
    made |= {name[5:]: value for name, value in counters.items() if name.startswith("made ")}
    if not made:
        raise LibraryError(f"{folder} does not state any more what made its fingerprints: restore it from a copy")
    for name, version in made.items():
        put_algorithm(database, name, version)


def _drop_incomplete(database: sqlite3.Connection, names: Mapping[int, set[str]]) -> Iterator[LostReference]:
    """Drop what belongs to references whose rows are lost, and yield these."""
    there = {number for (number,) in database.execute("SELECT number FROM reference")}
    parts = "SELECT reference FROM plate UNION SELECT reference FROM clip"
    torn = {number for (number,) in database.execute(parts)} - there
    torn |= {number for number, texts in names.items() if number not in there and any(map(_DIGEST.fullmatch, texts))}
    for number in sorted(torn):
        rows = database.execute("SELECT ordinal FROM plate WHERE reference = ?", (number,)).fetchall()
        for (ordinal,) in rows:
            put(database, "removed", (ordinal,))
            database.execute("DELETE FROM thumbnail WHERE ordinal = ?", (ordinal,))
        database.execute("DELETE FROM plate WHERE reference = ?", (number,))
        database.execute("DELETE FROM clip WHERE reference = ?", (number,))
        texts = sorted(as_text(text) for text in names.get(number, ()) if not _OURS.fullmatch(text))
        files = [text for text in texts if Path(text).is_absolute()]
        name = next((text for text in texts if text not in files), f"number {number}")
        yield LostReference(name, files[0] if files else "", "its row in the catalogue is damaged")
    database.execute("DELETE FROM thumbnail WHERE ordinal NOT IN (SELECT ordinal FROM plate)")


def take_place(folder: Path, path: Path) -> None:
    """Put a new catalogue in the place of a damaged one, which is kept under another name."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
    old, kept = folder / CATALOGUE, folder / DAMAGED
    kept.unlink(missing_ok=True)
    try:
        kept.hardlink_to(old)
    except OSError:
        shutil.copyfile(old, kept)
    # It belongs to the damaged file: with the new one it would be played back into that.
    (folder / f"{CATALOGUE}-journal").unlink(missing_ok=True)
    path.replace(old)
