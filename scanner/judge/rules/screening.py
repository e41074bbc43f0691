"""Finds in one search that no rule of a place matches a value: most values of a delivery match none.

A search with a time limit costs microseconds before it begins, and a file's name alone is asked by two dozen rules.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

import regex

from scanner.judge.rules.rule import Rule, SlowPattern, search
from scanner.model import Evidence

__all__ = ["ScreenedRules"]

_LONGEST: Final = 512
"""Characters. In longer values each pattern is searched alone, which skips ahead to the words that it needs."""
_FEWEST: Final = 3
"""So many patterns are worth a search of their own."""
_DEPENDENT: Final = re.compile(r"\\[1-9]|\\[gGKk]|\(\?(?:P[=>]|[(&R0-9+|-]|[a-zA-Z]*[VbeprBEPR])|\(\*")
"""What makes a pattern depend on where it stands in another: references by number or name, conditions, recursion,
branch resets, verbs, and flags of the whole search."""


class ScreenedRules:
    """The rules of one place."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._rules = tuple(rules)
        by_flags: dict[int, list[Rule]] = {}
        for rule in self._rules:
            match = rule.condition.match
            if match is not None and not _DEPENDENT.search(match.pattern):
                by_flags.setdefault(match.flags, []).append(rule)
        self._screens = [
            (_join(flags, together), frozenset(rule.id for rule in together))
            for flags, together in by_flags.items()
            if len(together) >= _FEWEST
        ]

    def candidates(self, statement: Evidence) -> Sequence[Rule]:
        """The rules that may match the statement, in order: all but those whose patterns certainly do not."""
        if not self._screens or len(statement.value) > _LONGEST:
            return self._rules
        out: set[str] = set()
        for pattern, names in self._screens:
            try:
                if search(pattern, statement.value) is None:
                    out |= names
            except SlowPattern:
                continue  # each of them alone: the slow one is named
        return [rule for rule in self._rules if rule.id not in out] if out else self._rules


def _join(flags: int, rules: Iterable[Rule]) -> regex.Pattern[str]:
    """One pattern that matches where any of theirs does; a line ends the comment that one may end with."""
    end = "\n" if flags & regex.VERBOSE else ""
    patterns = (rule.condition.match.pattern for rule in rules if rule.condition.match is not None)
    return regex.compile("|".join(f"(?:{pattern}{end})" for pattern in patterns), flags)
