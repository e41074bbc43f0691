"""`provscan explain FILE`: every reader's look, all evidence, every rule that fired and why."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from shlex import quote
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from media.errors import ConfigError
from scanner.cli.options import (
    comparing_options,
    config_option,
    policy_option,
    redact_option,
    rules_option,
    settings_of,
)
from scanner.cli.terminal import out, plain
from scanner.discover.discover import discover
from scanner.discover.roots import refuse_inside
from scanner.examine.inspection import discover_settings, identify_of
from scanner.judge.conform import said_of_cut
from scanner.judge.loading import judgement_of
from scanner.model import LookStatus, Outcome, Record
from scanner.pipeline import look_at
from scanner.records.redaction import redact_record
from scanner.reports.pictures.pictures import pair_name
from scanner.reports.places import place
from scanner.reports.wording import NOTHING

__all__ = ["explain"]


@click.command(
    epilog="Examples:\n\n  provscan explain key_art.png\n\n  provscan explain still.png --category '*=artwork'"
    "\n\n  provscan explain still.png --library ARCHIVE --pictures pairs"
)
@click.argument("file", type=click.Path(exists=True, path_type=Path))
@policy_option
@rules_option
@config_option
@click.option("--category", multiple=True, metavar="GLOB=CATEGORY", help="Category of the file. [from its folder]")
@comparing_options
@click.option(
    "--pictures",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for pictures of each match beside its reference. [none]",
)
@click.option("--watermarks", is_flag=True, help="Also search the pixels for open watermarks (slow).")
@redact_option
@click.option("--full", is_flag=True, help="Print values in full. [trimmed]")
def explain(
    file: Path,
    config_file: Path | None,
    pictures: Path | None,
    watermarks: bool,
    redact: bool,
    full: bool,
    **flags: Any,
) -> None:
    """Show all metadata and markers of one FILE, and the verdict that follows.

    For a frame sequence, name its folder. Nothing is cached or written, except with `--pictures`.
    """
    config = settings_of((file,), config_file, flags).config
    if file.is_dir() and len(list(islice(discover([file], discover_settings(config), identify_of(config)), 2))) > 1:
        raise click.UsageError(
            f"{file} is a folder of several files; name one of them, or the folder of one frame sequence."
            f" To scan the whole folder, run: provscan scan {quote(str(file))}"
        )
    if pictures is not None:
        if pictures.resolve() == file.parent.resolve():
            raise ConfigError(f"--pictures {pictures} is the folder of {file.name}; name another folder")
        if file.is_dir():
            refuse_inside([file], {"--pictures": pictures})
    for record in look_at(file, config, judgement_of(config), watermarks=watermarks, pictures=pictures):
        _print(out(), redact_record(record) if redact else record, 1 << 20 if full else 300, pictures)


def _print(console: Console, record: Record, length: int, pictures: Path | None) -> None:
    seen, asset = record.examination, record.examination.asset
    console.rule(plain(asset.path or asset.root), align="left")
    _print_verdict(console, record)
    console.print(f"\n{asset.media_type}, {asset.size:,} bytes, used as {asset.category}")
    if seen.media is not None and seen.media.width:
        console.print(f"{seen.media.width}×{seen.media.height} {seen.media.rate or ''} {', '.join(seen.media.codecs)}")
    _print_looks(console, record)
    if seen.evidence:
        table = Table(
            "", "reader", "key", "value", "where", box=None, pad_edge=False, title="Evidence", title_justify="left"
        )
        for item in seen.evidence:
            facts = " ".join(f"{name}={value}" for name, value in item.facts.items())
            value = plain(item.value, length) + (f"\n[dim]{plain(facts, length)}[/]" if facts else "")
            table.add_row(item.id, item.reader, plain(item.key), value, plain(item.where))
        console.print(table)
    for finding in record.findings:
        who = " / ".join(plain(word) for word in (finding.tool, finding.vendor, finding.model, finding.version) if word)
        console.print(f"\n[bold]{finding.claim}[/] ({finding.strength}) {who}")
        console.print(
            f"  {plain(finding.text)}\n  rules {', '.join(finding.rules)}; evidence {', '.join(finding.evidence)}"
        )
    if not record.findings:
        console.print(f"\n{NOTHING}")
    for match in record.matches:
        where = " · ".join(part for part in (place(match.at), "mirrored" * match.flip) if part)
        console.print(f"\n[bold]{match.relation} match[/] with {plain(match.reference, 1000)} ({match.role}) · {where}")
        console.print(f"  score {match.score:g}, threshold {match.threshold:g}")
        if cut := said_of_cut(match.facts):
            event = match.facts.cut.event if match.facts.cut else ""
            console.print(f"  {plain(cut, 1000)}{f', {plain(event)}' if event else ''}")
        drawn = pictures and pictures / pair_name(record, match)
        if drawn and drawn.exists():
            console.print(f"  side by side: {plain(str(drawn), 1000)}", soft_wrap=True)
    for problem in seen.problems:
        console.print(f"[bold]problem[/] {problem.code}, {problem.by}: {plain(problem.message)}")


def _print_looks(console: Console, record: Record) -> None:
    for status in LookStatus:
        names = [look.by for look in record.examination.looks if look.status is status]
        if names:
            console.print(f"{status.replace('-', ' '):12} {', '.join(names)}")


def _print_verdict(console: Console, record: Record) -> None:
    verdict = record.verdict
    actions = f"; to do: {', '.join(verdict.actions)}" if verdict.actions else ""
    console.print(f"[bold]{verdict.outcome.upper()}[/], scan {verdict.scan}{actions}")
    for reason in verdict.reasons:
        console.print(f"  {reason.rule}: {plain(reason.text, 1000)}")
        if reason.outcome is not Outcome.PASS and reason.remedy:
            console.print(f"    Next step: {plain(reason.remedy, 1000)}")
