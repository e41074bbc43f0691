"""What was recognised in an asset: a match, what is known about it, and how it differs from its reference."""

from __future__ import annotations

from dataclasses import dataclass, field

from fingerprints.vocabulary import Grade, LineUp, Measure, Quality, Relation, Role, Sense
from media.place import Box, Place
from scanner.words import Claim, Says

__all__ = ["Comparison", "CutFacts", "Match", "MatchFacts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """An asset's picture compared with its reference: what differs."""

    judged: bool
    reason: str = ""
    """What differs, or why it was not judged, in a sentence."""
    grade: Grade | None = None
    """None where it was not judged."""
    relations: tuple[Relation, ...] = ()
    """All that apply, the gravest last."""
    area_percent: float | None = None
    """Part of the shared area that was altered or recoloured."""
    regions: tuple[Box, ...] = ()
    """Where the asset differs, the largest first."""
    graphics_percent: float = 0.0
    """Part of the shared area that graphics cover; they are not alterations."""
    frame: int | None = None
    """Which frame of a programme was compared, counted as the match counts them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CutFacts:
    """What the cut of a programme has where a reference was recognised. Worked out again whenever records are
    judged."""

    timeline: str
    """Path of the timeline, from its root."""
    says: Says
    event: str = ""
    """Where its event is in the timeline: line and number."""
    clip: str | None = None
    """The source clip at these frames; None where there is no event."""
    reel: str = ""
    source_in: str = ""
    """Timecode of the source at the first shared frame; empty where it is not known to the frame."""
    source_out: str = ""
    """Timecode of the frame after the last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchFacts:
    """What is known about a match beside what was recognised and where. Texts are empty where nothing is known."""

    library: str = ""
    """Name of the library folder that holds the reference; empty where it is the delivery's own material."""
    digest: str = ""
    """Digest of the reference's content: `algorithm:value`."""
    quality: Quality | None = None
    title: str = ""
    source: str = ""
    licence: str = ""
    ai_terms: str = ""
    """What the licence states about AI use of the work, in the words of the library's log."""
    valid_until: str = ""
    """ISO date."""
    uses: str = ""
    territory: str = ""
    copies: tuple[str, ...] = ()
    """Other files of the delivery with the reference's content."""
    claim: Claim | None = None
    """What AI did, as the reference itself states."""
    written: str = ""
    """ISO date: when the earliest of a reference of the delivery and its copies was last written."""
    shows_watermark: bool = False
    """Whether the reference's own watermark is seen in the asset."""
    is_negative: bool = False
    """Whether the asset shows it with inverted tones."""
    sense: Sense | None = None
    """Whether it was seen or heard in a programme; None in stills."""
    measure: Measure | None = None
    """What the score counts, in a programme."""
    reference_in: float | None = None
    """Start of the part of a clip or sound that appears, in seconds …"""
    reference_out: float | None = None
    """… and its end."""
    speed: float = 1.0
    """Of the reference in the programme: 2 is double speed, −1 is backwards."""
    pitch: float = 1.0
    """Factor of its frequencies."""
    line_up: LineUp = LineUp.NO
    """Whether everything shared is bars, tone or silence, or a card."""
    cut: CutFacts | None = None

    @property
    def is_own(self) -> bool:
        """Whether the reference is the delivery's own material, and in no library."""
        return not self.library


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A reference that was recognised in an asset."""

    reference: str
    role: Role
    relation: Relation
    score: float | int
    threshold: float | int
    at: Place | None = None
    """Where in the asset, and where in its picture."""
    flip: bool = False
    alteration: Comparison | None = None
    facts: MatchFacts = field(default_factory=MatchFacts)
