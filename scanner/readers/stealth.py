"""Generation data that NovelAI and web UI extensions hide in the lowest bits of the pixels.

Down the first column, then the next: a magic of 15 letters, the payload's length in bits (32 bits, big endian), the
payload. The bits are in alpha, or in red, green and blue of each pixel in turn. Only lossless pictures can carry it.
The magic is read before anything else is decoded: the first pixel of a PNG's row depends only on the first pixel of the
row above. Source: NovelAI/novelai-image-metadata nai_meta.py; sd-webui-stealth-pnginfo.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy
from numpy.typing import NDArray

from media.errors import Malformed
from media.still import bands, open_image
from scanner.model import Evidence
from scanner.readers.interface import MAX_VALUE, Medium, Reader

__all__ = ["STEALTH", "StealthReader"]

_MAGIC_BITS = 120
_LENGTH_BITS = 32
_HEADER = _MAGIC_BITS + _LENGTH_BITS
_CHUNK = 1 << 16
_RGB, _RGBA = 2, 6
"""PNG colour types."""


@dataclass(frozen=True, slots=True)
class _Form:
    """One way to hide the payload."""

    magic: bytes
    alpha: bool
    packed: bool


_FORMS = (
    _Form(b"stealth_pnginfo", alpha=True, packed=False),
    _Form(b"stealth_pngcomp", alpha=True, packed=True),
    _Form(b"stealth_rgbinfo", alpha=False, packed=False),
    _Form(b"stealth_rgbcomp", alpha=False, packed=True),
)


class StealthReader(Reader):
    """Reads `stealth-pnginfo`, the text that some generators hide in the lowest bits of pixels."""

    name = "stealth"
    version = 1
    searches_pixels = True
    media_types = frozenset({"image/png", "image/webp"})

    def read(self, medium: Medium) -> Iterator[Evidence]:
        """At most one statement."""
        promising = _png_promises if medium.media_type == "image/png" else _webp_promises
        if not promising(medium):
            return
        with open_image(medium.file) as image:
            values = bands(image, "RGBA" if "A" in image.getbands() or "transparency" in image.info else "RGB")
        for alpha in (True, False):
            if alpha and values.shape[2] < 4:
                continue
            bits = _bits(values, alpha=alpha)
            form = next((form for form in _FORMS if form.alpha is alpha and form.magic == _octets(bits, 0, 15)), None)
            if form is not None:
                where = "pixels, lowest bit of " + ("alpha" if alpha else "red, green, blue")
                facts = {"form": form.magic.decode()}
                yield Evidence(
                    reader=self.name, key="stealth-pnginfo", value=_payload(bits, form), where=where, facts=facts
                )
                return


STEALTH = StealthReader()


def _bits(values: NDArray[numpy.uint8], *, alpha: bool) -> NDArray[numpy.uint8]:
    """The lowest bits in the order of hiding: column by column."""
    lowest = values & numpy.uint8(1)
    return lowest[:, :, 3].T.ravel() if alpha else lowest[:, :, :3].transpose(1, 0, 2).ravel()


def _octets(bits: NDArray[numpy.uint8], start: int, count: int) -> bytes:
    return numpy.packbits(bits[start : start + 8 * count]).tobytes()


def _payload(bits: NDArray[numpy.uint8], form: _Form) -> str:
    """The hidden text, as long as it says it is. `Malformed` where it cannot be."""
    length = int.from_bytes(_octets(bits, _MAGIC_BITS, 4), "big")
    if not 0 < length <= bits.size - _HEADER:
        raise Malformed(f"a hidden payload declares {length} bits; the picture holds {max(bits.size - _HEADER, 0)}")
    data = _octets(bits, _HEADER, length // 8)
    if form.packed:
        try:
            data = zlib.decompressobj(wbits=31).decompress(data, 4 * MAX_VALUE)
        except zlib.error as error:
            raise Malformed(f"a hidden payload cannot be unpacked: {error}") from error
    return data.decode("utf-8", "replace").strip("\0")[:MAX_VALUE]


def _png_promises(medium: Medium) -> bool:
    """Whether the first column of a PNG begins with a magic, or its shape does not let that be seen cheaply."""
    head = medium.read(16, 13)
    if len(head) < 13:
        return False
    width, height, depth, colour, _, _, interlace = struct.unpack(">IIBBBBB", head)
    if depth != 8 or colour not in (_RGB, _RGBA) or width * height * 3 < _HEADER or not width:
        return False
    if interlace or height < _MAGIC_BITS:
        return True
    bands = 4 if colour == _RGBA else 3
    column = _first_column(medium, width, bands)
    return (bands == 4 and _is_magic([pixel[3] for pixel in column])) or _is_magic(
        [value for pixel in column[: _MAGIC_BITS // 3] for value in pixel[:3]]
    )


def _webp_promises(medium: Medium) -> bool:
    """Whether a WebP's pixels or its alpha are lossless (WebP container specification)."""
    head = medium.read(12, 16)
    return head[:4] == b"VP8L" or (head[:4] == b"VP8X" and len(head) > 8 and bool(head[8] & 0x10))


