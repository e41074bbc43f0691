"""AVI's streams: the length that each header declares against what its index lists, and chunks that are zeros.

Lengths are in samples (OpenDML AVI 1.02 §2, §3): frames of a picture, blocks of a sound.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from media.containers import Part
from media.containers.part import read_at
from media.errors import Malformed
from media.limits import is_cut_short
from media.whole.holes import SMALLEST, is_hole, spread

__all__ = ["check_streams"]

_STREAM = "LIST/hdrl/LIST/strl"
_BARE = frozenset(
    {
        *(b"\0\0\0\0", b"\1\0\0\0", b"\2\0\0\0", b"DIB ", b"RGB ", b"RAW ", b"RLE8", b"MRLE"),
        *(b"v210", b"UYVY", b"YUY2", b"YV12", b"I420", b"IYUV", b"Y800", b"GREY", b"v308", b"v408", b"Y41P", b"HDYC"),
    }
)
"""Coding of pictures that may be zeros: none."""
_MAX_INDEX = 256 << 20


@dataclass(slots=True)
class _Stream:
    kind: bytes = b""
    length: int = 0
    """Samples that its header declares."""
    rate: float = 0.0
    """Samples a second."""
    coding: bytes = b""
    indexed: list[int] = field(default_factory=list)
    """Samples of each part of its OpenDML index."""


def check_streams(file: BinaryIO, parts: list[Part]) -> None:
    """Its pictures, by the index of the whole or by those of its parts."""
    movie = next((part for part in parts if part.name == "LIST/movi"), None)
    index = next((part for part in parts if part.name == "idx1"), None)
    rows = _rows(file, index)
    for number, stream in enumerate(_streams(file, parts)):
        if stream.kind != b"vids":
            continue
        of_stream = rows[np.isin(rows["code"], [f"{number:02d}{kind}".encode() for kind in ("dc", "db", "pc")])]
        there = sum(stream.indexed) or len(of_stream)
        is_counted = bool(stream.indexed or index is not None) and stream.rate > 0
        if is_counted and is_cut_short(stream.length / stream.rate, there / stream.rate):
            raise Malformed(f"stream {number} declares {stream.length} frames; its index lists {there}")
        if movie is not None and stream.coding not in _BARE:
            _check_zeros(file, of_stream, movie, number)


def _streams(file: BinaryIO, parts: list[Part]) -> Iterator[_Stream]:
    """As their header lists declare them."""
    stream: _Stream | None = None
    for part in parts:
        if part.name == _STREAM:
            if stream is not None:
                yield stream
            stream = _Stream()
        elif stream is None:
            continue
        elif part.name == f"{_STREAM}/strh" and part.size >= 36:
            kind, scale, rate, length = struct.unpack("<4s16xII4xI", read_at(file, part.offset, 36))
            stream.kind, stream.length = kind, length
            stream.rate = rate / scale if scale else 0.0
        elif part.name == f"{_STREAM}/strf":
            stream.coding = read_at(file, part.offset + 16, 4)
        elif part.name == f"{_STREAM}/indx":
            stream.indexed.extend(_super_index(file, part))
    if stream is not None:
        yield stream


def _super_index(file: BinaryIO, part: Part) -> Iterator[int]:
    """The samples that each part of an OpenDML index of indices covers."""
    longs, _, kind, entries = struct.unpack("<HBBI", read_at(file, part.offset, 8))
    if kind == 0 and longs == 4:
        body = read_at(file, part.offset + 24, min(16 * entries, max(0, part.size - 24)))
        for offset, samples in struct.iter_unpack("<Q4xI", body[: len(body) // 16 * 16]):
            if offset:
                yield samples


def _rows(file: BinaryIO, index: Part | None) -> NDArray[np.void]:
    """The entries of `idx1`: chunk, flags, offset, bytes."""
    kind = np.dtype([("code", "S4"), ("flags", "<u4"), ("offset", "<u4"), ("size", "<u4")])
    if index is None:
        return np.zeros(0, kind)
    data = read_at(file, index.offset, min(index.size, _MAX_INDEX))
    return np.frombuffer(data[: len(data) // 16 * 16], kind)


def _check_zeros(file: BinaryIO, rows: NDArray[np.void], movie: Part, number: int) -> None:
    """Coded frames from first to last. Offsets count from the list's name, or by some writers from the file's begin."""
    for row in spread(0, len(rows) - 1):
        at, size = int(rows[row]["offset"]), int(rows[row]["size"])
        heads = {base + at: read_at(file, base + at, 8) for base in (movie.offset - 4, 0)}
        place = next((place for place, head in heads.items() if head[:4] == bytes(rows[row]["code"])), None)
        if size < SMALLEST or (place is None and any(map(any, heads.values()))):
            continue
        if place is None or is_hole(file, place + 8, size):
            raise Malformed(f"stream {number}: frame {row + 1} of {len(rows)} is zeros")
