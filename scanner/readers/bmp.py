"""BMP: the profile that its header names, and text after its pixels (Microsoft, *BITMAPV5HEADER*)."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from media.errors import Malformed
from scanner.model import Evidence
from scanner.readers.interface import Medium, Reader
from scanner.readers.words import MAX_BYTES, words

__all__ = ["BMP", "Bmp"]

_HEADER_AT = 14
_V5 = 124
_LINKED = b"KNIL"
"""`LINK`, as its number is stored in the file: the profile's data is the name of a file."""
_MAX_NAME = 4096


class Bmp(Reader):
    """Reads `profile`, the file name of a linked colour profile, and `trailer`, text after the stated end."""

    name = "bmp"
    version = 1
    media_types = frozenset({"image/bmp"})

    def read(self, medium: Medium) -> Iterator[Evidence]:
        """Yield one statement for each that exists."""
        head = medium.read(0, _HEADER_AT + _V5)
        if len(head) < _HEADER_AT:
            raise Malformed(f"the header ends at {len(head)}")
        (stated,) = struct.unpack_from("<I", head, 2)
        if len(head) >= _HEADER_AT + _V5 and struct.unpack_from("<I", head, _HEADER_AT)[0] == _V5:
            at, size = struct.unpack_from("<II", head, _HEADER_AT + 112)
            if head[_HEADER_AT + 56 : _HEADER_AT + 60] == _LINKED:
                field = medium.read(_HEADER_AT + at, min(size, _MAX_NAME)).split(b"\0", 1)[0]
                yield from self._statement("profile", field, _HEADER_AT + at)
        if len(head) < stated < medium.size:
            yield from self._statement("trailer", medium.read(stated, min(medium.size - stated, MAX_BYTES)), stated)

    def _statement(self, key: str, field: bytes, at: int) -> Iterator[Evidence]:
        if value := words(field):
            yield Evidence(reader=self.name, key=key, value=value, where=f"{key} @ {at}")


BMP = Bmp()
