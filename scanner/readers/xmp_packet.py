"""Reads an XMP packet (ISO 16684-1) as flat statements, for every carrier. The only module that imports lxml for XMP.

Paths use the usual prefix of each namespace, whatever prefix the packet uses; containers are left out of them
(`dc:creator`, `xmpMM:History/stEvt:softwareAgent`). No entity is expanded and nothing is fetched.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import TYPE_CHECKING, NamedTuple

from media.encoding import detect_wide
from media.errors import Malformed, TooLarge
from scanner.readers.xmp_names import is_noise, prefixed

if TYPE_CHECKING:
    from lxml.etree import _Element

__all__ = ["MAX_PACKET", "Property", "parse"]

MAX_PACKET = 32 << 20
"""Bytes. Larger packets are depth maps and bombs."""

_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_CONTAINERS = frozenset({f"{_RDF}Bag", f"{_RDF}Seq", f"{_RDF}Alt"})
_TRANSPARENT = _CONTAINERS | {f"{_RDF}Description", f"{_RDF}value"}
_MAX_DEPTH = 24
_MAX_PROPERTIES = 20_000

_DECLARATION = re.compile(rb"\A\s*<\?xml\s[^>]*>")
_DTD = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.I)
_TELLING = (
    "DigitalSourceType|DigitalSourceFileType|AISystemUsed|AISystemVersionUsed|AIPromptInformation|AIPromptWriterName"
    "|AIGC|CreatorTool|softwareAgent|Credit|UserComment|provenance|description"
)
_ELEMENT = re.compile(
    rf"<(?P<name>[\w.-]{{1,40}}:(?:{_TELLING}))\b(?P<attributes>[^<>]{{0,2000}})>(?P<text>[^<]*(?:<rdf:\w{{1,20}}[^<>]*>\s*)*[^<]*)"
)
_ATTRIBUTE = re.compile(
    rf"""(?<![\w.-])(?P<name>[\w.-]{{1,40}}:(?:{_TELLING}))\s*=\s*(?P<quote>["'])(?P<text>.*?)(?P=quote)""", re.S
)
_RESOURCE = re.compile(r"""rdf:resource\s*=\s*["']([^"']*)""")
_TAG = re.compile(r"<[^>]*>")


class Property(NamedTuple):
    """One simple property, however deeply nested."""

    path: str
    value: str
    where: str
    """The path with the places of array items: `xmpMM:History[2]/stEvt:softwareAgent`."""


def parse(packet: bytes) -> Iterator[Property]:
    """Yield its properties in document order. Raises `Malformed` at the end for a packet that is not well-formed."""
    if len(packet) > MAX_PACKET:
        raise TooLarge(f"an XMP packet of {len(packet)} bytes; the limit is {MAX_PACKET}")
    body = _body(packet)
    if not body:
        return
    root = None if _DTD.search(body) else _tree(body)
    if root is None:
        yield from _salvage(body)
        raise Malformed("XMP that is not well-formed XML")
    yield from _properties(root)


def _body(packet: bytes) -> bytes:
    """The XML alone, as UTF-8: without wrapper, padding, or what a carrier glued on."""
    if wide := _wide(packet):
        # A declaration of the encoding that it was in would contradict the one that it is in now.
        packet = _DECLARATION.sub(b"", packet.decode(wide, "replace").removeprefix("\ufeff").encode(), count=1)
    end = packet.rfind(b"<?xpacket end")
    packet = packet[:end] if end > 0 else packet
    start = packet.find(b"<?xpacket begin")
    start = packet.find(b"?>", start) + 2 if start >= 0 else packet.find(b"<")
    return packet[start:].strip() if start >= 0 else b""


def _wide(packet: bytes) -> str | None:
    """The wide encoding of a packet, also of one with junk of its carrier behind it."""
    if (wide := detect_wide(packet)) is not None:
        return wide
    first = packet.find(b"<", 0, 8)
    if first >= 0 and packet[first + 1 : first + 2] == b"\x00":
        return "utf-16-be" if first % 2 else "utf-16-le"
    return None


def _tree(body: bytes) -> _Element | None:
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        return etree.fromstring(body[: body.rfind(b">") + 1], parser)
    except (etree.XMLSyntaxError, ValueError):
        return None


def _properties(root: _Element) -> Iterator[Property]:
    """A walk with its own stack: depth is the packet's choice, not the interpreter's."""
    seen: set[Property] = set()
    waiting: list[tuple[_Element, str, str, int]] = [(top, "", "", 0) for top in reversed(_tops(root))]
    steps = 0
    while waiting:
        node, path, where, depth = waiting.pop()
        steps += 1
        if steps > _MAX_PROPERTIES:
            raise TooLarge(f"more than {_MAX_PROPERTIES} XMP properties")
        for found in _read_properties(node, path, where):
            if found not in seen and not is_noise(found.path, found.value):
                seen.add(found)
                yield found
        if depth < _MAX_DEPTH:
            waiting.extend(reversed(_children(node, path, where, depth + 1)))


def _tops(root: _Element) -> list[_Element]:
    """The nodes that hold properties: children of every rdf:RDF, or lone rdf:Descriptions."""
    spaces = [root] if root.tag == f"{_RDF}RDF" else list(root.iter(f"{_RDF}RDF"))
    if spaces:
        return [child for space in spaces for child in space]
    return list(root.iter(f"{_RDF}Description"))


def _children(node: _Element, path: str, where: str, depth: int) -> list[tuple[_Element, str, str, int]]:
    found = []
    item = 0
    for child in node:
        if child.tag in _TRANSPARENT:
            found.append((child, path, where, depth))
        elif child.tag == f"{_RDF}li":
            item += 1
            found.append((child, path, f"{where}[{item}]", depth))
        else:
            name = prefixed(child.tag)
            found.append((child, f"{path}/{name}".lstrip("/"), f"{where}/{name}".lstrip("/"), depth))
    return found


def _read_properties(node: _Element, path: str, where: str) -> Iterator[Property]:
    """What one element says itself: its attributes, its resource, its text."""
    from media.safe_xml import attributes  # late, as lxml is above

    for name, value in attributes(node):
        if name in (f"{_RDF}resource", f"{_RDF}value") and path:
            yield Property(path, value.strip(), where)
        elif name.startswith("{") and not name.startswith((_RDF, "{http://www.w3.org/XML/")):
            step = prefixed(name)
            yield Property(f"{path}/{step}".lstrip("/"), value.strip(), f"{where}/{step}".lstrip("/"))
    text = (node.text or "").strip()
    if text and path:
        yield Property(path, text, where)


def _salvage(body: bytes) -> Iterator[Property]:
    """The telling properties of a broken packet, by their words; prefixes as the packet writes them."""
    text = body.decode("utf-8", "replace")
    found = [(match.start(), match["name"], match["text"]) for match in _ATTRIBUTE.finditer(text)]
    for match in _ELEMENT.finditer(text):
        resource = _RESOURCE.search(match["attributes"])
        found.append((match.start(), match["name"], resource[1] if resource else _TAG.sub("", match["text"])))
    for _, name, value in sorted(found):
        if value.strip():
            yield Property(name, unescape(value).strip(), name)
