"""What a worker does with a share of a master that several workers compare. Runs in a sealed worker.

Rule: together the shares give what one worker finds in the whole master. Whatever cannot be decoded ends the sharing.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from itertools import chain
from operator import itemgetter
from pathlib import Path
from typing import Any

from fingerprints.programmes.looks import Looks
from fingerprints.programmes.programme import Programme
from fingerprints.programmes.reading.parts import join_parts, parts_of, read_part, read_sound
from fingerprints.programmes.segments import Segment
from fingerprints.programmes.trace import Candidates, Proposals, Tracer
from media.errors import LibraryError, Malformed, MediaError
from media.work.folders import find_folder
from scanner.recognise.lookup import Lookup, Sightings
from scanner.recognise.opened import take_offline
from scanner.recognise.programmes import open_queries, sightings_of
from scanner.recognise.split import MasterShare, MasterStep, Several, Unsplit, file_of

__all__ = ["count_parts", "take_share"]

Followed = list[tuple[int, list[Segment]]]
"""The segments of some candidates, each with its place among all candidates; those of sound come after all."""


def count_parts(lookup: Lookup) -> Several | None:
    """In how many parts a master is read; None where one worker reads it."""
    parts = parts_of(_path(lookup), lookup.workers)
    return Several(len(parts)) if parts else None


def take_share(share: MasterShare) -> bytes | Sightings | Unsplit | None:
    """Work on a share: the content of its file, or None where that was written. Raises nothing that media cause."""
    try:
        made = _read(share) if share.step is MasterStep.READ else _compare(share)
        if isinstance(made, bytes) and share.is_local:
            file_of(share).write_bytes(made)
            return None
    except (MediaError, LibraryError, OSError):
        return Unsplit()
    return made


def _read(share: MasterShare) -> bytes:
    path = _path(share.lookup)
    parts = parts_of(path, share.lookup.workers)
    if len(parts) != share.count - 1:
        raise Malformed("it changed while it was read")
    return read_part(path, parts[share.number]) if share.number < len(parts) else read_sound(path, parts[0])


def _compare(share: MasterShare) -> bytes | Sightings:
    tracer, sought = open_queries(share.lookup)
    programme, looks = _joined(_path(share.lookup), *_files(share, MasterStep.READ))
    names = [item.name for item in tracer.items]
    if share.step is MasterStep.PROPOSE:
        first, end = (len(programme.samples) * edge // share.count for edge in (share.number, share.number + 1))
        return pickle.dumps((names, tracer.proposals(programme, looks, first, end)))
    if share.step is MasterStep.FOLLOW:
        proposals: list[Proposals] = _load(_files(share, MasterStep.PROPOSE), names)
        return pickle.dumps((names, _follow(share, tracer, programme, looks, tracer.candidates(proposals))))
    followed: list[Followed] = _load(_files(share, MasterStep.FOLLOW), names)
    found = sorted(chain.from_iterable(followed), key=itemgetter(0))
    every = list(chain.from_iterable(segments for _, segments in found))
    sightings = sightings_of(programme, tracer.ordered(programme, every), share.lookup, sought)
    return replace(sightings, offline=take_offline(share.lookup.shelves))


def _follow(share: MasterShare, tracer: Tracer, programme: Programme, looks: Looks, found: Candidates) -> Followed:
    if share.number == share.count - 1:
        return [(len(found), list(tracer.sound(programme)))]
    places = _chosen(found, share.number, share.count - 1)
    keys = list(found)
    return [(at, list(tracer.pictures(programme, looks, keys[at], found[keys[at]]))) for at in places]


def _chosen(found: Candidates, number: int, count: int) -> Iterable[int]:
    """Places of the candidates of one share: each share has some with many pairs and some with few."""
    counts = [len(pairs) for pairs in found.values()]
    return sorted(range(len(counts)), key=lambda at: -counts[at])[number::count]


@lru_cache(maxsize=1)
def _joined(path: Path, *files: Path) -> tuple[Programme, Looks]:
    programme = join_parts(path, files[:-1], files[-1])
    return programme, Looks(programme)


def _files(share: MasterShare, step: MasterStep) -> list[Path]:
    """The files of a step, by their numbers."""
    folder = Path(find_folder(f"{share.folder}/{int(step)}"))
    return sorted(folder.iterdir(), key=lambda file: int(file.name))


def _load(files: Iterable[Path], names: list[str]) -> list[Any]:
    """What workers made that looked for the same references as this one. `Malformed` where one could not open some."""
    made = [pickle.loads(file.read_bytes()) for file in files]  # noqa: S301 - from our own workers
    if any(theirs != names for theirs, _ in made):
        raise Malformed("not every worker could open the same references")
    return [one for _, one in made]


def _path(lookup: Lookup) -> Path:
    return Path(lookup.asset.location) / lookup.asset.path
