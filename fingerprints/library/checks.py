"""Verifies a library: every file's digest, every index built again, and the catalogue compared with both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from fingerprints.library.clips import CLIPS
from fingerprints.library.library import SEGMENTS, Library
from fingerprints.library.segments import Shard
from media.digest import digest_files
from media.errors import LibraryError, MediaError

__all__ = ["changed_originals", "originals", "seconds_for_originals", "verify"]


def verify(library: Library) -> Iterator[str]:
    """Yield what is wrong, in words; nothing for a library without damage."""
    if (said := library.catalogue.is_sound()) != "ok":
        yield f"the catalogue is damaged: {said}"
    try:
        library.is_readable()
    except LibraryError as fault:
        yield str(fault)
        return
    found: set[int] = set()
    for name, (key_images, digests) in library.catalogue.segments().items():
        segment = Shard(library.folder / SEGMENTS / name)
        problems = list(_files(segment.folder, digests))
        yield from problems
        if not problems:
            yield from (f"segment {name}: {array} is not what its hashes give" for array in segment.differing())
            ordinals = segment.key_images["ordinal"].tolist()
            found.update(ordinals)
            if len(ordinals) != key_images:
                yield f"segment {name}: {len(ordinals)} key images; the catalogue counts {key_images}"
    yield from _clips(library)
    wanted = {ordinal for reference in library.references() for ordinal in reference.key_images}
    if missing := wanted - found:
        yield f"{len(missing)} key images of the catalogue are in no valid segment: add their references again"
    if extra := found - wanted - library.catalogue.removed():
        yield f"{len(extra)} key images are in segments but not in the catalogue"


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


def _clips(library: Library) -> Iterator[str]:
    mend = "remove the reference and add it again"
    for reference in library.references():
        if reference.clip is None:
            continue
        folder = library.folder / CLIPS / reference.clip.name
        problems = list(_files(folder, reference.clip.digests))
        try:
            if not problems:
                library.clip(reference)
        except LibraryError as fault:
            problems.append(str(fault))
        yield from (f"{reference.id}: {problem}; or {mend}" for problem in problems)


def _files(folder: Path, digests: Mapping[str, str]) -> Iterator[str]:
    mend = "restore it from a copy, or create the library again from its log"
    for file, digest in digests.items():
        path = folder / file
        try:
            if digest_files([path]) != digest:
                yield f"{path} has changed: {mend}"
        except MediaError as fault:
            yield f"{path} {fault}: {mend}"
