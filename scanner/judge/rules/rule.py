"""Marker rules as data: what a rule is, and what proves it. No rule depends on another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import regex

from scanner.model import Claim, Evidence, Strength

__all__ = ["TIMEOUT", "Condition", "Example", "Name", "Refinement", "Rule", "RuleSet", "SlowPattern"]

TIMEOUT = 2.0
"""Seconds that one search may take. Values come from strangers, and patterns can backtrack."""


class SlowPattern(Exception):
    """A pattern gave no answer in `TIMEOUT` seconds on this value."""


def search(pattern: regex.Pattern[str], text: str) -> regex.Match[str] | None:
    """`pattern.search` with a time limit. Raises `SlowPattern`."""
    try:
        return pattern.search(text, timeout=TIMEOUT)
    except TimeoutError as error:
        raise SlowPattern(pattern.pattern) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What one statement must be. Every part that is given must hold."""

    where: tuple[tuple[str, str], ...] = ()
    """(reader, key) pairs, lower case; the key may hold `*`. Empty: anywhere."""
    match: regex.Pattern[str] | None = None
    unless: regex.Pattern[str] | None = None
    facts: Mapping[str, regex.Pattern[str]] = field(default_factory=dict)

    def holds(self, evidence: Evidence) -> bool:
        """Whether the statement has the right place and the right content."""
        return self.stands(evidence) and self.says(evidence) is not None

    def stands(self, evidence: Evidence) -> bool:
        """Whether the statement is in one of the places."""
        if not self.where:
            return True
        key = evidence.key.lower()
        return any(evidence.reader == reader and fits(glob, key) for reader, glob in self.where)

    def says(self, evidence: Evidence) -> Mapping[str, str] | None:
        """The named groups of the match, without empty ones; None where the condition does not hold."""
        for name, pattern in self.facts.items():
            fact = evidence.facts.get(name)
            if fact is None or pattern.fullmatch(fact, timeout=TIMEOUT) is None:
                return None
        groups: dict[str, str] = {}
        if self.match is not None:
            found = search(self.match, evidence.value)
            if found is None:
                return None
            groups = {name: value.strip()[:80] for name, value in found.groupdict().items() if value and value.strip()}
        if self.unless is not None and search(self.unless, evidence.value) is not None:
            return None
        return groups


def fits(glob: str, key: str) -> bool:
    """Whether a key fits a pattern in which `*` stands for any run of characters. Both lower case."""
    head, *rest = glob.split("*")
    if not rest:
        return glob == key
    if not key.startswith(head):
        return False
    at = len(head)
    *middle, tail = rest
    for part in middle:
        found = key.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return len(key) - at >= len(tail) and key.endswith(tail)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refinement:
    """A closer condition on a hit: the first that holds changes the result."""

    condition: Condition
    claim: Claim | None = None
    strength: Strength | None = None
    tool: str | None = None
    vendor: str | None = None
    model: str | None = None
    version: str | None = None
    text: str | None = None
    drop: bool = False
    """The hit is not a marker after all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A file's statements, and what the rule must make of them. Where every `expect` is empty, a miss."""

    says: tuple[Evidence, ...]
    expect: Mapping[str, str] = field(default_factory=dict)
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One marker: where it is, what it states, what that means, and the source of this knowledge."""

    id: str
    title: str
    source: str
    seen: Literal["sample", "code", "spec", "vendor"]
    date: str
    claim: Claim
    strength: Strength | Literal["c2pa"]
    condition: Condition
    also: tuple[Condition, ...] = ()
    lacks: tuple[Condition, ...] = ()
    refine: tuple[Refinement, ...] = ()
    tool: str | None = None
    vendor: str | None = None
    model: str | None = None
    version: str | None = None
    names: Literal["c2pa"] | None = None
    text: str = ""
    rank: int = 50
    hits: tuple[Example, ...] = ()
    misses: tuple[Example, ...] = ()
    file: str = ""
    """The file it comes from, as reports name it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """How the words of a manifest become a product's name, and who may sign for its vendor."""

    tool: str
    vendor: str | None
    agent: regex.Pattern[str] | None = None
    generator: regex.Pattern[str] | None = None
    signer: regex.Pattern[str] | None = None
    signer_org: regex.Pattern[str] | None = None
    format: regex.Pattern[str] | None = None
    """The media type of the asset that the manifest describes."""


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Rules in loading order, the names they use, and a digest of the files they came from."""

    rules: tuple[Rule, ...]
    names: tuple[Name, ...]
    digest: str