def _is_magic(values: Sequence[int]) -> bool:
    if len(values) < _MAGIC_BITS:
        return False
    letters = numpy.packbits(numpy.array([value & 1 for value in values], dtype=numpy.uint8)).tobytes()
    return letters in {form.magic for form in _FORMS}


def _first_column(medium: Medium, width: int, bands: int) -> list[bytes]:
    """The first pixel of the first 120 rows of an 8-bit PNG, unfiltered (PNG specification, clause 9)."""
    column: list[bytes] = []
    above = bytes(bands)
    for head in _row_heads(medium, 1 + width * bands, 1 + bands):
        kind, raw = head[0], head[1:]
        if kind > 4:
            raise Malformed(f"a row has filter {kind}")
        # There is no pixel to the left: Sub adds nothing, Average half of above, Paeth and Up all of it.
        share = {0: 0, 1: 0, 3: 1}.get(kind, 2)
        above = bytes((value + (up * share) // 2) & 0xFF for value, up in zip(raw, above, strict=True))
        column.append(above)
    return column


def _row_heads(medium: Medium, stride: int, size: int) -> Iterator[bytes]:
    """The first `size` bytes of each of the first rows, inflating no more than these need."""
    head = bytearray()
    found = skip = 0
    for chunk in _inflate_rows(medium):
        at = 0
        while at < len(chunk):
            if skip:
                step = min(skip, len(chunk) - at)
                skip -= step
            else:
                step = min(size - len(head), len(chunk) - at)
                head += chunk[at : at + step]
                if len(head) == size:
                    yield bytes(head)
                    head.clear()
                    skip = stride - size
                    found += 1
                    if found == _MAGIC_BITS:
                        return
            at += step


def _inflate_rows(medium: Medium) -> Iterator[bytes]:
    inflater = zlib.decompressobj()
    for data in _pixel_data(medium):
        pending = data
        while pending and not inflater.eof:
            try:
                yield inflater.decompress(pending, _CHUNK)
            except zlib.error as error:
                raise Malformed(f"its pixels cannot be inflated: {error}") from error
            pending = inflater.unconsumed_tail


def _pixel_data(medium: Medium) -> Iterator[bytes]:
    """What the IDAT chunks hold, piece by piece. They follow one another; the container gives the first."""
    first = next(medium.parts("IDAT"), None)
    if first is None:
        return
    at = first.offset - 8
    while True:
        length, kind = struct.unpack(">I4s", medium.read(at, 8).ljust(8, b"\0"))
        if kind != b"IDAT":
            return
        for offset in range(0, length, _CHUNK):
            data = medium.read(at + 8 + offset, min(_CHUNK, length - offset))
            if not data:
                return
            yield data
        at += 12 + length
