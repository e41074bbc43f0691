"""Reference libraries as workers open them, and what a match repeats of their references."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from fingerprints.library.library import Library
from fingerprints.model import Reference
from media.errors import LibraryError
from media.work.folders import find_folder
from scanner.model import MatchFacts
from scanner.recognise.lookup import OWN, repeat_details

__all__ = ["facts_of", "is_own", "library_at", "take_offline"]


def is_own(library: Library) -> bool:
    """Whether it holds this run's own references: what was changed in temporary material is nobody's question."""
    return library.folder.name.startswith(OWN)


def facts_of(reference: Reference, library: Library) -> MatchFacts:
    """What a match with a reference repeats of it."""
    folder = "" if is_own(library) else library.folder.name
    return MatchFacts(library=folder, digest=reference.digest, **repeat_details(reference.details))


def take_offline(folders: Iterable[str]) -> tuple[str, ...]:
    """Files of libraries' references that were wanted since this was last asked, and are not here."""
    found: set[str] = set()
    for folder in folders:
        with suppress(LibraryError):  # it was reported
            offline = library_at(folder).offline
            found |= offline
            offline.clear()
    return tuple(sorted(found))


def library_at(folder: str) -> Library:
    """The library that belongs at a folder, wherever this machine has it. Raises `LibraryError`."""
    return _opened(find_folder(folder))


@lru_cache(maxsize=16)
def _opened(place: str) -> Library:
    return Library.open(Path(place))
