"""Files that a page, a drawing or a document in JSON holds in place, as `data:` addresses in Base64 (RFC 2397)."""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from media.errors import StatementUnread, TooLarge

__all__ = ["DataUri", "decode", "find"]

_HEAD = re.compile(rb"data:[\w.+/\\-]{0,100}(?:;[\w.=+-]{1,100}){0,4};base64,", re.I)
_LONGEST_HEAD = 640
_OTHER = re.compile(rb"[^A-Za-z0-9+/=_\s\\%&#;-]")
"""What cannot stand in Base64 that is broken into lines, escaped for JSON or for XML, or percent-encoded."""
_BREAKS = re.compile(rb"&#(?:x?[0-9a-f]{1,4});|%0[ad]|\\[nr]|[\s\\;&#]", re.I)
_PERCENT = {b"%2B": b"+", b"%2b": b"+", b"%2F": b"/", b"%2f": b"/", b"%3D": b"=", b"%3d": b"="}
_WINDOW = 1 << 20
_MAX_SEARCHED = 1 << 30


class DataUri(NamedTuple):
    """Where the Base64 of a file is."""

    offset: int
    length: int
    """Bytes of Base64."""

    @property
    def size(self) -> int:
        """Bytes of the file, at most."""
        return self.length * 3 // 4


def find(file: BinaryIO, size: int) -> Iterator[DataUri]:
    """The addresses in file order. Raises `StatementUnread` where the file is too long to be searched to its end."""
    at = 0
    while at < min(size, _MAX_SEARCHED):
        file.seek(at)
        block = file.read(_WINDOW + _LONGEST_HEAD)
        found = _HEAD.search(block)
        if found is None or found.start() >= _WINDOW:
            at += _WINDOW
            continue
        begin = at + found.end()
        at = _end_of(file, begin, size)
        yield DataUri(begin, at - begin)
    if size > _MAX_SEARCHED:
        raise StatementUnread(f"pictures in place were looked for in its first {_MAX_SEARCHED} bytes only")


def _end_of(file: BinaryIO, at: int, size: int) -> int:
    file.seek(at)
    while at < size and (block := file.read(_WINDOW)):
        if (other := _OTHER.search(block)) is not None:
            return at + other.start()
        at += len(block)
    return at


def decode(file: BinaryIO, found: DataUri, limit: int) -> bytes:
    """The file's bytes. Raises `TooLarge` over `limit`, `StatementUnread` where they are no Base64."""
    if found.size > limit:
        raise TooLarge(f"a file in place of {found.size} bytes; the limit is {limit}")
    file.seek(found.offset)
    text = file.read(found.length)
    for code, plain in _PERCENT.items():
        text = text.replace(code, plain)
    text = _BREAKS.sub(b"", text).replace(b"-", b"+").replace(b"_", b"/").rstrip(b"=")
    try:
        return binascii.a2b_base64(text[: len(text) - (len(text) % 4 == 1)] + b"==")
    except binascii.Error as error:
        raise StatementUnread(f"a file in place @ {found.offset} cannot be read: {error}") from error
