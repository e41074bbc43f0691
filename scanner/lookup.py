"""The nouns of comparing: what is looked for, in what, and what came of it. Frozen; nothing here opens anything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from scanner.model import Asset, Match, Problem

__all__ = ["OWN", "VERSION", "Clip", "Lookup", "Sightings"]

VERSION: Final = 3
"""Raised when the same media and references would give another answer."""
OWN: Final = "provscan-references-"
"""How the folder of a run's own references begins; it is not told as a library."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """A moving picture or a sound that is looked for."""

    name: str
    path: str
    role: str
    digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """One asset, and where to look for what it shows. Pickled to workers."""

    asset: Asset
    shelves: tuple[str, ...]
    """Folders of reference libraries."""
    clips: tuple[Clip, ...] = ()
    fps: int = 0
    """Frames a second of a quick look; 0 is every frame, with the sound."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sightings:
    """What was recognised in an asset, and what could not be compared."""

    matches: tuple[Match, ...] = ()
    problems: tuple[Problem, ...] = ()
    unsought: tuple[str, ...] = ()
    """References that could not be opened, each with the reason."""
