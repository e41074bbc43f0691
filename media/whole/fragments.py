"""Movie fragments (ISO/IEC 14496-12 §8.8): where their samples are, how long they last, and what is promised about
them."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from typing import BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from media.containers import Part
from media.containers.boxes import Atom, boxes
from media.containers.part import read_at
from media.errors import Malformed, TooLarge
from media.limits import is_cut_short
from media.whole.holes import is_hole, spread
from media.whole.piece import require

__all__ = ["Defaults", "check_fragments"]

_RUN_LOOKS = 4
_MAX_RUN = 5_000_000


class Defaults(NamedTuple):
    """What the movie's header states about a track's samples where a fragment does not."""

    codec: str
    is_coded: bool
    """Whether none of its samples can be zeros from end to end."""
    timescale: int
    duration: int
    size: int


_NONE = Defaults("", is_coded=False, timescale=0, duration=0, size=0)


class _Run(NamedTuple):
    """Samples in a row."""

    track: Defaults
    at: int
    sizes: NDArray[np.int64]
    ends: float
    """Seconds at which the last of them ends; 0 where no time is stated."""


def check_fragments(file: BinaryIO, parts: list[Part], size: int, tracks: Mapping[int, Defaults]) -> None:
    """Each fragment's runs, coded samples that are zeros, and what segment indices and the movie's header promise."""
    fragments = [part for part in parts if part.name == "moof"]
    looked = {fragments[number].offset for number in spread(0, len(fragments) - 1)}
    reached = 0.0
    for part in parts:
        if part.name == "moof":
            for run in _runs(file, part, tracks):
                require(run.at + int(run.sizes.sum()), size, f"the fragment at {part.offset - 8}")
                reached = max(reached, run.ends)
                if part.offset in looked and run.track.is_coded:
                    _check_zeros(file, run, part)
        elif part.name == "sidx":
            _check_index(file, part, size)
    if fragments and reached:
        _check_duration(file, parts, reached)


def _check_duration(file: BinaryIO, parts: list[Part], reached: float) -> None:
    """The whole duration that `mehd` states, in ticks of `mvhd`."""
    extends = next((part for part in parts if part.name == "moov/mvex"), None)
    header = next((part for part in parts if part.name == "moov/mvhd"), None)
    if extends is None or header is None:
        return
    wide = read_at(file, header.offset, 1) == b"\1"
    (scale,) = struct.unpack(">I", read_at(file, header.offset + (20 if wide else 12), 4))
    for box in boxes(file, extends.offset, extends.offset + extends.size):
        if box.code != "mehd" or not scale:
            continue
        body = read_at(file, box.offset, 12)
        ticks = int.from_bytes(body[4:12] if body[0] else body[4:8])
        seconds = ticks / scale
        if ticks < (1 << (63 if body[0] else 31)) and is_cut_short(seconds, reached):
            raise Malformed(f"declares {seconds:.1f} s; its fragments end at {reached:.1f} s: it was cut off")


def _check_zeros(file: BinaryIO, run: _Run, part: Part) -> None:
    starts = run.at + np.concatenate([[0], np.cumsum(run.sizes)])
    for sample in spread(0, len(run.sizes) - 1, _RUN_LOOKS):
        if is_hole(file, int(starts[sample]), int(run.sizes[sample])):
            raise Malformed(f"the fragment at {part.offset - 8}: a sample at {int(starts[sample])} is zeros")


def _runs(file: BinaryIO, moof: Part, tracks: Mapping[int, Defaults]) -> Iterator[_Run]:
    """The runs of a fragment (§8.8.8), as far as its own boxes state sizes."""
    header = moof.offset - 8
    for traf in boxes(file, moof.offset, moof.offset + moof.size):
        if traf.code != "traf":
            continue
        track, base, at, time = _NONE, header, header, 0
        is_timed = False
        for box in boxes(file, traf.offset, traf.end):
            if box.code == "tfhd":
                track, base = _header(read_at(file, box.offset, min(box.size, 64)), header, tracks)
                at = base
            elif box.code == "tfdt":
                body, is_timed = read_at(file, box.offset, 12), True
                time = int.from_bytes(body[4:12] if body[0] else body[4:8])
            elif box.code == "trun":
                at, sizes, ticks = _read_run(file, box, base, track, at)
                time += ticks
                yield _Run(track, at, sizes, time / track.timescale if is_timed and track.timescale else 0.0)
                at += int(sizes.sum())


def _header(body: bytes, header: int, tracks: Mapping[int, Defaults]) -> tuple[Defaults, int]:
    """The fragment's own defaults, and what its offsets count from (§8.8.7)."""
    flags, at = int.from_bytes(body[1:4]), 8
    track = tracks.get(int.from_bytes(body[4:8]), _NONE)
    base = header
    if flags & 1:
        base, at = int.from_bytes(body[8:16]), 16
    at += 4 * bool(flags & 2)
    if flags & 8:
        track, at = track._replace(duration=int.from_bytes(body[at : at + 4])), at + 4
    if flags & 0x10:
        track = track._replace(size=int.from_bytes(body[at : at + 4]))
    return track, base


def _read_run(file: BinaryIO, box: Atom, base: int, track: Defaults, at: int) -> tuple[int, NDArray[np.int64], int]:
    """Where a run begins, the size of each of its samples, and the ticks that they last."""
    head = read_at(file, box.offset, 8)
    flags, count = int.from_bytes(head[1:4]), int.from_bytes(head[4:8])
    skip = 8
    if flags & 1:
        at, skip = base + int.from_bytes(read_at(file, box.offset + skip, 4), signed=True), skip + 4
    skip += 4 * bool(flags & 4)
    fields = [bit for bit in (0x100, 0x200, 0x400, 0x800) if flags & bit]
    if count * 4 * len(fields) > box.size - skip:
        raise Malformed(f"a run of a fragment at {box.offset} promises {count} samples in {box.size} bytes")
    table = np.frombuffer(read_at(file, box.offset + skip, count * 4 * len(fields)), ">u4").reshape(count, -1)
    sizes = _field(table, fields, 0x200, track.size, count)
    return at, sizes, int(_field(table, fields, 0x100, track.duration, count).sum())


def _field(table: NDArray[np.uint32], fields: list[int], bit: int, same: int, count: int) -> NDArray[np.int64]:
    if bit in fields:
        return table[:, fields.index(bit)].astype(np.int64)
    if count > _MAX_RUN:
        raise TooLarge(f"{count} samples in one run of a fragment")
    return np.broadcast_to(np.int64(same), count)


def _check_index(file: BinaryIO, part: Part, size: int) -> None:
    """A segment index (§8.16.3): the bytes that it refers to follow it."""
    version = read_at(file, part.offset, 1)[0]
    first = read_at(file, part.offset + 12, 20)
    gap = struct.unpack_from(">8xQ" if version else ">4xI", first)[0]
    head = 12 + (16 if version else 8)
    count = int.from_bytes(read_at(file, part.offset + head + 2, 2))
    table = read_at(file, part.offset + head + 4, 12 * count)
    total = sum(int.from_bytes(table[at : at + 4]) & 0x7FFFFFFF for at in range(0, len(table) - 11, 12))
    require(part.offset + part.size + gap + total, size, f"what the segment index at {part.offset - 8} names")
