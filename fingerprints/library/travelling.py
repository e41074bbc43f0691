"""A library on its way to another machine: what identifies its content, and which files it consists of."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fingerprints.library.catalogue import CATALOGUE, Catalogue
from fingerprints.library.clips import CLIPS, files_in
from fingerprints.library.library import SEGMENTS
from media.digest import digest_bytes
from media.errors import LibraryError
from media.work.folders import Folder

__all__ = ["LIBRARY", "LibraryContent", "library_folder"]


@dataclass(frozen=True, slots=True)
class LibraryContent:
    """A reference library as the content of a folder."""

    def stamp(self, path: Path) -> str:
        """A digest of its references, their details and their fingerprints. Raises `LibraryError` for no library."""
        with closing(Catalogue.open(path)) as catalogue:
            parts = (
                catalogue.digest(),
                catalogue.algorithms(),
                sorted(json.dumps(digests, sort_keys=True) for _, digests in catalogue.segments().values()),
                sorted(json.dumps(dict(clip.digests), sort_keys=True) for clip in catalogue.clips().values()),
                sorted(catalogue.removed()),
            )
        return digest_bytes(json.dumps(parts).encode())

    def files(self, path: Path, beside: Path) -> Iterator[tuple[str, Path]]:
        """The catalogue as it is now, and the files that it counts. Others may change the library meanwhile."""
        copy = beside / CATALOGUE
        try:
            with closing(sqlite3.connect(path / CATALOGUE)) as source, closing(sqlite3.connect(copy)) as target:
                source.backup(target)
        except sqlite3.Error as error:
            raise LibraryError(f"{path / CATALOGUE} cannot be read: {error}") from error
        yield CATALOGUE, copy
        with closing(Catalogue.open(beside)) as catalogue:
            counted = {SEGMENTS: list(catalogue.segments()), CLIPS: list(catalogue.clips())}
        for kind, names in counted.items():
            for name in names:
                for file in sorted(files_in(path / kind / name)):
                    yield f"{kind}/{name}/{file.name}", file


LIBRARY: Final = LibraryContent()


def library_folder(path: str) -> Folder:
    """A library as a folder that workers of another machine need."""
    return Folder(path, LIBRARY)
