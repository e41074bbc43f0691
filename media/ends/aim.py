"""One stream at one place of it: which packets are decoded there, and what shows that they are damaged.

A picture is decoded from a key frame on, which needs nothing before it: where that frame is damaged, the file is.
Pictures that depend on others before the key frame are not judged. A sound may need some packets before it gives its
first frame.
"""

from __future__ import annotations

from enum import Enum, StrEnum
from typing import Any

from media.errors import Malformed
from media.limits import is_cut_short
from media.probe import Decoded, decode_packet, set_strict

__all__ = ["UNHEARD", "Aim", "Checkpoint", "Start"]

FRUITLESS = 300
"""After this many packets without a frame, there is none."""
UNHEARD = 16
"""Packets of a sound that may fail in a row: before its first frame, as they depend on what comes before the place; and
in a stream without a container, where tags and junk may be between its frames."""
SCRAP = 64
"""A packet of fewer bytes, cut from a stream, is not a picture: a delimiter, a filler, an end mark."""

_STRICT = frozenset({"hevc", "mjpeg"})
"""Decoders that report a damaged picture only where they are asked to stop at it."""


class Checkpoint(StrEnum):
    """A place of a programme."""

    FIRST = "first"
    MIDDLE = "middle"
    LAST = "last"


class Start(Enum):
    """What is known about the packets that come."""

    AT_PACKET = 1
    """The container states where each begins and ends."""
    PARSED = 2
    """They are cut from a stream by their first bytes."""
    AT_BYTE = 3
    """As `PARSED`, and the first may be incomplete."""
    ANYWHERE = 4
    """There is no key frame among them."""


class Aim:
    """The frames of a stream at a place: one, or at the last place all to the end."""

    def __init__(self, stream: Any, place: Checkpoint, start: Start = Start.AT_PACKET) -> None:
        self.packets = 0
        """How many were decoded."""
        self.reached: float | None = None
        """The time of the last picture, or of the end of the last sound, in seconds."""
        self.fault = ""
        self.is_over = False
        """Whether it needs nothing more, or there is nothing more."""
        self._place, self._start = place, start
        self._is_sound = stream.type == "audio"
        self._key: float | None = None
        self._unsure = int(start is Start.AT_BYTE)  # the first packet behind a byte in the middle may be half of one
        self._failed = 0
        if stream.codec_context.name in _STRICT:
            set_strict(stream)

    def take(self, packet: Any) -> None:
        """Decode a packet, including the empty one at the end."""
        if packet.size and self._unsure:
            self._unsure -= 1
            return
        if not self.packets and not self._begins(packet):
            return
        self.packets += bool(packet.size)
        try:
            frames = decode_packet(packet)
        except Malformed as error:
            self._note_error(packet, error)
        else:
            self._note_frames(frames)
        if not packet.size or (self.packets > FRUITLESS and self.reached is None):
            self.is_over = True

    def _begins(self, packet: Any) -> bool:
        """Whether the decoding can begin with it."""
        if self._is_sound or self._start is Start.ANYWHERE:
            return bool(packet.size)
        if packet.is_keyframe and packet.pts is not None and packet.time_base:
            self._key = float(packet.pts * packet.time_base)
        return bool(packet.is_keyframe and packet.size)

    def _note_error(self, packet: Any, error: Malformed) -> None:
        """Some packets of a sound may fail, and scraps that a parser took for a picture."""
        self._failed += 1
        is_parsed = self._start is not Start.AT_PACKET
        if self._is_sound:
            is_borne = not packet.size or ((self.reached is None or is_parsed) and self._failed <= UNHEARD)
        else:
            is_borne = is_parsed and packet.size < SCRAP
        if not is_borne and self._start is not Start.ANYWHERE:
            self.fault = str(error)
            self.is_over = True

    def _note_frames(self, frames: list[Decoded]) -> None:
        for frame in frames:
            self._failed = 0
            if frame.is_damaged and self._is_sure(frame):
                self.fault = "it is damaged"
            end = frame.time + frame.seconds
            self.reached = end if self.reached is None else max(self.reached, end)
        if self.fault or (self.reached is not None and self._place is not Checkpoint.LAST):
            self.is_over = True

    def _is_sure(self, frame: Decoded) -> bool:
        """Whether all that a picture needs was decoded: one that is shown before the key frame may lean on others."""
        if self._is_sound or self._start is Start.ANYWHERE:
            return False
        return frame.is_key if self._key is None else frame.time >= self._key - 1e-6

    def shortfall(self, end: float | None) -> str:
        """What is missing when everything was decoded: any frame at all, or those up to the stated end of the
        stream."""
        if self.reached is None:
            return "no frame came out of the decoder"
        if self._place is Checkpoint.LAST and end is not None and is_cut_short(end, self.reached):
            return f"it declares {end:.1f} s, and its last frame stands at {self.reached:.1f} s"
        return ""
