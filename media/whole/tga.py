"""Truevision TGA (*TGA File Format Specification 2.0*): whether all its pixels are in the file."""

from __future__ import annotations

import struct
from typing import BinaryIO

from media.errors import Malformed

__all__ = ["check"]

_HEADER = 18
_PLAIN, _PACKED = (1, 2, 3), (9, 10, 11)
_MAX_WALKED = 48 << 20
"""Bytes of packets that are followed; of what is longer, the least size is asked."""
_LONGEST_RUN = 128


def check(file: BinaryIO, size: int) -> None:
    """`Malformed` where the file ends before its last pixel."""
    file.seek(0)
    head = file.read(_HEADER)
    if len(head) < _HEADER:
        raise Malformed(f"the header ends at {len(head)}")
    name, has_map, kind, colours, map_bits, width, height, bits = struct.unpack("<3B2xHB4xHHBx", head)
    at = _HEADER + name + (has_map == 1) * colours * ((map_bits + 7) // 8)
    each, pixels = (bits + 7) // 8, width * height
    if not pixels or not each:
        raise Malformed(f"declares a picture of {width} × {height} pixels of {bits} bits")
    if kind in _PLAIN:
        whole = at + pixels * each <= size
    elif kind in _PACKED:
        whole = at + -(-pixels // _LONGEST_RUN) * (1 + each) <= size
        whole = whole and (size - at > _MAX_WALKED or _has_pixels(file, at, pixels, each))
    else:
        raise Malformed(f"declares a picture of type {kind}")
    if not whole:
        raise Malformed(f"ends before the last of its {width} × {height} pixels")


def _has_pixels(file: BinaryIO, at: int, pixels: int, each: int) -> bool:
    """Whether packets of runs and of plain pixels make up the picture."""
    file.seek(at)
    data = file.read(_MAX_WALKED)
    here, stop = 0, len(data)
    while pixels > 0 and here < stop:
        count = (data[here] & 0x7F) + 1
        here += 1 + (each if data[here] & 0x80 else count * each)
        pixels -= count
    return pixels <= 0 and here <= stop
