"""JPEG 2000 (ISO/IEC 15444-1 annexes A and I): the boxes of a JP2, the comments of its codestream, and its end.

Parts have the box's code (`xml `, `uuid:` and its type for a `uuid` box); `COM` is a codestream comment, with the
payload after its registration word. Tile-parts are skipped by the lengths that they declare.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

from media.containers.boxes import boxes, named
from media.containers.part import Part
from media.errors import Malformed, TooLarge

__all__ = ["walk"]

_SOC, _SOT, _COM, _EOC, _SIZ = 0xFF4F, 0xFF90, 0xFF64, b"\xff\xd9", 0xFF51
_PADDING = 64
"""Bytes behind the end marker in which it is still sought: writers fill up with zeros."""
_MAX_TILE_PARTS = 500_000
_LEAST_TILE_PART = 14


def walk(file: BinaryIO, size: int) -> Iterator[Part]:
    """The parts of a JP2 file or a bare codestream. Raises `Malformed` where tiles or the end marker are missing."""
    file.seek(0)
    if file.read(2) == b"\xff\x4f":
        yield from _codestream(file, 0, size)
        return
    pictured = False
    for box in boxes(file, 0, size):
        yield named(file, box)
        pictured |= box.code in ("jp2c", "ftbl", "moov")  # a fragment table names codestreams, a movie holds them
        if box.code == "jp2c":
            yield from _codestream(file, box.offset, box.end)
    if not pictured:
        raise Malformed("no box holds a codestream")


def _codestream(file: BinaryIO, start: int, end: int) -> Iterator[Part]:
    """The comments before the first tile."""
    at, tiles = start + 2, 0
    while True:
        file.seek(at)
        marker, length = struct.unpack(">HH", file.read(4).ljust(4, b"\x00"))
        if marker == _SOT:
            break
        if marker < _SOC or length < 2 or at + 2 + length > end:
            raise Malformed(f"no codestream marker at {at}")
        if marker == _SIZ:
            tiles = _count_tiles(file.read(length - 2))
        if marker == _COM and length > 4:
            yield Part("COM", at + 6, length - 4)
        at += 2 + length
    _pass_tiles(file, at, end, tiles)


def _count_tiles(siz: bytes) -> int:
    """How many tiles the picture has (A.5.1)."""
    if len(siz) < 34:
        raise Malformed("the picture's size is cut short")
    right, bottom, _, _, width, height, left, top = struct.unpack_from(">8I", siz, 2)
    if not width or not height or right <= left or bottom <= top:
        raise Malformed("declares a picture of no size")
    return int(-(-(right - left) // width) * -(-(bottom - top) // height))


def _pass_tiles(file: BinaryIO, at: int, end: int, tiles: int) -> None:
    """Steps from tile-part to tile-part up to the end marker (A.4.2, A.4.4)."""
    seen: set[int] = set()
    for _ in range(_MAX_TILE_PARTS):
        file.seek(at)
        head = file.read(min(12, max(0, end - at)))
        if head[:2] == _EOC:
            break
        if len(head) < 12 or head[:2] != b"\xff\x90":
            raise Malformed(f"no tile and no end marker at {at}")
        tile, length = struct.unpack_from(">HI", head, 4)
        seen.add(tile)
        if not length:  # up to the end marker
            file.seek(max(at, end - _PADDING))
            if _EOC not in file.read(min(_PADDING, end - at)).rstrip(b"\0")[-4:]:
                raise Malformed("ends without an end-of-codestream marker")
            break
        if length < _LEAST_TILE_PART or at + length > end:
            raise Malformed(f"a part of tile {tile} at {at} should have {length} bytes; {end - at} are left")
        at += length
    else:
        raise TooLarge(f"more than {_MAX_TILE_PARTS} tile-parts")
    if len(seen) < tiles:
        raise Malformed(f"declares {tiles} tiles; {len(seen)} are there")
