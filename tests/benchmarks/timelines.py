"""`python -m tests.benchmarks.timelines FOLDER…`: timelines as provscan reads them beside OpenTimelineIO.

The oracle is OpenTimelineIO with whatever adapters are installed; files that it refuses are counted and not compared.
An event agrees where both have one with the same record range; its source agrees where name, file or reel is the same,
its start where the source begins at the same frame. What only one of them has is listed with `--show`.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import sys
import warnings
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio

from media.identify import KINDS, identify
from media.timecode import Timecode, rate_of
from scanner.judge.cut import base_name
from scanner.model import Evidence
from scanner.readers.interface import Medium, ReadSettings, read_statements
from scanner.readers.timeline import TIMELINE
from tests.benchmarks.table import table

FORMATS = {".aaf": "AAF", ".edl": "EDL", ".fcpxml": "FCPXML", ".otio": "OTIO", ".xml": "xmeml"}


@dataclass(frozen=True)
class Seen:
    """An event: its record range in frames of the record, names, and where its source begins in seconds."""

    span: tuple[int, int] | None
    names: frozenset[str]
    start: Fraction | None
    shown: str

    def unlike(self, other: Seen) -> tuple[bool, bool]:
        """Whether names, and starts, differ."""
        return not self.names & other.names, not self.begins_as(other)

    def begins_as(self, other: Seen) -> bool:
        """Whether the sources begin at the same frame."""
        return self.start is not None and other.start is not None and abs(self.start - other.start) < Fraction(1, 50)


@dataclass
class Score:
    """Counts of one format."""

    counts: Counter[str] = field(default_factory=Counter)

    def row(self, name: str) -> list[str]:
        keys = ("files", "ours", "theirs", "record", "source", "starts", "of starts", "none")
        return [name, *(f"{self.counts[key]:,}" for key in keys)]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.timelines", description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--show", action="store_true", help="list the events on which they differ")
    asked = parser.parse_args()
    scores: dict[str, Score] = defaultdict(Score)
    for path in sorted(path for folder in asked.folders for path in folder.rglob("*")):
        if path.suffix.lower() in FORMATS and path.is_file():
            compare(path, scores[FORMATS[path.suffix.lower()]], show=asked.show)
    heads = ("format", "files", "events", "OTIO", "record agrees", "source agrees", "start agrees", "of", "no start")
    print(table(heads, [scores[name].row(name) for name in sorted(scores)]))


def compare(path: Path, score: Score, *, show: bool) -> None:
    """One file, by both."""
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            theirs = [event for line in lines(otio.adapters.read_from_file(str(path))) for event in of_otio(line)]
    except Exception as error:  # noqa: BLE001 - adapters raise whatever they like
        score.counts["refused by OTIO"] += 1
        print(f"{path.name}: not read by OpenTimelineIO: {type(error).__name__}: {str(error)[:100]}", file=sys.stderr)
        return
    ours = [seen(item) for item in read(path) if item.key == "source-clip"]
    score.counts.update({"files": 1, "ours": len(ours), "theirs": len(theirs)})
    left = list(theirs)
    for one in ours:
        found = min((it for it in left if it.span == one.span), key=one.unlike, default=None)
        if found is None:
            if show:
                print(f"{path.name}: only here {one.shown}")
            continue
        left.remove(found)
        score.counts["record"] += 1
        score.counts["source"] += bool(one.names & found.names)
        if one.start is None:
            score.counts["none"] += 1
            continue
        score.counts["of starts"] += 1
        agrees = one.begins_as(found)
        score.counts["starts"] += agrees
        if show and not (agrees and one.names & found.names):
            print(f"{path.name}: here {one.shown}; OTIO {found.shown}")
    if show:
        print(*(f"{path.name}: only OTIO {it.shown}" for it in left), sep="\n", end="\n" if left else "")


# By OpenTimelineIO


def lines(read: Any) -> Iterator[Any]:
    """The timelines of what an adapter returns."""
    if isinstance(read, otio.schema.Timeline):
        yield read
    elif isinstance(read, otio.schema.SerializableCollection):
        for held in read:
            yield from lines(held)


def of_otio(line: Any) -> Iterator[Seen]:
    """The clips of a timeline, also those that are switched off."""
    begin = line.global_start_time
    for clip in line.find_clips():
        shown = clip.trimmed_range()
        try:
            placed = _trimmed(clip, line.tracks)
        except Exception:  # noqa: BLE001 - what it cannot place
            placed = None
        media = clip.media_reference
        url = getattr(media, "target_url", None) or ""
        names = frozenset(filter(None, map(base_name, (clip.name or "", url, getattr(media, "name", "") or ""))))
        span = None
        if placed is not None:
            rate = begin.rate if begin is not None else placed.start_time.rate
            offset = begin.value if begin is not None else 0
            first = offset + placed.start_time.rescaled_to(rate).value
            span = (round(first), round(first + placed.duration.rescaled_to(rate).value))
        start = Fraction(round(shown.start_time.value)) / rate_of(shown.start_time.rate)
        yield Seen(span, names, start, f"{clip.name} {span} from {shown.start_time.value:g}@{shown.start_time.rate:g}")


def _above(item: Any) -> Iterator[Any]:
    while (item := item.parent()) is not None:
        yield item


def _trimmed(clip: Any, top: Any) -> Any:
    """A clip's range on the timeline, as far as the compositions that hold it show it."""
    placed = clip.transformed_time_range(clip.trimmed_range(), top)
    for above in _above(clip):
        if above.source_range is not None:
            placed = placed.clamped(above.transformed_time_range(above.source_range, top))
    return placed


# By provscan


def read(path: Path) -> list[Evidence]:
    """What the reader says before it gives up."""
    with path.open("rb") as file:
        media_type = identify(file, path.name, path.stat().st_size).media_type
    if media_type not in TIMELINE.media_types:
        return []
    found: list[Evidence] = []
    medium = Medium(path, media_type, KINDS[media_type], size=path.stat().st_size, settings=ReadSettings())
    try:
        for item in read_statements(TIMELINE, medium):
            found.append(item)  # noqa: PERF402 - what came before a fault is kept
    except Exception as error:  # noqa: BLE001 - counted as what it is
        print(f"{path.name}: {error}", file=sys.stderr)
    finally:
        medium.close()
    return found


def seen(item: Evidence) -> Seen:
    """An event of the evidence."""
    facts = item.facts
    rate = rate_of(facts["rate"]) if facts.get("rate") else None
    counted = rate or Fraction(24)
    try:
        ends = [Timecode.parse(facts.get(key, ""), counted).frame for key in ("record_in", "record_out")]
        span = (ends[0], ends[1])
    except ValueError:
        span = None
    source_rate = rate_of(facts["source_rate"]) if facts.get("source_rate") else counted
    try:
        start = Timecode.parse(facts.get("source_in", ""), source_rate).seconds
    except ValueError:
        start = None
    names = frozenset(
        filter(None, (base_name(item.value), *(base_name(facts.get(key, "")) for key in ("file", "reel"))))
    )
    return Seen(span, names, start, f"{item.value} {span} from {facts.get('source_in', '-')} {facts.get('speed', '')}")


if __name__ == "__main__":
    main()
