"""Smart objects of Photoshop documents: the files that are placed in them whole (`lnkD`, `lnk2`, `lnk3`).

Source: Adobe Photoshop File Formats Specification, "Linked Layer".
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from media.errors import StatementUnread

__all__ = ["SIGNATURES", "WIDE_BLOCKS", "Linked", "find_linked"]

_LINKED = frozenset({b"lnkD", b"lnk2", b"lnk3"})
SIGNATURES = (b"8BIM", b"8B64")
"""How a tagged block begins."""
WIDE_BLOCKS = frozenset(
    (
        b"LMsk",
        b"Lr16",
        b"Lr32",
        b"Layr",
        b"Mt16",
        b"Mt32",
        b"Mtrn",
        b"Alph",
        b"FMsk",
        b"lnk2",
        b"FEid",
        b"FXid",
        b"PxSD",
    )
)
"""Tagged blocks whose length has eight bytes in a PSB."""
_EMBEDDED = b"liFD"
_MAX_BLOCKS, _MAX_LINKED, _LONGEST_HEAD, _LONGEST_TAIL = 500, 2000, 4096, 1024


class Linked(NamedTuple):
    """A file that is placed in a document."""

    name: str
    offset: int
    size: int


def find_linked(file: BinaryIO, start: int, end: int) -> Iterator[Linked]:
    """The placed files of the layer section between two offsets. Raises `StatementUnread` where one is not found."""
    if end - start < 8:
        return
    file.seek(4)
    is_large = file.read(2) == b"\x00\x02"
    for key, at, size in _blocks(file, start, end, is_large=is_large):
        if key in _LINKED:
            yield from _entries(file, at, at + size)


def _blocks(file: BinaryIO, start: int, end: int, *, is_large: bool) -> Iterator[tuple[bytes, int, int]]:
    """Key, offset and size of the tagged blocks behind the layers and the global mask."""
    at = start
    for length in (8 if is_large else 4, 4):
        at += length + _number(file, at, length)
    for _ in range(_MAX_BLOCKS):
        if at + 12 > end:
            return
        file.seek(at)
        signature, key = file.read(4), file.read(4)
        if signature not in SIGNATURES:
            return
        length = 8 if is_large and key in WIDE_BLOCKS else 4
        size = _number(file, at + 8, length)
        at += 8 + length
        yield key, at, min(size, end - at)
        at += size + -size % 4


def _entries(file: BinaryIO, at: int, end: int) -> Iterator[Linked]:
    for _ in range(_MAX_LINKED):
        size = _number(file, at, 8)
        if at + 8 + size > end or size < 16:
            return
        if (found := _entry(file, at + 8, at + 8 + size)) is not None:
            yield found
        at += 8 + size + -size % 4


def _entry(file: BinaryIO, at: int, end: int) -> Linked | None:
    """One entry; None for one whose file is not in the document."""
    file.seek(at)
    head = file.read(min(_LONGEST_HEAD, end - at))
    if head[:4] != _EMBEDDED:
        return None
    try:
        (version,) = struct.unpack_from(">I", head, 4)
        place = 9 + head[8]  # the unique id, a Pascal string
        (length,) = struct.unpack_from(">I", head, place)
        name = head[place + 4 : place + 4 + 2 * length].decode("utf-16-be", "replace").strip("\0")
        place += 4 + 2 * length + 8  # the type and the creator of the file
        size, opens = struct.unpack_from(">QB", head, place)
    except (struct.error, IndexError) as error:
        raise StatementUnread(f"a smart object @ {at} is damaged") from error
    begin = _begin(file, at + place + 9, end, size, version) if opens else at + place + 9
    if begin is None or begin + size > end:
        raise StatementUnread(f"the file of the smart object {name or '?'} @ {at} was not found")
    return Linked(name, begin, size)


def _begin(file: BinaryIO, least: int, end: int, size: int, version: int) -> int | None:
    """Where the file begins behind a description of unknown length: found by what stands behind the file."""
    fixed = (8 if version >= 6 else 0) + (1 if version >= 7 else 0)
    if version < 5:
        return end - size if end - size >= least else None
    file.seek(max(least, end - _LONGEST_TAIL))
    tail = file.read(end - file.tell())
    for padding in range(4):
        for units in range((len(tail) - fixed) // 2):
            back = 4 + 2 * units + fixed + padding
            if back <= len(tail) and tail[len(tail) - back :][:4] == struct.pack(">I", units):
                begin = end - back - size
                return begin if begin >= least else None
    return None


def _number(file: BinaryIO, at: int, length: int) -> int:
    file.seek(at)
    return int.from_bytes(file.read(length), "big")
