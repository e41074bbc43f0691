"""Hits as an editor meets them: each at its place on the deliverable's own timeline. Pure.

Rule: a place is a whole frame of the deliverable; its timecode is worked out from the start timecode and the rate. One
hit is one instance: ranges are never joined, and a hit without a place gets none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from media.timecode import Timecode
from scanner.clock import clock, places
from scanner.match_ids import match_id
from scanner.model import Box, MediaFacts, Outcome, Place, Record
from scanner.reports.reasons import Because, worst_outcome
from scanner.reports.view import Mark, Sheet, sheet
from scanner.reports.wording import count, inert

__all__ = ["Instance", "Span", "instances"]


@dataclass(frozen=True, slots=True)
class Span:
    """The frames of a hit, as records and edit lists count: up to `after`, which is no longer part of it."""

    first: int
    """Counted from the deliverable's first frame, which is 0; for a frame sequence the number in the file name."""
    after: int
    start: Timecode | None
    """The timecode of `first`; None where the deliverable has no frame rate."""
    counted: bool = True
    """Whether `first` is known. It is not where only a timecode is known and the file states no start timecode."""

    @property
    def frames(self) -> int:
        """Its length in frames."""
        return self.after - self.first

    @property
    def end(self) -> Timecode | None:
        """The timecode of `after`: the out point."""
        return self.start + self.frames if self.start else None

    @property
    def words(self) -> str:
        """`64 frames from frame 682`."""
        return count(self.frames, "frame") + f" from frame {self.first}" * self.counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """A finding or a match, at one of its places."""

    id: str
    """The id by which a reason's `because` names it."""
    page: Sheet
    mark: Mark
    outcome: Outcome
    """The worst outcome that the policy gives it; `pass` where it allows it."""
    reasons: tuple[Because, ...]
    span: Span | None
    """None where it holds for the whole file."""
    region: Box | None
    """Where in the picture; None: the whole picture."""

    @property
    def recognised(self) -> bool:
        """Whether it is a match with a reference; otherwise it is a finding."""
        return self.mark.recognised

    @property
    def words(self) -> str:
        """`AI-generated · Sora 2 (OpenAI) · own field`, without its place; for a match also what the cut has there."""
        mark = self.mark
        return " · ".join(part for part in (mark.words, mark.maker, mark.firmness, mark.cut) if part)


def instances(record: Record) -> Iterator[Instance]:
    """The record's hits, in the order of its findings and matches, each place by itself."""
    page = sheet(record)
    origin = clock(record.examination)
    found = (
        *((it.id, it.at) for it in record.findings),
        *((match_id(it), it.at) for it in record.matches),
    )
    for mark, (name, at) in zip(page.marks, found, strict=True):
        reasons = tuple(reason for reason in page.reasons if name in reason.findings)
        for span in _spans(at, origin, record.examination.media) or (None,):
            yield Instance(
                id=inert(name),
                page=page,
                mark=mark,
                outcome=worst_outcome(reasons),
                reasons=reasons,
                span=span,
                region=at.box if at else None,
            )


def _spans(at: Place | None, origin: Timecode | None, media: MediaFacts | None) -> list[Span]:
    counted = bool(at and at.frames) or bool(media and media.timecode)
    return [Span(first, after, origin + first if origin else None, counted) for first, after in places(at, origin)]
