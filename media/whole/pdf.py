"""PDF (ISO 32000-2 §7.5): whether the file ends as a PDF does. Its objects are read by `media.pdf`."""

from __future__ import annotations

import re
from typing import BinaryIO

from media.errors import Malformed

__all__ = ["check"]

_HEAD, _TAIL = 2048, 64 << 10
_END = b"%%EOF"
_LENGTH = re.compile(rb"/Linearized\b[^>]{0,200}?/L\s+(\d{1,15})\b|/L\s+(\d{1,15})\b[^>]{0,200}?/Linearized\b")
_START = re.compile(rb"startxref\s+(\d{1,15})\s+%%EOF")
_OBJECT = re.compile(rb"(?:^|[\r\n])\s*\d{1,10}\s+\d{1,5}\s+obj\b|(?:^|[\r\n])(?:xref|trailer|startxref)\b")


def check(file: BinaryIO, size: int) -> None:
    """`Malformed` where the file ends before its last cross-reference table does."""
    file.seek(0)
    head = file.read(_HEAD)
    if found := _LENGTH.search(head):
        declared = int(found[1] or found[2])
        if declared > size:
            raise Malformed(f"declares {declared} bytes; {size} are there")
    file.seek(max(0, size - _TAIL))
    tail = file.read(_TAIL)
    end = tail.rfind(_END)
    if end < 0:
        raise Malformed(f"no {_END.decode()} ends it")
    behind = tail[end + len(_END) :]
    if _OBJECT.search(behind):
        raise Malformed(f"a revision that begins after the last {_END.decode()} has no end")
    starts = list(_START.finditer(tail))
    offset = head.find(b"%PDF-")
    if starts and int(starts[-1][1]) + max(offset, 0) >= size:
        raise Malformed(f"its cross-reference table should be at {int(starts[-1][1])}; the file has {size} bytes")
