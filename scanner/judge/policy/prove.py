"""Proves that a policy does what it states: the whole policy decides every rule's worked examples.

An inherited rule is proved in its own policy: beside other rules its cases may get a harsher outcome, never a milder
one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

from scanner.judge.case import Case
from scanner.judge.policy.policy import Policy, PolicyExample, PolicyRule, Standing, decide

__all__ = ["prove_policy"]


def prove_policy(policy: Policy) -> Iterator[str]:
    """List every example with another outcome than it states, in sentences."""
    for rule in policy.rules:
        for example in rule.examples:
            wrong = _wrong(policy, rule, example)
            if wrong:
                yield f"{rule.id}: {_format_example(example)} is {wrong}, should be {example.outcome or 'nothing'}"


def _wrong(policy: Policy, rule: PolicyRule, example: PolicyExample) -> str:
    """An example that must not apply is about its own rule: another rule may apply."""
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
