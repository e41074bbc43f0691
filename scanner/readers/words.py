"""Decodes bytes of containers: the text of a field, or nothing where the bytes are not text."""

from __future__ import annotations

from media.encoding import detect_wide
from scanner.readers.interface import MAX_VALUE

__all__ = ["MAX_BYTES", "words"]

MAX_BYTES = 4 * MAX_VALUE
"""Bytes of one field that are read: the longest UTF-8 of `MAX_VALUE` characters."""

_ALLOWED = frozenset("\t\n\r\x0b\x0c")


def words(data: bytes, legacy: str = "latin-1") -> str:
    """Decode UTF-8, or UTF-16 and UTF-32 where the bytes are, else `legacy`; NULs and blanks at the ends are removed.

    Empty where a tenth of the characters are controls, or none is a letter or digit.
    """
    text = _decode(data, legacy).strip("\0 \t\r\n")[:MAX_VALUE]
    head = text[:4096]
    controls = sum(not char.isprintable() and char not in _ALLOWED for char in head)
    return text if any(map(str.isalnum, head)) and controls * 10 <= len(head) else ""


def _decode(data: bytes, legacy: str) -> str:
    if wide := detect_wide(data):
        return data.decode(wide, "replace").removeprefix("\ufeff")
    try:
        return data.strip(b"\0").decode("utf-8")
    except UnicodeDecodeError as error:
        if len(data) >= MAX_BYTES and error.start > MAX_BYTES - 4:
            return data[: error.start].decode("utf-8", "replace")
        return data.decode(legacy, "replace")
