"""What a node of a cluster does with a batch: its items go to sealed workers, which are kept warm between batches.

The node passes on pickled items and results as bytes and opens neither. All its threads share the workers.
"""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeAlias

from media.work.folders import Depot, Folder, Piece
from media.work.installed import Installed, installed
from media.work.interface import Lost
from media.work.local import LocalExecutor
from media.work.pool import WarmPools

__all__ = ["Answer", "Batch", "Done", "Lacking", "Unfit", "has_folder", "receive", "run_batch"]


@dataclass(frozen=True, slots=True)
class Batch:
    """Items that travel together."""

    function: bytes
    items: tuple[tuple[bytes, float], ...]
    """Each pickled, with its time limit in seconds."""
    jobs: int
    """Sealed workers on a node; 0: as many as it has threads."""
    memory_limit: int | None
    folders: tuple[tuple[Folder, str], ...]
    """What the items need, each with the stamp of its content."""
    installed: Installed
    """What the client has, and so every node must have."""


@dataclass(frozen=True, slots=True)
class Done:
    """The outcomes of a batch."""

    outcomes: tuple[bytes | Lost, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class Lacking:
    """Nothing was done: folders must be copied to the node's machine first."""

    folders: tuple[Folder, ...]
    address: str


@dataclass(frozen=True, slots=True)
class Unfit:
    """Nothing was done: the node cannot do this work."""

    reason: str
    address: str
    unseen: str = ""
    """A folder that it does not see."""


Answer: TypeAlias = Done | Lacking | Unfit


@cache
def _pools() -> WarmPools:
    return WarmPools()


@cache
def _depot(root: Path) -> Depot:
    return Depot(root)


def run_batch(batch: Batch, *, root: Path, address: str, threads: int, is_wanted: Callable[[], bool]) -> Answer:
    """Work on a batch in the node's sealed workers. `root` is the depot's folder. Ends early once it `is_wanted` no
    more: then nobody reads the answer."""
    begun = time.monotonic()
    if (unfit := _unfit(batch, address)) is not None:
        return unfit
    depot = _depot(root)
    places = {folder.path: depot.find(folder, stamp) for folder, stamp in batch.folders if folder.content is not None}
    if lacking := tuple(folder for folder, _ in batch.folders if folder.path in places and not places[folder.path]):
        return Lacking(lacking, address)
    moved = {path: place for path, place in places.items() if place and place != path}
    executor = LocalExecutor(jobs=batch.jobs or threads, memory_limit=batch.memory_limit, pools=_pools())
    found: dict[int, bytes | Lost] = dict(executor.run_packed(batch.function, batch.items, moved, is_wanted))
    if len(found) < len(batch.items):
        return Done((), 0.0)
    return Done(tuple(found[number] for number in range(len(batch.items))), time.monotonic() - begun)


def has_folder(folder: Folder, stamp: str, *, root: Path) -> bool:
    """Whether the machine has a folder of that content."""
    return _depot(root).find(folder, stamp) is not None


def receive(piece: Piece | None, folder: Folder, stamp: str, copy: str, *, root: Path) -> str:
    """Take a piece of a folder; without one the copy is complete. Returns the name of the copy (empty at first), and at
    the end what is wrong with it."""
    depot = _depot(root)
    copy = copy or depot.begin()
    if piece is not None:
        depot.append(copy, piece)
        return copy
    return "" if depot.finish(copy, folder, stamp) else "what arrived is not what was sent"


def _unfit(batch: Batch, address: str) -> Unfit | None:
    if multiprocessing.current_process().daemon:
        return Unfit("may not start processes; start it with DASK_DISTRIBUTED__WORKER__DAEMON=False", address)
    if differences := batch.installed.differences(installed()):
        reason = f"would give other results: {'; '.join(differences)}. Install there what is installed here"
        return Unfit(reason, address)
    for folder, _ in batch.folders:
        if folder.content is None and not _is_seen(folder.path):
            return Unfit(f"does not see {folder.path}; mount it there under the same path", address, folder.path)
    return None


def _is_seen(path: str) -> bool:
    """Whether a folder is there and holds something: a folder where nothing is mounted is empty."""
    try:
        with os.scandir(path) as entries:
            return next(entries, None) is not None
    except OSError:
        return False
