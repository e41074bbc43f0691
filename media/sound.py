"""When a sound file says that it begins, and on which clock: WAV with a broadcast extension, RF64, BW64.

The samples since midnight are bext's, EBU Tech 3285 (2011) section 2.3, else iXML's; the frame rate is iXML's
(iXML 3.0, `SPEED`), for bext has none. Law: what is not said, or cannot be, is not guessed.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO, Final

__all__ = ["SoundClock", "sound_clock"]

_FORMS: Final = (b"RIFF", b"RF64", b"BW64")
_CHUNKS: Final = 1_000
_TIME_REFERENCE: Final = 338
"""Bytes of bext before it: description, originator, its reference, date and time."""
_XML_BYTES: Final = 1 << 20
_DAY: Final = 24 * 3600
_NOT_SAID: Final = 0xFFFFFFFF
"""A size that is in RF64's `ds64` instead."""


@dataclass(frozen=True, slots=True)
class SoundClock:
    """What a sound file says of its begin."""

    begins: Fraction
    """Seconds after midnight."""
    rate: Fraction | None
    """Frames a second of the timecode that it goes by."""
    is_drop: bool
    """Whether it is said to count drop-frame."""


def sound_clock(path: Path) -> SoundClock | None:
    """What a file says; None where it says nothing, cannot be read, or is of another format."""
    try:
        with path.open("rb") as file:
            said = dict(_chunks(file))
    except OSError:
        return None
    spoken = said.get(b"iXML", b"").decode("utf-8", "replace")
    per_second = int.from_bytes(said.get(b"fmt ", b"")[4:8], "little")
    samples = _time_reference(said.get(b"bext", b""))
    if samples is None:
        samples, per_second = _since_midnight(spoken), _number("TIMESTAMP_SAMPLE_RATE", spoken) or per_second
    if samples is None or not per_second or samples >= _DAY * per_second:
        return None
    is_drop = re.search(r"<TIMECODE_FLAG>\s*DF\s*<", spoken) is not None
    return SoundClock(Fraction(samples, per_second), _rate(spoken), is_drop)


def _chunks(file: BinaryIO) -> Iterator[tuple[bytes, bytes]]:
    """The name and the begin of each chunk that says something of the clock."""
    form, _, kind = struct.unpack("<4sI4s", file.read(12).ljust(12, b"\0"))
    if form not in _FORMS or kind != b"WAVE":
        return
    long = 0
    place = 12
    for _ in range(_CHUNKS):
        file.seek(place)
        head = file.read(8)
        if len(head) < 8:
            return
        name, size = struct.unpack("<4sI", head)
        if name in (b"fmt ", b"bext", b"iXML"):
            yield name, file.read(min(size, _XML_BYTES))
        elif name == b"ds64":
            long = int.from_bytes(file.read(16)[8:], "little")
        elif name == b"data" and size == _NOT_SAID:
            size = long
        place += 8 + size + size % 2


def _time_reference(bext: bytes) -> int | None:
    said = bext[_TIME_REFERENCE : _TIME_REFERENCE + 8]
    return int.from_bytes(said, "little") if len(said) == 8 else None


def _since_midnight(spoken: str) -> int | None:
    low = _number("TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_LO", spoken)
    return None if low is None else low + ((_number("TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_HI", spoken) or 0) << 32)


def _number(name: str, spoken: str) -> int | None:
    found = re.search(rf"<{name}>\s*(\d{{1,19}})\s*<", spoken)
    return int(found[1]) if found else None


def _rate(spoken: str) -> Fraction | None:
    found = re.search(r"<TIMECODE_RATE>\s*(\d{1,6})/(\d{1,6})\s*<", spoken)
    rate = Fraction(int(found[1]), int(found[2])) if found and int(found[2]) else Fraction(0)
    return rate if 1 <= rate <= 240 else None
