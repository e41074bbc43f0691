"""`provscan library …`: keep the pictures, clips and sounds that others are traced back to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import click

from fingerprints.library.adding import Status
from fingerprints.library.checks import changed_originals, seconds_for_originals, verify_folder
from fingerprints.library.copying import ALREADY, conflicts, export, merge
from fingerprints.library.library import Library
from fingerprints.library.log import read_log_for
from fingerprints.library.repair import repair
from fingerprints.model import Details, Reference
from fingerprints.vocabulary import Quality, Role
from media.errors import LibraryError, MediaError
from media.work import Lost, run_sealed
from scanner.cli.library.adding import add_all, can_be_added, counted, item_of, place_options, stem
from scanner.cli.library.lists import FORMATS, listed, shown
from scanner.cli.library.memory import memory_option
from scanner.cli.library.repairing import repair_lines, write_lost
from scanner.cli.library.search import SEARCH_SECONDS, look, print_hits
from scanner.cli.terminal import out, plain
from scanner.discover.discover import discover
from scanner.discover.formats import SealedIdentify
from scanner.exit_codes import ExitCode
from scanner.reports.wording import count

__all__ = ["library"]

P = ParamSpec("P")
R = TypeVar("R")
_LOG_SECONDS = 600.0

ROLES = click.Choice([role.value for role in Role])
QUALITIES = click.Choice([quality.value for quality in Quality])

folder_argument = click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
jobs_option = click.option("--jobs", type=click.IntRange(1, 64), help="Worker processes. [as many as processors]")


@click.group(
    epilog="""
\b
Examples:
  provscan library init ARCHIVE
  provscan library import ARCHIVE archival_log.xlsx
  provscan library add ARCHIVE scans/ --role archival --quality scan
  provscan library add ARCHIVE newsreel.mov theme.wav --role copyrighted --licence L-7
  provscan library search ARCHIVE frame_grab.png
"""
)
def library() -> None:
    """Reference libraries: folders of fingerprints that recognise known pictures and sounds, also after edits.

    A library holds fingerprints and small pictures, never the files themselves. It needs no server.
    """


@library.command()
@folder_argument
def init(folder: Path) -> None:
    """Create a new, empty library."""
    with _faults(), Library.create(folder):
        out().print(f"Created library {plain(str(folder))}. Next: provscan library add or import.", soft_wrap=True)


@library.command(
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
@memory_option
def add_files(folder: Path, files: tuple[Path, ...], name: str | None, **said: Any) -> int:
    """Add stills, frame sequences, the pictures of PDFs, videos and audio files; folders are searched recursively.

    Every frame and all audio are decoded, so adding a video takes as long as decoding it. After an interruption run the
    same command again: what was added is not read again.
    """
    work = {name: said.pop(name) for name in ("jobs", "memory", "executor", "scheduler")}
    if until := said.pop("valid_until"):
        said["valid_until"] = until.date().isoformat()
    assets = [asset for asset in discover(files, identify=SealedIdentify()) if can_be_added(asset)]
    if name and len(assets) != 1:
        raise click.UsageError(f"--id can name only one reference, and {len(assets)} files were found; name one file")
    said |= {"role": Role(said["role"]), "quality": Quality(said["quality"])}
    items = [item_of(asset, Details(id=name or stem(asset), **said), bool(name)) for asset in assets]
    if not items:
        raise LibraryError(
            "found no picture, frame sequence, PDF, video or audio file to add in: " + ", ".join(map(str, files))
        )
    with _open_library(folder) as opened:
        counts = add_all(opened, items, **work)
        click.echo(counted(counts), err=True)
        return ExitCode.INCOMPLETE if counts[Status.REFUSED] else ExitCode.OK


@library.command("import")
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
@memory_option
def import_log(folder: Path, log: Path, role: str, root: Path | None, *, check: bool, **work: Any) -> int:
    """Add the files that an archival log lists: CSV or XLSX, one row for each source."""
    with _open_library(folder) as opened:
        read = _call_sealed(log, read_log_for, _LOG_SECONDS, folder, log, role=Role(role), root=root)
        for row in read.bad:
            click.echo(f"row {row.number}: {plain(row.message)}", err=True)
        if read.unread:
            click.echo(f"Columns that are not read: {plain(', '.join(read.unread))}", err=True)
        done = {} if check else dict(add_all(opened, read.items, **work))
        bad = len(read.bad) + done.pop(Status.REFUSED, 0)
        told = f"{len(read.items)} can be added" if check else counted(done)
        rows = count(len(read.items) + len(read.bad), "row")
        click.echo(f"{rows}: {', '.join(filter(None, (told, f'{bad} bad')))}", err=True)
        return ExitCode.INCOMPLETE if bad else ExitCode.OK


def _call_sealed(path: Path, function: Callable[P, R], seconds: float, *args: P.args, **kwargs: P.kwargs) -> R:
    """What a sealed worker makes of a file. `LibraryError` where it crashes, hangs or needs too much memory."""
    answer = run_sealed(function, seconds, *args, **kwargs)
    if isinstance(answer, Lost):
        raise LibraryError(f"{path}: cannot be read: {answer.brief}")
    return answer


@library.command("list")
@folder_argument
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    default="table",
    show_default=True,
    help="Output format; `csv` can be imported, `json` is one document, `jsonl` a line for each reference.",
)
@click.option("--role", type=ROLES, help="List only references of this role. [all roles]")
@click.option("--expired", is_flag=True, help="List only references whose licence has expired.")
def list_references(folder: Path, form: str, role: str | None, *, expired: bool) -> None:
    """List the references."""
    with _open_library(folder) as opened:
        chosen = (one for one in opened.references() if role is None or one.details.role == role)
        today = date.today().isoformat()
        kept = (one for one in chosen if not expired or "" < one.details.valid_until < today)
        for block in listed(form, kept):
            click.echo(block) if isinstance(block, str) else out().print(block)


@library.command("show")
@folder_argument
@click.argument("name", metavar="ID")
@click.option(
    "--picture",
    type=click.Path(dir_okay=False, path_type=Path),
    help="JPEG file to write its small picture to; for a video, one of its frames. [none]",
)
def show_reference(folder: Path, name: str, picture: Path | None) -> None:
    """Show all data of a reference."""
    with _open_library(folder) as opened:
        reference = _reference(opened, name)
        out().print(shown(opened, reference))
        if picture is None:
            return
        middle = (
            reference.key_images[len(reference.key_images) // 2 if reference.clip else 0]
            if reference.key_images
            else None
        )
        data = None if middle is None else opened.catalogue.thumbnail(middle)
        if data is None:
            why = "was exported without pictures" if reference.key_images else f"has no picture of {name}"
            raise LibraryError(f"{folder} {why}")
        picture.write_bytes(data)


@library.command()
@folder_argument
@click.argument("names", metavar="ID…", nargs=-1, required=True)
def remove(folder: Path, names: tuple[str, ...]) -> None:
    """Remove references from the library. The files themselves are not changed."""
    with _open_library(folder) as opened:
        for name in names:
            _reference(opened, name)
        for name in names:
            opened.remove(name)


@library.command("verify")
@folder_argument
@click.option(
    "--files", is_flag=True, help="Also read every original file, and list those that are missing or changed."
)
def verify_library(folder: Path, *, files: bool) -> int:
    """Check every row and file of a library by its checksum, and compare every index with a rebuilt one."""
    problems = list(verify_folder(folder))
    for problem in problems:
        out().print(plain(problem, 1000))
    if problems:
        click.echo(f"See what a repair would do: provscan library repair --check {plain(str(folder))}", err=True)
        return ExitCode.FOUND
    with _open_library(folder) as opened:
        changed = _call_sealed(folder, changed_originals, seconds_for_originals(opened), folder) if files else []
        for name, problem in changed:
            out().print(f"{plain(name)}: {plain(problem, 1000)}")
        out().print(f"{plain(str(folder))} is whole: {opened.catalogue.counts()['reference']} references")
        return ExitCode.FOUND if changed else ExitCode.OK


@library.command(
    "repair",
    epilog="""
