"""Proves rules by their own examples: every hit must be found with the results it states, and no miss may be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from scanner.judge.rules.engine import Engine
from scanner.judge.rules.rule import Example, Rule, RuleSet
from scanner.model import Finding

__all__ = ["Failure", "prove"]


@dataclass(frozen=True, slots=True)
class Failure:
    """One example with another result than it states."""

    rule: str
    example: str
    message: str

    def __str__(self) -> str:
        """The failure in lines for a terminal."""
        return f"{self.rule}: {self.message}\n    {self.example}"


def prove(rules: RuleSet) -> Iterator[Failure]:
    """Run each rule alone on its own examples, and yield every failure."""
    for rule in rules.rules:
        engine = Engine(RuleSet((rule,), rules.names, rules.digest))
        for example in rule.hits:
            yield from _hit(engine, rule, example)
        for example in rule.misses:
            for finding in engine.detect(example.says).findings:
                why = f" ({example.why})" if example.why else ""
                yield Failure(rule.id, _format_example(example), f"found {finding.claim} in a miss{why}")


def _hit(engine: Engine, rule: Rule, example: Example) -> Iterator[Failure]:
    findings = engine.detect(example.says).findings
    if not findings:
        yield Failure(rule.id, _format_example(example), "found nothing in a hit")
        return
    for field, want in example.expect.items():
        got = [_field(finding, field) for finding in findings]
        if want not in got:
            yield Failure(rule.id, _format_example(example), f"{field} is {got[0]!r}, should be {want!r}")


def _field(finding: Finding, field: str) -> str:
    return str(getattr(finding, field) or "")


def _format_example(example: Example) -> str:
    return "; ".join(f"{says.reader}:{says.key} = {says.value[:120]!r}" for says in example.says)
