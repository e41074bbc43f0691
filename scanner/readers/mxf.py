"""Statements in MXF header metadata: who wrote it, tagged values, locators, package names, descriptive text."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping

from media.containers import Part
from scanner.model import Evidence
from scanner.readers.each import each
from scanner.readers.interface import MAX_VALUE, Medium, Reader
from scanner.readers.words import MAX_BYTES, words

__all__ = ["MXF", "MxfReader"]

_STRUCTURAL = "set:0d010101"
_PACKAGE = ("Package", {0x4402: "Name"})
_SETS: Mapping[str, tuple[str, Mapping[int, str]]] = {
    "set:0d01010101013000": (
        "Identification",
        {0x3C01: "CompanyName", 0x3C02: "ProductName", 0x3C04: "VersionString", 0x3C08: "Platform"},
    ),
    "set:0d01010101013200": ("NetworkLocator", {0x4001: "URLString"}),
    "set:0d01010101013300": ("TextLocator", {0x4101: "LocatorName"}),
    "set:0d01010101013600": _PACKAGE,
    "set:0d01010101013700": _PACKAGE,
}
"""Structural sets that hold words, and their static local tags (SMPTE ST 377-1 Annex A, B)."""
_TAGGED_VALUE = "set:0d01010101013f00"
_TAG_NAME, _TAG_VALUE = 0x5001, 0x5003
_INDIRECT = 17
"""An indirect value begins with its byte order and the label of its type."""
_LITTLE = 0x4C
_MAX_SET = 1 << 20


class MxfReader(Reader):
    """Reads header metadata of MXF: who wrote it, tagged values, locators, package names, descriptive text.

    Keys: `Identification/ProductName` (one set for each writer, in every partition), `TaggedValue/<name>`,
    `Package/Name`, `NetworkLocator/URLString`, `TextLocator/LocatorName`, `Descriptive/<half of the item's label>` for
    the text of descriptive sets (AS-11, DMS-1), `TextStream` for what a generic stream holds. What every partition
    repeats is reported once.
    """

    name = "mxf"
    version = 1
    media_types = frozenset({"application/mxf"})

    def read(self, medium: Medium) -> Iterator[Evidence]:
        """The statements in file order, each once."""
        labels: dict[int, str] = {}
        said: set[tuple[str, str]] = set()

        def fresh(part: Part) -> Iterator[Evidence]:
            for key, raw in _part(medium, part, labels):
                value = raw.strip("\0 \r\n\t")[:MAX_VALUE]
                if value and (key, value) not in said:
                    said.add((key, value))
                    yield Evidence(reader="mxf", key=key, value=value, where=part.where)

        yield from each(medium.parts(), fresh)


def _part(medium: Medium, part: Part, labels: dict[int, str]) -> Iterator[tuple[str, str]]:
    """Key and text of what a part says. A primer gives the dynamic tags behind it their labels."""
    if part.name == "generic-stream":
        yield "TextStream", words(medium.read(part.offset, min(part.size, MAX_BYTES)))
    elif part.name == "primer":
        labels.clear()
        labels.update(_labels(medium.read(part.offset, min(part.size, _MAX_SET))))
    elif part.name in _SETS:
        kind, names = _SETS[part.name]
        for tag, value in _items(medium, part):
            if tag in names:
                yield f"{kind}/{names[tag]}", value.decode("utf-16-be", "replace").split("\0", 1)[0]
    elif part.name == _TAGGED_VALUE:
        yield from _read_tagged_value(dict(_items(medium, part)))
    elif not part.name.startswith(_STRUCTURAL) and part.name.startswith("set:"):
        for tag, value in _items(medium, part):
            if text := _wide_text(value):
                yield f"Descriptive/{labels.get(tag, f'{tag:04x}')}", text


def _items(medium: Medium, part: Part) -> Iterator[tuple[int, bytes]]:
    """Local tag and value of each item of a set (two-byte tags, two-byte lengths)."""
    body = medium.read(part.offset, min(part.size, _MAX_SET))
    at = 0
    while at + 4 <= len(body):
        tag, size = struct.unpack_from(">HH", body, at)
        yield tag, body[at + 4 : at + 4 + size]
        at += 4 + size


def _labels(primer: bytes) -> Iterator[tuple[int, str]]:
    for at in range(8, len(primer) - 17, 18):
        yield int.from_bytes(primer[at : at + 2], "big"), primer[at + 10 : at + 18].hex()


def _read_tagged_value(items: Mapping[int, bytes]) -> Iterator[tuple[str, str]]:
    name = items.get(_TAG_NAME, b"").decode("utf-16-be", "replace").strip("\0")
    raw = items.get(_TAG_VALUE, b"")
    order = "utf-16-le" if raw[:1] == bytes([_LITTLE]) else "utf-16-be"
    if name:
        yield f"TaggedValue/{name}", raw[_INDIRECT:].decode(order, "replace").split("\0", 1)[0]


def _wide_text(value: bytes) -> str:
    """A value that is UTF-16 text of three characters or more; else an empty string."""
    if len(value) < 6 or len(value) % 2:
        return ""
    text = value.decode("utf-16-be", "replace").rstrip("\0")
    latin = sum("\x20" <= char < "\u0250" for char in text)
    return text if len(text) > 2 and text.isprintable() and latin * 2 > len(text) else ""


MXF = MxfReader()
