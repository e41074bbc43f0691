"""Multi-index hashing: exact search in 256 bits without comparing every hash.

A hash is cut into slots. Give every slot i a number of flips t(i) so that all t(i) + 1 add up to r + 1: two hashes that
differ in at most r bits then differ in at most t(i) bits of some slot i, so the buckets within t(i) flips of the
query's own hold every answer (Norouzi, Punjani and Fleet 2012). Wider slots mean more buckets to look into and fewer
unrelated hashes in each: 13 slots serve a million hashes, 11 serve ten. Where that would touch more hashes than a
linear search, a linear search runs.
"""

from __future__ import annotations

from functools import cache
from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import NDArray

from fingerprints.index.index import LinearIndex, distances, sorted_hits
from fingerprints.model import Hashes, Hits

__all__ = ["MultiIndex", "buckets", "slots_for"]

_BITS = 256
_SLOTS = ((500_000, 16), (3_000_000, 13))
"""Up to so many hashes, so many slots answer soonest (measured); over that, 11."""
_CANDIDATES = 1 << 20
"""Hashes fetched at once; what bounds memory for many queries."""
_FETCH = 12
"""Hashes that a linear search compares in the time in which one is fetched from somewhere (measured)."""

Buckets = tuple[NDArray[np.uint32], NDArray[np.uint32]]


def slots_for(count: int) -> int:
    """The best number of slots for a number of hashes."""
    return next((slots for limit, slots in _SLOTS if count < limit), 11)


def buckets(hashes: Hashes, slots: int) -> Buckets:
    """The index of N hashes: slots × N rows sorted by their slot's value, and the places where values begin."""
    order = np.empty((slots, len(hashes)), np.uint32)
    starts = np.zeros(_first_places(slots)[-1], np.uint32)
    for slot, first in enumerate(_first_places(slots)[:-1]):
        values = _values(hashes, slots, slot).astype(np.uint32)
        # By halves, the lower first: numpy sorts numbers of 16 bits by counting, and equal ones stay in order.
        lower = np.argsort(values.astype(np.uint16), kind="stable")
        upper = (values >> 16).astype(np.uint16)[lower]
        order[slot] = lower[np.argsort(upper, kind="stable")]
        size = 1 << _widths(slots)[slot]
        np.cumsum(np.bincount(values, minlength=size), out=starts[first + 1 : first + 1 + size])
    return order, starts


class MultiIndex:
    """Hashes with their buckets; all arrays may be memory-mapped, and only what is touched is read."""

    def __init__(self, hashes: Hashes, order: NDArray[np.uint32], starts: NDArray[np.uint32]) -> None:
        self._hashes = np.asarray(hashes)
        self._slots = len(order)
        self._order = np.asarray(order).reshape(-1)
        self._starts = np.asarray(starts)

    @classmethod
    def of(cls, hashes: Hashes, slots: int | None = None) -> MultiIndex:
        """Build the index in memory."""
        return cls(hashes, *buckets(hashes, slots or slots_for(len(hashes))))

    def __len__(self) -> int:
        return len(self._hashes)

    def search(self, queries: Hashes, radius: int) -> Hits:
        """As `Index.search`, at any radius."""
        probed, share = _cost(self._slots, radius)
        touched = probed + share * len(self)
        if touched * _FETCH > len(self):
            return LinearIndex(self._hashes).search(queries, radius)
        step = max(1, int(_CANDIDATES / touched))
        parts = [self._near(queries[at : at + step], radius, at) for at in range(0, len(queries), step)]
        return sorted_hits(*(np.concatenate([np.empty(0, np.int64), *values]) for values in zip(*parts, strict=True)))

    def _near(self, queries: Hashes, radius: int, first: int) -> tuple[NDArray[np.integer], ...]:
        rows, candidates = self._candidates(queries, radius)
        mine = queries if len(queries) == 1 else queries.take(rows, axis=0)
        bits = distances(self._hashes.take(candidates, axis=0), mine)
        near = np.flatnonzero(bits <= radius)
        if not near.size:
            return (np.empty(0, np.int64),) * 3
        # A hash that is near in several slots was met several times.
        pairs = np.unique(np.stack([rows[near], candidates[near], bits[near]]), axis=1)
        return pairs[0] + first, pairs[1], pairs[2]

    def _candidates(self, queries: Hashes, radius: int) -> tuple[NDArray[np.int64], NDArray[np.uint32]]:
        """Query rows and hash rows that share a bucket."""
        slot, mask = _probes(self._slots, radius)
        places = (_values(queries, self._slots)[:, slot] ^ mask) + _first_places(self._slots)[slot]
        begin = self._starts.take(places).astype(np.int64)
        lengths = (self._starts.take(places + 1) - begin).reshape(-1)
        begin += slot * len(self)
        ends = np.cumsum(lengths)
        # Each bucket is a run of the order: its begin, then one more for each of its members.
        members = np.repeat(begin.reshape(-1) - ends + lengths, lengths)
        members += np.arange(len(members))
        each = lengths.reshape(len(queries), -1).sum(axis=1)
        return np.repeat(np.arange(len(queries)), each), self._order.take(members)


