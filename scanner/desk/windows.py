"""The browser windows that show the desk: it ends when the last of them is closed."""

from __future__ import annotations

import threading
import time
from typing import Final

__all__ = ["OpenWindows"]

_MOST: Final = 1000


class OpenWindows:
    """Windows by the names that they draw. Each reports now and then that it is open, and once that it closes.

    `grace`: seconds without any window before the desk ends; going from one page to the next closes one window and
    opens another. `silence`: seconds after which a window that reports nothing counts as closed; browsers let the
    scripts of hidden windows run once a minute. `unseen`: seconds that the first window may take to open.
    """

    def __init__(self, grace: float = 10.0, silence: float = 240.0, unseen: float = 900.0) -> None:
        self._grace, self._silence, self._unseen = grace, silence, unseen
        self._lock = threading.Lock()
        self._open: dict[str, float] = {}
        self._was_seen = False
        self._empty_since = time.monotonic()

    @property
    def were_seen(self) -> bool:
        """Whether a window has opened yet."""
        return self._was_seen

    def report(self, name: str) -> None:
        """A window is open."""
        with self._lock:
            self._was_seen = True
            if len(self._open) < _MOST or name in self._open:
                self._open[name] = time.monotonic()

    def close(self, name: str) -> None:
        """A window was closed, or shows another page now."""
        with self._lock:
            if self._open.pop(name, None) is not None and not self._open:
                self._empty_since = time.monotonic()

    def wake(self) -> None:
        """The machine was asleep: no window could report, and each gets the time to do so."""
        with self._lock:
            self._open = dict.fromkeys(self._open, time.monotonic())
            self._empty_since = time.monotonic()

    def are_gone(self, *, is_busy: bool) -> bool:
        """Whether no window is left for long enough. While the desk `is_busy`, a silent window counts as open: only
        one that reported its end is closed."""
        now = time.monotonic()
        with self._lock:
            if not is_busy:
                for name in [name for name, seen in self._open.items() if now - seen > self._silence]:
                    del self._open[name]
                    self._empty_since = now
            if self._open:
                return False
            return now - self._empty_since > (self._grace if self._was_seen else self._unseen)
