"""Sealed worker processes of one function: a pebble pool, watched for memory. Any number of threads may send to it.

Facts about pebble that shape this file: a worker that leaves with exit code 0 is not noticed, so every item has a time
limit; a worker that dies idle breaks the pool, which is then replaced.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import CancelledError, Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Protocol

from pebble import ProcessExpired, ProcessPool

from media.words import ProblemCode
from media.work import overdue, worker
from media.work.attempt import bug
from media.work.interface import Lost
from media.work.interrupt import uninterrupted
from media.work.watch import MemoryWatch, WatchedContext

__all__ = ["FreshPools", "Limits", "Pools", "SealedPool", "WarmPools"]

_IDLE_SECONDS = 60.0
"""After so long without work a warm pool ends, to free its memory."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How many workers there are, and what each may take."""

    workers: int
    memory: int
    """Bytes."""
    tasks: int
    """Items after which a worker is replaced."""


class SealedPool:
    """Worker processes that run one function: bytes in, bytes out."""

    def __init__(self, function: bytes, limits: Limits) -> None:
        self._context = WatchedContext()
        self._watch = MemoryWatch(self._context, limits.memory)
        self._memory = limits.memory
        self._pool = ProcessPool(
            max_workers=limits.workers,
            max_tasks=limits.tasks,
            initializer=worker.prepare,
            initargs=(function,),
            context=self._context,
        )
        self._watch.start()

    @property
    def is_broken(self) -> bool:
        """Whether it takes no more work."""
        with uninterrupted():
            return not self._pool.active

    def schedule(self, item: bytes, seconds: float, places: Mapping[str, str] | None = None) -> Future[bytes]:
        """Send a pickled item with its time limit. Raises `RuntimeError` where the pool is broken.

        The worker keeps the limit itself, as `overdue` has it; one that cannot is ended after some times as long.
        `places`: where this machine has the folders that the item names.
        """
        with uninterrupted():
            future: Future[bytes] = self._pool.schedule(
                worker.work, args=(item, seconds, dict(places) if places else None), timeout=overdue.PATIENCE * seconds
            )
        return future

    def outcome(self, future: Future[bytes], seconds: float) -> bytes | Lost | BrokenProcessPool:
        """The pickled result, how the item with that limit was lost, or the error that says to send it again."""
        try:
            return future.result()
        except TimeoutError as error:
            return Lost(ProblemCode.TIMED_OUT, f"not finished after {error.args[-1]:g} s")
        except ProcessExpired as error:
            if error.pid in self._watch.killed:
                return Lost(ProblemCode.OUT_OF_MEMORY, f"exceeded the memory limit of {self._memory >> 20} MiB")
            if error.exitcode == overdue.EXIT_CODE:
                return Lost(ProblemCode.TIMED_OUT, f"not finished after {seconds:g} s")
            if error.exitcode in (signal.SIGTERM, -signal.SIGTERM):  # the machine or a person: no fault of the file
                return Lost(ProblemCode.CANCELLED, "its worker process was asked to end")
            return Lost(ProblemCode.CRASHED, f"its worker process ended: {_how(error.exitcode)}")
        except BrokenProcessPool as error:
            return error
        except CancelledError:
            return Lost(ProblemCode.CANCELLED, "stopped before it was finished")
        except Exception as error:  # noqa: BLE001 - what pebble could not send back costs its own item
            return bug(error)

    def close(self) -> None:
        """End the workers, whatever they are on."""
        with uninterrupted():
            self._watch.stop()
            self._pool.stop()  # type: ignore[no-untyped-call]
            self._pool.join()


class Pools(Protocol):
    """Where a run gets its pool from."""

    def lend(self, function: bytes, limits: Limits) -> AbstractContextManager[SealedPool]:
        """A pool of that function, for the time of the context."""


class FreshPools:
    """A pool for each run, which ends with it."""

    @contextmanager
    def lend(self, function: bytes, limits: Limits) -> Iterator[SealedPool]:
        """See `Pools`."""
        pool = SealedPool(function, limits)
        try:
            yield pool
        finally:
            pool.close()


@dataclass(slots=True, eq=False)
class _Kept:
    pool: SealedPool
    users: int = 0


class WarmPools:
    """Pools that are kept between runs. A pool ends when another function comes and nobody uses it, or after a minute
    without work."""

    def __init__(self, idle_seconds: float = _IDLE_SECONDS) -> None:
        self._idle_seconds = idle_seconds
        self._lock = threading.Lock()
        self._kept: dict[tuple[bytes, Limits], _Kept] = {}
        self._timer: threading.Timer | None = None

    @contextmanager
    def lend(self, function: bytes, limits: Limits) -> Iterator[SealedPool]:
        """See `Pools`."""
        kept = self._take(function, limits)
        try:
            yield kept.pool
        finally:
            self._give_back(kept)

    def close(self) -> None:
        """End all pools that nobody uses."""
        with self._lock:
            self._end_unused()

    def _take(self, function: bytes, limits: Limits) -> _Kept:
        key = function, limits
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
            found = self._kept.get(key)
            if found is None or found.pool.is_broken:
                self._kept.pop(key, None)
                self._end_unused()
                if found is not None and not found.users:
                    found.pool.close()
                found = self._kept[key] = _Kept(SealedPool(function, limits))
            found.users += 1
            return found

    def _give_back(self, kept: _Kept) -> None:
        with self._lock:
            kept.users -= 1
            if kept.users:
                return
            if kept not in self._kept.values():  # it broke, and was replaced
                kept.pool.close()
            self._timer = threading.Timer(self._idle_seconds, self.close)
            self._timer.daemon = True
            self._timer.start()

    def _end_unused(self) -> None:
        for key in [key for key, kept in self._kept.items() if not kept.users]:
            self._kept.pop(key).pool.close()


def _how(exit_code: int) -> str:
    if exit_code >= 0:
        return f"exit code {exit_code}"
    try:
        name = signal.Signals(-exit_code).name
    except ValueError:
        name = f"signal {-exit_code}"
    return f"{name} (often sent by a system short of memory)" if name == "SIGKILL" else name
