"""What a medium states about itself, and its first coded pieces. The only module that imports PyAV.

Nothing is decoded, a bounded head is read, and no other file can be reached.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any, BinaryIO, NamedTuple

import av
import av.container
import av.error
import av.logging
import av.stream

from media.containers.edits import edited_seconds
from media.errors import Malformed, MediaError, TimedOut, Unsupported
from media.ffmpeg import OPTIONS

__all__ = [
    "Decoded",
    "Packets",
    "Probe",
    "Stream",
    "codec_tag",
    "decode_frames",
    "decode_packet",
    "demuxed",
    "lasting",
    "opened",
    "packets",
    "probe",
    "seek",
    "seek_byte",
    "set_strict",
    "stream_of",
]

OPEN_SECONDS = 20.0
"""Time limit for probing a medium."""

LOOK_SECONDS = 20.0
"""Time limit for one read: PyAV's own limit does not end reads of a file object."""

LOOK_BYTES = 4 << 30
"""Byte limit for one look: the longest index there is, and some hundred packets of the largest pictures."""

PROBE_BYTES = 2_000_000
"""Bytes of the essence that FFmpeg may read to learn the codecs of a stream-like format."""

MAX_RATE = 1000
"""A rate over this is a time base that FFmpeg fell back to, not a frame rate."""

_DURATION = re.compile(r"(\d{1,4}):(\d{2}):(\d{2}(?:\.\d{1,9})?)")

SEEN_PACKETS = 400
"""Packets of all streams that `packets` skips while it looks for the video's."""


_BYTES_KEPT: dict[str, Any] = (
    {"metadata_errors": "surrogateescape"} if hasattr(av.container.Container, "metadata_errors") else {}
)
"""PyAV up to 18 is asked to keep bytes of tags that are no UTF-8; later versions always keep them; see `_tags`."""

