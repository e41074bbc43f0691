"""The stage between examining and concluding: finds library, temporary and AI-made material in finals.

Each asset is looked at once: the result is kept in the store by the asset and by everything that was looked for. Works
wherever the run works. Other machines get a copy of each library that they do not see, as of the run's own stills.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import inf
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from media import ffmpeg
from media.work import Executor, Lost
from scanner.clock import clock
from scanner.config import Config
from scanner.examinations import Examinations
from scanner.examine.codec import from_json, shape, to_json
from scanner.examine.inspection import executor_of
from scanner.examine.store import PASSING_CODES, Store
from scanner.model import Asset, Category, Examination, Kind, Match, Problem, Role
from scanner.progress import Progress
from scanner.recognise.comparing import compare
from scanner.recognise.lookup import OWN, VERSION, Lookup, Sightings
from scanner.recognise.references import FINALS, OwnStill, References, name_of, place_of

__all__ = ["ContentNotes", "Recognition", "recognise"]

_NEVER: Final = frozenset({Category.TEMP, Category.IDEATION, Category.REFERENCE, Category.DOCUMENTATION})
_DRAWING: Final = "image/svg+xml"
_NAMED: Final = 20
"""Copies of a reference that are named."""


@dataclass(frozen=True, slots=True)
class Recognition:
    """What was recognised; can be read any number of times."""

    examinations: Examinations
    store: Store | None = None
    keys: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """Root and path of an asset → the key of its result."""
    warnings: tuple[str, ...] = ()

    def pairs(self, wanted: Callable[[Asset], bool] | None = None) -> Iterator[tuple[Examination, tuple[Match, ...]]]:
        """Yield every examination, or those of wanted assets, in order, with the references that were recognised in
        it."""
        for seen in self.examinations(wanted):
            found = self._sightings(seen.asset)
            problems = (*seen.problems, *found.problems)
            yield replace(seen, problems=problems) if found.problems else seen, found.matches

    def matches(self) -> Iterator[tuple[Asset, tuple[Match, ...]]]:
        """The assets in which a reference was recognised, without their examinations."""
        for asset in self.examinations.assets() if self.keys else ():
            if matches := self._sightings(asset).matches:
                yield asset, matches

    def _sightings(self, asset: Asset) -> Sightings:
        key = self.keys.get(_place(asset))
        text = self.store.recall(asset, key) if key and self.store else None
        return from_json(Sightings, text) if text else Sightings()


@dataclass(slots=True)
class ContentNotes:
    """What decides how drawings and frame sequences are looked at, noted as examinations are read."""

    empty: set[tuple[str, str]] = field(default_factory=set)
    """Root and path of the vector drawings without a picture in them: they show nothing that could be compared."""
    clocks: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    """Of frame sequences: frames a second, and the timecode of the first frame."""

    def wants(self, asset: Asset) -> bool:
        """Whether its examination decides how it is looked at."""
        return asset.media_type == _DRAWING or asset.frames is not None

    def note(self, seen: Examination) -> None:
        """Note a drawing or a frame sequence."""
        asset = seen.asset
        if asset.media_type == _DRAWING and not any(said.key == "image" for said in seen.evidence):
            self.empty.add(_place(asset))
        if asset.frames and (origin := clock(seen)):
            self.clocks[_place(asset)] = str(origin.rate), str(origin + asset.frames.ranges[0][0])


def recognise(
    examinations: Examinations,
    references: References,
    notes: ContentNotes,
    config: Config,
    store: Store,
    progress: Progress,
) -> Recognition:
    """Look for all references in every asset that may show them."""
    search = _search(references, config)
    if not (search.libraries or references):
        return Recognition(examinations, store, warnings=references.left_out)
    sizes = [asset.size for asset in filter(search.wants, examinations.assets())]
    progress.stage("Comparing with references", len(sizes), work=sum(sizes))
    with TemporaryDirectory(prefix=OWN) as folder, TemporaryDirectory(prefix="provscan-masters-") as steps:
        executor = executor_of(config)
        shelf = _Shelf(Path(folder), references.stills, executor)
        looking = _Looking(search, shelf, notes, store, progress)
        lookups = looking.lookups(examinations.assets())
        for lookup, result in compare(lookups, executor, Path(steps), sum(sizes)):
            looking.keep(lookup.asset, result)
    warnings = dict.fromkeys((*references.left_out, *shelf.refused, *looking.unopened))
    return Recognition(examinations, store, looking.keys, tuple(warnings))


# What is looked for, in what


@dataclass(frozen=True, slots=True, kw_only=True)
class _Search:
    """What is looked for. Pure: it chooses and opens nothing."""

    libraries: tuple[str, ...]
    references: References
    keys: tuple[str, str]
    """Of what comes of an asset: where the run's own references are not looked for, and where they are."""
    marked: frozenset[str]
    """A still that is marked itself is found already; that it looks like another marked one says no more."""
    fps: int
    is_keyed: bool
    sounds: bool
    """A library holds a sound."""

    def wants_own(self, asset: Asset) -> bool:
        """Whether the run's own references are looked for in it."""
        if not self.references or name_of(asset) in self.marked:
            return False
        return asset.category in FINALS or asset.category is Category.UNCATEGORISED

    def wants(self, asset: Asset) -> bool:
        """Whether it is looked at: pictures and programmes; sounds only where a sound is looked for."""
        if asset.category in _NEVER or any(problem.blocking for problem in asset.problems):
            return False
        own = self.wants_own(asset)
        if asset.kind is Kind.AUDIO:
            return self.sounds or (own and bool(self.references.clips))
        return asset.kind in (Kind.IMAGE, Kind.VIDEO) and (own or bool(self.libraries))

    def key(self, asset: Asset) -> str:
        """Of what comes of it: another as soon as anything else is looked for."""
        return self.keys[self.wants_own(asset)]


