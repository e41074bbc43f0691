"""Decodes text in EXIF by its bytes rather than by its declared encoding.

Writers disagree: UserComment declares UTF-16 without a byte order, or ASCII and is UTF-8, or declares nothing (EXIF 3.0
§4.6.6 defines the codes). NULs end a text, except at its start, where they are padding.
"""

from __future__ import annotations

import re

__all__ = ["plain", "printable", "user_comment", "wide"]

_CODES = {b"ASCII\x00\x00\x00": "utf-8", b"JIS\x00\x00\x00\x00\x00": "iso2022_jp", b"\x00" * 8: "utf-8"}
_UNICODE = b"UNICODE\x00"
_USUAL = re.compile(
    "[\t\n\r -~\u00a0-\u024f\u0400-\u04ff\u2010-\u203a\u3000-\u30ff\u4e00-\u9fff\uac00-\ud7a3\uff00-\uffef]"
)
_HIGH = re.compile(rb"[\x80-\xff]")
_SAMPLE = 4096
_PRINTABLE = re.compile(rb"[\t\n\r -~\x80-\xff]{4,}\x00*")
_MAX_VALUES = 16
_LETTER = re.compile(r"[^\W\d_]")


def plain(raw: bytes) -> str:
    """A text field's value: UTF-8, or UTF-16 where every other byte shows it; undecodable bytes replaced."""
    raw = raw.strip(b"\x00")
    if raw[1:2] == b"\x00" and raw[3:4] == b"\x00":
        return wide(raw)
    return raw.split(b"\x00", 1)[0].decode("utf-8", "replace").strip()


def values_behind(raw: bytes) -> list[str]:
    """The further values of a text field, after the NUL that ends its first: words only, not what a buffer left."""
    pieces = raw.strip(b"\x00").split(b"\x00")[1:]
    if b"\x00" in raw[1:4:2]:  # UTF-16
        return []
    return [found for piece in pieces[:_MAX_VALUES] if (found := printable(piece))]


def wide(raw: bytes, default: str = "utf-16-le") -> str:
    """UTF-16 of either order: by its mark, else by the order that gives the more usual characters."""
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return _trim(raw.decode("utf-16", "replace"))
    # stripped NULs may have taken half a character at either end
    padded = raw + b"\x00" * (len(raw) & 1)
    little, big = padded.decode("utf-16-le", "replace"), padded.decode("utf-16-be", "replace")
    usual_little, usual_big = (len(_USUAL.findall(text, 0, _SAMPLE)) for text in (little, big))
    if usual_little == usual_big:
        return _trim(little if default == "utf-16-le" else big)
    return _trim(little if usual_little > usual_big else big)


def user_comment(raw: bytes, default: str = "utf-16-le") -> str:
    """A UserComment: eight bytes of character code, then the text; or just the text."""
    code, rest = raw[:8], raw[8:]
    if code == _UNICODE:
        return plain(rest) if _is_utf8(rest) else wide(rest, default)
    if code in _CODES:
        rest = rest.strip(b"\x00")
        return plain(rest) if _CODES[code] == "utf-8" else _trim(rest.decode(_CODES[code], "replace"))
    return plain(raw)


def printable(raw: bytes) -> str:
    """The value of a field that need not be text, where it is text; otherwise an empty string."""
    if not _PRINTABLE.fullmatch(raw):
        return ""
    try:
        text = raw.rstrip(b"\x00").decode("utf-8")
    except UnicodeDecodeError:
        return ""
    return text.strip() if _LETTER.search(text) else ""


def _is_utf8(raw: bytes) -> bool:
    """Whether bytes that should be UTF-16 are UTF-8: no NUL in them, and mostly ASCII."""
    sample = raw[:_SAMPLE].rstrip(b"\x00")
    return bool(sample) and b"\x00" not in sample and len(_HIGH.findall(sample)) < 0.1 * len(sample)


def _trim(text: str) -> str:
    return text.strip("\x00 \t\r\n\ufeff").split("\x00", 1)[0]
