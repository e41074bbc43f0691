"""The closed vocabularies of a verdict and of its basis.

A record with another word is refused, because it cannot be judged. `fingerprints.vocabulary` and `media.words` hold the
open vocabularies.
"""

from __future__ import annotations

from enum import StrEnum

__all__ = [
    "STRENGTH_ORDER",
    "Action",
    "Category",
    "Claim",
    "LookStatus",
    "Outcome",
    "Outlet",
    "Says",
    "Scan",
    "Strength",
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
    """The result of one reader's look at one asset."""

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
    """What the evidence states that was done."""

    GENERATED = "generated"
    EDITED = "edited"
    """AI made a part, or changed content."""
    ENHANCED = "enhanced"
    """Upscale, denoise, retime: content kept."""
    CONTAINS = "contains"
    """An AI-made ingredient or source clip is placed inside."""
    DECLARED_NOT_AI = "declared-not-ai"
    CAPTURED = "captured"
    """Positive evidence of capture. Never *authentic*."""
    POSSIBLE = "possible"
    """A name or trait that AI tools leave, but other tools may leave too."""
    CAPABLE = "capable"
    """Made or saved by a tool that can use AI and does not state whether it did."""
    PREVIEW_MARK = "preview-mark"
    """The picture shows the preview mark of a stock library or an archive. States nothing about AI."""
    PLACEHOLDER = "placeholder"
    """The picture shows text of unfinished work: a shot name, a burnt-in timecode, `TEMP`. States nothing about AI."""


class Strength(StrEnum):
    """How far the evidence can be relied on."""

    SIGNED = "signed"
    """Signature valid, signer on a trust list that the user named."""
    SIGNED_UNTRUSTED = "signed-untrusted"
    """A manifest whose signer is not on such a list, or whose integrity is not established."""
    STRUCTURED = "structured"
    """A standard or vendor field made for this, or a generator's own parameter block."""
    VISIBLE = "visible"
    """Read in the picture itself: a generator's logo or label."""
    HEURISTIC = "heuristic"
    """A name in a free field."""


STRENGTH_ORDER: tuple[Strength, ...] = (
    Strength.SIGNED,
    Strength.SIGNED_UNTRUSTED,
    Strength.STRUCTURED,
    Strength.VISIBLE,
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


class Says(StrEnum):
    """What a cut has at the frames where a reference was recognised."""

    NAMED = "named"
    """An event at these frames has its name."""
    ELSEWHERE = "named-elsewhere"
    """No event at these frames has its name, but one at other frames does."""
    OTHER = "not-named"
    """Events at these frames name other material, and no event anywhere names this."""
    NOTHING = "no-event"
    """The cut has no event at these frames."""
