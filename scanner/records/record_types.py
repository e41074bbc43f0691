"""The lines of `records.jsonl` as types: how msgspec reads them, and what the published JSON Schema states.

Earlier schemas have types of their own for what differs; `upgrade` converts their values.
"""

from __future__ import annotations

from typing import Annotated, Any, Generic, TypeVar

import msgspec

from media.place import checked_box
from scanner.model import (
    Box,
    Category,
    Claim,
    Comparison,
    Digest,
    EditSequence,
    Evidence,
    Finding,
    Frames,
    Kind,
    Look,
    Match,
    MatchFacts,
    MediaFacts,
    Place,
    Problem,
    Relation,
    Role,
    Strength,
    Verdict,
)
from scanner.records.upgrade import read_comparison, read_facts, read_place
from scanner.sequences import event_of

__all__ = ["SCHEMA", "SCHEMA_1", "AnyLine", "Line", "Line1", "json_schema"]

SCHEMA = "provscan/record/2"
SCHEMA_1 = "provscan/record/1"
Looks = TypeVar("Looks")
FoundT = TypeVar("FoundT")
MatchT = TypeVar("MatchT")
Judged = TypeVar("Judged")
_RATE = r"^[0-9]+(\.[0-9]+|/[0-9]+)?$"


class _Asset(msgspec.Struct):
    """The file or frame sequence that the record is about."""

    path: str
    """Relative to the root, `/` between parts; a printf pattern for a frame sequence. Bytes that are no UTF-8 are lone
    surrogates, U+DC80 to U+DCFF, as Python's surrogateescape makes them."""
    root: str
    """Name of the scanned folder that it is in."""
    kind: Kind
    """By content, not by name."""
    media_type: str
    """By content; `application/octet-stream` where it is not recognised."""
    size: Annotated[int, msgspec.Meta(ge=0)]
    """Bytes; of all frames together for a frame sequence."""
    mtime_ns: int
    """Modification time in nanoseconds, the latest of its files. Not unique and not part of the identity."""
    category: Category
    """What the production uses it for."""
    digest: Digest | None
    """Of the content: of all of it, or of a sample (`sampled-…`); null where it could not be read."""
    frames: Frames | None
    """Which frames a sequence has and lacks; null for anything else."""
    sidecars: tuple[str, ...]
    """Paths of the sidecar files about it."""
    disputed: tuple[str, ...] = ()
    """Names of its folders that contradict each other about what it is used for; only where some do."""
    whole_digest: Digest | None = None
    """Of all of the content, where `digest` is not, and a register row or a waiver names content; else absent."""


class _At(msgspec.Struct, rename={"into": "in"}):
    """Where in the asset, where it holds only for a part: frames of a sequence, or a range of a programme. `out` and
    `out_frame` are the frame after the last one."""

    frames: tuple[tuple[int, int], ...] | msgspec.UnsetType = msgspec.UNSET
    """Of a frame sequence: first and last of each range, both within it, by the numbers in the file names."""
    into: str | msgspec.UnsetType = msgspec.UNSET
    """SMPTE timecode at the asset's own rate, from its start timecode; `;` before the frames where it counts
    drop-frame."""
    out: str | msgspec.UnsetType = msgspec.UNSET
    """Likewise."""
    in_frame: Annotated[int, msgspec.Meta(ge=0)] | msgspec.UnsetType = msgspec.UNSET
    """Counted from the asset's first frame, which is 0."""
    out_frame: Annotated[int, msgspec.Meta(ge=0)] | msgspec.UnsetType = msgspec.UNSET
    """Likewise."""
    rate: Annotated[str, msgspec.Meta(pattern=_RATE)] | msgspec.UnsetType = msgspec.UNSET
    """Frames a second, as a fraction or a whole number."""


def _place(at: _At | None, region: Box | None) -> Place | None:
    """The place that `at` and `region` state. Raises `ValueError` where it is invalid."""
    if at is None:
        return None if region is None else Place(box=region)
    labels = None if at.into is msgspec.UNSET or at.out is msgspec.UNSET else (at.into, at.out)
    spans: tuple[tuple[int, int], ...] = ()
    if at.frames is not msgspec.UNSET:
        spans = tuple((first, last + 1) for first, last in at.frames)
    elif at.in_frame is not msgspec.UNSET:
        spans = ((at.in_frame, at.in_frame + 1 if at.out_frame is msgspec.UNSET else at.out_frame),)
    rate = "" if at.rate is msgspec.UNSET else at.rate
    return Place(frames=spans, is_numbered=at.frames is not msgspec.UNSET, rate=rate, labels=labels, box=region)


class _Found(msgspec.Struct):
    """A finding, in what every schema has of it."""

    id: str
    """Stable across runs and renames."""
    rule: str
    """The marker rule that fired; see `provscan rules show`."""
    tool: str | None
    """What made it, where that is stated."""
    vendor: str | None
    """Whose tool it is."""
    claim: Claim
    strength: Strength
    evidence: tuple[str, ...]
    """Ids of the statements it rests on."""
    text: str
    """One sentence for a person."""


