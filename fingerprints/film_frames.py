"""DPX and OpenEXR frames, decoded by FFmpeg: what Pillow does not read.

DPX is shown as it is coded (logarithmic scans look flat, on both sides alike); EXR's linear light gets
the sRGB curve.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from fingerprints.errors import MediaFault, MediaUnsupported
from fingerprints.media import tool
from fingerprints.model import Picture
from fingerprints.run import output

__all__ = ["FILM_SUFFIXES", "film_frame"]

FILM_SUFFIXES = {".dpx": "dpx_pipe", ".exr": "exr_pipe"}
"""Lower-case suffix → FFmpeg's name for one such frame."""

_BLOCK = 1 << 20


def film_frame(path: Path, *, limit: int) -> Picture:
    """The frame in RGB at its full size; at most `limit` pixels. Raises `MediaFault`."""
    reader = FILM_SUFFIXES[path.suffix.lower()]
    curve = ["-apply_trc", "iec61966_2_1"] if reader == "exr_pipe" else []
    command = [tool().path, "-nostdin", "-hide_banner", "-v", "error", "-protocol_whitelist", "file"]
    command += ["-max_pixels", str(limit), "-f", reader, *curve, "-i", f"file:{path.absolute()}"]
    command += ["-frames:v", "1", "-f", "image2pipe", "-c:v", "ppm", "-pix_fmt", "rgb24", "pipe:1"]
    data = b"".join(output(command, block=_BLOCK))
    return _ppm(data)


def _ppm(data: bytes) -> Picture:
    """A binary PPM as FFmpeg writes it: `P6\\n640 360\\n255\\n`, then the pixels."""
    try:
        magic, size, _, pixels = data.split(b"\n", 3)
        width, height = map(int, size.split())
        if magic != b"P6":
            raise MediaUnsupported("FFmpeg gave no picture")
        return np.frombuffer(pixels, np.uint8, count=width * height * 3).reshape(height, width, 3)
    except ValueError as error:
        raise MediaFault("FFmpeg gave half a picture") from error
