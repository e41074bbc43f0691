"""Progress is told to whoever listens; by default nobody does."""

from __future__ import annotations

from typing import Protocol

__all__ = ["Progress", "Silent"]


class Progress(Protocol):
    """What a run tells while it works. Called in the parent only."""

    def stage(self, name: str, total: int | None = None) -> None:
        """A stage begins; `total` where it is known."""

    def step(self, what: str = "") -> None:
        """One more is done."""


class Silent:
    """Tells nobody."""

    def stage(self, name: str, total: int | None = None) -> None:
        """Nothing."""

    def step(self, what: str = "") -> None:
        """Nothing."""
