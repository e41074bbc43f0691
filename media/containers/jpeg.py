"""JPEG (ITU-T T.81 annex B): the segments with statements, of every image in the file, and what follows the first.

Parts: `SOI` (no payload: where an image begins), `APP0` … `APP15`, `COM`, and `trailer` for everything after the first
EOI. Images after it, adjoining or named by a multi-picture index (CIPA DC-007), are walked too, and the movie of a
motion photo, whose parts are its boxes (`moov/udta/…`). Tables and entropy-coded data are skipped.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Generator, Iterator
from contextlib import suppress
from io import BytesIO
from typing import BinaryIO

from media.containers import bmff
from media.containers.boxes import boxes
from media.containers.part import Part
from media.containers.tiff import entries
from media.errors import Malformed, MediaError

__all__ = ["frame_size", "walk", "walk_between"]

_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
"""A marker that is no stuffing, no fill and no restart. It starts with a literal, which `re` finds fast."""

_WINDOW = 1 << 17
_TEM, _SOI, _EOI, _COM = 0x01, 0xD8, 0xD9, 0xFE
_APP = range(0xE0, 0xF0)
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Start of a frame; not tables, extensions, arithmetic conditioning."""
_LS_FRAME, _SOS = 0xF7, 0xDA
_HUFFMAN = frozenset({0xC0, 0xC1, 0xC2})
"""Baseline, extended, progressive."""
_MP_ENTRIES = 0xB002
_MAX_IMAGES = 64
"""Behind the first. Light-field cameras write about forty; a gain map is one."""
_MOVIE = re.compile(rb"ftyp(?<=\x00\x00\x00[\x10-\xff]ftyp)(?:isom|iso[2-9]|mp4[12]|avc1|qt  |MSNV|3gp\d)")
_MOVIE_BOXES = frozenset({"ftyp", "moov", "mdat", "free", "wide", "moof", "udta", "uuid", "meta"})
_MAX_STILLS = 64 << 20
"""Bytes behind the first image in which the movie must begin."""


def walk(file: BinaryIO, size: int) -> Iterator[Part]:
    """The parts of a JPEG file."""
    yield from walk_between(file, 0, size)


def walk_between(file: BinaryIO, start: int, end: int) -> Iterator[Part]:
    """The parts of a JPEG between two offsets of a larger file."""
    at, known = yield from _image(file, start, end)
    if at < end:
        yield Part("trailer", at, end - at)
    for _ in range(_MAX_IMAGES):
        image = _next_image(file, at, known, end)
        if image is None:
            break
        at, more = yield from _image(file, image, end)
        known |= more
    movie = _movie(file, at, end)
    if movie is not None:
        with suppress(Malformed):  # a maker's trailer may follow the last box
            yield from bmff.walk_between(file, movie, end)
        _check_movie(file, movie, end)


def _check_movie(file: BinaryIO, start: int, end: int) -> None:
    """`Malformed` where the movie of a motion photo has no header, or is cut off in it or in its media data."""
    seen: list[str] = []
    try:
        for box in boxes(file, start, end):
            seen.append(box.code)  # noqa: PERF401 - what came before a fault is asked
    except Malformed as error:
        if seen and seen[-1] in _MOVIE_BOXES and "reaches past" in str(error) and {"moov", "mdat"} & set(seen):
            raise Malformed(f"its movie is cut off: {error}") from error
    if len(seen) > 1 and seen[1] in _MOVIE_BOXES and not {"moov", "moof"} & set(seen):
        raise Malformed("its movie is not complete: it begins and has no header")


def frame_size(head: bytes) -> tuple[int, int] | None:
    """Width and height by the frame header (B.2.2), where it is in a file's first bytes."""
    at = 2
    while at + 9 < len(head) and head[at] == 0xFF:
        marker = head[at + 1]
        if marker in _FRAMES:
            height, width = struct.unpack_from(">HH", head, at + 5)
            return width, height
        at += 2 + int(struct.unpack_from(">H", head, at + 2)[0])
    return None


