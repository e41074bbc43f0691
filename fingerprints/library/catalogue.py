"""The catalogue: one SQLite file that states what a library holds and which segments count.

Rule: what is not committed here does not exist, so a kill at any moment leaves a library that opens. A rollback journal
and no WAL, so that libraries also open from read-only and shared folders.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from fingerprints.library.schema import (
    APPLICATION_ID,
    CLIP_TABLE,
    CLIPS,
    DETAILS,
    LATER,
    SCHEMA,
    TABLES,
    add_columns,
    is_at_least,
)
from fingerprints.model import Clip, Details, KeyImage, Reference
from fingerprints.vocabulary import Quality, Role
from media.digest import digest_bytes
from media.errors import LibraryError

__all__ = ["CATALOGUE", "Catalogue"]

CATALOGUE = "library.sqlite"
_BUSY_SECONDS = 60.0


class Catalogue:
    """The open catalogue of one library."""

    def __init__(self, folder: Path, database: sqlite3.Connection) -> None:
        self.folder = folder
        self._database = database

    @classmethod
    def create(cls, folder: Path, algorithms: dict[str, int]) -> Catalogue:
        """Create an empty one. Raises `LibraryError` where the folder holds anything already."""
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if any(folder.iterdir()):
                raise LibraryError(f"{folder} is not empty: name a new folder, or add to the library that is there")
            database = _connect(folder / CATALOGUE)
            with _transaction(database):
                for statement in filter(str.strip, TABLES.split(";")):
                    database.execute(statement)
                database.executemany("INSERT INTO algorithm VALUES (?, ?)", sorted(algorithms.items()))
                database.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                database.execute(f"PRAGMA user_version = {SCHEMA}")
        except (OSError, sqlite3.Error) as error:
            raise LibraryError(f"no library can be created in {folder}: {error}") from error
        return cls(folder, database)

    @classmethod
    def open(cls, folder: Path) -> Catalogue:
        """Open it. Raises `LibraryError` for a folder that is not a library, or one of a newer provscan."""
        path = folder / CATALOGUE
        if not path.is_file():
            raise LibraryError(f"{folder} is not a reference library; create one with: provscan library init {folder}")
        try:
            database = _connect(path)
            (application,) = database.execute("PRAGMA application_id").fetchone()
            (schema,) = database.execute("PRAGMA user_version").fetchone()
        except sqlite3.Error as error:
            raise LibraryError(f"{path} cannot be opened: {error}") from error
        if application != APPLICATION_ID:
            raise LibraryError(f"{path} is the database of another program")
        if schema > SCHEMA:
            raise LibraryError(f"{folder} was made by a newer provscan: update provscan to read it")
        return cls(folder, database)

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    @contextmanager
    def changing(self) -> Iterator[None]:
        """A transaction that no other process can interleave. Counted as a change."""
        with _transaction(self._database):
            yield
            self._database.execute("UPDATE counter SET value = value + 1 WHERE name = 'change'")

    def change(self) -> int:
        """A number that differs after every change by any process."""
        return int(self._one("SELECT value FROM counter WHERE name = 'change'")[0])

    def algorithms(self) -> dict[str, int]:
        """The algorithms that made the fingerprints, and their versions."""
        return dict(self._rows("SELECT name, version FROM algorithm"))

    def reserve(self, count: int) -> int:
        """Reserve ordinals, which nobody else gets, and return the first."""
        with _transaction(self._database):
            first = int(self._one("SELECT value FROM counter WHERE name = 'ordinal'")[0])
            self._database.execute("UPDATE counter SET value = value + ? WHERE name = 'ordinal'", (count,))
        return first

    # References

    def insert(self, reference: Reference, stamp: str, key_images: Iterable[tuple[KeyImage, bytes]]) -> None:
        """Insert a reference. Within `changing`. Each key image comes with its thumbnail, or with nothing."""
        said = self._columns_of(reference.details)
        row = (*said.values(), reference.file, stamp, reference.digest, reference.size, reference.added)
        names = ", ".join((*said, "file", "stamp", "digest", "size", "added"))
        marks = ", ".join("?" * len(row))
        cursor = self._execute(f"INSERT INTO reference ({names}) VALUES ({marks})", row)  # noqa: S608
        for key_image, jpeg in key_images:
            place = (key_image.ordinal, cursor.lastrowid, key_image.at, key_image.width, key_image.height)
            self._execute("INSERT INTO plate VALUES (?, ?, ?, ?, ?)", place)
            if jpeg:
                self._database.execute("INSERT INTO thumbnail VALUES (?, ?)", (key_image.ordinal, jpeg))
        if reference.clip is not None:
            self._insert_clip(cursor.lastrowid, reference.clip)

    def _insert_clip(self, reference: int | None, clip: Clip) -> None:
        self._database.execute(CLIP_TABLE)
        is_at_least(self._database, CLIPS)
        place = (clip.name, clip.seconds, clip.rate, clip.origin, clip.has_sound, clip.made)
        row = (reference, *place, json.dumps(dict(clip.digests)))
        self._database.execute("INSERT INTO clip VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)

    def describe(self, details: Details) -> None:
        """Replace the details of a reference. Within `changing`."""
        said = self._columns_of(details)
        pairs = ", ".join(f"{name} = ?" for name in said)
        self._execute(f"UPDATE reference SET {pairs} WHERE id = ?", (*said.values(), details.id))  # noqa: S608

    def _columns_of(self, details: Details) -> dict[str, str]:
        """The details by column. An older catalogue gets the columns that it lacks when there is something for them."""
        said: dict[str, str] = asdict(details)
        absent = self._lacking()
        if any(said[name] for name in absent):
            add_columns(self._database, absent)
            return said
        return {name: value for name, value in said.items() if name not in absent}

    def _lacking(self) -> tuple[str, ...]:
        """Read again each time: another process may have added them."""
        there = {row[1] for row in self._rows("PRAGMA table_info(reference)")}
        return tuple(name for name in LATER if name not in there)

    def delete(self, reference: Reference) -> None:
        """Delete a reference. Within `changing`."""
        for ordinal in reference.key_images:
            self._database.execute("DELETE FROM plate WHERE ordinal = ?", (ordinal,))
            self._database.execute("DELETE FROM thumbnail WHERE ordinal = ?", (ordinal,))
        self.bury(reference.key_images)
        if reference.clip is not None:
            self._database.execute("DELETE FROM clip WHERE name = ?", (reference.clip.name,))
        self._execute("DELETE FROM reference WHERE id = ?", (reference.id,))

    def references(self, where: str = "1", values: tuple[object, ...] = ()) -> Iterator[Reference]:
        """References in the order of their ids. `where` is SQL of our own."""
        names = f"{self._names()}, file, size, added, number"
        for row in self._rows(f"SELECT {names} FROM reference WHERE {where} ORDER BY id", values):  # noqa: S608
            key_images = self._rows("SELECT ordinal FROM plate WHERE reference = ? ORDER BY ordinal", (row[-1],))
            digest, file, size, added = row[len(DETAILS) : -1]
            yield Reference(
                details=_details(dict(zip(DETAILS, map(_text, row), strict=False))),
                file=_text(file),
                digest=digest,
                size=size,
                added=added,
                key_images=tuple(ordinal for (ordinal,) in key_images),
                clip=next(self._clips("reference = ?", (row[-1],)), None),
            )

    def _names(self) -> str:
        """Columns: the details, and the digest of the file."""
        absent = self._lacking()
        return ", ".join((*(f"'' AS {name}" if name in absent else name for name in DETAILS), "digest"))

    def clips(self) -> dict[str, Clip]:
        """The clips that count, by name."""
        return {clip.name: clip for clip in self._clips()}

    def _clips(self, where: str = "1", values: tuple[object, ...] = ()) -> Iterator[Clip]:
        if self._one("SELECT 1 FROM sqlite_master WHERE name = 'clip'") is None:
            return
        names = "name, seconds, rate, origin, has_sound, made, digests"
        for *said, has_sound, made, digests in self._rows(f"SELECT {names} FROM clip WHERE {where}", values):  # noqa: S608
            name, seconds, rate, origin = said
            # It becomes part of a path, under which folders are removed.
            if not re.fullmatch("[0-9a-f]{24}", name):
                raise LibraryError(f"{self.folder / CATALOGUE} is damaged: {name!r} is not the name of a clip")
            yield Clip(
                name=name, seconds=seconds, rate=rate, origin=origin, has_sound=bool(has_sound), made=made,
                digests=json.loads(digests),
            )  # fmt: skip

    def stamp_of(self, file: str) -> dict[str, str]:
        """Size and time of change that a file had when it was added, by the ids under which it was added."""
        rows = self._rows("SELECT id, stamp FROM reference WHERE file = ?", (file,))
        return {_text(name): stamp for name, stamp in rows}

    def key_image(self, ordinal: int) -> KeyImage | None:
        """A key image by its ordinal; None where it does not exist."""
        query = "SELECT plate.ordinal, reference.id, at, width, height FROM plate"
        query += " JOIN reference ON reference.number = plate.reference WHERE plate.ordinal = ?"
        for found, reference, at, width, height in self._rows(query, (ordinal,)):
            return KeyImage(ordinal=found, reference=_text(reference), at=_text(at), width=width, height=height)
        return None

    def thumbnail(self, ordinal: int) -> bytes | None:
        """A key image's thumbnail, as JPEG."""
        row = self._one("SELECT jpeg FROM thumbnail WHERE ordinal = ?", (ordinal,))
        return None if row is None else bytes(row[0])

    def counts(self) -> dict[str, int]:
        """References by role, and rows by table."""
        roles = self._rows("SELECT role, COUNT(*) FROM reference GROUP BY role")
        made = {f"role {role}": count for role, count in roles}
        tables = ("reference", "plate", "segment", "removed")
        made |= {table: self._one(f"SELECT COUNT(*) FROM {table}")[0] for table in tables}  # noqa: S608
        return made | {"clip": len(self.clips())}

    # Segments

    def segments(self) -> dict[str, tuple[int, dict[str, str]]]:
        """Names of the segments that count, with their number of key images and their files' digests."""
        rows = self._rows("SELECT name, plates, digests FROM segment ORDER BY rowid")
        return {name: (key_images, json.loads(digests)) for name, key_images, digests in rows}

    def count_segment(self, name: str, key_images: int, digests: dict[str, str]) -> None:
        """Count a segment from now on. Within `changing`."""
        self._database.execute("INSERT INTO segment VALUES (?, ?, ?)", (name, key_images, json.dumps(digests)))

    def discount_segments(self, names: Iterable[str]) -> None:
        """Count segments no longer. Within `changing`."""
        self._database.executemany("DELETE FROM segment WHERE name = ?", ((name,) for name in names))

    def removed(self) -> frozenset[int]:
        """Ordinals that are still in a segment and must not be found."""
        return frozenset(ordinal for (ordinal,) in self._rows("SELECT ordinal FROM removed"))

    def bury(self, ordinals: Iterable[int]) -> None:
        """Mark ordinals as removed, so that they are not found. Within `changing`."""
        self._database.executemany("INSERT OR IGNORE INTO removed VALUES (?)", ((ordinal,) for ordinal in ordinals))

    def forget(self, ordinals: Iterable[int]) -> None:
        """Forget removed ordinals that are in no segment any more. Within `changing`."""
        self._database.executemany("DELETE FROM removed WHERE ordinal = ?", ((ordinal,) for ordinal in ordinals))

    def digest(self) -> str:
        """A digest of all references and their details: it differs after every change that a report could show."""
        rows = self._rows(f"SELECT {self._names()} FROM reference ORDER BY id")  # noqa: S608
        lines = (json.dumps([_text(value) for value in row]) for row in rows)
        return digest_bytes("\n".join(lines).encode())

    def is_sound(self) -> str:
        """`ok`, or SQLite's own message."""
        return str(self._one("PRAGMA integrity_check")[0])

    def _execute(self, query: str, values: Iterable[object]) -> sqlite3.Cursor:
        return self._database.execute(query, [_encode_text(value) for value in values])

    def _rows(self, query: str, values: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
        try:
            return self._execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise LibraryError(f"{self.folder / CATALOGUE} cannot be read: {error}") from error

    def _one(self, query: str, values: tuple[object, ...] = ()) -> Any:
        return next(iter(self._rows(query, values)), None)


def _encode_text(value: object) -> object:
    """Text that is no Unicode, as a file's name may be, as its bytes: SQLite takes it in no other way."""
    if not isinstance(value, str) or value.isascii():
        return value
    data = value.encode("utf-8", "surrogatepass")
    return value if data.decode("utf-8", "replace") == value else data


def _text(value: Any) -> str:
    return value.decode("utf-8", "surrogatepass") if isinstance(value, bytes) else str(value)


def _details(row: dict[str, str]) -> Details:
    return Details(**{**row, "role": Role(row["role"]), "quality": Quality(row["quality"])})  # type: ignore[arg-type]


def _connect(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None)
    database.execute("PRAGMA journal_mode = DELETE")
    return database


@contextmanager
def _transaction(database: sqlite3.Connection) -> Iterator[None]:
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
