"""When a sound file states that it begins, and on which clock: WAV with a broadcast extension, RF64, BW64.

The samples since midnight are bext's, EBU Tech 3285 (2011) section 2.3, else iXML's; the frame rate is iXML's (iXML
3.0, `SPEED`), because bext has none. Rule: a value that is missing or impossible is not guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Final

from media.containers import riff
from media.errors import Malformed
from media.timecode import rate_of

__all__ = ["SoundClock", "sound_clock"]

_FORMS: Final = (b"RIFF", b"RF64", b"BW64")
_CHUNKS: Final = 1_000
_STATED: Final = ("fmt ", "bext", "iXML")
_TIME_REFERENCE: Final = 338
"""Bytes of bext before it: description, originator, its reference, date and time."""
_XML_BYTES: Final = 1 << 20
_DAY: Final = 24 * 3600


@dataclass(frozen=True, slots=True)
class SoundClock:
    """What a sound file states about its start."""

    begins: Fraction
    """Seconds after midnight."""
    rate: Fraction | None
    """Frame rate of its timecode."""
    is_drop: bool
    """Whether it states that it counts drop-frame."""


def sound_clock(path: Path) -> SoundClock | None:
    """What a file states; None where it states nothing, cannot be read, or is of another format."""
    try:
        with path.open("rb") as file:
            head = file.read(12)
            if head[:4] not in _FORMS or head[8:] != b"WAVE":
                return None
            said = dict(_chunks(file, path.stat().st_size))
    except OSError:
        return None
    spoken = said.get("iXML", b"").decode("utf-8", "replace")
    per_second = int.from_bytes(said.get("fmt ", b"")[4:8], "little")
    samples = _time_reference(said.get("bext", b""))
    if samples is None:
        samples, per_second = _since_midnight(spoken), _number("TIMESTAMP_SAMPLE_RATE", spoken) or per_second
    if samples is None or not per_second or samples >= _DAY * per_second:
        return None
    is_drop = re.search(r"<TIMECODE_FLAG>\s*DF\s*<", spoken) is not None
    return SoundClock(Fraction(samples, per_second), _rate(spoken), is_drop)


def _chunks(file: BinaryIO, size: int) -> Iterator[tuple[str, bytes]]:
    """The name and the begin of each chunk that states something of the clock, up to the first fault."""
    try:
        for part in islice(riff.walk(file, size), _CHUNKS):
            if part.name in _STATED:
                file.seek(part.offset)
                yield part.name, file.read(min(part.size, _XML_BYTES))
    except Malformed:
        return


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
    found = re.search(r"<TIMECODE_RATE>\s*(\d{1,6}/\d{1,6})\s*<", spoken)
    try:
        rate = rate_of(found[1]) if found else Fraction(0)
    except ValueError:
        return None
    return rate if 1 <= rate <= 240 else None
