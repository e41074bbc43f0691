"""One record as a person reads it: every text short, inert and in plain words. Pure.

Console, CSV and HTML print the same sheet, so that they cannot disagree.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from scanner.clock import clock, places
from scanner.judge.causes import Cause, cause_of_finding, cause_of_match
from scanner.judge.conform import said_of_cut
from scanner.match_ids import match_id
from scanner.model import (
    Asset,
    Evidence,
    Examination,
    Finding,
    Frames,
    Kind,
    Match,
    MediaFacts,
    Outcome,
    Place,
    Record,
    Scan,
    Strength,
)
from scanner.reports.marks import READER, describe_mark
from scanner.reports.places import place, running_time, size, spans
from scanner.reports.reasons import Because, reasons_of
from scanner.reports.wording import (
    CLAIMS,
    NOT_INSPECTED,
    NOTHING,
    PROBLEMS,
    STRENGTHS,
    inert,
    looked,
    name_actions,
    trim,
)

__all__ = ["Fault", "Mark", "Sheet", "sheet"]

_STATEMENTS = 12
_NAME = 120
_NO_CAUSE = Cause("", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A finding or a match."""

    id: str
    rule: str
    claim: str
    """A word of the vocabulary; for a match its relation."""
    words: str
    """The claim in plain words."""
    tool: str
    vendor: str
    model: str
    version: str
    strength: str
    firmness: str
    """The strength in plain words."""
    text: str
    where: str
    """Frames, timecode or box; empty where it holds for the whole file."""
    at: str
    """Timecodes or frames alone; empty where it has none."""
    statements: tuple[Evidence, ...]
    """The statements that it is based on, word for word, not shortened and not inert."""
    more: int
    """Number of further statements."""
    cause: Cause = _NO_CAUSE
    """Its cause."""
    cut: str = ""
    """What the programme's cut has there: `cut from A003C002 at 01:02:03:04 (EP101.edl)`."""

    @property
    def recognised(self) -> bool:
        """Whether it is a match with a reference; otherwise it is a finding."""
        return not self.strength

    @property
    def maker(self) -> str:
        """`Sora 2 (OpenAI)`; a vendor whose name is part of the tool's name is not repeated."""
        name = " ".join(word for word in (self.tool, self.version) if word)
        return f"{name} ({self.vendor})" if name and _words(self.vendor) not in _words(name) else name or self.vendor

    @property
    def line(self) -> str:
        """`AI-generated · Sora 2 (OpenAI) · own field · frames 1001–1024`."""
        return " · ".join(part for part in (self.words, self.maker, self.firmness, self.where, self.cut) if part)

    @property
    def source(self) -> str:
        """Where in the file the first statement stands: `png-text parameters, tEXt @ 41`."""
        if not self.statements:
            return ""
        first, others = self.statements[0], len(self.statements) + self.more - 1
        is_mark = first.reader == READER
        text = describe_mark(first) if is_mark else trim(f"{first.reader} {first.key}, {first.where}", _NAME)
        return f"{text} and {others} more" if others else text


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A problem."""

    code: str
    words: str
    by: str
    message: str
    blocking: bool

    @property
    def line(self) -> str:
        """The problem, what the reader reports about it, and which reader."""
        return f"{self.words}: {self.message} ({self.by})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A record."""

    path: str
    root: str
    outcome: Outcome
    inspected: bool
    category: str
    kind: str
    media_type: str
    size: int
    digest: str
    """The content's digest as a register and a waiver name it: `xxh3-128:…`; empty where it was not digested."""
    facts: str
    """`image/png · 1920×1080 · 3.1 MB`."""
    found: str
    """Everything found, in a few words."""
    looks: str
    marks: tuple[Mark, ...]
    reasons: tuple[Because, ...]
    """Worst first."""
    faults: tuple[Fault, ...]
    actions: tuple[str, ...]
    """Words of the vocabulary."""

    @property
    def worst_reasons(self) -> tuple[Because, ...]:
        """The first reason, and the others of its rule and outcome."""
        return tuple(
            it for it in self.reasons if (it.rule, it.outcome) == (self.reasons[0].rule, self.reasons[0].outcome)
        )

    @property
    def causes(self) -> tuple[Cause, ...]:
        """The causes of its worst reasons, each once, in the order of its places."""
        names = {name for reason in self.worst_reasons for name in reason.findings}
        return tuple(dict.fromkeys(mark.cause for mark in self.marks if mark.id in names))

    @property
    def remedies(self) -> tuple[str, ...]:
        """What would make it pass."""
        return tuple(dict.fromkeys(it.remedy for it in self.reasons if it.remedy and not it.settled))

    @property
    def todo(self) -> tuple[str, ...]:
        """The actions in plain words."""
        return name_actions(self.actions)


def sheet(record: Record) -> Sheet:
    """The record, made readable."""
    seen, verdict = record.examination, record.verdict
    asset = seen.asset
    said = {item.id: item for item in seen.evidence}
    marks = (*(_finding(it, said, seen) for it in record.findings), *(_match(it) for it in record.matches))
    return Sheet(
        path=inert(asset.path),
        root=inert(asset.root),
        outcome=verdict.outcome,
        inspected=verdict.scan is Scan.COMPLETE,
        category=asset.category.value,
        kind=asset.kind.value,
        media_type=trim(asset.media_type, _NAME),
        size=asset.size,
        digest=trim(f"{named.algorithm}:{named.value}", _NAME) if (named := seen.whole or seen.digest) else "",
        facts=_facts(asset, seen.media),
        found=_summarise(record, marks),
        looks=inert(looked(seen.looks)),
        marks=marks,
        reasons=reasons_of(record),
        faults=tuple(
            Fault(
                code=inert(it.code),
                words=PROBLEMS.get(it.code, inert(it.code)),
                by=trim(it.by, _NAME),
                message=trim(it.message, 400),
                blocking=it.blocking,
            )
            for it in seen.problems
        ),
        actions=tuple(action.value for action in verdict.actions),
    )


