"""ASF, WMV and WMA: the size and the data packets that the File Properties Object states (ASF 1.2 §3.2, §5)."""

from __future__ import annotations

import struct
from typing import BinaryIO

from media.containers.part import read_at
from media.errors import Malformed
from media.whole.holes import LOOK_BYTES, spread
from media.whole.piece import require

__all__ = ["check"]

_PROPERTIES = bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365")
_DATA = bytes.fromhex("3626b2758e66cf11a6d900aa0062ce6c")
_BROADCAST = 1
_MAX_HEADER = 64 << 20


def check(file: BinaryIO, size: int) -> None:
    """The header, its File Properties Object and the Data Object."""
    _, length, _count = struct.unpack("<16sQI", read_at(file, 0, 28))
    require(length, size, "the header object")
    properties = _properties(read_at(file, 30, min(length, _MAX_HEADER) - 30))
    if properties is None:
        raise Malformed("its header has no File Properties Object")
    stated, packets, flags, packet = properties
    kind, data_length = struct.unpack("<16sQ", read_at(file, length, 24))
    if kind != _DATA:
        raise Malformed("no Data Object follows its header")
    if flags & _BROADCAST:
        return  # sizes and counts are not valid in a stream that is recorded as it comes
    require(length + data_length, size, "the Data Object")
    require(stated, size, "what the File Properties Object states")
    if packets and packet:
        require(length + 50 + packets * packet, size, f"its {packets} data packets")
        for number in spread(0, packets - 1):
            if not any(read_at(file, length + 50 + number * packet, min(packet, LOOK_BYTES))):
                raise Malformed(f"its data packet {number + 1} of {packets} is zeros")


def _properties(header: bytes) -> tuple[int, int, int, int] | None:
    """File size, data packets, flags and the smallest packet."""
    at = 0
    while at + 24 <= len(header):
        (length,) = struct.unpack_from("<Q", header, at + 16)
        if header[at : at + 16] == _PROPERTIES:
            (stated,) = struct.unpack_from("<Q", header, at + 40)
            (packets,) = struct.unpack_from("<Q", header, at + 56)
            flags, packet = struct.unpack_from("<II", header, at + 88)
            return stated, packets, flags, packet
        if length < 24:
            break
        at += length
    return None
