"""Ctrl-C at a moment when it does no harm; a request to end the process does the same as Ctrl-C."""

from __future__ import annotations

import atexit
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

import psutil

__all__ = ["Interrupts", "ignore_late", "uninterrupted"]

_INTERRUPTED = 130
"""The exit code of a process that was interrupted, as shells count it."""
_AT_ONCE = 0.3
"""Seconds: a wrapper that passes Ctrl-C on makes two of one, and they come together."""
_SIGNALS = tuple(
    number for name in ("SIGINT", "SIGTERM", "SIGHUP") if (number := getattr(signal, name, None)) is not None
)


class Interrupts:
    """While it is entered, SIGTERM and SIGHUP interrupt as Ctrl-C does, and a second Ctrl-C ends the process at once.

    `at_once` is called before such an end: for what must not stay behind. Signals that whoever started the process
    asked to have ignored, as `nohup` does, stay ignored.
    """

    def __init__(self, at_once: Callable[[], None]) -> None:
        self._at_once = at_once
        self._since: float | None = None
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> None:
        if threading.current_thread() is not threading.main_thread():
            return
        for number in _SIGNALS:
            if signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
                self._before[number] = signal.signal(number, self._on_signal)

    def __exit__(self, *_: object) -> None:
        for number, before in self._before.items():
            signal.signal(number, before)

    def _on_signal(self, number: int, _: FrameType | None) -> None:
        now = time.monotonic()
        if self._since is None:
            self._since = now
            raise KeyboardInterrupt
        if number != getattr(signal, "SIGHUP", None) and now - self._since > _AT_ONCE:
            self.end_at_once()

    def end_at_once(self) -> None:
        """Kill what this process started, and leave."""
        with suppress(psutil.Error):
            for child in psutil.Process().children(recursive=True):
                with suppress(psutil.Error):
                    child.kill()
        self._at_once()
        os._exit(_INTERRUPTED)


def ignore_late() -> None:
    """Ignore every request to end once the interpreter ends by itself: it would be killed, and the exit code of the
    finished work be lost."""
    atexit.register(_ignore)


def _ignore() -> None:
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """An interrupt waits until the block is left; a second one does not.

    A `KeyboardInterrupt` in the midst of `queue.Queue.put` or `threading.Condition.notify` leaves a lock that wakes
    nobody, and a thread that waits for a message from that queue never stops.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    asked: list[int] = []
    before = {number: handler for number in _SIGNALS if callable(handler := signal.getsignal(number))}

    def hold(number: int, frame: FrameType | None) -> None:
        handler = before[signal.Signals(number)]
        if not isinstance(getattr(handler, "__self__", None), Interrupts):
            asked.append(number)
            return
        try:
            handler(number, frame)  # ends at once what is asked twice
        except KeyboardInterrupt:
            asked.append(number)

    for number in before:
        signal.signal(number, hold)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for number in asked:
            if isinstance(getattr(before[signal.Signals(number)], "__self__", None), Interrupts):
                raise KeyboardInterrupt
            signal.raise_signal(number)
