"""`provscan report RECORDS`: another report of a stored run. No media is opened."""

from __future__ import annotations

from pathlib import Path

import click

from scanner.cli.options import FORMATS
from scanner.pipeline import stored_run
from scanner.reports import REPORTS

__all__ = ["report"]


@click.command(epilog="Example:\n\n  provscan report out/records.jsonl --format csv --out findings.csv")
@click.argument("records", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--format", "name", type=click.Choice(FORMATS), required=True, help="Which report.")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="File to write; without it, standard output."
)
@click.option("--redact", is_flag=True, help="Leave prompts, names and other private words out.")
def report(records: Path, name: str, out: Path | None, redact: bool) -> None:
    """Write another report of the run whose RECORDS (records.jsonl) a scan left."""
    summary, reader = stored_run(records, redact=redact)
    chosen = next(one for one in REPORTS if one.name == name)
    if out is None:
        for piece in chosen.render(summary, reader):
            click.echo(piece, nl=False)
        return
    with out.open("w", encoding="utf-8", newline="\n") as document:
        document.writelines(chosen.render(summary, reader))
    click.echo(f"{out}", err=True)
