"""JPEG XL (ISO/IEC 18181-2): the boxes of its container. A bare codestream has no parts.

Parts carry the box's code: `Exif`, `xml `, `jumb`; a Brotli-compressed box is `brob/Exif`, payload behind
that inner code.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from scanner.containers.boxes import boxes
from scanner.containers.part import Part

__all__ = ["walk"]


def walk(file: BinaryIO, size: int) -> Iterator[Part]:
    """The parts of a JPEG XL file."""
    file.seek(0)
    if file.read(2) == b"\xff\x0a":
        return
    for box in boxes(file, 0, size):
        if box.code == "brob" and box.size >= 4:
            file.seek(box.offset)
            yield Part(f"brob/{file.read(4).decode('latin-1')}", box.offset + 4, box.size - 4)
        else:
            yield Part(box.code, box.offset, box.size)
