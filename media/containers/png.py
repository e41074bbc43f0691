"""PNG and APNG (W3C PNG, third edition, §5): the chunks, before and after the pixels, and what follows IEND.

Parts have the chunk's name. Of the pixel chunks only the first is given, to mark the place. Checksums are not verified:
a chunk that was edited by hand still makes its statement.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from media.containers.part import Part
from media.errors import Malformed, TooLarge

__all__ = ["INFLATE_LIMIT", "TEXT_CHUNKS", "inflate", "keyword", "text", "walk"]

TEXT_CHUNKS = ("tEXt", "zTXt", "iTXt")

INFLATE_LIMIT = 16 << 20
"""Bytes that one compressed text may inflate to."""

_SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
"""Colour type → samples a pixel."""
_BEST_RATIO = 1032
"""Bytes that one byte of a deflate stream can stand for at most: 258 bytes in two bits."""

_PIXELS = frozenset({b"IDAT", b"fdAT"})


def walk(file: BinaryIO, size: int) -> Iterator[Part]:
    """The parts of a PNG file. Raises `Malformed` at its end where its pixel chunks cannot hold its picture."""
    at = 8
    seen_pixels = False
    header, packed = b"", 0
    frames, shown = 0, 0
    while at + 8 <= size:
        file.seek(at)
        length, kind = struct.unpack(">I4s", file.read(8).ljust(8, b"\x00"))
        if not kind.isalpha():
            raise Malformed(f"no chunk begins at {at}")
        pixels = kind in _PIXELS
        if not (pixels and seen_pixels):
            yield Part(kind.decode("ascii"), at + 8, min(length, size - at - 8))
        seen_pixels |= pixels
        packed += length if kind == b"IDAT" else 0
        if kind == b"IHDR" and not header:
            header = file.read(10)
        elif kind == b"acTL":
            frames = int.from_bytes(file.read(4))
        shown += kind == b"fcTL"
        if length > size - at - 12:
            raise Malformed(f"chunk {kind.decode('ascii')} at {at} reaches past the end")
        at += 12 + length
        if kind == b"IEND":
            if at < size:
                yield Part("trailer", at, size - at)
            _check_pixels(header, packed)
            if shown < frames:
                raise Malformed(f"declares an animation of {frames} frames; {shown} are there")
            return
    raise Malformed("ends without an IEND chunk")


def _check_pixels(header: bytes, packed: int) -> None:
    """Deflate cannot make less than one byte of `_BEST_RATIO`: where fewer are there, the picture is not."""
    if len(header) < 10:
        raise Malformed("has no IHDR chunk")
    width, height, depth, colours = struct.unpack(">IIBB", header)
    if not width or not height or colours not in _SAMPLES:
        raise Malformed(f"declares a picture of {width} × {height} pixels in colour type {colours}")
    least = width * height * depth * _SAMPLES[colours] // 8 // _BEST_RATIO
    if packed <= least:
        raise Malformed(f"declares {width} × {height} pixels; its {packed} bytes of IDAT cannot hold them")


def keyword(payload: bytes) -> str:
    """The keyword of a text chunk, from the first 80 bytes of its payload."""
    return payload[:80].split(b"\x00", 1)[0].decode("latin-1")


def text(chunk: str, payload: bytes) -> bytes:
    """The text of a `tEXt`, `zTXt` or `iTXt` payload, inflated, still encoded (UTF-8 in iTXt, and often elsewhere)."""
    _, _, rest = payload.partition(b"\x00")
    if chunk == "tEXt":
        return rest
    if chunk == "zTXt":
        return inflate(rest[1:])
    compressed, rest = rest[:1] == b"\x01", rest[2:]
    _, _, rest = rest.partition(b"\x00")  # language
    _, _, rest = rest.partition(b"\x00")  # keyword in that language
    return inflate(rest) if compressed else rest


def inflate(data: bytes, limit: int = INFLATE_LIMIT) -> bytes:
    """The content of a zlib stream: as much as a damaged one gives. Raises `TooLarge` over the limit."""
    stream = zlib.decompressobj()
    try:
        out = stream.decompress(data, limit)
    except zlib.error as error:
        out = _salvage(data, limit)
        if not out:
            raise Malformed(f"compressed text is damaged: {error}") from error
        return out
    if stream.unconsumed_tail:
        raise TooLarge(f"compressed text inflates to more than {limit} bytes")
    return out


def _salvage(data: bytes, limit: int) -> bytes:
    """What inflates before the damage."""
    stream = zlib.decompressobj()
    out = bytearray()
    for start in range(0, len(data), 64):
        try:
            out += stream.decompress(data[start : start + 64], limit - len(out))
        except zlib.error:
            break
        if len(out) >= limit:
            break
    return bytes(out)
