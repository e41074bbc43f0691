"""The words of marks as data: which line of text is the mark of a tool, a label of law, a stock mark, a placeholder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

__all__ = ["KINDS", "MarkKind", "MarkWord", "classify"]

MarkKind = Literal["generator-label", "legal-label", "stock-mark", "placeholder"]
KINDS: Final[tuple[MarkKind, ...]] = ("generator-label", "legal-label", "stock-mark", "placeholder")


@dataclass(frozen=True, slots=True)
class MarkWord:
    """A mark that a line of text holds."""

    kind: MarkKind
    name: str
    """Of the tool, the library or the label, as rules and reports name it: `Kling`."""
    is_short: bool
    """Whether the word is so short or common that it is a mark only where it is the whole line."""
    whole_line: bool
    """Whether the line is nothing but the mark."""


def classify(line: str) -> MarkWord | None:
    """The mark in a line of text as read from a picture, or None."""
    return None
