"""Batches of items on the nodes of a Dask cluster, each of which keeps sealed workers for them.

A batch is made as large as a node works on in about a second. A node that ends costs its batches another start: Dask
sends them to other nodes. What several nodes ended on is sent again item by item, one at a time, so that none takes
others with it.
"""

from __future__ import annotations

import pickle
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from media.errors import ConfigError, MediaError
from media.words import ProblemCode
from media.work.cluster import Cluster, Killed, Tasks, join_cluster
from media.work.folders import Folder, pieces_of
from media.work.installed import installed
from media.work.interface import Later, Lost, Needs, needs_nothing, never
from media.work.local import pack_item, unpack_result
from media.work.node import Batch, Done, Lacking
from media.work.order import InOrder

__all__ = ["DaskExecutor"]

T = TypeVar("T")
R = TypeVar("R")

_FIRST, _MOST = 8, 512
"""Items of a batch: at the start, and at most."""
_SECONDS = 1.0
"""A batch should take a node so long: much beside the 5 ms that sending it costs, little to lose with a node."""
_AHEAD = 2
"""Batches in flight for each thread of the nodes: one that runs, one that waits there."""
_LONG = 2.0
"""An item whose time limit is so many times the smallest one travels alone."""
_SENDINGS = 4
"""How often an item is sent alone, or is asked to end, before it is lost."""
_ENDED = Lost(ProblemCode.CRASHED, "every node that worked on it ended; each was tried several times")


@dataclass(slots=True, eq=False)
class _Parcel:
    """Items that were taken together, and their outcomes as they come."""

    number: int
    items: Sequence[Any]
    packed: dict[int, tuple[bytes, float]]
    """By the place of the item: it pickled, and its seconds."""
    outcomes: dict[int, Any]
    folders: tuple[Folder, ...]

    @property
    def is_complete(self) -> bool:
        return len(self.outcomes) == len(self.items)


@dataclass(frozen=True, slots=True, eq=False)
class _Sending:
    """Items of a parcel on their way."""

    parcel: _Parcel
    places: tuple[int, ...]
    sendings: int = 1
    is_suspect: bool = False
    """Whether nodes ended while they had it."""


class DaskExecutor:
    """Runs items on a cluster: the one at `scheduler` (`tls://…` by Dask's own TLS settings), or one made on this
    machine of `nodes` processes."""

    name = "dask"
    shares_files = False

    def __init__(
        self, *, scheduler: str | None = None, jobs: int | None = None, memory_limit: int | None = None, nodes: int = 1
    ) -> None:
        self.scheduler = scheduler
        self.jobs = jobs
        self.memory_limit = memory_limit
        self.nodes = nodes

    def run(
        self,
        function: Callable[[T], R],
        items: Iterable[T],
        *,
        limit: Callable[[T], float],
        needs: Needs[T] = needs_nothing,
        alone: Callable[[T], bool] = never,
        in_order: bool = False,
    ) -> Generator[tuple[T, R | Lost], None, None]:
        """See `Executor.run`. Needs of items that do not travel must be seen by every node at the same path.

        Raises:
            ConfigError: when no scheduler answers, or a node lacks what the work needs.
            RunError: when the cluster goes away.
        """
        run = _Run(self, pickle.dumps(function), _Batches(items, limit, needs, alone))
        held = InOrder[_Parcel]()
        for parcel in run.parcels(held):
            for one in held.release(parcel.number, parcel) if in_order else (parcel,):
                yield from ((item, one.outcomes[place]) for place, item in enumerate(one.items))

    def workers(self) -> int:
        """See `Executor.workers`."""
        return max(1, self.join().threads())

    def join(self) -> Cluster:
        """The cluster."""
        return join_cluster(self.scheduler, self.nodes, self.jobs)


@dataclass(slots=True)
class _Batches:
    """Takes items a batch at a time."""

    source: Iterable[Any]
    limit: Callable[[Any], float]
    needs: Callable[[Any], Iterable[Folder]]
    alone: Callable[[Any], bool]
    size: int = _FIRST
    _items: Iterator[tuple[Any, float] | None] = field(init=False)
    """With the seconds of each; None where there is none yet."""
    _kept: tuple[Any, float] | None = field(init=False, default=None)
    """What ended the batch before, as it travels alone."""
    _least: float = field(init=False, default=float("inf"))
    _count: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self._items = (None if isinstance(item, Later) else (item, self.limit(item)) for item in self.source)

    def take(self) -> _Parcel | None:
        """The next items; None where there are no more, or none yet."""
        taken: list[tuple[Any, float]] = []
        while len(taken) < self.size and (following := self._next()) is not None:
            self._least = min(self._least, following[1])
            is_long = following[1] > _LONG * self._least or self.alone(following[0])
            if is_long and taken:
                self._kept = following
                break
            taken.append(following)
            if is_long:
                break
        if not taken:
            return None
        packed = {place: (pack_item(item), seconds) for place, (item, seconds) in enumerate(taken)}
        folders = dict.fromkeys(folder for item, _ in taken for folder in self.needs(item))
        parcel = _Parcel(
            number=self._count,
            items=[item for item, _ in taken],
            packed={place: (one, seconds) for place, (one, seconds) in packed.items() if isinstance(one, bytes)},
            outcomes={place: one for place, (one, _) in packed.items() if isinstance(one, Lost)},
            folders=tuple(folders),
        )
        self._count += 1
        return parcel

    def learn(self, count: int, seconds: float) -> None:
        """What a batch took: the next ones are made to take about `_SECONDS`."""
        wanted = round(count * _SECONDS / max(seconds, 0.001))
        self.size = max(1, min(wanted, 2 * self.size, _MOST))

    def _next(self) -> tuple[Any, float] | None:
        kept, self._kept = self._kept, None
        return kept or next(self._items, None)


