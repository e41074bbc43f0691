"""The names in the directory at a ZIP archive's end (PKWARE APPNOTE 4.3): headers only, nothing is unpacked."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

__all__ = ["zip_names"]

_END, _END64, _ENTRY = b"PK\5\6", b"PK\6\6", b"PK\1\2"
_END_SIZE, _COMMENT, _LOCATOR = 22, 0xFFFF, 20
_ENTRY_SIZE = 46
_MAX_DIRECTORY = 4 << 20
"""Bytes of the directory that are read: tens of thousands of names."""
_UNSET = 0xFFFFFFFF


def zip_names(file: BinaryIO, size: int) -> frozenset[bytes]:
    """The members' names as they are written; none where no directory is found."""
    start = max(0, size - _END_SIZE - _COMMENT - _LOCATOR)
    file.seek(start)
    tail = file.read(size - start)
    at = tail.rfind(_END)
    if at < 0 or at + _END_SIZE > len(tail):
        return frozenset()
    length, offset = struct.unpack_from("<II", tail, at + 12)
    if _UNSET in (length, offset) and at >= _LOCATOR:
        file.seek(struct.unpack_from("<Q", tail, at - _LOCATOR + 8)[0] % (size + 1))
        end = file.read(56)
        if len(end) == 56 and end.startswith(_END64):
            length, offset = struct.unpack_from("<QQ", end, 40)
    if offset >= size:
        return frozenset()
    file.seek(offset)
    return frozenset(_names(file.read(min(length, _MAX_DIRECTORY))))


def _names(directory: bytes) -> Iterator[bytes]:
    at = 0
    while directory.startswith(_ENTRY, at) and at + _ENTRY_SIZE <= len(directory):
        name, extra, comment = struct.unpack_from("<3H", directory, at + 28)
        yield directory[at + _ENTRY_SIZE : at + _ENTRY_SIZE + name]
        at += _ENTRY_SIZE + name + extra + comment
