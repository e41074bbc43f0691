"""The checks of a run: the policy's rules and the readers, also those that found nothing. Pure.

Exports that list checks and not only hits start from here. All rules of a built-in policy are known; of another policy
only the rules that applied are in the records.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from scanner.judge.policy import builtin_policies, load_policies
from scanner.model import Kind, Outcome, Record, Scan
from scanner.records.summary import Summary

__all__ = ["RunChecks", "gather_checks"]


@dataclass(slots=True)
class RunChecks:
    """The checks of a run, with their results in numbers."""

    rules: dict[str, str] = field(default_factory=dict)
    """Policy rule → its sentence, in the policy's order; those that only the records know come last."""
    whole: bool = False
    """Whether `rules` also holds the rules that never applied."""
    stopped: dict[str, int] = field(default_factory=dict)
    """Policy rule → assets that it makes an issue or a blocker."""
    applied: dict[str, int] = field(default_factory=dict)
    """Policy rule → assets that it applies to."""
    readers: dict[str, int] = field(default_factory=dict)
    """Reader → its version."""
    markers: dict[str, str] = field(default_factory=dict)
    """Marker rule that fired → the first sentence it was printed with."""
    matches: int = 0
    stops: int = 0
    """Assets that are an issue or a blocker."""
    unseen: int = 0
    """Assets that could not be inspected."""
    total: int = 0
    inert: int = 0


def gather_checks(summary: Summary, records: Iterable[Record]) -> RunChecks:
    """Gather the checks in one pass; memory follows the number of rules and not of files."""
    found = RunChecks()
    name, digest = summary.provenance.policy.get("name", ""), summary.provenance.policy.get("digest", "")
    names = name.split(" + ")
    if set(names) <= set(builtin_policies()) and (policy := load_policies(names)).digest == digest:
        found.rules = {rule.id: rule.text for rule in policy.rules}
        found.whole = True
    for reader in sorted(summary.readers):
        found.readers[reader] = 1
    for record in records:
        _add(found, record)
    return found


def _add(found: RunChecks, record: Record) -> None:
    found.total += 1
    found.inert += record.examination.asset.kind is Kind.INERT
    found.unseen += record.verdict.scan is Scan.INCOMPLETE
    found.matches += len(record.matches)
    stops = record.verdict.outcome.rank >= Outcome.ISSUE.rank
    found.stops += stops
    applied: dict[str, bool] = {}
    for reason in record.verdict.reasons:
        found.rules.setdefault(reason.rule, reason.text)
        heavy = stops and reason.outcome.rank >= Outcome.ISSUE.rank
        applied[reason.rule] = applied.get(reason.rule, False) or heavy
    for rule, heavy in applied.items():
        found.applied[rule] = found.applied.get(rule, 0) + 1
        found.stopped[rule] = found.stopped.get(rule, 0) + heavy
    for finding in record.findings:
        found.markers.setdefault(finding.rule, finding.text)
    for look in record.examination.looks:
        found.readers[look.by] = max(found.readers.get(look.by, 1), look.version)
