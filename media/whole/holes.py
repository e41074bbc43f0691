"""Essence that was never written: reads coded picture or sound at places all over a file.

A transfer that stopped, or a full disk, leaves a file of the right length with zeros in it. A few kilobytes are read at
each of some places; a hole between two of them is not seen.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import BinaryIO

from media.containers.part import read_at
from media.errors import Malformed

__all__ = ["LOOKS", "LOOK_BYTES", "SMALLEST", "check_units", "check_zeros", "is_hole", "spread"]

LOOKS = 32
"""Places of a file that are read."""
LOOK_BYTES = 4096
"""Bytes of a coded sample that are read."""
SMALLEST = 32
"""A coded sample of fewer bytes is not tested for zeros."""
SOUND_WINDOW = 16 << 10
"""No frame of coded sound is this long, or holds this many zeros in a row."""


def spread(first: int, last: int, count: int = LOOKS) -> list[int]:
    """Up to `count` whole numbers from `first` to `last`, evenly, each once."""
    if last < first:
        return []
    steps = max(1, count - 1)
    return sorted({first + (last - first) * step // steps for step in range(steps + 1)})


def is_hole(file: BinaryIO, at: int, length: int) -> bool:
    """Whether a coded sample of `length` bytes at an offset begins with zeros as far as it is read."""
    return length >= SMALLEST and not any(read_at(file, at, min(length, LOOK_BYTES)))


def check_zeros(file: BinaryIO, start: int, end: int, window: int = SOUND_WINDOW) -> None:
    """Raise `Malformed` where coded essence between two offsets has `window` zeros in a row at one of the places."""
    check_units(file, start, end, window, any, "it is zeros")


def check_units(file: BinaryIO, start: int, end: int, window: int, is_unit: Callable[[bytes], bool], what: str) -> None:
    """Raise `Malformed` where `is_unit` finds nothing in the `window` bytes at a place; the end is not read."""
    for at in spread(start, end - 2 * window):
        data = read_at(file, at, window)
        if len(data) == window and not is_unit(data):
            raise Malformed(f"at {at} there is no picture or sound: {what}")
