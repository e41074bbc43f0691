"""Old Office files (`.doc`, `.xls`, `.ppt`, `.msi`): the property sets of the compound file ([MS-OLEPS]).

`SummaryInformation` and `DocumentSummaryInformation` are small streams; text and macros are not opened, and pictures
are read by `embedded`.
"""

from __future__ import annotations

import codecs
import struct
from collections.abc import Iterator, Mapping
from typing import NamedTuple
from uuid import UUID

from media.containers.office_art import is_encrypted_workbook
from media.containers.ole import CompoundFile, open_ole
from media.errors import Malformed, Unsupported
from scanner.model import Evidence
from scanner.readers.each import MAX_STATEMENTS, each
from scanner.readers.interface import MAX_VALUE, Medium, Reader
from scanner.readers.words import words

__all__ = ["OLE", "Ole"]

_STREAMS = ("\x05SummaryInformation", "\x05DocumentSummaryInformation")
_ENCRYPTED = "EncryptedPackage"
"""An OOXML document behind a password ([MS-OFFCRYPTO] 2.3.4.4)."""
_WORD = b"\xec\xa5"
_HEAD = 64 << 10
_MAX_STREAM = 16 << 20
_MAX_SETS = 2
_MAX_PROPERTIES = 4096
_ORDER = 0xFFFE
_DICTIONARY, _CODE_PAGE = 0, 1
_I2, _BSTR, _LPSTR, _LPWSTR = 2, 8, 30, 31
_UTF16 = 1200
_PAGES = {_UTF16: "utf-16-le", 65001: "utf-8", 65000: "utf-7", 10000: "mac-roman", 0: "cp1252"}

_SUMMARY = UUID("f29f85e0-4ff9-1068-ab91-08002b27b3d9")
_DOCUMENT = UUID("d5cdd502-2e9c-101b-9397-08002b2cf9ae")
_CUSTOM = UUID("d5cdd505-2e9c-101b-9397-08002b2cf9ae")
_PREFIXES = {_SUMMARY: "summary", _DOCUMENT: "document", _CUSTOM: "custom"}
_NAMES: Mapping[UUID, Mapping[int, str]] = {
    _SUMMARY: {
        **{2: "Title", 3: "Subject", 4: "Author", 5: "Keywords", 6: "Comments", 7: "Template"},
        **{8: "LastAuthor", 9: "Revision", 18: "Application"},
    },
    _DOCUMENT: {
        **{2: "Category", 3: "PresentationTarget", 14: "Manager", 15: "Company"},
        **{26: "ContentType", 27: "ContentStatus", 28: "Language", 29: "Version"},
    },
}


class Ole(Reader):
    """Reads `summary/<property>`, `document/<property>`, `custom/<name>`."""

    name = "ole"
    version = 2
    media_types = frozenset({"application/x-ole"})

    def read(self, medium: Medium) -> Iterator[Evidence]:
        """Yield the text properties, stream by stream. Raises `Unsupported` where the file is encrypted or has none."""
        with open_ole(medium.file) as ole:
            there = [name for name in _STREAMS if ole.has(name)]
            yield from each(there, lambda name: self._stream(ole, name))
            if ole.has(_ENCRYPTED) or _is_guarded(ole):
                raise Unsupported("encrypted: it needs a password to be opened")
            if not there:
                raise Unsupported("a compound file without document properties: nothing in it was read")

    def _stream(self, ole: CompoundFile, name: str) -> Iterator[Evidence]:
        data = ole.stream(name, limit=_MAX_STREAM)
        for found in _properties(data, name.strip("\x05")):
            yield Evidence(reader=self.name, key=found.key, value=found.value[:MAX_VALUE], where=found.where)


OLE = Ole()


def _is_guarded(ole: CompoundFile) -> bool:
    """Whether text and pictures are encrypted: of Word (FibBase.fEncrypted), of PowerPoint, of Excel (FilePass)."""
    word = ole.head("WordDocument", 12)
    if len(word) == 12 and word[:2] == _WORD and word[11] & 1:
        return True
    return ole.has("EncryptedSummary") or any(
        is_encrypted_workbook(ole.head(name, _HEAD)) for name in ("Workbook", "Book")
    )


class _Property(NamedTuple):
    """A property whose value is text."""

    key: str
    value: str
    where: str


def _properties(data: bytes, stream: str) -> Iterator[_Property]:
    """Those of every set of a stream (2.21)."""
    try:
        order, count = struct.unpack_from("<H22xI", data)
        if order != _ORDER:
            raise Malformed(f"{stream} is no property set")
        for index in range(min(count, _MAX_SETS)):
            (at,) = struct.unpack_from("<I", data, 44 + 20 * index)
            kind = UUID(bytes_le=data[28 + 20 * index : 44 + 20 * index])
            yield from _read_set(data[at:], kind, stream)
    except struct.error as error:
        raise Malformed(f"{stream} ends within its properties") from error


def _read_set(data: bytes, kind: UUID, stream: str) -> Iterator[_Property]:
    """Text properties of one set (2.20), under their standard names or those of its dictionary."""
    (count,) = struct.unpack_from("<4xI", data)
    rows = [struct.unpack_from("<II", data, 8 + 8 * row) for row in range(min(count, _MAX_PROPERTIES))]
    places = dict(rows)
    page = _page(data, places.get(_CODE_PAGE))
    names = dict(_NAMES.get(kind, {}))
    if kind not in _NAMES and _DICTIONARY in places:
        names = _dictionary(data, places[_DICTIONARY], page)
    prefix = _PREFIXES.get(kind, "other")
    told = 0
    for number, at in rows:
        name = names.get(number)
        if name and told < MAX_STATEMENTS and (value := _text(data, at, page)):
            told += 1
            yield _Property(f"{prefix}/{name}", value, f"{stream}, property {number}")


def _page(data: bytes, at: int | None) -> int:
    """The code page of a set's strings (2.2)."""
    if at is None or struct.unpack_from("<H", data, at)[0] != _I2:
        return 0
    return int(struct.unpack_from("<H", data, at + 4)[0])


def _dictionary(data: bytes, at: int, page: int) -> dict[int, str]:
    """Property number → name (2.17)."""
    (count,) = struct.unpack_from("<I", data, at)
    names, at = {}, at + 4
    for _ in range(min(count, _MAX_PROPERTIES)):
        number, length = struct.unpack_from("<II", data, at)
        size = 2 * length if page == _UTF16 else length
        names[number] = _decode(data[at + 8 : at + 8 + size], page)
        at += 8 + (-(-size // 4) * 4 if page == _UTF16 else size)
    return names


def _text(data: bytes, at: int, page: int) -> str:
    """The text of a property value (2.15); empty for numbers, times, pictures and lists."""
    kind, length = struct.unpack_from("<HxxI", data, at)
    if kind not in (_BSTR, _LPSTR, _LPWSTR):
        return ""
    size = 2 * length if kind == _LPWSTR else length
    if at + 8 + size > len(data):
        raise Malformed(f"a text of {size} bytes reaches past the end of its property set")
    return _decode(data[at + 8 : at + 8 + size], _UTF16 if kind == _LPWSTR else page)


def _decode(raw: bytes, page: int) -> str:
    """Up to the first NUL, in the code page; as `words` guesses where the machine does not know it."""
    try:
        codec = codecs.lookup(_PAGES.get(page, f"cp{page}")).name
    except LookupError:
        return words(raw.split(b"\0", 1)[0])
    return raw.decode(codec, "replace").split("\0", 1)[0].strip()
