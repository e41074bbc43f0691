"""Progress by work done, with the time that is left: as a bar on a terminal, or as JSON lines for programs.

Work is bytes where files differ in size, and inside a file the share that was read or decoded; otherwise files.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from types import TracebackType
from typing import Any, Final

from media.work.meter import MeterReader
from scanner.reports.wording import trim

__all__ = ["Gauge", "JsonLines"]

_PAUSE: Final = 1.0
"""Seconds between two lines."""
_EARLY: Final = (3.0, 0.02)
"""Before this many seconds and this share, no time left is shown."""
_STALLED: Final = 10.0
"""Seconds without a change: a pace that stands still says nothing of the time that is left."""
_WHAT: Final = 200


class Gauge:
    """The progress of a stage. The run updates it, a display reads it."""

    def __init__(self, meter: MeterReader) -> None:
        self._meter = meter
        self.name, self.what = "", ""
        self.total: int | None = None
        self.done = 0
        self._work = self._done_work = 0
        self._most = 0.0
        self._began = self._moved = time.monotonic()

    def begin(self, name: str, total: int | None, work: int) -> None:
        """A stage begins."""
        self.name, self.what, self.total, self.done = name, "", total, 0
        self._work, self._done_work, self._most = work, 0, 0.0
        self._began = self._moved = time.monotonic()

    def add(self, what: str, work: int) -> None:
        """One more item is done."""
        self.done += 1
        self._done_work += work
        self.what = trim(what, _WHAT)

    @property
    def share(self) -> float | None:
        """How much of the stage is done, 0 to 1; never less than before. None where that is not known."""
        if self._work:
            now = (self._done_work + self._meter.done()) / self._work
        elif self.total:
            now = self.done / self.total
        else:
            return None
        if now > self._most:
            self._most, self._moved = min(now, 1.0), time.monotonic()
        return self._most

    @property
    def seconds(self) -> float:
        """Since the stage began."""
        return time.monotonic() - self._began

    @property
    def seconds_left(self) -> float | None:
        """The time that the rest takes at the pace so far; None where it cannot be estimated."""
        share, seconds = self.share, self.seconds
        is_stalled = time.monotonic() - self._moved > _STALLED
        if not share or seconds < _EARLY[0] or share < _EARLY[1] or is_stalled:
            return None
        return seconds * (1 - share) / share

    def to_json(self) -> dict[str, Any]:
        """A line for a program."""
        share, left = self.share, self.seconds_left
        return {
            "stage": self.name,
            "done": self.done,
            "total": self.total,
            "share": None if share is None else round(share, 4),
            "seconds": round(self.seconds, 1),
            "seconds_left": None if left is None else round(left, 1),
            "item": self.what,
        }


class JsonLines:
    """Writes the progress of a run to standard error, one JSON object on each line: at the start of each stage, each
    second, and at the end. A context manager."""

    def __init__(self, gauge: Gauge) -> None:
        self._gauge = gauge
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._go_on, daemon=True)
        self._last = ""

    def __enter__(self) -> JsonLines:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join(timeout=5)
        self.write()

    def write(self) -> None:
        """Write a line, if it states something new."""
        with self._lock:
            now = self._gauge.to_json()
            new = json.dumps({name: value for name, value in now.items() if not name.startswith("seconds")})
            if self._gauge.name and new != self._last:
                self._last = new
                sys.stderr.write(json.dumps(now) + "\n")
                sys.stderr.flush()

    def _go_on(self) -> None:
        while not self._stop.wait(_PAUSE):
            self.write()
