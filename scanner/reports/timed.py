"""What an editor's lists are made of: the hits of deliverables that have a timeline, deliverable by deliverable.

A still has no place on a timeline, and what the policy lets pass is nothing to act on: neither is here.
A hit that holds for a whole programme stands on its first frame and says so: no blanket range is drawn.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from media.timecode import Timecode
from scanner.clock import clock
from scanner.model import Outcome, Record
from scanner.reports.instances import Instance, Span, instances
from scanner.reports.wording import trim

__all__ = ["COLOURS", "Cue", "cues", "typed"]

COLOURS: Final = {Outcome.BLOCKER: "red", Outcome.ISSUE: "yellow", Outcome.FYI: "cyan"}
"""Colours that Avid, Resolve and OpenTimelineIO all have."""

_COMMENT: Final = 240
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
    def comment(self) -> str:
        """One line: outcome, what, where in frames, and what would mend it."""
        where = "whole programme" if self.whole else f"to {self.span.end}, {self.span.words}"
        remedy = next((reason.remedy for reason in self.hit.reasons if reason.remedy), "")
        text = f"{self.hit.outcome.value.upper()}: {self.hit.words} ({where})"
        return trim(f"{text}. {remedy}" if remedy else text, _COMMENT)


def cues(record: Record) -> list[Cue]:
    """The record's hits in the order of its timeline; none where it has no timeline or nothing to act on."""
    origin = clock(record.examination)
    if origin is None or record.verdict.outcome is Outcome.PASS:
        return []
    frames = record.examination.asset.frames
    begin = frames.ranges[0][0] if frames and frames.ranges else 0
    return sorted(_placed(record, origin, begin), key=lambda cue: (cue.start.frame, cue.span.after))


def _placed(record: Record, origin: Timecode, begin: int) -> Iterator[Cue]:
    for hit in instances(record):
        if hit.outcome in COLOURS:
            span = hit.span or Span(begin, begin + 1, origin + begin)
            if span.start:
                yield Cue(hit, span, span.start, hit.span is None)


def typed(words: str) -> str:
    """The words with provscan's own signs as a typewriter has them: edit lists were ASCII, and some readers stay so."""
    return words.translate(_TYPED)
