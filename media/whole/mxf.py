"""MXF (SMPTE ST 377-1): its partitions to the footer, and each key and length after the last pack."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from typing import BinaryIO, NamedTuple

from media.containers import Part, mxf
from media.containers.part import MAX_PARTS, read_at
from media.errors import Malformed
from media.whole.mxf_index import DURATIONS, Body, check_index
from media.whole.piece import require

__all__ = ["check"]

MAX_KLVS = 200_000
"""Keys that are read after the last pack."""

_PARTITION = bytes.fromhex("060e2b34020501010d01020101")
_FOOTER = 4


class _Pack(NamedTuple):
    kind: int
    this: int
    footer: int
    header_bytes: int
    index_bytes: int
    stream_at: int
    body: int
    behind: int
    """The first byte behind the pack."""


def check(file: BinaryIO, size: int) -> None:
    """The header's promise of a footer; then the partitions, and the last of them key by key."""
    durations: list[Part] = []
    for count, part in enumerate(mxf.walk(file, size)):  # raises where a partition is not where one says it is
        if count > MAX_PARTS:
            break
        if part.name in DURATIONS:
            durations.append(part)
    start = mxf.first_partition(file)
    offsets = mxf.partition_offsets(file, size)
    header = _pack(file, start, size)
    last_at, last = start, header
    packs: list[tuple[int, _Pack]] = []
    for offset in offsets:
        pack = _pack(file, offset, size)
        packs.append((offset, pack))
        end = pack.behind + pack.header_bytes + pack.index_bytes
        require(end, size, f"the partition at {offset}")
        if pack.this and start + pack.this != offset:
            raise Malformed(f"the partition at {offset} states that it is at {start + pack.this}: bytes are missing")
        if offset > last_at:
            last_at, last = offset, pack
    if header.footer and last.kind != _FOOTER:
        raise Malformed("its header names a footer partition, and it has none: it was cut off")
    _walk_to_end(file, last, last_at, size)
    if last.kind != _FOOTER and len(offsets) < 2 and not mxf.has_random_index(file, size):
        raise Malformed("has no footer partition and no random index: it was cut off, or never closed")
    if mxf.has_random_index(file, size):
        check_index(file, list(_bodies(file, packs, size)), durations)


def _bodies(file: BinaryIO, packs: Sequence[tuple[int, _Pack]], size: int) -> Iterator[Body]:
    """What each partition holds behind its metadata."""
    ends = [*(offset for offset, _ in packs[1:]), size]
    for (_, pack), end in zip(packs, ends, strict=True):
        at = mxf.past_filler(file, pack.behind, size) + pack.header_bytes
        if at + pack.index_bytes <= end:
            yield Body(at + pack.index_bytes, end, at, pack.body, pack.stream_at)


def _pack(file: BinaryIO, offset: int, size: int) -> _Pack:
    key, start, length = mxf.klv(file, offset, size)
    if not key.startswith(_PARTITION) or length < 88:
        raise Malformed(f"no partition pack at {offset}")
    this, footer, header, index, stream_at, body = struct.unpack(">8xQ8x3Q4xQI", read_at(file, start, 64))
    return _Pack(key[13], this, footer, header, index, stream_at, body, start + length)


def _walk_to_end(file: BinaryIO, pack: _Pack, offset: int, size: int) -> None:
    """Keys and lengths from the last pack: the last of them ends where the file does."""
    at = pack.behind
    for _ in range(MAX_KLVS):
        if at >= size:
            return
        if size - at < 17 and not any(read_at(file, at, size - at)):
            return
        try:
            _, start, length = mxf.klv(file, at, size)
        except Malformed as error:
            raise Malformed(f"after its last partition, at {offset}: {error}: it was cut off") from error
        at = start + length
