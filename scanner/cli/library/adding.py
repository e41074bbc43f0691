"""What can be added to a library, and the messages while it is added."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

from fingerprints.library.adding import Added, Addition, Status, add
from fingerprints.library.kinds import REFERENCE_KINDS
from fingerprints.library.library import Library
from fingerprints.model import Details
from media.work import EXECUTORS, create_executor
from media.work.share import share_memory
from scanner.cli.options import scheduler_option
from scanner.cli.terminal import Bar, interruptible, plain
from scanner.discover.sequences import frame_paths
from scanner.model import Asset, Kind

__all__ = ["Counts", "add_all", "can_be_added", "counted", "item_of", "place_options", "stem"]

F = TypeVar("F", bound=Callable[..., Any])
_DOCUMENTS = {kind.media_type for kind in REFERENCE_KINDS}
Counts = Mapping[Status, int]
"""How many items had which result."""


def can_be_added(asset: Asset) -> bool:
    """Whether it may hold pictures or sound."""
    return asset.kind in (Kind.IMAGE, Kind.VIDEO, Kind.AUDIO) or asset.media_type in _DOCUMENTS


def stem(asset: Asset) -> str:
    """The file's name; a sequence's without its number."""
    return re.sub(r"[._-]?%0?\d*d$", "", Path(asset.path).stem) or "sequence"


def item_of(asset: Asset, details: Details, is_named: bool) -> Addition:
    """The asset as an item, with all frames of a sequence."""
    root = Path(asset.location)
    return Addition(tuple(root / path for _, path in frame_paths(asset)), details, is_named)


def place_options(function: F) -> F:
    """Flags that state where the work runs."""
    executor = click.option("--executor", type=click.Choice(EXECUTORS), help="Where the work runs. [local]")
    return executor(scheduler_option(function))


def add_all(
    opened: Library,
    items: Iterable[Addition],
    jobs: int | None,
    memory: int | None = None,
    executor: str | None = None,
    scheduler: str | None = None,
) -> Counts:
    """Add the items, print what a person must know, and count. On a cluster `jobs` count on each node, and `memory` is
    this machine's."""
    chosen = list(items)
    counts = dict.fromkeys(Status, 0)
    share = share_memory(memory, jobs, len(chosen))
    place = executor or EXECUTORS[0]
    limits = {"jobs": jobs} if place == "dask" else {"jobs": share.jobs, "memory_limit": share.worker}
    workers = create_executor(place, scheduler=scheduler, **limits)
    with Bar() as bar, interruptible("References already added are kept; run the same command again to continue."):
        bar.stage("adding", len(chosen))
        for one in add(opened, chosen, executor=workers, memory=share.joining):
            counts[one.status] += 1
            bar.step(f"{one.id} ({counts[Status.ALREADY]:,} were there)" if counts[Status.ALREADY] else one.id)
            for line in _remarks(one):
                click.echo(line, err=True)
    return counts


def counted(counts: Counts) -> str:
    """`3 added, 1 already`."""
    return ", ".join(f"{count} {status}" for status, count in counts.items() if count)


def _remarks(one: Added) -> Iterator[str]:
    row = f"row {one.item.row}: " if one.item.row else ""
    if one.status is Status.REFUSED:
        yield f"{row}{plain(one.id)} was not added: {plain(one.message, 1000)}"
    if one.status is Status.ADDED and one.id != one.item.details.id:
        yield f"{row}the id {plain(one.item.details.id)} is in use; added as {plain(one.id)}"
    if one.status is Status.ADDED and one.message:
        yield f"{row}{plain(one.id)} was added {plain(one.message, 1000)}"
    for other, bits in one.alike:
        yield f"{row}{plain(one.id)} looks the same as {plain(other)} ({bits} of 256 bits differ)"
