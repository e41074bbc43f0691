"""Progress of a run, reported to a listener; by default there is none."""

from __future__ import annotations

from typing import Protocol

__all__ = ["Named", "Progress", "Silent"]


class Progress(Protocol):
    """Receives the progress of a run. Called in the parent only."""

    def stage(self, name: str, total: int | None = None, *, work: int = 0) -> None:
        """A stage begins; `total` where it is known, and `work` where its items differ: the bytes of all of them."""

    def step(self, what: str = "", *, work: int = 0) -> None:
        """One more item is done; `work` is its share."""


class Silent:
    """Reports nothing."""

    def stage(self, name: str, total: int | None = None, *, work: int = 0) -> None:
        """Do nothing."""

    def step(self, what: str = "", *, work: int = 0) -> None:
        """Do nothing."""


class Named:
    """Progress of one delivery of several: each stage begins with its name."""

    def __init__(self, progress: Progress, name: str) -> None:
        self._progress = progress
        self._name = name

    def stage(self, name: str, total: int | None = None, *, work: int = 0) -> None:
        """See `Progress.stage`."""
        self._progress.stage(f"{self._name}: {name}", total, work=work)

    def step(self, what: str = "", *, work: int = 0) -> None:
        """See `Progress.step`."""
        self._progress.step(what, work=work)
