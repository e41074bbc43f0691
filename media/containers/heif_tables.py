"""The item tables of HEIF (ISO/IEC 14496-12 §8.11), and whether the items are inside the file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO

from media.containers.boxes import Atom, boxes
from media.errors import Malformed, TooLarge

__all__ = ["Item", "ItemLocation", "check_picture", "read_items", "read_places"]

_MAX_TABLE = 8 << 20
"""Bytes of an item table. The largest grid of tiles needs a hundredth."""
_MAX_EXTENTS = 100_000
_IN_FILE, _IN_IDAT = 0, 1
_DERIVED = frozenset({"grid", "iovl", "iden", "tmap"})
"""Items that are made of others: tiles, overlays, a turned picture, a tone map."""

_WORDS = frozenset({"Exif", "mime", "uri "})


@dataclass(frozen=True, slots=True)
class Item:
    """One row of the item information box (§8.11.6)."""

    kind: str
    """Four-character code: `hvc1`, `av01`, `grid`, `Exif`, `mime`."""
    content_type: str = ""
    """The type of a `mime` item."""


@dataclass(frozen=True, slots=True)
class ItemLocation:
    """Where an item's data are (§8.11.3)."""

    extents: tuple[tuple[int, int], ...]
    """Offset in the file and length of each; none where they are elsewhere. A length of 0 reaches to the end."""
    end: int
    """The first byte after what holds them: the file, or the item data box."""
    elsewhere: bool = False
    """In another file, or in another item."""


