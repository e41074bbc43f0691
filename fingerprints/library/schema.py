"""The tables of a library's catalogue, and how an older one is upgraded: before the first change to it."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import fields

from fingerprints.library.rows import put
from fingerprints.model import Details

__all__ = [
    "APPLICATION_ID",
    "COLUMNS",
    "DETAILS",
    "LATER",
    "SCHEMA",
    "create_tables",
    "has_checksums",
    "has_clips",
    "has_right_tables",
    "put_algorithm",
    "stated_schema",
    "upgrade",
]

APPLICATION_ID = 0x7072766C
"""`prvl`, in the file's header: marks a catalogue of provscan."""
SCHEMA = 4
"""1 had no clips, 2 no permissions of licences, 3 no checksums. They open, and are upgraded by what changes them."""
DETAILS = tuple(field.name for field in fields(Details))
LATER = ("uses", "territory")
"""Columns for permissions of licences, which older catalogues lack."""

# The format names key images `plate`.
_TABLES: Mapping[str, str] = {
    "algorithm": "name TEXT PRIMARY KEY, version INTEGER NOT NULL",
    "counter": "name TEXT PRIMARY KEY, value INTEGER NOT NULL",
    "reference": f"""number INTEGER PRIMARY KEY, {", ".join(f"{name} TEXT NOT NULL" for name in DETAILS)},
        file TEXT NOT NULL, stamp TEXT NOT NULL, digest TEXT NOT NULL, size INTEGER NOT NULL, added TEXT NOT NULL,
        plates INTEGER NOT NULL, clip TEXT NOT NULL""",
    "plate": """ordinal INTEGER PRIMARY KEY, reference INTEGER NOT NULL, at TEXT NOT NULL,
        width INTEGER NOT NULL, height INTEGER NOT NULL, prints INTEGER, picture INTEGER""",
    "segment": "name TEXT PRIMARY KEY, plates INTEGER NOT NULL, digests TEXT NOT NULL",
    "removed": "ordinal INTEGER PRIMARY KEY",
    "clip": """reference INTEGER PRIMARY KEY, name TEXT NOT NULL, seconds REAL NOT NULL, rate TEXT NOT NULL,
        origin REAL NOT NULL, has_sound INTEGER NOT NULL, made TEXT NOT NULL, digests TEXT NOT NULL""",
}
"""A reference states how many key images it has and the name of its clip; a key image, the checksums of its
fingerprints and of its thumbnail (NULL: it was added by a version that made none, or it has no thumbnail)."""
_THUMBNAILS = "CREATE TABLE thumbnail (ordinal INTEGER PRIMARY KEY, jpeg BLOB NOT NULL)"
_INDICES = (
    "CREATE UNIQUE INDEX reference_id ON reference (id)",
    "CREATE INDEX reference_digest ON reference (digest)",
    "CREATE INDEX reference_file ON reference (file)",
    "CREATE INDEX plate_reference ON plate (reference)",
)
COLUMNS: Mapping[str, tuple[str, ...]] = {
    table: tuple(column.split()[0] for column in columns.split(",")) for table, columns in _TABLES.items()
}
"""Of each table whose rows have a checksum, without that."""


def create_tables(database: sqlite3.Connection, algorithms: Mapping[str, int]) -> None:
    """Create the tables of an empty catalogue. Within a transaction."""
    for table in _TABLES:
        database.execute(_definition(table))
    database.execute(_THUMBNAILS)
    _finish(database)
    for name, version in sorted(algorithms.items()):
        put_algorithm(database, name, version)
    for name in ("ordinal", "change"):
        put(database, "counter", (name, 0))


def put_algorithm(database: sqlite3.Connection, name: str, version: int) -> None:
    """State an algorithm that made fingerprints, twice: at two places of the file. Within a transaction."""
    put(database, "algorithm", (name, version))
    put(database, "counter", (f"made {name}", version))


def has_clips(database: sqlite3.Connection) -> bool:
    """Whether there is a table of clips."""
    return database.execute("SELECT 1 FROM sqlite_master WHERE name = 'clip'").fetchone() is not None


def has_checksums(database: sqlite3.Connection) -> bool:
    """Whether rows have checksums. The tables are asked: the number of the schema has none itself."""
    query = "SELECT 1 FROM pragma_table_info('reference') WHERE name = 'sum'"
    return database.execute(query).fetchone() is not None


def has_right_tables(database: sqlite3.Connection) -> bool:
    """Whether a catalogue of this schema has the tables and indices that are made for it; True for older ones."""
    (schema,) = database.execute("PRAGMA user_version").fetchone()
    found = {text for (text,) in database.execute("SELECT sql FROM sqlite_master")}
    return schema != SCHEMA or found >= {*map(_definition, _TABLES), _THUMBNAILS, *_INDICES}


def stated_schema(database: sqlite3.Connection) -> tuple[int, int | None]:
    """The schema's number in the file's header, and in a row that has a checksum; they differ where one is damaged."""
    (schema,) = database.execute("PRAGMA user_version").fetchone()
    if not has_checksums(database):
        return schema, None
    row = database.execute("SELECT value FROM counter WHERE name = 'schema'").fetchone()
    return schema, row and row[0]


def upgrade(database: sqlite3.Connection) -> None:
    """Upgrade a catalogue of an older schema. Within a transaction, so that a kill leaves it as it was."""
    if has_checksums(database):
        return
    for table in _TABLES:
        _upgrade_table(database, table)
    for name, version in database.execute("SELECT name, version FROM algorithm").fetchall():
        put_algorithm(database, name, version)
    _finish(database)


def _upgrade_table(database: sqlite3.Connection, table: str) -> None:
    """Write all rows of a table anew, with checksums and with values for the columns that it lacked."""
    clips = has_clips(database)
    there = {row[1] for row in database.execute(f"PRAGMA table_info({table})")}
    if not there:
        database.execute(_definition(table))
        return
    missing = {
        "uses": "''", "territory": "''", "prints": "NULL", "picture": "NULL",
        "clip": "COALESCE((SELECT name FROM clip WHERE clip.reference = number), '')" if clips else "''",
        "plates": "(SELECT COUNT(*) FROM plate WHERE plate.reference = number)",
    }  # fmt: skip
    names = ", ".join(column if column in there else missing[column] for column in COLUMNS[table])
    database.execute(f"ALTER TABLE {table} RENAME TO older")
    database.execute(_definition(table))
    for row in database.execute(f"SELECT {names} FROM older ORDER BY rowid"):  # noqa: S608 - our own names
        put(database, table, row)
    database.execute("DROP TABLE older")


def _definition(table: str) -> str:
    return f"CREATE TABLE {table} ({_TABLES[table]}, sum INTEGER NOT NULL)"


def _finish(database: sqlite3.Connection) -> None:
    for index in _INDICES:
        database.execute(index)
    put(database, "counter", ("schema", SCHEMA))
    database.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    database.execute(f"PRAGMA user_version = {SCHEMA}")
