"""One sealed worker for a piece of work at a time: a table, a log, a picture, the first bytes of a folder's files.

It starts with the first call, serves every later call of the process, and ends with it.
"""

from __future__ import annotations

import atexit
import os
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from media.errors import MediaError, RunError
from media.work.interface import Lost
from media.work.local import LocalExecutor

__all__ = ["SealedWorker", "end_sealed", "limit_sealed", "sealed"]

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class _Call:
    work: Callable[[], Any]
    seconds: float
    folder: str
    """The caller's current one: paths count from it."""


@dataclass(frozen=True, slots=True)
class _Raised:
    """An error of the error tree, on its way to the caller."""

    error: RunError | MediaError


class SealedWorker:
    """A worker that is kept between calls. Its memory and the time of each call are bounded."""

    def __init__(self, *, memory_limit: int | None = None) -> None:
        self._executor = LocalExecutor(jobs=1, memory_limit=memory_limit, ahead=1)
        self._calls: deque[_Call] = deque()
        self._answers: Generator[tuple[_Call, Any], None, None] | None = None

    def call(self, function: Callable[P, R], seconds: float, *args: P.args, **kwargs: P.kwargs) -> R | Lost:
        """Return the function's result, or how it was lost. A `RunError` or `MediaError` of the function is raised
        here.

        The function must be a module's own; it, its arguments and its result must be picklable.
        """
        if self._answers is None:
            self._answers = self._executor.run(_perform, self._asked(), limit=lambda call: call.seconds)
        self._calls.append(_Call(partial(function, *args, **kwargs), seconds, _folder()))
        try:
            _, answer = next(self._answers)
        except BaseException:  # interrupted, or workers do not start: the next call begins anew
            self.close()
            raise
        if isinstance(answer, _Raised):
            raise answer.error
        result: R | Lost = answer
        return result

    def close(self) -> None:
        """End the worker. A later call starts another."""
        answers, self._answers = self._answers, None
        self._calls.clear()
        if answers is not None:
            answers.close()

    def _asked(self) -> Iterator[_Call]:
        # The pool takes an item only while `call` waits for its answer, so there always is one.
        while self._calls:
            yield self._calls.popleft()


def _folder() -> str:
    try:
        return str(Path.cwd())
    except OSError:  # it has gone
        return ""


def _perform(call: _Call) -> Any:
    if call.folder:
        os.chdir(call.folder)
    try:
        return call.work()
    except (RunError, MediaError) as error:
        return _Raised(error)


_worker: SealedWorker | None = None
_one_call = threading.Lock()
"""A worker takes one call at a time: threads wait for each other. No process inherits it: workers are spawned."""


def sealed(function: Callable[P, R], seconds: float, *args: P.args, **kwargs: P.kwargs) -> R | Lost:
    """`SealedWorker.call` of the worker that this process shares. Safe for threads; `seconds` begin with the call's
    turn."""
    global _worker  # noqa: PLW0603 - a process has one
    with _one_call:
        if _worker is None:
            _worker = _begin()
        return _worker.call(function, seconds, *args, **kwargs)


def limit_sealed(memory: int) -> None:
    """Let the shared worker hold so many bytes from now on. One that runs ends; waits for a call of another thread."""
    global _worker  # noqa: PLW0603 - a process has one
    end_sealed()
    with _one_call:
        _worker = _begin(memory)


def _begin(memory: int | None = None) -> SealedWorker:
    atexit.register(end_sealed)
    return SealedWorker(memory_limit=memory)


def end_sealed() -> None:
    """End the shared worker, if it runs, to free its memory. Waits for a call that another thread made."""
    with _one_call:
        if _worker is not None:
            _worker.close()
