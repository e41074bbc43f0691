"""Text of any Unicode encoding, with and without a byte order mark: the one place that decides which it is.

Lists, sidecars, timelines and registers are decoded here, so that a file that one program reads is read by all.
"""

from __future__ import annotations

import codecs
import unicodedata
from pathlib import Path
from typing import Final, TextIO

__all__ = ["WIDTHS", "decode_text", "detect_wide", "open_decoder", "open_text"]

WIDTHS: Final = {"utf-16-le": 2, "utf-16-be": 2, "utf-32-le": 4, "utf-32-be": 4}
"""Wide encoding → bytes of its unit. A cut at a multiple of it splits no unit."""
_MARKS: Final = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16's, with which it begins
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SAMPLE: Final = 4096
_FEWEST: Final = 4
"""ASCII characters by which an encoding is recognised without a mark."""
_PLAIN_SHARE: Final = 10
"""At least one character in so many is ASCII: blanks, digits, line ends, tags."""
_NEVER: Final = frozenset({"Cc", "Cn", "Co", "Cs"})
"""Categories of characters that no text holds: controls (but white space), unassigned, private, halves."""
_SPACE: Final = frozenset("\t\n\r\f\x0b\x1a")
_MARK: Final = "\ufeff"
_PIECE: Final = 1 << 20
"""Bytes that are looked at at a time."""


def detect_wide(head: bytes) -> str | None:
    """The key of `WIDTHS` for a text's first bytes; None for UTF-8, legacy encodings and binary data.

    A byte order mark decides, where what follows decodes. Without one, the decoded text must hold only characters that
    occur in texts, one in ten of them ASCII.
    """
    sample = head[:_SAMPLE]
    for mark, encoding in _MARKS:
        if sample.startswith(mark) and _decode_sample(sample, encoding) is not None:
            return encoding
    if b"\0" not in sample:
        return None
    for encoding in ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be"):
        text = _decode_sample(sample, encoding)
        if text is not None and _is_text(text):
            return encoding
    return None


def decode_text(data: bytes, legacy: str = "cp1252", errors: str = "replace") -> str:
    """The whole text without its byte order mark: a wide encoding, UTF-8, or else `legacy` with this error handler."""
    if wide := detect_wide(data):
        return data.decode(wide, "replace").removeprefix(_MARK)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode(legacy, errors).removeprefix(_MARK)


def open_text(path: Path) -> TextIO:
    """The same text as of `decode_text`, to be read line by line; line ends are kept as they are. Raises `OSError`."""
    with path.open("rb") as file:
        head = file.read(_SAMPLE)
    wide = detect_wide(head)
    if wide is None:
        encoding = "utf-8-sig" if _is_utf8(path) else "cp1252"
    else:  # the name without its byte order reads the mark, and leaves it out
        encoding = wide[:6] if any(head.startswith(mark) for mark, name in _MARKS if name == wide) else wide
    return path.open(encoding=encoding, errors="replace", newline="")


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    with path.open("rb") as file:
        try:
            while piece := file.read(_PIECE):
                decoder.decode(piece)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def open_decoder(encoding: str) -> codecs.IncrementalDecoder:
    """A decoder of a wide encoding that is fed piece by piece; what cannot be decoded becomes U+FFFD."""
    return codecs.getincrementaldecoder(encoding)("replace")


def _decode_sample(sample: bytes, encoding: str) -> str | None:
    """The sample, without a character that its end cuts; None where it is not of this encoding."""
    try:
        return codecs.getincrementaldecoder(encoding)("strict").decode(sample)
    except UnicodeDecodeError:
        return None


def _is_text(text: str) -> bool:
    if any(unicodedata.category(char) in _NEVER and char not in _SPACE for char in text):
        return False
    plain = sum(char.isascii() for char in text)
    # Two letters of an 8-bit text make a Chinese character: strings that NULs divide read as UTF-16 too.
    pairs = sum(0x20 <= ord(char) & 0xFF <= 0x7E and 0x20 <= ord(char) >> 8 <= 0x7E for char in text)
    return plain >= _FEWEST and plain * _PLAIN_SHARE >= len(text) and 2 * pairs <= len(text) - plain
