"""A run's examinations, as often as they are asked for: all of them, or those of some assets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol

from scanner.model import Asset, Examination

__all__ = ["Examinations", "HeldExaminations"]


class Examinations(Protocol):
    """In the order of discovery. What is not wanted is not decoded, so that a stage reads what it needs and no more."""

    def __call__(self, wanted: Callable[[Asset], bool] | None = None) -> Iterable[Examination]:
        """Those whose asset is wanted; all of them for None."""

    def assets(self) -> Iterable[Asset]:
        """What was examined, without the examinations."""


class HeldExaminations:
    """Examinations that are few and held in memory."""

    def __init__(self, examinations: Sequence[Examination] = ()) -> None:
        self._examinations = examinations

    def __call__(self, wanted: Callable[[Asset], bool] | None = None) -> Iterator[Examination]:
        """See `Examinations`."""
        return (seen for seen in self._examinations if wanted is None or wanted(seen.asset))

    def assets(self) -> Iterator[Asset]:
        """See `Examinations.assets`."""
        return (seen.asset for seen in self._examinations)
