"""Copies the folders of a library's clips, and removes what a kill left. `clip_arrays` has their contents.

Rule: as for segments, a clip is written under another name, synced, and renamed; the catalogue decides which clips
count.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

from fingerprints.library.segments import discard, sync
from fingerprints.model import Clip
from media.errors import LibraryError

__all__ = ["CLIPS", "copy_clip", "files_in", "pack_clip", "sweep", "unpack_clip"]

CLIPS = "clips"
_LEFT_SECONDS = 7 * 24 * 3600.0
"""What nobody counts and has not changed for so long was left behind by a kill: no clip takes so long to read."""


def copy_clip(clip: Clip, source: Path, target: Path) -> Clip:
    """Copy a clip of one library's folder into another's, under a name of its own."""
    name = uuid4().hex[:24]
    with _new_folder(target / name) as beside:
        for file in files_in(source / clip.name):
            shutil.copyfile(file, beside / file.name)
    return replace(clip, name=name)


def pack_clip(clip: Clip, source: Path) -> dict[str, bytes]:
    """The files of a clip by name, to travel from another machine."""
    return {file.name: file.read_bytes() for file in files_in(source / clip.name)}


def unpack_clip(clip: Clip, files: Mapping[str, bytes], target: Path) -> None:
    """Write the files of a clip that travelled, under its own name."""
    with _new_folder(target / clip.name) as beside:
        for name, data in files.items():
            if Path(name).name != name:
                raise LibraryError(f"{name!r} is not the name of a clip's file")
            (beside / name).write_bytes(data)


def files_in(folder: Path) -> Iterator[Path]:
    """The files of a clip or a segment; no links."""
    return (file for file in folder.iterdir() if file.is_file() and not file.is_symlink())


@contextmanager
def _new_folder(folder: Path) -> Iterator[Path]:
    """A folder beside one that does not exist yet, and that it becomes once it was filled."""
    beside = folder.with_name(f"{folder.name}.new")
    try:
        beside.mkdir(parents=True)
        yield beside
        sync(beside)
    except (OSError, LibraryError) as error:
        discard(beside)
        raise LibraryError(f"{folder} cannot be written: {error}") from error
    beside.rename(folder)


def sweep(parent: Path, counted: Iterable[str]) -> None:
    """Remove folders that a kill left long ago."""
    kept, late = set(counted), time.time() - _LEFT_SECONDS
    with suppress(OSError):
        for folder in parent.iterdir():
            if folder.name not in kept and folder.stat().st_mtime < late:
                discard(folder)