class _Run:
    """One run: what is to be sent, and what comes back."""

    def __init__(self, settings: DaskExecutor, function: bytes, batches: _Batches) -> None:
        self._settings = settings
        self._function = function
        self._batches = batches
        self._again: deque[_Sending] = deque()
        self._suspects: deque[_Sending] = deque()
        """Single items. One of them is in flight at a time: a node that it ends takes no other suspect along, and only
        that item is counted."""
        self._stamps: dict[Folder, str] = {}
        self._unseen: set[str] = set()
        """Folders that this machine does not see either."""

    def parcels(self, held: InOrder[_Parcel]) -> Iterator[_Parcel]:
        """Parcels with all their outcomes, in any order. While many are `held` no more are taken."""
        if (first := self._batches.take()) is None:
            return
        cluster = self._settings.join()
        with Tasks[_Sending](cluster) as tasks:
            self._again.append(_Sending(first, tuple(first.packed)))
            while True:
                yield from self._fill(tasks, _AHEAD * max(1, cluster.threads()), held)
                if not tasks:
                    return
                sending, answer = tasks.next_answer()
                if isinstance(answer, Done):
                    self._take_in(sending, answer)
                elif isinstance(answer, Killed):
                    self._send_apart(sending)
                elif isinstance(answer, Lacking):
                    self._deliver(cluster, answer)
                    self._again.append(sending)
                elif answer.unseen and not Path(answer.unseen).exists():
                    self._unseen.add(answer.unseen)  # it has gone everywhere, and each file costs itself
                    self._again.append(sending)
                else:
                    raise ConfigError(f"the node {answer.address} {answer.reason}")
                if sending.parcel.is_complete:
                    yield sending.parcel

    def _fill(self, tasks: Tasks[_Sending], ahead: int, held: InOrder[_Parcel]) -> Iterator[_Parcel]:
        """Send until enough is in flight. Yields parcels of which nothing can be sent."""
        while len(tasks) < ahead:
            if self._suspects and not any(one.is_suspect for one in tasks):
                sending = self._suspects.popleft()
            elif self._again:
                sending = self._again.popleft()
            elif len(held) >= 2 * ahead or (parcel := self._batches.take()) is None:
                return
            else:
                sending = _Sending(parcel, tuple(parcel.packed))
            if sending.places:
                tasks.submit(sending, self._batch(sending))
            else:
                yield sending.parcel

    def _batch(self, sending: _Sending) -> Batch:
        parcel = sending.parcel
        return Batch(
            function=self._function,
            items=tuple(parcel.packed[place] for place in sending.places),
            jobs=self._settings.jobs or 0,
            memory_limit=self._settings.memory_limit,
            folders=tuple((one, self._stamp(one)) for one in parcel.folders if one.path not in self._unseen),
            installed=installed(),
        )

    def _stamp(self, folder: Folder) -> str:
        if folder not in self._stamps:
            self._stamps[folder] = folder.content.stamp(Path(folder.path)) if folder.content else ""
        return self._stamps[folder]

    def _take_in(self, sending: _Sending, done: Done) -> None:
        self._batches.learn(len(sending.places), done.seconds)
        again = []
        for place, answer in zip(sending.places, done.outcomes, strict=True):
            is_ended = isinstance(answer, Lost) and answer.code is ProblemCode.CANCELLED  # with its node
            if is_ended and sending.sendings < _SENDINGS:
                again.append(place)
            else:
                sending.parcel.outcomes[place] = unpack_result(answer)
                del sending.parcel.packed[place]
        if again:
            self._again.append(_Sending(sending.parcel, tuple(again), sending.sendings + 1))

    def _send_apart(self, sending: _Sending) -> None:
        """Several nodes ended while they had these items: each is sent alone, one after the other."""
        if len(sending.places) == 1 and sending.sendings >= _SENDINGS:
            sending.parcel.outcomes[sending.places[0]] = _ENDED
            return
        sendings = sending.sendings + 1 if len(sending.places) == 1 else 1
        self._suspects.extend(_Sending(sending.parcel, (place,), sendings, is_suspect=True) for place in sending.places)

    def _deliver(self, cluster: Cluster, lacking: Lacking) -> None:
        """Copy to a node's machine what it lacks."""
        for folder in lacking.folders:
            assert folder.content is not None  # noqa: S101 - what has none is not lacking
            self._stamps.pop(folder, None)  # it may have changed since
            with TemporaryDirectory(prefix="provscan-copy-") as beside:
                try:
                    pieces = pieces_of(Path(folder.path), folder.content, Path(beside))
                    fault = cluster.deliver(folder, self._stamp(folder), pieces, lacking.address)
                except (MediaError, OSError) as error:
                    raise ConfigError(f"{folder.path} cannot be copied to the cluster: {error}") from error
            if fault and cluster.has_left(lacking.address):
                return  # the batch goes to another node, which is asked anew
            if fault:
                raise ConfigError(
                    f"{folder.path} cannot be copied to the node {lacking.address}: {fault}; or share it there under"
                    " the same path"
                )
