"""Decodes a programme once: every frame tiny, some frames larger, and the sound, on one clock.

FFmpeg scales and mixes, and writes everything as one Matroska stream to a pipe, because that carries what raw video
cannot: which stream a block belongs to, and when it is shown. Rule: what was decoded before a fault is given before the
fault is raised.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from media.containers.ebml import parse_head
from media.errors import MediaError
from media.ffmpeg import FORMATS, output, tool
from media.frames import FrameSequence
from media.limits import MAX_PIXELS
from media.probe import Probe, probe
from media.seeking.seams import LONGEST_SECONDS, ProgrammePart

__all__ = ["EVERY_FRAME", "LARGE", "SMALL", "SOUND_RATE", "Large", "Medium", "Mode", "Small", "Sound", "Wish", "decode"]

SMALL = 64
"""Side of the square into which every frame is averaged."""
LARGE = 640
"""Longer side of the larger frames, in square pixels."""
SOUND_RATE = 12_000
"""Samples a second of the sound: what it holds up to 6 kHz."""
DAMAGED = 0.0005
"""Part of the frames that may be damaged before a whole decode ends as a fault, after it gave everything it could."""
SOUND_STREAMS = 16
"""The number of streams that are mixed: the mono tracks of a master."""

_PIPE = 1 << 16


@dataclass(frozen=True, slots=True)
class Mode:
    """Which frames are decoded: all of them, or for a quick look some a second, or only key frames."""

    fps: float | None = None
    keyframes: bool = False

    @property
    def quick(self) -> bool:
        """Whether frames are left out."""
        return self.keyframes or self.fps is not None

    def __str__(self) -> str:
        if self.keyframes:
            return "key frames only"
        return f"{self.fps:g} frames a second" if self.fps else "every frame"


EVERY_FRAME = Mode()


@dataclass(frozen=True, slots=True)
class Wish:
    """What to decode from a programme."""

    picture: bool = True
    sound: bool = True
    stride: int = 8
    """One in this many frames is also given large."""
    mode: Mode = EVERY_FRAME
    start: float = 0.0
    seconds: float = LONGEST_SECONDS
    large: int = LARGE
    """Longer side of the larger frames; 0 for none."""
    crop: tuple[float, float, float, float] | None = None
    """Only this part of the frame: left, top, right, bottom as parts of it."""
    part: ProgrammePart | None = None
    """Only these pictures of a file. Needs `origin`."""
    origin: float | None = None
    """Seconds at which the file begins, where picture or sound is decoded alone: times still count from there. Any
    damage then ends it: what is made up depends on what is before it."""


@dataclass(frozen=True, slots=True, eq=False)
class Small:
    """A frame as 64 × 64 grey."""

    seconds: float
    grey: NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Large:
    """A frame as grey at `LARGE` pixels; the same frame is also given small, under the same time."""

    seconds: float
    grey: NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Sound:
    """Samples at `SOUND_RATE`, −32768 to 32767."""

    seconds: float
    samples: NDArray[np.int16]


Medium = Path | FrameSequence
"""What is decoded: one file, or numbered ones."""


def decode(medium: Medium, wish: Wish, declared: Probe | None = None) -> Iterator[Small | Large | Sound]:
    """Everything that is wished for, each kind in its order. Seconds count from the start of the file.

    `declared` is what the file states about itself, where that is known: opening it costs as much as ten frames. Raises
    `MediaError` where FFmpeg ends with an error or gives nothing.
    """
    if isinstance(medium, FrameSequence):
        yield from _decode_frames(medium, wish)
        return
    streams = (declared or probe(medium)).streams if wish.sound else ()
    sounds = sum(stream.kind == "audio" for stream in streams)
    inputs = ["-format_whitelist", FORMATS]
    if wish.origin is not None:
        yield from _decoded([*inputs, *_options(wish), "-i", f"file:{medium.absolute()}"], wish, sounds)
        return
    inputs += ["-skip_frame", "nokey"] if wish.mode.keyframes else []
    inputs += ["-ss", f"{wish.start:.6f}"] if wish.start else []
    # A part begins between key frames, where damage is usual.
    inputs += ["-max_error_rate", str(DAMAGED)] if wish.seconds == LONGEST_SECONDS else []
    inputs += ["-t", f"{wish.seconds:.6f}", "-i", f"file:{medium.absolute()}"]
    yield from _decoded(inputs, wish, sounds)


def _options(wish: Wish) -> Iterator[str]:
    """The options by which times of a part, or of one stream, are exactly those of a decode of all."""
    yield from ("-max_error_rate", "0", "-xerror", "-err_detect", "explode")
    yield from ("-copyts", "-itsoffset", f"{-(wish.origin or 0.0):.6f}")
    if wish.part is not None and wish.part.first:
        yield from ("-noaccurate_seek", "-ss", f"{wish.part.between[0]:.6f}")


def _decode_frames(frames: FrameSequence, wish: Wish) -> Iterator[Small | Large]:
    """Run by run: a fault in one does not cost the next."""
    fault: MediaError | None = None
    for run in frames.runs(wish.start, wish.seconds):
        inputs = ["-format_whitelist", "image2", "-max_error_rate", str(DAMAGED), *run.inputs]
        try:
            for block in _decoded(inputs, wish, 0, frames.filters):
                if not isinstance(block, Sound):
                    yield replace(block, seconds=block.seconds + run.seconds)
        except MediaError as met:
            fault = fault or met
    if fault is not None:
        raise fault


def _decoded(inputs: list[str], wish: Wish, sounds: int, filters: str = "") -> Iterator[Small | Large | Sound]:
    kinds: list[type] = ([Small, Large] if wish.large else [Small]) if wish.picture else []
    kinds += [Sound] if sounds else []
    if not kinds:
        return
    sizes: dict[int, tuple[int, int]] = {}
    for block in _blocks(output(_command(inputs, wish, sounds, filters), block=_PIPE), sizes):
        kind = kinds[block.track - 1] if 0 < block.track <= len(kinds) else None
        width, height = sizes.get(block.track, (0, 0))
        if kind is Sound:
            yield Sound(block.seconds, np.frombuffer(block.data[: len(block.data) // 2 * 2], "<i2").astype(np.int16))
        elif kind is not None and len(block.data) == width * height:  # else the raster changed on the way
            yield kind(block.seconds, np.frombuffer(block.data, np.uint8).reshape(height, width))


def _command(inputs: list[str], wish: Wish, sounds: int, filters: str) -> list[str]:
    graph: list[str] = []
    maps: list[str] = []
    if wish.picture:
        graph += _pictures(wish, filters)
        maps += ["-map", "[small]", "-map", "[large]"] if wish.large else ["-map", "[small]"]
    if sounds == 1:
        maps += ["-map", "0:a:0"]
    elif sounds:
        count = min(sounds, SOUND_STREAMS)
        graph.append("".join(f"[0:a:{n}]" for n in range(count)) + f"amix=inputs={count}[sound]")
        maps += ["-map", "[sound]"]
    command = [tool().path, "-nostdin", "-hide_banner", "-v", "error", "-protocol_whitelist", "file"]
    command += ["-max_pixels", str(MAX_PIXELS), *inputs]
    command += ["-filter_complex", ";".join(graph)] if graph else []
    command += [*maps, "-c:v", "rawvideo", "-fps_mode", "passthrough", "-c:a", "pcm_s16le", "-ac", "1"]
    command += ["-ar", str(SOUND_RATE), "-f", "matroska", "-allow_raw_vfw", "1", "-write_crc32", "0", "pipe:1"]
    return command


def _pictures(wish: Wish, filters: str) -> Iterator[str]:
    """The filters from the first video to `small` and `large`."""
    first = filters + (f"fps={wish.mode.fps}," if wish.mode.fps else "")
    if wish.part is not None:
        begin, end = (min(max(-1.0, edge), LONGEST_SECONDS) for edge in wish.part.between)
        first += f"trim=start={begin:.6f}:end={end:.6f},"
    if wish.crop is not None:
        left, top, right, bottom = wish.crop
        wide, high = f"max(2\\,iw*{right - left:.5f})", f"max(2\\,ih*{bottom - top:.5f})"
        first += f"crop=w={wide}:h={high}:x=iw*{left:.5f}:y=ih*{top:.5f}:exact=1,"
    small = f"scale={SMALL}:{SMALL}:flags=area,format=gray[small]"
    if not wish.large:
        yield f"[0:V:0]{first}{small}"
        return
    side = f"min(1\\,{wish.large}/max(iw*sar\\,ih))"
    large = f"scale=w='max(2\\,trunc(iw*sar*{side}))':h='max(2\\,trunc(ih*{side}))'"
    yield f"[0:V:0]{first}split=2[a][b]"
    yield f"[a]{small}"
    number = f"n+{wish.part.first}" if wish.part else "n"
    yield f"[b]select='not(mod({number}\\,{wish.stride}))',{large}:flags=area,format=gray[large]"


# ---- Matroska as FFmpeg writes it to a pipe

_SEGMENT, _CLUSTER, _GROUP = 0x18538067, 0x1F43B675, 0xA0
_TRACKS, _TRACK, _VIDEO = 0x1654AE6B, 0xAE, 0xE0
_INSIDE = {_SEGMENT, _CLUSTER, _GROUP, _TRACKS, _TRACK, _VIDEO}
_TIME, _BLOCK, _SIMPLE_BLOCK = 0xE7, 0xA1, 0xA3
_NUMBER, _WIDTH, _HEIGHT = 0xD7, 0xB0, 0xBA


@dataclass(frozen=True, slots=True)
class _Block:
    track: int
    seconds: float
    data: bytes


def _blocks(pieces: Iterator[bytes], sizes: dict[int, tuple[int, int]]) -> Iterator[_Block]:
    """The blocks of a stream whose timestamps are milliseconds. Fills `sizes`: track → width, height."""
    cluster = track = width = 0
    for name, body in _elements(pieces):
        if name in (_TIME, _NUMBER, _WIDTH, _HEIGHT):
            value = int.from_bytes(body)
            if name == _TIME:
                cluster = value
            elif name == _NUMBER:
                track = value
            elif name == _WIDTH:
                width = value
            else:
                sizes[track] = width, value
        elif name in (_BLOCK, _SIMPLE_BLOCK) and len(body) > 4:
            time = cluster + int.from_bytes(body[1:3], signed=True)
            yield _Block(body[0] & 0x7F, time / 1000, body[4:])


def _elements(pieces: Iterator[bytes]) -> Iterator[tuple[int, bytes]]:
    """Every element that holds no others, in order."""
    buffer, at = bytearray(), 0
    for piece in pieces:
        del buffer[:at]
        buffer += piece
        at = 0
        while (head := parse_head(buffer, at)) is not None:
            name, start, length = head
            if name in _INSIDE or length is None:
                at = start
            elif start + length <= len(buffer):
                yield name, bytes(memoryview(buffer)[start : start + length])
                at = start + length
            else:
                break
