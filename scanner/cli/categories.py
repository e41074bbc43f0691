"""`provscan categories PATH…`: how the names of folders were understood, and the settings that correct it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import click
from rich.table import Table

from scanner.cli.options import settings_of
from scanner.cli.terminal import out, plain
from scanner.discover.discover import discover
from scanner.discover.folders import UsedFolder, list_folders
from scanner.examine.inspection import discover_settings, identify_of
from scanner.exit_codes import ExitCode
from scanner.model import Category
from scanner.reports.wording import count

__all__ = ["categories"]

_UNKNOWN: Final = "not recognised: judged and compared as a final"


@click.command(
    epilog="""
\b
Examples:
  provscan categories DELIVERY               list every folder, its category, and the name that decided it
  provscan categories DELIVERY --toml >> provscan.toml
"""
)
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--toml", is_flag=True, help="Print the proposed [categories] table only.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object for each folder, a line each, for programs.")
@click.option(
    "--category",
    multiple=True,
    metavar="GLOB=CATEGORY",
    help=f"Category of the files that match: {', '.join(Category)}.",
)
@click.option("--include", multiple=True, metavar="GLOB", help="List only files that match. [all files]")
@click.option("--exclude", multiple=True, metavar="GLOB", help="Skip files and folders that match. [none]")
@click.option(
    "--config",
    "config_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Settings file to read. [provscan.toml in the current folder or above it]",
)
def categories(paths: tuple[Path, ...], toml: bool, as_json: bool, config_file: Path | None, **flags: Any) -> int:
    """Show the category of each folder, and propose a [categories] table.

    A policy is stricter for finals than for working material, so the category of a folder matters. Folder names are
    recognised in eight languages. A folder that is not recognised is judged and compared as a final: correct the
    proposed lines and add them to a provscan.toml outside the delivery.
    """
    config = settings_of(paths, config_file, flags).config
    folders = list_folders(discover(paths, discover_settings(config), identify_of(config)), config.categories)
    if as_json:
        for folder in folders:
            click.echo(json.dumps(folder.to_json()))
        return ExitCode.OK
    if not toml:
        out().print(_table(folders))
        out().print(f"\n{_count_folders(folders)}\n")
    for line in _proposal(folders):
        click.echo(line)
    return ExitCode.OK


def _table(folders: list[UsedFolder]) -> Table:
    table = Table("folder", "category", "decided by", "contains", box=None, pad_edge=False)
    for folder in folders:
        use, by = folder.use, folder.use.by
        why = f"the setting {by}" if use.is_set else f"the name {by}" if by else _UNKNOWN
        if use.disputed:
            why += f"; contradicted by {' and '.join(name for name in use.disputed if name != by) or 'itself'}"
        holds = ", ".join(f"{number} {word}" for word, number in folder.kinds.items())
        name = f"{folder.root}/{folder.path}".rstrip("/")
        table.add_row(plain(name), use.category.value, plain(why), holds)
    return table


def _count_folders(folders: list[UsedFolder]) -> str:
    unknown = sum(folder.use.category is Category.UNCATEGORISED for folder in folders if folder.is_open)
    disputed = sum(bool(folder.use.disputed) for folder in folders if folder.is_open)
    return (
        f"{count(len(folders), 'folder')}: {unknown} not recognised, {disputed} with names that contradict each other."
    )


def _proposal(folders: list[UsedFolder]) -> Iterator[str]:
    """The table of settings: what is open to correct, what is understood as comments.

    Files beside the folders have no glob of their own but `*`, which is everything: it stands last, and then the
    folders that are understood are written out before it.
    """
    yield "[categories]"
    proposed = [folder for folder in folders if not folder.use.is_set]
    beside = [folder for folder in proposed if not folder.path and folder.is_open]
    within = sorted((folder for folder in proposed if folder.path), key=lambda it: not it.is_open)
    for folder in (*within, *beside):
        line = f'{_quote(folder.glob)} = "{folder.proposed}"'
        if folder.use.disputed:
            yield f"{line}   # the names contradict each other: {_inert(' and '.join(folder.use.disputed))}"
        elif folder.is_open:
            yield f"{line}   # not recognised: judged as this; correct it if the use is different"
        elif folder.use.by:
            yield f"{'' if beside else '# '}{line}   # recognised by {_inert(folder.use.by)}"


def _quote(text: str) -> str:
    """A TOML string. What is no text, odd bytes of a name, becomes the wildcard for one character."""
    plain_text = text.encode("utf-8", "replace").decode("utf-8")
    escaped = "".join(
        f"\\u{ord(char):04x}" if ord(char) < 0x20 or char == "\x7f" else f"\\{char}" if char in '"\\' else char
        for char in plain_text
    )
    return f'"{escaped}"'


def _inert(text: str) -> str:
    return "".join(char if char.isprintable() else "?" for char in text.encode("utf-8", "replace").decode("utf-8"))
