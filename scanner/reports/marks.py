"""A mark in the picture in words: how it was read, how often, and how firmly. Pure."""

from __future__ import annotations

from typing import Final

from scanner.model import Evidence
from scanner.reports.wording import trim

__all__ = ["READER", "describe_mark"]

READER: Final = "visible"
"""The reader whose statements are marks."""
_KINDS: Final = {
    "generator-label": "label of a generator",
    "legal-label": "label that declares AI",
    "stock-mark": "preview mark",
    "placeholder": "placeholder",
}
_WORDS: Final = 160


def describe_mark(said: Evidence) -> str:
    """`label of a generator, read as text in the picture, at the lower right, in 24 of 24 frames looked at`."""
    facts = said.facts
    how = "seen as a logo" if facts.get("form") == "logo" else "read as text"
    copies = facts.get("copies", "")
    parts = [
        _KINDS.get(said.key, said.key),
        f"{how} {'on a screen in the scene' if facts.get('embedded') == 'yes' else 'in the picture'}",
        _side(facts.get("box", "")),
        f"{copies} times" if copies.isdecimal() and int(copies) > 1 else "",
        f"in {seen} looked at" if (seen := facts.get("seen", "")) else "",
        "possible, not certain" if facts.get("firmness") == "possible" else "",
    ]
    return trim(", ".join(part for part in parts if part), _WORDS)


def _side(box: str) -> str:
    """Where in the picture the middle of the box is."""
    try:
        x, y, wide, high = map(float, box.split(","))
    except ValueError:
        return ""
    across, down = x + wide / 2, y + high / 2
    row = "upper" if down < 33 else "lower" if down > 67 else ""
    column = "left" if across < 33 else "right" if across > 67 else ""
    if not row and not column:
        return "in the middle"
    return f"at the {' '.join(filter(None, (row, column)))}" + ("" if column else " edge" if row else "")
