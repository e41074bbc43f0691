"""What the commands of `provscan library` share: their folder, how it is opened, and how its errors are reported."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ParamSpec, TypeVar

import click

from fingerprints.library.library import Library
from fingerprints.model import Reference
from fingerprints.vocabulary import Role
from media.errors import LibraryError, MediaError
from media.work import Lost, run_sealed

__all__ = ["ROLES", "as_library_errors", "call_sealed", "find_reference", "folder_argument", "open_library"]

P = ParamSpec("P")
R = TypeVar("R")

ROLES = click.Choice([role.value for role in Role])

folder_argument = click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))


@contextmanager
def open_library(folder: Path) -> Iterator[Library]:
    """A library, open. Raises `LibraryError`, also for media that cannot be read meanwhile."""
    with as_library_errors(), Library.open(folder) as opened:
        yield opened


@contextmanager
def as_library_errors() -> Iterator[None]:
    """Raise errors of media as `LibraryError`: it has the exit code of a command on a library."""
    try:
        yield
    except (LibraryError, MediaError) as fault:
        raise LibraryError(str(fault)) from fault


def find_reference(opened: Library, name: str) -> Reference:
    """The reference with an id. Raises `LibraryError` where there is none."""
    reference = opened.reference(name)
    if reference is None:
        raise LibraryError(f"{opened.folder} has no reference {name}; `provscan library list` lists them")
    return reference


def call_sealed(path: Path, function: Callable[P, R], seconds: float, *args: P.args, **kwargs: P.kwargs) -> R:
    """What a sealed worker makes of a file. `LibraryError` where it crashes, hangs or needs too much memory."""
    answer = run_sealed(function, seconds, *args, **kwargs)
    if isinstance(answer, Lost):
        raise LibraryError(f"{path}: cannot be read: {answer.brief}")
    return answer
