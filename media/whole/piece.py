"""Bytes at a place of a file, and where its sound ends before the tags behind it."""

from __future__ import annotations

from typing import BinaryIO

from media.containers.sound_tags import find_tags_ahead, find_tags_behind
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
    """The first byte behind the ID3v2 tags at the head; 0 where there are none."""
    ahead = find_tags_ahead(file)
    return ahead[-1].offset + ahead[-1].size if ahead else 0


def essence_end(file: BinaryIO, size: int) -> int:
    """The end of the sound, before the tags behind it; `size` where a file is nothing but tags."""
    behind = find_tags_behind(file, size)
    return (behind[-1].offset if behind else 0) or size
