"""FLAC (RFC 9639): the samples that STREAMINFO promises compared with the last frame, and that frame's checksum."""

from __future__ import annotations

from typing import BinaryIO, NamedTuple

from media.containers.flac import STREAMINFO, find_blocks
from media.containers.part import read_at
from media.containers.sound_tags import essence_end
from media.errors import Malformed
from media.whole.holes import check_zeros
from media.whole.piece import require

__all__ = ["check"]

TAIL = 1 << 20
"""Bytes of the end in which the last frame is sought: 8 channels of 16,384 samples of 32 bits are half as long."""

_SIZES = {1: 192, **{n: 576 << (n - 2) for n in range(2, 6)}, **{n: 256 << (n - 8) for n in range(8, 16)}}


class _Frame(NamedTuple):
    at: int
    number: int
    samples: int
    is_variable: bool


def check(file: BinaryIO, size: int) -> None:
    """Its metadata blocks, then the last frame."""
    info, frames = _read_metadata(file, size)
    largest = int.from_bytes(info[2:4])
    total = int.from_bytes(info[13:18]) & 0xFFFFFFFFF
    end = essence_end(file, size)
    check_zeros(file, frames, end)
    tail_at = max(frames, end - TAIL)
    tail = read_at(file, tail_at, end - tail_at)
    last = _last(tail, largest)
    if last is None:
        if total:
            raise Malformed(f"declares {total} samples; no frame was found at its end")
        raise Malformed("has no frame: there is no sound in it")
    reached = last.number * (1 if last.is_variable else largest) + last.samples
    if total and reached < total:
        raise Malformed(f"declares {total} samples; its last frame ends at sample {reached}: it was cut off")
    body = tail[last.at :]
    if _crc16(body) and _crc16(body.rstrip(b"\0")) and _crc16(body.rstrip(b"\0") + b"\0"):
        raise Malformed(f"its last frame, at {tail_at + last.at}, is not whole: its checksum does not agree")


def _read_metadata(file: BinaryIO, size: int) -> tuple[bytes, int]:
    """STREAMINFO, and where the frames begin."""
    info, at = b"", 0
    for block in find_blocks(file, size):
        if block.name == STREAMINFO:
            info = read_at(file, block.offset, 34)
        at = block.offset + block.size
        require(at, size, "a metadata block")
    if len(info) < 34:
        raise Malformed("has no STREAMINFO")
    return info, at


def _last(tail: bytes, largest: int) -> _Frame | None:
    """The last frame header whose checksum agrees; a later one by chance has no number near the one before it."""
    at = len(tail)
    while (at := tail.rfind(b"\xff", 0, at)) >= 0:
        if tail[at + 1 : at + 2] in (b"\xf8", b"\xf9") and (frame := _header(tail, at, largest)) is not None:
            return frame
    return None


def _header(data: bytes, at: int, largest: int) -> _Frame | None:
    """The frame header at `at` (§9.1), None where it is none."""
    head = data[at : at + 16]
    if len(head) < 6:
        return None
    size_code, rate_code = head[2] >> 4, head[2] & 15
    if size_code == 0 or rate_code == 15 or head[3] & 1 or head[3] >> 4 > 10:
        return None
    number, used = _read_coded_number(head[4:])
    place = 4 + used
    if not used:
        return None
    if size_code in (6, 7):
        width = size_code - 5
        samples = int.from_bytes(head[place : place + width]) + 1
        place += width
    else:
        samples = _SIZES[size_code]
    place += {12: 1, 13: 2, 14: 2}.get(rate_code, 0)
    if place >= len(head) or _crc8(head[:place]) != head[place] or samples > max(largest, 16):
        return None
    return _Frame(at, number, samples, bool(head[1] & 1))


def _read_coded_number(data: bytes) -> tuple[int, int]:
    """A number coded as in UTF-8, up to 36 bits, and the bytes that it takes; 0 bytes where it is none."""
    first = data[0]
    if first < 0x80:
        return first, 1
    wide = 8 - (first ^ 0xFF).bit_length()
    if not 2 <= wide <= 7 or len(data) < wide or any(byte & 0xC0 != 0x80 for byte in data[1:wide]):
        return 0, 0
    value = first & (0x7F >> wide)
    for byte in data[1:wide]:
        value = value << 6 | byte & 0x3F
    return value, wide


def _table(bits: int, polynomial: int) -> tuple[int, ...]:
    top, mask = 1 << (bits - 1), (1 << bits) - 1
    found = []
    for byte in range(256):
        value = byte << (bits - 8)
        for _ in range(8):
            value = (value << 1 ^ polynomial if value & top else value << 1) & mask
        found.append(value)
    return tuple(found)


_CRC8, _CRC16 = _table(8, 0x07), _table(16, 0x8005)


def _crc8(data: bytes) -> int:
    value = 0
    for byte in data:
        value = _CRC8[value ^ byte]
    return value


def _crc16(data: bytes) -> int:
    """0 over a frame with its checksum at the end (§9.3)."""
    value = 0
    for byte in data:
        value = (value << 8 & 0xFFFF) ^ _CRC16[value >> 8 ^ byte]
    return value
