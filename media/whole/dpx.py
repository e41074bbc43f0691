"""DPX and Cineon (SMPTE ST 268-1; Cineon 4.5): whether their pictures are inside the file."""

from __future__ import annotations

import struct
from typing import BinaryIO, NamedTuple

from media.errors import Malformed

__all__ = ["check"]

_RASTER_AT = 772
_PLAIN_SAMPLES = {1: 1, 2: 1, 3: 1, 4: 1, 6: 1, 50: 3, 51: 4, 52: 4, 100: 2, 101: 3, 102: 3, 103: 4}
"""DPX's descriptor of an image element → samples a pixel. What is not here is not counted."""
_DEPTHS = frozenset({1, 8, 10, 12, 16, 32, 64})
_MAX_SAMPLES = 8
_UNSET = 0xFFFFFFFF
_HEADER = 808
_CINEON = b"\x80\x2a\x5f\xd7"
_FILLED, _CINEON_FILLED = (1, 2), (5, 6)
"""Packings that leave bits over: three samples of ten bits in four bytes, one of twelve in two."""


class _Picture(NamedTuple):
    """Where a header states that its picture is, and how large it is."""

    at: int
    total: int
    """Bytes of the whole file."""
    width: int
    height: int
    least: int
    """Bytes of its bare samples; 0 where that is not known."""


def check(file: BinaryIO, size: int) -> None:
    """Raise `Malformed` where the picture is not inside the file. It needs at least its bare samples."""
    file.seek(0)
    head = file.read(_HEADER)
    if len(head) < _HEADER:
        raise Malformed(f"the header is cut short at {len(head)}")
    picture = _cineon(head) if head.startswith(_CINEON) else _dpx(head, "<" if head[:4] == b"XPDS" else ">")
    width, height = picture.width, picture.height
    if not 0 < width < _UNSET or not 0 < height < _UNSET:
        raise Malformed(f"declares a picture of {width} × {height} pixels")
    if not 0 < picture.at < size:
        raise Malformed(f"its picture should begin at {picture.at}; the file has {size} bytes")
    least = picture.at + picture.least
    if not picture.least and picture.total != _UNSET:
        least = picture.total
    if least > size:
        raise Malformed(f"its picture should reach up to {least} at least; the file has {size} bytes")


def _dpx(head: bytes, order: str) -> _Picture:
    at, total = struct.unpack_from(f"{order}I8xI", head, 4)
    width, height = struct.unpack_from(f"{order}II", head, _RASTER_AT)
    descriptor, depth = head[800], head[803]
    packing, encoding = struct.unpack_from(f"{order}HH", head, 804)
    samples = 0 if encoding else width * height * _PLAIN_SAMPLES.get(descriptor, 0)  # in runs: nothing is known
    return _Picture(at, total, width, height, _bytes(samples, depth, filled=packing in _FILLED))


def _cineon(head: bytes) -> _Picture:
    at, total = struct.unpack_from(">I12xI", head, 4)
    width, height = struct.unpack_from(">II", head, 200)
    samples = width * height * (head[193] if head[193] <= _MAX_SAMPLES else 0)
    return _Picture(at, total, width, height, _bytes(samples, head[198], filled=head[681] in _CINEON_FILLED))


def _bytes(samples: int, depth: int, *, filled: bool) -> int:
    """What so many samples take; 0 for depths that are not kept so."""
    if depth not in _DEPTHS:
        return 0
    if filled and depth == 10:
        return -(-samples // 3) * 4
    return (samples * (16 if filled and depth == 12 else depth) + 7) // 8
