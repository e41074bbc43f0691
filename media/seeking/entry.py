"""Coded pictures at which a decoder can enter: what is shown after one never refers to what is before it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, Final

__all__ = ["is_entry", "is_known", "length_bytes"]

_ALL_KEY: Final = frozenset({"cfhd", "dnxhd", "dvvideo", "jpeg2000", "mjpeg", "png", "prores", "rawvideo", "v210"})
"""Codecs of key frames only, as FFmpeg names them."""
_CODED: Final = {"h264": frozenset(range(1, 6)), "hevc": frozenset(range(32))}
_ENTRIES: Final = {"h264": frozenset({5}), "hevc": frozenset(range(16, 22))}
"""Types of units that hold a part of a picture, and of those in entries, which are IDR and IRAP pictures (ITU-T H.264
table 7-1, H.265 table 7-1)."""
_LENGTHS: Final = {"h264": 4, "hevc": 21}
"""The byte of `avcC` and `hvcC` that states the size of lengths (ISO/IEC 14496-15)."""


def is_known(codec: str) -> bool:
    """Whether entries of a codec can be recognised here."""
    return codec in _ALL_KEY or codec in _CODED


def length_bytes(codec: str, extradata: bytes) -> int:
    """Bytes of the length before each unit of a movie's pictures; 0 where the codec has none, or none is stated."""
    at = _LENGTHS.get(codec)
    return (extradata[at] & 3) + 1 if at is not None and len(extradata) > at and extradata[0] == 1 else 0


def is_entry(file: BinaryIO, place: int, size: int, codec: str, lengths: int) -> bool:
    """Whether a decoder can enter at a coded picture, which is at a place of a movie with so many `length_bytes`."""
    if codec in _ALL_KEY:
        return True
    kinds = [kind for kind in _kinds(file, place, size, codec, lengths) if kind in _CODED[codec]]
    return bool(kinds) and all(kind in _ENTRIES[codec] for kind in kinds)


def _kinds(file: BinaryIO, place: int, size: int, codec: str, lengths: int) -> Iterator[int]:
    """The types of a picture's units."""
    at = place
    while lengths and at + lengths < place + size:
        file.seek(at)
        head = file.read(lengths + 1)
        if len(head) <= lengths:
            return
        yield head[-1] & 31 if codec == "h264" else head[-1] >> 1 & 63
        at += lengths + int.from_bytes(head[:-1])
