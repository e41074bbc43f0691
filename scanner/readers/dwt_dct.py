"""The open watermark `dwtDct` that some generators' reference code puts into the pixels.

A hit is good evidence; its absence is none: few programs embed it, scaling destroys it, anyone can forge it.
The colour difference U is halved by a Haar transform; in each block of 4 × 4 the largest value,
modulo 36, carries a bit, and the message is repeated over all blocks.
Source: ShieldMnt/invisible-watermark maxDct.py; messages from CompVis/stable-diffusion,
Stability-AI/stablediffusion and generative-models, black-forest-labs/flux, invoke-ai/InvokeAI.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy
from numpy.typing import NDArray
from PIL import Image

from media.still import bands, open_image
from scanner.model import Evidence
from scanner.readers.interface import Medium, Reader

__all__ = ["DWT_DCT", "DwtDctReader"]

_SCALE = 36
_STRIP = 512
"""Rows decoded at a time; a multiple of 8, so that blocks do not straddle strips."""
_MIN_PIXELS = 256 * 256
"""The embedder refuses less."""
_ZERO = 255
"""What the grey level 127.5 adds to a coefficient."""

_Bits = NDArray[numpy.bool_]


@dataclass(frozen=True, slots=True)
class _Message:
    """A known message; `enough` bits of it must agree. By chance 327 photographs reached at most 72 %."""

    key: str
    tool: str
    bits: str
    enough: int


def _ascii(text: str) -> str:
    return "".join(f"{byte:08b}" for byte in text.encode())


_MESSAGES = (
    _Message("sd1", "Stable Diffusion 1", _ascii("StableDiffusionV1"), 126),
    _Message("sd2", "Stable Diffusion 2", _ascii("SDV2"), 32),
    _Message("sdxl", "SDXL", f"{0xB3EC907BB19E:048b}", 44),
    # The reference code means 48 bits, and loses two leading zeros.
    _Message("flux", "FLUX", f"{0b001010101111111010000111100111001111010100101110:b}", 42),
    _Message("invokeai", "InvokeAI", _ascii("InvokeAI"), 59),
)


class DwtDctReader(Reader):
    """Searches the pixels for known messages of one watermark: its name, the tool; the fact `bits`: how many agree."""

    name = "dwt-dct"
    version = 1
    costly = True
    searches_pixels = True
    """Decodes every pixel: read only where asked for."""
    media_types = frozenset(
        {"image/png", "image/jpeg", "image/webp", "image/tiff", "image/bmp", "image/heif", "image/avif"}
    )

    def read(self, medium: Medium) -> Iterator[Evidence]:
        """Yield at most one statement for each known message."""
        with open_image(medium.file) as image:
            if image.width * image.height < _MIN_PIXELS:
                return
            readings = _readings(image)
        for message in _MESSAGES:
            agree = max(_agreement(reading, message.bits) for reading in readings)
            if agree >= message.enough:
                facts = {"bits": f"{agree}/{len(message.bits)}"}
                yield Evidence(
                    reader=self.name, key=message.key, value=message.tool, where="pixels, U channel", facts=facts
                )


DWT_DCT = DwtDctReader()


def _readings(image: Image.Image) -> list[_Bits]:
    """The bit of each block, read in the ways in which embedders differ.

    Some swap red and blue; some embed in numbers around 128, some around 0: that decides which value
    of a block is largest.
    """
    strips: list[list[_Bits]] = [[], [], [], []]
    height = image.height // 4 * 4
    for top in range(0, height, _STRIP):
        box = (0, top, image.width // 4 * 4, min(top + _STRIP, height))
        rgb = bands(image, "RGB", box).astype(numpy.int32)
        for order, (red, blue) in enumerate(((0, 2), (2, 0))):
            blocks = _blocks(_halve(_u(rgb[:, :, red], rgb[:, :, 1], rgb[:, :, blue])))
            strips[2 * order].append(_read_bits(blocks))
            strips[2 * order + 1].append(_read_bits(blocks - _ZERO))
    return [numpy.concatenate(found) for found in strips]


def _u(red: NDArray[numpy.int32], green: NDArray[numpy.int32], blue: NDArray[numpy.int32]) -> NDArray[numpy.int32]:
    """The colour difference U, in OpenCV's fixed point of 14 bits."""
    luma = (red * 4899 + green * 9617 + blue * 1868 + 8192) >> 14
    chroma: NDArray[numpy.int32] = ((blue - luma) * 8061 + (128 << 14) + 8192) >> 14
    return chroma.clip(0, 255)


def _halve(plane: NDArray[numpy.int32]) -> NDArray[numpy.float32]:
    """The approximation band of a Haar transform."""
    rows = plane[0::2] + plane[1::2]
    return ((rows[:, 0::2] + rows[:, 1::2]) / numpy.float32(2)).astype(numpy.float32)


def _blocks(band: NDArray[numpy.float32]) -> NDArray[numpy.float32]:
    """Blocks of 4 × 4, row by row, sixteen values each."""
    down, across = band.shape[0] // 4, band.shape[1] // 4
    cut = band[: 4 * down, : 4 * across].reshape(down, 4, across, 4)
    return cut.transpose(0, 2, 1, 3).reshape(-1, 16)


def _read_bits(blocks: NDArray[numpy.float32]) -> _Bits:
    """The bit that each block carries. The first value is left alone by the embedder."""
    largest: NDArray[numpy.float32] = numpy.abs(blocks[:, 1:]).max(axis=1, initial=0)
    return largest % _SCALE > _SCALE / 2


def _agreement(reading: _Bits, bits: str) -> int:
    """How many bits of a message the blocks' majority confirms."""
    length = len(bits)
    if reading.size < length:
        return 0
    place = numpy.arange(reading.size) % length
    shares = numpy.bincount(place, weights=reading) / numpy.bincount(place)
    said = shares * 255 > 127
    return int((said == (numpy.frombuffer(bits.encode(), dtype=numpy.uint8) == ord("1"))).sum())
