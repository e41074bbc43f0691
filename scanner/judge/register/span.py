"""Where a hit is in an asset, in whole frames, and which part of it register rows cover. Exact; no floats.

Rule: a span is half-open, [first frame, frame after the last). A row's timecodes count at the asset's own rate; one
that does not exist at that rate covers nothing, and the reason is stated.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from media.timecode import Span, Timecode, drops, nominal, rate_of
from scanner.clock import clock, frame_of, places
from scanner.model import Examination, Kind, Place

__all__ = ["Locus", "Span", "joined", "locus_of", "uncovered"]

_UNKNOWN_RATE = Fraction(1000)
_CLOCK = re.compile(r"(\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,](\d{1,6}))?")
_TIMED = (Kind.VIDEO, Kind.AUDIO, Kind.TIMELINE, Kind.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Locus:
    """Where a hit is."""

    origin: Timecode | None
    """The timecode of frame 0; None where the asset is a frame sequence of unknown rate."""
    spans: tuple[Span, ...] = ()
    """Empty: all of an asset of unknown length, or of one without time."""
    timed: bool = False
    """Whether the hit has a place in time; a still has none, and no timecode restricts it."""
    numbered: bool = False
    """Whether the asset is a frame sequence, whose frames have the numbers in their names."""

    def between(self, into: str, out: str) -> Span:
        """The frames that a row names: by timecodes, where `out` is the frame after the last, or by numbers, where it
        is the last. `ValueError` states what is wrong with them."""
        first, after = (self._frame(said) for said in (into, out))
        return first, after + out.strip().isdecimal()

    def words(self, span: Span) -> str:
        """A span for a person: `01:00:05:00–01:00:09:00`, `frames 1001–1024`."""
        if self.numbered or self.origin is None:
            return f"frames {span[0]}–{span[1] - 1}"
        return f"{self.origin + span[0]}–{self.origin + span[1]}"

    def _frame(self, said: str) -> int:
        text = said.strip()
        if text.isdecimal():
            return int(text)
        if self.origin is None:
            raise ValueError(f"names {text}, and these files have no frame rate: name them by their numbers")
        try:
            label = _label(text, self.origin)
        except ValueError as error:
            clock = f"{float(self.origin.rate):.5g}, {'drop-frame' if self.origin.drop else 'without drop-frame'}"
            raise ValueError(f"names {text}, which does not exist at this file's frame rate ({clock})") from error
        return frame_of(label, self.origin)


def _label(text: str, origin: Timecode) -> Timecode:
    clock_time = _CLOCK.fullmatch(text)
    if clock_time is not None and len(clock_time[4] or "") == 2:
        raise ValueError("frames or hundredths of a second?")
    if clock_time is None:
        # At a rate that knows no drop-frame a semicolon is only a way of writing.
        if text[-3:-2] == ";" and not origin.drop and drops(origin.rate):
            raise ValueError("a drop-frame timecode in a file that counts non-drop")
        return Timecode.parse(text, origin.rate, drop=origin.drop)
    # A spreadsheet made a time of it: seconds of the label, and a fraction of one for its frames.
    hours, minutes, seconds = (int(clock_time[index]) for index in (1, 2, 3))
    base = nominal(origin.rate)
    frames = min(round(Fraction(f"0.{clock_time[4] or 0}") * base), base - 1)
    for frame in range(frames, min(frames + 9, base)):  # drop-frame leaves out the first labels of most minutes
        try:
            return Timecode.parse(f"{hours:02}:{minutes:02}:{seconds:02}:{frame:02}", origin.rate, drop=origin.drop)
        except ValueError:
            continue
    raise ValueError(f"{text!r} is not a time of day")


def locus_of(examination: Examination, at: Place | None) -> Locus:
    """Where a finding or a match is; `timed` without spans is all of an asset of unknown length."""
    asset, media = examination.asset, examination.media
    origin = clock(examination)
    if asset.frames is not None:
        whole = tuple((first, last + 1) for first, last in asset.frames.ranges)
        return Locus(origin, joined(places(at, origin) or whole), timed=True, numbered=True)
    if origin is None:
        origin = _clock_of(at)
    spans = joined(places(at, origin))
    if not spans and at is None and media and media.duration and media.rate and origin.rate != _UNKNOWN_RATE:
        spans = ((0, max(1, round(Fraction(media.duration) * origin.rate))),)
    return Locus(origin, spans, timed=bool(spans) or asset.kind in _TIMED)


def _clock_of(at: Place | None) -> Timecode:
    """The clock of what states none: at the rate of the hit, else one on which labels can only be compared."""
    return Timecode(0, rate_of(at.rate) if at and at.rate else _UNKNOWN_RATE)


def joined(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The same frames in as few spans as possible, ascending."""
    merged: list[Span] = []
    for first, after in sorted(span for span in spans if span[0] < span[1]):
        if merged and first <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(after, merged[-1][1]))
        else:
            merged.append((first, after))
    return tuple(merged)


def uncovered(whole: Sequence[Span], by: Iterable[Span]) -> tuple[Span, ...]:
    """The parts of a whole that no span covers."""
    left: list[Span] = []
    covers = joined(by)
    for first, after in joined(whole):
        at = first
        for start, end in covers:
            if end <= at or start >= after:
                continue
            if start > at:
                left.append((at, start))
            at = max(at, end)
        if at < after:
            left.append((at, after))
    return tuple(left)
