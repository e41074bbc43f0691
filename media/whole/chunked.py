"""Files of chunks: WAV and its variants, AVI, AIFF, CAF, Wave64, AU. What the form, its chunks and their headers state.

A form that states to be longer than the file was cut even where the last chunk ends with the file: later chunks are
missing.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

from media.containers import Part, iff, riff
from media.containers.part import read_at
from media.errors import Malformed
from media.whole.avi import check_streams
from media.whole.piece import require

__all__ = ["check_aiff", "check_au", "check_avi", "check_caf", "check_w64", "check_wav"]

_STREAMED = 0x7FFF0000
"""A form or a sound that says it is so long was written to a pipe by a writer that did not know."""
_MAX_CHUNKS = 200_000
_UNCLAIMED = 4096
"""Bytes behind an empty data chunk that nothing else explains."""


def _check_form(file: BinaryIO, size: int, order: str) -> None:
    """The size in the head of the form; a pad byte at its end may be missing."""
    (stated,) = struct.unpack(order + "4xI", read_at(file, 0, 8))
    if stated < _STREAMED:
        require(8 + stated - (stated & 1 or 8 + stated == size + 1), size, "the form")


def check_wav(file: BinaryIO, size: int) -> None:
    """RIFF, RIFX, RF64 and BW64: the form, the chunks, and a data chunk that was filled in."""
    form = read_at(file, 0, 4)
    if form in (b"RF64", b"BW64"):
        _check_wide(file, size)
    else:
        _check_form(file, size, ">" if form == b"RIFX" else "<")
    parts = list(riff.walk(file, size))
    names = {part.name for part in parts}
    if "fmt " not in names:
        raise Malformed("has no fmt chunk: its sound is not described")
    if "data" not in names and "LIST/wavl" not in names:
        raise Malformed("has no data chunk: there is no sound in it")
    _check_filled(parts, size)


def _check_filled(parts: list[Part], size: int) -> None:
    """A recorder that lost its power leaves a data chunk of no length, and the sound behind it."""
    data = [part for part in parts if part.name == "data"]
    end = max(part.offset + part.size for part in parts)
    if data and not any(part.size for part in data) and size - end > _UNCLAIMED:
        raise Malformed(f"its data chunk states no sound; {size - end} bytes follow: it was never finished")


def _check_wide(file: BinaryIO, size: int) -> None:
    """The 64-bit sizes of `ds64`, which comes first (EBU Tech 3306, ITU-R BS.2088)."""
    code, _, form, data = struct.unpack("<4sIQQ", read_at(file, 12, 24))
    if code != b"ds64":
        raise Malformed("has no ds64 chunk: its sizes are not known")
    if form < 1 << 62:
        require(8 + form - (form & 1), size, "the form")
    if data < 1 << 62:
        require(data, size, "the sound")


def check_avi(file: BinaryIO, size: int) -> None:
    """The forms (OpenDML has several), the pictures and the index that the header announces."""
    _check_form(file, size, "<")
    flags = 0
    names: set[str] = set()
    parts: list[Part] = []
    for part in riff.walk(file, size):
        names.add(part.name)
        if part.name == "LIST/hdrl/avih":
            (flags,) = struct.unpack("<12xI", read_at(file, part.offset, 16))
        elif part.name == "LIST/hdrl/LIST/strl/indx":
            _check_super_index(file, part, size)
        parts.append(part)
    if "LIST/movi" not in names:
        raise Malformed("has no movi list: there is no picture or sound in it")
    if flags & 0x10 and not names & {"idx1", "LIST/hdrl/LIST/strl/indx"}:
        raise Malformed("its header declares an index, and there is none: it was cut off")
    check_streams(file, parts)


def _check_super_index(file: BinaryIO, part: Part, size: int) -> None:
    """Check where each part of an OpenDML index is (OpenDML AVI 1.02 §3)."""
    longs, _, kind, entries = struct.unpack("<HBBI", read_at(file, part.offset, 8))
    if kind != 0 or longs != 4:
        return
    body = read_at(file, part.offset + 24, min(16 * entries, max(0, part.size - 24)))
    for offset, length in struct.iter_unpack("<QI4x", body[: len(body) // 16 * 16]):
        if offset:
            require(offset + length, size, f"the index at {offset}")


def check_aiff(file: BinaryIO, size: int) -> None:
    """The form, its chunks, and the sound data compared with the frames that COMM counts."""
    _check_form(file, size, ">")
    frames = width = sound = 0
    compression = b"NONE"
    for part in iff.walk(file, size):
        if part.name == "COMM":
            body = read_at(file, part.offset, 22)
            channels, frames, bits = struct.unpack_from(">HIH", body)
            width = channels * ((bits + 7) // 8)
            compression = body[18:22] or b"NONE"
        elif part.name == "SSND":
            sound = part.size - 8
    if frames and compression in (b"NONE", b"twos", b"sowt", b"raw ") and read_at(file, 8, 4) in (b"AIFF", b"AIFC"):
        need = frames * width
        if sound < need:
            raise Malformed(f"declares {frames} frames, {need} bytes of sound; {max(0, sound)} are there")


def check_au(file: BinaryIO, size: int) -> None:
    """Offset and length of the sound; the length may be unknown."""
    offset, length = struct.unpack(">4xII", read_at(file, 0, 12))
    require(offset, size, "its header")
    if length != 0xFFFFFFFF:
        require(offset + length, size, "the sound")


def _chunks(file: BinaryIO, at: int, size: int, kind: str) -> Iterator[tuple[bytes, int, int]]:
    """(code, start, end) of chunks whose head is `kind`: a code and a 64-bit length of the payload."""
    head = struct.calcsize(kind)
    for _ in range(_MAX_CHUNKS):
        raw = read_at(file, at, head)
        if len(raw) < head:
            if any(raw):
                raise Malformed(f"the header of a chunk at {at} is cut short")
            return
        code, length = struct.unpack(kind, raw)
        yield code, at + head, length
        at += head + length


def check_caf(file: BinaryIO, size: int) -> None:
    """Core Audio: each chunk ends in the file; the sound alone may be of unknown length, as the last."""
    names: set[bytes] = set()
    for code, start, length in _chunks(file, 8, size, ">4sq"):
        names.add(code)
        if code == b"data" and length == -1:
            break
        if length < 0:
            raise Malformed(f"a chunk at {start} declares {length} bytes")
        require(start + length, size, f"the chunk {code.decode('latin-1')!r}")
    if missing := {b"desc", b"data"} - names:
        raise Malformed(f"has no chunk {sorted(missing)[0].decode()!r}")


def check_w64(file: BinaryIO, size: int) -> None:
    """Sony Wave64: chunks of 16-byte names, whose sizes count their heads, aligned to eight bytes."""
    stated = int.from_bytes(read_at(file, 16, 8), "little")
    if stated < 1 << 62:
        require(stated, size, "the file by its head")
    at, names = 40, set[bytes]()
    for _ in range(_MAX_CHUNKS):
        head = read_at(file, at, 24)
        if len(head) < 24:
            break
        length = int.from_bytes(head[16:24], "little")
        if length < 24:
            raise Malformed(f"a chunk at {at} declares {length} bytes")
        names.add(head[:4])
        if length < 1 << 62:
            require(at + length, size, f"the chunk {head[:4].decode('latin-1')!r}")
        at += (length + 7) // 8 * 8
    if not {b"fmt ", b"data"} <= names:
        raise Malformed("has no fmt or no data chunk: there is no sound in it")
