"""`provscan report RECORDS`: another report of a stored run. Media are opened only to draw pictures, where asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import replace
from itertools import islice
from pathlib import Path

import click

from scanner.cli.options import FORMATS, about_option, library_option, redact_option, refuse_binary, separator_option
from scanner.cli.terminal import Bar
from scanner.config import CHOICES, Config
from scanner.model import Record
from scanner.output.document import write_documents
from scanner.output.output import temporary_folder
from scanner.output.staging import PICTURES
from scanner.pipeline import stored_run
from scanner.records.records import StoredRecords
from scanner.records.summary import Summary
from scanner.reports import choose_reports
from scanner.reports.interface import Report
from scanner.reports.pictures.later import draw_missing
from scanner.reports.pictures.pictures import PictureFolder, Pictures
from scanner.reports.timed import TimedReport, timelines
from scanner.reports.wording import notes

__all__ = ["report"]


@click.command(
    epilog="""
\b
Examples:
  provscan report out/records.jsonl --format csv --out findings.csv
  provscan report out/records.jsonl --format html --media DELIVERY --out report.html
"""
)
@click.argument("records", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--format", "name", type=click.Choice(FORMATS), required=True, help="Report to write.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="File to write, or a folder; an edit or marker list of several deliverables becomes a file for each."
    " [standard output]",
)
@separator_option
@about_option
@redact_option
@click.option(
    "--fail-on",
    type=click.Choice(CHOICES["fail_on"]),
    help="Exit with code 1 if any outcome is at least this severe. [that of the scan]",
)
@click.option(
    "--media",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    help="Scanned folder, where it is now: pictures that the scan did not draw are drawn from it. [none]",
)
@library_option("Library of the scan, for pictures of its references. [none]")
def report(
    records: Path,
    name: str,
    out: Path | None,
    separator: str,
    about: tuple[tuple[str, str], ...],
    redact: bool,
    fail_on: str | None,
    media: tuple[Path, ...],
    library: tuple[Path, ...],
) -> int:
    """Write another report from the RECORDS (records.jsonl) of a scan.

    The records are compared with the summary.json in their folder. If they disagree, no report is written and
    the exit code is 3. Otherwise the exit codes are those of a scan. No media is opened, except with --media.
    """
    (plain,) = choose_reports((name,), separator=separator)
    plain.check()
    refuse_binary(out, (name,))
    summary, reader = stored_run(records, redact=redact, fail_on=fail_on, about=dict(about))
    for note in notes(summary):
        click.echo(f"provscan: {note}", err=True)
    stored = records.parent / PICTURES
    with ExitStack() as closing:
        pictures: Pictures = PictureFolder(stored)
        if plain.shows_pictures and media:
            config = replace(Config(), library=tuple(map(str, library)))
            with Bar() as progress:
                pictures = draw_missing(
                    StoredRecords(records), media, stored, config, temporary_folder(closing), progress
                )
        elif plain.shows_pictures and not stored.is_dir():
            click.echo(
                "provscan: the scan drew no pictures; --media FOLDER draws them from the scanned folder", err=True
            )
        _write(plain.illustrated(pictures), summary, reader, records, out)
    return summary.exit_code


def _write(
    chosen: Report, summary: Summary, reader: Callable[[], Iterable[Record]], records: Path, out: Path | None
) -> None:
    if out is None:
        if isinstance(chosen, TimedReport) and len(list(islice(timelines(reader()), 2))) > 1:
            click.echo("provscan: several deliverables in one document; --out FOLDER writes a file for each", err=True)
        for piece in chosen.render(summary, reader):
            click.echo(piece, nl=False)
        return
    inputs = (records, records.with_name("summary.json"))
    for path in write_documents("--out", out, chosen.documents(summary, reader), chosen.file_name, inputs):
        click.echo(f"{path}", err=True)
