"""Width and height from a picture's first bytes; and the formats that are recognised only by them (TGA, Netpbm)."""

from __future__ import annotations

import re
import struct
from typing import BinaryIO

from media.containers.jpeg import frame_size

__all__ = ["netpbm_raster", "raster_of", "tga_raster"]

_GAP = rb"(?:[ \t\r\n]|#[^\r\n]*[\r\n])+"
_NETPBM = re.compile(rb"P[1-6]" + _GAP + rb"(\d{1,9})" + _GAP + rb"(\d{1,9})[ \t\r\n#]")
_PLAIN = re.compile(rb"P[1-3](?:[\d \t\r\n]|#[^\r\n]*(?:[\r\n]|\Z))*")
"""The whole head of one that is written in digits: words that begin with P2 are none."""
_PAM = re.compile(rb"P7\n(?:[^\n]*\n)*?WIDTH (\d{1,9})\nHEIGHT (\d{1,9})\n")
_TGA_PACKED = {9: ((1, 8), (1, 16)), 10: ((0, 15), (0, 16), (0, 24), (0, 32)), 11: ((0, 8), (0, 16))}
"""Run-length types of TGA → whether there is a colour map, and bits of a pixel."""
_MAX_PACKED = 16 << 20
"""Bytes of packets that are followed: less than a second's work."""
_PFM = re.compile(rb"P[Ff]\s+(\d{1,9})\s+(\d{1,9})\s+[-+\d.]")


def netpbm_raster(head: bytes) -> tuple[int, int] | None:
    """The raster of a PBM, PGM, PPM, PAM or PFM, in digits or in bytes; None for anything else."""
    if head[:1] != b"P":
        return None
    found = _NETPBM.match(head) or _PAM.match(head) or _PFM.match(head)
    if found is None or (head[:2] in (b"P1", b"P2", b"P3") and _PLAIN.fullmatch(head) is None):
        return None
    return int(found[1]), int(found[2])


def tga_raster(file: BinaryIO, head: bytes, size: int) -> tuple[int, int] | None:
    """The raster of a Truevision TGA, recognised by its footer; of the older kind, which has none, by a header that
    fits the size."""
    if size < 18:
        return None
    name, has_map, kind, _, colours, map_bits, _, _, width, height, bits = struct.unpack_from("<3B2HB4HB", head)
    file.seek(max(0, size - 18))
    if file.read(18) == b"TRUEVISION-XFILE.\0":
        return width, height
    if has_map not in (0, 1) or not width or not height or head[17] & 0xC0:
        return None
    at = 18 + name + has_map * colours * ((map_bits + 7) // 8)
    pixel = (bits + 7) // 8
    if kind in (1, 2, 3) and bits in (8, 15, 16, 24, 32):
        return (width, height) if size - at == width * height * pixel else None
    if kind in _TGA_PACKED and (has_map, bits) in _TGA_PACKED[kind] and has_map == bool(colours):
        file.seek(at)
        return (width, height) if _fills(file.read(_MAX_PACKED), size - at, width * height, pixel) else None
    return None


def _fills(packed: bytes, size: int, pixels: int, pixel: int) -> bool:
    """Whether packets, the first of `size` bytes, make up so many pixels and no more, with nothing after them.

    Above `_MAX_PACKED` bytes it is enough that those packets do not exceed the picture.
    """
    at = 0
    while pixels > 0 and at < len(packed):
        count = (packed[at] & 0x7F) + 1
        at += 1 + (pixel if packed[at] & 0x80 else count * pixel)
        pixels -= count
    return (pixels == 0 and at == size) or (pixels > 0 and at >= len(packed) == _MAX_PACKED < size)


def raster_of(media_type: str, head: bytes) -> tuple[int, int] | None:
    """The raster of a recognised format; None where its head does not state it."""
    if media_type == "image/png" and head[12:16] == b"IHDR" and len(head) >= 24:
        width, height = struct.unpack_from(">II", head, 16)
        return width, height
    if media_type == "image/x-dpx" and len(head) >= 780:
        width, height = struct.unpack_from(">II" if head[:4] == b"SDPX" else "<II", head, 772)
        return width, height
    if media_type == "image/x-exr" and (at := head.find(b"dataWindow\x00box2i\x00")) >= 0 and at + 38 <= len(head):
        left, top, right, bottom = struct.unpack_from("<4i", head, at + 22)
        return right - left + 1, bottom - top + 1
    if media_type == "image/jpeg":
        return frame_size(head)
    return None
