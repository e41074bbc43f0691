"""Where something is within an asset, in whole frames; and what of it others cover. Exact; no floats.

Law: a span is half-open, [first frame, frame after the last). Labels are those of the asset's own rate;
where that is not known, labels are only compared in order, and their frames counted as written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from scanner.model import Examination, Kind
from scanner.timecode import Timecode, nominal, rate_of

__all__ = ["Clock", "Locus", "Span", "joined", "locus_of", "uncovered"]

Span = tuple[int, int]
_UNKNOWN_RATE = Fraction(1000)
_CLOCK = re.compile(r"(\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,](\d{1,6}))?")
_TIMED = (Kind.VIDEO, Kind.AUDIO, Kind.TIMELINE, Kind.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Clock:
    """How an asset's labels count."""

    rate: Fraction = _UNKNOWN_RATE
    drop: bool | None = None
    numbered: bool = False
    """A frame sequence: places are its frame numbers."""

    def frame(self, label: str) -> int:
        """The frame that a label, a time without frames or a number names. `ValueError` where there is none."""
        text = label.strip()
        if text.isdecimal():
            return int(text)
        clock = _CLOCK.fullmatch(text)
        if clock is None:
            return Timecode.parse(text, self.rate, drop=self.drop or None).frame
        # A spreadsheet made a time of it: seconds of the label, and a fraction of one for its frames.
        hours, minutes, seconds = (int(clock[index]) for index in (1, 2, 3))
        frames = round(Fraction(f"0.{clock[4] or 0}") * nominal(self.rate))
        seconds, frames = (seconds, frames) if frames < nominal(self.rate) else (seconds, nominal(self.rate) - 1)
        mark = ";" if self.drop else ":"
        return Timecode.parse(f"{hours:02}:{minutes:02}:{seconds:02}{mark}{frames:02}", self.rate, drop=self.drop).frame

    def words(self, span: Span) -> str:
        """A span for a person: `01:00:05:00–01:00:09:00`, `frames 1001–1024`."""
        first, after = span
        if self.numbered:
            return f"frames {first}–{after - 1}"
        drop = bool(self.drop)
        return f"{Timecode(first, self.rate, drop)}–{Timecode(after, self.rate, drop)}"


@dataclass(frozen=True, slots=True)
class Locus:
    """Where a hit is."""

    clock: Clock
    spans: tuple[Span, ...] = ()
    timed: bool = False
    """Whether it lies in time at all: a still does not, and no timecode restricts it."""


def locus_of(examination: Examination, at: Mapping[str, object] | None) -> Locus:
    """Where a finding or a match is; `timed` without spans is the whole of something of unknown length."""
    asset, media = examination.asset, examination.media
    if asset.frames is not None:
        numbered = Clock(numbered=True)
        frames = (at or {}).get("frames")
        given = frames if isinstance(frames, list | tuple) and frames else asset.frames.ranges
        return Locus(numbered, joined((int(first), int(last) + 1) for first, last in given), timed=True)
    try:
        clock = _clock(at or {}, media.rate if media else None, media.timecode if media else None)
        spans = _spans(clock, at, media.timecode if media else None)
        if not spans and at is None and media and media.duration and media.timecode and clock.rate != _UNKNOWN_RATE:
            start = clock.frame(media.timecode)
            spans = ((start, start + max(1, round(Fraction(media.duration) * clock.rate))),)
    except ValueError:  # labels that are none at this rate: the whole of it is meant
        return Locus(Clock(), timed=asset.kind in _TIMED)
    return Locus(clock, spans, timed=bool(spans) or asset.kind in _TIMED)


def _clock(at: Mapping[str, object], rate: str | None, start: str | None) -> Clock:
    said = at.get("rate", rate)
    labels = "".join(str(at.get(name, "")) for name in ("in", "out")) + (start or "")
    drop = ";" in labels or None
    exact = rate_of(said) if isinstance(said, str) and said else _UNKNOWN_RATE
    return Clock(exact, drop if exact != _UNKNOWN_RATE else None)


def _spans(clock: Clock, at: Mapping[str, object] | None, start: str | None) -> tuple[Span, ...]:
    if not at:
        return ()
    if isinstance(at.get("in"), str) and isinstance(at.get("out"), str):
        first, after = clock.frame(str(at["in"])), clock.frame(str(at["out"]))
    elif isinstance(at.get("in_frame"), int) and isinstance(at.get("out_frame"), int):
        base = clock.frame(start) if start else 0
        first, after = base + int(str(at["in_frame"])), base + int(str(at["out_frame"]))
    else:
        return ()
    return ((first, max(after, first + 1)),)


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
    """What of a whole no span covers."""
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