class _Finding(_Found):
    """What the evidence means, by a rule."""

    model: str | None
    """Of the tool."""
    version: str | None
    """Of the tool."""
    at: _At | None
    rules: tuple[str, ...]
    """All rules that fired on the same physical cause, `rule` first."""
    region: Box | None = None
    """Where in the picture, where it holds only for a part of it; else absent."""

    def finding(self) -> Finding:
        """The finding in the form that judging uses."""
        return _finding(self, _place(self.at, self.region))


class _Finding1(_Found):
    """A finding of schema 1."""

    model: str | None = None
    version: str | None = None
    at: dict[str, Any] | None = None
    rules: tuple[str, ...] = ()

    def finding(self) -> Finding:
        """The finding in the form that judging uses."""
        return _finding(self, read_place(self.at))


def _finding(read: _Finding | _Finding1, at: Place | None) -> Finding:
    return Finding(
        id=read.id, rule=read.rule, tool=read.tool, vendor=read.vendor, claim=read.claim, strength=read.strength,
        evidence=read.evidence, text=read.text, model=read.model, version=read.version, at=at, rules=read.rules,
    )  # fmt: skip


class _Recognised(msgspec.Struct):
    """A match, in what every schema has of it."""

    reference: str
    """Its id in the library; of the delivery's own material root and path."""
    role: Role
    relation: Relation
    score: float | int
    threshold: float | int


class _Match(_Recognised):
    """A reference that was recognised in the asset."""

    at: _At | None
    region: Box | None
    """Where in the picture; null where it is all of it, or nothing is seen."""
    flip: bool
    """Whether it is seen mirrored."""
    alteration: Comparison | None
    facts: MatchFacts = MatchFacts()
    """What is known of it; only what is known is written."""
    id: str = ""
    """Stable across runs and renames; what a reason rests on and a waiver names."""

    def match(self) -> Match:
        """The match in the form that judging uses. Raises `ValueError` for an invalid place."""
        for box in self.alteration.regions if self.alteration else ():
            checked_box(box)
        return _match(self, _place(self.at, self.region), self.alteration, self.facts)


class _Match1(_Recognised):
    """A match of schema 1."""

    at: dict[str, Any] | None = None
    region: dict[str, Any] | None = None
    flip: bool = False
    alteration: dict[str, Any] | None = None
    facts: dict[str, str] = {}

    def match(self) -> Match:
        """The match in the form that judging uses."""
        return _match(self, read_place(self.at, self.region), read_comparison(self.alteration), read_facts(self.facts))


def _match(read: _Match | _Match1, at: Place | None, alteration: Comparison | None, facts: MatchFacts) -> Match:
    return Match(
        reference=read.reference, role=read.role, relation=read.relation, score=read.score, threshold=read.threshold,
        at=at, flip=read.flip, alteration=alteration, facts=facts,
    )  # fmt: skip


class _EditSequence(msgspec.Struct):
    """One sequence of a timeline, as a table: a feature film has thousands of events."""

    columns: tuple[str, ...]
    """What each row states of an event, in this order: `name` and `where` in every table, of the others those that
    some event states; see docs/records.md."""
    events: tuple[tuple[str, ...], ...]
    """A row for each event, in the order of the timeline; empty where it does not state the column."""
    title: str = ""
    """Absent where the timeline states none."""

    def sequence(self) -> EditSequence:
        """The sequence in the form that judging uses. Raises `ValueError` for a table with rows of other lengths, or an
        invalid rate or speed."""
        if self.columns[:2] != ("name", "where"):
            raise ValueError("a sequence whose columns do not begin with name and where")
        rows = (dict(zip(self.columns, row, strict=True)) for row in self.events)
        return EditSequence(self.title, tuple(event_of(row["name"], row["where"], row) for row in rows))


class AnyLine(msgspec.Struct, Generic[Looks, FoundT, MatchT, Judged]):
    """A line. Its looks, which thousands of lines share, and its verdict may be left as they are written."""

    schema: str
    asset: _Asset
    media: MediaFacts | None
    """Technical facts; null where they are not known."""
    looks: Looks
    """Each reader's look at the asset, and its result."""
    evidence: tuple[Evidence, ...]
    findings: tuple[FoundT, ...]
    matches: tuple[MatchT, ...]
    problems: tuple[Problem, ...]
    verdict: Judged
    sequences: tuple[_EditSequence, ...] = ()
    """Of a timeline: its sequences and their events; else absent."""


Line = AnyLine[Looks, _Finding, _Match, Judged]
"""A line of this schema, by the types of its looks and of its verdict."""
Line1 = AnyLine[Looks, _Finding1, _Match1, Judged]
"""A line of schema 1."""


def json_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a line, from its types, without descriptions of fields."""
    return msgspec.json.schema(Line[tuple[Look, ...], Verdict])