av.logging.set_level(None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """One stream, as the container declares it."""

    index: int
    kind: str
    """`video`, `audio`, `subtitle`, `data`, `attachment`; `picture` for a cover."""
    codec: str
    width: int | None = None
    height: int | None = None
    rate: str | None = None
    """Frames a second, `24000/1001`; video only."""
    frames: int | None = None
    """Frames that its track or index counts, including those that an edit list hides; None where none are counted."""
    sample_rate: int | None = None
    channels: int | None = None
    start: float = 0.0
    duration: float | None = None
    """Seconds, as its track states or its edit list leaves; None where only the container states one."""
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """What a medium states about itself; tags as FFmpeg names them.

    `duration` is in seconds: the length of its pictures and sounds, else what the container states.
    """

    format: str
    duration: float | None
    streams: tuple[Stream, ...]
    tags: dict[str, str]
    chapters: tuple[dict[str, str], ...]

    def first(self, kind: str) -> Stream | None:
        """The first stream of a kind."""
        return next((stream for stream in self.streams if stream.kind == kind), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Packets:
    """The first coded pieces of the first video stream, in file order, undecoded."""

    codec: str
    extradata: bytes
    data: tuple[bytes, ...]


@contextmanager
def opened(path: Path, *, seconds: float | None = None, size: int | None = None) -> Iterator[Any]:
    """An open container. Through a file object: odd names work, and nothing but this file can be reached.

    It is closed to reads after `seconds` or `size` bytes, by default `LOOK_SECONDS` and `LOOK_BYTES`: then `TimedOut`.
    """
    options = {**OPTIONS, "probesize": str(PROBE_BYTES), "analyzeduration": "2000000"}
    source: _Bounded | None = None
    try:
        with path.open("rb") as file:
            source = _Bounded(file, LOOK_SECONDS if seconds is None else seconds, LOOK_BYTES if size is None else size)
            with av.open(source, options=options, timeout=OPEN_SECONDS, **_BYTES_KEPT) as container:
                yield container
                source.check()
    except MediaError:
        if source is not None:
            source.check()  # a look that was ended is no damage
        raise
    except (av.error.FFmpegError, OSError, ValueError, OverflowError, MemoryError) as error:
        if source is not None:
            source.check()
        raise _fault(error) from error


def _fault(error: Exception) -> MediaError:
    """What FFmpeg, or the way to it, means by an error."""
    match error:
        case av.error.PatchWelcomeError() | av.error.DemuxerNotFoundError() | av.error.DecoderNotFoundError():
            return Unsupported(f"FFmpeg: {error.strerror}")
        case av.error.ExitError():
            return TimedOut(f"FFmpeg: not opened within {OPEN_SECONDS:g} s")
        case av.error.FFmpegError() | OSError():
            return Malformed(f"FFmpeg: {error.strerror or error}")
        case _:
            return Malformed(f"FFmpeg: {error or type(error).__name__}")


class _Bounded:
    """A file that ends when a look has read too long or too much, and whose impossible seeks fail by their answer:
    PyAV prints what is raised here, and goes on."""

    def __init__(self, file: BinaryIO, seconds: float, size: int) -> None:
        self.name = file.name
        self.tell = file.tell
        self._seek = file.seek
        self._read = file.read
        self._limit = f"{seconds:g} s or {size >> 30} GiB"
        self._until = monotonic() + seconds
        self._left = size
        self._is_over = False

    def check(self) -> None:
        """`TimedOut` where the look was ended."""
        if self._is_over:
            raise TimedOut(f"FFmpeg: ended after {self._limit} of looking into it")

    def read(self, size: int) -> bytes:
        """The next bytes; nothing once the look is over."""
        self._is_over = self._is_over or self._left <= 0 or monotonic() > self._until
        if self._is_over:
            return b""
        data = self._read(size)
        self._left -= len(data)
        return data

    def seek(self, offset: int, whence: int = 0) -> int:
        """Where the file stands now, or −1."""
        if self._is_over:
            return -1
        try:
            return self._seek(offset, whence)
        except (OSError, ValueError, OverflowError):
            return -1


def probe(path: Path) -> Probe:
    """What the medium states about itself: format, streams, tags, chapters."""
    with opened(path) as container:
        streams = tuple(stream_of(stream) for stream in container.streams)
        stated = lasting(container) or None
        edited = _read_edits(path) if "mov" in container.format.name.split(",") else None
        return Probe(
            format=container.format.name,
            duration=edited or _lasting(container.streams, streams) or stated,
            streams=streams,
            tags=_tags(container.metadata),
            chapters=tuple(_tags(chapter["metadata"]) for chapter in container.chapters()),
        )


def stream_of(stream: Any) -> Stream:
    """A stream of an open container, as the container declares it."""
    coded = stream.codec_context
    rate = stream.guessed_rate if stream.type == "video" else None
    picture = bool(stream.disposition & av.stream.Disposition.attached_pic)
    return Stream(
        index=stream.index,
        kind="picture" if picture else stream.type or "data",
        codec=coded.name if coded is not None else "unknown",
        width=(coded.width or None) if coded is not None and stream.type == "video" else None,
        height=(coded.height or None) if coded is not None and stream.type == "video" else None,
        rate=f"{rate.numerator}/{rate.denominator}" if rate and rate <= MAX_RATE else None,
        frames=(stream.frames or None) if stream.type == "video" else None,
        sample_rate=coded.sample_rate if coded is not None and stream.type == "audio" else None,
        channels=coded.channels if coded is not None and stream.type == "audio" else None,
        start=float(stream.start_time * stream.time_base) if stream.start_time and stream.time_base else 0.0,
        duration=_seconds(stream),
        tags=_tags(stream.metadata),
    )


def codec_tag(stream: Any) -> str:
    """The code under which its container names the coding of a stream; empty where that cannot be read."""
    try:
        return str(stream.codec_tag)
    except (AttributeError, ValueError):
        return ""


def lasting(container: Any) -> float:
    """Seconds that an open container states for all of it; 0 where it states none."""
    return container.duration / av.time_base if container.duration else 0.0


def seek(container: Any, stream: Any, seconds: float) -> bool:
    """Whether an open container could be set to the key frame before a time of a stream."""
    if not stream.time_base:
        return False
    try:
        container.seek(int(seconds / stream.time_base), stream=stream)
    except (av.error.FFmpegError, OverflowError, ValueError):
        return False
    return True


def seek_byte(container: Any, offset: int) -> bool:
    """Whether an open container could be set to a byte; its demultiplexer finds the next packet from there."""
    try:
        container.seek(offset, unsupported_byte_offset=True)
    except (av.error.FFmpegError, OverflowError, ValueError):
        return False
    return True


def demuxed(container: Any, streams: Sequence[Any], *, is_plain: bool) -> Iterator[Any]:
    """The packets of some streams from where an open container stands, and an empty one of each at the end.

    Where the format `is_plain`, data that cannot be read as a packet end it: tags may come after its last frame.
    `Unsupported` where a stream begins that was not there when the container was opened: PyAV does not know it.
    """
    try:
        yield from container.demux(list(streams))
    except av.error.InvalidDataError:
        if not is_plain:
            raise
    except IndexError as error:
        raise Unsupported("a stream begins that nothing announces at the start of the file") from error


class Decoded(NamedTuple):
    """A frame that came out of a decoder."""

    time: float
    """Seconds: its own, else those of its packet, else 0."""
    seconds: float
    """Its duration; 0 for a picture."""
    is_key: bool
    is_damaged: bool
    """Whether the decoder had to make up a part of it."""


def set_strict(stream: Any) -> None:
    """Make the decoder of a stream stop at damage, and not conceal it. To be called before any of it is decoded."""
    if not stream.codec_context.is_open:
        stream.codec_context.options = {"err_detect": "explode"}


def decode_packet(packet: Any) -> list[Decoded]:
    """Describe the frames that come out of a decoder with a packet. `Malformed` where it fails."""
    said = float(packet.pts * packet.time_base) if packet.pts is not None and packet.time_base else 0.0
    return [
        Decoded(
            float(said if frame.time is None else frame.time),
            frame.samples / frame.sample_rate if isinstance(frame, av.AudioFrame) and frame.sample_rate else 0.0,
            bool(frame.key_frame),
            bool(frame.is_corrupt),
        )
        for frame in decode_frames(packet)
    ]


def decode_frames(packet: Any) -> list[Any]:
    """The frames themselves that come out of a decoder with a packet. `Malformed` where it fails."""
    try:
        return list(packet.decode())
    except av.error.EOFError:
        return []
    except (av.error.FFmpegError, ValueError) as error:
        raise _fault(error) from error


def _lasting(tracks: Iterable[Any], streams: tuple[Stream, ...]) -> float | None:
    """From the first begin to the last end of its pictures and sounds; None where the track of one does not state it.

    A timecode track may be longer than what an edit list leaves of the picture.
    """
    shown = [stream for stream in streams if stream.kind in ("video", "audio")]
    if not shown or any(track.duration is None for track, one in zip(tracks, streams, strict=True) if one in shown):
        return None
    end = max(stream.start + (stream.duration or 0.0) for stream in shown)
    lasting = end - min(stream.start for stream in shown)
    return lasting if lasting > 0 else None  # an encoder's delay may be longer than a short sound


def _read_edits(path: Path) -> float | None:
    """What its edit lists leave of a movie."""
    with path.open("rb") as file:
        return edited_seconds(file, os.fstat(file.fileno()).st_size)


def _seconds(stream: Any) -> float | None:
    """Its own duration; Matroska writes it into a tag."""
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    said = _DURATION.fullmatch(stream.metadata.get("DURATION", ""))
    return int(said[1]) * 3600 + int(said[2]) * 60 + float(said[3]) if said else None


def _tags(metadata: Mapping[str, str]) -> dict[str, str]:
    """Tags whose bytes that are no UTF-8 became U+FFFD, with every version of PyAV."""
    return {_replace_bytes(name): _replace_bytes(value) for name, value in metadata.items()}


def _replace_bytes(text: str) -> str:
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def packets(path: Path, *, count: int) -> Packets | None:
    """The first `count` packets of the first video stream; None where there is no video."""
    with opened(path) as container:
        video = next((stream for stream in container.streams if stream_of(stream).kind == "video"), None)
        if video is None or video.codec_context is None:
            return None
        data: list[bytes] = []
        for seen, packet in enumerate(demuxed(container, [video], is_plain=False)):
            if len(data) >= count or seen >= SEEN_PACKETS:
                break
            if packet.size:
                data.append(bytes(packet))
        coded = video.codec_context
        return Packets(codec=coded.name, extradata=bytes(coded.extradata or b""), data=tuple(data))
