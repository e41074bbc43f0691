"""Rows of a catalogue. Each has a checksum of itself as its last column: damage is found, and a row is recognised in
the bytes of a file that SQLite cannot read any more."""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Iterable, Sequence

from media.digest import checksum

__all__ = ["as_text", "encode_text", "is_whole", "put", "row_sum"]


def row_sum(table: str, values: Iterable[object]) -> int:
    """The checksum of a row without its last column."""
    return checksum(b"".join((table.encode(), *map(_as_bytes, values))))


def is_whole(table: str, row: Sequence[object]) -> bool:
    """Whether a row, with its checksum last, is as it was written."""
    return row_sum(table, row[:-1]) == row[-1]


def put(database: sqlite3.Connection, table: str, values: Sequence[object]) -> None:
    """Write a row with its checksum, in place of one that has the same key. Within a transaction."""
    row = [encode_text(value) for value in values]
    marks = ", ".join("?" * (len(row) + 1))
    database.execute(f"INSERT OR REPLACE INTO {table} VALUES ({marks})", (*row, row_sum(table, row)))  # noqa: S608


def encode_text(value: object) -> object:
    """Text that is no Unicode, as a file's name may be, as its bytes: SQLite takes it in no other way."""
    if not isinstance(value, str) or value.isascii():
        return value
    data = value.encode("utf-8", "surrogatepass")
    return value if data.decode("utf-8", "replace") == value else data


def as_text(value: object) -> str:
    """Text, as it was before `encode_text`."""
    return value.decode("utf-8", "surrogatepass") if isinstance(value, bytes) else str(value)


def _as_bytes(value: object) -> bytes:
    """The same for what SQLite may give back in another type: 5.0 is stored as 5, and True as 1."""
    if value is None:
        return b"-"
    if isinstance(value, str | bytes):
        data, kind = (value.encode(), b"t") if isinstance(value, str) else (value, b"b")
        return b"%s%d:%s" % (kind, len(data), data)
    number = float(value)  # type: ignore[arg-type]
    return b"i%d" % int(value) if number.is_integer() else b"r" + struct.pack(">d", number)  # type: ignore[call-overload]
