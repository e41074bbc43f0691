"""Some frames of a programme, about one a second, at the least cost of decoding: what its marks are looked for in.

Key frames are decoded, and nothing else where they follow each other closely. Where they lie further apart, frames
between them are decoded up to the next one that is wanted, without the frames that no other one needs. Where every
frame is a key frame and the file states where a time lies, the others are not even read.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np

from media.errors import Malformed, Unsupported
from media.frames import FILM
from media.probe import decode_frames, demuxed, lasting, opened, seek, stream_of
from media.still import Picture, fitted, open_picture

__all__ = ["STEP", "FileSource", "FrameSource", "Glimpse", "SequenceSource"]

STEP: Final = 1.0
"""Seconds between the frames that are looked at."""
FAR: Final = 1.5
"""Seconds: key frames further apart have frames between them looked at."""
SIDE: Final = 1280
"""Longer side of the compared frames, in pixels."""
LONGEST: Final = 12 * 3600.0
"""Seconds of a programme that are looked at."""
SLACK: Final = 0.1
"""Seconds by which a frame may be early."""
KEPT: Final = 96 << 20
"""Bytes of undecoded packets that are kept while a key frame is awaited."""

_TIMED: Final = frozenset({"mov", "matroska", "mxf", "avi", "asf"})
"""FFmpeg's demultiplexers of formats that state where a time lies."""


@dataclass(frozen=True, slots=True, eq=False)
class Glimpse:
    """A frame that is looked at."""

    seconds: float
    """In the time of the file."""
    picture: Picture
    """RGB, or grey where only its place in time is sought; upright, its longer side `SIDE` at most."""


class FrameSource(Protocol):
    """How a programme is looked into."""

    @property
    def rate(self) -> Fraction:
        """Frames a second of its clock."""

    def glimpses(self) -> Iterator[Glimpse]:
        """Frames about `STEP` apart, in order. Raises `MediaError`; what came before stays."""

    def between(self, start: float, end: float) -> Iterator[Glimpse]:
        """Every frame that is shown from one time to another, both included; it may be grey."""


@dataclass(frozen=True, slots=True)
class FileSource:
    """A programme in one file."""

    path: Path
    rate: Fraction
    limit_seconds: float
    """How long each look may take; what is left then raises `TimedOut`."""

    def glimpses(self) -> Iterator[Glimpse]:
        """As of `FrameSource`."""
        with opened(self.path, seconds=self.limit_seconds, size=1 << 50) as container:
            stream = _video(container)
            is_timed = bool(_TIMED & set(container.format.name.split(","))) and lasting(container) > FAR
            if is_timed and getattr(stream.codec_context.codec, "intra_only", False):
                yield from _sought(container, stream)
            else:
                yield from _passed(container, stream)

    def between(self, start: float, end: float) -> Iterator[Glimpse]:
        """As of `FrameSource`."""
        with opened(self.path, seconds=self.limit_seconds, size=1 << 50) as container:
            stream = _video(container)
            if not seek(container, stream, start) and start > FAR:
                return
            for packet in demuxed(container, [stream], is_plain=False):
                is_early = packet.pts is not None and packet.time_base and packet.pts * packet.time_base < start - 0.001
                stream.codec_context.skip_frame = "NONREF" if is_early else "DEFAULT"
                for frame in _decodable(packet):
                    if frame.time is None or frame.time < start - 0.001:
                        continue
                    if frame.time > end + 0.001:
                        return
                    yield Glimpse(float(frame.time), _picture(frame, "gray"))


@dataclass(frozen=True, slots=True)
class SequenceSource:
    """A frame sequence; its times count from its first frame."""

    frames: tuple[tuple[int, Path], ...]
    """Number and path of each."""
    rate: Fraction = FILM

    def glimpses(self) -> Iterator[Glimpse]:
        """As of `FrameSource`."""
        step = max(1, round(float(self.rate) * STEP))
        yield from map(self._glimpse, self.frames[::step])

    def between(self, start: float, end: float) -> Iterator[Glimpse]:
        """As of `FrameSource`."""
        for frame in self.frames:
            if start - 0.001 <= self._seconds(frame[0]) <= end + 0.001:
                yield self._glimpse(frame)

    def _seconds(self, number: int) -> float:
        return float((number - self.frames[0][0]) / self.rate)

    def _glimpse(self, frame: tuple[int, Path]) -> Glimpse:
        picture = fitted(open_picture(frame[1], at_least=SIDE), SIDE)
        colours = picture if picture.ndim == 3 else np.repeat(picture[:, :, None], 3, axis=2)
        return Glimpse(self._seconds(frame[0]), colours)


