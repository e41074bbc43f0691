"""PNG text (W3C PNG §11.3.3): `tEXt`, `zTXt`, `iTXt` anywhere in the file, and the `AIGC` chunk of the Chinese label.

XMP in a text chunk is read by the xmp reader; of a raw profile only its presence is reported here.
"""

from __future__ import annotations

from collections.abc import Iterator

from media.containers import Part
from media.containers.png import TEXT_CHUNKS, keyword, text
from scanner.model import Evidence
from scanner.readers.each import each
from scanner.readers.interface import MAX_VALUE, Medium, Reader
from scanner.readers.raw_profile import PREFIX

__all__ = ["PNG_TEXT", "PngText"]

_PRIVATE = "AIGC"
_COMFY = "comf"
"""ComfyUI's animated PNGs (SaveAnimatedPNG in its source): keyword, NUL, text, as in tEXt."""


_LIKE = {_COMFY: "tEXt"}


class PngText(Reader):
    """Reads the text chunks of PNG, by keyword (`parameters`, `Comment`)."""

    name = "png-text"
    version = 2
    media_types = frozenset({"image/png"})

    def read(self, medium: Medium) -> Iterator[Evidence]:
        """Yield one statement for each chunk."""
        return each(medium.parts(*TEXT_CHUNKS, _PRIVATE, _COMFY), lambda part: self._statement(medium, part))

    def _statement(self, medium: Medium, part: Part) -> Iterator[Evidence]:
        key = _PRIVATE if part.name == _PRIVATE else keyword(medium.read(part.offset, min(part.size, 80)))
        if key == "XML:com.adobe.xmp":
            return
        if key.startswith(PREFIX):
            value = key.removeprefix(PREFIX)
        else:
            payload = medium.payload(part)
            value = _decode(payload if part.name == _PRIVATE else text(_LIKE.get(part.name, part.name), payload))
        facts = {"chunk": part.name}
        yield Evidence(reader=self.name, key=key, value=value[:MAX_VALUE], where=part.where, facts=facts)


PNG_TEXT = PngText()


def _decode(data: bytes) -> str:
    """UTF-8, which most generators write even where the standard says Latin-1; else Latin-1."""
    data = data.strip(b"\x00")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")
