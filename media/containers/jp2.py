"""JPEG 2000 (ISO/IEC 15444-1 annexes A and I): the boxes of a JP2, and the comments of its codestream.

Parts carry the box's code (`xml `, `uuid:` and its type for a `uuid` box); `COM` is a codestream comment,
payload behind its registration word.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

from media.containers.boxes import boxes, named
from media.containers.part import Part
from media.errors import Malformed

__all__ = ["walk"]

_SOC, _SOT, _COM = 0xFF4F, 0xFF90, 0xFF64


def walk(file: BinaryIO, size: int) -> Iterator[Part]:
    """The parts of a JP2 file or a bare codestream."""
    file.seek(0)
    if file.read(2) == b"\xff\x4f":
        yield from _main_header(file, 0, size)
        return
    for box in boxes(file, 0, size):
        yield named(file, box)
        if box.code == "jp2c":
            yield from _main_header(file, box.offset, box.end)


def _main_header(file: BinaryIO, start: int, end: int) -> Iterator[Part]:
    """The comments before the first tile."""
    at = start + 2
    while at + 4 <= end:
        file.seek(at)
        marker, length = struct.unpack(">HH", file.read(4).ljust(4, b"\x00"))
        if marker == _SOT:
            return
        if marker < _SOC or length < 2 or at + 2 + length > end:
            raise Malformed(f"no codestream marker at {at}")
        if marker == _COM and length > 4:
            yield Part("COM", at + 6, length - 4)
        at += 2 + length
