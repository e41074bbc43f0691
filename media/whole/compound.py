"""OLE compound files ([MS-CFB]): whether the sectors that its allocation table uses are inside the file, to the
last."""

from __future__ import annotations

import struct
from typing import BinaryIO

import numpy as np

from media.containers.part import read_at
from media.errors import Malformed
from media.whole.piece import require

__all__ = ["check"]

_MAGIC = bytes.fromhex("d0cf11e0a1b11ae1")
_FREE, _LAST = 0xFFFFFFFF, 0xFFFFFFFA
"""An entry of the table that is free; above `_LAST` are marks and no sectors."""
_IN_HEADER = 109
_MOST_SECTORS = 1 << 20
"""Sectors of the table that are read: they map 64 GB of sectors of 512 bytes."""


def check(file: BinaryIO, size: int) -> None:
    """The highest used sector, and those of table and directory completely: the rest of a last stream may be
    missing."""
    head = read_at(file, 0, 512)
    if len(head) < 512 or head[:8] != _MAGIC:
        raise Malformed("has no whole header of a compound file")
    (shift,) = struct.unpack_from("<H", head, 30)
    if shift not in (9, 12):
        raise Malformed(f"declares sectors of 2^{shift} bytes")
    sector = 1 << shift
    places = _table_places(file, head, sector, size)
    for place in places:
        require((place + 2) * sector, size, f"sector {place} of its allocation table")
    table = np.frombuffer(b"".join(read_at(file, (place + 1) * sector, sector) for place in places), "<u4")
    used = np.flatnonzero(table != _FREE)
    if used.size:
        # A file of another writer may end with its last byte, and not with the last sector.
        require((int(used[-1]) + 1) * sector + 1, size, f"sector {int(used[-1])}, which its allocation table uses,")
    (directory,) = struct.unpack_from("<I", head, 48)
    for _ in range(len(table)):
        if directory >= len(table):
            break
        require((directory + 2) * sector, size, f"sector {directory} of its directory")
        directory = int(table[directory])


def _table_places(file: BinaryIO, head: bytes, sector: int, size: int) -> list[int]:
    """The sectors that hold the allocation table: in the header, and in sectors that follow one another."""
    count, more = struct.unpack_from("<I", head, 44)[0], struct.unpack_from("<I", head, 68)[0]
    if count > _MOST_SECTORS or count > size // sector + 1:
        raise Malformed(
            f"its allocation table should have {count} sectors of {sector} bytes; the file has {size} bytes"
        )
    places = list(struct.unpack_from(f"<{_IN_HEADER}I", head, 76))
    while len(places) < count and more < _LAST:
        require((more + 2) * sector, size, f"sector {more} of its allocation table")
        listed = struct.unpack(f"<{sector // 4}I", read_at(file, (more + 1) * sector, sector))
        places += listed[:-1]
        more = listed[-1]
    found = [place for place in places[:count] if place < _LAST]
    if len(found) < count:
        raise Malformed(f"its allocation table should have {count} sectors; {len(found)} are named")
    return found
