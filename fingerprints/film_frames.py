"""DPX and OpenEXR frames, decoded by FFmpeg: what Pillow does not read.

DPX is shown as it is coded (logarithmic scans look flat, on both sides alike); EXR's linear light gets
the sRGB curve.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fingerprints.errors import MediaFault, MediaUnsupported
from fingerprints.media import tool
from fingerprints.model import Picture
from fingerprints.run import output

__all__ = ["film_frame", "is_film_frame"]

_MAGICS = {b"SDPX": "dpx_pipe", b"XPDS": "dpx_pipe", b"v/1\x01": "exr_pipe"}
"""First bytes → FFmpeg's name for one such frame."""

_BLOCK = 1 << 20


def is_film_frame(head: bytes) -> bool:
    """Whether a file that begins so is one."""
    return head[:4] in _MAGICS


def film_frame(path: Path, head: bytes, *, limit: int) -> Picture:
    """The frame in RGB at its full size; at most `limit` pixels. Raises `MediaFault`."""
    reader = _MAGICS[head[:4]]
    command = [tool().path, "-nostdin", "-hide_banner", "-v", "error", "-xerror", "-protocol_whitelist", "file"]
    command += ["-err_detect", "explode", "-max_pixels", str(limit), "-f", reader, "-i", f"file:{path.absolute()}"]
    command += ["-frames:v", "1", "-f", "image2pipe", "-c:v", "ppm", "-pix_fmt", "rgb48be", "pipe:1"]
    levels = _ppm(b"".join(output(command, block=_BLOCK)))
    return _curve(is_linear=reader == "exr_pipe")[levels]


def _ppm(data: bytes) -> NDArray[np.uint16]:
    """A binary PPM as FFmpeg writes it: `P6\\n640 360\\n65535\\n`, then the pixels."""
    try:
        magic, size, _, pixels = data.split(b"\n", 3)
        width, height = map(int, size.split())
        if magic != b"P6":
            raise MediaUnsupported("FFmpeg gave no picture")
        return np.frombuffer(pixels, ">u2", count=width * height * 3).reshape(height, width, 3).astype(np.uint16)
    except ValueError as error:
        raise MediaFault("FFmpeg gave half a picture") from error


@cache
def _curve(*, is_linear: bool) -> NDArray[np.uint8]:
    """16 bits → 8: as they are, or from linear light by the curve of sRGB (IEC 61966-2-1)."""
    light = np.arange(1 << 16) / 65535
    seen = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055) if is_linear else light
    return np.rint(seen * 255).astype(np.uint8)
