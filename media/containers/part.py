"""`Part`, a named part of a container, and the bytes at a place of a file. Shared by all walkers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from media.errors import TooLarge

__all__ = ["MAX_PARTS", "Part", "limited", "read_at"]

MAX_PARTS = 200_000
"""More parts than this is a bomb, not a file."""


@dataclass(frozen=True, slots=True)
class Part:
    """A named stretch of a file: `offset` and `size` are of the payload, headers excluded."""

    name: str
    """As the format names it: `APP1`, `iTXt`, `moov/udta/meta/ilst`, `LIST/INFO/ICMT`."""
    offset: int
    size: int

    @property
    def where(self) -> str:
        """How evidence cites it: `APP1 @ 2`."""
        return f"{self.name} @ {self.offset}"


def limited(parts: Iterator[Part]) -> Iterator[Part]:
    """The same parts; raises `TooLarge` after `MAX_PARTS` of them."""
    for count, part in enumerate(parts):
        if count >= MAX_PARTS:
            raise TooLarge(f"more than {MAX_PARTS} parts in one container")
        yield part


def read_at(file: BinaryIO, offset: int, size: int) -> bytes:
    """Up to `size` bytes at `offset`; fewer where the file ends."""
    file.seek(offset)
    return file.read(size)
