"""A programme's timeline strip: its findings at their places, by outcome, and the events of its cut under them. Pure.

Positions are percent of the programme's length, so that every medium can draw them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from media.timecode import Timecode, rate_of
from scanner.clock import clock, first_frame
from scanner.judge.conform import Conform
from scanner.judge.cut import Laid
from scanner.model import Examination, Kind, Outcome, Record
from scanner.records.records import StoredRecords
from scanner.reports.components.anchors import file_anchor, finding_anchor
from scanner.reports.instances import Instance, instances
from scanner.reports.interface import Records
from scanner.reports.wording import inert, trim

__all__ = ["StripBar", "StripLane", "StripTick", "TimelineStrip", "cuts_among", "strip_of"]

_LEAST: Final = 0.6
"""Percent: what is shorter is drawn as wide, so that it can be seen and hit."""
_BARS: Final = 400
"""Of one lane; of more, neighbours of one outcome are drawn as one bar."""
_LANES: Final = 5
"""Rows of findings that overlap; the last one takes the rest."""
_TICKS: Final = 4
_NAME: Final = 80
_MILLISECONDS: Final = Fraction(1000)
_TIMED: Final = (Kind.TIMELINE, Kind.VIDEO)


@dataclass(frozen=True, slots=True, kw_only=True)
class StripBar:
    """A finding at one of its places, or an event of the cut."""

    left: float
    width: float
    tone: str
    """The outcome, or `cut`."""
    name: str
    """The text in the bar: the cause or the clip."""
    label: str
    """The whole bar in a sentence."""
    anchor: str
    """The anchor that it links to; empty for none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StripLane:
    """One row of bars."""

    name: str
    """`found`, `whole file` or `cut`; empty for a further row of the same."""
    bars: tuple[StripBar, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StripTick:
    """A timecode under the strip."""

    left: float
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineStrip:
    """One programme."""

    path: str
    anchor: str
    outcome: Outcome
    found: int
    """Places of findings that are drawn."""
    lanes: tuple[StripLane, ...]
    ticks: tuple[StripTick, ...]
    cut: str
    """The path of the timeline whose events are under it; empty where none was found for it."""


def cuts_among(records: Records) -> Conform:
    """The cuts and programmes of a run, to find the cut of a programme by; where records are in a file, no others are
    read."""
    timelines, programmes = [], []
    for record in records(kinds=_TIMED) if isinstance(records, StoredRecords) else records():
        seen = record.examination
        if seen.asset.kind is Kind.TIMELINE:
            timelines.append(((seen.asset.root, seen.asset.path), seen.sequences))
        elif seen.asset.kind is Kind.VIDEO or seen.asset.frames is not None:
            programmes.append((seen.asset, seen.media))
    return Conform(timelines, programmes)


def strip_of(record: Record, conform: Conform) -> TimelineStrip | None:
    """The strip of a programme; None where no finding has a place in it, or its length is not known."""
    seen = record.examination
    origin = clock(seen) or _make_sound_clock(seen)
    hits = [hit for hit in instances(record) if hit.outcome is not Outcome.PASS]
    length = _length(seen, origin)
    if origin is None or not length or not any(hit.span for hit in hits):
        return None
    begin = first_frame(seen.asset)
    lanes = [*_make_finding_lanes(record, hits, begin, length)]
    cut = ""
    if laid := conform.events_under(seen.asset, seen.media):
        place, events = laid
        if bars := _thin_bars(list(_events(events, begin, length))):
            cut = trim(place[1], _NAME * 2)
            lanes.append(StripLane(name="cut", bars=tuple(bars)))
    return TimelineStrip(
        path=inert(seen.asset.path),
        anchor=file_anchor(record),
        outcome=record.verdict.outcome,
        found=len(hits),
        lanes=tuple(lanes),
        ticks=tuple(_ticks(origin, begin, length)),
        cut=cut,
    )


def _make_sound_clock(seen: Examination) -> Timecode | None:
    """The clock of a sound that states no frame rate: milliseconds from its begin."""
    return Timecode(0, _MILLISECONDS) if seen.asset.kind is Kind.AUDIO else None


def _length(seen: Examination, origin: Timecode | None) -> int:
    """Frames from the first to the last."""
    if seen.asset.frames and seen.asset.frames.ranges:
        return seen.asset.frames.ranges[-1][1] + 1 - first_frame(seen.asset)
    if origin is None or seen.media is None or not seen.media.duration:
        return 0
    return round(Fraction(seen.media.duration) * rate_of(origin.rate))


def _make_finding_lanes(record: Record, hits: list[Instance], begin: int, length: int) -> Iterator[StripLane]:
    """Findings that hold for all of it in a row of their own; the others in as many rows as overlap."""
    anchor = file_anchor(record)
    placed, whole = [], []
    for hit in hits:
        label, name = trim(f"{hit.outcome}: {hit.words}", 200), hit.mark.cause.name.rpartition("/")[2]
        target = finding_anchor(anchor, hit.id)
        if hit.span is None:
            whole.append(StripBar(left=0, width=100, tone=hit.outcome.value, name=name, label=f"{label}, whole file",
                                  anchor=target))  # fmt: skip
            continue
        label += f", {hit.span.start}–{hit.span.end}" if hit.span.start else ""
        left, width = _share(hit.span.first, hit.span.after, begin, length)
        placed.append(StripBar(left=left, width=width, tone=hit.outcome.value, name=name, label=label, anchor=target))
    rows = _rows(_thin_bars(sorted(placed, key=lambda bar: bar.left)))
    yield from (StripLane(name="" if number else "found", bars=tuple(row)) for number, row in enumerate(rows))
    if whole:
        worst = max(whole, key=lambda bar: Outcome(bar.tone).rank)
        yield StripLane(name="whole file", bars=(worst,))


def _rows(bars: Iterable[StripBar]) -> list[list[StripBar]]:
    rows: list[list[StripBar]] = []
    for bar in bars:
        free = next((row for row in rows if row[-1].left + row[-1].width <= bar.left), None)
        if free is None and len(rows) < _LANES:
            rows.append(free := [])
        (rows[-1] if free is None else free).append(bar)
    return rows


def _events(events: Iterable[Laid], begin: int, length: int) -> Iterator[StripBar]:
    for event in events:
        if event.first < begin + length and event.after > begin:
            left, width = _share(event.first, event.after, begin, length)
            name = trim(event.clip.name, _NAME)
            yield StripBar(left=left, width=width, tone="cut", name=name, label=name, anchor="")


def _share(first: int, after: int, begin: int, length: int) -> tuple[float, float]:
    left = min(max((first - begin) * 100 / length, 0.0), 100 - _LEAST)
    width = max(min((after - begin) * 100 / length, 100.0) - left, _LEAST)
    return round(left, 3), round(width, 3)


def _thin_bars(bars: list[StripBar]) -> list[StripBar]:
    """As they are, or so many that a page can bear: neighbours of one tone become one bar that leads to the first."""
    if len(bars) <= _BARS:
        return bars
    kept: dict[tuple[str, int], list[StripBar]] = {}
    for bar in bars:
        kept.setdefault((bar.tone, int(bar.left * _BARS / 100)), []).append(bar)
    return sorted((_merge_bars(group) for group in kept.values()), key=lambda bar: bar.left)


def _merge_bars(bars: list[StripBar]) -> StripBar:
    first, end = bars[0], max(bar.left + bar.width for bar in bars)
    label = f"{first.label} and {len(bars) - 1} more" if len(bars) > 1 else first.label
    width = round(end - first.left, 3)
    return StripBar(left=first.left, width=width, tone=first.tone, name=first.name, label=label, anchor=first.anchor)


def _ticks(origin: Timecode, begin: int, length: int) -> Iterator[StripTick]:
    for number in range(_TICKS + 1):
        frame = begin + length * number // _TICKS
        yield StripTick(left=number * 100 / _TICKS, label=str(origin + frame))