class _Cursor:
    """Big-endian fields of a table, in order; `Malformed` where it ends early."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def number(self, width: int) -> int:
        end = self.at + width
        if end > len(self.data):
            raise Malformed("an item table is cut short")
        value = int.from_bytes(self.data[self.at : end], "big")
        self.at = end
        return value

    def string(self) -> str:
        end = self.data.find(b"\x00", self.at)
        end = len(self.data) if end < 0 else end
        value = self.data[self.at : end].decode("utf-8", "replace")
        self.at = end + 1
        return value


def _table(file: BinaryIO, box: Atom) -> _Cursor:
    if box.size > _MAX_TABLE:
        raise Malformed(f"item table {box.code} declares {box.size} bytes")
    file.seek(box.offset)
    return _Cursor(file.read(box.size))


def read_items(file: BinaryIO, iinf: Atom) -> Iterator[tuple[int, Item]]:
    """Item number and what it is, of each item that has a kind."""
    version = _table(file, Atom("iinf", iinf.offset, min(iinf.size, 1))).number(1)
    for box in boxes(file, iinf.offset + (6 if version == 0 else 8), iinf.end):
        if box.code != "infe":
            continue
        entry = _table(file, box)
        version = entry.number(4) >> 24
        if version not in (2, 3):
            continue
        item = entry.number(2 if version == 2 else 4)
        entry.number(2)  # protection
        kind = entry.number(4).to_bytes(4, "big").decode("latin-1")
        entry.string()  # name
        yield item, Item(kind, entry.string() if kind == "mime" else "")


def read_places(file: BinaryIO, iloc: Atom, idat: Atom | None, size: int) -> Iterator[tuple[int, ItemLocation]]:
    """Item number and place of each item of a file of `size` bytes."""
    table = _table(file, iloc)
    version = table.number(4) >> 24
    sizes = table.number(2)
    offset_size, length_size, base_size, index_size = sizes >> 12, sizes >> 8 & 15, sizes >> 4 & 15, sizes & 15
    wide = 4 if version == 2 else 2
    left = _MAX_EXTENTS
    for _ in range(table.number(wide)):
        item = table.number(wide)
        method = table.number(2) & 15 if version in (1, 2) else _IN_FILE
        reference = table.number(2)
        base = table.number(base_size)
        count = table.number(2)
        left -= count
        if left < 0:
            raise TooLarge(f"more than {_MAX_EXTENTS} item extents")
        within = method == _IN_IDAT and idat is not None
        known = within or method == _IN_FILE
        start, end = (idat.offset, idat.end) if within and idat is not None else (0, size)
        extents = []
        for _ in range(count):
            if version in (1, 2):
                table.number(index_size)
            offset, length = table.number(offset_size), table.number(length_size)
            if known:
                extents.append((start + base + offset, length))
        elsewhere = bool(reference) or method not in (_IN_FILE, _IN_IDAT)
        yield item, ItemLocation(tuple(extents), end, elsewhere)


def check_picture(
    file: BinaryIO, tables: Mapping[str, Atom], items: Mapping[int, Item], places: Mapping[int, ItemLocation]
) -> None:
    """Raise `Malformed` where the primary picture, or an item that the tables name, is missing."""
    for item, place in places.items():
        for offset, length in place.extents if not place.elsewhere else ():
            if offset + max(length, 1) > place.end:
                kind = items[item].kind if item in items else "no kind"
                raise Malformed(f"item {item} ({kind}) should be at {offset} and have {length} bytes")
    if "pitm" not in tables:
        raise Malformed("no item is its picture")
    head = _table(file, tables["pitm"])
    primary = head.number(2 if head.number(4) >> 24 == 0 else 4)
    _check_item(file, primary, items, places, _read_derivations(file, tables.get("iref")))


def _check_item(
    file: BinaryIO,
    primary: int,
    items: Mapping[int, Item],
    places: Mapping[int, ItemLocation],
    made_of: Mapping[int, tuple[int, ...]],
) -> None:
    if primary not in items:
        raise Malformed(f"its picture, item {primary}, is not among its items")
    kind, sources = items[primary].kind, made_of.get(primary, ())
    if kind in _WORDS:
        raise Malformed(f"its picture, item {primary}, is of the kind {kind}, which is not a picture")
    if kind not in _DERIVED:
        if not _has_data(places.get(primary)):
            raise Malformed(f"its picture, item {primary} ({kind}), has no data")
        return
    if kind == "grid":
        expected = _tiles(file, places.get(primary))
        if len(sources) != expected:
            raise Malformed(f"its picture is a grid of {expected} tiles; {len(sources)} are named")
    if not sources:
        raise Malformed(f"its picture, item {primary} ({kind}), is made of nothing")
    for source in sources:
        inner = items[source].kind if source in items else ""
        if source == primary or not inner or (kind == "grid" and inner in _DERIVED):
            raise Malformed(f"its picture is made of item {source}, which holds no picture")
        if inner not in _DERIVED and not _has_data(places.get(source)):
            raise Malformed(f"item {source} ({inner}), which its picture is made of, has no data")


def _has_data(place: ItemLocation | None) -> bool:
    return place is not None and (place.elsewhere or any(place.end > offset for offset, _ in place.extents))


def _tiles(file: BinaryIO, place: ItemLocation | None) -> int:
    """Rows times columns of a grid (ISO/IEC 23008-12 §6.6.2.3)."""
    if place is None or not place.extents:
        raise Malformed("its picture is a grid that nothing describes")
    file.seek(place.extents[0][0])
    head = file.read(4)
    if len(head) < 4:
        raise Malformed("its picture is a grid that nothing describes")
    return (head[2] + 1) * (head[3] + 1)


def _read_derivations(file: BinaryIO, iref: Atom | None) -> dict[int, tuple[int, ...]]:
    """Item → the items that it is derived from (`dimg`, §8.11.12)."""
    found: dict[int, tuple[int, ...]] = {}
    if iref is None:
        return found
    width = 2 if _table(file, Atom("iref", iref.offset, min(iref.size, 1))).number(1) == 0 else 4
    for box in boxes(file, iref.offset + 4, iref.end):
        if box.code == "dimg":
            row = _table(file, box)
            item = row.number(width)
            found[item] = tuple(row.number(width) for _ in range(row.number(2)))
    return found
