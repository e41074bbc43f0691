"""ISO base media and QuickTime (ISO/IEC 14496-12): sample tables and fragments compared with the bytes of the file.

A movie is whole where each chunk of each track is inside the media data, and no coded sample that is read is zeros. A
movie that fragments complete is compared with its segment index, where it has one.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from media.containers import Part
from media.containers.bmff import walk
from media.containers.boxes import boxes
from media.containers.part import read_at
from media.errors import Malformed, TooLarge, Unsupported
from media.whole.fragments import Defaults, check_fragments
from media.whole.holes import is_hole

__all__ = ["check", "check_segment"]

MAX_SAMPLES = 20_000_000
"""Samples of one track whose sizes are added up: more than a hundred hours of sound or picture."""
LOOKS = 32
"""Samples of one track whose first bytes are read."""

_NO_ESSENCE = frozenset({"ftyp", "moov", "moof", "styp", "sidx", "mfra", "meta", "pdin", "prft", "emsg"})
_CODED = frozenset(
    "avc1 avc2 avc3 avc4 hvc1 hev1 dvh1 dvhe dva1 dvav av01 vp08 vp09 mp4v s263 h263 jpeg mjpa mjpb mjp2 "  # noqa: SIM905
    "apcn apch apcs apco ap4h ap4x aprn aprh CFHD AVdn AVdh AVDJ dvc  dvcp dvpp dv5n dv5p dvhp dvhq dvh5 dvh6 "
    "mp4a ac-3 ec-3 ac-4 Opus fLaC alac dtsc dtsh dtsl dtse .mp3 vvc1 vvi1 encv enca".split()
)
"""Sample entries whose samples cannot be zeros from end to end; raw pictures and PCM can."""


@dataclass(frozen=True, slots=True, eq=False)
class _Track:
    """A track's sample tables: chunk offsets, samples of each chunk, and the size of each sample or of all."""

    number: int
    codec: str
    offsets: NDArray[np.uint64]
    counts: NDArray[np.int64]
    sizes: NDArray[np.int64] | int
    samples: int


def check(file: BinaryIO, size: int) -> None:
    """A movie: its tracks, their media data, its fragments."""
    parts = _list_parts(file, size)
    names = {part.name for part in parts}
    if "moov" not in names:
        raise Malformed("has media data but no movie header (moov): it was cut off, or never finished")
    if "moov/cmov" in names:
        return  # a compressed header: FFmpeg opens it, nothing here does
    if "moov/trak" not in names:
        if "moov/rmra" in names:
            raise Unsupported("a QuickTime reference movie: its picture and sound are in another file")
        raise Malformed("its movie header (moov) declares no track")
    if "moov/mvhd" not in names:
        raise Malformed("its movie header (moov) has no mvhd")
    tracks = _tracks(file, parts)
    places = _places(parts, size)
    for track in tracks:
        _check_track(file, track, places, size)
    check_fragments(file, parts, size, _defaults(file, parts))
    is_initialisation = "moov/mvex" in names and "mdat" not in names  # the fragments are other files
    if not any(track.samples for track in tracks) and "moof" not in names and not is_initialisation:
        raise Malformed("its tracks declare no sample: there is no picture or sound in it")


def check_segment(file: BinaryIO, size: int) -> None:
    """A segment of a stream: its index and its fragments."""
    check_fragments(file, _list_parts(file, size), size, {})


def _list_parts(file: BinaryIO, size: int) -> list[Part]:
    parts = []
    for part in walk(file, size):
        parts.append(part)
        if len(parts) > 1_000_000:
            raise TooLarge("more than a million boxes in one movie")
    return parts


def _tracks(file: BinaryIO, parts: list[Part]) -> list[_Track]:
    """The tracks that have essence in this file. `Unsupported` where one has it in another."""
    found: list[_Track] = []
    for group in _groups(parts):
        external = _external(file, group.get("mdia/minf/dinf"))
        handler = _handler(file, group.get("mdia/hdlr"))
        if external and handler in ("vide", "soun"):
            raise Unsupported(f"the picture or sound of its track {len(found) + 1} is in another file ({external})")
        if not external:
            found.append(_track(file, len(found) + 1, group))
    return found


