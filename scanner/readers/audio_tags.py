"""Tags of sound files: ID3 (at the start and end of MP3 and related formats, in WAV and AIFF), Vorbis comments, APE."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from media.containers import Part, ape, flac, id3, vorbis
from media.containers.sound_tags import find_tags_ahead, find_tags_behind, read_synchsafe
from media.errors import Malformed, StatementUnread
from scanner.model import Evidence
from scanner.readers import xmp_packet
from scanner.readers.each import each
from scanner.readers.interface import MAX_VALUE, Medium, Reader

__all__ = ["AUDIO_TAGS", "AudioTagsReader"]

_XMP = "PRIV:XMP"
_MAX_TAG = 64 << 20
_ID3_CHUNKS = ("id3 ", "ID3 ")
_APE_FORMATS = frozenset({"audio/mpeg", "audio/x-ape", "audio/x-musepack", "audio/x-wavpack"})
_OGG_FORMATS = frozenset({"audio/ogg", "video/ogg"})
_PICTURES = frozenset({"metadata_block_picture", "coverart", "waveformatextensible_channel_mask"})
"""Vorbis comments that hold a picture, or a number that the decoder needs."""
_DESCRIBED = frozenset({"COMM", "TXXX", "USLT", "WXXX"})
"""Frames that have a description, by which several of a kind differ."""
_ROLES = frozenset({"IPLS", "TIPL", "TMCL"})
_TEXTS = frozenset({"GRP1", "MVIN", "MVNM"})
"""Frames of text whose names do not begin with T."""

Statements = Iterator[tuple[str, str]]


class AudioTagsReader(Reader):
    """Reads ID3 frames, Vorbis comments and APE items of sound files.

    ID3 keys are frames: `TIT2`, `TXXX:desc`, `COMM` or `COMM:desc`, `WOAS`; an enclosed file is `GEOB:desc`, with its
    MIME type as value. Frames of ID3v2.2 have the names of later versions; no other name is translated. Vorbis comments
    and APE items are named in lower case. XMP in a private frame (XMP part 3, §1.1.3 MP3) is reported under the name of
    the `xmp` reader.
    """

    name = "audio-tags"
    version = 5
    media_types = _APE_FORMATS | {"audio/wav", "audio/aiff", "audio/flac", "audio/aac", *_OGG_FORMATS}

    def read(self, medium: Medium) -> Iterator[Evidence]:
        """Yield the tags in the order ID3, Vorbis, APE. A broken one does not hide the others."""
        yield from each(_carriers(medium), lambda carrier: _statements(*carrier))


Carrier = tuple[str, Callable[[], Statements]]
"""Where a tag is, and what reads it."""


def _carriers(medium: Medium) -> Iterator[Carrier]:
    if medium.media_type in ("audio/wav", "audio/aiff"):
        for part in medium.parts(*_ID3_CHUNKS):
            yield part.where, partial(_id3, medium, part.offset)
        return
    ahead, behind = find_tags_ahead(medium.file), find_tags_behind(medium.file, medium.size)
    for tag in dict.fromkeys((*ahead, *reversed(behind))):
        if tag.name == "ID3v2":
            yield f"ID3v2 @ {tag.offset}", partial(_id3, medium, tag.offset)
    if medium.media_type == "audio/flac":
        yield "VORBIS_COMMENT", partial(_vorbis, flac.find_comments(medium.file, medium.size))
    if medium.media_type in _OGG_FORMATS:
        yield "Vorbis comment", partial(_vorbis, vorbis.find_in_ogg(medium.file))
    if medium.media_type in _APE_FORMATS:
        for tag in behind:
            if tag.name == "APE":
                yield "APE tag", partial(_ape, medium, tag)


def _statements(where: str, statements: Callable[[], Statements]) -> Iterator[Evidence]:
    """What one tag states; what it stated before it broke is kept."""
    try:
        for key, value in statements():
            if key == _XMP:
                yield from _xmp(value, where)
            elif stated := value.strip("\0 \r\n\t")[:MAX_VALUE]:
                yield Evidence(reader="audio-tags", key=key, value=stated, where=f"{where}, {key}")
    except Malformed as error:
        raise type(error)(f"{where}: {error}") from error


def _xmp(packet: str, where: str) -> Iterator[Evidence]:
    for found in xmp_packet.parse(packet.encode("utf-8", "replace")):
        value, at = found.value[:MAX_VALUE], f"{where}, {_XMP}, {found.where}"
        yield Evidence(reader="xmp", key=found.path, value=value, where=at)


def _id3(medium: Medium, offset: int) -> Statements:
    head = medium.read(offset, 10)
    if len(head) < 10 or head[:3] != b"ID3":
        return iter(())
    size = read_synchsafe(head[6:10])
    if size > medium.size - offset:
        raise Malformed(f"declares {size} bytes; {medium.size - offset - 10} are left")
    return each(id3.parse_frames(medium.read(offset, 10 + size, limit=_MAX_TAG)), _frame)


def _frame(frame: id3.Frame) -> Statements:
    """What a frame states; nothing where its kind states nothing."""
    name = frame.name
    if name == "GEOB":
        body = frame.read_body()
        mime, _, rest = body[1:].partition(b"\0")
        names, _ = id3.split_fields(body[:1] + rest, 2)
        yield f"GEOB:{''.join(names[1:])}", mime.decode("latin-1")
    elif name == "PRIV":
        owner, _, data = frame.read_body().partition(b"\0")
        key = f"PRIV:{owner.decode('latin-1')}"
        yield key, data.decode("utf-8", "replace") if key == _XMP else _plain(data)
    elif name in _DESCRIBED:
        yield _split_description(name, frame.read_body())
    elif name in _ROLES:
        people = id3.split_text(frame.read_body())
        yield name, "\n".join(": ".join(people[at : at + 2]) for at in range(0, len(people), 2))
    elif name == "USER":
        yield name, "\n".join(id3.split_text(_without_language(frame.read_body())))
    elif name[0] == "T" or name in _TEXTS:
        yield name, "\n".join(id3.split_text(frame.read_body()))
    elif name[0] == "W":
        yield name, frame.read_body().partition(b"\0")[0].decode("latin-1")
    else:
        return
    if not frame.is_whole:
        raise StatementUnread(f"frame {name} reaches past the end of its tag")


def _split_description(name: str, body: bytes) -> tuple[str, str]:
    """A frame with a description (ID3v2.4 §4.2.6, §4.3.2, §4.8, §4.10), which is a part of its key."""
    if name in ("COMM", "USLT"):
        body = _without_language(body)
    description, rest = id3.split_fields(body, 1)
    address = rest.partition(b"\0")[0].decode("latin-1")
    text = address if name == "WXXX" else "\n".join(id3.split_text(body)[1:])
    return (f"{name}:{description[0]}" if description and description[0] else name), text


def _without_language(body: bytes) -> bytes:
    """The encoding, and what stands behind the three letters of the language."""
    return body[:1] + body[4:]


def _plain(data: bytes) -> str:
    text = data.decode("utf-8", "ignore").strip("\0")
    return text if text.isprintable() else ""


def _vorbis(blocks: Iterator[bytes]) -> Statements:
    for block in blocks:
        for key, value in vorbis.parse_comments(block):
            if key.lower() not in _PICTURES:
                yield key.lower(), value.decode("utf-8", "replace")


def _ape(medium: Medium, tag: Part) -> Statements:
    for key, value in ape.parse_items(medium.read(tag.offset, tag.size, limit=_MAX_TAG)):
        yield key.lower(), value


AUDIO_TAGS = AudioTagsReader()
