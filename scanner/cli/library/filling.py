"""`provscan library init|add|import|remove`: create a library, add references to it and remove them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from fingerprints.library.adding import Status
from fingerprints.library.library import Library
from fingerprints.library.log import read_log_for
from fingerprints.model import Details
from fingerprints.vocabulary import Quality, Role
from media.errors import LibraryError
from scanner.cli.library.adding import add_all, can_be_added, counted, item_of, place_options, stem
from scanner.cli.library.opening import (
    ROLES,
    as_library_errors,
    call_sealed,
    find_reference,
    folder_argument,
    open_library,
)
from scanner.cli.options import memory_option
from scanner.cli.terminal import out, plain
from scanner.discover.discover import discover
from scanner.discover.formats import SealedIdentify
from scanner.exit_codes import ExitCode
from scanner.reports.wording import count

__all__ = ["add_files", "import_log", "init_library", "remove_references"]

QUALITIES = click.Choice([quality.value for quality in Quality])
_LOG_SECONDS = 600.0

jobs_option = click.option("--jobs", type=click.IntRange(1, 64), help="Worker processes. [as many as processors]")


@click.command("init")
@folder_argument
def init_library(folder: Path) -> None:
    """Create a new, empty library."""
    with as_library_errors(), Library.create(folder):
        out().print(f"Created library {plain(str(folder))}. Next: provscan library add or import.", soft_wrap=True)


@click.command(
    "add",
    epilog="""
\b
Examples:
  provscan library add ARCHIVE scans/ --role archival --quality scan
  provscan library add ARCHIVE scans/ --role archival --memory 2G
  provscan library add ARCHIVE newsreel.mov --role copyrighted --licence L-7
""",
)
@folder_argument
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--role", type=ROLES, required=True, help="Role of the references; decides how a match is judged.")
@click.option("--id", "name", help="Id of the reference; for a single file. [the file's name]")
@click.option("--title", default="", help="Title or description. [none]")
@click.option("--source", default="", help="Archive, agency or person that supplied it. [none]")
@click.option("--rights", default="", help="Rights and their holders, as text. [none]")
@click.option("--licence", default="", help="Licence or licence number. [none]")
@click.option("--ai-terms", default="", help="Terms of the licence on AI use. [none]")
@click.option(
    "--quality",
    type=QUALITIES,
    default=Quality.SCAN.value,
    show_default=True,
    help="Quality of the files; alterations are judged only for a master or a scan.",
)
@click.option("--valid-until", type=click.DateTime(["%Y-%m-%d"]), help="Last day of the licence. [none]")
@click.option("--uses", default="", help="Licensed uses: 'SVOD, festivals'. [none]")
@click.option("--territory", default="", help="Licensed territories: 'UK, IE', 'world excl. US'. [none]")
@jobs_option
@place_options
@memory_option("not added")
def add_files(folder: Path, files: tuple[Path, ...], name: str | None, **details: Any) -> int:
    """Add stills, frame sequences, the pictures of PDFs, videos and audio files; folders are searched recursively.

    Every frame and all audio are decoded, so adding a video takes as long as decoding it. After an interruption run the
    same command again: what was added is not read again.
    """
    work = {name: details.pop(name) for name in ("jobs", "memory", "executor", "scheduler")}
    if until := details.pop("valid_until"):
        details["valid_until"] = until.date().isoformat()
    assets = [asset for asset in discover(files, identify=SealedIdentify()) if can_be_added(asset)]
    if name and len(assets) != 1:
        raise click.UsageError(f"--id can name only one reference, and {len(assets)} files were found; name one file")
    details |= {"role": Role(details["role"]), "quality": Quality(details["quality"])}
    items = [item_of(asset, Details(id=name or stem(asset), **details), bool(name)) for asset in assets]
    if not items:
        raise LibraryError(
            "found no picture, frame sequence, PDF, video or audio file to add in: " + ", ".join(map(str, files))
        )
    with open_library(folder) as opened:
        counts = add_all(opened, items, **work)
        click.echo(counted(counts), err=True)
        return ExitCode.INCOMPLETE if counts[Status.REFUSED] else ExitCode.OK


@click.command("import")
@folder_argument
@click.argument("log", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--role", type=ROLES, default=Role.ARCHIVAL.value, show_default=True, help="Role of rows that state none."
)
@click.option(
    "--root",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of the files that the log lists. [the folder of the log]",
)
@click.option("--check", is_flag=True, help="Check the log and list its errors; add nothing.")
@jobs_option
@place_options
@memory_option("not added")
def import_log(folder: Path, log: Path, role: str, root: Path | None, *, check: bool, **work: Any) -> int:
    """Add the files that an archival log lists: CSV or XLSX, one row for each source."""
    with open_library(folder) as opened:
        read = call_sealed(log, read_log_for, _LOG_SECONDS, folder, log, role=Role(role), root=root)
        for row in read.bad:
            click.echo(f"row {row.number}: {plain(row.message)}", err=True)
        if read.unread:
            click.echo(f"Columns that are not read: {plain(', '.join(read.unread))}", err=True)
        done = {} if check else dict(add_all(opened, read.items, **work))
        bad = len(read.bad) + done.pop(Status.REFUSED, 0)
        added = f"{len(read.items)} can be added" if check else counted(done)
        rows = count(len(read.items) + len(read.bad), "row")
        click.echo(f"{rows}: {', '.join(filter(None, (added, f'{bad} bad')))}", err=True)
        return ExitCode.INCOMPLETE if bad else ExitCode.OK


@click.command("remove")
@folder_argument
@click.argument("names", metavar="ID…", nargs=-1, required=True)
def remove_references(folder: Path, names: tuple[str, ...]) -> None:
    """Remove references from the library. The files themselves are not changed."""
    with open_library(folder) as opened:
        for name in names:
            find_reference(opened, name)
        for name in names:
            opened.remove(name)
