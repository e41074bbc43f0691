"""PostScript and EPS (Adobe 5001, 5002): the XMP packets that lie among its words (XMP part 3, §3: found by scanning).

Parts are `xpacket`, wrapper included. Nothing is run: what the program draws is not known here.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

from media.containers.part import Part
from media.errors import Malformed

__all__ = ["walk"]

_WITH_PREVIEW = b"\xc5\xd0\xd3\xc6"
_BEGIN, _END = b"<?xpacket begin", b"<?xpacket end"
_TAIL = 64
"""Bytes within which `<?xpacket end="w"?>` is closed."""
_BLOCK = 1 << 20


def walk(file: BinaryIO, size: int) -> Iterator[Part]:
    """The packets of a PostScript file; of one with a preview, of its program."""
    file.seek(0)
    head = file.read(12)
    at, stop = 0, size
    if head.startswith(_WITH_PREVIEW):
        if len(head) < 12:
            raise Malformed(f"the header is cut short at {len(head)}")
        at, length = struct.unpack_from("<II", head, 4)
        stop = at + length
    yield from _packets(file, at, min(stop, size))
    if stop > size:
        raise Malformed(f"its program reaches up to {stop}; the file ends at {size}")


def _packets(file: BinaryIO, at: int, stop: int) -> Iterator[Part]:
    while (begin := _found(file, _BEGIN, at, stop)) is not None:
        end = _found(file, _END, begin, stop)
        at = stop if end is None else min(end + _TAIL, stop)
        yield Part("xpacket", begin, at - begin)


def _found(file: BinaryIO, words: bytes, at: int, stop: int) -> int | None:
    """Where words lie next, a block at a time."""
    while at < stop:
        file.seek(at)
        block = file.read(min(_BLOCK, stop - at))
        if (index := block.find(words)) >= 0:
            return at + index
        if len(block) < _BLOCK:
            return None
        at += _BLOCK - len(words)
    return None
