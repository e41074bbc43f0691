"""Bytes at a place of a file, and where its sound ends before the tags behind it."""

from __future__ import annotations

from typing import BinaryIO

from media.errors import Malformed

__all__ = ["essence_end", "id3_end", "read_at", "require"]


def read_at(file: BinaryIO, offset: int, size: int) -> bytes:
    """Up to `size` bytes at `offset`; fewer where the file ends."""
    file.seek(offset)
    return file.read(size)


def require(end: int, size: int, what: str) -> None:
    """`Malformed` where something ends behind the end of the file."""
    if end > size:
        raise Malformed(f"{what} ends at {end}, but the file at {size}: it was cut off")


def id3_end(file: BinaryIO) -> int:
    """The first byte behind the ID3v2 tags at the head (ID3v2.4 §3.1); 0 where there are none."""
    at = 0
    for _ in range(8):
        head = read_at(file, at, 10)
        if len(head) < 10 or head[:3] != b"ID3":
            break
        length = head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9]
        at += 10 + length + 10 * bool(head[5] & 0x10)
    return at


def essence_end(file: BinaryIO, size: int) -> int:
    """The end of the sound: before ID3v1, Lyrics3v2, an APE tag, or an ID3v2 tag with a footer."""
    end, before = size, -1
    while end != before:
        before = end
        if read_at(file, max(0, end - 128), 3) == b"TAG" and end >= 128:
            end -= 128
        foot = read_at(file, max(0, end - 32), 32) if end >= 32 else b""
        if foot[:8] == b"APETAGEX":
            end -= int.from_bytes(foot[12:16], "little") + 32 * bool(foot[23] & 0x80)
        elif foot[-9:] == b"LYRICS200" and foot[-15:-9].isdigit():
            end -= int(foot[-15:-9]) + 15
        elif foot[-10:-7] == b"3DI":
            end -= 20 + (foot[-4] << 21 | foot[-3] << 14 | foot[-2] << 7 | foot[-1])
        if end <= 0:
            return size
    return end
