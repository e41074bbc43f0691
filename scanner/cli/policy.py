"""`provscan policy list|show|test`: what a commissioner demands, and the proof that the rules state it."""

from __future__ import annotations

import click
from rich.table import Table

from scanner.cli.terminal import out
from scanner.exit_codes import ExitCode
from scanner.judge.policy import NEUTRAL, builtin_policies, load_policy, prove_policy

__all__ = ["policy"]


@click.group(epilog="Examples:\n\n  provscan policy show netflix-2025\n\n  provscan policy test house.toml")
def policy() -> None:
    """Policies: what a commissioner or a production requires."""


@policy.command("list")
def list_policies() -> None:
    """List the policies that come with provscan."""
    for name in builtin_policies():
        out().print(f"{name:24} {load_policy(name).title}")


@policy.command("show")
@click.argument("name")
def show_policy(name: str) -> None:
    """Show a policy's rules in the order in which they are applied."""
    chosen = load_policy(name)
    table = Table("rule", "when", "where", "outcome", "actions", "text", box=None, pad_edge=False)
    for rule in chosen.rules:
        when = ", ".join(rule.when)
        where = ", ".join(rule.categories) or "anywhere"
        table.add_row(rule.id, when, where, rule.outcome, ", ".join(rule.actions), rule.text)
    days = "".join(f"; {word} {day}" for word, day in (("text of", chosen.dated), ("read", chosen.read)) if day)
    out().print(f"{chosen.title}\nSource: {chosen.source}{days}\n")
    out().print(table)


@policy.command("test")
@click.argument("name", default=NEUTRAL)
def test_policy(name: str) -> int:
    """Test a policy on its own examples."""
    chosen = load_policy(name)
    failures = list(prove_policy(chosen))
    for failure in failures:
        out().print(failure)
    examples = sum(len(rule.examples) for rule in chosen.rules)
    out().print(f"{len(chosen.rules)} rules, {examples} examples, {len(failures)} failures")
    return ExitCode.FOUND if failures else ExitCode.OK
