"""Puts answers in the order of their questions, in whatever order they come."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, TypeVar

__all__ = ["InOrder"]

A = TypeVar("A")


class InOrder(Generic[A]):
    """Holds answers back until it has all before them. Its length is how many it holds."""

    def __init__(self) -> None:
        self._held: dict[int, A] = {}
        self._next = 0

    def __len__(self) -> int:
        return len(self._held)

    def release(self, number: int, answer: A) -> Iterator[A]:
        """The answers whose turn it is, now that the question of this number (from 0) has one."""
        self._held[number] = answer
        while self._next in self._held:
            self._next += 1
            yield self._held.pop(self._next - 1)
