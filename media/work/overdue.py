"""A worker ends itself when its item is overdue: by processor time, so that other work on the machine costs no item,
or by the clock where it stands still."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Final

import psutil

__all__ = ["EXIT_CODE", "PATIENCE", "limited", "watch_items"]

EXIT_CODE: Final = 124
"""Of a worker that ended itself, as `timeout` has it."""
PATIENCE: Final = 10.0
"""So many times its limit, by the clock, an item may take on a busy machine before its worker is ended from outside."""
_STILL: Final = 0.02
"""A worker that gets less of one core stands still: it sleeps, or waits for a file."""
_PAUSE: Final = 0.5


@dataclass(frozen=True, slots=True)
class _Item:
    """What this worker works on."""

    seconds: float
    began: float
    """Of the monotonic clock."""
    used: float
    """Processor time of the worker until then."""

    def is_overdue(self) -> bool:
        """Whether the time is over, and it was either used or spent on nothing. Never before the clock says so: many
        threads use up processor time faster."""
        elapsed = time.monotonic() - self.began
        if elapsed < self.seconds:
            return False
        used = _ended_seconds() + _living_seconds() - self.used
        return used >= self.seconds or used < _STILL * elapsed


def _ended_seconds() -> float:
    """Processor time of this process and of the decoders that it waited for."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _living_seconds() -> float:
    """Processor time of the decoders that run."""
    used = 0.0
    with suppress(psutil.Error):
        for child in psutil.Process().children(recursive=True):
            with suppress(psutil.Error):
                times = child.cpu_times()
                used += times.user + times.system
    return used


_turn = threading.Lock()
"""No worker ends while it sends an answer: the others would wait for its channel for ever."""
_item: _Item | None = None


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """The time of an item, in a worker that watches its items."""
    global _item  # noqa: PLW0603 - a worker has one
    with _turn:
        _item = _Item(seconds, time.monotonic(), _ended_seconds())
    try:
        yield
    finally:
        with _turn:
            _item = None


def watch_items() -> None:
    """In a worker: end it with `EXIT_CODE` as soon as its item is overdue."""
    threading.Thread(target=_watch, name="overdue", daemon=True).start()


def _watch() -> None:
    while True:
        time.sleep(_PAUSE)
        with _turn:
            if _item is not None and _item.is_overdue():
                os._exit(EXIT_CODE)
