"""The nouns of comparing: what is looked for, in what, and the result. Frozen; nothing here opens anything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from scanner.model import Asset, Match, Problem, ProblemCode, Role

if TYPE_CHECKING:
    from fingerprints.model import Details

__all__ = ["OWN", "REPEATED", "VERSION", "Lookup", "OwnClip", "Sightings", "match_problem", "repeat_details"]

VERSION: Final = 20
"""Raised when the same media and references give another result."""
OWN: Final = "provscan-references-"
"""How the folder of a run's own references begins; it is not reported as a library."""
REPEATED: Final = ("quality", "ai_terms", "licence", "valid_until", "uses", "territory", "title", "source")
"""The fields of a library's reference that a match's facts repeat."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnClip:
    """A moving picture or a sound that is looked for."""

    name: str
    path: str
    role: Role
    digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """One asset, and where to look for what it shows. Pickled to workers."""

    asset: Asset
    rate: str = ""
    """Frames a second of a sequence, where its frames state it."""
    start: str = ""
    """The timecode of its first frame, where it has a rate."""
    shelves: tuple[str, ...] = ()
    """Folders of reference libraries."""
    clips: tuple[OwnClip, ...] = ()
    fps: int = 0
    """Frames a second of a quick look; 0: every frame, with the sound."""
    is_keyed: bool = False
    """Whether only key frames of a video are looked at, without its sound."""
    workers: int = 0
    """How many may compare it together; 0 where one does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sightings:
    """What was recognised in an asset, and what could not be compared."""

    matches: tuple[Match, ...] = ()
    problems: tuple[Problem, ...] = ()
    unopened: tuple[str, ...] = ()
    """References that could not be opened, each with the reason."""
    offline: tuple[str, ...] = ()
    """Files of library references whose thumbnails were compared, because the worker does not see the files."""


def repeat_details(details: Details) -> dict[str, Any]:
    """What a match's facts repeat of a reference, by their names."""
    return {name: getattr(details, name) for name in REPEATED}


def match_problem(code: ProblemCode, message: str) -> Problem:
    """A problem of comparing."""
    return Problem(code=code, stage="match", by="match", message=message[:1_000])
