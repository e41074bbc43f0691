"""BMP and ICO: whether their pixels are inside the file (Microsoft, *Bitmap Storage*; *Icons*)."""

from __future__ import annotations

import struct
from typing import BinaryIO

from media.errors import Malformed

__all__ = ["check", "check_icon"]

_PLAIN = frozenset({0, 3, 6})
"""Compressions that keep pixels as they are: BI_RGB, BI_BITFIELDS, BI_ALPHABITFIELDS."""
_CORE = 12
_PNG = b"\x89PNG"


def check(file: BinaryIO, size: int) -> None:
    """Raise `Malformed` where pixels that the header promises are missing."""
    file.seek(0)
    head = file.read(38)
    if len(head) < 26:
        raise Malformed(f"the header ends at {len(head)}")
    total, at, header = struct.unpack_from("<I4xII", head, 2)
    if header == _CORE:
        width, height, bits, packing, stated = (*struct.unpack_from("<HH2xH", head, 18), 0, 0)
    elif len(head) < 38:
        raise Malformed(f"the header ends at {len(head)}")
    else:
        width, height, bits, packing, stated = struct.unpack_from("<ii2xHII", head, 18)
    if width <= 0 or height == 0 or bits > 64:
        raise Malformed(f"declares a picture of {width} × {abs(height)} pixels of {bits} bits")
    if packing in _PLAIN:
        line = (width * bits + 31) // 32 * 4
        least = at + line * (abs(height) - 1) + (width * bits + 7) // 8  # the last line's padding is often left out
    else:
        least = at + stated if stated else total
    if least > size or at >= size:
        raise Malformed(f"its pixels should reach up to {max(least, at + 1)}; the file has {size} bytes")


def check_icon(file: BinaryIO, size: int) -> None:
    """Raise `Malformed` where pictures that the directory names are missing."""
    file.seek(4)
    (count,) = struct.unpack("<H", file.read(2).ljust(2, b"\0"))
    table = file.read(16 * count)
    if not count or len(table) < 16 * count:
        raise Malformed(f"its directory should name {count} pictures; {len(table) // 16} are there")
    for number, (length, at) in enumerate(struct.iter_unpack("<8xII", table), 1):
        if at + length > size or length < 12:
            raise Malformed(f"picture {number} should be at {at} and have {length} bytes; the file has {size}")
        file.seek(at)
        start = file.read(16)
        if not start.startswith(_PNG) and struct.unpack_from("<I", start)[0] not in (_CORE, 40, 52, 56, 108, 124):
            raise Malformed(f"no picture begins at {at}, where the directory puts picture {number}")
