"""Ogg (RFC 3533): the last page, which ends where the file ends and has the mark of the end of its stream."""

from __future__ import annotations

from typing import BinaryIO

from media.containers.part import read_at
from media.containers.sound_tags import essence_end
from media.errors import Malformed
from media.whole.holes import check_units
from media.whole.piece import require

__all__ = ["check"]

TAIL = 256 * 1024
"""No page is longer than 65,307 bytes."""

LONGEST = 65_307 + 3
"""Bytes in which a page begins."""
_END = 4


def check(file: BinaryIO, size: int) -> None:
    """The pages of the tail."""
    if read_at(file, 0, 4) != b"OggS":
        raise Malformed("does not begin with an Ogg page")
    end = essence_end(file, size)
    check_units(file, 0, end, LONGEST, lambda data: b"OggS" in data, "no Ogg page begins near it")
    first = max(0, end - TAIL)
    tail = read_at(file, first, end - first)
    pages = _pages(tail)
    if not pages:
        raise Malformed("has no Ogg page at its end")
    at, flags, until = pages[-1]
    require(first + until, size, f"the page at {first + at}")
    if not any(flags & _END for _, flags, _ in pages):
        raise Malformed("its last page does not have the end-of-stream flag: it was cut off")
    if flags & 2 and not flags & _END:
        raise Malformed("a stream begins at its end and does not go on: it was cut off")


def _pages(tail: bytes) -> list[tuple[int, int, int]]:
    """(offset, flags, end) of the pages, from the first capture pattern that others follow."""
    at = tail.find(b"OggS")
    while at >= 0:
        found: list[tuple[int, int, int]] = []
        place = at
        while tail[place : place + 5] == b"OggS\0":
            count = tail[place + 26] if place + 27 <= len(tail) else 255
            table = tail[place + 27 : place + 27 + count]
            end = place + 27 + count + sum(table)
            found.append((place, tail[place + 5] if place + 5 < len(tail) else 0, end))
            place = end
        if found and (place >= len(tail) - 27 or len(found) > 1):
            return found
        at = tail.find(b"OggS", at + 1)
    return []
