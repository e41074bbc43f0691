"""Camera raw files that are not plain TIFF: Fujifilm's embedded JPEG, Canon's CR3 boxes; others go to their own walker.

Parts are those of the format inside; in CR3, `CMT1` and `CMT2` are whole TIFF blocks.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

from media.containers import jpeg, tiff
from media.containers.boxes import boxes, named
from media.containers.part import Part
from media.errors import Malformed, Unsupported

__all__ = ["walk"]

_CANON = bytes.fromhex("85c0b687820f11e08111f4ce462b6a48")
_FUJI_HEADER = 108
_FUJI_PLACES = ((84, "JPEG"), (92, "header of the raw picture"), (100, "raw picture"))
_PANASONIC = b"IIU\x00"
_SENSOR_WIDTH, _SENSOR_HEIGHT, _RAW_AT, _RAW_FORMAT = 0x0002, 0x0003, 0x0118, 0x002D
_PACKED_FORMATS = (4, 5, 6)
"""Panasonic's packings of fourteen, ten or eleven pixels in sixteen bytes; others are not counted."""


def walk(file: BinaryIO, size: int) -> Iterator[Part]:
    """The parts of a raw file. Raises `Malformed` at its end where its picture is not inside the file."""
    file.seek(0)
    head = file.read(_FUJI_HEADER)
    if head.startswith(_PANASONIC):
        yield from tiff.parts(file, size)
        _check_panasonic(file, size)
    elif tiff.is_tiff(head):
        yield from tiff.walk(file, size)
    elif head.startswith(b"FUJIFILMCCD-RAW"):
        if len(head) < _FUJI_HEADER:
            raise Malformed("cut short in its header")
        offset, length = struct.unpack_from(">II", head, 84)
        yield from jpeg.walk_between(file, offset, min(offset + length, size))
        for at, name in _FUJI_PLACES:
            offset, length = struct.unpack_from(">II", head, at)
            if not offset or not length or offset + length > size:
                raise Malformed(f"its {name} should reach up to {offset + length}; the file has {size} bytes")
    elif head[4:8] == b"ftyp":
        yield from _cr3(file, size)
    else:
        raise Unsupported("a raw format whose statements are not read")


def _check_panasonic(file: BinaryIO, size: int) -> None:
    """RW2 keeps its raw picture from `RawDataOffset` to the end; no directory says how long it is."""
    file.seek(0)
    tags = tiff.first_numbers(file.read(64 << 10))
    at, width, height = (tags.get(tag) or 0 for tag in (_RAW_AT, _SENSOR_WIDTH, _SENSOR_HEIGHT))
    at = at or tags.get(0x0111) or 0
    if not 0 < at < size:
        raise Malformed(f"its raw picture should begin at {at}; the file has {size} bytes")
    least = at
    if (tags.get(_RAW_FORMAT) or 0) in _PACKED_FORMATS:
        least += width * height * 16 // 14
    if least > size:
        raise Malformed(f"its raw picture should reach up to {least} at least; the file has {size} bytes")


def _cr3(file: BinaryIO, size: int) -> Iterator[Part]:
    codes = set()
    for box in boxes(file, 0, size):
        yield named(file, box)
        codes.add(box.code)
        if box.code != "moov":
            continue
        for inner in boxes(file, box.offset, box.end):
            file.seek(inner.offset)
            if inner.code == "uuid" and file.read(16) == _CANON:
                for note in boxes(file, inner.offset + 16, inner.end):
                    yield Part(note.code, note.offset, note.size)
    if not {"moov", "mdat"} <= codes:
        raise Malformed("its picture is not there: no movie or media data box")
