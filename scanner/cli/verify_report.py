"""`provscan verify-report OUT`: checks that a run's records are those that its summary declares. Nothing is judged."""

from __future__ import annotations

from pathlib import Path

import click

from scanner.cli.terminal import out, plain
from scanner.exit_codes import ExitCode
from scanner.records.agreement import compare_with_summary
from scanner.reports.wording import count

__all__ = ["verify_report"]


@click.command("verify-report", epilog="Example:\n\n  provscan verify-report report")
@click.argument("folder", metavar="OUT", type=click.Path(exists=True, path_type=Path))
def verify_report(folder: Path) -> int:
    """Check that records.jsonl in OUT agrees with the summary.json beside it: number, outcomes, SHA-256.

    OUT is the folder that a scan wrote, or its records.jsonl. The exit code is 0 if they agree, 3 if they
    disagree or the summary is missing, 4 if they cannot be read.
    """
    records = folder / "records.jsonl" if folder.is_dir() else folder
    found = compare_with_summary(records)
    for said in (*found.faults, *found.warnings):
        out().print(plain(said, 1000))
    if found.faults or found.warnings:
        out().print("No verdict: the records could not be verified as complete.")
        return ExitCode.INCOMPLETE
    out().print(f"{count(found.records, 'record')}, as {plain(str(records.with_name('summary.json')), 400)} declares.")
    return ExitCode.OK
