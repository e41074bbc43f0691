"""A run's examinations, as often as they are asked for: all of them, or those of some assets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol

from scanner.model import Asset, Examination, Kind

__all__ = ["Examinations", "HeldExaminations", "Noting", "read_once"]


class Examinations(Protocol):
    """In the order of discovery. Each call is a pass: it decodes what is wanted, each examination once."""

    def __call__(
        self, wanted: Callable[[Asset], bool] | None = None, *, first: Kind | None = None
    ) -> Iterable[Examination]:
        """Those whose asset is wanted; all of them for None. With `first` those of a kind come before the others, and
        `wanted` is asked of the others when these have been read."""

    def assets(self) -> Iterable[Asset]:
        """What was examined, without the examinations."""


class HeldExaminations:
    """Examinations that are few and held in memory."""

    def __init__(self, examinations: Sequence[Examination] = ()) -> None:
        self._examinations = examinations

    def __call__(
        self, wanted: Callable[[Asset], bool] | None = None, *, first: Kind | None = None
    ) -> Iterator[Examination]:
        """See `Examinations`."""
        ordered = sorted(self._examinations, key=lambda seen: first is not None and seen.asset.kind is not first)
        return (seen for seen in ordered if wanted is None or wanted(seen.asset))

    def assets(self) -> Iterator[Asset]:
        """See `Examinations.assets`."""
        return (seen.asset for seen in self._examinations)


class Noting(Protocol):
    """Takes note of some examinations of a run."""

    def wants(self, asset: Asset) -> bool:
        """Whether it takes note of the asset's examination."""

    def note(self, seen: Examination) -> None:
        """Take note of it."""


def read_once(examinations: Examinations, notes: Sequence[Noting]) -> None:
    """One pass for all who take note. Timelines come first: what they name is wanted then."""
    for seen in examinations(lambda asset: any(one.wants(asset) for one in notes), first=Kind.TIMELINE):
        for one in notes:
            if one.wants(seen.asset):
                one.note(seen)