def _search(references: References, config: Config) -> _Search:
    libraries = tuple(str(Path(folder).resolve()) for folder in config.library)
    asked = [_digest_library(folder) for folder in libraries]
    stamps = (
        *(stamp for stamp, _ in asked),
        *(() if ffmpeg.is_here() else ("no ffmpeg",)),
        str(config.fps),
        config.frames,
        str(VERSION),
        shape(Sightings),
    )
    return _Search(
        libraries=libraries,
        references=references,
        keys=(_key(stamps), _key((*stamps, *references.stamps))),
        marked=frozenset(
            name
            for still in references.stills
            if still.role == Role.AI_MADE
            for name in (still.name, *references.copies.get(still.name, ()))
        ),
        fps=config.fps,
        is_keyed=config.frames == "key" and not config.fps,
        sounds=any(has_sound for _, has_sound in asked),
    )


def _key(stamps: Iterable[str]) -> str:
    """Of all that decides what is found."""
    digest = hashlib.blake2b("\0".join(stamps).encode("utf-8", "surrogatepass"), digest_size=12)
    return f"match {digest.hexdigest()}"


def _digest_library(folder: str) -> tuple[str, bool]:
    """A library as it is now, and whether it holds a sound. `LibraryError` for none, or one of another version."""
    from fingerprints.library.library import Library

    with Library.open(Path(folder)) as library:
        library.is_readable()
        has_sound = any(clip.has_sound for clip in library.catalogue.clips().values())
        return f"{folder} {library.catalogue.change()}", has_sound


@dataclass(slots=True)
class _Shelf:
    """A library of the run's own stills, filled when it is first asked for: often all is known from the store."""

    folder: Path
    stills: Sequence[OwnStill]
    executor: Executor
    refused: tuple[str, ...] = ()
    """Why stills could not be taken up, in a sentence each."""
    is_filled: bool = False

    def folders(self) -> tuple[str, ...]:
        """Its own, or none where no still is looked for."""
        if self.stills and not self.is_filled:
            self.refused, self.is_filled = tuple(_fill(self.folder, self.stills, self.executor)), True
        return (str(self.folder),) if self.stills else ()


