"""The one door to FFmpeg: PyAV to look into a medium, the program to decode it.

Looking (`probe`, `packets`) decodes no picture and reads a bounded head. Decoding (`frames`, `still`,
`audio`) always has a limit, runs in a process of its own, and is stopped when it stands still. No
network and no other file: playlists and references are not in the list of formats that may be opened.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from time import monotonic
from typing import Any, BinaryIO

import av
import av.container
import av.error
import av.logging
import av.stream
import ffmpeg
import numpy as np
from numpy.typing import NDArray

from fingerprints.errors import MediaFault, MediaTimeout, MediaUnsupported, ToolMissing
from fingerprints.run import output

__all__ = [
    "Packets",
    "Probe",
    "Stream",
    "Tool",
    "audio",
    "frames",
    "packets",
    "probe",
    "still",
    "tool",
]

OPEN_SECONDS = 20.0
"""How long looking into a medium may take."""

LOOK_SECONDS = 20.0
"""How long one look may read: PyAV's own limit does not end reads of a file object."""

LOOK_BYTES = 4 << 30
"""How much one look may read: the longest index there is, and some hundred packets of the largest pictures."""

PROBE_BYTES = 2_000_000
"""How much of the essence FFmpeg may look at to learn the codecs of a stream-like format."""

MAX_RATE = 1000
"""A rate over this is a time base that FFmpeg fell back to, not a frame rate."""

SEEN_PACKETS = 400
"""Packets of all streams that `packets` passes over in search of the video's."""

FORMATS = (
    "aa,aac,ac3,eac3,aiff,amr,ape,asf,au,av1,avi,caf,dts,dtshd,dv,flac,flv,gif,gxf,h264,hevc,ivf,lxf,m4v,matroska,mov,"
    "mp3,mpc,mpc8,mpeg,mpegts,mpegvideo,mxf,obu,ogg,rm,truehd,tta,vc1,voc,w64,wav,webm,wv,xwma,yuv4mpegpipe"
)
"""The formats that are one file. Not in it: concat, hls, dash, imf, lavfi, image2, which name other files."""

_THE_MEDIUM = "file:the-medium"
_PIXELS = {"gray": 1, "rgb24": 3}
_OPTIONS = {"protocol_whitelist": "file", "format_whitelist": FORMATS}
_BYTES_KEPT: dict[str, Any] = (
    {"metadata_errors": "surrogateescape"} if hasattr(av.container.Container, "metadata_errors") else {}
)
"""PyAV up to 18 is asked to keep bytes of tags that are no UTF-8; later versions always keep them; see `_tags`."""

av.logging.set_level(None)


@dataclass(frozen=True, slots=True)
class Tool:
    """The FFmpeg program that decodes here."""

    path: str
    version: str


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
    sample_rate: int | None = None
    channels: int | None = None
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """What a medium says of itself. `duration` in seconds; tags as FFmpeg names them."""

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


@cache
def tool() -> Tool:
    """`ffmpeg` on the path, else the one that imageio-ffmpeg brings."""
    path = shutil.which("ffmpeg") or _bundled()
    try:
        said = subprocess.run([path, "-hide_banner", "-version"], capture_output=True, check=True, timeout=30)
    except (OSError, subprocess.SubprocessError) as error:
        raise ToolMissing(f"{path} does not run: {error}") from error
    words = said.stdout.decode("utf-8", "replace").split()
    return Tool(path, words[2] if len(words) > 2 else "unknown")


def _bundled() -> str:
    try:
        import imageio_ffmpeg

        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except (ImportError, RuntimeError) as error:
        raise ToolMissing("no ffmpeg: install ffmpeg, or the Python package imageio-ffmpeg") from error


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """An open container. Through a file object: odd names work, and nothing but this file can be reached."""
    options = {**_OPTIONS, "probesize": str(PROBE_BYTES), "analyzeduration": "2000000"}
    source: _Bounded | None = None
    try:
        with path.open("rb") as file:
            source = _Bounded(file)
            with av.open(source, options=options, timeout=OPEN_SECONDS, **_BYTES_KEPT) as container:
                yield container
                source.check()
    except (av.error.FFmpegError, OSError, ValueError, OverflowError, MemoryError) as error:
        if source is not None:
            source.check()
        raise _fault(error) from error


def _fault(error: Exception) -> MediaFault:
    """What FFmpeg, or the way to it, means by an error."""
    match error:
        case av.error.PatchWelcomeError() | av.error.DemuxerNotFoundError() | av.error.DecoderNotFoundError():
            return MediaUnsupported(f"FFmpeg: {error.strerror}")
        case av.error.ExitError():
            return MediaTimeout(f"FFmpeg: not opened within {OPEN_SECONDS:g} s")
        case av.error.FFmpegError() | OSError():
            return MediaFault(f"FFmpeg: {error.strerror or error}")
        case _:
            return MediaFault(f"FFmpeg: {error or type(error).__name__}")


