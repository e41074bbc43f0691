"""Sounds that are a chain of frames: MPEG audio, ADTS, AC-3, Monkey's Audio, Musepack, WavPack.

MPEG audio is compared with what its first frame counts (Xing, Info, VBRI); of a plain chain only the last frame can be
checked.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import BinaryIO

from media.containers.part import read_at
from media.containers.sound_tags import essence_end, id3_end
from media.errors import Malformed
from media.identify.elementary import ac3_frame, adts_frame, mpeg_audio_frame
from media.whole.holes import check_units
from media.whole.piece import require

__all__ = ["check_ac3", "check_adts", "check_ape", "check_mp3", "check_musepack", "check_wavpack"]

TAIL = 64 * 1024
WINDOW = 24 * 1024
"""Bytes in which some frames follow one another: none of AC-3, the longest, has more than 3,840."""
_LINKS = 4
_CHAIN = 6
"""Frames in a row that make it sure where frames begin."""
_APE = b"APETAGEX"
_HEAD = 7
"""Bytes of the longest frame header: of fewer nothing is read."""
_MAX_BLOCKS = 2_000_000

Frame = Callable[[bytes, int], int]


def check_adts(file: BinaryIO, size: int) -> None:
    """The last frame."""
    _check_last(file, size, adts_frame)


def check_ac3(file: BinaryIO, size: int) -> None:
    """The last frame."""
    _check_last(file, size, ac3_frame)


def check_mp3(file: BinaryIO, size: int) -> None:
    """The bytes and frames that the first frame counts, and the last frame."""
    start, end = id3_end(file), essence_end(file, size)
    require(start, size, "its ID3 tag")
    if end <= start:
        raise Malformed("has a tag and no sound after it")
    head = read_at(file, start, 4096)
    first = next((at for at in range(len(head) - 4) if mpeg_audio_frame(head, at)), None)
    if first is not None:
        frames, stated = _read_counts(head[first:])
        there = end - start - first
        spare = mpeg_audio_frame(head, first)  # writers differ in whether the frame that counts is counted
        if stated and there + spare < stated:
            raise Malformed(f"declares {stated} bytes of sound in {frames or 'its'} frames; {there} are there")
    _check_last(file, size, mpeg_audio_frame)


def _read_counts(frame: bytes) -> tuple[int, int]:
    """Frames and bytes by Xing, Info or VBRI in the first frame; 0 where it does not say."""
    is_first = frame[1] >> 3 & 3 == 3
    is_mono = frame[3] >> 6 == 3
    side = (17 if is_mono else 32) if is_first else (9 if is_mono else 17)
    tag = frame[4 + side : 4 + side + 16]
    if tag[:4] in (b"Xing", b"Info"):
        flags = int.from_bytes(tag[4:8])
        frames = int.from_bytes(tag[8:12]) if flags & 1 else 0
        place = 12 if flags & 1 else 8
        return frames, int.from_bytes(tag[place : place + 4]) if flags & 2 else 0
    if frame[36:40] == b"VBRI":
        stated, frames = struct.unpack_from(">II", frame, 46)
        return frames, stated
    return 0, 0


def _check_last(file: BinaryIO, size: int, frame: Frame) -> None:
    """A chain of frames wherever it is looked at, and in the tail none that runs on to a frame without its end.

    What begins with no chain proves nothing.
    """
    start, end = id3_end(file), essence_end(file, size)
    if _has_chain(read_at(file, start, WINDOW), frame):
        check_units(file, start, end, WINDOW, lambda data: _has_chain(data, frame), "no frames follow one another")
    first = max(start, end - TAIL)
    tail = read_at(file, first, end - first)
    for begin in range(min(len(tail), 8192)):
        at, count = begin, 0
        while (length := frame(tail, at)) and at + length <= len(tail):
            at, count = at + length, count + 1
        is_sure = count >= _CHAIN or (count > 0 and first + begin == start)
        left = len(tail) - at
        if is_sure and (length or (0 < left < _HEAD and tail[at] == tail[begin])):
            raise Malformed(f"its last frame, at {first + at}, ends early, after {left} bytes: it was cut off")
        if count >= _CHAIN:
            return


def _has_chain(data: bytes, frame: Frame) -> bool:
    """Whether some frames follow one another in it."""
    begin = data.find(b"\xff") if frame is not ac3_frame else data.find(b"\x0b\x77")
    while begin >= 0:
        at = begin
        for _ in range(_LINKS):
            length = frame(data, at)
            if not length:
                break
            at += length
        else:
            return True
        begin = data.find(data[begin : begin + 1], begin + 1)
    return False


def check_ape(file: BinaryIO, size: int) -> None:
    """Monkey's Audio from 3.98: the lengths in its descriptor."""
    start = id3_end(file)
    head = read_at(file, start, 52)
    version = int.from_bytes(head[4:6], "little")
    if version < 3980:
        return
    lengths = struct.unpack_from("<7I", head, 8)
    descriptor, header, seek, wave_head, low, high, wave_tail = lengths
    total = descriptor + header + seek + wave_head + (low | high << 32) + wave_tail
    require(start + total, essence_end(file, size), "its frames")


def check_musepack(file: BinaryIO, size: int) -> None:
    """Stream version 8: packets up to the one that ends the stream; version 7 states no lengths."""
    at = id3_end(file)
    if read_at(file, at, 4) != b"MPCK":
        return
    at += 4
    for _ in range(_MAX_BLOCKS):
        head = read_at(file, at, 12)
        key = head[:2]
        if len(head) < 3 or not (key.isalpha() and key.isupper()):
            raise Malformed(f"no packet at {at}: it was cut off before the packet that ends its stream")
        if key == b"SE":
            return
        length, used = 0, 0
        for byte in head[2:]:
            length, used = length << 7 | byte & 0x7F, used + 1
            if not byte & 0x80:
                break
        if length < 2 + used:
            raise Malformed(f"a packet at {at} declares {length} bytes")
        at += length
        require(at, size, f"the packet {key.decode()}")
    raise Malformed("has no packet that ends its stream")


def check_wavpack(file: BinaryIO, size: int) -> None:
    """Blocks to the last, and the samples that the first one states."""
    at, total, reached = id3_end(file), -1, 0
    end = essence_end(file, size)
    for count in range(_MAX_BLOCKS):
        head = read_at(file, at, 32)
        if at >= end or head[:4] != b"wvpk":
            break
        length = int.from_bytes(head[4:8], "little") + 8
        require(at + length, size, f"the block at {at}")
        stated, index, samples = struct.unpack_from("<III", head, 12)
        if count == 0 and stated != 0xFFFFFFFF:
            total = stated | head[11] << 32
        reached = max(reached, (index | head[10] << 32) + samples)
        at += length
    if total > 0 and reached < total:
        raise Malformed(f"declares {total} samples; its last block ends at sample {reached}: it was cut off")
    behind = read_at(file, at, 32) if at < size else b""
    if behind.startswith(_APE) or (behind and _APE.startswith(behind)):
        body = int.from_bytes(behind[12:16], "little") if len(behind) == 32 else size
        require(at + 32 + body, size, "the tag after its sound")
