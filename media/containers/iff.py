"""IFF (EA 85): AIFF and AIFF-C. Parts are the chunks of the FORM, with unchanged ids (`ANNO`, `(c) `, `ID3 `)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

from media.containers.part import Part
from media.errors import Malformed

__all__ = ["walk"]


def walk(file: BinaryIO, size: int) -> Iterator[Part]:
    """The chunks in file order; sound is not touched. Chunks after the declared end are parts too."""
    at = 12
    while size - at >= 8:
        file.seek(at)
        code, length = struct.unpack(">4sI", file.read(8).ljust(8, b"\0"))
        if not all(0x20 <= byte < 0x7F for byte in code):
            if at == 12:
                raise Malformed("no chunk id at offset 12")
            return
        name, start = code.decode("ascii"), at + 8
        yield Part(name, start, min(length, size - start))
        if length > size - start:
            raise Malformed(f"chunk {name} at offset {start} declares {length} bytes; {size - start} are left")
        at = start + length + (length & 1)
