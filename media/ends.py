"""First, middle and last frame of a programme, decoded: what a person would look at before it is signed.

Each part has a time limit; where the decoder is too slow for the last frame of a long group, what was decoded so far
stands. A stream without a decoder here, or an encrypted one, is left alone: others report it.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from time import monotonic
from typing import Any

from media.errors import Malformed
from media.probe import decode_packet, opened, seek, stream_of

__all__ = ["decode_ends"]

DECODE_SECONDS = 8.0
"""How long one stream may be decoded."""
LAST_SECONDS = 0.5
"""So much of the end of a sound is sought before its last frame."""
SHORT_SECONDS, SHORT_SHARE = 2.0, 0.02
"""A last frame that stands so much before the stated end of its stream is not the last one."""
FRUITLESS = 300
"""Packets without a frame, after which there is none."""

_ENCRYPTED = frozenset({"encv", "enca", "drms", "drmi"})
_INDEXED = frozenset({"mov", "matroska", "mxf", "avi", "flv", "wav", "w64", "flac", "aiff", "caf", "ogg"})
"""Formats that state where a time lies and how long they last; of others the first frame is decoded."""


def decode_ends(path: Path) -> None:
    """Decode them of the first picture and of the first sound. `MediaError` where one fails."""
    for kind, name in (("video", "picture"), ("audio", "sound")):
        place = ""
        try:
            with opened(path) as container:
                stream = _first(container, kind)
                until = monotonic() + DECODE_SECONDS
                for where, at in _places(container, stream) if stream is not None else ():
                    place = where
                    if at is None or seek(container, stream, at):
                        _decode(container, stream, until, is_last=where == "last")
        except Malformed as error:
            if place:  # what cannot be opened is reported by who reads its tags
                raise Malformed(f"the {place} frame of its {name} cannot be decoded ({error})") from error


def _first(container: Any, kind: str) -> Any | None:
    for stream in container.streams:
        if stream_of(stream).kind == kind and stream.codec_context is not None:
            return None if stream.codec_tag in _ENCRYPTED else stream
    return None


def _places(container: Any, stream: Any) -> Iterator[tuple[str, float | None]]:
    """Name and seconds of each place; the first needs no seeking."""
    yield "first", None
    found = stream_of(stream)
    seconds = found.duration or 0.0
    if _INDEXED & set(container.format.name.split(",")) and seconds > 0:
        before = 2 / float(Fraction(found.rate)) if found.rate else LAST_SECONDS
        yield "middle", found.start + seconds / 2
        yield "last", found.start + max(0.0, seconds - before)


def _decode(container: Any, stream: Any, until: float, *, is_last: bool) -> None:
    """Frames from the key frame on at which the container stands: one, or all to the end."""
    reached, packets, is_sound = None, 0, stream.type == "audio"
    for packet in container.demux(stream):
        if not packets and not packet.is_keyframe and not is_sound:
            continue
        packets += 1
        try:
            times = decode_packet(packet)
        except Malformed:
            # A sound needs what came before the place that was sought.
            if not is_sound or (reached is not None and packet.size) or packets > FRUITLESS:
                raise
            continue
        if times:
            reached = max(times) if reached is None else max(reached, *times)
        if monotonic() > until or (reached is not None and not is_last):
            return
        if packets > FRUITLESS and reached is None:
            break
    if reached is None:
        raise Malformed("no frame came out of the decoder")
    found = stream_of(stream)
    end = found.start + (found.duration or 0.0)
    if is_last and end - reached > max(SHORT_SECONDS, SHORT_SHARE * end):
        raise Malformed(f"it declares {end:.1f} s, and its last frame stands at {reached:.1f} s")
