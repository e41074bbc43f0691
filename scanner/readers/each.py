"""`each` and `in_turn`: what is damaged never hides the rest; its fault is raised when all was read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import TypeVar

from media.errors import MediaError

__all__ = ["MAX_STATEMENTS", "each", "in_turn"]

T = TypeVar("T")
S = TypeVar("S")

MAX_STATEMENTS = 400
"""Statements of one file that one reader keeps. What a person would not read to the end, a record need not hold."""


def each(carriers: Iterable[T], say: Callable[[T], Iterator[S]]) -> Iterator[S]:
    """Yield the statements of every carrier, in order; then raise the first fault met, a blocking one first."""
    yield from islice(_each(carriers, say), MAX_STATEMENTS)


def in_turn(*parts: Iterable[S]) -> Iterator[S]:
    """Yield all that each part yields, however many, in order; then raise as `each` does."""
    return _each(parts, iter)


def _each(carriers: Iterable[T], say: Callable[[T], Iterator[S]]) -> Iterator[S]:
    fault: MediaError | None = None
    for carrier in carriers:
        try:
            yield from say(carrier)
        except MediaError as error:
            fault = error if fault is None or (error.blocking and not fault.blocking) else fault
    if fault is not None:
        raise fault
