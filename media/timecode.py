"""SMPTE timecode on rational frame rates, exact. Source: SMPTE ST 12-1, ST 12-3.

Rule: a position is a whole number of frames. Labels and seconds are worked out from it and never the other way round by
float. Labels wrap at 24 hours, as a clock does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache

__all__ = ["ASSUMED", "Span", "Timecode", "drops", "is_label", "nominal", "rate_of", "whole_seconds"]

Span = tuple[int, int]
"""Half-open: first frame, frame after the last."""
ASSUMED = Fraction(25)
"""Frames a second where a picture states none."""

_LABEL = re.compile(r"(\d{1,2})([:;])(\d{1,2})([:;])(\d{1,2})([:;.,])(\d{1,3})")
_RATE = re.compile(r"\d{1,9}(?:\.\d{1,12}|/\d{1,9})?")
_MILLISECONDS = 1000
"""The rate of what states none, a sound: its labels are times, `00:01:54.091`."""
_NTSC = (24, 30, 48, 60, 72, 96, 120)


@lru_cache(maxsize=1024)
def rate_of(said: str | float | Fraction) -> Fraction:
    """The frame rate that is meant: `23.98`, `23.976`, `24000/1001` and 24 give the same. Raises `ValueError` where
    none is meant."""
    try:
        if isinstance(said, str) and not _RATE.fullmatch(said.strip()):
            raise ValueError
        rate = Fraction(said)
    except (ValueError, ZeroDivisionError, OverflowError) as error:
        raise ValueError(f"{said!r} is not a frame rate") from error
    if not 0 < rate <= 1000:
        raise ValueError(f"{said!r} is not a frame rate")
    for base in _NTSC:
        exact = Fraction(base * 1000, 1001)
        # Written with two or three decimals, or as a float; 23.98 is 0.004 off.
        if abs(rate - exact) < Fraction(1, 200):
            return exact
    whole = Fraction(round(rate))
    return whole if whole and abs(rate - whole) < Fraction(1, 10_000) else rate


def is_label(text: str) -> bool:
    """Whether a text has the form of a timecode, at whatever rate."""
    return _LABEL.fullmatch(text.strip()) is not None


def whole_seconds(label: str) -> int | None:
    """The seconds that a label counts, whatever its rate; None where the text is not a label."""
    found = _LABEL.fullmatch(label.strip())
    return None if found is None else int(found[1]) * 3600 + int(found[3]) * 60 + int(found[5])


def nominal(rate: Fraction) -> int:
    """Frames that one second of labels counts: 30 at 29.97."""
    return max(1, round(rate))


@dataclass(frozen=True, slots=True)
class Timecode:
    """A frame on a rate. `frame` counts from 00:00:00:00 and may pass 24 hours; the label does not."""

    frame: int
    rate: Fraction
    drop: bool = False
    """Drop-frame counting; only at 29.97, 59.94 and 119.88."""

    def __post_init__(self) -> None:
        if self.drop and not drops(self.rate):
            raise ValueError(f"no drop-frame counting at {self.rate} frames a second")

    @classmethod
    def parse(cls, label: str, rate: Fraction, *, drop: bool | None = None) -> Timecode:
        """The frame of a label. `drop` None: by its `;`. Raises `ValueError` where the label does not exist."""
        found = _LABEL.fullmatch(label.strip())
        if found is None:
            raise ValueError(f"{label!r} is not a timecode")
        base = nominal(rate)
        # `.5` is half a second where frames are thousandths.
        last = found[7].ljust(3, "0") if base == _MILLISECONDS and found[6] in ".," else found[7]
        hours, minutes, seconds, frames = (int(said) for said in (found[1], found[3], found[5], last))
        if hours > 23 or minutes > 59 or seconds > 59 or frames >= base:
            raise ValueError(f"{label!r} is not a timecode at {rate} frames a second")
        if drop is None:
            drop = found[6] in ";," and bool(drops(rate))
        count = ((hours * 60 + minutes) * 60 + seconds) * base + frames
        if drop:
            skip = drops(rate)
            if seconds == 0 and frames < skip and minutes % 10:
                raise ValueError(f"{label!r} is left out by drop-frame counting")
            elapsed = hours * 60 + minutes
            count -= skip * (elapsed - elapsed // 10)
        return cls(count, rate, drop)

    @classmethod
    def at(cls, seconds: Fraction, rate: Fraction, *, drop: bool = False) -> Timecode:
        """The frame that is on screen at a time of the real clock."""
        return cls(seconds.numerator * rate.numerator // (seconds.denominator * rate.denominator), rate, drop)

    @property
    def seconds(self) -> Fraction:
        """When the frame begins, by the real clock."""
        return self.frame / self.rate

    def __add__(self, frames: int) -> Timecode:
        return replace(self, frame=self.frame + frames)

    def __sub__(self, frames: int) -> Timecode:
        return replace(self, frame=self.frame - frames)

    @property
    def day(self) -> int:
        """The number of frames in 24 hours of labels."""
        return 24 * 6 * (600 * nominal(self.rate) - 9 * (drops(self.rate) if self.drop else 0))

    def __str__(self) -> str:
        base, skip = nominal(self.rate), drops(self.rate) if self.drop else 0
        count = self.frame % self.day
        if skip:
            tens, rest = divmod(count, 600 * base - 9 * skip)
            # The first minute of ten leaves nothing out; each later one leaves `skip` labels out.
            later = max(0, rest - 60 * base) // (60 * base - skip) + (rest >= 60 * base)
            count += skip * (9 * tens + later)
        minutes, rest = divmod(count, 60 * base)
        if base == _MILLISECONDS:
            return f"{minutes // 60:02}:{minutes % 60:02}:{rest // base:02}.{rest % base:03}"
        return f"{minutes // 60:02}:{minutes % 60:02}:{rest // base:02}{';' if skip else ':'}{rest % base:02}"


def drops(rate: Fraction) -> int:
    """Labels that drop-frame counting leaves out in most minutes; 0 where it is not defined."""
    return {30: 2, 60: 4, 120: 8}.get(nominal(rate), 0) if rate.denominator == 1001 else 0
