"""A folder of deliveries → the deliveries in it. Each folder is one; loose files beside them are one more."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from media.errors import ConfigError
from scanner.globs import Unmatched, matches

__all__ = ["LOOSE", "DeliveryFolder", "Series", "find_deliveries"]

LOOSE = "(loose files)"
"""The name of what lies beside the deliveries."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryFolder:
    """What is scanned in one run."""

    name: str
    """Of its folder; `LOOSE` for the files beside the folders."""
    paths: tuple[Path, ...]

    @property
    def is_loose(self) -> bool:
        """Whether it is the files beside the deliveries."""
        return self.name == LOOSE


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """The deliveries of a folder, in the order of their numbers, and what was left out on request."""

    location: Path
    deliveries: tuple[DeliveryFolder, ...]
    left_out: tuple[str, ...] = ()
    """Entries that `--deliveries` does not name."""
    unmatched: tuple[str, ...] = ()
    """Patterns of `--deliveries` that match no entry."""


def find_deliveries(location: Path, patterns: Sequence[str] = ()) -> Series:
    """The deliveries of a folder. With `patterns`, only entries whose name matches one of them.

    Raises `ConfigError` where the folder cannot be listed or holds nothing, and where a folder in it is called
    `LOOSE` or links to a folder that holds the series.
    """
    try:
        entries = sorted(os.scandir(location), key=lambda entry: _natural(entry.name))
    except OSError as error:
        raise ConfigError(f"{location}: {error.strerror or error}; name a folder of deliveries") from error
    asked = Unmatched(patterns)
    chosen: list[os.DirEntry[str]] = []
    left_out: list[os.DirEntry[str]] = []
    for entry in entries:
        asked.see(entry.name)
        is_chosen = not patterns or any(matches(entry.name, pattern) for pattern in patterns)
        (chosen if is_chosen else left_out).append(entry)
    if not chosen:
        what = "no delivery that matches (only * and ? are special in a pattern)" if entries else "no deliveries"
        raise ConfigError(f"{location} contains {what}; each folder in it is scanned as a delivery")
    folders = tuple(
        DeliveryFolder(name=entry.name, paths=(Path(entry.path),)) for entry in chosen if _is_delivery(entry, location)
    )
    files = tuple(Path(entry.path) for entry in chosen if not entry.is_dir())
    loose = (DeliveryFolder(name=LOOSE, paths=files),) if files else ()
    names = tuple(entry.name for entry in left_out)
    return Series(location=location, deliveries=folders + loose, left_out=names, unmatched=asked.patterns)


def _is_delivery(entry: os.DirEntry[str], series: Path) -> bool:
    if not entry.is_dir():
        return False
    if entry.name == LOOSE:
        raise ConfigError(f"{entry.path} has the name that an audit gives to the files beside the folders; rename it")
    if entry.is_symlink() and series.resolve().is_relative_to(Path(entry.path).resolve()):
        raise ConfigError(f"{entry.path} is a link to a folder that contains it; remove it or use --deliveries")
    return True


def _natural(name: str) -> tuple[tuple[int, int, str], ...]:
    """`EP2` before `EP10`."""
    return tuple(_parts(name.casefold()))


def _parts(name: str) -> Iterator[tuple[int, int, str]]:
    for part in re.findall(r"[0-9]+|[^0-9]+", name):
        yield (0, int(part), "") if part.isdecimal() and len(part) < 19 else (1, 0, part)
