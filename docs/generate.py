"""Writes the generated pages: rules, readers and formats, commands, exit codes, policies. A test checks that they are fresh."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import click

from scanner.cli import provscan
from scanner.doctor import formats
from scanner.errors import ExitCode
from scanner.identify import KINDS
from scanner.policy import builtin_policies, load_policy
from scanner.readers import READERS
from scanner.rules import load_rules

HERE = Path(__file__).parent
HEAD = "<!-- Made by `make docs`; do not edit. -->\n"


def pages() -> Mapping[str, str]:
    """File name → text of every generated page."""
    return {
        "commands.md": _commands(),
        "exit-codes.md": _exit_codes(),
        "policies.md": _policies(),
        "readers.md": _readers(),
        "rules.md": _rules(),
    }


def _commands() -> str:
    text = [HEAD, "# Commands\n"]
    for path, command in _walk(provscan, ("provscan",)):
        context = click.Context(command, info_name=" ".join(path), max_content_width=100)
        text.append(f"## {' '.join(path)}\n\n```\n{command.get_help(context)}\n```\n")
    return "\n".join(text)


def _walk(command: click.Command, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        for name in sorted(command.commands):
            yield from _walk(command.commands[name], (*path, name))


_MEANING = {
    ExitCode.OK: "Nothing at or above `--fail-on`.",
    ExitCode.FOUND: "Something at or above `--fail-on`. Outranks 3; both counts are in the summary.",
    ExitCode.USAGE: "The command line was not understood.",
    ExitCode.INCOMPLETE: "Some files could not be judged.",
    ExitCode.SETUP: "Configuration, rules, policy or a needed tool is not right. The message says which, and the mend.",
    ExitCode.INTERRUPTED: "Interrupted. What was done is kept: the same command goes on from there.",
}


def _exit_codes() -> str:
    rows = "\n".join(f"| {int(code)} | {_MEANING[code]} |" for code in ExitCode)
    return f"{HEAD}\n# Exit codes\n\n| code | meaning |\n|---|---|\n{rows}\n"


def _policies() -> str:
    text = [HEAD, "# Policies\n"]
    for name in builtin_policies():
        policy = load_policy(name)
        text.append(f"## {policy.title}\n\n`--policy {name}`. Source: {policy.source}\n")
        text.append("| rule | when | where | outcome | actions | what it says | what would make it pass |")
        text.append("|---|---|---|---|---|---|---|")
        for rule in policy.rules:
            when = ", ".join((*rule.claims, *rule.strengths)) or rule.about
            where = ", ".join(rule.categories) or "anywhere"
            actions = ", ".join(rule.actions)
            cells = (f"`{rule.id}`", when, where, rule.outcome, actions, rule.text, rule.remedy)
            text.append(f"| {' | '.join(cells)} |")
        text.append("")
    return "\n".join(text)


def _readers() -> str:
    text = [HEAD, "# Readers and formats\n", "| reader | version | what it reads |", "|---|---|---|"]
    for reader in READERS:
        said = (type(reader).__doc__ or "").strip().splitlines()[0]
        text.append(f"| `{reader.name}` | {reader.version} | {said} |")
    text += ["", "## Formats", "", "| media type | kind | readers that look |", "|---|---|---|"]
    looked = formats()
    for media_type, kind in KINDS.items():
        text.append(f"| {media_type} | {kind} | {', '.join(looked.get(media_type, ())) or 'none: recorded, and said so'} |")
    return "\n".join(text) + "\n"


def _rules() -> str:
    loaded = load_rules().rules
    text = [HEAD, "# Marker rules\n", f"{len(loaded)} rules. `provscan rules show ID` prints one whole, with its hits and misses.\n"]
    text += ["| rule | claim | strength | what it is | known from | date |", "|---|---|---|---|---|---|"]
    for rule in sorted(loaded, key=lambda rule: rule.id):
        source = f"{rule.source} ({rule.seen})".replace("|", "\\|")
        text.append(f"| `{rule.id}` | {rule.claim} | {rule.strength} | {rule.title.replace('|', chr(92) + '|')} | {source} | {rule.date} |")
    return "\n".join(text) + "\n"


def write() -> None:
    """Write every page that is not fresh."""
    for name, text in pages().items():
        path = HERE / name
        if not path.exists() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8", newline="\n")
            print(f"docs/{name}")


if __name__ == "__main__":
    write()
