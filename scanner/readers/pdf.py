"""PDF: the Info dictionary, the XMP packet, and the names and roles of attached files (ISO 32000-2 §14.3, §7.11.4)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from media.errors import TooLarge
from scanner.model import Evidence
from scanner.readers import xmp_packet
from scanner.readers.each import each
from scanner.readers.interface import MAX_VALUE, Medium, Reader

if TYPE_CHECKING:
    from media.pdf import OpenPdf

__all__ = ["PDF", "Pdf"]

_MAX_FILE = 2 << 30


class Pdf(Reader):
    """Reads `Info/<name>`, the names and roles of attached files, and the XMP packet."""

    name = "pdf"
    version = 2
    media_types = frozenset({"application/pdf"})

    def read(self, medium: Medium) -> Iterator[Evidence]:
        """Info entries as `Info/<name>`, attachments as `attachment`; XMP as `xmp`, where rules look for it."""
        if medium.size > _MAX_FILE:
            raise TooLarge(f"a PDF of {medium.size} bytes; the limit is {_MAX_FILE}")
        medium.file.seek(0)
        from media.pdf import open_pdf  # late: every worker would load pikepdf

        with open_pdf(medium.file) as document:
            yield from each((self._info, self._xmp, self._attachments), lambda part: part(document))

    def _info(self, document: OpenPdf) -> Iterator[Evidence]:
        for key, value in document.info():
            yield self._evidence(f"Info/{key.removeprefix('/')}", value, f"Info dictionary, {key}")

    def _xmp(self, document: OpenPdf) -> Iterator[Evidence]:
        packet = document.metadata()
        for found in xmp_packet.parse(packet) if packet is not None else ():
            where = f"catalog /Metadata, {found.where}"
            yield Evidence(reader="xmp", key=found.path, value=found.value[:MAX_VALUE], where=where)

    def _attachments(self, document: OpenPdf) -> Iterator[Evidence]:
        """The value is the file's name."""
        for file in document.attachments():
            yield self._evidence("attachment", file.name, file.where, file.facts)

    def _evidence(self, key: str, value: str, where: str, facts: dict[str, str] | None = None) -> Evidence:
        return Evidence(reader=self.name, key=key, value=value[:MAX_VALUE], where=where, facts=facts or {})


PDF = Pdf()
