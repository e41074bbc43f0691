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
from media.listed import ListedFile, PlayedResource
from media.place import Box, Place
from media.timelines.event import EditSequence, Event
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
    "EditSequence",
    "Event",
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
    "PlayedResource",
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
    """The frames of a sequence."""

    ranges: tuple[tuple[int, int], ...]
    """Inclusive ranges of the frames that exist, ascending."""
    missing: tuple[tuple[int, int], ...] = ()
    """Inclusive ranges of the frames that are missing between first and last."""

    @property
    def count(self) -> int:
        """How many frames exist."""
        return sum(last - first + 1 for first, last in self.ranges)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """One thing to judge: a file, or a frame sequence."""

    path: str
    """Relative to the root, `/` between parts; a printf pattern for a sequence. Odd bytes by surrogateescape."""
    root: str
    """The root's own name, as reports show it."""
    location: str
    """Where the root is on this machine; never written into a record."""
    kind: Kind
    media_type: str
    """By content. `application/octet-stream` where it is not recognised."""
    size: int
    """Bytes; for a sequence, of all frames together."""
    mtime_ns: int
    """The latest of its files."""
    identity: tuple[int, int] | None = field(default=None, compare=False)
    """Of a single file: inode and change time (ns), where the file system keeps them; never written into a record."""
    category: Category = Category.UNCATEGORISED
    disputed: tuple[str, ...] = ()
    """Folder names that contradict each other about its use: the one that means work in progress, and the one that
    means finished."""
    frames: Frames | None = None
    sidecars: tuple[str, ...] = ()
    """Paths, relative to the root, of the `.xmp` and `.c2pa` files about this asset."""
    problems: tuple[Problem, ...] = ()
    """What went wrong in finding it: an unreadable folder, not a regular file."""

    @property
    def written(self) -> date:
        """The day it was last written; the last possible day where no calendar has its time."""
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
    """For a sequence, the frames that state it."""
    id: str = ""
    """`e1`, `e2` … within its examination; given by `examine`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A reader's look at an asset, and its result."""

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
    """Technical facts of a picture or programme."""

    width: int | None = None
    height: int | None = None
    duration: float | None = None
    """Seconds."""
    rate: str | None = None
    """Frames a second as a fraction: `24000/1001`."""
    timecode: str | None = None
    """Start timecode, as the file states it."""
    codecs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """Everything that was seen in one asset. What the cache holds."""

    asset: Asset
    digest: Digest | None = None
    whole: Digest | None = None
    """Digest of the whole content, where `digest` is that of a sample and a row of the register or a waiver asks for
    it."""
    media: MediaFacts | None = None
    evidence: tuple[Evidence, ...] = ()
    looks: tuple[Look, ...] = ()
    problems: tuple[Problem, ...] = ()
    listed: tuple[ListedFile, ...] = ()
    """What a list of files names. The store keeps them in a table of their own, and no record holds them."""
    played: tuple[PlayedResource, ...] = ()
    """What a composition plays. Kept likewise."""
    sequences: tuple[EditSequence, ...] = ()
    """What a timeline is made of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What the evidence means, by a rule."""

    id: str
    """Stable across runs and renames: a digest of rule, claim, tool and the words that it is based on."""
    rule: str
    tool: str | None
    vendor: str | None
    claim: Claim
    strength: Strength
    evidence: tuple[str, ...]
    """Ids of its evidence, in this record."""
    text: str
    """One sentence for a person."""
    model: str | None = None
    version: str | None = None
    at: Place | None = None
    """The place, where it holds only for a part."""
    rules: tuple[str, ...] = ()
    """All rules that fired on the same physical cause, `rule` first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One sentence of a verdict: the rule, its basis, and what would make it pass."""

    rule: str
    outcome: Outcome
    because: tuple[str, ...]
    """Ids of the findings or statements that it is based on; empty where the reason is the scan itself."""
    text: str
    remedy: str = ""
    """What would make it pass."""
    register: str | None = None
    """The register rows that cover it, joined by ` + `."""
    binding: str | None = None
    """How firmly they are bound to it: `content` `reference` `picture` `place` `path`."""
    waiver: str | None = None
    """Who accepted it, as what, and why, in a sentence."""
    asked_by: tuple[str, ...] = ()
    """Where several policies judge: those that demand it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the policy demands for one asset."""

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
