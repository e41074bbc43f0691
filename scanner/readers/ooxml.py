"""Office documents and e-books: the property parts of OOXML, ODF and EPUB packages.

Law: only the few small XML parts that hold properties are unpacked, each up to a limit; text,
pictures and macros stay packed. Sources: ECMA-376 part 2, ODF 1.3 part 2, EPUB 3.3.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator

from media import safe_xml
from media.errors import Malformed, TooLarge, Unsupported
from scanner.model import Evidence
from scanner.readers.each import each
from scanner.readers.interface import MAX_VALUE, Medium

__all__ = ["OOXML", "Ooxml"]

_MAX_PART = 4 << 20
_MAX_MEMBERS = 100_000
_ROOT = "_rels/.rels"
"""Without it no part of a package can be found (ECMA-376 part 2, 9.3)."""
_PARTS = {"docProps/custom.xml": "custom", "docProps/app.xml": "app", "docProps/core.xml": "core", "meta.xml": "meta"}


class Ooxml:
    """Reads document properties."""

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
        try:
            medium.file.seek(0)
            archive = zipfile.ZipFile(medium.file)
        except (zipfile.BadZipFile, ValueError, EOFError, NotImplementedError, OSError) as error:
            raise Malformed(f"not a sound ZIP package: {error}") from error
        members = archive.infolist()
        if len(members) > _MAX_MEMBERS:
            raise TooLarge(f"a package of {len(members)} members")
        if medium.media_type == "application/vnd.openxmlformats" and not any(one.filename == _ROOT for one in members):
            raise Unsupported(f"a ZIP archive without {_ROOT}, and no office document: nothing in it was read")
        wanted = [info for info in members if info.filename in _PARTS or info.filename.endswith(".opf")]
        yield from each(wanted[:8], lambda info: self._part(archive, info))

    def _part(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[Evidence]:
        prefix = _PARTS.get(info.filename, "opf")
        for element in safe_xml.document(_unpacked(archive, info)).iter():
            key, value = _property(element)
            if key and value:
                where = f"{info.filename}, {safe_xml.where(element)}"
                yield Evidence(reader=self.name, key=f"{prefix}/{key}", value=value[:MAX_VALUE], where=where)


OOXML = Ooxml()


def _unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    if info.flag_bits & 1:
        raise Unsupported(f"encrypted: {info.filename} needs a password")
    try:
        with archive.open(info) as part:
            data = part.read(_MAX_PART + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError) as error:
        raise Malformed(f"{info.filename} cannot be unpacked: {error}") from error
    if len(data) > _MAX_PART:
        raise TooLarge(f"{info.filename} unpacks to more than {_MAX_PART} bytes")
    return data


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
