"""FLAC (RFC 9639 §8): its metadata blocks, after the tags that some programs put before them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from media.containers import vorbis
from media.containers.part import Part, read_at
from media.containers.sound_tags import id3_end
from media.errors import Malformed

__all__ = ["COMMENTS", "STREAMINFO", "find_blocks", "find_comments"]

STREAMINFO, COMMENTS = "STREAMINFO", "VORBIS_COMMENT"
_TYPES = {0: STREAMINFO, vorbis.FLAC_BLOCK: COMMENTS}
_MAX_BLOCKS = 10_000


def find_blocks(file: BinaryIO, size: int) -> Iterator[Part]:
    """Yield the payloads of the metadata blocks in file order, named `STREAMINFO`, `VORBIS_COMMENT` or by their type.

    Raises `Malformed` where the file is no FLAC, or ends before the last of its metadata blocks.
    """
    at = id3_end(file)
    if read_at(file, at, 4) != b"fLaC":
        raise Malformed("has no FLAC marker")
    at += 4
    for _ in range(_MAX_BLOCKS):
        head = read_at(file, at, 4)
        if len(head) < 4:
            raise Malformed("its metadata blocks end early")
        name = _TYPES.get(head[0] & 0x7F, str(head[0] & 0x7F))
        length = int.from_bytes(head[1:4])
        if name == COMMENTS:
            length = max(length, vorbis.measure_comments(file, at + 4, size))
        yield Part(name, at + 4, length)
        at += 4 + length
        if head[0] & 0x80:
            return
        if at >= size:
            raise Malformed("its metadata blocks end early")


def find_comments(file: BinaryIO, size: int) -> Iterator[bytes]:
    """Yield the blocks of Vorbis comments, each up to `vorbis.BLOCK_LIMIT`. Raises as `find_blocks` does."""
    for block in find_blocks(file, size):
        if block.name == COMMENTS:
            yield read_at(file, block.offset, min(block.size, vorbis.BLOCK_LIMIT))
