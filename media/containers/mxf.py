"""MXF (SMPTE ST 377-1): partitions, and in each its header metadata; generic streams (ST 410) that hold text.

Parts: `header-partition`, `body-partition`, `footer-partition`, `primer`, `set:<second half of its key>`
(`set:0d01010101013000` is an Identification), `generic-stream`. Essence and index are skipped by the byte counts of the
partition packs; partitions are found through the random index pack at the end of the file, or where there is none,
through the offsets of the footer that each pack holds.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from media.containers.part import Part
from media.errors import Malformed

__all__ = [
    "MAX_PARTITIONS",
    "RUN_IN",
    "first_partition",
    "has_random_index",
    "klv",
    "partition_offsets",
    "past_filler",
    "walk",
]

RUN_IN = 65_536
"""Bytes that may come before the first partition (§6.5)."""

MAX_PARTITIONS = 20_000
"""A day of ten-second body partitions has 8,640."""

_PARTITION = bytes.fromhex("060e2b34020501010d01020101")
_PRIMER = bytes.fromhex("060e2b34020501010d0102010105")
_RANDOM_INDEX = bytes.fromhex("060e2b34020501010d0102010111")
_LOCAL_SET = bytes.fromhex("060e2b340253")
_FILLER = bytes.fromhex("010101030102")
_LABEL = bytes.fromhex("060e2b34")
_KINDS = {2: "header-partition", 3: "body-partition", 4: "footer-partition"}
_GENERIC_STREAM = (3, 0x11)


@dataclass(frozen=True, slots=True)
class _Partition:
    """A partition pack: where it is and what it states about the bytes after it."""

    kind: str
    offset: int
    behind: int
    """The first byte behind the pack."""
    header_bytes: int
    index_bytes: int
    footer: int
    """Offset of the footer partition, counted from the first partition; 0 where unknown."""


def walk(file: BinaryIO, size: int) -> Iterator[Part]:
    """The parts in file order. Raises `Malformed` where a partition is not where it should be."""
    first = first_partition(file)
    header = _partition(file, first, size)
    yield from _inside(file, header, size)
    for offset in _offsets(file, first, header, size):
        yield from _inside(file, _partition(file, offset, size), size)


def partition_offsets(file: BinaryIO, size: int) -> list[int]:
    """The offsets of its partitions, ascending, the header first: by the random index, else header and footer only."""
    first = first_partition(file)
    return [first, *_offsets(file, first, _partition(file, first, size), size)]


def _offsets(file: BinaryIO, first: int, header: _Partition, size: int) -> list[int]:
    """Those behind the header."""
    offsets = _read_random_index(file, first, size) or ([first + header.footer] if header.footer else [])
    return sorted({offset for offset in offsets if offset > first})


def has_random_index(file: BinaryIO, size: int) -> bool:
    """Whether a random index pack ends the file (§12)."""
    return bool(_read_random_index(file, first_partition(file), size))


def first_partition(file: BinaryIO) -> int:
    """Where the header partition begins, after a run-in."""
    file.seek(0)
    found = file.read(RUN_IN + len(_PARTITION)).find(_PARTITION)
    if found < 0:
        raise Malformed("no partition pack in the first 64 KiB")
    return found


def klv(file: BinaryIO, offset: int, end: int) -> tuple[bytes, int, int]:
    """Key, offset and length of the value at `offset`; lengths in BER (SMPTE ST 336)."""
    if offset >= end:
        raise Malformed(f"a KLV should be at offset {offset}; the file ends at {end}")
    file.seek(offset)
    head = file.read(25)
    if len(head) < 17 or not head.startswith(_LABEL):
        raise Malformed(f"no KLV key at offset {offset}")
    count = head[16] & 0x7F if head[16] & 0x80 else 0
    if count > 8 or len(head) < 17 + count:
        raise Malformed(f"no KLV length at offset {offset}")
    length = int.from_bytes(head[17 : 17 + count], "big") if head[16] & 0x80 else head[16]
    start = offset + 17 + count
    if start + length > end:
        raise Malformed(f"a KLV at offset {offset} declares {length} bytes; {max(0, end - start)} are left")
    return head[:16], start, length


def _partition(file: BinaryIO, offset: int, size: int) -> _Partition:
    key, start, length = klv(file, offset, size)
    if not key.startswith(_PARTITION) or length < 64:
        raise Malformed(f"no partition pack at offset {offset}")
    file.seek(start)
    footer, header_bytes, index_bytes = struct.unpack_from(">24x3Q", file.read(64))
    kind = "generic-stream" if (key[13], key[14]) == _GENERIC_STREAM else _KINDS.get(key[13], "partition")
    return _Partition(kind, offset, start + length, header_bytes, index_bytes, footer)


def _read_random_index(file: BinaryIO, first: int, size: int) -> list[int]:
    """Offsets of all partitions by the random index pack, whose own length stands in the last four bytes."""
    if size < first + 64:
        return []
    file.seek(size - 4)
    (length,) = struct.unpack(">I", file.read(4))
    if not 20 <= length <= min(size - first, 17 + 8 + 12 * MAX_PARTITIONS):
        return []
    try:
        key, start, inner = klv(file, size - length, size)
    except Malformed:
        return []
    if not key.startswith(_RANDOM_INDEX):
        return []
    file.seek(start)
    body = file.read(inner - 4)
    return [first + offset for _, offset in struct.iter_unpack(">IQ", body[: len(body) // 12 * 12])]


def _inside(file: BinaryIO, partition: _Partition, size: int) -> Iterator[Part]:
    """The pack itself, then its metadata, or the text that its generic stream holds."""
    if partition.kind != "generic-stream":
        yield Part(partition.kind, partition.offset, partition.behind - partition.offset)
    at = partition.behind
    if partition.header_bytes:
        at = past_filler(file, at, size)
    end = at + partition.header_bytes
    if end > size:
        raise Malformed(f"header metadata at offset {at} declares {partition.header_bytes} bytes; {size - at} are left")
    while at < end:
        key, start, length = klv(file, at, size)
        if key.startswith(_PRIMER):
            yield Part("primer", start, length)
        elif key.startswith(_LOCAL_SET):
            yield Part(f"set:{key[8:16].hex()}", start, length)
        at = start + length
    if partition.kind == "generic-stream":
        at = past_filler(file, end + partition.index_bytes, size)
        _, start, length = klv(file, at, size)
        yield Part("generic-stream", start, length)


def past_filler(file: BinaryIO, at: int, size: int) -> int:
    """The first byte after fill items."""
    while True:
        key, start, length = klv(file, at, size)
        if key[4:7] != _FILLER[:3] or key[8:11] != _FILLER[3:]:
            return at
        at = start + length
