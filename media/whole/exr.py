"""OpenEXR (openexr.com, *OpenEXR File Layout*): whether every chunk that the offset tables promise exists.

Headers, tables and the last chunks are read; pixels are not.
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from media.errors import Malformed, TooLarge

__all__ = ["check"]

_TILED, _DEEP, _MULTIPART = 0x200, 0x800, 0x1000
_LINES = (1, 1, 1, 16, 32, 16, 32, 32, 32, 256, 256, 32)
"""Compression → scanlines a chunk: none, RLE, ZIPS, ZIP, PIZ, PXR24, B44, B44A, DWAA, DWAB, HTJ2K."""
_MAX_ATTRIBUTES = 10_000
_MAX_NAME = 255
_MAX_HEADER = 32 << 20
_MAX_TABLE = 64 << 20
_KEPT = frozenset({"dataWindow", "compression", "tiles", "chunkCount", "type"})
_LONGEST = 64
_ROUND_UP, _MIPMAP, _RIPMAP = 1, 1, 2
_LAST = 4
"""Number of last chunks whose own size is read."""


@dataclass(slots=True)
class _Part:
    """One header."""

    said: dict[str, bytes] = field(default_factory=dict)
    deep: bool = False
    tiled: bool = False


def check(file: BinaryIO, size: int) -> None:
    """Raise `Malformed` where a table, or a chunk that a table names, is not inside the file."""
    file.seek(0)
    head = file.read(8)
    if len(head) < 8:
        raise Malformed(f"the header ends at {len(head)}")
    (flags,) = struct.unpack("<I", head[4:])
    parts = list(_headers(file, flags))
    counts = [_chunks(part) for part in parts]
    at = file.tell()
    for number, (part, count) in enumerate(zip(parts, counts, strict=True)):
        if count is None:
            return  # a compression that is not known here: nothing says how long the tables are
        if at + 8 * count > size:
            raise Malformed(f"its offset table of {count} chunks should end at {at + 8 * count}; the file has {size}")
        if 8 * count > _MAX_TABLE:
            raise TooLarge(f"an offset table of {count} chunks")
        file.seek(at)
        offsets = array("Q", file.read(8 * count))
        if array("H", b"\1\0")[0] != 1:  # the machine counts the other way round
            offsets.byteswap()
        at += 8 * count
        lost = sum(not at <= offset < size for offset in offsets)
        if lost:
            raise Malformed(f"{lost} of {count} chunks of part {number} are not there")
        for offset in sorted(offsets)[-_LAST:]:
            _reach(file, offset, size, part, multipart=bool(flags & _MULTIPART))


def _headers(file: BinaryIO, flags: int) -> Iterator[_Part]:
    """The headers, one a part; the file is left at the first offset table."""
    part, attributes = _Part(), 0
    while attributes < _MAX_ATTRIBUTES and file.tell() < _MAX_HEADER:
        if not (name := _name(file)):
            if not part.said and flags & _MULTIPART:
                return  # the empty header behind the last
            kind = part.said.get("type", b"")
            part.deep = kind.startswith(b"deep") if kind else bool(flags & _DEEP)
            part.tiled = b"tile" in kind if kind else bool(flags & _TILED)
            yield part
            if not flags & _MULTIPART:
                return
            part = _Part()
            continue
        attributes += 1
        _name(file)
        length = int.from_bytes(_exactly(file, 4), "little", signed=True)
        if length < 0:
            raise Malformed(f"attribute {name} has a negative size")
        if name in _KEPT and length <= _LONGEST:
            part.said[name] = _exactly(file, length)
        else:
            part.said.setdefault(name, b"")
            file.seek(length, 1)
    raise TooLarge("a header without an end")


def _exactly(file: BinaryIO, size: int) -> bytes:
    data = file.read(size)
    if len(data) < size:
        raise Malformed("the header is cut short")
    return data


def _name(file: BinaryIO) -> str:
    taken = bytearray()
    while (byte := _exactly(file, 1)) != b"\0":
        taken += byte
        if len(taken) > _MAX_NAME:
            raise Malformed(f"a name of more than {_MAX_NAME} bytes in the header")
    return taken.decode("latin-1")


def _chunks(part: _Part) -> int | None:
    """How many chunks a part has; None where its compression is not known."""
    stated = part.said.get("chunkCount", b"")
    if len(stated) == 4 and int.from_bytes(stated, "little") > 0:
        return int.from_bytes(stated, "little")
    window, packing = part.said.get("dataWindow", b""), part.said.get("compression", b"")
    if len(window) != 16:
        raise Malformed("no data window states how large its picture is")
    left, top, right, bottom = struct.unpack("<4i", window)
    width, height = right - left + 1, bottom - top + 1
    if width <= 0 or height <= 0:
        raise Malformed(f"declares a picture of {width} × {height} pixels")
    if part.tiled:
        return _tiles(part.said.get("tiles", b""), width, height)
    if len(packing) != 1:
        raise Malformed("no attribute states how its pixels are packed")
    return -(-height // _LINES[packing[0]]) if packing[0] < len(_LINES) else None


def _tiles(described: bytes, width: int, height: int) -> int:
    """Tiles of all levels."""
    if len(described) != 9:
        raise Malformed("no attribute states how large its tiles are")
    across, down, mode = struct.unpack("<IIB", described)
    if not across or not down:
        raise Malformed(f"declares tiles of {across} × {down} pixels")
    up = mode >> 4 == _ROUND_UP
    if mode & 15 == _MIPMAP:
        count = _levels(max(width, height), up=up)
        sizes = [(_side(width, level, up=up), _side(height, level, up=up)) for level in range(count)]
    elif mode & 15 == _RIPMAP:
        wide, high = range(_levels(width, up=up)), range(_levels(height, up=up))
        sizes = [(_side(width, x, up=up), _side(height, y, up=up)) for y in high for x in wide]
    else:
        sizes = [(width, height)]
    return sum(-(-w // across) * -(-h // down) for w, h in sizes)


def _levels(side: int, *, up: bool) -> int:
    return ((side - 1).bit_length() if up else side.bit_length() - 1) + 1


def _side(side: int, level: int, *, up: bool) -> int:
    return max(1, -(-side // (1 << level)) if up else side >> level)


def _reach(file: BinaryIO, at: int, size: int, part: _Part, *, multipart: bool) -> None:
    """`Malformed` where the chunk at an offset is longer than the file."""
    place = 4 * multipart + (16 if part.tiled else 4)
    file.seek(at)
    head = file.read(place + 24)
    need = place + (16 if part.deep else 4)
    if len(head) < need:
        raise Malformed(f"the chunk at {at} is cut short")
    if part.deep:
        end = at + place + 24 + sum(struct.unpack_from("<QQ", head, place))
    else:
        end = at + need + int(struct.unpack_from("<I", head, place)[0])
    if end > size:
        raise Malformed(f"the chunk at {at} should end at {end}; the file has {size} bytes")
