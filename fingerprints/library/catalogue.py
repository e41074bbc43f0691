"""The catalogue: one SQLite file that states what a library holds and which segments count.

Rule: what is not committed here does not exist, so a kill at any moment leaves a library that opens.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path

from fingerprints.library.database import CATALOGUE, REPAIR, CatalogueFile, connect, transaction
from fingerprints.library.rows import as_text, is_whole, put
from fingerprints.library.schema import (
    APPLICATION_ID,
    DETAILS,
    LATER,
    SCHEMA,
    create_tables,
    has_clips,
    stated_schema,
)
from fingerprints.model import Clip, Details, KeyImage, Reference
from fingerprints.vocabulary import Quality, Role
from media.digest import checksum, digest_bytes
from media.errors import LibraryError

__all__ = ["CATALOGUE", "Catalogue"]


class Catalogue(CatalogueFile):
    """The open catalogue of one library."""

    @classmethod
    def create(cls, folder: Path, algorithms: dict[str, int]) -> Catalogue:
        """Create an empty one. Raises `LibraryError` where the folder holds anything already."""
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if any(folder.iterdir()):
                raise LibraryError(f"{folder} is not empty: name a new folder, or add to the library that is there")
            database = connect(folder / CATALOGUE)
            with transaction(database):
                create_tables(database, algorithms)
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
            database = connect(path)
            (application,) = database.execute("PRAGMA application_id").fetchone()
            schema, again = stated_schema(database)
        except sqlite3.Error as error:
            raise LibraryError(f"{path} cannot be opened: {error}; see {REPAIR} {folder}") from error
        if application != APPLICATION_ID:
            raise LibraryError(f"{path} is the database of another program, or damaged; see {REPAIR} {folder}")
        if again is not None and schema != again:
            raise LibraryError(f"{path} is damaged: it states two schemas; see {REPAIR} {folder}")
        if schema > SCHEMA:
            raise LibraryError(f"{folder} was made by a newer provscan: update provscan to read it")
        return cls(folder, database)

    def algorithms(self) -> dict[str, int]:
        """The algorithms that made the fingerprints, and their versions."""
        return dict(self._rows("SELECT name, version FROM algorithm"))

    def reserve(self, count: int) -> int:
        """Reserve ordinals, which nobody else gets, and return the first."""
        with self._writing():
            first = int(self._one("SELECT value FROM counter WHERE name = 'ordinal'")[0])
            put(self._database, "counter", ("ordinal", first + count))
        return first

    # References

    def insert(self, reference: Reference, stamp: str, key_images: Iterable[tuple[KeyImage, bytes, int]]) -> None:
        """Insert a reference. Within `changing`. Each key image comes with its thumbnail, or with nothing, and with the
        checksum of its fingerprints."""
        number = int(self._one("SELECT COALESCE(MAX(number), 0) + 1 FROM reference")[0])
        kept = list(key_images)
        file = (reference.file, stamp, reference.digest, reference.size, reference.added)
        clip = reference.clip.name if reference.clip else ""
        put(self._database, "reference", (number, *asdict(reference.details).values(), *file, len(kept), clip))
        for key_image, jpeg, prints in kept:
            place = (key_image.ordinal, number, key_image.at, key_image.width, key_image.height)
            put(self._database, "plate", (*place, prints, checksum(jpeg) if jpeg else None))
            if jpeg:
                self._database.execute("INSERT INTO thumbnail VALUES (?, ?)", (key_image.ordinal, jpeg))
        if reference.clip is not None:
            self._insert_clip(number, reference.clip)

    def _insert_clip(self, reference: int, clip: Clip) -> None:
        place = (clip.name, clip.seconds, clip.rate, clip.origin, clip.has_sound, clip.made)
        put(self._database, "clip", (reference, *place, json.dumps(dict(clip.digests))))

    def describe(self, details: Details) -> None:
        """Replace the details of a reference. Within `changing`."""
        (row,) = self._rows("SELECT * FROM reference WHERE id = ?", (details.id,))
        put(self._database, "reference", (row[0], *asdict(details).values(), *row[1 + len(DETAILS) : -1]))

    def _lacking(self) -> tuple[str, ...]:
        """Read again each time: another process may have upgraded it."""
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
        """References in the order of their ids. `where` is SQL of our own. Raises `LibraryError` for a damaged row:
        nothing is judged by a role or a licence that has changed."""
        has_sums = self.has_checksums()
        names = "*" if has_sums else f"number, {self._names()}, file, stamp, digest, size, added"
        for row in self._rows(f"SELECT {names} FROM reference WHERE {where} ORDER BY id", values):  # noqa: S608
            if has_sums and not is_whole("reference", row):
                raise LibraryError(f"{self.folder}: {as_text(row[1])!r} is damaged; see {REPAIR} {self.folder}")
            number, *details = row[: 1 + len(DETAILS)]
            file, _, digest, size, added, *_ = row[1 + len(DETAILS) :]
            key_images = self._rows("SELECT ordinal FROM plate WHERE reference = ? ORDER BY ordinal", (number,))
            yield Reference(
                details=_details(dict(zip(DETAILS, map(as_text, details), strict=True))),
                file=as_text(file),
                digest=digest,
                size=size,
                added=added,
                key_images=tuple(ordinal for (ordinal,) in key_images),
                clip=next(self._clips("reference = ?", (number,)), None),
            )

    def _names(self) -> str:
        """Columns of the details."""
        absent = self._lacking()
        return ", ".join(f"'' AS {name}" if name in absent else name for name in DETAILS)

    def clips(self) -> dict[str, Clip]:
        """The clips that count, by name."""
        return {clip.name: clip for clip in self._clips()}

    def _clips(self, where: str = "1", values: tuple[object, ...] = ()) -> Iterator[Clip]:
        if not has_clips(self._database):
            return
        names = "name, seconds, rate, origin, has_sound, made, digests"
        for *said, has_sound, made, digests in self._rows(f"SELECT {names} FROM clip WHERE {where}", values):  # noqa: S608
            name, seconds, rate, origin = said
            # It becomes part of a path, under which folders are removed.
            if not re.fullmatch("[0-9a-f]{24}", name):
                raise LibraryError(f"{self.folder / CATALOGUE} is damaged: {name!r} is not the name of a clip")
            yield Clip(
                name=name, seconds=seconds, rate=rate, origin=origin, has_sound=bool(has_sound), made=made,
                digests=self._digests(digests),
            )  # fmt: skip

    def stamp_of(self, file: str) -> dict[str, str]:
        """Size and time of change that a file had when it was added, by the ids under which it was added."""
        rows = self._rows("SELECT id, stamp FROM reference WHERE file = ?", (file,))
        return {as_text(name): stamp for name, stamp in rows}

    def key_image(self, ordinal: int) -> KeyImage | None:
        """A key image by its ordinal; None where it does not exist."""
        query = "SELECT plate.ordinal, reference.id, at, width, height FROM plate"
        query += " JOIN reference ON reference.number = plate.reference WHERE plate.ordinal = ?"
        for found, reference, at, width, height in self._rows(query, (ordinal,)):
            return KeyImage(ordinal=found, reference=as_text(reference), at=as_text(at), width=width, height=height)
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
        return {name: (key_images, self._digests(digests)) for name, key_images, digests in rows}

    def _digests(self, text: str) -> dict[str, str]:
        try:
            return dict(json.loads(text))
        except ValueError as error:
            raise LibraryError(f"{self._path} is damaged; see {REPAIR} {self.folder}") from error

    def count_segment(self, name: str, key_images: int, digests: dict[str, str]) -> None:
        """Count a segment from now on. Within `changing`."""
        put(self._database, "segment", (name, key_images, json.dumps(digests)))

    def discount_segments(self, names: Iterable[str]) -> None:
        """Count segments no longer. Within `changing`."""
        self._database.executemany("DELETE FROM segment WHERE name = ?", ((name,) for name in names))

    def removed(self) -> frozenset[int]:
        """Ordinals that are still in a segment and must not be found."""
        return frozenset(ordinal for (ordinal,) in self._rows("SELECT ordinal FROM removed"))

    def bury(self, ordinals: Iterable[int]) -> None:
        """Mark ordinals as removed, so that they are not found. Within `changing`."""
        for ordinal in ordinals:
            put(self._database, "removed", (ordinal,))

    def forget(self, ordinals: Iterable[int]) -> None:
        """Forget removed ordinals that are in no segment any more. Within `changing`."""
        self._database.executemany("DELETE FROM removed WHERE ordinal = ?", ((ordinal,) for ordinal in ordinals))

    def digest(self) -> str:
        """A digest of all references and their details: it differs after every change that a report could show."""
        rows = self._rows(f"SELECT {self._names()}, digest FROM reference ORDER BY id")  # noqa: S608
        lines = (json.dumps([as_text(value) for value in row]) for row in rows)
        return digest_bytes("\n".join(lines).encode())

    def stated_parts(self) -> list[tuple[str, int, str, int, bool]]:
        """Of each reference: id, the number of key images and the clip that it states, and what there is of both."""
        if not self.has_checksums():
            return []
        kept = "(SELECT COUNT(*) FROM plate WHERE plate.reference = number)"
        clip = "EXISTS (SELECT 1 FROM clip WHERE clip.reference = number AND clip.name = reference.clip)"
        rows = self._rows(f"SELECT id, plates, clip, {kept}, {clip} FROM reference")  # noqa: S608 - our own names
        return [(as_text(name), stated, as_text(said), there, bool(has)) for name, stated, said, there, has in rows]

    def thumbnails(self) -> Iterator[tuple[int, bytes, int | None]]:
        """Each thumbnail's ordinal, its JPEG and the checksum that it must have (0: no key image has that ordinal)."""
        known = "CASE WHEN plate.ordinal IS NULL THEN 0 ELSE picture END"
        joined = f"SELECT thumbnail.ordinal, jpeg, {known} FROM thumbnail LEFT JOIN plate USING (ordinal)"  # noqa: S608
        if self.has_checksums():
            yield from self._stream(joined)

    def sums(self) -> dict[int, tuple[int | None, int | None]]:
        """The checksums of key images' fingerprints and thumbnails, by ordinal; None where none is known."""
        if not self.has_checksums():
            return {ordinal: (None, None) for (ordinal,) in self._rows("SELECT ordinal FROM plate")}
        rows = self._rows("SELECT ordinal, prints, picture FROM plate")
        return {ordinal: (prints, picture) for ordinal, prints, picture in rows}

    def sum_of(self, ordinal: int) -> int | None:
        """The checksum of a key image's fingerprints; None where none is known."""
        row = self._one("SELECT prints FROM plate WHERE ordinal = ?", (ordinal,)) if self.has_checksums() else None
        return None if row is None or row[0] is None else int(row[0])

    def record_sums(self, sums: Mapping[int, tuple[int | None, int | None]]) -> None:
        """Record the checksums of key images. Within `changing`."""
        for ordinal, pair in sums.items():
            for row in self._rows("SELECT * FROM plate WHERE ordinal = ?", (ordinal,)):
                put(self._database, "plate", (*row[:-3], *pair))

    def drop_thumbnail(self, ordinal: int) -> None:
        """Drop the thumbnail of a key image. Within `changing`."""
        self._database.execute("DELETE FROM thumbnail WHERE ordinal = ?", (ordinal,))
        for row in self._rows("SELECT * FROM plate WHERE ordinal = ?", (ordinal,)):
            put(self._database, "plate", (*row[:-2], None))


def _details(row: dict[str, str]) -> Details:
    return Details(**{**row, "role": Role(row["role"]), "quality": Quality(row["quality"])})  # type: ignore[arg-type]