def _video(container: Any) -> Any:
    stream = next((one for one in container.streams if stream_of(one).kind == "video"), None)
    if stream is None or stream.codec_context is None:
        raise Unsupported("there is no picture that could be decoded")
    stream.codec_context.thread_type = "SLICE"  # else frames come out late
    stream.codec_context.thread_count = 1  # workers share the machine
    return stream


def _sought(container: Any, stream: Any) -> Iterator[Glimpse]:
    """Where every frame is a key frame: each time is sought."""
    at = last = stream_of(stream).start
    end = min(lasting(container) + at, LONGEST)
    while at < end and seek(container, stream, at):
        frame = next(_first_frames(container, stream), None)
        if frame is None:
            return
        if frame.time is not None and (frame.time > last or at == last):
            last = float(frame.time)
            yield Glimpse(last, _picture(frame))
        at += STEP


def _first_frames(container: Any, stream: Any) -> Iterator[Any]:
    for packet in demuxed(container, [stream], is_plain=False):
        yield from decode_frames(packet)


def _passed(container: Any, stream: Any) -> Iterator[Glimpse]:
    """Every packet is read; those of key frames are decoded, and of what lies between them no more than is needed."""
    stream.codec_context.skip_frame = "NONREF"
    held = _Held()
    shown = asked = -LONGEST
    for packet in demuxed(container, [stream], is_plain=False):
        time = float(packet.pts * packet.time_base) if packet.pts is not None and packet.time_base else None
        is_wanted = time is None or time >= asked
        if packet.is_keyframe and packet.size and is_wanted and time is not None:
            asked = time + STEP - SLACK
        for one in held.take(packet, is_wanted=is_wanted, is_due=time is None or time > shown + FAR):
            for frame in _decodable(one):
                if frame.time is not None and frame.time >= shown + STEP - SLACK:
                    shown = float(frame.time)
                    held.stop()
                    yield Glimpse(shown, _picture(frame))
        if time is not None and time > LONGEST:
            return


class _Held:
    """The packets since a key frame that are not decoded: they are needed where the next key frame is far."""

    def __init__(self) -> None:
        self._packets: deque[Any] = deque()
        self._size = 0
        self._is_stopped = False

    def take(self, packet: Any, *, is_wanted: bool, is_due: bool) -> Iterator[Any]:
        """What is decoded now: a key frame that is wanted, nothing, or what was held, up to `stop`."""
        if packet.is_keyframe and packet.size:
            self._packets.clear()
            self._size = 0
            is_due = is_wanted
        self._packets.append(packet)
        self._size += packet.size
        self._is_stopped = False
        if not (is_due or self._size > KEPT or not packet.size):
            return
        while self._packets and not self._is_stopped:
            one = self._packets.popleft()
            self._size -= one.size
            yield one

    def stop(self) -> None:
        """The frame that was wanted is here: what is left stays."""
        self._is_stopped = True


def _decodable(packet: Any) -> list[Any]:
    """What comes out of a packet; damage is reported by who decodes all of it."""
    try:
        return decode_frames(packet)
    except Malformed:
        return []


def _picture(frame: Any, colours: str = "rgb24") -> Picture:
    times = min(1.0, SIDE / max(frame.width, frame.height))
    width, height = max(2, round(frame.width * times)), max(2, round(frame.height * times))
    shown = frame.reformat(width=width, height=height, format=colours, interpolation="AREA")
    picture = np.ascontiguousarray(shown.to_ndarray(), np.uint8)
    return np.ascontiguousarray(np.rot90(picture, round((getattr(frame, "rotation", 0) or 0) / 90) % 4))
