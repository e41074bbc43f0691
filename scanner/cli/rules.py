"""`provscan rules list|show|test`: the marker rules, and their proof."""

from __future__ import annotations

from pathlib import Path

import click
from rich.table import Column, Table

from media.errors import ConfigError
from scanner.cli.terminal import out, plain
from scanner.exit_codes import ExitCode
from scanner.judge.rules import Example, Rule, load_rules, prove

__all__ = ["rules"]

_extra = click.option(
    "--rules",
    "files",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="File of rules that extend or override the built-in ones; may be repeated. [built-in rules]",
)


@click.group(epilog="Examples:\n\n  provscan rules list --tool midjourney\n\n  provscan rules test --rules my.toml")
def rules() -> None:
    """Marker rules: what statements in files mean, each rule with its source and examples."""


@rules.command("list")
@click.option("--tool", default="", help="List only rules that name this tool. [all rules]")
@_extra
def list_rules(tool: str, files: tuple[Path, ...]) -> None:
    """List all rules with claim, strength, source and date."""
    whole = Column("rule", no_wrap=True)  # to be copied
    table = Table(whole, "claim", "strength", "known from", "date", "title", box=None, pad_edge=False)
    shown = [rule for rule in load_rules(files).rules if tool.lower() in f"{rule.id} {rule.tool} {rule.title}".lower()]
    for rule in shown:
        table.add_row(rule.id, rule.claim, rule.strength, rule.seen, rule.date, plain(rule.title, 100))
    out().print(table)
    out().print(f"{len(shown)} rules")


@rules.command("show")
@click.argument("rule_id")
@_extra
def show_rule(rule_id: str, files: tuple[Path, ...]) -> None:
    """Show one rule in full: the fields it reads, its condition, source, hits and misses."""
    found = next((rule for rule in load_rules(files).rules if rule.id == rule_id), None)
    if found is None:
        raise ConfigError(f"there is no rule {rule_id!r}; `provscan rules list` lists them all")
    for name, value in _fields(found):
        out().print(f"[bold]{name:10}[/] {plain(value, 2000)}")


def _fields(rule: Rule) -> list[tuple[str, str]]:
    condition = rule.condition
    rows = [
        ("rule", rule.id),
        ("title", rule.title),
        ("tool", " / ".join(filter(None, (rule.tool, rule.vendor))) or "named by the file"),
        ("claim", f"{rule.claim}, {rule.strength}"),
        ("source", f"{rule.source} ({rule.seen}, {rule.date}; {rule.file})"),
        ("where", ", ".join(f"{reader}:{key}" for reader, key in condition.where)),
    ]
    if condition.match is not None:
        rows.append(("match", condition.match.pattern))
    if condition.unless is not None:
        rows.append(("unless", condition.unless.pattern))
    rows.extend(("fact", f"{name} = {pattern.pattern}") for name, pattern in condition.facts.items())
    for name, examples in (("hit", rule.hits), ("miss", rule.misses)):
        rows.extend((name, _format_example(example)) for example in examples)
    return rows


def _format_example(example: Example) -> str:
    return "; ".join(f"{says.reader}:{says.key} = {says.value}" for says in example.says)


@rules.command("test")
@_extra
def test_rules(files: tuple[Path, ...]) -> int:
    """Test every rule on its own hits and misses."""
    loaded = load_rules(files)
    failures = list(prove(loaded))
    for failure in failures:
        out().print(plain(str(failure), 1000))
    examples = sum(len(rule.hits) + len(rule.misses) for rule in loaded.rules)
    out().print(f"{len(loaded.rules)} rules, {examples} examples, {len(failures)} failures")
    return ExitCode.FOUND if failures else ExitCode.OK
