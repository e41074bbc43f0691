"""DPX and Cineon file headers: who made the frame, its raster, rate and timecode. Source: SMPTE ST 268-1; Cineon 4.5.

Both byte orders; fields have fixed offsets, unset bytes are NUL or 0xFF.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

from media.timecode import rate_of
from scanner.model import Evidence, MediaFacts
from scanner.readers.interface import Medium, Reader
from scanner.readers.words import words

__all__ = ["DPX", "Dpx"]

Field = tuple[str, int, int]

_DPX: tuple[Field, ...] = (
    ("filename", 36, 100),
    ("created", 136, 24),
    ("creator", 160, 100),
    ("project", 260, 200),
    ("copyright", 460, 200),
    ("source-filename", 1432, 100),
    ("source-created", 1532, 24),
    ("input-device", 1556, 32),
    ("input-serial", 1588, 32),
    ("film-format", 1676, 32),
    ("frame-id", 1732, 32),
    ("slate", 1764, 100),
    ("user-id", 2048, 32),
)
_ELEMENT = ("element-description", 820, 32)
_CINEON: tuple[Field, ...] = (
    ("filename", 36, 100),
    ("created", 136, 12),
    ("source-filename", 700, 100),
    ("source-created", 800, 12),
    ("input-device", 824, 64),
    ("input-model", 888, 32),
    ("input-serial", 920, 32),
)
_RASTER_AT = 772
_TIMECODE_AT = 1920
_RATES_AT = (1940, 1724)
"""Of the television header and of the film header."""
_USER_AT, _USER_SIZE = 2080, 64 << 10


class Dpx(Reader):
    """Reads the words of the file, orientation, film and television headers, and of the user data."""

    name = "dpx"
    version = 4
    media_types = frozenset({"image/x-dpx", "image/x-cineon"})

    def read(self, medium: Medium) -> Iterator[Evidence | MediaFacts]:
        """Yield one statement for each field that is set, and the technical facts of a DPX."""
        head = medium.read(0, _USER_AT)
        cineon = medium.media_type == "image/x-cineon"
        for key, at, size in _CINEON if cineon else (*_DPX, _ELEMENT):
            if at != 2048 or _user_size(head):
                yield from self._read_field(key, head[at : at + size], at)
        if cineon:
            return
        timecode = _timecode(head)
        if facts := _facts(head, timecode):
            yield facts
        if timecode is not None:
            yield Evidence(reader=self.name, key="timecode", value=timecode, where=f"timecode @ {_TIMECODE_AT}")
        if size := _user_size(head):
            for match in re.finditer(rb"[\x20-\x7e\t\r\n]{12,}", medium.read(_USER_AT, min(size, _USER_SIZE))):
                yield from self._read_field("user-data", match[0], _USER_AT + match.start())

    def _read_field(self, key: str, field: bytes, at: int) -> Iterator[Evidence]:
        text = words(field.split(b"\0")[0].strip(b"\xff"))
        if text:
            yield Evidence(reader=self.name, key=key, value=text, where=f"{key} @ {at}")


DPX = Dpx()


def _user_size(head: bytes) -> int:
    """Bytes of user data behind the id; 0 where there are none."""
    size = int.from_bytes(head[32:36], "big" if head[:4] == b"SDPX" else "little")
    return size - 32 if 32 < size < 0xFFFFFFFF else 0


def _facts(head: bytes, timecode: str | None) -> MediaFacts | None:
    """Raster, rate and timecode; None where the header is cut short before them."""
    if len(head) < _RASTER_AT + 8:
        return None
    order = ">" if head[:4] == b"SDPX" else "<"
    width, height = struct.unpack_from(f"{order}II", head, _RASTER_AT)
    stated = (struct.unpack_from(f"{order}f", head, at)[0] for at in _RATES_AT if len(head) >= at + 4)
    rate = next(filter(None, map(_rate, stated)), None)
    return MediaFacts(width=width, height=height, rate=rate, timecode=timecode, codecs=("dpx",))


def _rate(stated: float) -> str | None:
    """`24/1`; None where the field is unset: zero, all ones (no number), or nonsense."""
    try:
        rate = rate_of(stated)
    except ValueError:
        return None
    return f"{rate.numerator}/{rate.denominator}" if rate >= 1 else None


def _timecode(head: bytes) -> str | None:
    """Four bytes of binary-coded decimals, hours first; None where it is unset or no timecode."""
    field = head[_TIMECODE_AT : _TIMECODE_AT + 4]
    if head[:4] == b"XPDS":
        field = field[::-1]
    pairs = [f"{byte:02x}" for byte in field]
    if len(pairs) < 4 or not any(field) or not all(pair.isdecimal() for pair in pairs):
        return None
    return ":".join(pairs) if all(map(str.__lt__, pairs, ("24", "60", "60", "99"))) else None
