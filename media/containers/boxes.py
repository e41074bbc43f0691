"""The flat box list of ISO base media and its relatives: HEIF, AVIF, JPEG XL, JPEG 2000 (ISO/IEC 14496-12 §4.2)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from media.containers.part import Part
from media.errors import Malformed

__all__ = ["Atom", "boxes", "named"]


class Atom(NamedTuple):
    """One box: its four-character code, and where its payload is."""

    code: str
    offset: int
    size: int

    @property
    def end(self) -> int:
        """The first byte after it."""
        return self.offset + self.size


def boxes(file: BinaryIO, start: int, end: int) -> Iterator[Atom]:
    """The boxes between two offsets, one level deep. The last is clipped where it reaches further, then `Malformed`."""
    at = start
    while at + 8 <= end:
        file.seek(at)
        header = file.read(16)
        if len(header) < 8:
            break
        size, code = struct.unpack_from(">I4s", header)
        head = 8
        if size == 1 and len(header) == 16:
            (size,) = struct.unpack_from(">Q", header, 8)
            head = 16
        elif size == 0:
            size = end - at
        if size < head:
            raise Malformed(f"a box at {at} declares {size} bytes")
        box = Atom(code.decode("latin-1"), at + head, max(0, min(size, end - at) - head))
        yield box
        if at + size > end:
            raise Malformed(f"box {box.code!r} at {at} reaches past the end")
        at += size


def named(file: BinaryIO, box: Atom) -> Part:
    """A box as a part: by its code, or `uuid:` and its type in hexadecimal, with the payload after the type."""
    if box.code != "uuid" or box.size < 16:
        return Part(box.code, box.offset, box.size)
    file.seek(box.offset)
    return Part(f"uuid:{file.read(16).hex().upper()}", box.offset + 16, box.size - 16)
