"""`provscan library verify|repair`: check a library, and repair it with a list of what must be added again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import click

from fingerprints.library.checks import changed_originals, seconds_for_originals, verify_folder
from fingerprints.library.database import REPAIR
from fingerprints.library.rebuilding import DAMAGED, LostReference
from fingerprints.library.repair import Repaired, repair
from media.tables import csv_line
from scanner.cli.library.opening import as_library_errors, call_sealed, folder_argument, open_library
from scanner.cli.terminal import out, plain
from scanner.exit_codes import ExitCode
from scanner.reports.wording import count, inert

__all__ = ["repair_library", "verify_library"]


@click.command("verify")
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
        click.echo(f"See what a repair would do: {REPAIR} {plain(str(folder))}", err=True)
        return ExitCode.FOUND
    with open_library(folder) as opened:
        changed = call_sealed(folder, changed_originals, seconds_for_originals(opened), folder) if files else []
        for name, problem in changed:
            out().print(f"{plain(name)}: {plain(problem, 1000)}")
        out().print(f"{plain(str(folder))} is whole: {opened.catalogue.counts()['reference']} references")
        return ExitCode.FOUND if changed else ExitCode.OK


@click.command(
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
    with as_library_errors():
        done = repair(folder, record=partial(_write_lost, target), check=check)
    for line in _repair_lines(done, folder, target, check=check):
        click.echo(line)
    return ExitCode.FOUND if done.lost or (check and done.is_needed) else ExitCode.OK


def _write_lost(path: Path, lost: Sequence[LostReference]) -> None:
    """Append them to a list that `library import` reads."""
    is_new = not path.exists()
    with path.open("a", encoding="utf-8", newline="") as file:
        if is_new:
            file.write(csv_line(["id", "file", "lost because"]))
        for one in lost:
            file.write(csv_line([inert(cell, keep="\n") for cell in (one.id, one.file, one.why)]))


def _repair_lines(done: Repaired, folder: Path, lost: Path, *, check: bool) -> Iterator[str]:
    """The report of a repair, or of what one would do."""
    will = "would be " if check else ""
    if not done.is_needed:
        yield f"{plain(str(folder))} is whole: {count(done.kept, 'reference')}"
        return
    for one in done.lost:
        yield f"lost: {plain(one.id)} ({plain(one.file or 'its file is not known')}): {plain(one.why)}"
    for name in done.thumbnails:
        yield f"{plain(name)}: a small picture is damaged and {will}removed; the reference is found as before"
    if done.segments:
        yield f"{count(done.segments, 'segment')} of fingerprints {will}rebuilt"
    if done.strays:
        yield f"{count(done.strays, 'key image')} that belonged to no reference {will}removed"
    if done.is_new_catalogue:
        kept = "" if check else f"; the damaged one is kept as {DAMAGED}"
        yield f"the catalogue {will}rebuilt{kept}"
    yield f"{count(done.kept, 'reference')} kept, {len(done.lost)} lost"
    if done.lost and not check:
        yield f"Add what is lost again: provscan library import {plain(str(folder))} {plain(str(lost))}"
