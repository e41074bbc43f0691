"""Repairs a library: keeps what its checksums prove, names what is lost, and changes nothing else.

Rule: new segments and, where it is damaged, a new catalogue are written beside the old ones and take their place in one
step at the end, so that a repair that is killed has done nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from fingerprints.library.catalogue import CATALOGUE, Catalogue
from fingerprints.library.checks import (
    changed_rows,
    damaged_clip,
    damaged_thumbnails,
    differing_files,
    incomplete_references,
)
from fingerprints.library.clips import CLIPS
from fingerprints.library.database import connect
from fingerprints.library.library import SEGMENTS, Library
from fingerprints.library.rebuilding import LostReference, locked, rebuild, take_place
from fingerprints.library.segments import DATA, KeyImagePrints, Shard, discard, read_torn, write_segment
from fingerprints.model import Reference
from media.digest import checksum
from media.errors import LibraryError

__all__ = ["LostReference", "Repaired", "repair"]

_BATCH = 5000


@dataclass
class Repaired:
    """What a repair found and did, or would do."""

    lost: list[LostReference] = field(default_factory=list)
    """References that must be added again."""
    kept: int = 0
    """References that are as they were."""
    thumbnails: list[str] = field(default_factory=list)
    """Ids of references that lost a small picture, and nothing else."""
    segments: int = 0
    """Segments that were rebuilt."""
    strays: int = 0
    """Key images in segments that belonged to no reference."""
    is_new_catalogue: bool = False

    @property
    def is_needed(self) -> bool:
        """Whether there is any damage."""
        return bool(self.lost or self.thumbnails or self.segments or self.strays or self.is_new_catalogue)


@dataclass
class _Plan:
    """What is to be done, found without changing anything."""

    change: int
    sums: dict[int, int | None]
    """Checksums that key images' fingerprints must have, by ordinal; None where none is known."""
    broken: list[str] = field(default_factory=list)
    """Segments that count and must not any more."""
    taken: dict[str, frozenset[int] | None] = field(default_factory=dict)
    """Folders of which a new segment is made, with the ordinals that are right there; None: all of them."""
    buried: set[int] = field(default_factory=set)
    """Ordinals in segments that belong to nothing."""
    forgotten: set[int] = field(default_factory=set)
    """Ordinals of removed key images that are in no segment any more."""
    lost: list[tuple[Reference, str]] = field(default_factory=list)
    thumbnails: list[int] = field(default_factory=list)

    @property
    def replaced(self) -> set[str]:
        """Folders of segments that are not needed afterwards."""
        return {*self.broken, *self.taken}


def repair(folder: Path, *, record: Callable[[Sequence[LostReference]], None], check: bool = False) -> Repaired:
    """Repair a library, or only find out what that would do (`check`). `record` is called with the references that are
    lost before anything changes. Raises `LibraryError` where nothing can be repaired."""
    done = Repaired()
    with ExitStack() as opened:
        name = CATALOGUE
        if _is_damaged(folder):
            done.is_new_catalogue, name = True, f"{CATALOGUE}.new"
            if check:
                name = str(Path(opened.enter_context(TemporaryDirectory())) / name)
            opened.enter_context(locked(folder))
            done.lost += rebuild(folder, folder / name)
        library = opened.enter_context(Library(Catalogue(folder, connect(folder / name), name)))
        plan = _find_damage(library)
        done.lost += [LostReference(one.id, one.file, why) for one, why in plan.lost]
        done.kept = library.catalogue.counts()["reference"] - len(plan.lost)
        done.thumbnails = sorted({_owner(library, ordinal) for ordinal in plan.thumbnails})
        done.segments, done.strays = len(plan.replaced), len(plan.buried)
        if check:
            return done
        if done.lost:
            record(done.lost)
        replaced = _apply(library, plan) if done.is_needed else []
        _record_sums(library)
        if done.is_new_catalogue:
            library.close()
            take_place(folder, folder / name)
        for one in replaced:
            discard(one)
    return done


def _is_damaged(folder: Path) -> bool:
    """Whether the catalogue is. A folder without one is no library."""
    if not (folder / CATALOGUE).is_file():
        raise LibraryError(f"{folder} has no {CATALOGUE}: it is not a library, or it must be restored from a copy")
    try:
        with closing(Catalogue.open(folder)) as catalogue:
            return catalogue.is_sound() != "ok" or any(changed_rows(catalogue))
    except LibraryError as fault:
        if "newer provscan" in str(fault):
            raise
        return True


def _owner(library: Library, ordinal: int) -> str:
    key_image = library.key_image(ordinal)
    return key_image.reference if key_image else ""


