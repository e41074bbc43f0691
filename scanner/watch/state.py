"""What a watch has done: a document that outlives it, `watch.json`. Written as a whole after every step."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from scanner.output.document import write_json

__all__ = ["SCHEMA", "STATE", "Counters", "Pauses", "WatchStanding", "WatchState", "Watched", "now_text", "pause_after"]

SCHEMA: Final = "provscan/watch/1"
STATE: Final = "watch.json"
_LONGEST_PAUSE: Final = 3600.0
_BEAT: Final = 10.0
"""Seconds between two heartbeats while a delivery is scanned."""


class WatchStanding(StrEnum):
    """Where one delivery is."""

    WAITING = "waiting"
    """It is not whole yet."""
    SCANNING = "scanning"
    HOOK = "hook"
    """It was scanned, and the hook has not answered yet."""
    DONE = "done"
    FAILED = "failed"
    """It could not be scanned; it is tried again."""


@dataclass(slots=True, kw_only=True)
class Watched:
    """One delivery of the drop folder."""

    standing: WatchStanding = WatchStanding.WAITING
    why: str = ""
    """What it waits for, or what failed."""
    digest: str = ""
    """Of the state that was scanned last."""
    headline: str = ""
    exit_code: int | None = None
    scans: int = 0
    attempts: int = 0
    """Failed ones in a row."""
    ended: str = ""


@dataclass(slots=True, kw_only=True)
class Counters:
    """Since the output folder was first used."""

    scanned: int = 0
    found: int = 0
    """Scans with an outcome at or above `--fail-on`."""
    incomplete: int = 0
    failed: int = 0
    changed: int = 0
    """Deliveries that changed while they were read."""
    hooks: int = 0
    hooks_failed: int = 0


@dataclass(slots=True, kw_only=True)
class WatchState:
    """All deliveries, by name, and how often what happened."""

    folder: Path
    """Where `watch.json` is."""
    watched: str = ""
    """The drop folder."""
    deliveries: dict[str, Watched] = field(default_factory=dict)
    counters: Counters = field(default_factory=Counters)
    not_written: str = ""
    """Why the document could not be written last time; the watch goes on without it."""
    _beaten: float = 0.0

    @classmethod
    def load(cls, folder: Path, watched: Path) -> WatchState:
        """What an earlier watch left; nothing where it left nothing that can be read."""
        state = cls(folder=folder, watched=str(watched))
        with suppress(OSError, ValueError, TypeError, KeyError, AttributeError):
            data = json.loads((folder / STATE).read_text("utf-8"))
            if data.get("schema") == SCHEMA:
                known = {name: _watched(one) for name, one in data["deliveries"].items()}
                state.counters = Counters(**{name: int(data["counters"][name]) for name in asdict(Counters())})
                state.deliveries = known
        return state

    def get(self, name: str) -> Watched:
        """A delivery; a new one waits."""
        return self.deliveries.setdefault(name, Watched())

    def forget(self, gone: Callable[[str], bool]) -> None:
        """Leave out what is not in the drop folder any more. Its reports stay."""
        for name in [name for name in self.deliveries if gone(name)]:
            del self.deliveries[name]

    def save(self) -> None:
        """Write it. A full disk costs the document and not the watch; `not_written` states why."""
        try:
            write_json(self.folder / STATE, self.to_json())
            self.not_written = ""
        except OSError as error:
            self.not_written = f"{error.filename or self.folder}: {error.strerror or error}"

    def beat(self) -> None:
        """Write it where the last heartbeat is old: for whoever looks whether the watch lives."""
        if time.monotonic() - self._beaten >= _BEAT:
            self._beaten = time.monotonic()
            self.save()

    def to_json(self) -> dict[str, Any]:
        """As `watch.json` has it."""
        return {
            "schema": SCHEMA,
            "watched": self.watched,
            "heartbeat": now_text(),
            "counters": asdict(self.counters),
            "deliveries": {name: asdict(one) for name, one in sorted(self.deliveries.items())},
        }


def now_text() -> str:
    """The time of the machine's clock, for people."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _watched(data: dict[str, Any]) -> Watched:
    one = Watched(**{name: data[name] for name in asdict(Watched())})
    one.standing = WatchStanding(one.standing)
    return one


def pause_after(attempts: int) -> float:
    """Seconds until what failed so often in a row is tried again: 60, 120, … up to an hour."""
    return min(60.0 * float(2 ** min(max(attempts - 1, 0), 10)), _LONGEST_PAUSE)


@dataclass(slots=True)
class Pauses:
    """When what failed is tried again. Of the monotonic clock: a machine's clock may go back."""

    until: dict[str, float] = field(default_factory=dict)

    def set(self, name: str, seconds: float) -> None:
        """Not before so many seconds."""
        self.until[name] = time.monotonic() + seconds

    def is_over(self, name: str) -> bool:
        """Whether it may be tried."""
        return time.monotonic() >= self.until.get(name, 0.0)
