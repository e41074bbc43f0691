"""What is found: a logo, with its box, and whether it is sure."""

from __future__ import annotations

from dataclasses import dataclass

from fingerprints.marks.words import MarkKind
from media.place import Box

__all__ = ["Logo"]


@dataclass(frozen=True, slots=True)
class Logo:
    """A logo found in a picture."""

    name: str
    """Of the tool, as rules and reports name it: `Gemini`."""
    kind: MarkKind
    box: Box
    is_firm: bool
    """Whether it is sure enough to be more than possible."""
