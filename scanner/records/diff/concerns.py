"""Concerns: the reasons of a run's verdicts that are not `pass`, each with its basis and its place. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from media.timecode import rate_of
from scanner.clock import clock, places
from scanner.judge.policy import findings_of
from scanner.match_ids import match_id
from scanner.model import Examination, Match, Outcome, Place, Record
from scanner.records.diff.versions import without_version

__all__ = ["Concern", "concerns_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Concern:
    """One reason of one verdict that is not `pass`."""

    root: str
    path: str
    digest: str
    rule: str
    because: tuple[str, ...]
    outcome: Outcome
    text: str
    subjects: tuple[str, ...] = ()
    """Its basis, wherever that is: a finding's tool and claim, the reference that was recognised."""
    spans: tuple[tuple[int, int], ...] = ()
    """Its place: first frame and the frame after the last, from the deliverable's first, which is 0."""
    rate: Fraction | None = None
    """Frame rate of `spans`."""

    def to_json(self) -> dict[str, Any]:
        """The concern in the JSON output."""
        return {
            "root": self.root, "path": self.path, "digest": self.digest or None, "rule": self.rule,
            "because": list(self.because), "outcome": self.outcome.value, "text": self.text,
        }  # fmt: skip

    def offset_to(self, other: Concern) -> int | None:
        """Frames by which the same thing is later in another; None where it is not the same, or not as a whole."""
        if not self.subjects or self.subjects != other.subjects or self.rule != other.rule or self.rate != other.rate:
            return None
        if not self.spans or len(self.spans) != len(other.spans):
            return None
        offsets = {
            b - a for one, two in zip(self.spans, other.spans, strict=True) for a, b in zip(one, two, strict=True)
        }
        return offsets.pop() if len(offsets) == 1 else None


def concerns_of(record: Record, digest: str) -> Iterator[Concern]:
    """The record's concerns, in the order of its reasons."""
    seen = record.examination
    reasons = [reason for reason in record.verdict.reasons if reason.outcome is not Outcome.PASS]
    known = _index_subjects(record) if reasons else {}
    origin = clock(seen)
    for reason in reasons:
        because = findings_of(reason)
        hits = [known[name] for name in because if name in known]
        found = sorted((span for _, at in hits for span in places(at, origin)))
        yield Concern(
            root=seen.asset.root, path=seen.asset.path, digest=digest, rule=reason.rule, because=because,
            outcome=reason.outcome, text=reason.text, subjects=tuple(sorted(subject for subject, _ in hits)),
            spans=tuple(found), rate=_rate(seen),
        )  # fmt: skip


def _index_subjects(record: Record) -> Mapping[str, tuple[str, Place | None]]:
    """Id → what it is, apart from its place, and its place."""
    said: dict[str, tuple[str, Place | None]] = {}
    for finding in record.findings:
        words = (finding.rule, finding.claim.value, finding.tool or "", finding.vendor or "")
        said[finding.id] = ("\0".join(words), finding.at)
    for match in record.matches:
        said[match_id(match)] = (f"{match.role}\0{_reference(match)}", match.at)
    return said


def _reference(match: Match) -> str:
    """The content that was recognised, else its name without its version."""
    return match.facts.digest.rpartition(":")[2] or without_version(match.reference)


def _rate(seen: Examination) -> Fraction | None:
    try:
        return rate_of(seen.media.rate) if seen.media and seen.media.rate else None
    except ValueError:
        return None
