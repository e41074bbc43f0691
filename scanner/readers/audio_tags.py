"""Tags of sound files, by mutagen: ID3 (before and behind MP3 and its kin, in WAV and AIFF), Vorbis comments, APE."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any, BinaryIO

import mutagen
from mutagen import apev2, flac, id3, oggflac, oggopus, oggspeex, oggtheora, oggvorbis

from media.errors import Malformed, MediaError, TooLarge
from scanner.model import Evidence
from scanner.readers import xmp_packet
from scanner.readers.each import each
from scanner.readers.interface import MAX_VALUE, Medium, Reader

__all__ = ["AUDIO_TAGS", "AudioTagsReader"]

_XMP = "PRIV:XMP"
_MAX_TAG = 64 << 20
_MAX_INFLATED = 8 << 20
_MAX_TAGS = 8
"""One behind the other. Taggers that do not see the first write a second."""
_ID3_CHUNKS = ("id3 ", "ID3 ")
_OGG = [oggvorbis.OggVorbis, oggopus.OggOpus, oggflac.OggFLAC, oggspeex.OggSpeex, oggtheora.OggTheora]
_APE_FORMATS = frozenset({"audio/mpeg", "audio/x-ape", "audio/x-musepack", "audio/x-wavpack"})
_OGG_FORMATS = frozenset({"audio/ogg", "video/ogg"})
_OWN_FAULTS = (mutagen.MutagenError, EOFError, struct.error, zlib.error, NotImplementedError)
_FAULTS = (*_OWN_FAULTS, ValueError, LookupError, ArithmeticError, TypeError, AttributeError, AssertionError)
"""mutagen promises its own, and lets the others through where a tag is broken."""

_new_id3: Callable[[BinaryIO], Any] = id3.ID3
_new_ape: Callable[[BinaryIO], Any] = apev2.APEv2
_NOISE = frozenset({"metadata_block_picture", "coverart", "waveformatextensible_channel_mask"})

Statements = Iterator[tuple[str, str]]


class AudioTagsReader(Reader):
    """Reads ID3 frames, Vorbis comments and APE items of sound files.

    ID3 keys are frames: `TIT2`, `TXXX:desc`, `COMM` or `COMM:desc`, `WOAS`; an enclosed file is `GEOB:desc`, with its
    MIME type as value. Vorbis comments and APE items are named in lower case. XMP in a private frame (XMP part 3,
    §1.1.3 MP3) is reported under the name of the `xmp` reader.
    """

    name = "audio-tags"
    version = 4
    media_types = _APE_FORMATS | {"audio/wav", "audio/aiff", "audio/flac", "audio/aac", *_OGG_FORMATS}

    def read(self, medium: Medium) -> Iterator[Evidence]:
        """The tags in the order ID3, Vorbis, APE. A broken one does not silence the others."""
        yield from each(_carriers(medium), lambda carrier: _statements(medium, *carrier))


Carrier = tuple[str, Callable[[Medium], Statements]]


def _carriers(medium: Medium) -> Iterator[Carrier]:
    if medium.media_type in ("audio/wav", "audio/aiff"):
        for part in medium.parts(*_ID3_CHUNKS):
            yield part.where, lambda medium, part=part: _id3(medium, part.offset)  # type: ignore[misc]
        return
    for offset in _id3_tags(medium):
        yield f"ID3v2 @ {offset}", lambda medium, offset=offset: _id3(medium, offset)  # type: ignore[misc]
    if medium.media_type == "audio/flac":
        yield "VORBIS_COMMENT", lambda medium: _vorbis(flac.FLAC, medium.file)
    if medium.media_type in _OGG_FORMATS:
        yield "Vorbis comment", lambda medium: _vorbis(lambda file: mutagen.File(file, options=_OGG), medium.file)
    if medium.media_type in _APE_FORMATS:
        yield "APE tag", lambda medium: _ape(medium.file)


def _statements(medium: Medium, where: str, statements: Callable[[Medium], Statements]) -> Iterator[Evidence]:
    """What one tag says; what it said before it broke is kept."""
    try:
        medium.file.seek(0)
        for key, value in statements(medium):
            if key == _XMP:
                yield from _xmp(value, where)
            elif said := value.strip("\0 \r\n\t")[:MAX_VALUE]:
                yield Evidence(reader="audio-tags", key=key, value=said, where=f"{where}, {key}")
    except MediaError:
        raise
    except _FAULTS as error:
        raise Malformed(f"{where}: {error or type(error).__name__}") from error


def _xmp(packet: str, where: str) -> Iterator[Evidence]:
    for found in xmp_packet.parse(packet.encode("utf-8", "replace")):
        value, at = found.value[:MAX_VALUE], f"{where}, {_XMP}, {found.where}"
        yield Evidence(reader="xmp", key=found.path, value=value, where=at)


def _id3_tags(medium: Medium) -> Iterator[int]:
    """Where ID3v2 tags begin: a row of them at the head, and one with a footer at the end (ID3v2.4 §3.4, §5)."""
    at = 0
    for _ in range(_MAX_TAGS):
        head = medium.read(at, 10)
        if head[:3] != b"ID3" or len(head) < 10:
            break
        yield at
        at += 10 + _synchsafe(head[6:10]) + 10 * bool(head[5] & 0x10)
    end = medium.size
    for mark, behind in ((b"TAG", 128), (b"APETAGEX", 32)):  # ID3v1 and APE stand behind it
        foot = medium.read(max(0, end - behind), behind)
        if foot.startswith(mark):
            end -= behind if mark == b"TAG" else int.from_bytes(foot[12:16], "little") + 32 * bool(foot[23] & 0x80)
    foot = medium.read(max(0, end - 10), 10) if end > at else b""
    if foot[:3] == b"3DI":
        start = end - 20 - _synchsafe(foot[6:10])
        if start >= at and medium.read(start, 3) == b"ID3":
            yield start


def _id3(medium: Medium, offset: int) -> Statements:
    head = medium.read(offset, 10)
    if len(head) < 10 or head[:3] != b"ID3":
        return
    size = _synchsafe(head[6:10])
    if size > medium.size - offset:
        raise Malformed(f"the ID3 tag at offset {offset} says {size} bytes; {medium.size - offset - 10} are left")
    body = medium.read(offset, 10 + size, limit=_MAX_TAG)
    _refuse_bombs(body)
    try:
        tag = _new_id3(BytesIO(body))
    except id3.ID3NoHeaderError:
        return
    for frame in tag.values():
        yield from _frame(frame)


def _frame(frame: Any) -> Statements:
    name = str(frame.FrameID)
    if name == "GEOB":
        yield f"GEOB:{frame.desc}", str(frame.mime)
    elif name in ("TXXX", "COMM", "WXXX", "USLT"):
        said = frame.url if name == "WXXX" else frame.text
        yield (
            f"{name}:{frame.desc}" if frame.desc else name,
            said if isinstance(said, str) else "\n".join(map(str, said)),
        )
    elif name in ("TIPL", "TMCL", "IPLS"):
        yield name, "\n".join(f"{role}: {person}" for role, person in frame.people)
    elif name.startswith("T"):
        yield name, "\n".join(map(str, frame.text))
    elif name.startswith("W"):
        yield name, str(frame.url)
    elif name == "PRIV":
        owner = f"PRIV:{frame.owner}"
        yield owner, frame.data.decode("utf-8", "replace") if owner == _XMP else _plain(frame.data)


def _plain(data: bytes) -> str:
    text = data.decode("utf-8", "ignore").strip("\0")
    return text if text.isprintable() else ""


def _vorbis(open_tags: Callable[[BinaryIO], Any], file: BinaryIO) -> Statements:
    opened = open_tags(file)
    for key, value in (opened.tags or ()) if opened is not None else ():
        if key.lower() not in _NOISE:
            yield key.lower(), value


def _ape(file: BinaryIO) -> Statements:
    try:
        tag = _new_ape(file)
    except apev2.APENoHeaderError:
        return
    for key, value in tag.items():
        if value.kind != apev2.BINARY:
            yield key.lower(), str(value)


def _synchsafe(four: bytes) -> int:
    return four[0] << 21 | four[1] << 14 | four[2] << 7 | four[3] if max(four) < 0x80 else int.from_bytes(four, "big")


def _refuse_bombs(tag: bytes) -> None:
    """`TooLarge` where a compressed frame inflates beyond reason: mutagen inflates without a limit (ID3v2.4 §4.1)."""
    version, at = tag[3], 10
    while version in (3, 4) and at + 10 < len(tag) and tag[at]:
        raw, flags = tag[at + 4 : at + 8], tag[at + 9]
        size = _synchsafe(raw) if version == 4 else int.from_bytes(raw, "big")
        if flags & (0x08 if version == 4 else 0x80):
            body = tag[at + 10 : at + 10 + size]
            for start in (0, 4, 5):  # behind a data length and a group byte
                _inflate(body[start:])
        at += 10 + size


def _inflate(body: bytes) -> None:
    stream = zlib.decompressobj()
    try:
        stream.decompress(body, _MAX_INFLATED)
    except zlib.error:
        return
    if stream.unconsumed_tail:
        raise TooLarge(f"a compressed ID3 frame inflates to over {_MAX_INFLATED} bytes")


AUDIO_TAGS = AudioTagsReader()
