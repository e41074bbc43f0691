"""Vorbis comments (RFC 9639 §8.6): their fields, their length, and where they are in an Ogg file (RFC 3533)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from media.containers.part import read_at
from media.errors import Malformed, TooLarge

__all__ = ["BLOCK_LIMIT", "FLAC_BLOCK", "find_in_ogg", "measure_comments", "parse_comments"]

BLOCK_LIMIT = 64 << 20
"""Bytes of one block of comments, which may hold pictures."""
_MAX_COUNTED = 10_000
"""Comments by whose lengths a block is measured."""
_MAX_PAGES = 20_000
_MAX_STREAMS = 64
FLAC_BLOCK = 4
"""The type of the FLAC metadata block that holds them."""

_HEADS = {
    b"\x01vorbis": b"\x03vorbis",
    b"OpusHead": b"OpusTags",
    b"\x80theora": b"\x81theora",
    b"\x80kate\0\0\0": b"\x81kate\0\0\0",
    b"\x80daala": b"\x81daala",
    b"\x01video\0\0\0": b"\x03vorbis",
    b"OVP80\x01": b"OVP80\x02 ",
    b"Speex   ": b"",
    b"PCM     ": b"",
    b"CELT    ": b"",
}
"""How the first packet of a stream begins → what stands before the comments in its second one."""
_FLAC_HEAD = b"\x7fFLAC"


def measure_comments(file: BinaryIO, start: int, size: int) -> int:
    """Bytes of the comments that begin there, by their own lengths; 0 where these reach past the end of the file.

    A block's length has 24 bits: a longer one is written with a wrong length.
    """
    at = start + 4 + int.from_bytes(read_at(file, start, 4), "little")
    count = int.from_bytes(read_at(file, at, 4), "little")
    at += 4
    for _ in range(min(count, _MAX_COUNTED)):
        at += 4 + int.from_bytes(read_at(file, at, 4), "little")
        if at > size:
            return 0
    return at - start


def find_in_ogg(file: BinaryIO) -> Iterator[bytes]:
    """The comments of each stream that begins at the head of an Ogg file, in the order in which they end."""
    streams: dict[int, list[bytearray]] = {}
    waiting: set[int] = set()
    at = 0
    for _ in range(_MAX_PAGES):
        head = read_at(file, at, 27)
        if len(head) < 27 or head[:5] != b"OggS\0":
            break
        table = read_at(file, at + 27, head[26])
        serial, begins = int.from_bytes(head[14:18], "little"), bool(head[5] & 2)
        if not begins and not waiting:
            break
        if begins and len(streams) < _MAX_STREAMS:
            streams[serial] = [bytearray()]
            waiting.add(serial)
        if serial in waiting:
            body = read_at(file, at + 27 + len(table), sum(table))
            packets = streams[serial]
            _collect(packets, table, body)
            if len(packets) > 2:
                waiting.discard(serial)
                yield from _comments_of(bytes(packets[0]), bytes(packets[1]))
            elif not _is_known(bytes(packets[0][:16])):
                waiting.discard(serial)
        at += 27 + len(table) + sum(table)
    if waiting:
        raise Malformed("the comments of a stream end early")


def _collect(packets: list[bytearray], table: bytes, body: bytes) -> None:
    """Add a page's segments to the packets of its stream; a packet ends with a segment of fewer than 255 bytes."""
    at = 0
    for length in table:
        if len(packets) > 2:
            return
        packets[-1] += body[at : at + length]
        at += length
        if len(packets[-1]) > BLOCK_LIMIT:
            raise TooLarge(f"the comments of a stream have more than {BLOCK_LIMIT} bytes")
        if length < 255:
            packets.append(bytearray())


def _is_known(first: bytes) -> bool:
    return first.startswith((_FLAC_HEAD, *_HEADS))


def _comments_of(first: bytes, second: bytes) -> Iterator[bytes]:
    if first.startswith(_FLAC_HEAD):
        if second[:1] and second[0] & 0x7F == FLAC_BLOCK:
            yield second[4:]
        return
    before = next((after for head, after in _HEADS.items() if first.startswith(head)), None)
    if before is not None and second.startswith(before):
        yield second[len(before) :]


def parse_comments(block: bytes) -> Iterator[tuple[str, bytes]]:
    """Name, as written, and value of each field, still encoded: UTF-8. Raises `Malformed` where they end early."""
    at = 4 + int.from_bytes(block[:4], "little")
    count = int.from_bytes(block[at : at + 4], "little")
    if len(block) < at + 4:
        raise Malformed("Vorbis comments end early, before the first")
    at += 4
    for number in range(count):
        length = int.from_bytes(block[at : at + 4], "little")
        if at + 4 + length > len(block):
            raise Malformed(f"{count} Vorbis comments end early, after {number}")
        name, equals, value = block[at + 4 : at + 4 + length].partition(b"=")
        yield (name.decode("utf-8", "replace"), value) if equals else ("unnamed", name)
        at += 4 + length
