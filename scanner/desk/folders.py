"""What the desk's browser of folders shows: names of folders, and of files by their ending. It opens no file."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from media.errors import ConfigError

__all__ = ["FILE_KINDS", "ListedFolder", "list_folder", "start_folders"]

FILE_KINDS: Final = {
    "folder": (),
    "register": (".csv", ".xlsx", ".json"),
    "waivers": (".toml", ".csv", ".xlsx"),
    "policy": (".toml",),
    "certificate": (".pem",),
}
"""What is looked for → the endings of the files that are shown beside folders."""
_MOST: Final = 5_000
"""Entries of a folder that are looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedFolder:
    """A folder as the browser shows it."""

    path: Path
    above: Path | None
    """None at the top of the file system."""
    folders: tuple[str, ...]
    files: tuple[str, ...]
    is_cut: bool
    """Whether it has more entries than are shown."""


def list_folder(path: Path, kind: str) -> ListedFolder:
    """The names in a folder, without those that begin with a dot. `ConfigError` where it cannot be read."""
    endings = FILE_KINDS.get(kind, ())
    folders, files, count = [], [], 0
    whole = Path(os.path.abspath(path))  # noqa: PTH100 - `..` taken as written, links kept as the person sees them
    try:
        with os.scandir(whole) as entries:
            for entry in entries:
                count += 1
                if count > _MOST:
                    break
                if entry.name.startswith("."):
                    continue
                if _is_folder(entry):
                    folders.append(entry.name)
                elif entry.name.lower().endswith(endings or ("\0",)):
                    files.append(entry.name)
    except OSError as error:
        raise ConfigError(f"{whole}: {error.strerror or error}; choose another folder") from error
    return ListedFolder(
        path=whole,
        above=whole.parent if whole.parent != whole else None,
        folders=tuple(sorted(folders, key=str.casefold)),
        files=tuple(sorted(files, key=str.casefold)),
        is_cut=count > _MOST,
    )


def start_folders() -> Iterator[Path]:
    """Where a person begins to look: their own folder, and the places at which volumes are mounted."""
    home = Path.home()
    for path in (home, *_volumes()):
        if path.is_dir():
            yield path


def _volumes() -> Iterator[Path]:
    if os.name == "nt":
        yield from (Path(f"{letter}:\\") for letter in "CDEFGHIJKLMNOPQRSTUVWXYZ")
    else:
        user = Path.home().name
        yield from (Path("/Volumes"), Path("/media", user), Path("/run/media", user), Path("/mnt"), Path("/"))


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False
