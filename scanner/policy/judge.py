"""Findings and problems → a verdict, by a policy. Pure.

Laws. A record with a blocking problem is never `pass`. For each finding the first policy rule that
speaks of it decides; the worst reason decides the asset. Nothing is dropped: a finding that no rule
speaks of stays on the record.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from scanner.model import (
    Asset,
    Category,
    Evidence,
    Examination,
    Finding,
    Kind,
    Outcome,
    Problem,
    Reason,
    Scan,
    Verdict,
)
from scanner.policy.policy import Policy, PolicyExample, PolicyRule

__all__ = ["Approvals", "NoApprovals", "judge", "prove_policy"]


class Approvals(Protocol):
    """What the production has declared and had approved: the seam for the register of AI uses."""

    def row_for(self, asset: Asset, finding: Finding, rule: PolicyRule) -> tuple[str, Outcome] | None:
        """The register row that covers a finding, and the outcome that it leaves; None where none does."""


class NoApprovals:
    """No register was given: nothing is covered."""

    def row_for(self, asset: Asset, finding: Finding, rule: PolicyRule) -> tuple[str, Outcome] | None:
        """Nothing."""
        return None


def judge(
    examination: Examination,
    findings: Sequence[Finding],
    policy: Policy,
    *,
    problems: Sequence[Problem] = (),
    approvals: Approvals | None = None,
) -> Verdict:
    """The verdict on one asset; `problems` are those of concluding, beside the examination's own."""
    asset = examination.asset
    all_problems = (*examination.problems, *problems)
    approved = approvals or NoApprovals()
    reasons = [
        *_on_findings(asset, findings, policy, approved),
        *_on_statements(asset, examination.evidence, policy),
        *_on_problems(asset, all_problems, policy),
    ]
    blocked = any(problem.blocking for problem in all_problems)
    rules = {rule.id: rule for rule in policy.rules}
    asking = [rules[reason.rule] for reason in reasons if reason.outcome is not Outcome.PASS and reason.rule in rules]
    return Verdict(
        outcome=max((reason.outcome for reason in reasons), key=lambda outcome: outcome.rank, default=Outcome.PASS),
        scan=Scan.INCOMPLETE if blocked else Scan.COMPLETE,
        actions=tuple(dict.fromkeys(action for rule in asking for action in rule.actions)),
        reasons=tuple(sorted(reasons, key=lambda reason: -reason.outcome.rank)),
    )


def _on_findings(asset: Asset, findings: Iterable[Finding], policy: Policy, approvals: Approvals) -> Iterator[Reason]:
    for finding in findings:
        rule = _first(policy, "finding", asset.category, finding)
        if rule is None:
            continue
        row = approvals.row_for(asset, finding, rule)
        yield Reason(
            rule=rule.id,
            outcome=rule.outcome if row is None else row[1],
            because=(finding.id,),
            text=rule.text,
            remedy=rule.remedy,
            register=row[0] if row else None,
        )


def _on_statements(asset: Asset, evidence: Iterable[Evidence], policy: Policy) -> Iterator[Reason]:
    """Reasons that rest on statements which are no marker: manifests and lists that do not match."""
    said: dict[str, list[Evidence]] = {}
    for item in evidence:
        if item.key == "validation" and item.facts.get("kind") == "tamper":
            said.setdefault("tampered", []).append(item)
        elif item.reader == "integrity" and item.key in ("mismatch", "absent"):
            said.setdefault(item.key, []).append(item)
    for about, items in said.items():
        rule = _first(policy, about, asset.category)
        if rule is not None:
            words = ", ".join(dict.fromkeys(_word(item) for item in items[:5]))
            more = f" and {len(items) - 5} more" if len(items) > 5 else ""
            because = tuple(item.id for item in items[:5])
            text = f"{rule.text} ({words}{more})"
            yield Reason(rule=rule.id, outcome=rule.outcome, because=because, text=text, remedy=rule.remedy)


def _word(item: Evidence) -> str:
    return f"{item.where}, by {item.facts['list']}" if item.key == "mismatch" else item.value


def _on_problems(asset: Asset, problems: Iterable[Problem], policy: Policy) -> Iterator[Reason]:
    blocking = [problem for problem in problems if problem.blocking]
    if not blocking:
        return
    unread = asset.kind is Kind.UNKNOWN and all(problem.code == "unsupported" for problem in blocking)
    about = "unread-kind" if unread else "problem"
    rule = _first(policy, about, asset.category) or _first(policy, "problem", asset.category)
    said = "; ".join(dict.fromkeys(f"{problem.by}: {problem.message}" for problem in blocking[:3]))
    if rule is None:  # the law holds whatever a policy forgets
        remedy = "Supply a file that can be read, or have a person inspect it."
        yield Reason(
            rule="provscan.not-inspected", outcome=Outcome.FYI, because=(), text=f"Not inspected: {said}", remedy=remedy
        )
    else:
        yield Reason(rule=rule.id, outcome=rule.outcome, because=(), text=f"{rule.text} ({said})", remedy=rule.remedy)


def _first(policy: Policy, about: str, category: Category, finding: Finding | None = None) -> PolicyRule | None:
    claim = finding.claim if finding else None
    strength = finding.strength if finding else None
    return next((rule for rule in policy.rules if rule.covers(about, category, claim, strength)), None)


def prove_policy(policy: Policy) -> Iterator[str]:
    """Run every rule's worked examples against the whole policy; what comes out otherwise is yielded."""
    for rule in policy.rules:
        for example in rule.examples:
            decided = _decide(policy, rule, example)
            got = decided.outcome if decided else None
            if got is not example.outcome or (decided is not rule and example.outcome is not None):
                by = decided.id if decided else "no rule"
                want = example.outcome or "nothing"
                yield f"{rule.id}: {_shown(example)} is {got or 'nothing'} by {by}, should be {want}"


def _decide(policy: Policy, rule: PolicyRule, example: PolicyExample) -> PolicyRule | None:
    found = (one for one in policy.rules if one.covers(rule.about, example.category, example.claim, example.strength))
    decided = next(found, None)
    # An example of silence is about its own rule: another may rightly speak.
    return decided if example.outcome is not None or decided is rule else None


def _shown(example: PolicyExample) -> str:
    return " ".join(str(word) for word in (example.claim, example.strength, "in", example.category) if word)
