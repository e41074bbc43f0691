"""Pictures in old Office files ([MS-ODRAW] 2.2.23): each after a record head that names its kind.

Word keeps them in the streams `Data` and `WordDocument`, PowerPoint in `Pictures`, Excel in records of its workbook.
Records of vector drawings (WMF, EMF, PICT) and bare pixels (DIB) state nothing and are not looked for.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

__all__ = ["Blip", "blips", "drawing_group", "is_encrypted_workbook"]

_HEADS = {
    struct.pack("<HH", instance << 4, kind): uids
    for kind, instances in {0xF01D: (0x46A, 0x6E2), 0xF02A: (0x46A, 0x6E2), 0xF01E: (0x6E0,), 0xF029: (0x6E4,)}.items()
    for instance_of_one in instances
    for instance, uids in ((instance_of_one, 1), (instance_of_one + 1, 2))
}
"""First four bytes of a JPEG, a JPEG in CMYK, a PNG or a TIFF → how many digests of 16 bytes follow its length."""
_DRAWING_GROUP, _CONTINUE, _FILE_PASS = 0x00EB, 0x003C, 0x002F
_MAX_RECORD = 8224
"""Bytes of one record of a workbook ([MS-XLS] 2.1.4)."""


class Blip(NamedTuple):
    """A picture's own file."""

    offset: int
    size: int
    """As its record declares it; it may reach past the end of the stream."""


def blips(data: bytes) -> Iterator[Blip]:
    """The pictures of a stream, in order."""
    found = []
    for head, uids in _HEADS.items():
        at = data.find(head)
        while at >= 0:
            start = at + 8 + 16 * uids + 1
            (length,) = struct.unpack_from("<I", data.ljust(at + 8, b"\0"), at + 4) if at + 8 <= len(data) else (0,)
            if length > start - at - 8:
                found.append(Blip(start, length - (start - at - 8)))
            at = data.find(head, at + 4)
    yield from sorted(found)


def drawing_group(workbook: bytes) -> bytes:
    """The records of drawings of a workbook and those that continue them, joined ([MS-XLS] 2.4.171)."""
    pieces: list[bytes] = []
    is_inside = False
    for kind, start, length in _records(workbook):
        is_inside = kind == _DRAWING_GROUP or (is_inside and kind == _CONTINUE)
        if is_inside:
            pieces.append(workbook[start : start + length])
    return b"".join(pieces)


def is_encrypted_workbook(workbook: bytes) -> bool:
    """Whether a password protects it ([MS-XLS] 2.4.117)."""
    return any(kind == _FILE_PASS for kind, _, _ in _records(workbook))


def _records(workbook: bytes) -> Iterator[tuple[int, int, int]]:
    at = 0
    while at + 4 <= len(workbook):
        kind, length = struct.unpack_from("<HH", workbook, at)
        if length > _MAX_RECORD:
            return
        yield kind, at + 4, length
        at += 4 + length
