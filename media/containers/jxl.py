"""JPEG XL (ISO/IEC 18181-2): the boxes of its container. A bare codestream has no parts.

Parts carry the box's code: `Exif`, `xml `, `jumb`; a Brotli-compressed box is `brob/Exif`, payload behind
that inner code, for `unpacked` to open. The one door to brotli.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from media.containers.boxes import boxes
from media.containers.part import Part
from media.errors import Malformed, TooLarge

__all__ = ["PACKED", "unpacked", "walk"]

PACKED = "brob/"
"""How the names of compressed parts begin."""


def walk(file: BinaryIO, size: int) -> Iterator[Part]:
    """The parts of a JPEG XL file."""
    file.seek(0)
    if file.read(2) == b"\xff\x0a":
        return
    for box in boxes(file, 0, size):
        if box.code == "brob" and box.size >= 4:
            file.seek(box.offset)
            yield Part(f"{PACKED}{file.read(4).decode('latin-1')}", box.offset + 4, box.size - 4)
        else:
            yield Part(box.code, box.offset, box.size)


def unpacked(part: Part, payload: bytes, limit: int) -> bytes:
    """What a compressed part holds: at most `limit` bytes, else `TooLarge`. A stream that ends early is `Malformed`."""
    import brotli

    stream = brotli.Decompressor()
    try:
        data: bytes = stream.process(payload, output_buffer_limit=limit + 1)
    except brotli.error as error:
        raise Malformed(f"{part.where}: not a Brotli stream") from error
    if len(data) > limit:
        raise TooLarge(f"{part.where} unpacks to more than {limit} bytes")
    if not stream.is_finished():
        raise Malformed(f"{part.where}: its Brotli stream ends early")
    return data
