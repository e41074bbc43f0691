"""XPM (*X PixMap Format*, Le Hors): whether the array of its picture is closed."""

from __future__ import annotations

import re
from typing import BinaryIO

from media.errors import Malformed

__all__ = ["check"]

_TAIL = 64 << 10
_COMMENT = re.compile(rb"/\*.*?\*/", re.DOTALL)
_DECLARED = re.compile(rb"(?:\s*/\*.*?\*/)+\s*[A-Za-z_][^{}\"]*\{", re.DOTALL)


def check(file: BinaryIO, size: int) -> None:
    """`Malformed` where the file ends within the array."""
    file.seek(0)
    declared = _DECLARED.match(file.read(_TAIL))
    if declared is None:
        raise Malformed("declares no array")
    file.seek(max(declared.end(), size - _TAIL))
    tail = file.read(_TAIL)
    words = _COMMENT.sub(b"", tail[tail.rfind(b'"') + 1 :])
    if b"}" not in words.partition(b"/*")[0]:
        raise Malformed("ends before its array of lines does")
