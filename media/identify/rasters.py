"""Width and height by a picture's first bytes; and the pictures that are only known by having them (TGA, Netpbm)."""

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
_PFM = re.compile(rb"P[Ff]\s+(\d{1,9})\s+(\d{1,9})\s+[-+\d.]")


def netpbm_raster(head: bytes) -> tuple[int, int] | None:
    """Of a PBM, PGM, PPM, PAM or PFM, in digits or in bytes; None for anything else."""
    if head[:1] != b"P":
        return None
    found = _NETPBM.match(head) or _PAM.match(head) or _PFM.match(head)
    if found is None or (head[:2] in (b"P1", b"P2", b"P3") and _PLAIN.fullmatch(head) is None):
        return None
    return int(found[1]), int(found[2])


def tga_raster(file: BinaryIO, head: bytes, size: int) -> tuple[int, int] | None:
    """Of a Truevision TGA, known by its footer; the older kind, which has none, by a header that the size bears out."""
    if size < 18:
        return None
    name, has_map, kind, _, colours, map_bits, _, _, width, height, bits = struct.unpack_from("<3B2HB4HB", head)
    file.seek(max(0, size - 18))
    if file.read(18) != b"TRUEVISION-XFILE.\0":
        pixels = size - 18 - name - has_map * colours * ((map_bits + 7) // 8)
        sound = has_map in (0, 1) and bits in (8, 15, 16, 24, 32) and width and height and not head[17] & 0xC0
        if not sound or kind not in (1, 2, 3) or pixels != width * height * ((bits + 7) // 8):
            return None
    return width, height


def raster_of(media_type: str, head: bytes) -> tuple[int, int] | None:
    """Of a format that was recognised already; None where its head does not give it."""
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
