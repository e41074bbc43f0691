"""The nouns of provscan, frozen. Closed vocabularies are `StrEnum`; collections are tuples.

A stage never edits what it is given: it makes the next noun. `Asset` → `Examination` → `Record`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum

from fingerprints.vocabulary import Relation, Role
from media.digest import Digest
from media.identify.kinds import Kind
from media.listed import ListedFile
from media.place import Box, Place
from media.words import ProblemCode

__all__ = [
    "STRENGTH_ORDER",
    "Action",
    "Asset",
    "Box",
    "Category",
    "Claim",
    "Digest",
    "Evidence",
    "Examination",
    "Finding",
    "Frames",
    "Kind",
    "ListedFile",
    "Look",
    "LookStatus",
    "Match",
    "MediaFacts",
    "Outcome",
    "Outlet",
    "Place",
    "Problem",
    "ProblemCode",
    "Reason",
    "Record",
    "Relation",
    "Role",
    "Scan",
    "Strength",
    "Verdict",
]


class Category(StrEnum):
    """What the production uses an asset for."""

    FINAL_PICTURE = "final-picture"
    FINAL_AUDIO = "final-audio"
    ARTWORK = "artwork"
    PROMO = "promo"
    GRAPHICS = "graphics"
    VFX_ELEMENT = "vfx-element"
    ARCHIVAL = "archival"
    TEMP = "temp"
    IDEATION = "ideation"
    REFERENCE = "reference"
    DOCUMENTATION = "documentation"
    UNCATEGORISED = "uncategorised"


class LookStatus(StrEnum):
    """What came of one reader's look at one asset."""

    FOUND = "found"
    NOTHING = "nothing"
    FAILED = "failed"
    NOT_DEFINED = "not-defined"
    """The format has no such carrier."""


class Outlet(StrEnum):
    """What a delivery can be for: the media that a licence permits or does not."""

    THEATRICAL = "theatrical"
    NON_THEATRICAL = "non-theatrical"
    FESTIVAL = "festival"
    SVOD = "svod"
    AVOD = "avod"
    TVOD = "tvod"
    FREE_TV = "free-tv"
    PAY_TV = "pay-tv"
    HOME_VIDEO = "home-video"
    ONLINE = "online"
    SOCIAL = "social"
    PROMO = "promo"
    EDUCATION = "education"
    IN_FLIGHT = "in-flight"


class Claim(StrEnum):
    """What the evidence says was done."""

    GENERATED = "generated"
    EDITED = "edited"
    """A part was made by AI, or AI changed content."""
    ENHANCED = "enhanced"
    """Upscale, denoise, retime: content kept."""
    CONTAINS = "contains"
    """An AI-made ingredient or source clip is placed inside."""
    DECLARED_NOT_AI = "declared-not-ai"
    CAPTURED = "captured"
    """Positive evidence of capture. Never *authentic*."""
    POSSIBLE = "possible"


class Strength(StrEnum):
    """How firmly the evidence stands."""

    SIGNED = "signed"
    """Signature valid, signer on a trust list that the user named."""
    SIGNED_UNTRUSTED = "signed-untrusted"
    """A manifest whose signer is not on such a list, or whose integrity is not established."""
    STRUCTURED = "structured"
    """A standard or vendor field made for this, or a generator's own parameter block."""
    HEURISTIC = "heuristic"
    """A name in a free field."""


STRENGTH_ORDER: tuple[Strength, ...] = (
    Strength.SIGNED,
    Strength.SIGNED_UNTRUSTED,
    Strength.STRUCTURED,
    Strength.HEURISTIC,
)


class Outcome(StrEnum):
    """The words of Netflix's Asset QC, mildest first."""

    PASS = "pass"  # noqa: S105 - a verdict, not a secret
    FYI = "fyi"
    ISSUE = "issue"
    BLOCKER = "blocker"

    @property
    def rank(self) -> int:
        """0 for `pass` … 3 for `blocker`."""
        return _RANKS[self]


_RANKS = {outcome: rank for rank, outcome in enumerate(Outcome)}


class Scan(StrEnum):
    """Whether the asset could be inspected."""

    COMPLETE = "complete"
    INCOMPLETE = "incomplete"


class Action(StrEnum):
    """What a person is asked to do."""

    INFORM = "inform"
    WRITTEN_APPROVAL = "written-approval"
    CONSENT = "consent"
    CLEARANCE = "clearance"
    DISCLOSE = "disclose"
    FIX = "fix"
    REVIEW = "review"


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
class Match:
    """A reference that was recognised in the asset."""

    reference: str
    role: Role
    relation: Relation
    score: float | int
    threshold: float | int
    at: Place | None = None
    """Where in the asset, and where in its picture."""
    flip: bool = False
    alteration: Mapping[str, object] | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    """What the library says of the reference: `quality` `ai_terms` `licence` `valid_until` `uses` `territory` `title`
    `source` `digest`; and `watermark`: `seen`, where the reference's own watermark was seen in the asset. What the
    programme's cut has there is added when it is concluded: see `scanner.judge.conform`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One sentence of a verdict: the rule, what it rests on, what would mend it."""

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
