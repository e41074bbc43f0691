"""The stage between examining and concluding: what do finals show that is in a library, temporary, or AI-made?

Each asset is looked at once: what was recognised is kept in the store by the asset and by all that was looked
for. Works on this machine only, in sealed workers: a cluster's nodes do not see the run's own references.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from scanner.codec import from_json, shape, to_json
from scanner.config import Config
from scanner.errors import LibraryError
from scanner.execute import Lost, create_executor
from scanner.lookup import OWN, VERSION, Lookup, Sightings
from scanner.model import Asset, Category, Examination, Kind, Match, Problem
from scanner.progress import Progress
from scanner.references import FINALS, References, name_of
from scanner.store import PASSING_CODES, Store

__all__ = ["Recognition", "recognise"]

Examinations = Callable[[], Iterable[Examination]]
_NEVER: Final = frozenset({Category.TEMP, Category.IDEATION, Category.REFERENCE, Category.DOCUMENTATION})
_FEW: Final = 12
"""Stills that are fingerprinted here sooner than workers have started."""
_DECODING: Final = 4.0
"""Seconds of work that a second of programme may cost."""


@dataclass(slots=True)
class Recognition:
    """What was recognised, as often as it is asked for."""

    examinations: Examinations
    store: Store | None = None
    keys: dict[tuple[str, str], str] = field(default_factory=dict)
    """Root and path of what was looked at → the key of what came of it."""
    warnings: list[str] = field(default_factory=list)

    def pairs(self) -> Iterator[tuple[Examination, tuple[Match, ...]]]:
        """Every examination, in order, with the references that were recognised in it."""
        for seen in self.examinations():
            sightings = self._sightings(seen.asset)
            yield replace(seen, problems=(*seen.problems, *sightings.problems)), sightings.matches

    def _sightings(self, asset: Asset) -> Sightings:
        key = self.keys.get((asset.root, asset.path))
        text = self.store.recall(asset, key) if key and self.store else None
        return from_json(Sightings, text) if text else Sightings()


def recognise(
    examinations: Examinations, references: References, config: Config, store: Store, progress: Progress
) -> Recognition:
    """Look for all references in all that may show them."""
    libraries = tuple(str(Path(folder).resolve()) for folder in config.library)
    done = Recognition(examinations, store, warnings=list(references.left_out))
    stamps = [*(_stamp(folder) for folder in libraries), str(config.fps), str(VERSION), shape(Sightings)]
    if not (libraries or references):
        return done
    from scanner.matching import look_up  # late: what compares pictures is slow to load

    # A still that is marked itself is found already; that it looks like another marked one says no more.
    marked = {still.name for still in references.stills if still.role == "ai-made"}
    with ExitStack() as closing:
        shelf: list[str] = []

        def missing() -> Iterator[Lookup]:
            for seen in examinations():
                own = bool(references) and name_of(seen.asset) not in marked and _may_show(seen.asset, config)
                if not _is_looked_at(seen, libraries, references, own=own):
                    continue
                key = _key(stamps, references.stamps if own else ())
                done.keys[seen.asset.root, seen.asset.path] = key
                if store.recall(seen.asset, key) is not None:
                    progress.step(seen.asset.path)
                    continue
                if own and references.stills and not shelf:
                    shelf.append(closing.enter_context(TemporaryDirectory(prefix=OWN)))
                    done.warnings += _fill(Path(shelf[0]), references, config)
                yield Lookup(
                    asset=seen.asset,
                    shelves=(*libraries, *(shelf if own else ())),
                    clips=tuple(references.clips) if own else (),
                    fps=config.fps,
                )

        progress.stage("Comparing with references")
        name = "serial" if config.executor == "serial" else "local"
        executor = create_executor(name, jobs=config.jobs or None, memory_limit=config.memory_limit)
        for lookup, result in executor.run(look_up, missing(), limit=_limit):
            asset = lookup.asset
            sightings = _lost(result) if isinstance(result, Lost) else _without_itself(result, asset)
            key, codes = done.keys[asset.root, asset.path], {problem.code for problem in sightings.problems}
            store.remember(asset, key, to_json(sightings), lasting=not codes & PASSING_CODES)
            done.warnings += (said for said in sightings.unsought if said not in done.warnings)
            progress.step(asset.path)
    return done


def _is_looked_at(seen: Examination, libraries: Sequence[str], references: References, *, own: bool) -> bool:
    """Pictures and programmes; sounds only where a sound is looked for."""
    asset = seen.asset
    if asset.category in _NEVER or any(problem.blocking for problem in asset.problems):
        return False
    if asset.kind is Kind.AUDIO:
        return own and bool(references.clips)
    return asset.kind in (Kind.IMAGE, Kind.VIDEO) and (own or bool(libraries))


def _may_show(asset: Asset, config: Config) -> bool:
    """Whether the run's own references are looked for in it."""
    return asset.category in FINALS or (asset.category is Category.UNCATEGORISED and bool(config.sources))


def _fill(folder: Path, references: References, config: Config) -> Iterator[str]:
    """A library of this run's stills, as long as it runs. Yields what could not be taken up."""
    from fingerprints.library import Library
    from fingerprints.library_adding import Item, Status, add
    from fingerprints.model import Details, Quality, Role

    folder.rmdir()  # a library makes its own
    jobs = config.jobs or os.cpu_count() or 1
    items = (
        Item(
            tuple(map(Path, still.files)),
            Details(id=still.name, role=Role(still.role), quality=Quality.MASTER),
        )
        for still in references.stills
    )
    with Library.create(folder) as library:
        for added in add(library, items, jobs=jobs if len(references.stills) > _FEW else 1):
            if added.status is Status.REFUSED:
                yield f"{added.item.details.id} is not looked for: {added.message}"


def _without_itself(sightings: Sightings, asset: Asset) -> Sightings:
    own = name_of(asset)
    return replace(sightings, matches=tuple(match for match in sightings.matches if match.reference != own))


def _lost(result: Lost) -> Sightings:
    message = f"not compared with references: {result.message}"
    return Sightings(problems=(Problem(code=result.code, stage="match", by="match", message=message),))


def _limit(lookup: Lookup) -> float:
    """Ten minutes, and four times what a programme of 1 MB a second would last."""
    return 600.0 + _DECODING * lookup.asset.size / 1e6


def _key(stamps: Sequence[str], more: Sequence[str]) -> str:
    said = "\0".join((*stamps, *more)).encode("utf-8", "surrogatepass")
    return f"match {hashlib.blake2b(said, digest_size=12).hexdigest()}"


def _stamp(folder: str) -> str:
    """A library as it is now. `LibraryError` for what is none, or is of another version."""
    from fingerprints.errors import LibraryFault
    from fingerprints.library import Library

    try:
        with Library.open(Path(folder)) as library:
            library.is_readable()
            return f"{folder} {library.catalogue.change()}"
    except LibraryFault as fault:
        raise LibraryError(str(fault)) from fault
