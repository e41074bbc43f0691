"""Radiance pictures, `.hdr` (Ward, *Real Pixels*; `color.c` of Radiance): whether every scanline is in the file."""

from __future__ import annotations

import re
from typing import BinaryIO

from media.errors import Malformed

__all__ = ["check"]

_HEAD = 64 << 10
_RESOLUTION = re.compile(rb"\r?\n\r?\n([-+])([XY]) +(\d{1,9}) +([-+])([XY]) +(\d{1,9})[ \r]*\n")
_PACKED_SIDES = range(8, 0x8000)
"""Lengths of a scanline that can be kept packed by component."""
_MAX_WALKED = 48 << 20
"""Bytes of packed scanlines that are followed run by run; of what is longer, the least size is asked."""


def check(file: BinaryIO, size: int) -> None:
    """`Malformed` where the file ends before the last scanline."""
    file.seek(0)
    head = file.read(_HEAD)
    found = _RESOLUTION.search(head)
    if found is None:
        raise Malformed("no resolution line ends its header")
    lines, length, at = int(found[3]), int(found[6]), found.end()
    file.seek(at)
    start = file.read(4)
    if length in _PACKED_SIDES and start == bytes((2, 2, length >> 8, length & 255)):
        least = at + lines * (4 + 8 * -(-length // 127))
        whole = least <= size and (size - at > _MAX_WALKED or _has_lines(file, at, lines, length))
    else:
        whole = at + 4 * lines * length <= size or _has_pixels(file, at, lines * length)
    if not whole or not lines or not length:
        raise Malformed(f"ends before the last of its {lines} scanlines of {length} pixels")


def _has_lines(file: BinaryIO, at: int, lines: int, length: int) -> bool:
    """Whether all packed scanlines are there: four components a line, each in runs and dumps of up to 128."""
    file.seek(at)
    data = file.read(_MAX_WALKED)
    here, stop = 0, len(data)
    marker = bytes((2, 2, length >> 8, length & 255))
    for _ in range(lines):
        if data[here : here + 4] != marker:
            return False
        here += 4
        for _ in range(4):
            left = length
            while left > 0:
                if here >= stop:
                    return False
                count = data[here]
                if count > 128:
                    here, left = here + 2, left - (count - 128)
                elif count:
                    here, left = here + 1 + count, left - count
                else:
                    return False
    return here <= stop


def _has_pixels(file: BinaryIO, at: int, pixels: int) -> bool:
    """Whether the old form is complete, in which `1 1 1 n` repeats the pixel before it."""
    file.seek(at)
    data = file.read(_MAX_WALKED)
    if b"\x01\x01\x01" not in data:
        return False
    count = shift = 0
    for index in range(0, len(data) - 3, 4):
        if data[index : index + 3] == b"\x01\x01\x01":
            count += data[index + 3] << min(shift, 24)
            shift += 8
        else:
            count, shift = count + 1, 0
    return count >= pixels or len(data) == _MAX_WALKED
