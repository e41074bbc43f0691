"""The basis of an editor's lists: the hits of deliverables that have a timeline, deliverable by deliverable.

A still has no place on a timeline, and what the policy allows needs no action: neither is here. A hit that holds for a
whole programme is placed on its first frame with a note: no blanket range is drawn.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import chain, islice
from typing import Final
from urllib.parse import quote

from media.timecode import Timecode
from scanner.clock import clock, first_frame
from scanner.model import Kind, Outcome, Record
from scanner.records.summary import Summary
from scanner.reports.instances import Instance, Span, instances
from scanner.reports.interface import Document, Listed, Records, Report
from scanner.reports.naming import Naming
from scanner.reports.signing import sign_off
from scanner.reports.wording import inert, trim

__all__ = ["COLOURS", "Cue", "TimedDeliverable", "TimedReport", "cues", "timelines", "typed"]

COLOURS: Final = {Outcome.BLOCKER: "red", Outcome.ISSUE: "yellow", Outcome.FYI: "cyan"}
"""Colours that Avid, Resolve and OpenTimelineIO all have."""

_WORDS: Final = 200
"""Characters of what a comment states before where it is; what to do is never cut."""
_TITLE: Final = 100
_LONGEST: Final = 1e6
"""Seconds; a file that states more states nonsense."""
_TYPED: Final = {ord("·"): "-", ord("–"): "-", ord("…"): "...", ord("“"): '"', ord("”"): '"'}


@dataclass(frozen=True, slots=True)
class Cue:
    """One hit on a timeline."""

    hit: Instance
    span: Span
    start: Timecode
    whole: bool
    """Whether it holds for the whole programme."""

    @property
    def title(self) -> str:
        """`BLOCKER: AI-generated`: a marker's name, for programs that show the comment separately."""
        return trim(f"{self.hit.outcome.value.upper()}: {self.hit.mark.words}", _TITLE)

    @property
    def comment(self) -> str:
        """One line: outcome, what, where in frames, and what to do, which is never shortened."""
        where = "whole programme" if self.whole else f"to {self.span.end}, {self.span.words}"
        text = f"{trim(f'{self.hit.outcome.value.upper()}: {self.hit.words}', _WORDS)} ({where})"
        return f"{text}. {self.task}" if self.task else text

    @property
    def task(self) -> str:
        """What makes it pass, or who accepted it; where the policy does not state it, the actions that it demands."""
        asked = [reason for reason in self.hit.reasons if not reason.settled]
        if not asked:
            return ". ".join(said for reason in self.hit.reasons for said in reason.standing)
        todo = "; ".join(self.hit.page.todo)
        remedies = dict.fromkeys(reason.remedy for reason in asked if reason.remedy)
        return " ".join(remedies) or (f"{todo[0].upper()}{todo[1:]}." if todo else "")

    @property
    def length(self) -> int:
        """Its length in frames; 1 where it holds for the whole programme, so that no blanket range is drawn."""
        return 1 if self.whole else self.span.frames


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedDeliverable:
    """A deliverable with hits in time."""

    path: str
    """Inert."""
    size: tuple[int, int]
    """Of its picture; 0 where it is not known."""
    sound: bool
    """Whether it is sound alone."""
    start: Timecode
    """The timecode of its first frame."""
    frames: int
    """Its length, or up to the end of its last hit where the file does not state it."""
    cues: tuple[Cue, ...]
    signed: str = ""
    """The sign-off of the report, in a sentence; empty where nobody signed."""
    part: int = 0
    """Counted from 1 where a format limits the markers of a file and the deliverable has more."""

    @property
    def name(self) -> str:
        """The file's own name."""
        return self.path.rpartition("/")[2]

    @property
    def url(self) -> str:
        """Its path as a relative URL: records do not state where the media are."""
        return quote(self.path.replace("\\", "%5C"), safe="/%")

    @property
    def rate(self) -> Fraction:
        """Frames a second."""
        return self.start.rate

    def offset(self, cue: Cue) -> int:
        """The first frame of a hit, counted from the deliverable's first."""
        return max(0, cue.start.frame - self.start.frame)


class TimedReport(Report):
    """Marks on timelines: one document for each deliverable that has hits in time."""

    lists: Listed = "hits in time"

    def escape(self, text: str) -> str:
        """See `Report.escape`."""
        return inert(text)

    def parts(self, timeline: TimedDeliverable) -> Iterator[TimedDeliverable]:
        """The timeline, in parts where the format limits the number of markers."""
        yield timeline

    def write(self, found: Iterable[TimedDeliverable]) -> Iterator[str]:
        """Write one document with these timelines; without any, an empty one that loads."""
        raise NotImplementedError

    def render(self, summary: Summary, records: Records) -> Iterator[str]:
        """All timelines in one document, for a pipe."""
        yield from self.write(self._all(summary, records))

    def documents(self, summary: Summary, records: Records) -> Iterator[Document]:
        """A document for each timeline, named after it where there are several."""
        found = self._all(summary, records)
        first = tuple(islice(found, 2))
        names = Naming()
        for one in chain(first, found) if len(first) > 1 else ():
            yield Document(names.name(one.path), self.write((one,)))
        if len(first) < 2:
            yield Document("", self.write(first))

    def _all(self, summary: Summary, records: Records) -> Iterator[TimedDeliverable]:
        signed = " ".join(sign_off(summary))
        return (replace(part, signed=signed) for one in timelines(records()) for part in self.parts(one))


def timelines(records: Iterable[Record]) -> Iterator[TimedDeliverable]:
    """The deliverables that have hits in time."""
    for record in records:
        if found := cues(record):
            yield _timeline(record, found)


def _timeline(record: Record, found: list[Cue]) -> TimedDeliverable:
    asset, media = record.examination.asset, record.examination.media
    begin = first_frame(asset)
    start = found[0].start - (found[0].span.first - begin)
    length = asset.frames.ranges[-1][1] + 1 - begin if asset.frames and asset.frames.ranges else 0
    if media and media.duration and not length and 0 < media.duration < _LONGEST:
        length = round(Fraction(media.duration) * start.rate)
    return TimedDeliverable(
        path=inert(asset.path),
        size=((media and media.width) or 0, (media and media.height) or 0),
        sound=asset.kind is Kind.AUDIO,
        start=start,
        frames=max(length, 1, *(cue.span.first - begin + cue.length for cue in found)),
        cues=tuple(found),
    )


def cues(record: Record) -> list[Cue]:
    """The record's hits in the order of its timeline; none where it has no timeline or nothing to act on."""
    origin = clock(record.examination)
    if origin is None or record.verdict.outcome is Outcome.PASS:
        return []
    return sorted(_make_cues(record, origin), key=lambda cue: (cue.start.frame, cue.span.after))


def _make_cues(record: Record, origin: Timecode) -> Iterator[Cue]:
    begin = first_frame(record.examination.asset)
    for hit in instances(record):
        if hit.outcome in COLOURS:
            span = hit.span or Span(begin, begin + 1, origin + begin)
            if span.start:
                yield Cue(hit, span, span.start, hit.span is None)


def typed(words: str) -> str:
    """The words with provscan's own signs as a typewriter writes them: edit lists were ASCII, and some readers still
    require it."""
    return words.translate(_TYPED)
