"""Exports a library and merges one: fingerprints and details, with or without thumbnails and folder names.

An exported library finds its pictures, clips and sounds as well as before; without thumbnails it holds none of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace
from itertools import islice
from pathlib import Path

from fingerprints.library.clips import CLIPS, copy_clip
from fingerprints.library.library import SEGMENTS, Library
from fingerprints.library.segments import KeyImagePrints, Shard, discard, write_segment
from fingerprints.model import Clip, Details, Reference
from media.errors import LibraryError

__all__ = ["ALREADY", "conflicts", "export", "merge"]

ALREADY = "is here already"
_BATCH = 2000


def export(library: Library, folder: Path, *, pictures: bool = False, paths: bool = False) -> int:
    """Make a new library of the same references, with their thumbnails and the paths of their folders if asked."""
    with Library.create(folder) as target:
        return sum(1 for _, problem in _copy(library, target, pictures=pictures, paths=paths) if not problem)


def merge(library: Library, other: Library) -> Iterator[tuple[str, str]]:
    """Add another library's references: yield each id, and why it was left out (empty: it was added)."""
    if library.folder.resolve() == other.folder.resolve():
        raise LibraryError("a library cannot be merged into itself")
    library.is_readable()
    yield from _copy(other, library, pictures=True, paths=True)
    library.merge_segments()


def conflicts(library: Library, other: Library) -> Iterator[str]:
    """What two libraries state differently about the same content, in words, before one is merged into the other.

    The description of an id that is here stays. Content that is here under another id is added under its own too: a
    match names both, and the stricter rule decides.
    """
    for theirs in other.references():
        mine = library.reference(theirs.id)
        if mine is not None and mine.digest == theirs.digest:
            pairs = ((field.name, getattr(mine.details, field.name), getattr(theirs.details, field.name))
                     for field in fields(Details))  # fmt: skip
            if differences := [
                f"{name} {here!s:.60} here, {there!s:.60} there" for name, here, there in pairs if here != there
            ]:
                yield f"{theirs.id}: {'; '.join(differences)}: the description here stays"
        elif mine is None:
            same = [one.id for one in library.catalogue.references("digest = ?", (theirs.digest,))]
            if same:
                yield f"{theirs.id} is the same content as {', '.join(same)} here: both are kept"


def _copy(source: Library, target: Library, *, pictures: bool, paths: bool) -> Iterator[tuple[str, str]]:
    segments = source.segments()
    references = source.references()
    while batch := list(islice(references, _BATCH)):
        wanted = [one for one in batch if not _refusal(target, one)]
        names = {one.id for one in wanted}
        numbers = [ordinal for one in wanted for ordinal in one.key_images]
        first = target.catalogue.reserve(len(numbers))
        renumbered = {old: first + at for at, old in enumerate(numbers)}
        sums: dict[int, int] = {}
        rows = ((renumbered[old], _prints(source, segments, old, sums)) for old in numbers)
        segment = write_segment(target.folder / SEGMENTS, rows) if numbers else None
        digests = segment.digests() if segment else {}
        clips = {one.id: _copy_arrays(source, target, one.clip) for one in wanted if one.clip}
        told, unused = [], dict(clips)
        with target.catalogue.changing():
            for one in batch:
                problem = _refusal(target, one)
                told.append((one.id, problem))
                new = tuple(renumbered[old] for old in one.key_images if old in renumbered)
                if problem or one.id not in names:
                    target.catalogue.bury(new)
                else:
                    _insert(source, target, replace(one, clip=unused.pop(one.id, None)), new, sums, pictures, paths)
            if segment:
                target.catalogue.count_segment(segment.name, len(segment), digests)
        for clip in unused.values():
            discard(target.folder / CLIPS / clip.name)
        yield from told


def _copy_arrays(source: Library, target: Library, clip: Clip) -> Clip:
    return copy_clip(clip, source.folder / CLIPS, target.folder / CLIPS)


def _refusal(target: Library, one: Reference) -> str:
    taken = target.reference(one.id)
    if taken is None:
        return ""
    return ALREADY if taken.digest == one.digest else f"its id belongs to another file here ({taken.file})"


def _prints(source: Library, segments: Sequence[Shard], ordinal: int, sums: dict[int, int]) -> KeyImagePrints:
    """The fingerprints of a key image; their checksum goes into `sums`. Damaged ones are not copied."""
    for segment in segments:
        if (found := segment.one(ordinal)) is not None:
            sums[ordinal] = found.sum()
            if source.catalogue.sum_of(ordinal) not in (None, sums[ordinal]):
                break
            return found
    raise LibraryError(f"the fingerprints of key image {ordinal} are damaged; `provscan library verify` lists what is")


def _insert(
    source: Library,
    target: Library,
    one: Reference,
    ordinals: tuple[int, ...],
    sums: Mapping[int, int],
    pictures: bool,
    paths: bool,
) -> None:
    file = one.file if paths else Path(one.file).name
    key_images = []
    for old, new in zip(one.key_images, ordinals, strict=True):
        if (key_image := source.key_image(old)) is not None:
            thumbnail = (source.catalogue.thumbnail(old) if pictures else None) or b""
            key_images.append((replace(key_image, ordinal=new), thumbnail, sums[old]))
    target.catalogue.insert(replace(one, file=file, key_images=ordinals), "", key_images)
