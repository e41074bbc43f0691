"""PDF: the Info dictionary, the XMP packet, and the names and roles of attached files.

The one door to pikepdf (ISO 32000-2 §14.3, §7.11.4). An empty user password opens a file, as every
viewer does; a file that needs one cannot be inspected. No page is rendered, no image decoded.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Any

import pikepdf

from media.errors import Malformed, TooLarge, Unsupported
from scanner.model import Evidence
from scanner.readers import xmp_packet
from scanner.readers.each import MAX_STATEMENTS, each
from scanner.readers.interface import MAX_VALUE, Medium

__all__ = ["PDF", "Pdf"]

_MAX_FILE = 2 << 30
_MAX_PACKET = 16 << 20
_FAULTS = (pikepdf.PdfError, ValueError, KeyError, TypeError, AttributeError, RuntimeError, IndexError, OverflowError)
"""What qpdf and its binding raise on damaged objects."""


class Pdf:
    """Reads what a PDF says of itself."""

    name = "pdf"
    version = 2
    media_types = frozenset({"application/pdf"})

    def read(self, medium: Medium) -> Iterator[Evidence]:
        """Info entries as `Info/<name>`, attachments as `attachment`; XMP as `xmp`, where rules look for it."""
        if medium.size > _MAX_FILE:
            raise TooLarge(f"a PDF of {medium.size} bytes; the limit is {_MAX_FILE}")
        with _opened(medium) as pdf:
            parts = (self._info, self._xmp, self._attachments)
            yield from each(parts, lambda part: _guarded(part(pdf)))

    def _info(self, pdf: pikepdf.Pdf) -> Iterator[Evidence]:
        info = pdf.trailer.get("/Info")
        if not isinstance(info, pikepdf.Dictionary):
            return
        for key in sorted(info.keys())[:MAX_STATEMENTS]:  # pikepdf gives them in no order
            value = _text(info.get(key))
            if value:
                yield self._evidence(f"Info/{key.removeprefix('/')}", value, f"Info dictionary, {key}")

    def _xmp(self, pdf: pikepdf.Pdf) -> Iterator[Evidence]:
        stream = pdf.Root.get("/Metadata")
        if not isinstance(stream, pikepdf.Stream):
            return
        for found in xmp_packet.parse(_bounded(stream)):
            where = f"catalog /Metadata, {found.where}"
            yield Evidence(reader="xmp", key=found.path, value=found.value[:MAX_VALUE], where=where)

    def _attachments(self, pdf: pikepdf.Pdf) -> Iterator[Evidence]:
        """Files that the catalog associates (`/AF`) or names (`/EmbeddedFiles`); the value is the file's name."""
        seen: set[tuple[int, int]] = set()
        associated = pdf.Root.get("/AF")
        specs: list[tuple[str, Any]] = []
        if isinstance(associated, pikepdf.Array):
            specs += [("catalog /AF", spec) for spec in list(associated)[:MAX_STATEMENTS]]
        specs += [("catalog /Names", spec) for spec in _embedded(pdf)]
        for where, spec in specs[:MAX_STATEMENTS]:
            if not isinstance(spec, pikepdf.Dictionary) or (spec.objgen != (0, 0) and spec.objgen in seen):
                continue
            seen.add(spec.objgen)
            streams = spec.get("/EF")
            stream = streams.get("/F") if isinstance(streams, pikepdf.Dictionary) else None
            facts = {
                "relationship": _text(spec.get("/AFRelationship")).removeprefix("/"),
                "type": _text(stream.get("/Subtype")).removeprefix("/") if isinstance(stream, pikepdf.Stream) else "",
                "description": _text(spec.get("/Desc")),
            }
            name = _text(spec.get("/UF")) or _text(spec.get("/F")) or facts["description"] or "(no name)"
            yield self._evidence("attachment", name, where, {key: value for key, value in facts.items() if value})

    def _evidence(self, key: str, value: str, where: str, facts: dict[str, str] | None = None) -> Evidence:
        return Evidence(reader=self.name, key=key, value=value[:MAX_VALUE], where=where, facts=facts or {})


PDF = Pdf()


def _guarded(said: Iterator[Evidence]) -> Iterator[Evidence]:
    try:
        yield from said
    except _FAULTS as error:
        raise Malformed(f"a damaged object: {_brief(error)}") from error


def _opened(medium: Medium) -> pikepdf.Pdf:
    try:
        medium.file.seek(0)
        return pikepdf.open(medium.file, suppress_warnings=True)
    except pikepdf.PasswordError as error:
        raise Unsupported("encrypted: it needs a password to be opened") from error
    except _FAULTS as error:
        raise Malformed(f"not a sound PDF: {_brief(error)}") from error


def _embedded(pdf: pikepdf.Pdf) -> list[Any]:
    """File specifications of the name tree, breadth first; loops and bombs end at the limit."""
    names = pdf.Root.get("/Names")
    tree = names.get("/EmbeddedFiles") if isinstance(names, pikepdf.Dictionary) else None
    found: list[Any] = []
    queue, visited = [tree], 0
    while queue and visited < MAX_STATEMENTS and len(found) < MAX_STATEMENTS:
        node = queue.pop(0)
        visited += 1
        if not isinstance(node, pikepdf.Dictionary):
            continue
        leaves, kids = node.get("/Names"), node.get("/Kids")
        if isinstance(leaves, pikepdf.Array):
            found += [leaves[index] for index in range(1, min(len(leaves), 2 * MAX_STATEMENTS), 2)]
        if isinstance(kids, pikepdf.Array):
            queue += [kids[index] for index in range(min(len(kids), MAX_STATEMENTS))]
    return found


def _bounded(stream: pikepdf.Stream) -> bytes:
    """A stream's plain bytes. Nearly all writers leave metadata unfiltered (ISO 32000-2 §14.3.2 asks for it)."""
    raw = stream.read_raw_bytes()
    said, terms = stream.get("/Filter"), stream.get("/DecodeParms")
    filters = list(said) if isinstance(said, pikepdf.Array) else [said] if said is not None else []
    if filters[:1] == [pikepdf.Name.Crypt]:
        # The metadata of an encrypted document that is left plain says so: the filter of the name Identity, or of none.
        first = terms[0] if isinstance(terms, pikepdf.Array) and len(terms) else terms
        name = first.get("/Name") if isinstance(first, pikepdf.Dictionary) else None
        if name not in (None, pikepdf.Name.Identity):
            raise Unsupported("encrypted metadata")
        del filters[0]
    if filters == [pikepdf.Name.FlateDecode]:
        try:
            raw = zlib.decompressobj().decompress(raw, _MAX_PACKET + 1)
        except zlib.error as error:
            raise Malformed(f"the metadata stream is damaged: {error}") from error
    elif filters:
        raise Unsupported("a metadata stream behind unusual filters")
    if len(raw) > _MAX_PACKET:
        raise TooLarge(f"an XMP packet of more than {_MAX_PACKET} bytes")
    return raw


def _text(value: Any) -> str:
    """A string or name as text; everything else, numbers and containers, is no statement."""
    if isinstance(value, (pikepdf.String, pikepdf.Name)):
        return str(value).strip("\0").strip()
    return ""


def _brief(error: Exception) -> str:
    """What qpdf says, without the path of the file that it says first."""
    said = str(error).splitlines()[0] if str(error) else type(error).__name__
    return said.rpartition("'>")[2].lstrip(": ")[:160]
