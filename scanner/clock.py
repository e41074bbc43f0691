"""The clock of a deliverable and of a programme: which label their frames bear. Pure."""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from fingerprints.broadcast_wave import SoundClock
from scanner.model import Examination, Kind
from scanner.timecode import Timecode, nominal, rate_of

__all__ = ["clock", "first_label", "sound_label"]

_TIMED: Final = frozenset({Kind.VIDEO, Kind.AUDIO, Kind.TIMELINE})


def clock(seen: Examination) -> Timecode | None:
    """The label and rate of the deliverable's frame 0; None where it has no frame rate.

    A frame sequence counts by its file names: without a start timecode, file 86400 is frame 86400 of the day.
    """
    media, frames = seen.media, seen.asset.frames
    if media is None or not media.rate or (seen.asset.kind not in _TIMED and frames is None):
        return None
    try:
        rate = rate_of(media.rate)
    except ValueError:
        return None
    try:
        start = Timecode.parse(media.timecode or "", rate)
    except ValueError:  # none, or one that does not fit the rate
        return Timecode(0, rate)
    return start - frames.ranges[0][0] if frames and frames.ranges else start


def first_label(start: str, rate: Fraction, sound: SoundClock | None = None) -> Timecode:
    """The label of a programme's first frame: as it or its sound says, or zero where that is none at its rate."""
    if sound is not None:
        return sound_label(sound, rate)
    try:
        return Timecode.parse(start, rate_of(rate))
    except ValueError:
        return Timecode(0, rate if rate > 0 else Fraction(25))


def sound_label(sound: SoundClock, rate: Fraction) -> Timecode:
    """The label at which a sound begins; drop-frame only where that is defined."""
    rate = rate_of(rate)
    return Timecode.at(sound.begins, rate, drop=sound.is_drop and rate.denominator == 1001 and not nominal(rate) % 30)