def _groups(parts: list[Part]) -> Iterator[dict[str, Part]]:
    """The boxes of each track, by their path inside it."""
    group: dict[str, Part] | None = None
    for part in parts:
        if part.name == "moov/trak":
            if group is not None:
                yield group
            group = {}
        elif group is not None and part.name.startswith("moov/trak/"):
            group.setdefault(part.name.removeprefix("moov/trak/"), part)
    if group is not None:
        yield group


def _handler(file: BinaryIO, box: Part | None) -> str:
    return read_at(file, box.offset + 8, 4).decode("latin-1") if box is not None else ""


def _external(file: BinaryIO, dinf: Part | None) -> str:
    """The kind of reference where no data reference is to this file; empty where one is."""
    if dinf is None:
        return ""
    elsewhere = ""
    for box in boxes(file, dinf.offset, dinf.offset + dinf.size):
        if box.code != "dref":
            continue
        for entry in boxes(file, box.offset + 8, box.end):
            flags = int.from_bytes(read_at(file, entry.offset + 1, 3))
            if flags & 1 or entry.size <= 5:
                return ""
            elsewhere = entry.code.strip()
    return elsewhere


def _track(file: BinaryIO, number: int, group: dict[str, Part]) -> _Track:
    table = "mdia/minf/stbl/"
    description = group.get(table + "stsd")
    codec = read_at(file, description.offset + 12, 4).decode("latin-1") if description else ""
    samples, sizes = _sizes(file, group.get(table + "stsz"), group.get(table + "stz2"))
    wide = group.get(table + "co64")
    offsets = _table(file, wide or group.get(table + "stco"), ">u8" if wide else ">u4").astype(np.uint64)
    runs = _table(file, group.get(table + "stsc"), ">u4", columns=3)
    return _Track(number, codec, offsets, _counts(runs, len(offsets)), sizes, samples)


def _defaults(file: BinaryIO, parts: list[Part]) -> dict[int, Defaults]:
    """Track number → what `stsd`, `mdhd` and `trex` say of its samples."""
    found: dict[int, Defaults] = {}
    for group in _groups(parts):
        head, media, described = (group.get(name) for name in ("tkhd", "mdia/mdhd", "mdia/minf/stbl/stsd"))
        if head is None or media is None or described is None:
            continue
        number, scale = (
            int.from_bytes(read_at(file, box.offset + (20 if read_at(file, box.offset, 1) == b"\1" else 12), 4))
            for box in (head, media)
        )
        codec = read_at(file, described.offset + 12, 4).decode("latin-1")
        found[number] = Defaults(codec, codec in _CODED, scale, 0, 0)
    for part in parts:
        for box in boxes(file, part.offset, part.offset + part.size) if part.name == "moov/mvex" else ():
            if box.code == "trex":
                number, duration, size = struct.unpack(">4xI4xII", read_at(file, box.offset, 20))
                found[number] = found.get(number, Defaults("", False, 0, 0, 0))._replace(duration=duration, size=size)
    return found


def _table(file: BinaryIO, box: Part | None, kind: str, *, columns: int = 1) -> NDArray[np.generic]:
    """The entries of a counted table. `Malformed` where it promises more than it holds."""
    width = np.dtype(kind).itemsize * columns
    if box is None:
        return np.zeros((0, columns) if columns > 1 else 0, kind)
    count = int.from_bytes(read_at(file, box.offset + 4, 4))
    if count * width > box.size - 8:
        raise Malformed(f"{box.name.rpartition('/')[2]} promises {count} entries in {box.size} bytes")
    if count > MAX_SAMPLES:
        raise TooLarge(f"{count} entries in one sample table")
    found = np.frombuffer(read_at(file, box.offset + 8, count * width), kind)
    return found.reshape(-1, columns) if columns > 1 else found


