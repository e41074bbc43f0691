"""Reads the rows of a damaged catalogue out of the bytes of its file, without SQLite.

Rule: a row counts where its checksum is right, wherever it lies; so neither the file's header nor its trees of pages
have to be whole. One changed byte of a row is corrected by trying all values of all its bytes. The catalogue is written
with `secure_delete`, so that no row is met that was deleted. File format:
https://www.sqlite.org/fileformat2.html, sections 1.5 (free pages), 1.6 (pages) and 2.1 (records).
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from fingerprints.library.rows import is_whole
from fingerprints.library.schema import COLUMNS

__all__ = ["Salvage"]

_PAGE = 4096
"""Bytes of a page: what SQLite uses unless it is asked for others, which provscan does not."""
_LOCAL, _LEAST = _PAGE - 35, (_PAGE - 12) * 32 // 255 - 23
"""Bytes of a row that stay in its page, if all fit, and if not (section 1.6)."""
_TABLE, _INDEX, _INNER = 0x0D, 0x0A, (0x05, 0x02)
"""Kinds of pages: leaves of tables, leaves of indices, and what leads to them."""
_TRIED = 1500
"""Bytes of the largest row in which a changed byte is searched for: half a second."""
_MOST_TRIED = 100
"""Rows in which it is searched for: where more are damaged, more than bytes are."""
_JPEG = b"\xff\xd8"
_WIDTHS = {0: 0, 1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8, 7: 8, 8: 0, 9: 0}
_TABLES: dict[int, list[str]] = {}
for _name, _columns in COLUMNS.items():
    _TABLES.setdefault(len(_columns) + 1, []).append(_name)

_MOST_COLUMNS = max(_TABLES)

Row = tuple[object, ...]


class _NotARow(Exception):
    """These bytes are no row."""


@dataclass
class Salvage:
    """What a damaged file still holds. `rows` reads it once; the rest is complete after that."""

    path: Path
    names: dict[int, set[str]] = field(default_factory=dict)
    """Texts by row number, out of the indices: ids and files of references are among them."""
    _data: bytes | mmap.mmap = b""
    _followed: set[int] = field(default_factory=set)
    """Pages that continue a row."""
    _tried: int = 0
    """Rows in which a changed byte was searched for."""

    def rows(self) -> Iterator[tuple[str, Row]]:
        """Table and values, without the checksum, of every row that is whole or could be corrected. Thumbnails have no
        checksum of their own: whoever asks must compare them."""
        with self.path.open("rb") as file:
            size = self.path.stat().st_size // _PAGE * _PAGE
            if not size:
                return
            self._data = mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ)
            with self._data:
                torn, has_checksums = [], False
                for page in range(1, size // _PAGE):  # the first one has the schema only
                    found = self._leaf(page)
                    whole = [row for row in found.values() if row]
                    has_checksums = has_checksums or any(table != "thumbnail" for table, _ in whole)
                    yield from whole
                    if not all(found.values()) or (not found and self._is_odd(page)):
                        torn.append(page)
                for page in torn if has_checksums else ():
                    if page not in self._followed:
                        yield from self._corrected(page)

    def _leaf(self, page: int) -> dict[int, tuple[str, Row] | None]:
        """The rows of a page by their place, as its list of places gives them; empty for one of another kind."""
        kind = self._data[page * _PAGE]
        places = self._places(page)
        if kind == _INDEX:
            self._note_names(places)
        if kind != _TABLE and not any(self._row(self._data, at, page) for at in places[:2]):
            return {}
        return {at: self._row(self._data, at, page) for at in places}

    def _places(self, page: int) -> list[int]:
        begin = page * _PAGE
        count = min(int.from_bytes(self._data[begin + 3 : begin + 5], "big"), _PAGE // 4)
        places = struct.unpack_from(f">{count}H", self._data, begin + 8)
        return [begin + place for place in places if 8 < place < _PAGE - 3]

    def _is_odd(self, page: int) -> bool:
        """Whether a page without a row is none of the kinds that have none. Those that continue a row are not known
        before all pages are read; where they are short of rows, they cost little."""
        data = self._data[page * _PAGE : (page + 1) * _PAGE]
        return data[0] not in (_INDEX, *_INNER) and any(data)

    def _corrected(self, page: int) -> Iterator[tuple[str, Row]]:
        """The rows of a torn page that its places do not give, and those that one byte more or less makes whole."""
        begin, end = page * _PAGE, (page + 1) * _PAGE
        known = {at for at, row in self._leaf(page).items() if row}
        at, holes, since = begin, [], begin
        while at < end - 3:
            if (row := self._row(self._data, at, page)) is None:
                at += 1
                continue
            if at not in known:
                yield row
            if since < at:
                holes.append((since, at))
            at = since = at + self._length(at)
        holes.append((since, end))
        places = sorted(place for place in self._places(page) if place not in known)
        for first, last in holes:
            starts = [place for place in places if first <= place < last] or [first]
            for start, stop in zip(starts, [*starts[1:], last], strict=True):
                if row := self._with_a_byte_changed(start, stop, page):
                    yield row

    def _with_a_byte_changed(self, start: int, stop: int, page: int) -> tuple[str, Row] | None:
        if stop - start > _TRIED or self._tried == _MOST_TRIED or not any(self._data[start:stop]):
            return None
        self._tried += 1
        data = bytearray(self._data[start:stop])
        for at, was in enumerate(data):
            for value in range(256):
                data[at] = value
                if value != was and (row := self._row(data, 0, page)) is not None and row[0] != "thumbnail":
                    return row
            data[at] = was
        return None

    def _length(self, at: int) -> int:
        """Bytes that a row takes in its page."""
        size, after = _number(self._data, at)
        _, after = _number(self._data, after)
        return after - at + (size if size <= _LOCAL else _kept(size) + 4)

    def _row(self, data: bytes | bytearray | mmap.mmap, at: int, page: int) -> tuple[str, Row] | None:
        """The row at a place, if it is whole. `data` is the file, or a copy of the row."""
        try:
            size, at = _number(data, at)
            number, at = _number(data, at)
            end = (page + 1) * _PAGE if data is self._data else len(data)
            if size <= _LOCAL:
                payload, more = bytes(data[at : at + size]), 0
            else:
                payload, more = bytes(data[at : at + _kept(size)]), at + _kept(size)
            if not payload or at + len(payload) > end:
                return None
            values = list(_values(payload if not more else self._followed_from(payload, data, more, size), number))
        except (_NotARow, IndexError, struct.error):
            return None
        if len(values) == 2 and isinstance(values[1], bytes) and values[1].startswith(_JPEG):
            return "thumbnail", tuple(values)
        for table in _TABLES.get(len(values), ()):
            if isinstance(values[-1], int) and is_whole(table, values):
                return table, tuple(values[:-1])
        return None

    def _followed_from(self, payload: bytes, data: bytes | bytearray | mmap.mmap, at: int, size: int) -> bytes:
        """With what other pages have of it."""
        parts, page, pages = [payload], int.from_bytes(data[at : at + 4], "big"), []
        left = size - len(payload)
        while left > 0:
            if not 1 < page <= len(self._data) // _PAGE or page in pages:
                raise _NotARow
            pages.append(page)
            begin = (page - 1) * _PAGE
            parts.append(bytes(self._data[begin + 4 : begin + 4 + min(left, _PAGE - 4)]))
            left -= _PAGE - 4
            page = int.from_bytes(self._data[begin : begin + 4], "big")
        self._followed.update(page - 1 for page in pages)
        return b"".join(parts)

    def _note_names(self, places: list[int]) -> None:
        for at in places:
            try:
                size, after = _number(self._data, at)
                text, number = _values(bytes(self._data[after : after + size]), 0)
            except (_NotARow, IndexError, ValueError):
                continue
            if isinstance(text, str) and isinstance(number, int):
                self.names.setdefault(number, set()).add(text)


def _kept(size: int) -> int:
    """Bytes in its page of a row that does not fit."""
    kept = _LEAST + (size - _LEAST) % (_PAGE - 4)
    return kept if kept <= _LOCAL else _LEAST


def _number(data: bytes | bytearray | mmap.mmap, at: int) -> tuple[int, int]:
    """A number of one to nine bytes, and where it ends."""
    value = 0
    for place in range(8):
        byte = data[at + place]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at + place + 1
    return value << 8 | data[at + 8], at + 9


def _values(record: bytes, number: int) -> Iterator[object]:
    """The columns of a record; the first, where it is NULL, is the row's number."""
    head, at = _number(record, 0)
    kinds: list[int] = []
    while at < head and len(kinds) < _MOST_COLUMNS:
        kind, at = _number(record, at)
        kinds.append(kind)
    if at != head or len(kinds) not in _TABLES or sum(map(_width, kinds)) + head != len(record):
        raise _NotARow
    for place, kind in enumerate(kinds):
        data = record[at : at + _width(kind)]
        at += len(data)
        yield number if kind == 0 and place == 0 else _value(kind, data)


def _width(kind: int) -> int:
    if kind in (10, 11):
        raise _NotARow
    return _WIDTHS[kind] if kind < 12 else (kind - 12) // 2


def _value(kind: int, data: bytes) -> object:
    if kind in (0, 8, 9):
        return None if kind == 0 else kind - 8
    if kind == 7:
        return float(struct.unpack(">d", data)[0])
    if kind < 7:
        return int.from_bytes(data, "big", signed=True)
    if kind % 2 == 0:
        return data
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise _NotARow from error
