"""Photoshop documents, PSD and PSB (Adobe Photoshop File Formats Specification): resources, layers, pixels.

Parts: `8BIM/1060` and so on for image resources, `layers` for the layer-and-mask section, `pixels` for the merged
image. Resource blocks also occur in JPEG, TIFF and PNG: `resources` walks them there.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

from media.containers.part import Part
from media.errors import Malformed

__all__ = ["resources", "walk"]

_SIGNATURES = frozenset({b"8BIM", b"MeSa", b"AgHg", b"PHUT", b"DCSR"})
_HEADER_SIZE = 26
_LARGE = 2
_RAW, _RUNS = 0, 1
_LONGEST_RUN = 128
_BEST_RATIO = 1032
"""Bytes that one byte of a deflate stream can stand for at most."""
_BLOCK = 1 << 20


def walk(file: BinaryIO, size: int) -> Iterator[Part]:
    """The parts of a PSD or PSB file."""
    file.seek(4)
    large = file.read(2) == b"\x00\x02"
    _, at = _section(file, _HEADER_SIZE, size, ">I")
    start, at = _section(file, at, size, ">I")
    fault: Malformed | None = None
    try:
        yield from resources(file, start, at)
    except Malformed as error:
        fault = error
    start, at = _section(file, at, size, ">Q" if large else ">I")
    yield Part("layers", start, at - start)
    yield Part("pixels", at, size - at)
    if fault:
        raise fault
    _check_pixels(file, at, size)


def _check_pixels(file: BinaryIO, at: int, size: int) -> None:
    """Raise `Malformed` where the merged picture, which every document has, is not inside the file."""
    file.seek(4)
    version, channels, height, width, depth = struct.unpack(">H6xHIIH", file.read(20))
    line = (width * depth + 7) // 8
    lines = channels * height
    if not lines or not line:
        raise Malformed(f"declares {channels} channels of {width} × {height} pixels of {depth} bits")
    file.seek(at)
    packing = int.from_bytes(file.read(2), "big") if size - at >= 2 else -1
    if packing == _RAW:
        least = lines * line
    elif packing == _RUNS:
        each = 4 if version == _LARGE else 2
        least = lines * each + lines * 2 * -(-line // _LONGEST_RUN)
        if at + 2 + least <= size:
            least = lines * each + _sum_lengths(file, lines * each, each)
    else:  # deflated, or nothing at all
        least = lines * line // _BEST_RATIO + 1
    if at + 2 + least > size:
        raise Malformed(f"its merged picture should reach up to {at + 2 + least} at least; the file has {size} bytes")


def _sum_lengths(file: BinaryIO, table: int, each: int) -> int:
    """The sum of a table of line lengths, read a block at a time."""
    total = 0
    while table > 0 and (block := file.read(min(table, _BLOCK))):
        total += sum(number for (number,) in struct.iter_unpack(">I" if each == 4 else ">H", block))
        table -= len(block)
    return total


def resources(file: BinaryIO, start: int, end: int) -> Iterator[Part]:
    """The image resource blocks between two offsets, named by their number: `8BIM/1028` is IPTC, `8BIM/1060` XMP."""
    at = start
    while at + 12 <= end:
        file.seek(at)
        head = file.read(min(7 + 255 + 6, end - at))
        if head[:4] not in _SIGNATURES:
            if head.strip(b"\x00"):
                raise Malformed(f"no image resource begins at {at}")
            return
        number, name = struct.unpack_from(">HB", head, 4)
        payload = 6 + (name + 2 & ~1) + 4
        if payload > len(head):
            raise Malformed(f"image resource {number} at {at} is cut short")
        (size,) = struct.unpack_from(">I", head, payload - 4)
        yield Part(f"8BIM/{number}", at + payload, min(size, end - at - payload))
        if at + payload + size > end:
            raise Malformed(f"image resource {number} at {at} reaches past the end")
        at += payload + (size + 1 & ~1)


def _section(file: BinaryIO, at: int, size: int, length: str) -> tuple[int, int]:
    """Where the section that begins with its length at `at` starts and ends."""
    file.seek(at)
    width = struct.calcsize(length)
    head = file.read(width)
    if len(head) < width:
        raise Malformed(f"cut short at {at}")
    end = at + width + int(struct.unpack(length, head)[0])
    if end > size:
        raise Malformed(f"the section at {at} reaches past the end")
    return at + width, end
