"""WebP (RFC 9649): the chunks of its RIFF, and whether what its header announces is among them."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

from media.containers import riff
from media.containers.part import Part
from media.errors import Malformed

__all__ = ["walk"]

_ANNOUNCED = ((0x20, "ICCP"), (0x08, "EXIF"), (0x04, "XMP "), (0x02, "ANIM"), (0x02, "ANMF"))
_ALPHA = 0x10


def walk(file: BinaryIO, size: int) -> Iterator[Part]:
    """The chunks. Raises `Malformed` where the file is shorter than it states, or a chunk that it announces is
    missing."""
    file.seek(4)
    (declared,) = struct.unpack("<I", file.read(4).ljust(4, b"\0"))
    found: dict[str, Part] = {}
    for part in riff.walk(file, size):
        found.setdefault(part.name, part)
        yield part
    if 8 + declared > size:
        raise Malformed(f"declares {8 + declared} bytes; {size} are there")
    flags = 0
    if (header := found.get("VP8X")) is not None:
        if header.size < 10:
            raise Malformed(f"the VP8X header has {header.size} bytes")
        file.seek(header.offset)
        flags = file.read(1)[0]
    lost = [name.strip() for flag, name in _ANNOUNCED if flags & flag and name not in found]
    if flags & _ALPHA and "VP8 " in found and "ALPH" not in found:
        lost.append("ALPH")
    if lost:
        raise Malformed(f"its header declares {', '.join(dict.fromkeys(lost))}; there is none")
    _check_picture(file, found)


def _check_picture(file: BinaryIO, found: dict[str, Part]) -> None:
    part = found.get("VP8 ") or found.get("VP8L") or found.get("ANMF")
    if part is None:
        raise Malformed("holds no picture: no VP8, VP8L or ANMF chunk")
    if part.name == "ANMF":
        if part.size < 16 + 8 + 5:
            raise Malformed("its first frame is empty")
        file.seek(part.offset + 16)
        code, length = struct.unpack("<4sI", file.read(8))
        if length > part.size - 24:
            raise Malformed("its first frame reaches past its chunk")
        part = Part(code.decode("latin-1"), part.offset + 24, length)
    file.seek(part.offset)
    head = file.read(min(part.size, 10))
    if part.name == "VP8 ":
        first = int.from_bytes(head[:3], "little") >> 5
        if len(head) < 10 or head[3:6] != b"\x9d\x01\x2a" or first + 10 > part.size:
            raise Malformed("its VP8 frame is cut short")
    elif part.name == "VP8L" and (len(head) < 6 or head[0] != 0x2F):
        raise Malformed("its VP8L picture has no header")
