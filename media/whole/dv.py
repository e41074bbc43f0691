"""DV (IEC 61834, SMPTE ST 314 and ST 370): frames of one length, which the head of the first states."""

from __future__ import annotations

from typing import BinaryIO

from media.containers.part import read_at
from media.errors import Malformed
from media.whole.holes import spread

__all__ = ["check"]

_SYSTEM, _SIGNAL = 3, 80 * 5 + 48 + 3
_LENGTHS = {0x00: 12_000, 0x04: 24_000, 0x14: 48_000, 0x18: 24_000}
"""Signal type → bytes of a tenth of a frame of 525 lines; one of 625 has twelve tenths."""


def check(file: BinaryIO, size: int) -> None:
    """Whole frames from the first to the last."""
    head = read_at(file, 0, 480)
    if len(head) < 480:
        raise Malformed(f"a DV frame is longer than the {size} bytes that are here: it was cut off")
    is_625 = bool(head[_SYSTEM] & 0x80)
    tenth = _LENGTHS.get(head[_SIGNAL] & 0x1F, 12_000)
    length = tenth * (12 if is_625 else 10)
    if size % length:
        raise Malformed(f"holds {size // length} frames of {length} bytes and {size % length} more: it was cut off")
    for number in spread(0, size // length - 1):
        if not any(read_at(file, number * length, 80)):
            raise Malformed(f"its frame {number + 1} of {size // length} is zeros")
