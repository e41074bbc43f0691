"""HEIF and AVIF (ISO/IEC 23008-12, 14496-12 §8.11): the top-level boxes, and the metadata items among them.

Parts: each top-level box by its code (`uuid:` and its type for a `uuid` box); `Exif item` and
`mime item application/rdf+xml` for items, wherever the item location box puts them; the boxes of a
motion photo's movie (`moov/udta/…`), which lies in an `mpvd` box.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from media.containers import bmff
from media.containers.boxes import Box, boxes, named
from media.containers.part import Part
from media.errors import Malformed, TooLarge, Unsupported

__all__ = ["walk"]

_MAX_TABLE = 8 << 20
"""Bytes of an item table. The largest grid of tiles needs a hundredth."""

_MAX_EXTENTS = 100_000
_IN_FILE, _IN_IDAT = 0, 1


def walk(file: BinaryIO, size: int) -> Iterator[Part]:
    """The parts of a HEIF or AVIF file."""
    scattered = ""
    for box in boxes(file, 0, size):
        yield named(file, box)
        if box.code == "mpvd":
            yield from bmff.walk_between(file, box.offset, box.end)
        if box.code == "meta":
            for name, extents in _items(file, box):
                if len(extents) == 1:
                    offset, length = extents[0]
                    yield Part(name, offset, max(0, min(length or size - offset, size - offset)))
                else:
                    scattered = name
    if scattered:
        raise Unsupported(f"{scattered} is not in one piece")


class _Cursor:
    """Big-endian fields of a table, in order; `Malformed` where it ends early."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def number(self, width: int) -> int:
        end = self.at + width
        if end > len(self.data):
            raise Malformed("an item table is cut short")
        value = int.from_bytes(self.data[self.at : end], "big")
        self.at = end
        return value

    def string(self) -> str:
        end = self.data.find(b"\x00", self.at)
        end = len(self.data) if end < 0 else end
        value = self.data[self.at : end].decode("utf-8", "replace")
        self.at = end + 1
        return value


def _items(file: BinaryIO, meta: Box) -> Iterator[tuple[str, list[tuple[int, int]]]]:
    """Each metadata item: its part name, and offset and length of its extents."""
    tables = {box.code: box for box in boxes(file, meta.offset + 4, meta.end)}
    if "iinf" not in tables or "iloc" not in tables:
        return
    names = dict(_names(file, tables["iinf"]))
    idat = tables["idat"].offset if "idat" in tables else None
    for item, extents in _places(_table(file, tables["iloc"]), idat):
        if item in names:
            yield names[item], extents


def _table(file: BinaryIO, box: Box) -> _Cursor:
    if box.size > _MAX_TABLE:
        raise Malformed(f"item table {box.code} declares {box.size} bytes")
    file.seek(box.offset)
    return _Cursor(file.read(box.size))


def _names(file: BinaryIO, iinf: Box) -> Iterator[tuple[int, str]]:
    """Item number and part name of the items that hold metadata (item info entries, §8.11.6)."""
    version = _table(file, Box("iinf", iinf.offset, min(iinf.size, 1))).number(1)
    for box in boxes(file, iinf.offset + (6 if version == 0 else 8), iinf.end):
        if box.code != "infe":
            continue
        entry = _table(file, box)
        version = entry.number(4) >> 24
        if version not in (2, 3):
            continue
        item = entry.number(2 if version == 2 else 4)
        entry.number(2)  # protection
        kind = entry.number(4).to_bytes(4, "big")
        entry.string()  # name
        if kind == b"Exif":
            yield item, "Exif item"
        elif kind == b"mime":
            yield item, f"mime item {entry.string()}"


def _places(iloc: _Cursor, idat: int | None) -> Iterator[tuple[int, list[tuple[int, int]]]]:
    """Item number and extents, as offsets into the file (item location box, §8.11.3)."""
    version = iloc.number(4) >> 24
    sizes = iloc.number(2)
    offset_size, length_size, base_size, index_size = sizes >> 12, sizes >> 8 & 15, sizes >> 4 & 15, sizes & 15
    wide = 4 if version == 2 else 2
    left = _MAX_EXTENTS
    for _ in range(iloc.number(wide)):
        item = iloc.number(wide)
        method = iloc.number(2) & 15 if version in (1, 2) else _IN_FILE
        iloc.number(2)  # data reference
        base = iloc.number(base_size)
        origin = {_IN_FILE: 0, _IN_IDAT: idat}.get(method)
        extents = []
        count = iloc.number(2)
        left -= count
        if left < 0:
            raise TooLarge(f"more than {_MAX_EXTENTS} item extents")
        for _ in range(count):
            if version in (1, 2):
                iloc.number(index_size)
            offset, length = iloc.number(offset_size), iloc.number(length_size)
            if origin is not None:
                extents.append((origin + base + offset, length))
        yield item, extents