def _find_damage(library: Library) -> _Plan:
    catalogue = library.catalogue
    plan = _Plan(catalogue.change(), {ordinal: prints for ordinal, (prints, _) in catalogue.sums().items()})
    library.is_readable()
    right: set[int] = set()
    missing = set(plan.sums)
    torn = []
    for name, (count, digests) in catalogue.segments().items():
        segment = Shard(library.folder / SEGMENTS / name)
        bad = {file for file in digests if any(differing_files(segment.folder, {file: digests[file]}))}
        if not bad and not segment.differing() and len(segment) == count:
            right.update(segment.key_images["ordinal"].tolist())
            continue
        plan.broken.append(name)
        if not bad & DATA and len(segment) == count:
            plan.taken[name] = None
            right.update(segment.key_images["ordinal"].tolist())
        else:
            torn.append(name)
    missing -= right
    for name in torn + (_uncounted(library) if missing else []):
        found = {ordinal for ordinal, _ in _right_prints(library.folder / SEGMENTS / name, plan.sums, missing)}
        if found:
            plan.taken[name] = frozenset(found)
            missing -= found
            right |= found
    removed = catalogue.removed()
    plan.buried = right - set(plan.sums) - removed
    plan.forgotten = set(removed) - right
    plan.lost = list(_lost(library, missing))
    gone = {ordinal for one, _ in plan.lost for ordinal in one.key_images}
    plan.thumbnails = [ordinal for ordinal in damaged_thumbnails(catalogue) if ordinal not in gone]
    return plan


def _uncounted(library: Library) -> list[str]:
    """Complete segments that the catalogue does not count: the row of one may be lost."""
    counted = library.catalogue.segments()
    folders = sorted(path.name for path in (library.folder / SEGMENTS).iterdir())
    return [name for name in folders if name not in counted and not name.endswith(".new")]


def _right_prints(
    folder: Path, sums: Mapping[int, int | None], wanted: set[int] | frozenset[int]
) -> Iterator[tuple[int, KeyImagePrints]]:
    """The key images of a damaged segment that their checksums prove, in the order of their ordinals."""
    last = -1
    for ordinal, prints in read_torn(folder):
        if ordinal > last and ordinal in wanted and sums.get(ordinal) == prints.sum():
            last = ordinal
            yield ordinal, prints


def _lost(library: Library, missing: set[int]) -> Iterator[tuple[Reference, str]]:
    """References that are not whole any more. One that lost a part is lost, so that adding it again makes it whole."""
    incomplete = incomplete_references(library.catalogue)
    for reference in library.references():
        if why := incomplete.get(reference.id):
            yield reference, why
        elif gone := missing.intersection(reference.key_images):
            yield reference, f"{len(gone)} of {len(reference.key_images)} pictures are damaged"
        elif damaged_clip(library, reference):
            yield reference, "what is kept of its video or sound is damaged"


def _apply(library: Library, plan: _Plan) -> list[Path]:
    """Do it, in one transaction; returns the folders that are not needed after that."""
    parent, catalogue = library.folder / SEGMENTS, library.catalogue
    made = []
    for name, ordinals in plan.taken.items():
        if ordinals is None:
            prints = Shard(parent / name).prints(frozenset())
        else:
            prints = _right_prints(parent / name, plan.sums, ordinals)
        made.append(write_segment(parent, prints))
    digests = [segment.digests() for segment in made]
    with catalogue.changing():
        if catalogue.change() != plan.change:
            raise LibraryError(f"{library.folder} was changed meanwhile: repair it again")
        catalogue.discount_segments(plan.broken)
        for segment, files in zip(made, digests, strict=True):
            catalogue.count_segment(segment.name, len(segment), files)
        for reference, _ in plan.lost:
            catalogue.delete(reference)
        catalogue.bury(plan.buried)
        lost = {ordinal for reference, _ in plan.lost for ordinal in reference.key_images}
        counted = [Shard(parent / name) for name in catalogue.segments()]
        there = {ordinal for segment in counted for ordinal in segment.key_images["ordinal"].tolist()}
        catalogue.forget((plan.forgotten | lost) - there)
        for ordinal in plan.thumbnails:
            catalogue.drop_thumbnail(ordinal)
    clips = [one.clip.name for one, _ in plan.lost if one.clip]
    return [
        *(parent / name for name in plan.replaced),
        *(library.folder / CLIPS / name for name in clips),
    ]


def _record_sums(library: Library) -> None:
    """Record the checksums of key images that an older version added. Their segments were found whole."""
    unknown = [ordinal for ordinal, (prints, _) in library.catalogue.sums().items() if prints is None]
    for first in range(0, len(unknown), _BATCH):
        batch = np.array(unknown[first : first + _BATCH])
        found = {}
        for segment in library.segments():
            for ordinal in batch[np.isin(batch, segment.key_images["ordinal"])].tolist():
                prints, jpeg = segment.one(ordinal), library.catalogue.thumbnail(ordinal)
                found[ordinal] = (prints.sum() if prints else None, checksum(jpeg) if jpeg else None)
        with library.catalogue.changing():
            library.catalogue.record_sums(found)
