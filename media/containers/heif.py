"""HEIF and AVIF (ISO/IEC 23008-12, 14496-12 §8.11): the top-level boxes, and the metadata items among them.

Parts: each top-level box by its code (`uuid:` and its type for a `uuid` box); `Exif item` and `mime item
application/rdf+xml` for items, wherever the item location box puts them; the boxes of a motion photo's movie
(`moov/udta/…`), which is in an `mpvd` box.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from media.containers import bmff
from media.containers.boxes import Atom, boxes, named
from media.containers.heif_tables import Item, ItemLocation, check_picture, read_items, read_places
from media.containers.part import Part
from media.errors import Malformed, Unsupported

__all__ = ["walk"]


def walk(file: BinaryIO, size: int) -> Iterator[Part]:
    """The parts of a HEIF or AVIF file. Raises `Malformed` at its end where its picture is missing."""
    scattered = ""
    elsewhere = False
    stills: list[tuple[dict[str, Atom], dict[int, Item], dict[int, ItemLocation]]] = []
    for box in boxes(file, 0, size):
        yield named(file, box)
        elsewhere |= box.code in ("moov", "mini")  # a movie, or a picture whose one box says all (23008-12 amendment 3)
        if box.code == "mpvd":
            yield from bmff.walk_between(file, box.offset, box.end)
        if box.code == "meta":
            tables = {inner.code: inner for inner in boxes(file, box.offset + 4, box.end)}
            items = dict(read_items(file, tables["iinf"])) if "iinf" in tables else {}
            places = dict(read_places(file, tables["iloc"], tables.get("idat"), size)) if "iloc" in tables else {}
            stills.append((tables, items, places))
            for name, extents in _metadata(items, places):
                if len(extents) == 1:
                    offset, length = extents[0]
                    yield Part(name, offset, max(0, min(length or size - offset, size - offset)))
                else:
                    scattered = name
    if scattered:
        raise Unsupported(f"{scattered} is not in one piece")
    for found in stills if not elsewhere else ():
        check_picture(file, *found)
    if not stills and not elsewhere:
        raise Malformed("holds no picture: neither items nor a movie")


def _metadata(
    items: dict[int, Item], places: dict[int, ItemLocation]
) -> Iterator[tuple[str, tuple[tuple[int, int], ...]]]:
    """Each metadata item: its part name, and offset and length of its extents."""
    for number, place in places.items():
        item = items.get(number)
        if item is not None and item.kind == "Exif":
            yield "Exif item", place.extents
        elif item is not None and item.kind == "mime":
            yield f"mime item {item.content_type}", place.extents
