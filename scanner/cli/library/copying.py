"""`provscan library export|merge`: a copy to hand over, and other libraries taken into one's own."""

from __future__ import annotations

from pathlib import Path

import click

from fingerprints.library.copying import ALREADY, conflicts, export, merge
from scanner.cli.library.opening import folder_argument, open_library
from scanner.cli.terminal import out, plain
from scanner.exit_codes import ExitCode
from scanner.reports.wording import count

__all__ = ["export_library", "merge_library"]


@click.command(
    "export",
    epilog="""
\b
Examples:
  provscan library export ARCHIVE FOR_THE_VENDOR
  provscan library export ARCHIVE FOR_THE_VENDOR --with-pictures
""",
)
@folder_argument
@click.argument("target", type=click.Path(path_type=Path))
@click.option(
    "--with-pictures/--without-pictures",
    "pictures",
    help="Whether small pictures are copied; without them a report shows no reference, and alterations are not judged."
    " [without]",
)
@click.option(
    "--with-paths/--without-paths", "paths", help="Whether folder names of the original files are copied. [without]"
)
def export_library(folder: Path, target: Path, *, pictures: bool, paths: bool) -> None:
    """Write a copy to give away: fingerprints and descriptions."""
    with open_library(folder) as opened:
        kept = export(opened, target, pictures=pictures, paths=paths)
        out().print(f"{count(kept, 'reference')} in {plain(str(target))}")


@click.command(
    "merge",
    epilog="""
\b
Examples:
  provscan library merge ARCHIVE FROM_THE_AGENCY
  provscan library merge ARCHIVE EP101_LIBRARY EP102_LIBRARY
""",
)
@folder_argument
@click.argument(
    "others", metavar="OTHER...", nargs=-1, required=True, type=click.Path(exists=True, file_okay=False, path_type=Path)
)
def merge_library(folder: Path, others: tuple[Path, ...]) -> int:
    """Add all references of other libraries. Merging again changes nothing.

    Where both describe the same file under one id, the description in DIR stays, and the difference is listed.
    """
    results: list[tuple[str, str]] = []
    for other in others:
        with open_library(folder) as opened, open_library(other) as given:
            for line in conflicts(opened, given):
                click.echo(plain(line, 1000), err=True)
            results += merge(opened, given)
    refused = [(name, why) for name, why in results if why not in ("", ALREADY)]
    for name, why in refused:
        click.echo(f"{plain(name)} was not added: {plain(why)}", err=True)
    taken = sum(not why for _, why in results)
    click.echo(
        f"{taken} added, {len(results) - taken - len(refused)} already present, {len(refused)} not added", err=True
    )
    return ExitCode.INCOMPLETE if refused else ExitCode.OK