class _Bounded:
    """A file that ends when a look has read too long or too much, and whose impossible seeks fail by their answer:
    PyAV prints what is raised here, and goes on."""

    def __init__(self, file: BinaryIO) -> None:
        self.name = file.name
        self.tell = file.tell
        self._seek = file.seek
        self._read = file.read
        self._until = monotonic() + LOOK_SECONDS
        self._left = LOOK_BYTES
        self._is_over = False

    def check(self) -> None:
        """`MediaTimeout` where the look was ended."""
        if self._is_over:
            raise MediaTimeout(f"FFmpeg: ended after {LOOK_SECONDS:g} s or {LOOK_BYTES >> 30} GiB of looking into it")

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
    """What the medium says of itself: format, streams, tags, chapters."""
    with _opened(path) as container:
        return Probe(
            format=container.format.name,
            duration=container.duration / av.time_base if container.duration else None,
            streams=tuple(_stream(stream) for stream in container.streams),
            tags=_tags(container.metadata),
            chapters=tuple(_tags(chapter["metadata"]) for chapter in container.chapters()),
        )


def _stream(stream: Any) -> Stream:
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
        sample_rate=coded.sample_rate if coded is not None and stream.type == "audio" else None,
        channels=coded.channels if coded is not None and stream.type == "audio" else None,
        tags=_tags(stream.metadata),
    )


def _tags(metadata: Mapping[str, str]) -> dict[str, str]:
    """Tags whose bytes that are no UTF-8 became U+FFFD, with every version of PyAV."""
    return {_replace_bytes(name): _replace_bytes(value) for name, value in metadata.items()}


def _replace_bytes(text: str) -> str:
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def packets(path: Path, *, count: int) -> Packets | None:
    """The first `count` packets of the first video stream; None where there is no video."""
    with _opened(path) as container:
        video = next((stream for stream in container.streams if _stream(stream).kind == "video"), None)
        if video is None or video.codec_context is None:
            return None
        data: list[bytes] = []
        for seen, packet in enumerate(container.demux(video)):
            if len(data) >= count or seen >= SEEN_PACKETS:
                break
            if packet.size:
                data.append(bytes(packet))
        coded = video.codec_context
        return Packets(codec=coded.name, extradata=bytes(coded.extradata or b""), data=tuple(data))


def frames(
    path: Path,
    *,
    width: int,
    height: int,
    limit: int,
    pix_fmt: str = "gray",
    fps: float | None = None,
    keyframes: bool = False,
) -> Iterator[NDArray[np.uint8]]:
    """At most `limit` pictures of the first video, scaled to `width`×`height`: (h, w), for `rgb24` (h, w, 3).

    With `fps` a picture every 1/fps seconds from the start; with `keyframes` only those; else every one.
    """
    options = {"skip_frame": "nokey"} if keyframes else {}
    node = _input(**options).video
    if fps is not None:
        node = node.filter("fps", fps=fps)
    node = node.filter("scale", width, height, flags="area").filter("format", pix_fmt)
    timing = {} if fps is not None else {"fps_mode": "passthrough"}
    node = node.output("pipe:1", format="rawvideo", pix_fmt=pix_fmt, **{"frames:v": limit}, **timing)
    planes = _PIXELS[pix_fmt]
    shape = (height, width) if planes == 1 else (height, width, planes)
    for block in _run(path, node, block=width * height * planes):
        if len(block) == width * height * planes:
            yield np.frombuffer(block, np.uint8).reshape(shape)


def still(path: Path, at_seconds: float, *, max_side: int) -> bytes:
    """The picture shown at a time, as JPEG, its longer side at most `max_side`."""
    fit = {"w": f"min({max_side},iw)", "h": f"min({max_side},ih)", "force_original_aspect_ratio": "decrease"}
    node = _input(ss=max(0.0, at_seconds)).video.filter("scale", **fit).filter("format", "yuvj420p")
    node = node.output("pipe:1", format="image2pipe", vcodec="mjpeg", **{"frames:v": 1, "q:v": 3})
    picture = b"".join(_run(path, node, block=1 << 16))
    if not picture:
        raise MediaFault(f"FFmpeg: no picture at {at_seconds:g} s")
    return picture


def audio(path: Path, rate: int, *, limit_seconds: float) -> Iterator[NDArray[np.float32]]:
    """The first sound stream mixed to one channel at `rate` Hz: blocks of up to ten seconds, −1 to 1."""
    node = _input().audio.output("pipe:1", format="f32le", acodec="pcm_f32le", ac=1, ar=rate, t=limit_seconds)
    for block in _run(path, node, block=rate * 10 * 4):
        yield np.frombuffer(block[: len(block) // 4 * 4], np.float32)


def _input(**options: object) -> Any:
    return ffmpeg.input(_THE_MEDIUM, **_OPTIONS, **options)


def _run(path: Path, node: Any, *, block: int) -> Iterator[bytes]:
    """Compile and run. The path goes in last: ffmpeg-python cannot hold a name that is no UTF-8."""
    command = node.global_args("-nostdin", "-hide_banner", "-v", "error").compile(cmd=tool().path)
    medium = f"file:{path.absolute()}"
    yield from output([medium if argument == _THE_MEDIUM else argument for argument in command], block=block)
