"""Whether a delivery has arrived: its files stand still, its lists are fulfilled, or a marker file is there."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

from media.errors import MediaError
from media.identify import identify
from media.listed import ListedFile
from media.lists import entries, locate
from media.work import Lost, run_sealed

__all__ = ["Arrival", "ArrivalRule", "Snapshot", "Waiting", "arrivals", "look", "missing_of_lists", "why_not"]

_PARTIAL: Final = re.compile(r".*\.(?:part|partial|filepart|crdownload|tmp|temp|aspera-ckpt|download)", re.I | re.S)
"""Names that programs give to files while they copy them."""
_LIST: Final = re.compile(
    r"(?:assetmap|volindex|pkl|packing_?list).*|.*\.(?:mhl|md5|sha1|sha256|sha512|xxh64|xxh128)", re.I | re.S
)
_LEFT: Final = frozenset({".ds_store", "thumbs.db", "desktop.ini"})
_LIST_SIZE: Final = 256 << 20
_LIST_SECONDS: Final = 300.0


class ArrivalRule(StrEnum):
    """When a delivery counts as whole."""

    STILL = "still"
    """No file was added, removed or changed for a time."""
    LIST = "list"
    """All files that its packing lists, MHLs or checksum files name are there, with the sizes that these state."""
    MARKER = "marker"
    """A file of a given name is in its folder."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a delivery consists of at one moment."""

    files: int
    size: int
    """Bytes."""
    digest: str
    """Of all names, sizes and times; equal snapshots are of one state."""
    is_partial: bool
    """Whether a program is still writing one of its files, going by the name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One entry of the drop folder."""

    name: str
    path: Path

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder. A file that is dropped alone is a delivery too."""
        return self.path.is_dir()


@dataclass(slots=True, kw_only=True)
class Waiting:
    """How long one entry has stood still."""

    snapshot: Snapshot
    since: float
    """Of the monotonic clock."""
    _missing: str | None = None
    """What its lists name and it lacks in this state; None before they were read."""

    def see(self, snapshot: Snapshot, now: float) -> None:
        """The entry at a later moment."""
        if snapshot != self.snapshot:
            self.snapshot, self.since, self._missing = snapshot, now, None

    def read_lists(self, folder: Path) -> str:
        """What the lists in it name and it lacks, in a sentence; empty where nothing is missing. They are read once for
        each state, by a sealed worker: a hostile list costs that worker and its time limit."""
        if self._missing is None:
            missing = run_sealed(missing_of_lists, _LIST_SECONDS, folder)
            self._missing = f"its lists cannot be read: {missing.brief}" if isinstance(missing, Lost) else missing
        return self._missing


def arrivals(folder: Path) -> Iterator[Arrival]:
    """The entries of a drop folder. Hidden ones and what desktops leave are no deliveries. Raises `OSError`."""
    with os.scandir(folder) as found:
        names = sorted(entry.name for entry in found)
    for name in names:
        if not name.startswith(".") and name.lower() not in _LEFT and not _PARTIAL.fullmatch(name):
            yield Arrival(name=name, path=folder / name)


def look(path: Path) -> Snapshot:
    """The state of a file or of everything below a folder. What goes while it is listed changes the next snapshot."""
    digest, files, size, is_partial = hashlib.blake2b(digest_size=16), 0, 0, False
    for name, status in _files(path):
        files += 1
        size += status.st_size
        is_partial |= _PARTIAL.fullmatch(name) is not None
        place = f"{name}\0{status.st_size}\0{status.st_mtime_ns}\0{status.st_ino}\n"
        digest.update(place.encode("utf-8", "surrogateescape"))
    return Snapshot(files=files, size=size, digest=digest.hexdigest(), is_partial=is_partial)


def _files(path: Path) -> Iterator[tuple[str, os.stat_result]]:
    """(relative path, status) of every file, in an order of its own that does not change. Links are not followed."""
    try:
        own = path.lstat()
    except OSError:
        return
    if not stat.S_ISDIR(own.st_mode):
        yield path.name, own
        return
    for folder, folders, names in os.walk(path):
        folders.sort()
        for name in sorted(names):
            place = os.path.join(folder, name)  # noqa: PTH118 - a hundred thousand of them
            try:
                yield os.path.relpath(place, path), os.lstat(place)
            except OSError:
                continue


def why_not(arrival: Arrival, waiting: Waiting, now: float, rule: ArrivalRule, *, settle: float, marker: str) -> str:
    """Why a delivery is not whole yet; empty where it is. A file that is dropped alone has to stand still. Lists are
    read when nothing changes any more."""
    snapshot, still = waiting.snapshot, now - waiting.since
    if not snapshot.files:
        return "it contains no files"
    if snapshot.is_partial:
        return "a file is still being copied, going by its name"
    if rule is ArrivalRule.MARKER and arrival.is_folder:
        with os.scandir(arrival.path) as found:
            is_there = any(fnmatchcase(entry.name, marker) for entry in found)
        return "" if is_there else f"no file {marker} is in it"
    if still < settle:
        return f"it changed {still:.0f} s ago"
    return waiting.read_lists(arrival.path) if rule is ArrivalRule.LIST and arrival.is_folder else ""


def missing_of_lists(folder: Path) -> str:
    """What the lists in a folder name and is not there in its size, in a sentence; empty where nothing is missing."""
    names: dict[str, str] = {}
    renamed: set[str | None] = set()
    listed: list[tuple[str, ListedFile]] = []
    for place, path, size in _lists(folder):
        try:
            with path.open("rb") as file:
                form = identify(file, path.name, size).media_type
                file.seek(0)
                for entry in entries(file, form, path.name):
                    if entry.id and entry.path:
                        names[entry.id] = locate(place, entry.path) or ""
                    if entry.previous:
                        renamed.add(locate(place, entry.previous))
                    listed.append((place, entry))
        except (MediaError, OSError) as error:
            return f"{place} cannot be read: {error}"
    if not listed:
        return "no packing list, MHL or checksum file is in it"
    faults = (_fault(folder, place, names.get(entry.id) or locate(place, entry.path), entry, renamed)
              for place, entry in listed if entry.path or entry.id in names)  # fmt: skip
    return next(filter(None, faults), "")


def _fault(folder: Path, place: str, wanted: str | None, entry: ListedFile, renamed: set[str | None]) -> str:
    if wanted is None or wanted in renamed:
        return ""
    try:
        size = (folder / wanted).stat().st_size
    except (OSError, ValueError):
        return f"{wanted}, which {place} lists, is not there"
    if entry.size is not None and size != entry.size:
        return f"{wanted} has {size:,} of the {entry.size:,} bytes that {place} states"
    return ""


def _lists(folder: Path) -> Iterator[tuple[str, Path, int]]:
    for name, status in _files(folder):
        if _LIST.fullmatch(name.rpartition(os.sep)[2]) and 0 < status.st_size <= _LIST_SIZE:
            yield name.replace(os.sep, "/"), folder / name, status.st_size
