"""Turns the user's paths into folders to walk: each once, and each with a name of its own."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from media.errors import ConfigError

__all__ = ["Root", "distinct_roots", "holds_files", "refuse_delivery", "refuse_inside"]

_LISTS = re.compile(r"assetmap(?:\.xml)?|(?:pkl|packing_?list)[^/]*\.xml|[^/]*\.mhl|ascmhl", re.IGNORECASE)
"""Names by which a folder is known to be a delivery: its packing list, asset map or hash list."""
_LISTED = 5_000
"""Entries of a folder that are looked at."""


@dataclass(frozen=True, slots=True)
class Root:
    """A folder to walk."""

    name: str
    """As reports show it: the folder's name, with as many parents as are needed to distinguish it from the others."""
    location: str
    names: frozenset[str] | None = None
    """The names of the files, where the user named files and not the folder."""


def distinct_roots(paths: Sequence[Path]) -> tuple[Root, ...]:
    """The roots in the order given. Files of one folder are one root; a root inside another is found there."""
    folders: list[str] = []
    files: dict[str, set[str]] = {}
    for path in paths:
        # The link that the user named is followed, the links below it are not; `..` is resolved before them.
        location = os.path.realpath(path)
        if path.is_dir() or not os.path.lexists(location):
            folders.append(location)
        else:
            named = os.path.abspath(path)  # noqa: PTH100 - the file keeps the name it was given
            files.setdefault(os.path.dirname(named), set()).add(os.path.basename(named))  # noqa: PTH119, PTH120
    folders = [folder for folder in dict.fromkeys(folders) if not _is_covered(str(Path(folder).parent), folders)]
    files = {
        folder: names for folder, names in files.items() if folder not in folders and not _is_covered(folder, folders)
    }
    labels = _labels([*folders, *files])
    return (
        *(Root(labels[folder], folder) for folder in folders),
        *(Root(labels[folder], folder, frozenset(names)) for folder, names in files.items()),
    )


def holds_files(root: Root) -> bool:
    """Whether there is any file under it; False also where it cannot be listed."""
    return bool(root.names) or any(files for _, _, files in os.walk(root.location))


def refuse_inside(paths: Sequence[Path], named: Mapping[str, Path | None]) -> None:
    """Raise `ConfigError` where a folder that a setting names is a scanned folder or inside one.

    For a scanned file, its folder counts. Folders are compared as the file system knows them: through links, mounts and
    names in another case.
    """
    for path in paths:
        root = path if path.is_dir() else path.parent
        for setting, folder in named.items():
            if folder is not None and _lies_inside(folder, root):
                raise ConfigError(
                    f"{setting} {folder} is inside the scanned folder {root.resolve()}, and nothing is written beside"
                    f" media; name a folder outside it with {'--cache' if setting.startswith('cache') else setting}"
                )


def refuse_delivery(flag: str, target: Path) -> None:
    """Raise `ConfigError` where a document would be written into a folder with a packing list, an asset map or a hash
    list in it or above it."""
    folder = target.resolve().parent
    for above in (folder, *folder.parents):
        if (name := _list_in(above)) is not None:
            raise ConfigError(
                f"{flag} {target} is inside the delivery {above} ({name} is there), and nothing is written beside"
                " media; name a file outside it"
            )


def _list_in(folder: Path) -> str | None:
    with suppress(OSError), os.scandir(folder) as entries:
        return next((it.name for it in islice(entries, _LISTED) if _LISTS.fullmatch(it.name)), None)
    return None


def _lies_inside(folder: Path, root: Path) -> bool:
    """Whether a folder, which need not exist, is another one or below it."""
    location = folder.resolve()
    if location.is_relative_to(root.resolve()):
        return True
    for above in (location, *location.parents):
        with suppress(OSError):
            if above.samefile(root):
                return True
    return False


def _is_covered(folder: str, folders: list[str]) -> bool:
    return any(Path(folder).is_relative_to(other) for other in folders)


def _labels(locations: list[str]) -> dict[str, str]:
    """The shortest ends of the paths that distinguish them."""
    labels: dict[str, str] = {}
    for location in locations:
        parts = Path(location).parts
        for length in range(1, len(parts) + 1):
            end = parts[-length:]
            if sum(Path(other).parts[-length:] == end for other in locations) == 1:
                break
        labels[location] = "/".join(end).replace("//", "/")
    return labels
