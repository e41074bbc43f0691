"""SVG: XMP metadata, title, description, comments, and the editor's own attributes (SVG 2 §5)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from media import safe_xml
from media.errors import Malformed, MediaError
from scanner.model import Evidence
from scanner.readers import xmp_packet
from scanner.readers.each import MAX_STATEMENTS
from scanner.readers.interface import MAX_VALUE, Medium, Reader

__all__ = ["SVG", "Svg"]

_SAID = frozenset({"title", "desc"})
_PICTURES = frozenset({"image", "feImage", "img"})
_MAX_LINK = 200
"""Characters of a link that are kept: a picture in place is a link too."""
_EDITOR = ("version", "export-filename", "docname", "generator", "creator", "software")


class Svg(Reader):
    """Reads title, description, metadata, comments and the editor's own attributes."""

    name = "svg"
    version = 3
    media_types = frozenset({"image/svg+xml"})

    def read(self, medium: Medium) -> Iterator[Evidence]:
        """`title`, `desc`, `metadata`, `comment`, root attributes as `svg/<name>`; XMP under its own reader's name.

        `image` is the first picture that is placed in the drawing.
        """
        yield from islice(self._statements(medium), MAX_STATEMENTS)

    def _statements(self, medium: Medium) -> Iterator[Evidence]:
        fault: MediaError | None = None
        rooted = pictured = False
        for kind, element in safe_xml.events(medium.file):
            name = safe_xml.local(element)
            text = (element.text or "").strip()
            if kind == "start" and not rooted:
                rooted = True
                yield from self._attributes(element)
            elif kind == "comment" and text:
                yield self._evidence("comment", text, f"line {element.sourceline}, comment")
            elif kind == "end" and name in _SAID and text:
                yield self._evidence(name, text, safe_xml.where(element))
            elif kind == "start" and name in _PICTURES and not pictured and (link := _link(element)):
                pictured = True
                yield self._evidence("image", link, safe_xml.where(element))
            elif kind == "end" and name == "metadata":
                if text:  # ComfyUI's SaveSVG writes its graph as character data
                    yield self._evidence("metadata", text, safe_xml.where(element))
                try:
                    yield from _xmp(element)
                except MediaError as error:
                    fault = fault or error
            elif kind == "end" and element.getparent() is not None and name not in ("RDF", "manifest"):
                _let_go(element)
        if fault is not None:
            raise fault

    def _attributes(self, root: safe_xml.Element) -> Iterator[Evidence]:
        for key, value in safe_xml.attributes(root):
            name = key.rpartition("}")[2]
            # The plain `version` is SVG's own; the editor's is in the editor's namespace.
            if name in _EDITOR and (key.startswith("{") or name != "version"):
                yield self._evidence(f"svg/{name}", value, safe_xml.where(root))

    def _evidence(self, key: str, value: str, where: str) -> Evidence:
        return Evidence(reader=self.name, key=key, value=value[:MAX_VALUE], where=where)


SVG = Svg()


def _xmp(metadata: safe_xml.Element) -> Iterator[Evidence]:
    """RDF inside `<metadata>`: an XMP packet, or Dublin Core and Creative Commons in the same form."""
    for child in metadata:
        if safe_xml.local(child) not in ("RDF", "xmpmeta"):
            continue
        try:
            found = tuple(xmp_packet.parse(safe_xml.serialised(child)))
        except ValueError as error:
            raise Malformed(f"metadata at line {child.sourceline} cannot be read") from error
        for entry in found:
            where = f"line {child.sourceline}, metadata, {entry.where}"
            yield Evidence(reader="xmp", key=entry.path, value=entry.value[:MAX_VALUE], where=where)


def _link(picture: safe_xml.Element) -> str:
    """Which picture is shown: of one that is kept in place, its kind and how it begins."""
    links = (value for key, value in safe_xml.attributes(picture) if key.rpartition("}")[2] in ("href", "src"))
    return next(links, "").strip()[:_MAX_LINK]


def _let_go(element: safe_xml.Element) -> None:
    """Free a drawing element's content; metadata and its children are kept until they are read."""
    if not any(safe_xml.local(ancestor) == "metadata" for ancestor in element.iterancestors()):
        element.clear()
