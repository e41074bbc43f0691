"""Finds stored hashes near to a query's. `LinearIndex` compares all of them and is the oracle. `JoinedIndex` is a
library's: the indices of its segments as one, without removed key images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from fingerprints.model import Hashes, Hits
from fingerprints.prints.views import VIEW_NAMES

__all__ = ["Index", "JoinedIndex", "LinearIndex", "SegmentIndex", "distances", "sorted_hits"]

_BLOCK = 1 << 14
"""Hashes compared at once: half a megabyte, which stays in a core's cache for all queries."""


class Index(Protocol):
    """N stored hashes, by row."""

    def __len__(self) -> int: ...

    def search(self, queries: Hashes, radius: int) -> Hits:
        """Every stored hash within `radius` bits of a query: exactly those."""


def distances(one: Hashes, other: Hashes) -> NDArray[np.uint32]:
    """Bits that differ, row by row."""
    counts = np.bitwise_count(one ^ other)
    # The four counts of a row are the bytes of one word; added in pairs, for 4 × 64 is too much for a byte.
    words = np.ascontiguousarray(counts).view("<u4").reshape(-1)
    pairs = (words & 0x00FF00FF) + ((words >> 8) & 0x00FF00FF)
    return np.asarray((pairs + (pairs >> 16)) & 0x1FF)


def sorted_hits(queries: NDArray[np.integer], entries: NDArray[np.integer], found: NDArray[np.integer]) -> Hits:
    """Hits in their order."""
    order = np.lexsort((entries, found, queries))
    return Hits(*(values[order].astype(np.int64) for values in (queries, entries, found)))


class LinearIndex:
    """Compares every query with every hash, a block at a time. Hashes may be memory-mapped."""

    def __init__(self, hashes: Hashes) -> None:
        self._hashes = np.asarray(hashes)

    def __len__(self) -> int:
        return len(self._hashes)

    def search(self, queries: Hashes, radius: int) -> Hits:
        """As `Index.search`, at any radius."""
        rows, entries, found = [], [], []
        for start in range(0, len(self._hashes), _BLOCK):
            columns = np.ascontiguousarray(self._hashes[start : start + _BLOCK].T)
            for row, query in enumerate(queries):
                bits = np.bitwise_count(columns ^ query[:, None]).sum(axis=0, dtype=np.uint16)
                near = np.flatnonzero(bits <= radius)
                if near.size:
                    rows.append(np.full(near.size, row))
                    entries.append(near + start)
                    found.append(bits[near])
        return sorted_hits(*(np.concatenate([np.empty(0, np.int64), *values]) for values in (rows, entries, found)))


@dataclass(frozen=True, slots=True, eq=False)
class SegmentIndex:
    """One segment's index, and the key image and view of each of its rows."""

    index: Index
    ordinals: NDArray[np.uint32]
    views: NDArray[np.uint8]


class JoinedIndex:
    """Several parts as one index: entries are counted through all parts, and removed key images are never found."""

    def __init__(self, parts: Sequence[SegmentIndex], removed: Sequence[int] = ()) -> None:
        self._parts = tuple(parts)
        self._starts = np.cumsum([0, *(len(part.index) for part in parts)])
        self._removed = np.asarray(sorted(removed), np.int64)

    def __len__(self) -> int:
        return int(self._starts[-1])

    def search(self, queries: Hashes, radius: int) -> Hits:
        """As `Index.search`."""
        found = []
        for part, start in zip(self._parts, self._starts, strict=False):
            hits = part.index.search(queries, radius)
            alive = ~np.isin(part.ordinals[hits.entries], self._removed)
            found.append((hits.queries[alive], hits.entries[alive] + start, hits.distances[alive]))
        columns = zip(*found, strict=True) if found else ((), (), ())
        return sorted_hits(*(np.concatenate([np.empty(0, np.int64), *values]) for values in columns))

    def key_images(self, entries: NDArray[np.int64]) -> NDArray[np.int64]:
        """The ordinals of the key images of entries."""
        return np.asarray([int(part.ordinals[row]) for part, row in self._locate(entries)], np.int64)

    def views(self, entries: NDArray[np.int64]) -> tuple[str, ...]:
        """The names of the views of entries."""
        return tuple(VIEW_NAMES[part.views[row]] for part, row in self._locate(entries))

    def _locate(self, entries: NDArray[np.int64]) -> list[tuple[SegmentIndex, int]]:
        numbers = np.searchsorted(self._starts, entries, side="right") - 1
        return [(self._parts[n], int(entry - self._starts[n])) for n, entry in zip(numbers, entries, strict=True)]
