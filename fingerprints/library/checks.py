"""Verifies a library: every file's digest, every index built again, and the catalogue compared with both."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path

from fingerprints.library.catalogue import CATALOGUE, Catalogue
from fingerprints.library.clips import CLIPS
from fingerprints.library.library import SEGMENTS, Library
from fingerprints.library.rows import as_text, is_whole
from fingerprints.library.schema import COLUMNS
from fingerprints.library.segments import Shard
from fingerprints.model import Reference
from media.digest import checksum, digest_files
from media.errors import LibraryError, MediaError

__all__ = [
    "changed_originals",
    "changed_rows",
    "damaged_clip",
    "damaged_thumbnails",
    "differing_files",
    "incomplete_references",
    "originals",
    "seconds_for_originals",
    "verify",
    "verify_folder",
]


def verify_folder(folder: Path) -> Iterator[str]:
    """As `verify`, also of a library that cannot be opened. Raises `LibraryError` for any other folder."""
    if not (folder / CATALOGUE).is_file():
        Library.open(folder)
    try:
        with Library.open(folder) as library:
            yield from verify(library)
    except LibraryError as fault:
        yield str(fault)
    except sqlite3.Error as error:
        yield f"the catalogue is damaged: {error}"


def verify(library: Library) -> Iterator[str]:
    """Yield what is wrong, in words; nothing for a library without damage."""
    if (said := library.catalogue.is_sound()) != "ok":
        yield f"the catalogue is damaged: {said}"
        return
    rows = list(_damaged_rows(library.catalogue))
    yield from (f"the catalogue is damaged: {row}" for row in rows)
    if rows:
        return
    try:
        library.is_readable()
    except LibraryError as fault:
        yield str(fault)
        return
    found: set[int] = set()
    for name, (key_images, digests) in library.catalogue.segments().items():
        segment = Shard(library.folder / SEGMENTS / name)
        problems = list(differing_files(segment.folder, digests))
        yield from problems
        if not problems:
            yield from (f"segment {name}: {array} is not what its hashes give" for array in segment.differing())
            ordinals = segment.key_images["ordinal"].tolist()
            found.update(ordinals)
            if len(ordinals) != key_images:
                yield f"segment {name}: {len(ordinals)} key images; the catalogue counts {key_images}"
    for reference in library.references():
        yield from (f"{reference.id}: {problem}" for problem in damaged_clip(library, reference))
    wanted = {ordinal for reference in library.references() for ordinal in reference.key_images}
    if missing := wanted - found:
        yield f"{_count(len(missing))} of the catalogue in no valid segment"
    if extra := found - wanted - library.catalogue.removed():
        yield f"{_count(len(extra))} in segments but not in the catalogue"


def _damaged_rows(catalogue: Catalogue) -> Iterator[str]:
    """All that is wrong with the rows of a sound catalogue."""
    yield from changed_rows(catalogue)
    for name, why in incomplete_references(catalogue).items():
        yield f"{name}: {why}"
    for ordinal in damaged_thumbnails(catalogue):
        yield f"the small picture of key image {ordinal} has changed"


def changed_rows(catalogue: Catalogue) -> Iterator[str]:
    """Rows of a sound catalogue that are not as they were written, and rows without which it cannot be used."""
    if not catalogue.has_checksums():
        return
    for table in COLUMNS:
        for row in catalogue.rows(table):
            if not is_whole(table, row):
                yield f"a row of {table}, {as_text(row[0])}, has changed"
    counters = {name for name, *_ in catalogue.rows("counter")}
    yield from (f"the counter {name} is missing" for name in ("ordinal", "change") if name not in counters)
    if not any(catalogue.rows("algorithm")):
        yield "the versions of its algorithms are missing"


def incomplete_references(catalogue: Catalogue) -> dict[str, str]:
    """References with fewer key images than were added, or without their clip: id, and what is missing."""
    found = {}
    for name, stated, clip, kept, has_clip in catalogue.stated_parts():
        if stated != kept:
            found[name] = f"{kept} of {_count(stated)} left"
        elif bool(clip) != has_clip:
            found[name] = "its video or sound is not listed"
    return found


def damaged_thumbnails(catalogue: Catalogue) -> list[int]:
    """Ordinals of the thumbnails that are not as they were added, or belong to no key image."""
    return [ordinal for ordinal, jpeg, known in catalogue.thumbnails() if known is not None and known != checksum(jpeg)]


def changed_originals(folder: Path) -> list[tuple[str, str]]:
    """`originals` of the library in a folder, for a worker."""
    with Library.open(folder) as library:
        return list(originals(library))


def seconds_for_originals(library: Library) -> float:
    """Time limit for reading all of them: ten minutes, and a second for every 5 MB."""
    return 600.0 + sum(reference.size for reference in library.references()) / 5e6


def originals(library: Library) -> Iterator[tuple[str, str]]:
    """References whose files are missing or have changed since they were added: id, and what happened. Reads them
    completely."""
    for reference in library.references():
        path = Path(reference.file)
        if not path.is_absolute():
            yield reference.id, "was exported without its file"
        elif not path.is_file():
            yield reference.id, f"{path} has gone"
        elif len(reference.key_images) == 1 or reference.clip or path.suffix.lower() == ".pdf":
            try:
                is_same = digest_files([path]) == reference.digest
            except MediaError as fault:
                yield reference.id, f"{path} {fault}"
            else:
                if not is_same:
                    yield reference.id, f"{path} has changed"


def damaged_clip(library: Library, reference: Reference) -> list[str]:
    """What is wrong with the clip of a reference."""
    if reference.clip is None:
        return []
    problems = list(differing_files(library.folder / CLIPS / reference.clip.name, reference.clip.digests))
    try:
        if not problems:
            library.clip(reference)
    except LibraryError as fault:
        problems.append(str(fault))
    return problems


def differing_files(folder: Path, digests: Mapping[str, str]) -> Iterator[str]:
    """Files of a segment or a clip that are not as they were written."""
    for file, digest in digests.items():
        path = folder / file
        try:
            if digest_files([path]) != digest:
                yield f"{path} has changed"
        except MediaError as fault:
            yield f"{path} {fault}"


def _count(number: int) -> str:
    return f"{number} key image" if number == 1 else f"{number} key images"
