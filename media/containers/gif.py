"""GIF (GIF89a specification §15–26): comments, application extensions, and what follows the trailer byte.

Parts: `comment`, or the application's identifier (`XMP DataXMP`, `C2PA_GIF`, `NETSCAPE2.0`). Their payload is a chain
of sub-blocks, lengths included, that `joined` takes apart; XMP ignores the lengths (XMP part 3 §1.1.2).
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from typing import BinaryIO

from media.containers.part import Part
from media.errors import Malformed

__all__ = ["joined", "walk"]

_EXTENSION, _IMAGE, _END = 0x21, 0x2C, 0x3B
_COMMENT, _APPLICATION = 0xFE, 0xFF
_FIRST_WINDOW, _WINDOW = 1 << 8, 1 << 16
"""Bytes of a chain that are read at first, and at most at a time: most chains are short, and a file may have many."""
_BEST_RATIO = 8 * 4096 // 3
"""Pixels that one byte can stand for at most: a code has three bits at least, and names 4,096 pixels at most."""
_NAME = re.compile(rb"[ -~]+")


def walk(file: BinaryIO, size: int) -> Iterator[Part]:
    """The parts of a GIF file. `Malformed` at its end where it holds no picture, or fewer bytes than one needs."""
    pictures = 0
    file.seek(0)
    at = 13 + _table(file.read(13).ljust(13, b"\x00")[10])
    while at < size:
        file.seek(at)
        head = file.read(14).ljust(14, b"\x00")
        if head[0] == _END:
            if at + 1 < size:
                yield Part("trailer", at + 1, size - at - 1)
            if not pictures:
                raise Malformed("holds no picture: no image block")
            return
        if head[0] == _IMAGE:
            width, height = struct.unpack_from("<HH", head, 5)
            begin = at + 11 + _table(head[9])
            at = _behind(file, begin, size)
            pictures += 1
            if width * height > (at - begin - 1) * _BEST_RATIO:
                raise Malformed(f"declares {width} × {height} pixels; its {at - begin - 1} bytes cannot hold them")
        elif head[0] == _EXTENSION:
            start = at + 3 + head[2] if head[1] == _APPLICATION else at + 2
            end = _behind(file, start, size, clip=True)
            if name := _name(head):
                yield Part(name, min(start, end), max(0, end - start))
            if end >= size:
                raise Malformed(f"the extension at {at} reaches past the end")
            at = end
        else:
            raise Malformed(f"no block begins at {at}")
    raise Malformed("ends without its trailer byte")


def joined(blocks: bytes) -> bytes:
    """The data of a chain of sub-blocks."""
    out, at = bytearray(), 0
    while at < len(blocks) and blocks[at]:
        out += blocks[at + 1 : at + 1 + blocks[at]]
        at += 1 + blocks[at]
    return bytes(out)


def _name(head: bytes) -> str:
    if head[1] == _COMMENT:
        return "comment"
    if head[1] == _APPLICATION and (found := _NAME.match(head[3 : 3 + min(head[2], 11)])):
        return found.group().decode("ascii")
    return ""


def _table(flags: int) -> int:
    """Bytes of the colour table that these flags announce."""
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _behind(file: BinaryIO, at: int, size: int, *, clip: bool = False) -> int:
    """The offset behind a chain of sub-blocks."""
    length = _FIRST_WINDOW
    while at < size:
        file.seek(at)
        window = file.read(length)
        length = min(4 * length, _WINDOW)
        step = 0
        while step < len(window):
            block = window[step]
            step += 1 + block
            if not block:
                return at + step
        if not window:
            break
        at += step
    if clip:
        return size
    raise Malformed("image data reaches past the end")
