"""Text outside the standard blocks: vendor text in a JPEG APP segment, and the comments of JPEG, JPEG 2000 and GIF."""

from __future__ import annotations

import re
from collections.abc import Iterator

from media.containers import Part
from media.containers.gif import joined
from scanner.model import Evidence
from scanner.readers.each import each
from scanner.readers.exif_text import plain, printable
from scanner.readers.interface import MAX_VALUE, Medium, Reader

__all__ = ["JPEG_APP", "JpegApp"]

_KNOWN = (
    *(b"Exif\x00", b"http://ns.adobe.com/", b"Photoshop ", b"ICC_PROFILE\x00", b"MPF\x00", b"JP", b"Adobe", b"Ducky"),
    *(b"FPXR\x00", b"urn:iso:std:iso:ts:21496", b"HDR_RI", b"AROT\x00", b"Adobe_CM\x00"),
)
"""What begins a segment that other readers read, or that holds no words."""

_LABELLED = re.compile(rb"([A-Za-z][A-Za-z0-9_.-]{2,31})[\x00:= ]*(?=\{\s*\")")


class JpegApp(Reader):
    """Reads comments as `COM`, and text in vendors' own segments by the vendor's word or the segment's name."""

    name = "jpeg-app"
    version = 1
    media_types = frozenset({"image/jpeg", "image/jp2", "image/gif"})

    def read(self, medium: Medium) -> Iterator[Evidence]:
        """Yield one statement for each comment or vendor text."""
        return each(medium.parts(), lambda part: self._statement(medium, part))

    def _statement(self, medium: Medium, part: Part) -> Iterator[Evidence]:
        key, value = "", ""
        if part.name in ("COM", "comment"):
            payload = medium.payload(part)
            key, value = "COM", plain(joined(payload) if part.name == "comment" else payload)
        elif part.name.startswith("APP"):
            head = medium.read(part.offset, min(part.size, 32))
            if not head.startswith(_KNOWN):
                key, value = _vendor(part.name, medium.payload(part))
        if value:
            yield Evidence(reader=self.name, key=key, value=value[:MAX_VALUE], where=part.where)


JPEG_APP = JpegApp()


def _vendor(segment: str, payload: bytes) -> tuple[str, str]:
    """A labelled JSON object anywhere in the segment, else the segment where all of it is text."""
    found = _LABELLED.search(payload)
    if found and (value := printable(payload[found.end() : payload.rfind(b"}") + 1])):
        return found[1].decode("ascii"), value
    return segment, printable(payload)
