"""Proof that a policy says what it means: every rule's worked examples, decided by the whole policy.

An inherited rule was proved where it stands: beside other rules its cases may come out harsher, and never milder.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

from scanner.judge.case import Case
from scanner.judge.policy.policy import Policy, PolicyExample, PolicyRule, Standing, decide

__all__ = ["prove_policy"]


def prove_policy(policy: Policy) -> Iterator[str]:
    """What comes out otherwise than an example says, in sentences."""
    for rule in policy.rules:
        for example in rule.examples:
            wrong = _wrong(policy, rule, example)
            if wrong:
                yield f"{rule.id}: {_format_example(example)} is {wrong}, should be {example.outcome or 'nothing'}"


def _wrong(policy: Policy, rule: PolicyRule, example: PolicyExample) -> str:
    """An example of silence is about its own rule: another may rightly speak."""
    if example.outcome is None:
        return f"{rule.outcomes[example.standing]}" if rule.covers(example.case) else ""
    decided = decide(policy, example.case, example.standing)
    if decided is None:
        return "nothing, by no rule"
    outcome = decided.outcomes[example.standing]
    if outcome is not example.outcome and not (rule.inherited and outcome.rank > example.outcome.rank):
        return f"{outcome} by {decided.id}"
    return "" if rule.covers(example.case) else f"{outcome}, but not by this rule"


def _format_example(example: PolicyExample) -> str:
    plain = Case(about=example.case.about)
    said = [
        str(getattr(example.case, field.name))
        for field in fields(Case)
        if field.name != "about" and getattr(example.case, field.name) != getattr(plain, field.name)
    ]
    said += [f"register {example.standing.name.lower()}"] * (example.standing is not Standing.NONE)
    return " ".join(said) or example.case.about
