"""In this process, one after another: for debuggers, profilers and tests.

It isolates nothing: a crash ends the run and a hang stops it, so time limits are not kept either.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from typing import TypeVar

from media.work.attempt import attempt
from media.work.interface import Later, Lost, Needs, needs_nothing, never

__all__ = ["SerialExecutor"]

T = TypeVar("T")
R = TypeVar("R")


class SerialExecutor:
    """Runs each item here and now."""

    name = "serial"
    shares_files = True

    def workers(self) -> int:
        """See `Executor.workers`."""
        return 1

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
        for item in items:
            if not isinstance(item, Later):
                yield item, attempt(function, item)
