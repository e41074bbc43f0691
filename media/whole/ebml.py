"""Matroska and WebM (RFC 8794, RFC 9559): the segment, its clusters, and the elements that its indices name."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

from media.containers.ebml import Head, parse_head
from media.containers.part import read_at
from media.errors import Malformed
from media.limits import is_cut_short
from media.whole.holes import LOOK_BYTES, SMALLEST, spread
from media.whole.piece import require

__all__ = ["check"]

MAX_ELEMENTS = 2_000_000
"""Elements that are stepped over: a day of clusters, or an hour of blocks where clusters do not state their sizes."""

_HEADER, _SEGMENT, _CLUSTER = 0x1A45DFA3, 0x18538067, 0x1F43B675
_SEEK_HEAD, _SEEK, _SEEK_POSITION = 0x114D9B74, 0x4DBB, 0x53AC
_INFO, _SCALE, _DURATION, _TIME = 0x1549A966, 0x2AD7B1, 0x4489, 0xE7
_TRACKS, _CUES = 0x1654AE6B, 0x1C53BB6B
_TOP = frozenset({_SEEK_HEAD, _INFO, _TRACKS, _CLUSTER, _CUES, 0x1941A469, 0x1043A770, 0x1254C367, _SEGMENT, _HEADER})
_BLOCK, _SIMPLE_BLOCK, _GROUP = 0xA1, 0xA3, 0xA0
_TRACK, _NUMBER, _CODEC, _ENCODINGS = 0xAE, 0xD7, 0x86, 0x6D80
_RAW = ("A_PCM", "V_UNCOMPRESSED", "A_MS/ACM", "V_MS/VFW", "V_QUICKTIME", "S_", "B_", "D_")
"""Codecs whose blocks may be zeros: bare samples, and what another header describes."""
_LOOSE = 64
"""Blocks that are looked at in clusters whose sizes are not stated."""
_MAX_BLOCKS = 5000
"""Of one cluster."""
_SHORT_SECONDS, _SHORT_SHARE = 10.0, 0.05
"""A stream of unknown size that ends so much before its stated duration was cut."""


def check(file: BinaryIO, size: int) -> None:
    """The segment to its end, cluster by cluster."""
    header = _element(file, 0, size)
    if header is None or header.name != _HEADER or header.length is None:
        raise Malformed("has no EBML header")
    segment = _element(file, header.start + header.length, size)
    while segment is not None and segment.name != _SEGMENT and segment.length is not None:
        segment = _element(file, segment.start + segment.length, size)
    if segment is None or segment.name != _SEGMENT:
        raise Malformed("has no segment: nothing follows its EBML header")
    end = size
    if segment.length is not None:
        end = segment.start + segment.length
        require(end, size, "the segment")
    _check_inside(file, segment.start, end, size, is_sized=segment.length is not None)


def _check_inside(file: BinaryIO, start: int, end: int, size: int, *, is_sized: bool) -> None:
    clusters: list[Head] = []
    blocks: list[Head] = []
    coded: frozenset[int] = frozenset()
    last, duration, scale = 0, 0.0, 1_000_000
    for element in _elements(file, start, end):
        if element.length is not None:
            require(element.start + element.length, size, f"the element {element.name:X} at {element.start}")
        if element.name == _CLUSTER:
            clusters.append(element)
            inside = next(_elements(file, element.start, end), None)
            if inside is not None and inside.name == _TIME and inside.length:
                last = int.from_bytes(read_at(file, inside.start, min(inside.length, 8)))
        elif element.name == _SEEK_HEAD and element.length:
            _check_seeks(file, element, start, size)
        elif element.name == _INFO and element.length:
            scale, duration = _times(file, element)
        elif element.name == _SIMPLE_BLOCK:
            blocks.append(element)  # of a cluster whose size is not stated
        elif element.name == _TRACKS and element.length:
            coded = _find_coded_tracks(file, element)
    if not clusters:
        raise Malformed("has no cluster: there is no picture or sound in it")
    for number in spread(0, len(clusters) - 1):
        if clusters[number].length:
            _check_blocks(file, clusters[number], coded)
    for number in spread(0, len(blocks) - 1, _LOOSE):
        if _is_hollow(read_at(file, blocks[number].start, LOOK_BYTES), blocks[number], coded):
            raise Malformed(f"the block at {blocks[number].start} is zeros")
    seconds, reached = duration * scale / 1e9, last * scale / 1e9
    if not is_sized and is_cut_short(seconds, reached, seconds=_SHORT_SECONDS, share=_SHORT_SHARE):
        raise Malformed(f"declares {seconds:.1f} s; its last cluster begins at {reached:.1f} s")


def _find_coded_tracks(file: BinaryIO, tracks: Head) -> frozenset[int]:
    """The numbers of those whose blocks cannot be zeros from end to end."""
    found = set[int]()
    for track in _elements(file, tracks.start, tracks.start + (tracks.length or 0)):
        if track.name != _TRACK or not track.length:
            continue
        number, codec, is_wrapped = 0, "", False
        for field in _elements(file, track.start, track.start + track.length):
            if field.name == _NUMBER and field.length:
                number = int.from_bytes(read_at(file, field.start, min(field.length, 8)))
            elif field.name == _CODEC and field.length:
                codec = read_at(file, field.start, min(field.length, 64)).decode("latin-1")
            is_wrapped = is_wrapped or field.name == _ENCODINGS
        if codec and not is_wrapped and not codec.startswith(_RAW):
            found.add(number)
    return frozenset(found)


def _check_blocks(file: BinaryIO, cluster: Head, coded: frozenset[int]) -> None:
    """The blocks of a cluster: one after the other, and none of coded picture or sound zeros from its beginning."""
    end = cluster.start + (cluster.length or 0)
    try:
        for count, element in enumerate(_elements(file, cluster.start, end)):
            if count > _MAX_BLOCKS:
                return
            if element.name == _GROUP and element.length:
                group = _elements(file, element.start, element.start + element.length)
                inside = next((one for one in group if one.name == _BLOCK), None)
            else:
                inside = element if element.name == _SIMPLE_BLOCK else None
            if inside is not None and _is_hollow(read_at(file, inside.start, LOOK_BYTES), inside, coded):
                raise Malformed(f"the block at {inside.start} is zeros")
    except Malformed as error:
        raise Malformed(f"the cluster at {cluster.start}: {error}") from error


def _is_hollow(head: bytes, block: Head, coded: frozenset[int]) -> bool:
    """Whether a block's payload, behind its track, time and flags, is of a coded track and zeros."""
    payload = head[4 : block.length or 0]
    return len(payload) >= SMALLEST and head[0] & 0x7F in coded and bool(head[0] & 0x80) and not any(payload)