def _words(name: str) -> str:
    """Words for deciding whether one name contains another: `Stable Diffusion web UI (AUTOMATIC1111)` has its
    vendor."""
    return " ".join(["", *re.findall(r"\w+", name.lower()), ""])


def _finding(finding: Finding, said: Mapping[str, Evidence], seen: Examination) -> Mark:
    statements = [said[name] for name in finding.evidence if name in said]
    at = _with_labels(finding.at, seen)
    return Mark(
        id=inert(finding.id),
        rule=trim(finding.rule, _NAME),
        claim=finding.claim.value,
        words=CLAIMS[finding.claim],
        tool=trim(finding.tool or "", _NAME),
        vendor=trim(finding.vendor or "", _NAME),
        model=trim(finding.model or "", _NAME),
        version=trim(finding.version or "", _NAME),
        strength=finding.strength.value,
        firmness=_firmness(finding, statements),
        text=trim(finding.text, 600),
        where=place(at),
        at=place(at).partition(" (frame")[0],
        statements=tuple(statements[:_STATEMENTS]),
        more=max(0, len(statements) - _STATEMENTS),
        cause=_shorten_cause(cause_of_finding(seen, finding)),
    )


def _with_labels(at: Place | None, seen: Examination) -> Place | None:
    """The place with the timecodes of its frames, where it states none and the file has a clock."""
    if at is None or at.labels is not None or at.is_numbered or len(at.frames) != 1:
        return at
    origin = clock(seen)
    if origin is None:
        return at
    ((first, after),) = places(at, origin)
    return replace(at, labels=(str(origin + first), str(origin + after)))


def _firmness(finding: Finding, statements: Sequence[Evidence]) -> str:
    """The strength in plain words; a weak one of a mark in the picture is not a name in a field."""
    if finding.strength is Strength.HEURISTIC and statements and all(it.reader == READER for it in statements):
        return "possibly visible in the picture"
    return STRENGTHS[finding.strength]


def _match(match: Match) -> Mark:
    place_in = " · ".join(part for part in (place(match.at), "mirrored" * match.flip) if part)
    reference = trim(match.reference, _NAME)
    return Mark(
        id=match_id(match),
        rule="",
        claim=trim(match.relation, _NAME),
        words=f"{trim(match.relation, _NAME)} match with {reference} ({trim(match.role, _NAME)})",
        tool="",
        vendor="",
        model="",
        version="",
        strength="",
        firmness=f"score {match.score:g}, threshold {match.threshold:g}",
        text=trim("; ".join(_about(match)), 600),
        where=place_in,
        at=place(match.at).partition(" (frame")[0],
        statements=(),
        more=0,
        cause=_shorten_cause(cause_of_match(match)),
        cut=trim(said_of_cut(match.facts), 400),
    )


def _shorten_cause(cause: Cause) -> Cause:
    return Cause(inert(cause.key), trim(cause.name, _NAME))


def _about(match: Match) -> Iterator[str]:
    """What is known of the reference, what of it is used, and what was changed in it."""
    facts = match.facts
    yield from filter(None, (facts.title, facts.source))
    if facts.copies:
        yield f"the same file as {', '.join(facts.copies)}"
    if facts.reference_in is not None and facts.reference_out is not None:
        speed = f" at {facts.speed:g} times its speed" if facts.speed != 1 else ""
        yield f"reference {facts.reference_in:.3f}–{facts.reference_out:.3f} s{speed}"
    if match.alteration and match.alteration.reason:
        yield match.alteration.reason


def _summarise(record: Record, marks: Iterable[Mark]) -> str:
    words = [f"{mark.words}: {mark.maker}" if mark.maker else mark.words for mark in marks]
    if record.verdict.scan is Scan.INCOMPLETE:
        words.insert(0, NOT_INSPECTED)
    if words:
        return "; ".join(dict.fromkeys(words))
    if record.examination.asset.kind is Kind.INERT:
        return f"{NOTHING}; this kind of file cannot carry one"
    return NOTHING


def _facts(asset: Asset, media: MediaFacts | None) -> str:
    parts = [trim(asset.media_type, _NAME)]
    if media and media.width and media.height:
        parts.append(f"{media.width}×{media.height}")
    if media and media.duration is not None:
        parts.append(running_time(media.duration))
    if media and media.rate:
        parts.append(f"{trim(media.rate, 24)} fps")
    if media and media.timecode:
        parts.append(f"starts {trim(media.timecode, 24)}")
    if asset.frames:
        parts.append(_sequence(asset.frames))
    parts.append(size(asset.size))
    return " · ".join(parts)


def _sequence(frames: Frames) -> str:
    text = f"{frames.count:,} frames {spans(frames.ranges)}"
    return f"{text}, missing {spans(frames.missing)}" if frames.missing else text
