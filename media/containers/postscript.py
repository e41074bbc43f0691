"""PostScript and EPS (Adobe 5001, 5002): the XMP packets in the program text (XMP part 3, §3: found by scanning).

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
_HEAD, _END_ZONE = 8 << 10, 4 << 10
_EOF = b"%%EOF"
_ENDS = (b"%%Trailer", b"showpage")
_LAST_WORDS = (b"pdfmark", b"restore", b"restore end", b"quit")
"""What programs without `%%EOF` end with."""
_STRUCTURED = (b"%%EndComments", b"(atend)")
_PRIVATE, _PRIVATE_END = b"%AI9_PrivateDataBegin", b"%AI9_PrivateDataEnd"
"""What Illustrator writes behind the end of the program."""


def walk(file: BinaryIO, size: int) -> Iterator[Part]:
    """The packets of a PostScript file; in one with a preview, those of its program."""
    file.seek(0)
    head = file.read(28)
    at, stop = 0, size
    if head.startswith(_WITH_PREVIEW):
        if len(head) < 28:
            raise Malformed(f"the header is cut short at {len(head)}")
        at, length = struct.unpack_from("<II", head, 4)
        stop = at + length
        for name, begin in (("WMF preview", 12), ("TIFF preview", 20)):
            start, length = struct.unpack_from("<II", head, begin)
            if length and start + length > size:
                raise Malformed(f"its {name} should reach up to {start + length}; the file ends at {size}")
    yield from _packets(file, at, min(stop, size))
    if stop > size:
        raise Malformed(f"its program reaches up to {stop}; the file ends at {size}")
    _check_end(file, at, stop)


def _check_end(file: BinaryIO, at: int, stop: int) -> None:
    """`Malformed` where a program that follows the structuring conventions (Adobe 5001) stops before its end.

    Its header comments show whether it does; programs without them can end anywhere.
    """
    file.seek(at)
    head = file.read(min(_HEAD, stop - at)).lstrip(b"\x04")
    if stop - at <= _HEAD and all(line.startswith(b"%") for line in head.splitlines() if line.strip()):
        raise Malformed("holds no program, only comments")
    if not head.startswith(b"%!PS-Adobe-") or not any(word in head for word in _STRUCTURED):
        return
    file.seek(max(at, stop - _END_ZONE))
    tail = file.read(min(_END_ZONE, stop - at))
    if any(word in tail for word in (_EOF, _PRIVATE_END, *_ENDS)) or tail.rstrip().endswith(_LAST_WORDS):
        return
    if _find_next(file, _EOF, at, stop) is None:
        raise Malformed("follows the structuring conventions, and ends without %%EOF")
    if _find_next(file, _PRIVATE, at, stop) is not None:
        raise Malformed("the data of its editor have no end")


def _packets(file: BinaryIO, at: int, stop: int) -> Iterator[Part]:
    while (begin := _find_next(file, _BEGIN, at, stop)) is not None:
        end = _find_next(file, _END, begin, stop)
        at = stop if end is None else min(end + _TAIL, stop)
        yield Part("xpacket", begin, at - begin)


def _find_next(file: BinaryIO, words: bytes, at: int, stop: int) -> int | None:
    """Find the next occurrence of words, a block at a time."""
    while at < stop:
        file.seek(at)
        block = file.read(min(_BLOCK, stop - at))
        if (index := block.find(words)) >= 0:
            return at + index
        if len(block) < _BLOCK:
            return None
        at += _BLOCK - len(words)
    return None