def _movie(file: BinaryIO, at: int, end: int) -> int | None:
    """Where the movie of a motion photo begins."""
    stop, tail = min(end, at + _MAX_STILLS), b""
    file.seek(at)
    while at < stop and (block := file.read(min(_WINDOW, stop - at))):
        if found := _MOVIE.search(tail + block):
            return at - len(tail) + found.start() - 4
        at, tail = at + len(block), (tail + block)[-16:]
    return None


def _image(file: BinaryIO, start: int, end: int) -> Generator[Part, None, tuple[int, frozenset[int]]]:
    """One image. Returns where it ends, and where its index says that others begin."""
    yield Part("SOI", start + 2, 0)
    at = start + 2
    others: frozenset[int] = frozenset()
    frame, scan = b"", 0
    while True:
        marker, at = _next_marker(file, at, end)
        if marker == _EOI:
            _check_picture(frame, at - scan if scan else 0)
            return at, others
        if marker in (_TEM, _SOI):
            continue
        file.seek(at)
        head = file.read(2)
        length = int.from_bytes(head, "big") if len(head) == 2 else 0
        if length < 2:
            raise Malformed(f"segment FF{marker:02X} at {at} declares {length} bytes")
        size = max(0, min(length, end - at) - 2)
        if marker == _COM or marker in _APP:
            yield Part("COM" if marker == _COM else f"APP{marker - 0xE0}", at + 2, size)
        if size < length - 2:
            raise Malformed(f"segment FF{marker:02X} at {at} reaches past the end")
        if marker in _FRAMES or marker == _LS_FRAME:
            frame = bytes((marker,)) + file.read(6)
        elif marker == _SOS:
            scan = scan or at
        if marker == 0xE2:
            others |= _read_index(file, at + 2, size)
        at += length


def _check_picture(frame: bytes, scanned: int) -> None:
    """`Malformed` where an image has no frame or no scan, or fewer bytes of scans than its blocks need.

    `frame` is the frame's marker and the head of its header, `scanned` the bytes from the first scan to the end. A
    block has at least one bit where codes are Huffman's, in a progressive picture too.
    """
    if len(frame) < 6 or not scanned:
        raise Malformed("holds no picture: no frame header or no scan")
    height, width = struct.unpack_from(">HH", frame, 2)
    blocks = -(-width // 8) * -(-height // 8)
    if frame[0] in _HUFFMAN and scanned < blocks // 8:
        raise Malformed(f"declares {width} × {height} pixels; its {scanned} bytes of scans cannot hold them")


def _next_marker(file: BinaryIO, at: int, end: int) -> tuple[int, int]:
    """The next marker at or behind an offset, and the offset behind it. Steps over entropy-coded data and litter."""
    window = 16
    while at + 1 < end:
        file.seek(at)
        data = file.read(min(window, end - at))
        if found := _MARKER.search(data):
            return data[found.end() - 1], at + found.end()
        if len(data) < 2:
            break
        at += len(data) - 1
        window = _WINDOW
    raise Malformed("ends without an end-of-image marker")


def _read_index(file: BinaryIO, at: int, size: int) -> frozenset[int]:
    """Offsets of the images that a multi-picture index in APP2 names."""
    file.seek(at)
    data = file.read(size)
    if not data.startswith(b"MPF\x00"):
        return frozenset()
    order = "<" if data[4:6] == b"II" else ">"
    offsets: set[int] = set()
    try:
        for entry in entries(BytesIO(data[4:]), len(data) - 4):
            if entry.tag == _MP_ENTRIES:
                table = data[4 + entry.offset :][: entry.size // 16 * 16]
                offsets.update(
                    at + 4 + offset for _, _, offset, _ in struct.iter_unpack(order + "IIII", table) if offset
                )
    except MediaError:
        pass  # a broken index only costs the images that nothing else leads to
    return frozenset(offsets)


def _next_image(file: BinaryIO, at: int, known: frozenset[int], end: int) -> int | None:
    for offset in (at, *sorted(offset for offset in known if at < offset < end)):
        file.seek(offset)
        if file.read(3) == b"\xff\xd8\xff":
            return offset
    return None
