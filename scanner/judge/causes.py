"""Causes: what a hit comes from. An AI-made shot in a master, its screener and three cuts is one cause.

A cause is known by its content: the digest of the file itself, of the source clip that a cut names, or of the reference
that was recognised. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from scanner.model import Claim, Evidence, Examination, Finding, Match

__all__ = ["Cause", "cause_of_finding", "cause_of_match"]


@dataclass(frozen=True, slots=True)
class Cause:
    """What several hits come from."""

    key: str
    """The same for all of them, in whatever file."""
    name: str
    """A file of the delivery, or a reference, as people know it."""


def cause_of_finding(seen: Examination, finding: Finding) -> Cause:
    """The source clip that a cut names; else the file itself."""
    if finding.claim is Claim.CONTAINS and (source := _source(seen.evidence, finding)):
        name = source["source"]
        return Cause(_hex(source.get("content", "")) or name, name)
    digest = seen.digest
    return Cause(digest.value if digest else f"{seen.asset.root}/{seen.asset.path}", seen.asset.path)


def cause_of_match(match: Match) -> Cause:
    """The reference that was recognised."""
    is_library = "library" in match.facts
    name = match.reference if is_library else match.reference.partition("/")[2] or match.reference
    return Cause(_hex(match.facts.get("digest", "")) or match.reference, name)


def _source(evidence: Iterable[Evidence], finding: Finding) -> Mapping[str, str]:
    return next((item.facts for item in evidence if item.id in finding.evidence and "source" in item.facts), {})


def _hex(digest: str) -> str:
    return digest.rpartition(":")[2]
