"""`provscan report RECORDS`: another report of a stored run. No media is opened."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import click

from scanner.cli.options import FORMATS, refuse_binary, separator_option
from scanner.config import CHOICES
from scanner.output.document import write_documents
from scanner.output.staging import PICTURES
from scanner.pipeline import stored_run
from scanner.reports import choose_reports
from scanner.reports.pictures.pictures import PictureFolder
from scanner.reports.timed import TimedReport, timelines
from scanner.reports.wording import notes

__all__ = ["report"]


@click.command(epilog="Example:\n\n  provscan report out/records.jsonl --format csv --out findings.csv")
@click.argument("records", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--format", "name", type=click.Choice(FORMATS), required=True, help="Report to write.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="File to write, or a folder; an edit or marker list of several deliverables becomes a file for each."
    " [standard output]",
)
@separator_option
@click.option("--redact", is_flag=True, help="Remove prompts, names and other private text.")
@click.option(
    "--fail-on",
    type=click.Choice(CHOICES["fail_on"]),
    help="Exit with code 1 if any outcome is at least this severe. [that of the scan]",
)
def report(records: Path, name: str, out: Path | None, separator: str, redact: bool, fail_on: str | None) -> int:
    """Write another report from the RECORDS (records.jsonl) of a scan.

    The records are compared with the summary.json in their folder. If they disagree, no report is written and
    the exit code is 3. Otherwise the exit codes are those of a scan.
    """
    refuse_binary(out, (name,))
    summary, reader = stored_run(records, redact=redact, fail_on=fail_on)
    for note in notes(summary):
        click.echo(f"provscan: {note}", err=True)
    (plain,) = choose_reports((name,), separator=separator)
    chosen = plain.illustrated(PictureFolder(records.parent / PICTURES))
    if out is None:
        if isinstance(chosen, TimedReport) and len(list(islice(timelines(reader()), 2))) > 1:
            click.echo("provscan: several deliverables in one document; --out FOLDER writes a file for each", err=True)
        for piece in chosen.render(summary, reader):
            click.echo(piece, nl=False)
        return summary.exit_code
    inputs = (records, records.with_name("summary.json"))
    for path in write_documents("--out", out, chosen.documents(summary, reader), chosen.file_name, inputs):
        click.echo(f"{path}", err=True)
    return summary.exit_code
