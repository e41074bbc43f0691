"""What an executor is: it runs one function over many items and never lets one item cost another.

Each item comes back exactly once, with its result or with how it was lost: in any order, or in the order of
the items. Items are taken lazily, a few ahead of the work; closing the generator stops the work.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from typing import Protocol, TypeVar

__all__ = ["BUG", "CANCELLED", "CRASHED", "OUT_OF_MEMORY", "TIMED_OUT", "Executor", "Lost"]

T = TypeVar("T")
R = TypeVar("R")

CRASHED = "crashed"
TIMED_OUT = "timed-out"
OUT_OF_MEMORY = "out-of-memory"
CANCELLED = "cancelled"
BUG = "bug"


@dataclass(frozen=True, slots=True)
class Lost:
    """An item without a result. The codes are `Problem` codes."""

    code: str
    """`crashed` `timed-out` `out-of-memory` `cancelled`, or `bug`: the function raised."""
    message: str

    @property
    def brief(self) -> str:
        """The message in one line: of a traceback, what was raised."""
        return self.message.strip().rpartition("\n")[2]


class Executor(Protocol):
    """Where the work runs."""

    @property
    def name(self) -> str:
        """What `--executor` calls it."""

    def run(
        self, function: Callable[[T], R], items: Iterable[T], *, limit: Callable[[T], float], in_order: bool = False
    ) -> Generator[tuple[T, R | Lost], None, None]:
        """Each item with its result. `limit` gives an item's seconds. `in_order` keeps the order of the items:
        results that come early are held, and no more items are taken while many are.

        The function is a module's own, and it, the items and the results can be pickled.
        """