def _fill(folder: Path, stills: Sequence[OwnStill], executor: Executor) -> Iterator[str]:
    """Make a library of them, in sealed workers. Yields why one could not be taken up."""
    from fingerprints.library.adding import Addition, Status, add
    from fingerprints.library.library import Library
    from fingerprints.model import Details
    from fingerprints.vocabulary import Quality

    items = (
        Addition(tuple(map(Path, still.files)), Details(id=still.name, role=still.role, quality=Quality.MASTER))
        for still in stills
    )
    with Library.create(folder) as library:
        # No batch ends by time: what is found must not depend on it.
        for added in add(library, items, executor=executor, commit_seconds=inf):
            if added.status is Status.REFUSED:
                yield f"{added.item.details.id} is not searched for: {added.message}"


# Looking


@dataclass(slots=True)
class _Looking:
    """The stage as it goes: what is sent to workers, and what comes back."""

    search: _Search
    shelf: _Shelf
    notes: ContentNotes
    store: Store
    progress: Progress
    keys: dict[tuple[str, str], str] = field(default_factory=dict)
    unopened: dict[str, None] = field(default_factory=dict)
    """Why references could not be looked for, in a sentence each, once."""

    def lookups(self, assets: Iterable[Asset]) -> Iterator[Lookup]:
        """Of all that is looked at, what the store does not know yet."""
        for asset in filter(self.search.wants, assets):
            if _place(asset) in self.notes.empty:
                self.progress.step(asset.path, work=asset.size)
                continue
            key = self.keys[_place(asset)] = self.search.key(asset)
            if self.store.recall(asset, key) is None:
                yield self._lookup(asset)
            else:
                self.progress.step(asset.path, work=asset.size)

    def _lookup(self, asset: Asset) -> Lookup:
        search = self.search
        lookup = Lookup(asset=asset, fps=search.fps, is_keyed=search.is_keyed)
        if (known := self.notes.clocks.get(_place(asset))) is not None:
            lookup = replace(lookup, rate=known[0], start=known[1])
        if not search.wants_own(lookup.asset):
            return replace(lookup, shelves=search.libraries)
        shelves = (*search.libraries, *self.shelf.folders())
        return replace(lookup, shelves=shelves, clips=search.references.clips)

    def keep(self, asset: Asset, result: Sightings | Lost) -> None:
        """Remember what came of an asset."""
        sightings = _report_lost(result) if isinstance(result, Lost) else self._add_copies(result, asset)
        passing = any(problem.code in PASSING_CODES for problem in sightings.problems)
        self.store.remember(asset, self.keys[_place(asset)], to_json(sightings), lasting=not passing)
        self.unopened.update(dict.fromkeys(sightings.unopened))
        self.progress.step(asset.path, work=asset.size)

    def _add_copies(self, sightings: Sightings, asset: Asset) -> Sightings:
        """Without itself; and with the copies that the delivery has of what was recognised."""
        own, place, of_run = name_of(asset), place_of(asset), self.search.references
        matches = []
        for match in sightings.matches:
            is_ours = match.facts.is_own
            others = of_run.copies.get(match.reference, ()) if is_ours else ()
            lies_there = is_ours and place in of_run.places.get(match.reference, ())
            if own not in (match.reference, *others) and not lies_there:
                facts = replace(match.facts, copies=others[:_NAMED])
                if is_ours and (origin := of_run.origins.get(match.reference)):
                    facts = replace(facts, claim=origin.claim, written=origin.written)
                matches.append(replace(match, facts=facts))
        return replace(sightings, matches=tuple(matches))


def _report_lost(result: Lost) -> Sightings:
    message = f"not compared with references: {result.message}"
    return Sightings(problems=(Problem(code=result.code, stage="match", by="match", message=message),))


def _place(asset: Asset) -> tuple[str, str]:
    return asset.root, asset.path
