"""Statements in MP4 and QuickTime boxes: item lists (`ilst`, with or without `keys`), user data, handlers, XML."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from itertools import groupby

from media.containers import Part
from media.errors import Malformed
from scanner.model import Evidence
from scanner.readers.each import each
from scanner.readers.interface import Medium, Reader
from scanner.readers.words import MAX_BYTES, words

__all__ = ["ISOBMFF", "IsobmffReader"]

_INTEGERS = frozenset({21, 22, 65, 66, 67, 74, 75, 76, 77, 78})
_PICTURES = frozenset({12, 13, 14, 27})
_NUMERIC_ITEMS = frozenset({"trkn", "disk", "tmpo", "cpil", "pgap", "covr", "gnre", "rtng", "stik", "hdvd"})
_NO_TEXT = frozenset({"meta", "XMP_", "WLOC", "LOOP", "SelO", "AllF", "free", "ptv ", "hnti", "thmb", "0"})
_MAX_KEYS = 4096


class IsobmffReader(Reader):
    """Reads item lists, user data, handler names and XML in the boxes of MP4 and QuickTime, also of motion photos.

    Keys: an indexed item by its name in `keys` (`AIGC`, `com.apple.quicktime.software`), others by their code (`©too`),
    freeform ones `----:mean:name`; user data outside item lists `udta/name`, QuickTime's international text (`©swr`) by
    its code alone; `hdlr` the handlers' names; `xml ` of a `meta` box.
    """

    name = "isobmff"
    version = 3
    media_types = frozenset(
        {"video/mp4", "video/quicktime", "audio/mp4", "video/iso.segment", "image/jpeg", "image/heif"}
    )

    def read(self, medium: Medium) -> Iterator[Evidence]:
        """The statements in file order, those of one item together."""
        keys: dict[str, list[str]] = {}
        yield from each(_items(medium), lambda item: _item(medium, item, keys))
        if medium.media_type == "video/iso.segment" and not any(medium.parts("moof")):
            raise Malformed("a segment without a fragment of a track: there is nothing in it to inspect")

    @staticmethod
    def evidence(part: Part, key: str, value: str, **facts: str) -> Evidence:
        """One statement of this reader."""
        return Evidence(reader="isobmff", key=key, value=value, where=part.where, facts=facts)


def _items(medium: Medium) -> Iterator[tuple[Part, ...]]:
    """Boxes one by one, but the boxes of one item of an item list together."""

    def item(numbered: tuple[int, Part]) -> object:
        index, part = numbered
        parents = part.name.split("/")
        inside = len(parents) > 2 and parents[-3] == "ilst"
        if not inside:
            group[0] = index
        return group[0]

    group = [0]
    for _, boxes in groupby(enumerate(medium.parts()), item):
        yield tuple(part for _, part in boxes)


def _item(medium: Medium, boxes: tuple[Part, ...], keys: dict[str, list[str]]) -> Iterator[Evidence]:
    """What one box, or one item with the boxes in it, says."""
    box = boxes[0]
    parent, _, name = box.name.rpartition("/")
    if name == "keys":
        keys[parent] = _keys(medium.read(box.offset, min(box.size, MAX_BYTES)))
    elif parent.endswith("/ilst"):
        yield from _read_item_list(medium, boxes, name, keys.get(parent.removesuffix("/ilst"), []))
    elif parent.endswith("udta") and name not in _NO_TEXT:
        yield from _user_data(medium, box, name)
    elif name == "hdlr" and parent.endswith("mdia"):
        yield from _handler(medium, box)
    elif name == "xml " and (value := words(medium.read(box.offset + 4, min(max(0, box.size - 4), MAX_BYTES)))):
        yield IsobmffReader.evidence(box, "xml ", value)


def _keys(body: bytes) -> list[str]:
    """Names by index, from 1 (QuickTime metadata item keys): size, namespace, name."""
    names: list[str] = []
    at = 8
    while at + 8 <= len(body) and len(names) < _MAX_KEYS:
        (size,) = struct.unpack_from(">I", body, at)
        if size < 8:
            break
        names.append(body[at + 8 : at + size].decode("utf-8", "replace").strip("\0"))
        at += size
    return names


def _read_item_list(medium: Medium, boxes: tuple[Part, ...], code: str, keys: list[str]) -> Iterator[Evidence]:
    if code in _NUMERIC_ITEMS:
        return
    fields = {"mean": "", "name": ""}
    for box in boxes[1:]:
        kind = box.name.rpartition("/")[2]
        if kind in fields:
            fields[kind] = words(medium.read(box.offset + 4, min(max(0, box.size - 4), 1024)))
        elif kind == "data" and (value := _data(medium, box, whole=code.isdigit())):
            yield IsobmffReader.evidence(box, _item_key(code, keys, fields), value)


def _item_key(code: str, keys: list[str], fields: dict[str, str]) -> str:
    if code == "----":
        return f"----:{fields['mean']}:{fields['name']}"
    if code.isdigit() and 0 < int(code) <= len(keys):
        return keys[int(code) - 1]
    return code


def _data(medium: Medium, box: Part, *, whole: bool) -> str:
    """A `data` box: type, locale, value. Numbers only where asked for; pictures only where they are words."""
    body = medium.read(box.offset, min(box.size, MAX_BYTES))
    kind, value = int.from_bytes(body[1:4], "big"), body[8:]
    if kind in _INTEGERS:
        return str(int.from_bytes(value, "big")) if whole and 0 < len(value) <= 8 else ""
    if kind in _PICTURES and not value.lstrip().startswith((b"{", b"[")):
        return ""
    return words(value.decode("utf-16-be", "replace").encode("utf-8", "replace") if kind == 2 else value)


def _user_data(medium: Medium, box: Part, name: str) -> Iterator[Evidence]:
    body = medium.read(box.offset, min(box.size, MAX_BYTES))
    if name.startswith("©"):
        for value in _international_text(body):
            yield IsobmffReader.evidence(box, name, value)
    elif value := words(body, "mac-roman") or words(body[4:], "mac-roman"):
        yield IsobmffReader.evidence(box, f"udta/{name}", value)


def _international_text(body: bytes) -> Iterator[str]:
    """QuickTime's list of (size, language, text); where the sizes do not fit, the whole is one text."""
    at = 0
    texts: list[str] = []
    while at + 4 <= len(body):
        size, _language = struct.unpack_from(">HH", body, at)
        if size == 0 or at + 4 + size > len(body):
            break
        texts.append(words(body[at + 4 : at + 4 + size], "mac-roman"))
        at += 4 + size
    yield from filter(None, texts or [words(body, "mac-roman")])


def _handler(medium: Medium, box: Part) -> Iterator[Evidence]:
    """Version, component type, subtype, 12 bytes, name: counted in QuickTime, NUL-ended in ISO."""
    body = medium.read(box.offset, min(box.size, 1024))
    name = body[24:]
    if name and name[0] == len(name) - 1:
        name = name[1:]
    if value := words(name, "mac-roman"):
        yield IsobmffReader.evidence(box, "hdlr", value, type=body[8:12].decode("latin-1"))


ISOBMFF = IsobmffReader()
