"""Truevision TGA: the image's identification field, and the extension area after its pixels (TGA 2.0, section C)."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from media.errors import Malformed
from scanner.model import Evidence
from scanner.readers.interface import Medium, Reader
from scanner.readers.words import words

__all__ = ["TGA", "Tga"]

_HEADER = 18
_FOOTER = 26
_SIGNATURE = b"TRUEVISION-XFILE.\0"
_AREA = 495
"""Bytes of the extension area that version 2.0 defines."""
_COMMENT_LINES = (43, 4, 81)
"""Where the author's comments begin, how many lines they have, and how long each is."""
_FIELDS = (("author", 2, 41), ("job", 379, 41), ("software", 426, 41))


class Tga(Reader):
    """Reads `image-id`, and of the extension area `author`, `comment`, `job` and `software`."""

    name = "tga"
    version = 1
    media_types = frozenset({"image/x-tga"})

    def read(self, medium: Medium) -> Iterator[Evidence]:
        """Yield one statement for each field that is set."""
        length = medium.read(0, 1)[:1]
        if length and length[0]:
            yield from self._statement("image-id", medium.read(_HEADER, length[0]), _HEADER)
        footer = medium.read(max(0, medium.size - _FOOTER), _FOOTER)
        if footer[8:] != _SIGNATURE or not (at := struct.unpack_from("<I", footer)[0]):
            return
        area = medium.read(at, _AREA)
        if len(area) < _AREA:
            raise Malformed(f"its extension area should be at {at} and have {_AREA} bytes; {len(area)} are there")
        start, count, size = _COMMENT_LINES
        lines = [area[start + size * line :][:size].split(b"\0", 1)[0] for line in range(count)]
        # A line that is full goes on in the next one.
        text = b"".join(line if len(line) == size - 1 else line.rstrip() + b"\n" for line in lines)
        yield from self._statement("comment", text.strip(), at + start)
        for key, offset, size in _FIELDS:
            yield from self._statement(key, area[offset : offset + size].split(b"\0", 1)[0], at + offset)

    def _statement(self, key: str, field: bytes, at: int) -> Iterator[Evidence]:
        if value := words(field):
            yield Evidence(reader=self.name, key=key, value=value, where=f"{key} @ {at}")


TGA = Tga()
