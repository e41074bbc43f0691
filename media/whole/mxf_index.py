"""MXF's index tables (SMPTE ST 377-1 §11): the edit units that they name compared with the essence of the file.

Essence is counted by the partition packs: what is between a pack's metadata and the next pack, at its own offset in the
stream of its body. That is known only where a random index names every partition.
"""

from __future__ import annotations

import struct
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from media.containers import Part, mxf
from media.containers.part import read_at
from media.errors import Malformed
from media.limits import is_cut_short
from media.whole.holes import LOOK_BYTES, spread

__all__ = ["DURATIONS", "Body", "check_index"]

_SEQUENCE, _TRACK = (f"set:0d0101010101{kind}00" for kind in ("0f", "3b"))
_DESCRIPTORS = frozenset(f"set:0d0101010101{kind}00" for kind in ("27", "28", "29", "42", "47", "48", "51"))
"""Of one picture or sound; a multiple descriptor has others inside."""
DURATIONS = frozenset({_SEQUENCE, _TRACK, *_DESCRIPTORS})
"""The sets of the header that state how long its picture and sound last."""

_SEGMENT = bytes.fromhex("060e2b34025301010d01020101100100")
_RATE, _START, _DURATION, _BYTES, _BODY, _ENTRIES = 0x3F0B, 0x3F0C, 0x3F0D, 0x3F05, 0x3F07, 0x3F0A
_SAMPLE_RATE, _CONTAINER_DURATION = 0x3001, 0x3002
_ID, _EDIT_RATE, _SEQUENCE_OF, _LASTING, _DEFINITION = 0x3C0A, 0x4B01, 0x4803, 0x0202, 0x0201
_SHOWN = (bytes.fromhex("0103020201"), bytes.fromhex("0103020202"))
"""Of the data definitions of picture and sound (SMPTE ST 377-1 Annex F.6)."""
_ESSENCE = bytes.fromhex("060e2b34010201010d010301")
_PICTURES, _BARE = frozenset({0x05, 0x15}), frozenset({1, 2, 3, 4})
"""Item types of pictures, and element types of pictures without coding (ST 379-2, ST 384)."""
_MAX_SEGMENT = 64 << 20


class Body(NamedTuple):
    """The content of one partition after its metadata."""

    offset: int
    """Where its essence begins."""
    end: int
    """Where the next partition begins."""
    index_at: int
    """Where its index begins, which ends at its essence."""
    body: int
    """The number of its essence; 0 where it has none."""
    stream_at: int
    """Where its essence begins in the stream of the body."""

    @property
    def stream_end(self) -> int:
        """Where it ends in the stream of the body."""
        return self.stream_at + self.end - self.offset


@dataclass(frozen=True, slots=True, eq=False)
class _Segment:
    body: int
    rate: Fraction
    start: int
    duration: int
    unit: int
    """Bytes of every edit unit; 0 where they differ."""
    offsets: NDArray[np.uint64]


def check_index(file: BinaryIO, bodies: Sequence[Body], durations: Sequence[Part]) -> None:
    """The segments of all partitions; `durations` are the sets of the header that state some."""
    segments: dict[tuple[int, int], _Segment] = {}
    for body in bodies:
        for segment in _segments(file, body):
            segments[segment.body, segment.start] = segment  # the last one is the complete one
    essence: dict[int, list[Body]] = defaultdict(list)
    for body in bodies:
        if body.body:
            essence[body.body].append(body)
    for number, held in essence.items():
        found = sorted((one for one in segments.values() if one.body == number), key=lambda one: one.start)
        if found:
            _check_body(file, held, found)
    if len(essence) == 1 and segments:
        _check_duration(file, list(segments.values()), durations)


def _segments(file: BinaryIO, body: Body) -> Iterator[_Segment]:
    at = body.index_at
    while at < body.offset:
        key, start, length = mxf.klv(file, at, body.end)
        if key == _SEGMENT and length <= _MAX_SEGMENT:
            yield _segment(read_at(file, start, length))
        at = start + length


def _segment(data: bytes) -> _Segment:
    items = dict(_items(data))
    start, duration, unit, body = (int.from_bytes(items.get(tag, b"")) for tag in (_START, _DURATION, _BYTES, _BODY))
    entries = items.get(_ENTRIES, b"")
    offsets = np.zeros(0, np.uint64)
    if len(entries) >= 8:
        count, width = struct.unpack(">II", entries[:8])
        if width >= 11 and 8 + count * width <= len(entries):
            table = np.frombuffer(entries, np.uint8, count * width, 8).reshape(count, width)
            offsets = np.ascontiguousarray(table[:, 3:11]).view(">u8").reshape(-1).astype(np.uint64)
    return _Segment(body, _ratio(items.get(_RATE, b"")), start, 0 if duration >> 63 else duration, unit, offsets)


