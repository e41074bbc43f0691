"""Fills a library: in workers, in batches that are committed whole; adding the same again changes nothing.

A kill loses the current batch and no more. Two processes may add at once: the catalogue's transaction decides what
counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from itertools import tee
from pathlib import Path
from time import monotonic

import numpy as np

from fingerprints.library.clips import CLIPS, sweep, unpack_clip
from fingerprints.library.library import SEGMENTS, Library, now
from fingerprints.library.prints import FilePrints, Files, limit_seconds, needs_of, take_away, take_checked
from fingerprints.library.segments import discard, write_segment
from fingerprints.model import Details, KeyImage, Reference
from fingerprints.prints.views import VIEW_NAMES
from media.errors import Malformed
from media.work import Executor, Lost, create_executor

__all__ = ["Added", "Addition", "Status", "add"]

_BATCH_KEY_IMAGES = 256
_BATCH_SECONDS = 20.0
_ALIKE_BITS = 31
"""Whole pictures that differ by so few bits are taken for the same picture."""


class Status(StrEnum):
    """The result for an item."""

    ADDED = "added"
    ALREADY = "already"
    """It is in the library, with the same details."""
    UPDATED = "updated"
    """It is in the library; its details are new."""
    REFUSED = "refused"
    """Its message states why, and how to fix it."""


@dataclass(frozen=True, slots=True)
class Addition:
    """One item to add."""

    files: tuple[Path, ...]
    """One, or the frames of a sequence in order."""
    details: Details
    is_named: bool = True
    """Whether a person gave it its id. An id that was made from a file name is changed where it is taken."""
    sha256: str = ""
    """The SHA-256 that its first file must have, if known."""
    row: int = 0
    """Its row in the log."""


@dataclass(frozen=True, slots=True)
class Added:
    """The result for one item."""

    item: Addition
    status: Status
    id: str
    message: str = ""
    alike: tuple[tuple[str, int], ...] = ()
    """Other references that look the same, with the bits by which they differ."""
    key_images: int = 0


def add(
    library: Library,
    items: Iterable[Addition],
    *,
    executor: Executor | None = None,
    commit_seconds: float = _BATCH_SECONDS,
    memory: int | None = None,
) -> Iterator[Added]:
    """Add items and yield the result of each; an item that was reported is on the disk. Files are read by the
    `executor`; without one in this process, which is then exposed to what they hold.

    A batch is committed when it is full, or after `commit_seconds`. The lists by which points are searched are made of
    a batch, and other batches give slightly other candidates: with infinity they do not depend on time. Segments are
    joined while that takes `memory` bytes at most.
    """
    library.is_readable()
    sweep(library.folder / CLIPS, library.catalogue.clips())
    sweep(library.folder / SEGMENTS, library.catalogue.segments())
    fresh: list[tuple[Addition, FilePrints]] = []
    since, key_images = monotonic(), 0
    known, unknown = tee((item, _find_known(library, item)) for item in items)
    asked = (Files(item.files, item.sha256) for item, done in unknown if done is None)
    answers = _take_all(library.folder / CLIPS, asked, executor or create_executor("serial"))
    for item, done in known:
        if done is not None:
            yield done
            continue
        answer = next(answers)
        if not isinstance(answer, FilePrints):
            why = f"was not read: {answer.brief}" if isinstance(answer, Lost) else str(answer)
            yield Added(item, Status.REFUSED, item.details.id, why)
            continue
        fresh.append((item, answer))
        key_images += max(1, len(answer.pictures))
        if key_images >= _BATCH_KEY_IMAGES or monotonic() - since > commit_seconds:
            yield from _commit(library, fresh, memory)
            fresh, since, key_images = [], monotonic(), 0
    yield from _commit(library, fresh, memory)


def _take_all(clips: Path, asked: Iterable[Files], executor: Executor) -> Iterator[FilePrints | Malformed | Lost]:
    """The fingerprints of all files in their order, or why there are none; their clips are in the folder."""
    if executor.shares_files:
        work = partial(take_checked, clips=clips)
        for _, made in executor.run(work, asked, limit=limit_seconds, in_order=True):
            yield made
        return
    for _, sent in executor.run(take_away, asked, limit=limit_seconds, needs=needs_of, in_order=True):
        if isinstance(sent, Lost):
            yield sent
            continue
        made, files = sent
        if isinstance(made, FilePrints) and made.clip is not None:
            unpack_clip(made.clip, files, clips)
        yield made


def _find_known(library: Library, item: Addition) -> Added | None:
    """Find an item without opening it: a file of the same name, size and time that is here under this id, or one that
    is offline now. Its details may be new: a licence is renewed, and nothing has to be fingerprinted again."""
    found, stamp = library.reference(item.details.id), _stamp(item)
    if found is None or found.file != _place(item):
        return None
    if stamp and library.catalogue.stamp_of(found.file).get(found.details.id) != stamp:
        return None
    if found.details == item.details:
        return Added(item, Status.ALREADY, item.details.id)
    with library.catalogue.changing():
        library.catalogue.describe(item.details)
    return Added(item, Status.UPDATED, item.details.id)


def _commit(library: Library, fresh: Sequence[tuple[Addition, FilePrints]], memory: int | None = None) -> list[Added]:
    """Write a batch: fingerprints first, then, in one transaction, that they count."""
    if not fresh:
        return []
    first = library.catalogue.reserve(sum(len(made.pictures) for _, made in fresh))
    starts = np.cumsum([first, *(len(made.pictures) for _, made in fresh)]).tolist()
    novel = [at for at, (item, made) in enumerate(fresh) if _decide(library, item, made).status is Status.ADDED]
    rows = [(starts[at] + n, one.prints) for at in novel for n, one in enumerate(fresh[at][1].pictures)]
    segment = write_segment(library.folder / SEGMENTS, rows) if rows else None
    digests = segment.digests() if segment else {}
    with library.catalogue.changing():
        done = []
        for at, (item, made) in enumerate(fresh):
            verdict = _decide(library, item, made)
            if verdict.status is Status.ADDED and at not in novel:
                verdict = replace(verdict, status=Status.REFUSED, message="it was removed meanwhile; add it again")
            elif verdict.status is Status.ADDED:
                _insert(library, verdict, made, starts[at])
            elif at in novel:
                library.catalogue.bury(range(starts[at], starts[at + 1]))
            if verdict.status is Status.UPDATED:
                library.catalogue.describe(item.details)
            done.append(verdict)
        if segment:
            library.catalogue.count_segment(segment.name, len(segment), digests)
    for verdict, (_, made) in zip(done, fresh, strict=True):
        if made.clip is not None and verdict.status is not Status.ADDED:
            discard(library.folder / CLIPS / made.clip.name)
    done = _with_alike(library, done, fresh)
    library.merge_segments(memory)
    return done


def _decide(library: Library, item: Addition, made: FilePrints) -> Added:
    """What is to become of an item, by what the library holds at this moment."""
    name = item.details.id
    same_file = next(library.catalogue.references("digest = ?", (made.digest,)), None)
    if not item.is_named and same_file is not None:
        return Added(item, Status.ALREADY, same_file.id, "the same file is already in the library")
    taken = library.reference(name)
    if taken is not None and taken.digest == made.digest:
        status = Status.ALREADY if taken.details == item.details else Status.UPDATED
        return Added(item, status, name)
    if taken is not None and item.is_named:
        mend = "remove it first, or give this one another id"
        return Added(item, Status.REFUSED, name, f"{name} is another file's id ({taken.file}): {mend}")
    if taken is not None:
        name = f"{name}~{made.digest[:8]}"
    return Added(item, Status.ADDED, name, _in_part(made), key_images=len(made.pictures))


def _in_part(made: FilePrints) -> str:
    return f"only in part: {made.fault}" if made.fault else ""


def _insert(library: Library, verdict: Added, made: FilePrints, first: int) -> None:
    details = replace(verdict.item.details, id=verdict.id)
    ordinals = tuple(range(first, first + len(made.pictures)))
    reference = Reference(
        details=details,
        file=_place(verdict.item),
        digest=made.digest,
        size=made.size,
        key_images=ordinals,
        added=now(),
        clip=made.clip,
    )
    key_images = [
        (
            KeyImage(ordinal=ordinal, reference=verdict.id, at=one.at, width=one.width, height=one.height),
            one.thumbnail,
            one.prints.sum(),
        )
        for ordinal, one in zip(ordinals, made.pictures, strict=True)
    ]
    library.catalogue.insert(reference, _stamp(verdict.item), key_images)


def _with_alike(library: Library, done: list[Added], fresh: Sequence[tuple[Addition, FilePrints]]) -> list[Added]:
    """With the references, old or of this batch, that show the same picture."""
    asked = [
        (at, one.prints.hashes[0])
        for at, (_, made) in enumerate(fresh)
        if done[at].status is Status.ADDED
        for one in made.pictures
        if len(one.prints.views) and VIEW_NAMES[one.prints.views[0]] == "whole"
    ]
    if not asked:
        return done
    index = library.hash_index()
    hits = index.search(np.stack([hashed for _, hashed in asked]), _ALIKE_BITS)
    alike: dict[int, dict[str, int]] = {}
    views, ordinals = index.views(hits.entries), index.key_images(hits.entries).tolist()
    for row, view, ordinal, bits in zip(hits.queries.tolist(), views, ordinals, hits.distances.tolist(), strict=True):
        at = asked[row][0]
        key_image = library.key_image(ordinal) if view == "whole" else None
        if key_image is not None and key_image.reference != done[at].id:
            alike.setdefault(at, {}).setdefault(key_image.reference, bits)
    return [replace(one, alike=tuple(alike.get(at, {}).items())) for at, one in enumerate(done)]


def _place(item: Addition) -> str:
    return str(item.files[0].absolute())


def _stamp(item: Addition) -> str:
    """Number, size and newest time of change of its files; empty where one cannot be asked."""
    try:
        stats = [path.stat() for path in item.files]
    except OSError:
        return ""
    return f"{len(stats)} {sum(one.st_size for one in stats)} {max(one.st_mtime_ns for one in stats)}"
