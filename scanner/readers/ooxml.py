"""Office documents and e-books: the property parts of OOXML, ODF and EPUB packages.

Rule: only the few small XML parts that hold properties are unpacked, each up to a limit; text, pictures and macros stay
packed. Sources: ECMA-376 part 2, ODF 1.3 part 2, EPUB 3.3.
"""

from __future__ import annotations

from collections.abc import Iterator

from media import safe_xml
from media.containers.packages import Archive, open_package
from media.errors import Unsupported
from scanner.model import Evidence
from scanner.readers.each import each
from scanner.readers.interface import MAX_VALUE, Medium, Reader

__all__ = ["OOXML", "Ooxml"]

_MAX_PART = 4 << 20
_ROOT = "_rels/.rels"
"""Without it no part of a package can be found (ECMA-376 part 2, 9.3)."""
_PARTS = {"docProps/custom.xml": "custom", "docProps/app.xml": "app", "docProps/core.xml": "core", "meta.xml": "meta"}


class Ooxml(Reader):
    """Reads the property parts of Office documents and e-books: author, program, custom properties."""

    name = "ooxml"
    version = 2
    media_types = frozenset(
        {
            "application/vnd.openxmlformats",
            "application/vnd.oasis.opendocument",
            "application/epub+zip",
        }
    )

    def read(self, medium: Medium) -> Iterator[Evidence]:
        """`custom/<property>`, `app/<element>`, `core/<element>`, `meta/<element>`, `opf/<element>`."""
        package = open_package(medium.file)
        if medium.media_type == "application/vnd.openxmlformats" and _ROOT not in package.names:
            raise Unsupported(f"a ZIP archive without {_ROOT}, and no office document: nothing in it was read")
        wanted = [name for name in package.names if name in _PARTS or name.endswith(".opf")]
        yield from each(wanted[:8], lambda name: self._part(package, name))

    def _part(self, package: Archive, name: str) -> Iterator[Evidence]:
        prefix = _PARTS.get(name, "opf")
        for element in safe_xml.document(package.unpack(name, _MAX_PART)).iter():
            key, value = _property(element)
            if key and value:
                where = f"{name}, {safe_xml.where(element)}"
                yield Evidence(reader=self.name, key=f"{prefix}/{key}", value=value[:MAX_VALUE], where=where)


OOXML = Ooxml()


def _property(element: safe_xml.Element) -> tuple[str, str]:
    """Name and text of a property in any of the three families; empty for structure."""
    name = safe_xml.local(element)
    text = (element.text or "").strip()
    if name == "property":  # custom.xml: the value is the text of a typed child
        return str(element.get("name", "")), "".join(str(said) for said in element.itertext()).strip()
    if name == "user-defined":
        return next((value for key, value in safe_xml.attributes(element) if key.endswith("}name")), ""), text
    if name == "meta":
        key = element.get("property") or element.get("name") or ""
        return str(key), text or str(element.get("content", ""))
    # Typed values of custom.xml were told with their property.
    parent = element.getparent()
    return ("", "") if parent is not None and safe_xml.local(parent) == "property" else (name, text)
