"""The tables of a library's catalogue, and how an older one is upgraded: only when it must hold something new."""

from __future__ import annotations

import sqlite3
from dataclasses import fields

from fingerprints.model import Details

__all__ = [
    "APPLICATION_ID",
    "CLIPS",
    "CLIP_TABLE",
    "DETAILS",
    "LATER",
    "PERMITS",
    "SCHEMA",
    "TABLES",
    "add_columns",
    "is_at_least",
]  # fmt: skip

APPLICATION_ID = 0x7072766C
"""`prvl`, in the file's header: marks a catalogue of provscan."""
SCHEMA = 3
"""1 had no clips, 2 no permissions of licences: they open, and are upgraded when they get some."""
CLIPS, PERMITS = 2, 3
"""The schemas from which there are such."""
DETAILS = tuple(field.name for field in fields(Details))
LATER = ("uses", "territory")
"""Columns for permissions of licences, which older catalogues lack."""
CLIP_TABLE = """
CREATE TABLE IF NOT EXISTS clip (
    reference INTEGER PRIMARY KEY, name TEXT NOT NULL, seconds REAL NOT NULL, rate TEXT NOT NULL,
    origin REAL NOT NULL, has_sound INTEGER NOT NULL, made TEXT NOT NULL, digests TEXT NOT NULL)
"""
# The format names key images `plate`.
TABLES = f"""
CREATE TABLE algorithm (name TEXT PRIMARY KEY, version INTEGER NOT NULL);
CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
CREATE TABLE reference (
    number INTEGER PRIMARY KEY, {", ".join(f"{name} TEXT NOT NULL" for name in DETAILS)},
    file TEXT NOT NULL, stamp TEXT NOT NULL, digest TEXT NOT NULL, size INTEGER NOT NULL, added TEXT NOT NULL);
CREATE UNIQUE INDEX reference_id ON reference (id);
CREATE INDEX reference_digest ON reference (digest);
CREATE INDEX reference_file ON reference (file);
CREATE TABLE plate (
    ordinal INTEGER PRIMARY KEY, reference INTEGER NOT NULL, at TEXT NOT NULL,
    width INTEGER NOT NULL, height INTEGER NOT NULL);
CREATE INDEX plate_reference ON plate (reference);
CREATE TABLE thumbnail (ordinal INTEGER PRIMARY KEY, jpeg BLOB NOT NULL);
CREATE TABLE segment (name TEXT PRIMARY KEY, plates INTEGER NOT NULL, digests TEXT NOT NULL);
CREATE TABLE removed (ordinal INTEGER PRIMARY KEY);
INSERT INTO counter VALUES ('ordinal', 0), ('change', 0);
{CLIP_TABLE};
"""  # noqa: S608 - our own names


def add_columns(database: sqlite3.Connection, names: tuple[str, ...]) -> None:
    """Add columns. Within a transaction."""
    for name in names:
        database.execute(f"ALTER TABLE reference ADD COLUMN {name} TEXT NOT NULL DEFAULT ''")
    is_at_least(database, PERMITS)


def is_at_least(database: sqlite3.Connection, schema: int) -> None:
    """Raise the schema's number, so that an older provscan does not open what it cannot read."""
    (now,) = database.execute("PRAGMA user_version").fetchone()
    database.execute(f"PRAGMA user_version = {max(schema, now)}")
