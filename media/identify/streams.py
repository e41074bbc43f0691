"""Whether a container holds pictures or sound alone: by its tracks' own headers, a few reads at the head.

Where that is not visible, it does not count as sound alone: the file then is of the format's usual kind.
"""

from __future__ import annotations

import re
import struct
from itertools import islice
from typing import BinaryIO

from media.containers import bmff, mxf, riff
from media.containers.boxes import boxes
from media.errors import MediaError
from media.identify.packets import is_sound_in_flash, is_sound_in_program, is_sound_in_transport

__all__ = ["has_pictures", "is_sound_only"]

_HEAD = 1 << 18
_MAX_BOXES = 256
_MAX_PARTS = 4096
_PICTURES = frozenset({b"vide", b"auxv", b"pict"})

_DESCRIPTOR = "set:0d0101010101"
_MXF_PICTURES = frozenset({"2700", "2800", "2900", "5100", "5a00"})
_MXF_SOUNDS = frozenset({"4200", "4700", "4800", "7b00", "8106"})
"""Descriptors (SMPTE ST 377-1 Annex F, ST 382, ST 422, ST 2067-201, ST 2127-1): generic, CDCI, RGBA, MPEG and JPEG 2000
pictures; generic, AES3 and wave sounds, immersive audio, sound with metadata."""

_OGG_PICTURES = (b"\x80theora", b"\x80daala", b"BBCD\0", b"OVP80", b"\x01video\0")
"""Theora, Daala, Dirac, VP8, and what Ogg Media wraps."""
_ASF_VIDEO = bytes.fromhex("c0ef19bc4d5bcf11a8fd00805f5c442b")
_ASF_AUDIO = bytes.fromhex("409e69f84d5bcf11a8fd00805f5c442b")
_EBML_TRACKS = b"\x16\x54\xae\x6b"
_EBML_TYPE = re.compile(rb"\x83(?:\x81|\x88\0{7}|\x40\x01|\x20\0\x01)([\x01-\x21])")


def is_sound_only(file: BinaryIO, media_type: str, size: int) -> bool:
    """Whether a file of a media type that can hold pictures has a track of sound and none of pictures."""
    look = {
        "video/mp4": _movie,
        "video/quicktime": _movie,
        "application/mxf": _mxf,
        "video/x-matroska": _matroska,
        "video/x-ms-asf": _asf,
        "video/x-msvideo": _avi,
        "video/x-flv": is_sound_in_flash,
        "video/mp2t": is_sound_in_transport,
        "video/mpeg": is_sound_in_program,
    }.get(media_type)
    if look is None:
        return False
    try:
        return look(file, size)
    except (MediaError, struct.error, IndexError, ValueError, OverflowError):
        return False


def has_pictures(file: BinaryIO, media_type: str, size: int) -> bool:
    """Whether a file of a media type for sound nevertheless has a track of pictures."""
    look = {"audio/mp4": lambda file, size: bool(_handlers(file, size) & _PICTURES), "audio/ogg": _ogg}.get(media_type)
    try:
        return look is not None and look(file, size)
    except (MediaError, struct.error, IndexError, ValueError, OverflowError):
        return False


def _ogg(file: BinaryIO, _size: int) -> bool:
    """By the first packets of its streams, which stand before all others (RFC 3533 §4)."""
    file.seek(0)
    head, at = file.read(_HEAD), 0
    while head[at : at + 5] == b"OggS\0" and head[at + 5] & 2:
        begin = at + 27 + head[at + 26]
        if head.startswith(_OGG_PICTURES, begin):
            return True
        at = begin + sum(head[at + 27 : begin])
    return False


def _movie(file: BinaryIO, size: int) -> bool:
    kinds = _handlers(file, size)
    return b"soun" in kinds and not kinds & _PICTURES


def _handlers(file: BinaryIO, size: int) -> set[bytes]:
    """The handlers of a movie's tracks (ISO/IEC 14496-12 §8.4.3)."""
    kinds: set[bytes] = set()
    for box in islice(boxes(file, 0, size), _MAX_BOXES):
        if box.code != "moov":
            continue
        for part in islice(bmff.walk_between(file, box.offset, box.end), _MAX_PARTS):
            if part.name == "trak/mdia/hdlr":
                file.seek(part.offset + 8)
                kinds.add(file.read(4))
        break
    return kinds


def _avi(file: BinaryIO, size: int) -> bool:
    """By the types in its stream headers."""
    kinds: set[bytes] = set()
    for part in islice(riff.walk(file, size), _MAX_PARTS):
        if part.name == "LIST/movi":
            break
        if part.name.endswith("/strh"):
            file.seek(part.offset)
            kinds.add(file.read(4))
    return b"auds" in kinds and kinds <= {b"auds", b"txts", b"mids"}


def _mxf(file: BinaryIO, size: int) -> bool:
    """By the descriptors of its header metadata."""
    kinds: set[str] = set()
    for part in islice(mxf.walk(file, size), _MAX_PARTS):
        if kinds and part.name.endswith("-partition"):
            break  # the header of each partition repeats it
        if part.name.startswith(_DESCRIPTOR):
            kinds.add(part.name.removeprefix(_DESCRIPTOR))
    return bool(kinds & _MXF_SOUNDS) and not kinds & _MXF_PICTURES


def _matroska(file: BinaryIO, _size: int) -> bool:
    """By the types of its tracks, where they lie at the head: 1 is video, 2 audio (RFC 9559 §5.1.4.1.3)."""
    file.seek(0)
    head = file.read(_HEAD)
    at = head.find(_EBML_TRACKS)
    if at < 0 or at + 12 > len(head):
        return False
    wide = 9 - head[at + 4].bit_length()
    length = int.from_bytes(head[at + 4 : at + 4 + wide]) & ((1 << (7 * wide)) - 1)
    tracks = head[at + 4 + wide : at + 4 + wide + length]
    kinds = {found[0] for found in _EBML_TYPE.findall(tracks)}
    return len(tracks) == length and 2 in kinds and not kinds & {1, 3}


def _asf(file: BinaryIO, _size: int) -> bool:
    """By the stream types of its header."""
    file.seek(16)
    head = file.read(min(_HEAD, int.from_bytes(file.read(8), "little")))
    return _ASF_AUDIO in head and _ASF_VIDEO not in head
