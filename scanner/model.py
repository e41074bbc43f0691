"""The nouns of provscan, frozen; collections are tuples.

Their words are in `scanner.words`, matches in `scanner.matches`.

A stage never edits what it is given: it makes the next noun. `Asset` → `Examination` → `Record`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from fingerprints.vocabulary import Grade, LineUp, Measure, Quality, Relation, Role, Sense
from media.digest import Digest
from media.identify.kinds import Kind
from media.listed import ListedFile
from media.place import Box, Place
from media.words import ProblemCode
from scanner.matches import Comparison, CutFacts, Match, MatchFacts
from scanner.words import (
    STRENGTH_ORDER,
    Action,
    Category,
    Claim,
    LookStatus,
    Outcome,
    Outlet,
    Says,
    Scan,
    Strength,
)

__all__ = [
    "STRENGTH_ORDER",
    "Action",
    "Asset",
    "Box",
    "Category",
    "Claim",
    "Comparison",
    "CutFacts",
    "Digest",
    "Evidence",
    "Examination",
    "Finding",
    "Frames",
    "Grade",
    "Kind",
    "LineUp",
    "ListedFile",
    "Look",
    "LookStatus",
    "Match",
    "MatchFacts",
    "Measure",
    "MediaFacts",
    "Outcome",
    "Outlet",
    "Place",
    "Problem",
    "ProblemCode",
    "Quality",
    "Reason",
    "Record",
    "Relation",
    "Role",
    "Says",
    "Scan",
    "Sense",
    "Strength",
    "Verdict",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Frames:
    """Which frames a sequence has."""

    ranges: tuple[tuple[int, int], ...]
    """Inclusive ranges of the frames that are there, ascending."""
    missing: tuple[tuple[int, int], ...] = ()
    """Inclusive ranges of the holes between first and last."""

    @property
    def count(self) -> int:
        """How many frames are there."""
        return sum(last - first + 1 for first, last in self.ranges)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """One deliverable thing: a file, or a frame sequence."""

    path: str
    """Relative to the root, `/` between parts; a printf pattern for a sequence. Odd bytes by surrogateescape."""
    root: str
    """The root's own name, as reports show it."""
    location: str
    """Where the root lies on this machine; never written into a record."""
    kind: Kind
    media_type: str
    """By content. `application/octet-stream` where it is not recognised."""
    size: int
    """Bytes; of all frames together for a sequence."""
    mtime_ns: int
    """The latest of its files."""
    identity: tuple[int, int] | None = field(default=None, compare=False)
    """Of a single file: inode and change time (ns), where the file system keeps them; never written into a record."""
    category: Category = Category.UNCATEGORISED
    disputed: tuple[str, ...] = ()
    """Folder names that contradict each other about its use: the working one, and the one that says finished."""
    frames: Frames | None = None
    sidecars: tuple[str, ...] = ()
    """Paths, relative to the root, of the `.xmp` and `.c2pa` files that speak for this asset."""
    problems: tuple[Problem, ...] = ()
    """What went wrong in finding it: unreadable folder, not a regular file."""

    @property
    def written(self) -> date:
        """The day it was last written; the last day of all where no calendar has its time."""
        try:
            return datetime.fromtimestamp(self.mtime_ns / 1e9, UTC).date()
        except (ValueError, OverflowError, OSError):
            return date.max


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One statement that a file makes, word for word. No judgement."""

    reader: str
    key: str
    """The field's usual name: `parameters`, `Iptc4xmpExt:DigitalSourceType`, `EXIF UserComment`, `©too`."""
    value: str
    where: str
    """Chunk, box path, tag, JSON path, offset: enough to find it again with a hex editor."""
    facts: Mapping[str, str] = field(default_factory=dict)
    """Named circumstances of the statement that rules may ask for: a manifest's relation, a signer's trust."""
    frames: tuple[tuple[int, int], ...] = ()
    """For a sequence, the frames that say it."""
    id: str = ""
    """`e1`, `e2` … within its examination; given by `examine`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """That a reader looked, and what came of it."""

    by: str
    version: int
    status: LookStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something that went wrong with one asset."""

    code: ProblemCode
    stage: str
    by: str
    message: str
    blocking: bool = True
    """Whether the asset counts as not inspected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaFacts:
    """What a picture or programme is, technically."""

    width: int | None = None
    height: int | None = None
    duration: float | None = None
    """Seconds."""
    rate: str | None = None
    """Frames a second as a fraction: `24000/1001`."""
    timecode: str | None = None
    """Start timecode, as the file says it."""
    codecs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """Everything that was seen in one asset. What the cache holds."""

    asset: Asset
    digest: Digest | None = None
    whole: Digest | None = None
    """Of all content, where `digest` is that of a sample and a row of the register or a waiver asks for it."""
    media: MediaFacts | None = None
    evidence: tuple[Evidence, ...] = ()
    looks: tuple[Look, ...] = ()
    problems: tuple[Problem, ...] = ()
    listed: tuple[ListedFile, ...] = ()
    """What a list of files names. The store keeps them in a table of their own, and no record holds them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What the evidence means, by a rule."""

    id: str
    """Stable across runs and renames: digest of rule, claim, tool and the words it rests on."""
    rule: str
    tool: str | None
    vendor: str | None
    claim: Claim
    strength: Strength
    evidence: tuple[str, ...]
    """Ids of the evidence it rests on, in this record."""
    text: str
    """One sentence for a person."""
    model: str | None = None
    version: str | None = None
    at: Place | None = None
    """Where it holds only for a part."""
    rules: tuple[str, ...] = ()
    """All rules that fired on the same physical cause, `rule` first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One sentence of a verdict: the rule, what it rests on, what would fix it."""

    rule: str
    outcome: Outcome
    because: tuple[str, ...]
    """Ids of the findings, or of the statements, that it rests on; empty where the reason is the scan itself."""
    text: str
    remedy: str = ""
    """What would make it pass."""
    register: str | None = None
    """The register rows that cover it, joined by ` + `."""
    binding: str | None = None
    """How firmly they are bound to it: `content` `reference` `picture` `place` `path`."""
    waiver: str | None = None
    """Who accepted it, as what, and why: the waiver in a sentence."""
    asked_by: tuple[str, ...] = ()
    """Where several policies judge: those that ask for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the house asks for, for one asset."""

    outcome: Outcome
    scan: Scan
    actions: tuple[Action, ...] = ()
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Everything about one asset: one line of `records.jsonl`."""

    examination: Examination
    findings: tuple[Finding, ...] = ()
    matches: tuple[Match, ...] = ()
    verdict: Verdict
