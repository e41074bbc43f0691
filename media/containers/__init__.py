"""The structure of file formats: where the parts are, without reading their contents.

Each module walks one container family and yields `Part`s in file order, touching only headers. It raises `Malformed`
where the structure breaks, after what it found before: also where the file ends early, or a promised part is missing.
Readers then read the payloads they want. To add a container: one module with a `walk`, one line in `WALKERS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import BinaryIO

from media.containers import (
    bmff,
    gif,
    heif,
    iff,
    jp2,
    jpeg,
    jxl,
    mxf,
    png,
    postscript,
    psd,
    raw,
    riff,
    tiff,
    webp,
)
from media.containers.part import MAX_PARTS, Part, limited

__all__ = ["MAX_PARTS", "WALKERS", "Part", "walk"]

Walker = Callable[[BinaryIO, int], Iterator[Part]]

WALKERS: Mapping[str, Walker] = {
    "image/avif": heif.walk,
    "image/gif": gif.walk,
    "image/heif": heif.walk,
    "image/jp2": jp2.walk,
    "image/jpeg": jpeg.walk,
    "image/jxl": jxl.walk,
    "image/png": png.walk,
    "image/tiff": tiff.walk,
    "image/vnd.adobe.photoshop": psd.walk,
    "image/x-dng": tiff.walk,
    "image/x-raw": raw.walk,
    "video/mp4": bmff.walk,
    "video/quicktime": bmff.walk,
    "video/iso.segment": bmff.walk,
    "audio/mp4": bmff.walk,
    "audio/wav": riff.walk,
    "video/x-msvideo": riff.walk,
    "image/webp": webp.walk,
    "audio/aiff": iff.walk,
    "application/mxf": mxf.walk,
    "application/postscript": postscript.walk,
}
"""Media type → its walker. A media type without one has no parts."""


def walk(file: BinaryIO, media_type: str, size: int) -> Iterator[Part]:
    """The parts of an open file of `size` bytes. At most `MAX_PARTS`, then `TooLarge`."""
    walker = WALKERS.get(media_type)
    if walker is not None:
        yield from limited(walker(file, size))