def _element(file: BinaryIO, at: int, end: int) -> Head | None:
    """The element at `at`; None at the end. `Malformed` where there is none."""
    data = read_at(file, at, 12)[: max(0, end - at)]
    if not data:
        return None
    found = parse_head(data)
    if found is None:
        raise Malformed(f"no length of an element at {at}: its structure ends early")
    return found._replace(start=at + found.start)


def _elements(file: BinaryIO, start: int, end: int) -> Iterator[Head]:
    """The elements of one level; for one of unknown size, also its contents."""
    at = start
    for _ in range(MAX_ELEMENTS):
        element = _element(file, at, end)
        if element is None:
            return
        yield element
        at = element.start + (element.length or 0)


def _check_seeks(file: BinaryIO, head: Head, segment: int, size: int) -> None:
    """What the seek head names begins before the end."""
    for seek in _elements(file, head.start, head.start + (head.length or 0)):
        if seek.name != _SEEK or not seek.length:
            continue
        for field in _elements(file, seek.start, seek.start + seek.length):
            if field.name == _SEEK_POSITION and field.length:
                place = segment + int.from_bytes(read_at(file, field.start, min(field.length, 8)))
                require(place + 1, size, f"what its seek head names at {place}")


def _times(file: BinaryIO, info: Head) -> tuple[int, float]:
    """Nanoseconds of a tick, and the duration in ticks."""
    scale, duration = 1_000_000, 0.0
    for field in _elements(file, info.start, info.start + (info.length or 0)):
        raw = read_at(file, field.start, min(field.length or 0, 8))
        if field.name == _SCALE and raw:
            scale = int.from_bytes(raw)
        elif field.name == _DURATION and len(raw) in (4, 8):
            (duration,) = struct.unpack(">f" if len(raw) == 4 else ">d", raw)
    return scale, duration if 0 < duration < 1e15 else 0.0
