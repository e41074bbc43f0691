"""Reading made documents in tests: what was found, and how it ended."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from pathlib import Path

from media.errors import MediaError
from media.timelines import Title
from scanner.examine.books import Books
from scanner.model import EditSequence, Event, Evidence
from scanner.readers.interface import Reader, read_statements
from scanner.readers.timeline import TIMELINE
from tests.scanner.stills import medium, until_fault

__all__ = ["look", "look_cut", "pairs", "spoiled", "until_fault"]


def look(reader: Reader, data: bytes, path: Path, media_type: str = "") -> tuple[list[Evidence], MediaError | None]:
    """What a reader makes of a file with this content; by content, where no media type is given."""
    opened = medium(path, data, media_type=media_type)
    assert opened.media_type in reader.media_types
    try:
        return until_fault(read_statements(reader, opened))
    finally:
        opened.close()


def look_cut(data: bytes, path: Path, media_type: str = "") -> tuple[tuple[EditSequence, ...], MediaError | None]:
    """The sequences that the reader of timelines reads in a file with this content, as an examination has them."""
    opened = medium(path, data, media_type=media_type)
    books = Books()
    try:
        found, fault = until_fault(TIMELINE.read(opened))
    finally:
        opened.close()
    for one in found:
        if isinstance(one, Title | Event):
            books.enter(one)
    return books.sequences(), fault


def pairs(found: Iterable[Evidence]) -> list[tuple[str, str]]:
    """Key and value of each."""
    return [(statement.key, statement.value) for statement in found]


def spoiled(data: bytes, count: int = 150) -> Iterator[bytes]:
    """The data cut at many places, and with bits turned; the same in every run."""
    step = max(1, len(data) // count)
    yield from (data[:cut] for cut in range(0, len(data), step))
    dice = random.Random(7)
    for _ in range(count):
        turned = bytearray(data)
        for _ in range(dice.randint(1, 4)):
            turned[dice.randrange(len(turned))] ^= 1 << dice.randrange(8)
        yield bytes(turned)
