"""MPEG program and transport streams (ISO/IEC 13818-1): the last packet has its stated length.

Neither states how many packets there are: a cut between two of them is not seen.
"""

from __future__ import annotations

from typing import BinaryIO

from media.containers.part import read_at
from media.errors import Malformed
from media.whole.holes import check_units, check_zeros
from media.whole.piece import require

__all__ = ["check_elementary", "check_program", "check_transport"]

TAIL = 512 * 1024
LONGEST = 128 << 10
"""Bytes in which a pack or packet begins: none is longer than half of it."""
_ALIGNED = 8
"""Packets in a row that show where transport packets begin."""
_PACK, _END = b"\0\0\1\xba", b"\0\0\1\xb9"


def check_program(file: BinaryIO, size: int) -> None:
    """The packets after the last pack headers of a program stream, and that there are packets before them."""
    if read_at(file, 0, 4) != _PACK:
        check_elementary(file, size)
        return
    check_units(file, 0, size, LONGEST, lambda data: b"\0\0\1" in data, "no packet begins near it")
    first = max(0, size - TAIL)
    tail = read_at(file, first, size - first)
    at = tail.find(_PACK)
    while 0 <= at <= len(tail) - 4 and tail[at : at + 3] == b"\0\0\1":
        if tail[at : at + 4] == _END:
            return
        at = _behind(tail, at, first, size)
    if 0 <= at < len(tail) and (len(tail) - at < 4 and b"\0\0\1".startswith(tail[at : at + 3])):
        raise Malformed(f"a packet ends early at {first + at}: it was cut off")


def check_elementary(file: BinaryIO, size: int) -> None:
    """A coded picture stream has no run of zeros as long as two of its windows; its end cannot be checked."""
    check_zeros(file, 0, size, 64 << 10)


def _behind(tail: bytes, at: int, first: int, size: int) -> int:
    """The first byte behind the pack header or packet at `at`."""
    if tail[at : at + 4] == _PACK:
        if at + 14 > len(tail):
            raise Malformed(f"the pack header at {first + at} is cut short: it was cut off")
        return at + (14 + (tail[at + 13] & 7) if tail[at + 4] & 0xC0 == 0x40 else 12)
    if at + 6 > len(tail):
        raise Malformed(f"the packet at {first + at} is cut short: it was cut off")
    end = at + 6 + int.from_bytes(tail[at + 4 : at + 6])
    require(first + end, size, f"the packet at {first + at}")
    return end


def check_transport(file: BinaryIO, size: int) -> None:
    """Whole packets: of 188 bytes, of 192 with a time before each (M2TS), of 204 with parity after each."""
    head = read_at(file, 0, 204 * 6)
    for length, first in ((188, 0), (192, 4), (204, 0)):
        places = range(first, len(head), length)
        if len(places) > 4 and all(head[at] == 0x47 for at in places):
            window = length * (_ALIGNED + 1)
            check_units(file, 0, size, window, lambda data: _is_aligned(data, length), "no packets follow one another")  # noqa: B023
            left = size % length
            if left and read_at(file, size - left + first, 1) in (b"\x47", b""):
                raise Malformed(f"its last packet has {left} of {length} bytes: it was cut off")
            return


def _is_aligned(data: bytes, length: int) -> bool:
    """Whether packets of this length follow one another from somewhere on; a receiver may lose bytes."""
    return any(all(data[at + length * step] == 0x47 for step in range(_ALIGNED)) for at in range(length))
