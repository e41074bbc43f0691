"""OpenEXR headers: the text of the attributes. Source: openexr.com, "OpenEXR File Layout".

Reads the header and nothing after it, so that ten thousand frames are cheap.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from media.errors import Malformed, TooLarge
from media.timecode import rate_of
from scanner.model import Evidence, MediaFacts
from scanner.readers.each import MAX_STATEMENTS
from scanner.readers.interface import MAX_VALUE, Medium, Reader
from scanner.readers.words import words

__all__ = ["EXR", "Exr"]

_BLOCK = 64 << 10
_MAX_HEADER = 32 << 20
_MAX_ATTRIBUTES = 10_000
_MULTIPART = 0x1000
_LONG_NAMES = 0x400
_FACTS, _LONGEST_FACT = ("box2i", "rational"), 16


class Exr(Reader):
    """Reads string attributes, lists of strings and the timecode, of every part."""

    name = "exr"
    version = 2
    media_types = frozenset({"image/x-exr"})

    def read(self, medium: Medium) -> Iterator[Evidence | MediaFacts]:
        """Yield one statement for each attribute, under its own name; the fact `part` is its part's number from 0.

        The technical facts are those of the first part.
        """
        head = _Head(medium)
        (flags,) = struct.unpack("<I", head.take(8)[4:])
        longest = 255 if flags & _LONG_NAMES else 31
        part = said = 0
        yield (known := MediaFacts(codecs=("exr",)))
        for _ in range(_MAX_ATTRIBUTES):
            at = head.at
            name = head.name(longest)
            if not name:
                part += 1
                if not flags & _MULTIPART or head.peek() == b"\0":
                    return
                continue
            kind = head.name(longest)
            (size,) = struct.unpack("<i", head.take(4))
            if size < 0:
                raise Malformed(f"attribute {name} at {at} has a negative size")
            if part == 0 and kind in _FACTS:
                known = replace(known, **_fact(name, kind, head.peek(min(size, _LONGEST_FACT))))
                yield known
            for value in _read_value(kind, head, size):
                said += 1
                if part == 0 and kind == "timecode":
                    known = replace(known, timecode=value)
                    yield known
                if said > MAX_STATEMENTS:
                    return
                yield Evidence(
                    reader=self.name,
                    key=name,
                    value=value,
                    where=f"attribute {name} ({kind}) @ {at}",
                    facts={"part": str(part)} if part else {},
                )
        raise TooLarge(f"more than {_MAX_ATTRIBUTES} attributes")


EXR = Exr()


class _Head:
    """The header, read forward in blocks."""

    def __init__(self, medium: Medium) -> None:
        self._medium = medium
        self._block = medium.read(0, _BLOCK)
        self._start = 0
        self.at = 0

    def peek(self, size: int = 1) -> bytes:
        """The next bytes, which stay where they are."""
        data = self.take(size)
        self.at -= size
        return data

    def take(self, size: int) -> bytes:
        """The next `size` bytes. `Malformed` where the file ends before."""
        if self.at + size > _MAX_HEADER:
            raise TooLarge(f"a header of more than {_MAX_HEADER} bytes")
        if self.at + size > self._start + len(self._block):
            self._start, self._block = self.at, self._medium.read(self.at, max(size, _BLOCK))
        data = self._block[self.at - self._start : self.at - self._start + size]
        if len(data) < size:
            raise Malformed(f"the header is cut short at {self.at}")
        self.at += size
        return data

    def name(self, longest: int) -> str:
        """The next NUL-ended name."""
        start = self.at
        taken = bytearray()
        while (byte := self.take(1)) != b"\0":
            taken += byte
            if len(taken) > longest:
                raise Malformed(f"a name of more than {longest} bytes at {start}")
        return taken.decode("utf-8", "replace")

    def skip(self, size: int) -> None:
        """Pass over bytes without reading them."""
        if self.at + size > self._medium.size:
            raise Malformed(f"an attribute at {self.at} reaches past the end")
        self.at += size


def _read_value(kind: str, head: _Head, size: int) -> Iterator[str]:
    if kind == "string":
        text = words(head.take(size))
        if text:
            yield text[:MAX_VALUE]
    elif kind == "stringvector":
        data, at = head.take(size), 0
        while at + 4 <= len(data):
            (length,) = struct.unpack_from("<I", data, at)
            text = words(data[at + 4 : at + 4 + length])
            if text:
                yield text
            at += 4 + length
    elif kind == "timecode" and size == 8:
        yield _timecode(int(struct.unpack_from("<I", head.take(8))[0]))
    else:
        head.skip(size)


def _fact(name: str, kind: str, value: bytes) -> dict[str, Any]:
    """Raster or rate, where the attribute is one that says it."""
    if (name, kind, len(value)) == ("displayWindow", "box2i", 16):
        left, top, right, bottom = struct.unpack("<4i", value)
        return {"width": right - left + 1, "height": bottom - top + 1} if right >= left and bottom >= top else {}
    if (name, kind, len(value)) == ("framesPerSecond", "rational", 8):
        frames, seconds = struct.unpack("<iI", value)
        try:
            rate = rate_of(f"{frames}/{seconds}")
        except ValueError:
            return {}
        return {"rate": f"{rate.numerator}/{rate.denominator}"}
    return {}


def _timecode(packed: int) -> str:
    """The TV60 packing of SMPTE ST 12: binary-coded decimals with flags between."""

    def decimal(shift: int, tens: int) -> int:
        return (packed >> shift & 0xF) + 10 * (packed >> shift + 4 & tens)

    frames, seconds, minutes, hours = decimal(0, 3), decimal(8, 7), decimal(16, 7), decimal(24, 3)
    return f"{hours:02}:{minutes:02}:{seconds:02}{';' if packed >> 6 & 1 else ':'}{frames:02}"
