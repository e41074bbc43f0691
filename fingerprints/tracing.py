"""Opens and searches items and programmes in one process: the sealed worker's task for `trace`.

Opened items are kept for the next programme. The results can be printed and drawn, but not searched again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache, lru_cache
from pathlib import Path

from fingerprints.library.library import Library
from fingerprints.library_queries import items_of
from fingerprints.programmes.programme import Programme, read
from fingerprints.programmes.segments import Segment
from fingerprints.programmes.sought import Query, open_item
from fingerprints.programmes.strip import strip
from fingerprints.programmes.trace import Tracer
from media.decode import Medium, Mode

__all__ = ["Traced", "check_item", "draw_strip", "trace_programme"]


Traced = tuple[Programme, tuple[Segment, ...]]
"""The outline of a programme, and what was found in it."""


def check_item(path: Path) -> None:
    """Open an item. Raises `MediaError` where that fails."""
    _item(path)


def trace_programme(items: tuple[Path, ...], libraries: tuple[Path, ...], medium: Medium, mode: Mode) -> Traced:
    """Every instance of the items, and of what the libraries hold, by time. Raises `MediaError` and `LibraryError`.

    An item is named by its path, a reference of a library by the library's folder and its id.
    """
    tracer = _tracer(items, libraries)
    programme = read(medium, mode=mode)
    return programme.outlined(), tuple(tracer.segments(programme))


def draw_strip(found: Sequence[Traced]) -> bytes:
    """See `strip`. Opens the programmes again."""
    return strip([(programme, segment) for programme, segments in found for segment in segments])


@cache
def _item(path: Path) -> Query:
    return open_item(path, str(path))


@lru_cache(maxsize=1)
def _tracer(items: tuple[Path, ...], libraries: tuple[Path, ...]) -> Tracer:
    kept = [item for folder in libraries for item in _of_library(folder)]
    return Tracer([*kept, *map(_item, items)])


def _of_library(folder: Path) -> list[Query]:
    with Library.open(folder) as library:
        return [replace(item, name=f"{folder.name}: {one.id}") for one, item in items_of(library)]
