"""`provscan doctor`: what is installed, what truly works, and how to fix what does not."""

from __future__ import annotations

import click
from rich.console import Console
from rich.table import Table

from media.errors import MissingDependency
from media.ffmpeg import tool
from media.identify import KINDS
from scanner import __version__
from scanner.cli.terminal import out, plain
from scanner.doctor import checks, fix_for, formats
from scanner.exit_codes import ExitCode
from scanner.licences import find_licences, name_licence_of_ffmpeg
from scanner.reports.wording import count
from scanner.self_test import TRIALS, run_trials

__all__ = ["doctor"]

_SUMMARY = 70
"""Characters of a library's own summary."""


@click.command(epilog="Example:\n\n  provscan doctor --formats")
@click.option("--formats", "with_formats", is_flag=True, help="Also list every format and its readers.")
@click.option(
    "--licences",
    "only_licences",
    is_flag=True,
    help="List the licence of each installed library and what its wheel carries, and check nothing.",
)
def doctor(with_formats: bool, only_licences: bool) -> int:
    """Check what provscan needs by using it: read, compare and report small built-in test files.

    Lists every tool and library that results depend on, with its version, and how to fix what is missing or
    does not work. The exit code is 4 if something required is missing, has another version, or fails.
    """
    console = out()
    if only_licences:
        _print_licences(console)
        return ExitCode.OK
    failed = [*_print_checks(console), *_print_trials(console)]
    if with_formats:
        _print_formats(console)
    console.print()
    if failed:
        console.print(plain(f"{count(len(failed), 'required check')} failed: {', '.join(failed)}."))
        return ExitCode.SETUP
    console.print("All required checks passed.")
    return ExitCode.OK


def _print_checks(console: Console) -> list[str]:
    """Print what is installed; the names of what is needed and is not as it should be."""
    found = list(checks())
    wide = max(len(check.name) for check in found)
    for check in found:
        name, version = check.name.ljust(wide), (check.found or "-").ljust(10)
        _print_line(console, check.state, name, version, _shorten(check.purpose))
        if check.wanted:
            _print_line(console, "", f"provscan requires {check.wanted}")
        if check.state != "ok" and check.fix:
            _print_line(console, "", f"how to fix: {check.fix}")
    return [check.name for check in found if check.failed]


def _print_trials(console: Console) -> list[str]:
    """Try everything and print what came of it; the names of what does not work."""
    console.print()
    wide = max(len(trial.name) for trial in TRIALS)
    failed = []
    for result in run_trials():
        _print_line(console, "ok" if result.works else "FAILED", result.trial.name.ljust(wide), result.message)
        if not result.works:
            failed.append(result.trial.name)
            _print_line(console, "", f"how to fix: {fix_for(result.trial.libraries)}")
    return failed


def _print_licences(console: Console) -> None:
    """Print the licences as the installed metadata state them: those of libraries, then that of the FFmpeg program."""
    found = list(find_licences())
    wide = max((len(each.name) for each in found), default=0)
    _print_line(console, "library", "provscan".ljust(wide), __version__.ljust(12), "Apache-2.0")
    for each in found:
        name, version = each.name.ljust(wide), each.version.ljust(12)
        _print_line(console, "library", name, version, each.licence or "not stated", f"for {each.needed_by}")
        for licence in dict.fromkeys(licence for _, licence in each.carries):
            natives = ", ".join(native for native, its in each.carries if its == licence)
            _print_line(console, "", " " * wide, f"its wheel carries {natives}: {licence}")
    try:
        program = tool()
    except MissingDependency as error:
        _print_line(console, "program", "ffmpeg".ljust(wide), str(error))
        return
    licence = name_licence_of_ffmpeg(program.configuration)
    _print_line(console, "program", "ffmpeg".ljust(wide), program.version, licence, f"run as a program: {program.path}")


def _print_line(console: Console, state: str, *cells: str) -> None:
    """One line as it is, however wide the terminal: commands in it are copied."""
    padded = (plain(cell, 600).ljust(len(cell)) for cell in (state.ljust(13), *cells))
    console.print("  ".join(padded).rstrip())


def _shorten(summary: str) -> str:
    return summary if len(summary) <= _SUMMARY else f"{summary[: _SUMMARY - 1]}…"


def _print_formats(console: Console) -> None:
    listing = Table("media type", "kind", "readers", box=None, pad_edge=False)
    looked = formats()
    for media_type, kind in KINDS.items():
        listing.add_row(media_type, kind, ", ".join(looked.get(media_type, ())) or "not read")
    console.print()
    console.print(listing)
