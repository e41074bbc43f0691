"""Progress is told to whoever listens; by default nobody does."""

from __future__ import annotations

from typing import Protocol

__all__ = ["Progress", "Silent"]


class Progress(Protocol):
    """What a run tells while it works. Called in the parent only."""

    def stage(self, name: str, total: int | None = None, *, work: int = 0) -> None:
        """A stage begins; `total` where it is known, and `work` where its items differ: the bytes of all of them."""

    def step(self, what: str = "", *, work: int = 0) -> None:
        """One more is done, which was so much of the work."""


class Silent:
    """Tells nobody."""

    def stage(self, name: str, total: int | None = None, *, work: int = 0) -> None:
        """Nothing."""

    def step(self, what: str = "", *, work: int = 0) -> None:
        """Nothing."""
