"""`provscan diff OLD NEW`: the fix check between two deliveries. No media is opened."""

from __future__ import annotations

import json
from pathlib import Path

import click

from scanner.cli.options import redact_option
from scanner.cli.terminal import out, plain
from scanner.config import CHOICES
from scanner.exit_codes import ExitCode
from scanner.model import Outcome
from scanner.records.agreement import agreed
from scanner.records.diff import Change, Diff, State, compare
from scanner.records.records import read_records
from scanner.records.redaction import redact_record
from scanner.reports.wording import count, inert

__all__ = ["diff"]

_RECORDS = click.Path(exists=True, path_type=Path)


@click.command(epilog="Example:\n\n  provscan diff round1/records.jsonl round2/records.jsonl --format json")
@click.argument("old", type=_RECORDS)
@click.argument("new", type=_RECORDS)
@click.option(
    "--fail-on",
    type=click.Choice(CHOICES["fail_on"]),
    default="issue",
    help="Exit with code 1 if any new outcome is at least this severe. [issue]",
)
@redact_option
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text", help="Output format. [text]")
def diff(old: Path, new: Path, fail_on: str, redact: bool, form: str) -> int:
    """Compare two runs: what is new, changed, moved, fixed, still present, no longer inspected.

    OLD and NEW are records.jsonl files, or the folders that hold them. Files are identified by their content, their
    path, or their path without versions and dates (`cut_v1.mov`, `cut_R3_20261122.mov`), so a renamed file or the next
    version of a file is not new. A finding at another timecode of the programme is reported as moved.

    The exit code is 1 if a new or worse outcome is at or above --fail-on; 3 if a file with earlier findings was not
    inspected this time, or if the records of a run disagree with its summary.json; else 0.
    """
    runs = [path / "records.jsonl" if path.is_dir() else path for path in (old, new)]
    for run in runs:
        for warning in agreed(run):
            click.echo(f"provscan: {inert(f'{run}: {warning}')}", err=True)
    compared = compare(*(map(redact_record, read_records(run)) if redact else read_records(run) for run in runs))
    if form == "json":
        click.echo(json.dumps(compared.to_json(), indent=1))
    else:
        _print(compared)
    return _code(compared, fail_on)


def _print(compared: Diff) -> None:
    console = out()
    console.print(", ".join(f"{number:,} {state}" for state, number in compared.counts.items()))
    for state in State:
        changes = compared.of(state)
        if changes:
            console.rule(f"{state} ({len(changes):,})", align="left")
        for change in changes:
            concern, before = change.concern, change.old
            was = f", was {before.outcome}" if before and change.new and before.outcome is not concern.outcome else ""
            moved = f" (was {plain(before.path, 200)})" if before and change.new and before.path != concern.path else ""
            console.print(f"{concern.outcome}{was}: {plain(concern.path, 200)}{moved}{_offset(change)}")
            console.print(f"  {concern.rule}: {plain(concern.text)}")


def _offset(change: Change) -> str:
    """`, moved by 15 frames (later)`."""
    if not change.moved:
        return ""
    return f", moved by {count(abs(change.moved), 'frame')} ({'later' if change.moved > 0 else 'earlier'})"


def _code(compared: Diff, fail_on: str) -> ExitCode:
    if fail_on == "never":
        return ExitCode.OK
    floor = Outcome(fail_on).rank
    if any(change.worse and change.concern.outcome.rank >= floor for change in compared.changes):
        return ExitCode.FOUND
    return ExitCode.INCOMPLETE if compared.of(State.NOT_INSPECTED) else ExitCode.OK
