"""Watches workers' memory from the parent: a worker that grows over the limit is killed, and remembered as such."""

from __future__ import annotations

import multiprocessing
import threading
from contextlib import ExitStack
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from multiprocessing.synchronize import RLock
from typing import Any

import psutil

from media.work.process_group import end_group

__all__ = ["MemoryWatch", "WatchedContext"]

_INTERVAL = 0.1
"""Seconds between looks. A worker can fill a few hundred MiB in that time."""
_PATIENCE = 1.0
"""Seconds that a killed worker may take to end."""


class _Worker(SpawnProcess):
    """A worker whose decoder ends with it, however it ended: whoever notices its end ends its process group."""

    _is_swept = False

    def is_alive(self) -> bool:
        alive = super().is_alive()
        if not alive:
            self._sweep()
        return alive

    def join(self, timeout: float | None = None) -> None:
        super().join(timeout)
        if self.exitcode is not None:
            self._sweep()

    def _sweep(self) -> None:
        if not self._is_swept and self.pid is not None:
            self._is_swept = True
            end_group(self.pid)


class WatchedContext:
    """Spawns processes for a pebble pool, and keeps track of them and of the locks that they share."""

    def __init__(self) -> None:
        self._spawn = multiprocessing.get_context("spawn")
        self.processes: list[SpawnProcess] = []
        self.locks: list[RLock] = []

    def Process(self, *args: Any, **kwargs: Any) -> SpawnProcess:
        """A worker, not yet started."""
        process = _Worker(*args, **kwargs)
        self.processes.append(process)
        return process

    def RLock(self) -> RLock:
        """A lock of the pool's channel."""
        lock = self._spawn.RLock()
        self.locks.append(lock)
        return lock

    def Pipe(self, duplex: bool = True) -> tuple[Connection, Connection]:
        """A pipe of the pool's channel."""
        return self._spawn.Pipe(duplex)

    def get_start_method(self) -> str:
        """Always `spawn`: a fork would copy the threads' locks of this process in whatever state."""
        return "spawn"


class MemoryWatch:
    """Kills workers over a limit, from a thread of the parent."""

    def __init__(self, context: WatchedContext, limit: int) -> None:
        self.killed: set[int] = set()
        self._context = context
        self._limit = limit
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, name="memory-watch", daemon=True)

    def start(self) -> None:
        """Start watching."""
        self._thread.start()

    def stop(self) -> None:
        """Stop watching; release the context's locks, so that their semaphores can be freed."""
        self._done.set()
        self._thread.join()
        self._context.locks.clear()

    def _run(self) -> None:
        while not self._done.wait(_INTERVAL):
            for process in tuple(self._context.processes):
                if process.pid is not None and self._is_over(process):
                    self._kill(process)

    def _is_over(self, process: SpawnProcess) -> bool:
        try:
            return bool(psutil.Process(process.pid).memory_info().rss > self._limit)
        except psutil.Error:  # it has ended
            self._context.processes.remove(process)
            return False

    def _kill(self, process: SpawnProcess) -> None:
        # A worker that dies with the channel locked would block all others; so take the locks first,
        # and look again at the next turn where one is taken.
        with ExitStack() as held:
            for lock in self._context.locks:
                if not lock.acquire(block=False):
                    return
                held.callback(lock.release)
            if process.pid is not None:
                self.killed.add(process.pid)
            process.kill()
            process.join(_PATIENCE)
