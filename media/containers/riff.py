"""RIFF and its 64-bit and big-endian variants (RF64, BW64, RIFX): WAV, AVI, WebP.

Parts are chunks, named by the slash path of list types and chunk ids, unchanged, with their spaces (`fmt `,
`LIST/INFO/ICMT`, `XMP `). Sizes of RF64 come from `ds64` (EBU Tech 3306). Essence is skipped: neither `data` nor AVI's
`movi` is touched. Chunks after the declared end are parts too: writers append them.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from media.containers.part import Part
from media.errors import Malformed

__all__ = ["MAX_DEPTH", "walk"]

MAX_DEPTH = 6
"""`RIFF/LIST hdrl/LIST strl` is 3 deep."""

_FORMS = frozenset({b"RIFF", b"RF64", b"BW64", b"RIFX"})
_UNKNOWN_SIZE = 0xFFFFFFFF
_ESSENCE = frozenset({"movi", "rec ", "wavl"})


@dataclass(slots=True)
class _Open:
    """A list that is being read."""

    path: str
    at: int
    end: int


@dataclass(slots=True)
class _Sizes:
    """How this file counts: byte order, and the sizes that `ds64` holds for chunks that cannot."""

    order: str
    wide: dict[bytes, int] = field(default_factory=dict)


def walk(file: BinaryIO, size: int) -> Iterator[Part]:
    """The chunks in file order. Raises `Malformed` at a chunk that is longer than what holds it."""
    file.seek(0)
    form = file.read(4)
    if form not in _FORMS:
        raise Malformed("no RIFF header")
    sizes = _Sizes(">" if form == b"RIFX" else "<")
    stack = [_Open("", 12, size)]
    while stack:
        here = stack[-1]
        if here.end - here.at < 8:
            stack.pop()
            continue
        file.seek(here.at)
        head = file.read(12)
        code, length = struct.unpack_from(sizes.order + "4sI", head.ljust(8, b"\0"))
        if code in _FORMS and not here.path:
            here.at += 12  # AVI over 2 GB goes on in a second RIFF (OpenDML)
            continue
        if not _is_id(code):
            if here.path or here.at == 12:
                raise Malformed(f"no chunk id at offset {here.at}")
            return  # whatever was appended behind the last chunk
        length = _length(sizes, code, length, here)
        start = here.at + 8
        if length > here.end - start:
            yield Part(here.path + code.decode("latin-1"), start, here.end - start)
            raise Malformed(f"chunk {here.path}{code.decode('latin-1')} at offset {start} declares {length} bytes")
        here.at = start + length + (length & 1)
        if code == b"LIST" and length >= 4:
            kind = head[8:12].decode("latin-1")
            path = f"{here.path}LIST/{kind}"
            yield Part(path, start + 4, length - 4)
            if kind not in _ESSENCE:
                if len(stack) > MAX_DEPTH:
                    raise Malformed(f"lists are nested deeper than {MAX_DEPTH} at offset {start}")
                stack.append(_Open(path + "/", start + 4, start + length))
            continue
        part = Part(here.path + code.decode("latin-1"), start, length)
        if code == b"ds64":
            _read_ds64(file, part, sizes)
        yield part


def _length(sizes: _Sizes, code: bytes, length: int, here: _Open) -> int:
    """A chunk's true length: from `ds64`, or to the end where a stream's writer did not know."""
    if length == _UNKNOWN_SIZE:
        return sizes.wide.get(code, here.end - here.at - 8)
    return length


def _read_ds64(file: BinaryIO, part: Part, sizes: _Sizes) -> None:
    """riffSize, dataSize, sampleCount, then a table of (chunk id, size)."""
    file.seek(part.offset)
    body = file.read(min(part.size, 28 + 12 * 64))
    if len(body) < 28:
        raise Malformed("ds64 is shorter than 28 bytes")
    (sizes.wide[b"data"],) = struct.unpack_from("<Q", body, 8)
    (count,) = struct.unpack_from("<I", body, 24)
    for entry in range(min(count, (len(body) - 28) // 12)):
        code, length = struct.unpack_from("<4sQ", body, 28 + 12 * entry)
        sizes.wide[code] = length


def _is_id(code: bytes) -> bool:
    return all(0x20 <= byte < 0x7F for byte in code) or code[0] == 0xA9
