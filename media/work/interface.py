"""What an executor is: it runs one function over many items and never lets one item cost another.

Each item comes back exactly once, with its result or with how it was lost: in any order, or in the order of
the items. Items are taken lazily, a few ahead of the work; closing the generator stops the work. Where an item depends
on the results of others, the items yield `LATER` until these have come.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, Protocol, TypeAlias, TypeVar

from media.words import ProblemCode
from media.work.folders import Folder

__all__ = ["LATER", "Executor", "Later", "Lost", "Needs", "needs_nothing", "never"]

T = TypeVar("T")
R = TypeVar("R")

Needs: TypeAlias = Callable[[T], Iterable[Folder]]
"""The folders without which an item cannot be worked on."""


def needs_nothing(_: object) -> Iterable[Folder]:
    """No folder."""
    return ()


class Later(Enum):
    """No item yet: the items are asked again after the next result. There is one in flight, or they end."""

    LATER = "later"


LATER: Final[Any] = Later.LATER
"""Among items of any type."""


def never(_: object) -> bool:
    """No item."""
    return False


@dataclass(frozen=True, slots=True)
class Lost:
    """An item without a result."""

    code: ProblemCode
    """`crashed` `timed-out` `out-of-memory` `cancelled`, or `bug`: the function raised."""
    message: str

    @property
    def brief(self) -> str:
        """The message in one line: from a traceback, the exception."""
        return self.message.strip().rpartition("\n")[2]


class Executor(Protocol):
    """Where the work runs."""

    @property
    def name(self) -> str:
        """Its name for `--executor`."""

    @property
    def shares_files(self) -> bool:
        """Whether what a worker writes is on this machine."""

    def workers(self) -> int:
        """How many items are worked on at once."""

    def run(
        self,
        function: Callable[[T], R],
        items: Iterable[T],
        *,
        limit: Callable[[T], float],
        needs: Needs[T] = needs_nothing,
        alone: Callable[[T], bool] = never,
        in_order: bool = False,
    ) -> Generator[tuple[T, R | Lost], None, None]:
        """Yield each item with its result. `limit` gives an item's seconds: of processor time, or of the clock where
        the work stands still; one that is sent `alone` does not travel with others. `in_order` keeps the order of the
        items: early results are held back, and no more items are taken while many are.

        The function must be a module's own, and it, the items and the results must be picklable. Workers of another
        machine get what an item `needs`; the function finds it by `find_folder`.
        """
