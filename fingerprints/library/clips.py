"""Copies the folders of a library's clips, and removes what a kill left. `clip_arrays` has their contents.

Rule: as for segments, a clip is written under another name, synced, and renamed; the catalogue decides which clips
count.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

from fingerprints.library.segments import discard, sync
from fingerprints.model import Clip
from media.errors import LibraryError

__all__ = ["CLIPS", "copy_clip", "sweep"]

CLIPS = "clips"
_LEFT_SECONDS = 7 * 24 * 3600.0
"""What nobody counts and has not changed for so long was left behind by a kill: no clip takes so long to read."""


def copy_clip(clip: Clip, source: Path, target: Path) -> Clip:
    """Copy a clip of one library's folder into another's, under a name of its own."""
    name = uuid4().hex[:24]
    beside = target / f"{name}.new"
    try:
        beside.mkdir(parents=True)
        for file in (source / clip.name).iterdir():
            if file.is_file() and not file.is_symlink():
                shutil.copyfile(file, beside / file.name)
        sync(beside)
    except OSError as error:
        discard(beside)
        raise LibraryError(f"{source / clip.name} cannot be copied: {error}") from error
    beside.rename(target / name)
    return replace(clip, name=name)


def sweep(parent: Path, counted: Iterable[str]) -> None:
    """Remove folders that a kill left long ago."""
    kept, late = set(counted), time.time() - _LEFT_SECONDS
    with suppress(OSError):
        for folder in parent.iterdir():
            if folder.name not in kept and folder.stat().st_mtime < late:
                discard(folder)
