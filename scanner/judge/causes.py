"""Causes of hits. An AI-made shot in a master, its screener and three cuts has one cause.

The content identifies a cause: the digest of the file itself, of the source clip that a cut names, or of the reference
that was recognised. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from scanner.match_ids import match_id
from scanner.model import Claim, Evidence, Examination, Finding, Match, Record

__all__ = ["Cause", "cause_of_finding", "cause_of_match", "settled_by"]


@dataclass(frozen=True, slots=True)
class Cause:
    """What several hits have in common."""

    key: str
    """The same for all hits of the cause, in whatever file."""
    name: str
    """A file of the delivery, or a reference, by the name that people use."""


def cause_of_finding(seen: Examination, finding: Finding) -> Cause:
    """The source clip that a cut names; otherwise the file itself."""
    if finding.claim is Claim.CONTAINS and (source := _source(seen.evidence, finding)):
        name = source["source"]
        return Cause(_hex(source.get("content", "")) or name, name)
    digest = seen.digest
    return Cause(digest.value if digest else f"{seen.asset.root}/{seen.asset.path}", seen.asset.path)


def cause_of_match(match: Match) -> Cause:
    """The reference that was recognised."""
    is_own = match.facts.is_own
    name = (match.reference.partition("/")[2] or match.reference) if is_own else match.reference
    return Cause(_hex(match.facts.digest) or match.reference, name)


def settled_by(record: Record) -> frozenset[str]:
    """The cause and the rule of a record's worst reasons. Records that share all of these make the same statement. The
    cause of a reason without a finding is the file."""
    seen, reasons = record.examination, record.verdict.reasons
    if not reasons:
        return frozenset({f"{seen.asset.root}/{seen.asset.path}"})
    worst = reasons[0]
    names = {it for one in reasons if (one.rule, one.outcome) == (worst.rule, worst.outcome) for it in one.because}
    keys = {cause_of_finding(seen, it).key for it in record.findings if it.id in names}
    keys |= {cause_of_match(it).key for it in record.matches if match_id(it) in names}
    if not keys:
        keys = {seen.digest.value if seen.digest else f"{seen.asset.root}/{seen.asset.path}"}
    return frozenset(f"{worst.rule} {key}" for key in keys)


def _source(evidence: Iterable[Evidence], finding: Finding) -> Mapping[str, str]:
    return next((item.facts for item in evidence if item.id in finding.evidence and "source" in item.facts), {})


def _hex(digest: str) -> str:
    return digest.rpartition(":")[2]