def _sizes(file: BinaryIO, plain: Part | None, compact: Part | None) -> tuple[int, NDArray[np.int64] | int]:
    """How many samples there are, and the size of each, or one for all."""
    if plain is not None:
        same, count = struct.unpack(">II", read_at(file, plain.offset + 4, 8))
        if same or not count:
            return count, same
        if count * 4 > plain.size - 12:
            raise Malformed(f"stsz promises {count} sizes in {plain.size} bytes")
        if count > MAX_SAMPLES:
            raise TooLarge(f"{count} samples in one track")
        return count, np.frombuffer(read_at(file, plain.offset + 12, count * 4), ">u4").astype(np.int64)
    if compact is None:
        return 0, 0
    bits, count = struct.unpack(">xxxBI", read_at(file, compact.offset + 4, 8))
    if bits not in (4, 8, 16) or (count * bits + 7) // 8 > compact.size - 12 or count > MAX_SAMPLES:
        raise Malformed(f"stz2 promises {count} sizes of {bits} bits in {compact.size} bytes")
    raw = read_at(file, compact.offset + 12, (count * bits + 7) // 8)
    if bits == 4:
        halves = np.frombuffer(raw, np.uint8)
        return count, np.stack([halves >> 4, halves & 15], axis=1).reshape(-1)[:count].astype(np.int64)
    return count, np.frombuffer(raw, ">u2" if bits == 16 else np.uint8).astype(np.int64)


def _counts(runs: NDArray[np.generic], chunks: int) -> NDArray[np.int64]:
    """Samples of each chunk, from the runs of `stsc`: first chunk (from 1), samples a chunk, description."""
    if not len(runs) or not chunks:
        return np.zeros(chunks, np.int64)
    table = runs.astype(np.int64)
    firsts = np.clip(table[:, 0] - 1, 0, chunks)
    lengths = np.diff(np.append(firsts, chunks))
    if firsts[0] != 0 or (lengths < 0).any():
        raise Malformed("stsc does not name the chunks in order from the first")
    return np.repeat(table[:, 1], lengths)


def _places(parts: list[Part], size: int) -> list[tuple[int, int]]:
    """Parts of the file that cannot hold essence: headers, and what comes after the end."""
    inside = [(part.offset - 8, part.offset + part.size) for part in parts if part.name in _NO_ESSENCE]
    return [*inside, (size, 1 << 63)]


def _check_track(file: BinaryIO, track: _Track, places: list[tuple[int, int]], size: int) -> None:
    if not track.samples:
        return
    if not len(track.offsets):
        raise Malformed(f"track {track.number} declares {track.samples} samples and no chunk that holds them")
    covered = int(track.counts.sum())
    if covered < track.samples:
        raise Malformed(f"track {track.number} declares {track.samples} samples; its chunks hold {covered}")
    starts = np.minimum(track.offsets, 1 << 62).astype(np.int64)
    ends = starts + _lengths(track)
    for first, last in places:
        outside = (starts < last) & (ends > first) & (ends > starts)
        if outside.any():
            lost = int(np.where(outside, track.counts, 0).sum())
            what = f"the file ends at {size}" if first == size else f"there is a header at {first}"
            raise Malformed(
                f"track {track.number}: about {min(lost, track.samples)} of {track.samples} samples are not there: "
                f"a chunk ends at {int(ends[outside].max())}, and {what}"
            )
    if track.codec in _CODED:
        _check_zeros(file, track, starts)


def _lengths(track: _Track) -> NDArray[np.int64]:
    """Bytes of each chunk."""
    if isinstance(track.sizes, int):
        # A PCM track of QuickTime states 1 for "one frame of samples"; only its first byte is then sure.
        return np.minimum(track.counts, track.samples) * track.sizes
    until = np.minimum(np.cumsum(track.counts), track.samples)
    total = np.concatenate([[0], np.cumsum(track.sizes)])
    return np.asarray(np.diff(total[np.concatenate([[0], until])]), np.int64)


def _check_zeros(file: BinaryIO, track: _Track, starts: NDArray[np.int64]) -> None:
    """Samples from first to last, a coded one of which is never zeros."""
    firsts = np.concatenate([[0], np.cumsum(track.counts)])
    for sample in np.unique(np.linspace(0, track.samples - 1, LOOKS).astype(np.int64)):
        chunk = int(np.searchsorted(firsts, sample, side="right")) - 1
        before = sample - firsts[chunk]
        if isinstance(track.sizes, int):
            at, length = int(starts[chunk] + before * track.sizes), track.sizes
        else:
            at = int(starts[chunk] + track.sizes[firsts[chunk] : sample].sum())
            length = int(track.sizes[sample])
        if is_hole(file, at, length):
            raise Malformed(
                f"track {track.number} ({track.codec}): sample {int(sample) + 1} of {track.samples} is zeros"
            )
