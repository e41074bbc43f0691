"""XML of unknown schemas, and DASH manifests: elements, attributes, comments, processing instructions.

The first statements of a document are kept, and of the rest those with a word of provenance: a long document of
measurements costs no more than its reading.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from media import safe_xml
from media.errors import Malformed, MediaError
from scanner.model import Evidence
from scanner.readers import xmp_packet
from scanner.readers.each import MAX_STATEMENTS
from scanner.readers.interface import MAX_VALUE, Medium, Reader

__all__ = ["XML", "Xml"]

_PACKETS = frozenset({"RDF", "xmpmeta"})
_PROVENANCE = re.compile(r"digital_?source|algorithmicmedia|compositesynthetic|aigc|c2pa|\bAI\b|人工智能", re.I)
_MAX_TELLING = 400


class Xml(Reader):
    """Reads `<path>` and `<path>/@<attribute>` by local names, `comment`, `pi/<target>`; RDF as `xmp` does."""

    name = "xml"
    version = 1
    media_types = frozenset({"application/xml", "application/dash+xml"})

    def read(self, medium: Medium) -> Iterator[Evidence]:
        """The statements in the order in which their elements end. At most 800."""
        kept = telling = 0
        for said in self._statements(medium):
            if kept < MAX_STATEMENTS:
                kept += 1
                yield said
            elif telling < _MAX_TELLING and (_PROVENANCE.search(said.key) or _PROVENANCE.search(said.value)):
                telling += 1
                yield said

    def _statements(self, medium: Medium) -> Iterator[Evidence]:
        fault: MediaError | None = None
        path: list[str] = []
        packets = 0
        for kind, element in safe_xml.events(medium.file, "start", "end", "comment", "pi"):
            if kind == "start":
                path.append(safe_xml.local(element))
                packets += path[-1] in _PACKETS
                continue
            if kind == "end":
                name = "/".join(path)
                if not packets:
                    yield from self._element(name, element)
                elif path[-1] in _PACKETS and (packets := packets - 1) == 0:
                    try:
                        yield from _packet(element)
                    except MediaError as error:
                        fault = fault or error
                path.pop()
                if not packets:
                    safe_xml.release(element)
            elif text := (element.text or "").strip():
                key = "comment" if kind == "comment" else f"pi/{getattr(element, 'target', '')}"
                yield self._evidence(key, text, f"line {element.sourceline}, {kind}")
        if fault is not None:
            raise fault

    def _element(self, path: str, element: safe_xml.Element) -> Iterator[Evidence]:
        where = safe_xml.where(element)
        if text := (element.text or "").strip():
            yield self._evidence(path, text, where)
        for name, value in safe_xml.attributes(element):
            if any(map(str.isalpha, value)):
                yield self._evidence(f"{path}/@{name.rpartition('}')[2]}", value, where)

    def _evidence(self, key: str, value: str, where: str) -> Evidence:
        return Evidence(reader=self.name, key=key, value=value[:MAX_VALUE], where=where)


XML = Xml()


def _packet(element: safe_xml.Element) -> Iterator[Evidence]:
    """RDF anywhere in the document, as in an XMP packet."""
    try:
        found = tuple(xmp_packet.parse(safe_xml.serialised(element)))
    except ValueError as error:
        raise Malformed(f"the RDF at line {element.sourceline} cannot be read") from error
    for entry in found:
        where = f"line {element.sourceline}, {entry.where}"
        yield Evidence(reader="xmp", key=entry.path, value=entry.value[:MAX_VALUE], where=where)
