"""User data of H.264 and H.265: SEI messages of type 5 (ITU-T H.264 D.1.7, H.265 D.2.7)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from media.errors import MediaError
from scanner.model import Evidence
from scanner.readers.interface import Medium, Reader
from scanner.readers.words import words

if TYPE_CHECKING:
    from media.probe import Packets

__all__ = ["SEI", "SeiReader"]

_PICTURES = 8
"""Encoders that sign their stream do it in the first picture, or in every one."""

_MAX_MESSAGES = 20
_MAX_NAL = 1 << 20
_USER_DATA_UNREGISTERED = 5
_START_CODE = re.compile(rb"\x00\x00\x01")


class SeiReader(Reader):
    """Reads user data of H.264 and H.265: SEI messages of type 5, in the first pictures or beside the parameter sets.

    The key is the message's UUID in hex, the value what follows it: as text, or its first bytes in hex. Each UUID is
    reported once; nothing is decoded.
    """

    name = "sei"
    version = 2
    media_types = frozenset(
        {
            "video/mp4",
            "video/quicktime",
            "video/x-matroska",
            "video/x-msvideo",
            "video/x-flv",
            "video/mp2t",
            "video/mpeg",
            "video/h264",
            "application/mxf",
        }
    )

    def read(self, medium: Medium) -> Iterator[Evidence]:
        """Yield the messages of the first pictures. A file that cannot be opened is reported by `container`."""
        from media.probe import packets  # late: PyAV takes a tenth of a second, and a worker may meet stills alone

        try:
            coded = packets(medium.path, count=_PICTURES)
        except MediaError:
            return
        if coded is None or coded.codec not in ("h264", "hevc"):
            return
        seen: set[str] = set()
        for where, nals in _stretches(coded):
            for uuid, body in _messages(nals, is_hevc=coded.codec == "hevc"):
                if body and uuid not in seen and len(seen) < _MAX_MESSAGES:
                    seen.add(uuid)
                    value = words(body) or body[:32].hex()
                    yield Evidence(reader="sei", key=uuid, value=value, where=f"SEI in {where}")


def _stretches(coded: Packets) -> Iterator[tuple[str, Iterator[bytes]]]:
    """The NAL units of the configuration, then those of each packet."""
    length_size = _length_size(coded)
    record = _configured(coded) if length_size else _nals(coded.extradata, 0)
    yield "the configuration", record
    for index, packet in enumerate(coded.data, 1):
        yield f"packet {index}", _nals(packet, length_size)


def _configured(coded: Packets) -> Iterator[bytes]:
    """The NAL units of a decoder configuration record (ISO/IEC 14496-15 §5.3.3.1, §8.3.3.1)."""
    record, is_hevc = coded.extradata, coded.codec == "hevc"
    at = 23 if is_hevc else 5
    for _ in range(int.from_bytes(record[22:23], "big") if is_hevc else 2):
        head = record[at : at + 3]
        if len(head) < 3:
            return
        count, at = (int.from_bytes(head[1:], "big"), at + 3) if is_hevc else (head[0] & 0x1F, at + 1)
        for _ in range(count):
            size = int.from_bytes(record[at : at + 2], "big")
            nal = record[at + 2 : at + 2 + size]
            if not nal:
                return
            yield nal
            at += 2 + size


def _messages(nals: Iterator[bytes], *, is_hevc: bool) -> Iterator[tuple[str, bytes]]:
    """UUID and body of each user data message."""
    for nal in nals:
        kind = nal[0] >> 1 & 0x3F if is_hevc else nal[0] & 0x1F
        if kind in ((39, 40) if is_hevc else (6,)):
            payload = nal[2 if is_hevc else 1 : _MAX_NAL].replace(b"\x00\x00\x03", b"\x00\x00")
            for number, body in _payloads(payload):
                if number == _USER_DATA_UNREGISTERED and len(body) >= 16:
                    yield body[:16].hex(), body[16:]


def _length_size(coded: Packets) -> int:
    """Bytes of a NAL's length by the decoder configuration record; 0 for start codes (ISO/IEC 14496-15)."""
    record = coded.extradata
    at = 21 if coded.codec == "hevc" else 4
    return record[at] % 4 + 1 if len(record) > at and record[0] == 1 else 0


def _nals(packet: bytes, length_size: int) -> Iterator[bytes]:
    if not length_size:
        starts = [match.end() for match in _START_CODE.finditer(packet)]
        ends = [*(start - 3 for start in starts[1:]), len(packet)]
        yield from (packet[start:end] for start, end in zip(starts, ends, strict=False) if end > start)
        return
    at = 0
    while at + length_size < len(packet):
        size = int.from_bytes(packet[at : at + length_size], "big")
        if size == 0 or at + length_size + size > len(packet):
            return
        yield packet[at + length_size : at + length_size + size]
        at += length_size + size


def _payloads(sei: bytes) -> Iterator[tuple[int, bytes]]:
    """Type and body of each message: both numbers in bytes of 255 and a last one."""
    at = 0
    while at + 2 <= len(sei) and sei[at:] != b"\x80":
        numbers = []
        for _ in range(2):
            number = 0
            while at < len(sei) and sei[at] == 0xFF:
                number, at = number + 255, at + 1
            if at >= len(sei):
                return
            number, at = number + sei[at], at + 1
            numbers.append(number)
        kind, size = numbers
        yield kind, sei[at : at + size]
        at += size


SEI = SeiReader()