def _items(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The items of a local set with two-byte tags and lengths."""
    at = 0
    while at + 4 <= len(data):
        tag, length = struct.unpack_from(">HH", data, at)
        yield tag, data[at + 4 : at + 4 + length]
        at += 4 + length


def _check_body(file: BinaryIO, held: Sequence[Body], segments: Sequence[_Segment]) -> None:
    extent = max(one.stream_end for one in held)
    for segment in segments:
        last = int(segment.offsets.max()) if len(segment.offsets) else 0
        if segment.unit and segment.duration > 0:
            last = (segment.start + segment.duration - 1) * segment.unit
        if last >= extent + segment.unit:
            raise Malformed(f"its index names essence at byte {last}; {extent} bytes are there: it was cut off")
    for at in _looks(segments, extent):
        place = next((one for one in held if one.stream_at <= at < one.stream_end), None)
        if place is not None:
            _check_zeros(file, place, place.offset + at - place.stream_at)


def _looks(segments: Sequence[_Segment], extent: int) -> Iterator[int]:
    """Offsets in the stream of the body at which an edit unit begins."""
    offsets = np.concatenate([one.offsets for one in segments])
    unit = segments[0].unit
    if unit:
        yield from (number * unit for number in spread(0, extent // unit - 1))
    elif len(offsets):
        yield from (int(offsets[number]) for number in spread(0, len(offsets) - 1))


def _check_zeros(file: BinaryIO, place: Body, at: int) -> None:
    """An edit unit that begins at `at`: a key in frame wrapping, a coded picture in the one value of clip wrapping."""
    found = _element(file, place.offset, place.end)
    if found is None:
        return
    key, start, length = found
    is_clip = length > (place.end - start) // 2
    if is_clip and (key[12] not in _PICTURES or key[14] in _BARE):
        return
    data = read_at(file, at, min(LOOK_BYTES, place.end - at))
    if len(data) == LOOK_BYTES and not any(data):
        raise Malformed(f"an edit unit of its essence, at {at}, is zeros")


def _element(file: BinaryIO, at: int, end: int) -> tuple[bytes, int, int] | None:
    """Key, offset and length of the first essence element: behind fill items and system items."""
    for _ in range(64):
        if at >= end:
            break
        key, start, length = mxf.klv(file, at, end)
        if key.startswith(_ESSENCE):
            return key, start, length
        at = start + length
    return None


def _check_duration(file: BinaryIO, segments: list[_Segment], durations: Sequence[Part]) -> None:
    """The stated duration of a container whose index counts from its first edit unit without a gap."""
    reached = 0
    for segment in sorted(segments, key=lambda one: one.start):
        if segment.start > reached or segment.duration <= 0:
            return
        reached = max(reached, segment.start + segment.duration)
    rate = segments[0].rate
    for declared in _read_durations(file, durations) if rate else ():
        there = float(reached / rate)
        if is_cut_short(declared, there):
            raise Malformed(f"declares {declared:.1f} s; its index ends at {there:.1f} s: it was cut off")


def _read_durations(file: BinaryIO, durations: Sequence[Part]) -> Iterator[float]:
    """Seconds that the header states: of its descriptors, and of the sequences of its tracks of picture and sound."""
    rates: dict[bytes, Fraction] = {}
    lasting: dict[bytes, int] = {}
    for part in durations:
        items = dict(_items(read_at(file, part.offset, min(part.size, 1 << 16))))
        if part.name == _TRACK:
            rates[items.get(_SEQUENCE_OF, b"")] = _ratio(items.get(_EDIT_RATE, b""))
        elif part.name == _SEQUENCE:
            if any(shown in items.get(_DEFINITION, b"") for shown in _SHOWN):
                lasting[items.get(_ID, b"")] = int.from_bytes(items.get(_LASTING, b"")[:8], signed=True)
        elif rate := _ratio(items.get(_SAMPLE_RATE, b"")):
            yield float(int.from_bytes(items.get(_CONTAINER_DURATION, b"")[:8], signed=True) / rate)
    yield from (float(lasting[name] / rate) for name, rate in rates.items() if rate and name in lasting)


def _ratio(data: bytes) -> Fraction:
    """A rate of two whole numbers; 0 where it is none."""
    up, down = struct.unpack(">ii", data.ljust(8, b"\0")[:8])
    return Fraction(up, down) if up > 0 and down > 0 else Fraction(0)