@cache
def _widths(slots: int) -> tuple[int, ...]:
    """Bits of each slot; the wider ones first."""
    return tuple(_BITS // slots + (slot < _BITS % slots) for slot in range(slots))


@cache
def _first_places(slots: int) -> NDArray[np.int64]:
    """Where each slot's table of starts begins, and where the last one ends."""
    return np.cumsum([0, *((1 << width) + 1 for width in _widths(slots))])


def _values(hashes: Hashes, slots: int, slot: slice | int = slice(None)) -> NDArray[np.int64]:
    """The slots of every hash (or one of them), as numbers."""
    word, shift, mask = (column[slot] for column in _places(slots))
    # A slot may reach into the next word; where it does not, what is shifted in lies over its mask.
    lower, upper = hashes[:, word] >> shift, hashes[:, np.minimum(word + 1, 3)] << (np.uint64(64) - shift)
    return np.asarray((lower | upper) & mask).astype(np.int64)


@cache
def _places(slots: int) -> tuple[NDArray[np.int64], NDArray[np.uint64], NDArray[np.uint64]]:
    """The word in which each slot begins, at which bit, and its mask."""
    widths = np.asarray(_widths(slots))
    word, shift = np.divmod(np.cumsum(widths) - widths, 64)
    return word, shift.astype(np.uint64), ((1 << widths) - 1).astype(np.uint64)


@cache
def _flips(slots: int, radius: int) -> tuple[int, ...]:
    """t of each slot, the narrower ones given more; −1: not looked into at all."""
    each, more = divmod(radius + 1, slots)
    return tuple(each - 1 + (slot >= slots - more) for slot in range(slots))


@cache
def _cost(slots: int, radius: int) -> tuple[int, float]:
    """Buckets that a query looks into, and the share of all hashes that it meets there if they are spread evenly."""
    sides = zip(_widths(slots), _flips(slots, radius), strict=True)
    balls = [(width, sum(comb(width, count) for count in range(flips + 1))) for width, flips in sides]
    return sum(size for _, size in balls), sum(size / (1 << width) for width, size in balls)


@cache
def _probes(slots: int, radius: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Every bucket to look into, as a slot and what to flip in the query's value."""
    found = [
        (slot, sum(1 << bit for bit in bits))
        for slot, (width, flips) in enumerate(zip(_widths(slots), _flips(slots, radius), strict=True))
        for count in range(flips + 1)
        for bits in combinations(range(width), count)
    ]
    slot, mask = np.asarray(found, np.int64).reshape(-1, 2).T
    return np.ascontiguousarray(slot), np.ascontiguousarray(mask)
