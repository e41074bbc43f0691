"""Sealed worker processes on this machine: a pebble pool, spawned, watched for time and memory.

A worker that dies, hangs or swells is replaced and costs the one item it was on. Facts about pebble that shape this
file: a worker that leaves with exit code 0 is not noticed, so every item has a time limit; a worker that dies idle
breaks the pool, so a broken pool is replaced and its items sent again. Items are sent one by one: the pool costs 0.2 ms
an item, little beside reading a file, and the cause of a loss is exact.
"""

from __future__ import annotations

import os
import pickle
import signal
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sized
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any, TypeVar

import psutil
from pebble import ProcessExpired, ProcessPool

from media.errors import RunError
from media.words import ProblemCode
from media.work import worker
from media.work.attempt import bug
from media.work.interface import Lost
from media.work.interrupt import uninterrupted
from media.work.order import InOrder
from media.work.watch import MemoryWatch, WatchedContext

__all__ = ["LocalExecutor", "default_memory_limit"]

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


@dataclass(slots=True)
class _Job:
    number: int
    item: Any
    payload: bytes
    seconds: float
    sendings: int = 0


class LocalExecutor:
    """Runs items in worker processes of this machine."""

    name = "local"

    def __init__(
        self,
        *,
        jobs: int | None = None,
        memory_limit: int | None = None,
        max_tasks: int = MAX_TASKS,
        ahead: int | None = None,
    ) -> None:
        self.jobs = jobs or os.cpu_count() or 1
        self.memory_limit = memory_limit or default_memory_limit()
        self.max_tasks = max_tasks
        self.ahead = ahead or self.jobs * 2
        """Items in flight: a worker that has finished finds the next one waiting."""

    def run(
        self, function: Callable[[T], R], items: Iterable[T], *, limit: Callable[[T], float], in_order: bool = False
    ) -> Generator[tuple[T, R | Lost], None, None]:
        """See `Executor.run`."""
        held = InOrder[tuple[T, R | Lost]]()
        with closing(self._run(function, items, limit, held)) as outcomes:
            for job, outcome in outcomes:
                if in_order:
                    yield from held.release(job.number, (job.item, outcome))
                else:
                    yield job.item, outcome

    def _run(
        self, function: Callable[[T], R], items: Iterable[T], limit: Callable[[T], float], held: Sized
    ) -> Generator[tuple[_Job, Any], None, None]:
        """Jobs with their outcomes, in any order. While many are `held` only what is owed is sent."""
        source: Iterator[tuple[int, T]] = enumerate(items)
        first = list(islice(source, self.jobs))  # as many as there may be workers: for fewer items fewer start
        workers, source = len(first), chain(first, source)
        again: deque[_Job] = deque()
        pickled = pickle.dumps(function)
        answered = False
        fruitless = 0  # pools that broke before the first outcome of all
        while workers:
            with _Pool(self, pickled, workers) as pool:
                for job, outcome in pool.run(source, again, limit, held):
                    answered = True
                    yield job, outcome
            if not pool.broken:
                return
            fruitless += not answered
            if fruitless >= _SENDINGS:
                raise RunError("worker processes end before they start work; try --executor serial to see why")
            for job in pool.owed():
                if job.sendings < _SENDINGS:
                    again.append(job)
                else:
                    yield job, Lost(ProblemCode.CRASHED, "the worker processes died twice on this item")


class _Pool:
    """One pebble pool and what is in flight in it."""

    def __init__(self, settings: LocalExecutor, function: bytes, workers: int) -> None:
        self.broken = False
        self._context = WatchedContext()
        self._watch = MemoryWatch(self._context, settings.memory_limit)
        self._ahead = settings.ahead
        self._pending: dict[Future[bytes], _Job] = {}
        self._memory_limit = settings.memory_limit
        self._pool = ProcessPool(
            max_workers=workers,
            max_tasks=settings.max_tasks,
            initializer=worker.prepare,
            initargs=(function,),
            context=self._context,
        )

    def __enter__(self) -> _Pool:
        self._watch.start()
        return self

    def __exit__(self, *_: object) -> None:
        with uninterrupted():
            self._watch.stop()
            self._pool.stop()  # type: ignore[no-untyped-call]
            self._pool.join()

    def run(
        self, source: Iterator[tuple[int, Any]], again: deque[_Job], limit: Callable[[Any], float], held: Sized
    ) -> Iterator[tuple[_Job, Any]]:
        """Jobs with their outcomes until the source is dry, or until the pool is `broken`."""
        while not self.broken:
            yield from self._fill(source, again, limit, held)
            if not self._pending:
                break
            done, _ = wait(self._pending, timeout=_PULSE, return_when=FIRST_COMPLETED)
            for future in done:
                outcome = self._outcome(future)
                if isinstance(outcome, BrokenProcessPool):
                    self.broken = True
                else:
                    yield self._pending.pop(future), outcome
            with uninterrupted():
                self.broken = self.broken or not self._pool.active

    def owed(self) -> tuple[_Job, ...]:
        """What a broken pool was sent and did not answer."""
        return tuple(self._pending.values())

    def _fill(
        self, source: Iterator[tuple[int, Any]], again: deque[_Job], limit: Callable[[Any], float], held: Sized
    ) -> Iterator[tuple[_Job, Lost]]:
        """Send jobs until enough are in flight. Yields those that cannot be sent."""
        while len(self._pending) < self._ahead:
            if again:
                job = again.popleft()
            elif len(held) >= _HELD * self._ahead:
                return  # they wait for one that is in flight
            else:
                try:
                    number, item = next(source)
                except StopIteration:
                    return
                job = _Job(number, item, b"", limit(item))
                try:
                    job.payload = pickle.dumps(item)
                except Exception as error:  # noqa: BLE001 - pickling runs the item's own code
                    yield job, bug(error)
                    continue
            try:
                with uninterrupted():
                    future = self._pool.schedule(worker.work, args=(job.payload,), timeout=job.seconds)
            except RuntimeError:  # the pool broke since we looked
                self.broken = True
                again.append(job)
                return
            job.sendings += 1
            self._pending[future] = job

    def _outcome(self, future: Future[bytes]) -> Any:
        """The result, how it was lost, or the `BrokenProcessPool` that says to try again."""
        try:
            return pickle.loads(future.result())  # noqa: S301 - from our own worker
        except TimeoutError as error:
            return Lost(ProblemCode.TIMED_OUT, f"not finished after {error.args[-1]:g} s")
        except ProcessExpired as error:
            if error.pid in self._watch.killed:
                return Lost(ProblemCode.OUT_OF_MEMORY, f"exceeded the memory limit of {self._memory_limit >> 20} MiB")
            if error.exitcode in (signal.SIGTERM, -signal.SIGTERM):  # the machine or a person: no fault of the file
                return Lost(ProblemCode.CANCELLED, "its worker process was asked to end")
            return Lost(ProblemCode.CRASHED, f"its worker process ended: {_how(error.exitcode)}")
        except BrokenProcessPool as error:
            return error
        except CancelledError:
            return Lost(ProblemCode.CANCELLED, "stopped before it was finished")
        except Exception as error:  # noqa: BLE001 - a result that cannot be rebuilt costs its own item
            return bug(error)


def _how(exit_code: int) -> str:
    if exit_code >= 0:
        return f"exit code {exit_code}"
    try:
        name = signal.Signals(-exit_code).name
    except ValueError:
        name = f"signal {-exit_code}"
    return f"{name} (often sent by a system short of memory)" if name == "SIGKILL" else name