\b
Examples:
  provscan library repair ARCHIVE --check
  provscan library repair ARCHIVE
  provscan library import ARCHIVE ARCHIVE/lost.csv
""",
)
@folder_argument
@click.option("--check", is_flag=True, help="Report what a repair would keep and lose; change nothing.")
@click.option(
    "--lost",
    type=click.Path(dir_okay=False, path_type=Path),
    help="CSV file for the references that must be added again. [lost.csv in the library]",
)
def repair_library(folder: Path, lost: Path | None, *, check: bool) -> int:
    """Repair what a crash or a faulty disk damaged: keep what checksums prove, and list what must be added again.

    End other commands that use the library first.
    """
    target = lost or folder / "lost.csv"
    with _faults():
        done = repair(folder, record=partial(write_lost, target), check=check)
    for line in repair_lines(done, folder, target, check=check):
        click.echo(line)
    return ExitCode.FOUND if done.lost or (check and done.is_needed) else ExitCode.OK


@library.command(
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
    with _open_library(folder) as opened, _faults():
        kept = export(opened, target, pictures=pictures, paths=paths)
        out().print(f"{count(kept, 'reference')} in {plain(str(target))}")


@library.command(
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
    told: list[tuple[str, str]] = []
    for other in others:
        with _open_library(folder) as opened, _open_library(other) as given:
            for line in conflicts(opened, given):
                click.echo(plain(line, 1000), err=True)
            told += merge(opened, given)
    refused = [(name, why) for name, why in told if why not in ("", ALREADY)]
    for name, why in refused:
        click.echo(f"{plain(name)} was not added: {plain(why)}", err=True)
    taken = sum(not why for _, why in told)
    click.echo(f"{taken} added, {len(told) - taken - len(refused)} already present, {len(refused)} not added", err=True)
    return ExitCode.INCOMPLETE if refused else ExitCode.OK


@library.command("search")
@folder_argument
@click.argument("image", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--pictures",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for pictures of each match beside its reference. [none]",
)
def search_image(folder: Path, image: Path, pictures: Path | None) -> None:
    """Find the references in a picture, also cropped, graded, mirrored or as a part of it."""
    with _faults():
        hits = _call_sealed(image, look, SEARCH_SECONDS, folder, image, with_pairs=pictures is not None)
        print_hits(hits, pictures)


@library.command()
@folder_argument
def stats(folder: Path) -> None:
    """Count the contents of a library."""
    with _open_library(folder) as opened:
        counts = opened.catalogue.counts()
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        for name, count in (counts | {"hashes": len(opened.hash_index()), "bytes": size}).items():
            out().print(f"{name:20} {count}")
        for name, version in opened.catalogue.algorithms().items():
            out().print(f"{name:20} version {version}")


def _reference(opened: Library, name: str) -> Reference:
    reference = opened.reference(name)
    if reference is None:
        raise LibraryError(f"{opened.folder} has no reference {name}; `provscan library list` lists them")
    return reference


@contextmanager
def _open_library(folder: Path) -> Iterator[Library]:
    with _faults(), Library.open(folder) as opened:
        yield opened


@contextmanager
def _faults() -> Iterator[None]:
    try:
        yield
    except (LibraryError, MediaError) as fault:
        raise LibraryError(str(fault)) from fault
