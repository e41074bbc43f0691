"""PNG `Raw profile type …` chunks: EXIF, IPTC or XMP as hexadecimal text (ImageMagick's way; ExifTool PNG.pm)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from media.containers import Part
from media.containers.png import TEXT_CHUNKS, keyword, text
from media.errors import Malformed
from scanner.readers.interface import Medium

__all__ = ["PREFIX", "decode", "profiles"]

PREFIX = "Raw profile type "

_HEADER = re.compile(rb"\s*[^\n]{0,80}\n\s*(\d{1,12})\s")


def profiles(medium: Medium, *kinds: str) -> Iterator[Part]:
    """The text chunks that hold one of these profiles: `exif`, `APP1`, `iptc`, `xmp`."""
    wanted = {PREFIX + kind for kind in kinds}
    for part in medium.parts(*TEXT_CHUNKS):
        if keyword(medium.read(part.offset, min(part.size, 80))) in wanted:
            yield part


def decode(medium: Medium, part: Part) -> bytes:
    """The block that such a chunk holds."""
    data = text(part.name, medium.payload(part))
    header = _HEADER.match(data)
    if header is None:
        raise Malformed(f"{part.where}: a raw profile without its header")
    # What comes behind the length that it says is none of it.
    digits = b"".join(data[header.end() :].split())[: 2 * int(header[1])]
    try:
        return bytes.fromhex(digits[: len(digits) & ~1].decode("ascii", "replace"))
    except ValueError as error:
        raise Malformed(f"{part.where}: a raw profile that is not hexadecimal") from error
