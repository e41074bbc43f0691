"""Camera raw files that are not plain TIFF: Fujifilm's embedded JPEG, Canon's CR3 boxes; the rest is handed on.

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


def walk(file: BinaryIO, size: int) -> Iterator[Part]:
    """The parts of a raw file."""
    file.seek(0)
    head = file.read(92)
    if tiff.is_tiff(head):
        yield from tiff.parts(file, size)
    elif head.startswith(b"FUJIFILMCCD-RAW"):
        if len(head) < 92:
            raise Malformed("cut short in its header")
        offset, length = struct.unpack_from(">II", head, 84)
        yield from jpeg.walk_between(file, offset, min(offset + length, size))
    elif head[4:8] == b"ftyp":
        yield from _cr3(file, size)
    else:
        raise Unsupported("a raw format whose statements are not read")


def _cr3(file: BinaryIO, size: int) -> Iterator[Part]:
    for box in boxes(file, 0, size):
        yield named(file, box)
        if box.code != "moov":
            continue
        for inner in boxes(file, box.offset, box.end):
            file.seek(inner.offset)
            if inner.code == "uuid" and file.read(16) == _CANON:
                for note in boxes(file, inner.offset + 16, inner.end):
                    yield Part(note.code, note.offset, note.size)
