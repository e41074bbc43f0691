"""Flash Video: each tag is followed by its own size, and `onMetaData` states the size and duration of the file."""

from __future__ import annotations

import struct
from typing import BinaryIO

from media.containers.part import read_at
from media.errors import Malformed
from media.limits import is_cut_short
from media.whole.holes import check_zeros
from media.whole.piece import require

__all__ = ["check"]

MAX_TAGS = 5_000_000
ZEROS = 64 << 10
_HEAD = 64 * 1024
_SHORT_SECONDS, _SHORT_SHARE = 5.0, 0.05


def check(file: BinaryIO, size: int) -> None:
    """The last tag, by the size after it; where that names none, every tag from the first."""
    begin = int.from_bytes(read_at(file, 5, 4)) + 4
    require(begin, size, "its header")
    head = read_at(file, 0, min(size, _HEAD))
    stated = _number(head, b"filesize")
    if stated is not None and stated < 1 << 60:
        require(int(stated), size, "the file by its onMetaData")
    check_zeros(file, begin, size, ZEROS)
    last = _last(file, begin, size)
    duration = _number(head, b"duration") or 0.0
    if duration < 1e7 and is_cut_short(duration, last, seconds=_SHORT_SECONDS, share=_SHORT_SHARE):
        raise Malformed(f"declares {duration:.1f} s; its last tag stands at {last:.1f} s: it was cut off")


def _number(head: bytes, name: bytes) -> float | None:
    """A number of the script tag, AMF0: length and name, type 0, eight bytes."""
    at = head.find(struct.pack(">H", len(name)) + name + b"\0")
    at += len(name) + 3
    return struct.unpack_from(">d", head, at)[0] if at > len(name) + 2 and at + 8 <= len(head) else None


def _last(file: BinaryIO, begin: int, size: int) -> float:
    """The time of the last tag in seconds."""
    behind = int.from_bytes(read_at(file, size - 4, 4))
    at = size - 4 - behind
    if behind >= 11 and at >= begin and (tag := read_at(file, at, 11)) and int.from_bytes(tag[1:4]) + 11 == behind:
        return _time(tag)
    at, time = begin, 0.0
    for _ in range(MAX_TAGS):
        tag = read_at(file, at, 11)
        if not tag or at >= size:
            break
        if len(tag) < 11:
            raise Malformed(f"the header of a tag at {at} is cut short: it was cut off")
        end = at + 11 + int.from_bytes(tag[1:4])
        require(end, size, f"the tag at {at}")
        time, at = _time(tag), end + 4
    return time


def _time(tag: bytes) -> float:
    return int.from_bytes(tag[7:8] + tag[4:7]) / 1000
