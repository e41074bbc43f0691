"""Samsung's SEF trailer: what its camera and editors leave after the picture (ExifTool Samsung.pm, ProcessSamsung).

The records are followed by a directory `SEFH` (version, count; a type, a distance back and a size for each), then its
length and `SEFT`. Other trailers may come before and after it.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from itertools import islice

from media.containers import Part
from media.errors import Malformed
from scanner.model import Evidence
from scanner.readers.each import each
from scanner.readers.interface import Medium, Reader

__all__ = ["SEF", "Sef"]

_TAIL = 1 << 20
"""Bytes at a trailer's end in which directories are looked for. What comes after one is small; videos come before
it."""

_MAX_DIRECTORIES = 8
_MAX_RECORDS = 512
_MAX_TEXT = 1 << 16
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffd]")


class Sef(Reader):
    """Reads the records of Samsung's trailer that hold text, by their names."""

    name = "sef"
    version = 1
    media_types = frozenset({"image/jpeg", "image/png", "image/heif"})

    def read(self, medium: Medium) -> Iterator[Evidence]:
        """Yield one statement for each record."""
        return each(medium.parts("trailer", "sefd"), lambda part: self._trailer(medium, part))

    def _trailer(self, medium: Medium, part: Part) -> Iterator[Evidence]:
        start = max(part.offset, part.offset + part.size - _TAIL)
        tail = medium.read(start, part.offset + part.size - start)
        found = islice(_directories(tail), _MAX_DIRECTORIES)
        yield from each(found, lambda at: self._records(medium, part, start + at[0], tail[at[0] : at[1]]))

    def _records(self, medium: Medium, part: Part, at: int, directory: bytes) -> Iterator[Evidence]:
        (count,) = struct.unpack_from("<I", directory, 8)
        rows = struct.iter_unpack(
            "<2xHII", directory[12 : 12 + 12 * min(count, _MAX_RECORDS, (len(directory) - 12) // 12)]
        )
        for kind, back, size in rows:
            if not 8 <= size <= back <= at - part.offset:
                raise Malformed(f"SEF record 0x{kind:04X} is outside its trailer")
            record = medium.read(at - back, min(size, _MAX_TEXT))
            (length,) = struct.unpack_from("<I", record, 4)
            key = record[8 : 8 + length].decode("utf-8", "replace")
            value = record[8 + length :].strip(b"\x00").decode("utf-8", "replace")
            if length <= 256 and not _CONTROL.search(key) and not _CONTROL.search(value):
                where = f"SEF 0x{kind:04X} @ {at - back}"
                yield Evidence(reader=self.name, key=key, value=value, where=where, facts={"type": f"0x{kind:04X}"})


SEF = Sef()


def _directories(tail: bytes) -> Iterator[tuple[int, int]]:
    """Start and end of each directory in the tail."""
    for foot in re.finditer(b"SEFT", tail):
        end = foot.start() - 4
        if end < 0:
            continue
        start = end - int(struct.unpack_from("<I", tail, end)[0])
        if start >= 0 and end - start >= 12 and tail[start : start + 4] == b"SEFH":
            yield start, end
