"""Folders that work needs beside its item: where a worker finds them, and how they travel to another machine.

A node uses a folder at its own path if it has the same content there, as on shared storage. Otherwise it is copied once
for each machine, into the depot of its nodes, under a name made of its content.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final, Protocol
from uuid import uuid4

from media.errors import MediaError, RunError

__all__ = ["Depot", "Folder", "FolderContent", "Piece", "find_folder", "pieces_of", "use_places"]

_PIECE: Final = 8 << 20
"""Bytes that travel together."""
_KEPT_SECONDS: Final = 7 * 24 * 3600.0
"""A copy that was not used for so long is removed."""
_COMING: Final = "coming-"


class FolderContent(Protocol):
    """What a folder holds. A module's own object: it is pickled by name to nodes."""

    def stamp(self, path: Path) -> str:
        """Identifies the content at a path. Raises `MediaError`, `RunError` or `OSError` where there is none."""

    def files(self, path: Path, beside: Path) -> Iterator[tuple[str, Path]]:
        """The name in the folder and the place of each file that is copied. `beside` is an empty folder for copies of
        what may change meanwhile."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder that an item needs."""

    path: str
    content: FolderContent | None = None
    """Without it the folder does not travel: every machine must see it at its path, as the media."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a file on its way to a node."""

    name: str
    """In the folder, with slashes."""
    data: bytes


_places: Mapping[str, str] = {}


def use_places(places: Mapping[str, str]) -> None:
    """In a worker: where this machine has the folders of the present item that are not at their own path."""
    global _places  # noqa: PLW0603 - a worker has one item at a time
    _places = places


def find_folder(path: str) -> str:
    """Where this machine has a folder that the present item needs."""
    return _places.get(path, path)


def pieces_of(path: Path, content: FolderContent, beside: Path) -> Iterator[Piece]:
    """All files of a folder, cut into pieces that are appended to each other at the other end."""
    for name, place in content.files(path, beside):
        with place.open("rb") as file:
            yield Piece(name, file.read(_PIECE))
            while data := file.read(_PIECE):
                yield Piece(name, data)


class Depot:
    """The folders that were copied to a machine. All nodes of the machine with the same `root` share them."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._verified: set[tuple[str, str]] = set()

    def find(self, folder: Folder, stamp: str) -> str | None:
        """Where this machine has a folder of that content; None where it must be copied."""
        assert folder.content is not None  # noqa: S101 - what has none is not copied
        kept = self._place(folder.path, stamp)
        if kept.is_dir():
            with suppress(OSError):
                os.utime(kept.parent)
            return str(kept)
        if (folder.path, stamp) in self._verified:
            return folder.path
        try:
            is_same = folder.content.stamp(Path(folder.path)) == stamp
        except (MediaError, RunError, OSError):
            is_same = False
        if is_same:
            self._verified.add((folder.path, stamp))
        return folder.path if is_same else None

    def begin(self) -> str:
        """Begin a copy; returns its name. Removes copies that nobody used for long."""
        self._root.mkdir(parents=True, exist_ok=True)
        late = time.time() - _KEPT_SECONDS
        for one in self._root.iterdir():
            with suppress(OSError):
                if one.is_dir() and one.stat().st_mtime < late:
                    shutil.rmtree(one)
        name = f"{_COMING}{uuid4().hex}"
        (self._root / name).mkdir()
        return name

    def append(self, copy: str, piece: Piece) -> None:
        """Append a piece to a file of a copy that was begun."""
        parts = PurePosixPath(piece.name).parts
        if PurePosixPath(piece.name).is_absolute() or ".." in parts:
            raise ValueError(f"{piece.name} is outside of its folder")
        path = self._root.joinpath(copy, "content", *parts)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as file:
            file.write(piece.data)

    def finish(self, copy: str, folder: Folder, stamp: str) -> bool:
        """Put a copy in place if it has that content; returns whether it has. Another client may have been sooner."""
        assert folder.content is not None  # noqa: S101 - what has none is not copied
        beside, place = self._root / copy, self._place(folder.path, stamp)
        (beside / "content").rename(beside / place.name)
        try:
            is_whole = folder.content.stamp(beside / place.name) == stamp
            if is_whole:
                with suppress(OSError):
                    beside.rename(place.parent)
            return is_whole and place.is_dir()
        finally:
            shutil.rmtree(beside, ignore_errors=True)

    def _place(self, path: str, stamp: str) -> Path:
        name = hashlib.blake2b(stamp.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
        return self._root / name / (Path(path).name or "root")
