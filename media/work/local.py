"""Sealed worker processes on this machine, watched for time and memory.

A worker that dies, hangs or swells is replaced and costs the one item it was on. Items are sent one by one: the pool
costs 0.2 ms an item, little beside reading a file, and the cause of a loss is exact.
"""

from __future__ import annotations

import os
import pickle
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sized
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any, TypeVar

import psutil

from media.errors import RunError
from media.words import ProblemCode
from media.work.attempt import bug
from media.work.interface import Later, Lost, Needs, needs_nothing, never
from media.work.order import InOrder
from media.work.pool import FreshPools, Limits, Pools, SealedPool

__all__ = ["LocalExecutor", "default_memory_limit", "pack_item", "unpack_result"]

T = TypeVar("T")
R = TypeVar("R")

MAX_TASKS = 1000
"""Items after which a worker is replaced, so that leaks in native code do not grow without end."""
_SENDINGS = 2
"""How often an item is sent when pools break around it."""
_HELD = 4
"""Results for each item in flight that may wait for an earlier one where the order is kept."""
_PULSE = 0.5
"""Seconds after which a silent pool is checked for life."""


def default_memory_limit() -> int:
    """Bytes a worker: 4 GiB, but not more than half of the machine."""
    return int(min(4 << 30, psutil.virtual_memory().total // 2))


def pack_item(item: object) -> bytes | Lost:
    """An item as it is sent to a worker; how it was lost where it cannot be pickled."""
    try:
        return pickle.dumps(item)
    except Exception as error:  # noqa: BLE001 - pickling runs the item's own code
        return bug(error)


def unpack_result(answer: bytes | Lost) -> Any:
    """What a worker sent back, or how it was lost."""
    if isinstance(answer, Lost):
        return answer
    try:
        return pickle.loads(answer)  # noqa: S301 - from our own worker
    except Exception as error:  # noqa: BLE001 - a result that cannot be rebuilt costs its own item
        return bug(error)


@dataclass(slots=True)
class _Job:
    number: int
    item: Any
    payload: bytes | Lost
    seconds: float
    sendings: int = 0


def _until_later(source: Iterator[_Job | None], most: int) -> Iterator[_Job | None]:
    """The first jobs of a source; it is not asked again where it has none yet."""
    for job in islice(source, most):
        yield job
        if job is None:
            return


def _jobs(items: Iterable[Any], limit: Callable[[Any], float]) -> Iterator[_Job | None]:
    """A job of each item; None where there is none yet."""
    number = 0
    for item in items:
        if isinstance(item, Later):
            yield None
        else:
            yield _Job(number, item, pack_item(item), limit(item))
            number += 1


class LocalExecutor:
    """Runs items in worker processes of this machine."""

    name = "local"
    shares_files = True

    def __init__(
        self,
        *,
        jobs: int | None = None,
        memory_limit: int | None = None,
        max_tasks: int = MAX_TASKS,
        ahead: int | None = None,
        pools: Pools | None = None,
    ) -> None:
        self.jobs = jobs or os.cpu_count() or 1
        self.memory_limit = memory_limit or default_memory_limit()
        self.max_tasks = max_tasks
        self.ahead = ahead or self.jobs * 2
        """Items in flight: a worker that has finished finds the next one waiting."""
        self._pools = pools

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
        """See `Executor.run`."""
        held = InOrder[tuple[T, R | Lost]]()
        with closing(self._run(pickle.dumps(function), _jobs(items, limit), held)) as outcomes:
            for job, answer in outcomes:
                outcome = unpack_result(answer)
                if in_order:
                    yield from held.release(job.number, (job.item, outcome))
                else:
                    yield job.item, outcome

    def workers(self) -> int:
        """See `Executor.workers`."""
        return self.jobs

    def run_packed(
        self,
        function: bytes,
        items: Iterable[tuple[bytes, float]],
        places: Mapping[str, str],
        is_wanted: Callable[[], bool],
    ) -> Iterator[tuple[int, bytes | Lost]]:
        """The number of each pickled item with its pickled result, in any order. `items` come with their seconds,
        `places` are those of folders on this machine. Ends early once it `is_wanted` no more."""
        jobs = (_Job(number, None, payload, seconds) for number, (payload, seconds) in enumerate(items))
        with closing(self._run(function, jobs, (), places, is_wanted)) as outcomes:
            yield from ((job.number, answer) for job, answer in outcomes)

    def _run(
        self,
        function: bytes,
        source: Iterator[_Job | None],
        held: Sized,
        places: Mapping[str, str] | None = None,
        is_wanted: Callable[[], bool] = lambda: True,
    ) -> Generator[tuple[_Job, bytes | Lost], None, None]:
        """Jobs with their answers, in any order. While many are `held` only what is owed is sent. The source gives None
        where it has nothing yet."""
        first = list(_until_later(source, self.jobs))
        # In a pool of this run there are no more workers than items.
        workers = len(first) if self._pools is None and None not in first else self.jobs
        limits, source = Limits(workers, self.memory_limit, self.max_tasks), chain(first, source)
        again: deque[_Job] = deque()
        answered = False
        fruitless = 0  # pools that broke before the first outcome of all
        while first and is_wanted():
            with (self._pools or FreshPools()).lend(function, limits) as pool:
                flight = _Flight(pool, self.ahead, places, is_wanted)
                with closing(flight.run(source, again, held)) as answers:
                    for job, answer in answers:
                        answered = True
                        yield job, answer
            if not flight.broken:
                return
            fruitless += not answered
            if fruitless >= _SENDINGS:
                raise RunError("worker processes end before they start work; try --executor serial to see why")
            for job in flight.owed():
                if job.sendings < _SENDINGS:
                    again.append(job)
                else:
                    yield job, Lost(ProblemCode.CRASHED, "the worker processes died twice on this item")


class _Flight:
    """What one run has in flight in a pool, which other runs may use too."""

    def __init__(
        self, pool: SealedPool, ahead: int, places: Mapping[str, str] | None, is_wanted: Callable[[], bool]
    ) -> None:
        self.broken = False
        self._pool = pool
        self._ahead = ahead
        self._places = places
        self._is_wanted = is_wanted
        self._pending: dict[Future[bytes], _Job] = {}

    def run(
        self, source: Iterator[_Job | None], again: deque[_Job], held: Sized
    ) -> Generator[tuple[_Job, bytes | Lost], None, None]:
        """Jobs with their answers until the source is dry, or until the pool is `broken`."""
        try:
            while not self.broken and self._is_wanted():
                yield from self._fill(source, again, held)
                if not self._pending:
                    break
                done, _ = wait(self._pending, timeout=_PULSE, return_when=FIRST_COMPLETED)
                for future in done:
                    answer = self._pool.outcome(future, self._pending[future].seconds)
                    if isinstance(answer, BrokenProcessPool):
                        self.broken = True
                    else:
                        yield self._pending.pop(future), answer
                self.broken = self.broken or self._pool.is_broken
        finally:
            if not self.broken:  # another run may go on in this pool
                for future in self._pending:
                    future.cancel()

    def owed(self) -> tuple[_Job, ...]:
        """What a broken pool was sent and did not answer."""
        return tuple(self._pending.values())

    def _fill(self, source: Iterator[_Job | None], again: deque[_Job], held: Sized) -> Iterator[tuple[_Job, Lost]]:
        """Send jobs until enough are in flight. Yields those that cannot be sent."""
        while len(self._pending) < self._ahead:
            if again:
                job = again.popleft()
            elif len(held) >= _HELD * self._ahead:
                return  # they wait for one that is in flight
            elif (following := next(source, None)) is None:
                return
            else:
                job = following
            if isinstance(job.payload, Lost):
                yield job, job.payload
                continue
            try:
                future = self._pool.schedule(job.payload, job.seconds, self._places)
            except RuntimeError:  # the pool broke since we looked
                self.broken = True
                again.append(job)
                return
            job.sendings += 1
            self._pending[future] = job
