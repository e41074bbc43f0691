"""Rows as a Markdown table that reads well on a terminal too."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

__all__ = ["table"]

_NUMBER = frozenset("0123456789.,-%")


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """The first column to the left, numbers to the right."""
    lines = [tuple(heads), *map(tuple, rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(heads))]
    numeric = [all(set(line[column]) <= _NUMBER for line in lines[1:]) for column in range(len(heads))]

    def shown(line: Sequence[str]) -> str:
        cells = [
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(line, widths, numeric, strict=True)
        ]
        return f"| {' | '.join(cells)} |"

    rule = "|".join("-" * (width + 1) + (":" if right else "-") for width, right in zip(widths, numeric, strict=True))
    return "\n".join([shown(lines[0]), f"|{rule}|", *map(shown, lines[1:])]) + "\n"
