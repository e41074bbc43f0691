"""Lookups on their way through the run's executor: each to one worker, or a long master in shares to several."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from media.work import Executor, Lost, run_sealed
from media.work.folders import Folder
from media.work.meter import begin_item, end_item
from scanner.examine.inspection import roots_of
from scanner.recognise.lookup import Lookup, Sightings
from scanner.recognise.split import MasterShare, Result, Splitting, folders_of

__all__ = ["compare"]

_FIRST_SECONDS: Final = 600.0
_SECONDS_A_MEGABYTE: Final = 4.0
"""Together with the first, how long looking at one asset, or a share of it, may take: a worker that takes longer
hangs."""


def compare(
    lookups: Iterator[Lookup], executor: Executor, folder: Path, total: int
) -> Iterator[tuple[Lookup, Sightings | Lost]]:
    """Yield each lookup with what came of it, in any order. `folder` keeps what is known of masters on their way;
    `total` is the bytes of all that is looked at."""
    items = Splitting(lookups, folder, executor.workers, total, executor.shares_files)
    answers: Iterator[tuple[Lookup | MasterShare, Result]] = executor.run(
        _look_up, items, limit=_limit, needs=_needs, alone=_is_share
    )
    for item, answer in answers:
        for lookup, result in items.take(item, answer):
            yield lookup, result if executor.shares_files else _with_originals(lookup, result)


def _look_up(item: Lookup | MasterShare) -> Result:
    # Late: slow to load, and often all is known from the store.
    from scanner.recognise import sharing
    from scanner.recognise.matching import look_up

    if isinstance(item, MasterShare):
        return sharing.take_share(item)
    if item.workers and (several := sharing.count_parts(item)) is not None:
        return several
    begin_item(item.asset.size)
    try:
        return look_up(item)
    finally:
        end_item()


def _look_up_whole(lookup: Lookup) -> Sightings:
    from scanner.recognise.matching import look_up

    return look_up(lookup)


def _with_originals(lookup: Lookup, result: Sightings | Lost) -> Sightings | Lost:
    """The result; made here again, in a sealed worker, where a node used thumbnails of originals that are here."""
    if isinstance(result, Lost) or not any(Path(file).exists() for file in result.offline):
        return result
    return run_sealed(_look_up_whole, _limit(lookup), lookup)


def _needs(item: Lookup | MasterShare) -> Iterator[Folder]:
    """The asset's folder, libraries, the folders of clips, and of a share the files of earlier steps."""
    from fingerprints.library.travelling import library_folder

    lookup = item.lookup if isinstance(item, MasterShare) else item
    if isinstance(item, MasterShare):
        yield from folders_of(item)
    yield from roots_of(lookup.asset)
    yield from map(library_folder, lookup.shelves)
    yield from (Folder(str(Path(clip.path).parent)) for clip in lookup.clips)


def _is_share(item: Lookup | MasterShare) -> bool:
    return isinstance(item, MasterShare)


def _limit(item: Lookup | MasterShare) -> float:
    """Seconds that it may take."""
    lookup = item.lookup if isinstance(item, MasterShare) else item
    return _FIRST_SECONDS + _SECONDS_A_MEGABYTE * lookup.asset.size / 1e6
