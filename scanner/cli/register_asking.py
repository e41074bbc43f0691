"""`provscan register triage|notice`: what planned uses need, and what a production sends to its contact."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import click

from media.workbook import Note, write_xlsx
from scanner.cli.options import config_option, judging_options, policy_option, redact_option, settings_of
from scanner.cli.terminal import Bar, out
from scanner.config import CHOICES
from scanner.discover.roots import refuse_delivery
from scanner.exit_codes import ExitCode
from scanner.judge.conclude import located
from scanner.judge.loading import judgement_of
from scanner.judge.policy import Setting, load_policies, load_register
from scanner.judge.policy.triage import Level, triage
from scanner.model import Scan
from scanner.notice import (
    COLUMNS,
    Letter,
    items_of,
    items_of_plan,
    letter_docx,
    letter_markdown,
    letter_of,
    letter_rows,
    planned_json,
    planned_lines,
    planned_markdown,
    redact_letter,
)
from scanner.output.document import check_target, write_document
from scanner.output.output import Output
from scanner.pipeline import rejudge
from scanner.provenance import refuse_own_delivery, stored_judging
from scanner.records.agreement import agreed
from scanner.records.redaction import words_of_paths
from scanner.reports.wording import count, inert

__all__ = ["notice_command", "triage_command"]

_MOST_BYTES = 2 << 20
"""Of a picture; those that are drawn are far smaller."""
_KINDS = (".md", ".docx", ".xlsx")


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
@click.option(
    "--genre", type=click.Choice(CHOICES["genre"]), help="Genre of the programme. [none: the rules of all genres]"
)
@click.option(
    "--format", "form", type=click.Choice(("console", "markdown", "json")), default="console",
    help="Output format. [console]",
)  # fmt: skip
@click.option(
    "--out", "target", type=click.Path(dir_okay=False, path_type=Path),
    help="File to write. [standard output]",
)  # fmt: skip
@config_option
def triage_command(
    file: Path, policy: tuple[str, ...], genre: str | None, form: str, target: Path | None, config_file: Path | None
) -> int:
    """List for each planned use in FILE what must be requested, and from whom, before material is made.

    Rows with the status planned or draft are judged like delivered material. The result lists inform, written
    approval, consent, clearance and disclosure, the policy that requires it, and what the row does not state. The exit
    code is 1 if anything beyond informing the contact is required, or if a row lacks information; else 0.
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
        refuse_delivery("--out", target)
        write_document(target, (text.encode("utf-8", "backslashreplace"),))
        click.echo(f"Written: {target}", err=True)
    return ExitCode.FOUND if any(one.level in (Level.ASK, Level.UNCLEAR) for one in planned) else ExitCode.OK


@click.command(
    "notice",
    epilog="""
\b
Examples:
  provscan register notice out/records.jsonl --register ai-uses.xlsx --out notice.docx
  provscan register notice out/records.jsonl --register ai-uses.xlsx --policy netflix-2025 --out notice.md
""",
)
@click.argument("records", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "-o", "--out", "target", required=True, type=click.Path(dir_okay=False, path_type=Path),
    help="Document to write: .md, .docx or .xlsx.",
)  # fmt: skip
@redact_option
@judging_options
def notice_command(records: Path, target: Path, config_file: Path | None, *, redact: bool, **flags: Any) -> int:
    """Write the notice and the approval requests that a production sends to its contact.

    It has one item for each use with all its places, from the findings and the register: written approval, consent,
    clearance, disclosure, inform. Information that the register lacks is marked MISSING. The records are judged again
    with the register; no media is opened. Pictures are taken from the folder of the scan.
    """
    if target.suffix.lower() not in _KINDS:
        raise click.UsageError(f"{target}: name a .md, .docx or .xlsx file")
    before, _ = stored_judging(records)
    config = settings_of((records,), config_file, flags, before).config
    registers = [Path(path) for path in config.register]
    check_target("--out", target, (records, records.with_name("summary.json"), *registers))
    refuse_own_delivery("--out", target, records)
    judgement = judgement_of(config)
    with Bar() as progress, rejudge(records, config, Output(), progress) as run:
        unseen = run.summary.scans.get(Scan.INCOMPLETE, 0)
        if unseen:
            said = f"{count(unseen, 'file')} could not be inspected: their content is not known and not listed here."
        faults = [fault for file in judgement.register.files for fault in file.faults]
        register = located(judgement, lambda: (it.examination.asset for it in run.records())).register
        items = items_of(run.records, judgement.policy, register, faults)
        for file in judgement.register.files:
            parts = judgement.policy.parts or (judgement.policy,)
            told = triage(file, parts, approvers=config.approvers, setting=judgement.setting)
            items += items_of_plan(one for one in told if one.row.status == "planned")
        subject = ", ".join(Path(root).name for root in run.summary.provenance.roots)
        policy = f"{judgement.policy.name}: {judgement.policy.title}"
        letter = letter_of(items, subject, policy, (said,) if unseen else ())
        if redact:
            letter = redact_letter(letter, words_of_paths(run.records()))
        for warning in agreed(records):
            click.echo(f"provscan: {inert(warning)}", err=True)
    _write(letter, target, records.parent / "pictures")
    click.echo(f"Written: {target} ({count(len(items), 'use')})", err=True)
    return ExitCode.OK


def _write(letter: Letter, target: Path, folder: Path) -> None:
    def drawn(name: str) -> bytes | None:
        path = folder / name
        try:
            return path.read_bytes() if path.stat().st_size <= _MOST_BYTES else None
        except OSError:
            return None

    def linked(name: str) -> str | None:
        path = folder / name
        return os.path.relpath(path, target.parent) if path.is_file() else None

    form = target.suffix.lower()
    if form == ".xlsx":
        write_xlsx(
            target, COLUMNS, letter_rows(letter), (Note("About", [(line,) for line in letter.lines]),), None, "Notice"
        )
    elif form == ".docx":
        write_document(target, (letter_docx(letter, drawn),))
    else:
        write_document(target, (letter_markdown(letter, linked).encode("utf-8", "backslashreplace"),))
