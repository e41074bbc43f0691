"""The clock of a deliverable and of a programme: the timecodes of their frames, and where a hit is on it. Pure.

Rule: a place is counted in whole frames from the deliverable's first, which is 0; in a frame sequence it is the number
in the file's name. Timecodes count at the deliverable's own rate, and go on after midnight.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from media.place import Place
from media.sound import SoundClock
from media.timecode import Span, Timecode, drops, rate_of
from scanner.model import Asset, Examination, Kind

__all__ = ["clock", "first_frame", "first_label", "frame_of", "places", "sound_label"]

_MOST: Final = 10_000
"""Ranges of one hit; more of them are a fault of whoever wrote the record."""
_TIMED: Final = frozenset({Kind.VIDEO, Kind.AUDIO, Kind.TIMELINE})


def clock(seen: Examination) -> Timecode | None:
    """The timecode and rate of the deliverable's frame 0; None where it has no frame rate.

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
    return start - first_frame(seen.asset)


def first_frame(asset: Asset) -> int:
    """The number of a deliverable's first frame: 0, or that in the name of a frame sequence's first file."""
    return asset.frames.ranges[0][0] if asset.frames and asset.frames.ranges else 0


def first_label(start: str, rate: Fraction, sound: SoundClock | None = None) -> Timecode:
    """The timecode of a programme's first frame, as it or its sound states it; zero where that does not exist at its
    rate."""
    if sound is not None:
        return sound_label(sound, rate)
    try:
        return Timecode.parse(start, rate_of(rate))
    except ValueError:
        return Timecode(0, rate if rate > 0 else Fraction(25))


def sound_label(sound: SoundClock, rate: Fraction) -> Timecode:
    """The timecode at which a sound begins; drop-frame only where that is defined."""
    rate = rate_of(rate)
    return Timecode.at(sound.begins, rate, drop=sound.is_drop and drops(rate) > 0)


def frame_of(label: Timecode, origin: Timecode) -> int:
    """The frame of a timecode, where frame 0 has the timecode `origin`; on the next day where midnight is between."""
    frame = label.frame - origin.frame
    return frame + origin.day if frame < -origin.day // 2 else frame


def places(at: Place | None, origin: Timecode | None) -> tuple[Span, ...]:
    """The frames of a finding or a match on a clock; none where it holds for the whole, or its timecodes do not exist
    at the clock's rate."""
    found: tuple[Span, ...] = ()
    if at is None:
        return found
    if at.frames:
        found = at.frames[:_MOST]
        if not at.is_numbered and origin and at.rate and (counted := rate_of(at.rate)) != origin.rate:
            found = tuple(
                (_convert_frame(first, counted, origin.rate), _convert_frame(after, counted, origin.rate))
                for first, after in found
            )
    elif at.labels and origin:
        try:
            into, out = (frame_of(Timecode.parse(label, origin.rate), origin) for label in at.labels)
        except ValueError:
            return ()
        found = ((into, out),)
    return tuple((first, max(after, first + 1)) for first, after in found)


def _convert_frame(frame: int, counted: Fraction, rate: Fraction) -> int:
    """The frame that is on screen at `rate` when `frame` begins at the rate that it was counted at."""
    return Timecode.at(frame / counted, rate).frame
