"""`provscan register triage|notice`: what planned uses ask for, and what a production sends to its contact."""

from __future__ import annotations

import json
from pathlib import Path

import click

from scanner.cli.options import config_option, policy_option, settings_of
from scanner.cli.terminal import out
from scanner.config import CHOICES
from scanner.document import check_target, write_document
from scanner.exit_codes import ExitCode
from scanner.notice import planned_json, planned_lines, planned_markdown
from scanner.policy import Setting, load_policies, load_register
from scanner.policy.triage import Level, triage

__all__ = ["triage_command"]


@click.command(
    "triage",
    epilog="""
\b
Examples:
  provscan register triage planned.xlsx --policy netflix-2025
  provscan register triage planned.csv --policy netflix-2025 --format markdown --out to-ask.md
""",
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@policy_option
@click.option("--genre", type=click.Choice(CHOICES["genre"]), help="What the programme is. [not told: all rules]")
@click.option(
    "--format", "form", type=click.Choice(("console", "markdown", "json")), default="console",
    help="Which form. [console]",
)  # fmt: skip
@click.option(
    "--out", "target", type=click.Path(dir_okay=False, path_type=Path),
    help="File to write; without it, standard output.",
)  # fmt: skip
@config_option
def triage_command(
    file: Path, policy: tuple[str, ...], genre: str | None, form: str, target: Path | None, config_file: Path | None
) -> int:
    """Say of each planned use in FILE, before anything exists, what has to be asked and of whom.

    Rows with the status planned or draft are judged as a delivery would be that held such material: inform, written
    approval, consent, clearance, disclosure; by which policy; and what the row does not state. The exit code is 1
    where anything has to be asked beyond informing the contact, or a row leaves open what decides; else 0.
    """
    config = settings_of((file,), config_file, {"policy": policy, "genre": genre}).config
    read = load_register(file, columns=dict(config.columns))
    chosen = load_policies(config.policy)
    policies = chosen.parts or (chosen,)
    planned = triage(read, policies, approvers=config.approvers, setting=Setting(genre=config.genre))
    told = (planned, read.name, chosen.name, len(read.rows) - len(planned))
    if form == "json":
        text = json.dumps(planned_json(*told), indent=1) + "\n"
    elif form == "markdown":
        text = planned_markdown(*told)
    else:
        text = "\n".join(planned_lines(*told)) + "\n"
    if target is None:
        out().print(text, end="", markup=False)
    else:
        check_target("--out", target, (file,))
        write_document(target, (text.encode("utf-8", "backslashreplace"),))
        click.echo(f"Written: {target}", err=True)
    return ExitCode.FOUND if any(one.level in (Level.ASK, Level.UNCLEAR) for one in planned) else ExitCode.OK
