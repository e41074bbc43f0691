"""`provscan report RECORDS`: another report of a stored run. No media is opened."""

from __future__ import annotations

from pathlib import Path

import click

from scanner.cli.options import FORMATS
from scanner.config import CHOICES
from scanner.output.document import check_target, write_document
from scanner.pipeline import stored_run
from scanner.reports import REPORTS
from scanner.reports.wording import notes

__all__ = ["report"]


@click.command(epilog="Example:\n\n  provscan report out/records.jsonl --format csv --out findings.csv")
@click.argument("records", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--format", "name", type=click.Choice(FORMATS), required=True, help="Report to write.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="File to write. [standard output]")
@click.option("--redact", is_flag=True, help="Remove prompts, names and other private text.")
@click.option(
    "--fail-on",
    type=click.Choice(CHOICES["fail_on"]),
    help="Exit with code 1 if any outcome is at least this severe. [that of the scan]",
)
def report(records: Path, name: str, out: Path | None, redact: bool, fail_on: str | None) -> int:
    """Write another report from the RECORDS (records.jsonl) of a scan.

    The records are compared with the summary.json in their folder. If they disagree, no report is written and
    the exit code is 3. Otherwise the exit codes are those of a scan.
    """
    summary, reader = stored_run(records, redact=redact, fail_on=fail_on)
    for note in notes(summary):
        click.echo(f"provscan: {note}", err=True)
    chosen = next(one for one in REPORTS if one.name == name)
    if out is None:
        for piece in chosen.render(summary, reader):
            click.echo(piece, nl=False)
        return summary.exit_code
    check_target("--out", out, (records, records.with_name("summary.json")))
    write_document(out, (piece.encode("utf-8") for piece in chosen.render(summary, reader)))
    click.echo(f"{out}", err=True)
    return summary.exit_code
