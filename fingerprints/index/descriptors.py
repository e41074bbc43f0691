"""Finds key images that share local features with a picture: a descriptor votes for those of its nearest neighbours.

The one door to FAISS: binary inverted lists, memory-mapped. They are approximate: what the votes
propose is only ever a candidate.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from fingerprints.index.index import sorted_hits
from fingerprints.model import Hashes, Hits
from media.errors import LibraryError

__all__ = [
    "IVF_FROM",
    "DescriptorIndex",
    "DescriptorPart",
    "FlatIndex",
    "flat_part",
    "mapped_part",
    "nearest_two",
    "write_lists",
]

Descriptors = NDArray[np.uint8]

IVF_FROM = 4_000
"""From this number of descriptors on, lists are worth their training; fewer are compared one by one."""
_BITS = 256
_NEIGHBOURS = 6
_FARTHEST = 64
"""Bits; descriptors of one point seen twice differ by less, mostly."""
_TRAINING = 39
"""Descriptors looked at for each list that is trained."""
_PROBED = 6
"""Lists that a descriptor looks into; more find no more photographs (measured)."""

# One query takes milliseconds: threads would cost more than they give, and a scan has its own.
faiss.omp_set_num_threads(1)


@dataclass(frozen=True, slots=True, eq=False)
class DescriptorPart:
    """One segment's descriptors, and the row at which each of its key images begins."""

    index: Any
    ordinals: NDArray[np.uint32]
    starts: NDArray[np.int64]


def write_lists(descriptors: Descriptors, path: Path) -> None:
    """Train inverted lists for descriptors and write them. The same input gives the same file."""
    count = len(descriptors)
    lists = int(1.5 * count**0.5)
    quantizer = faiss.IndexBinaryFlat(_BITS)
    index = faiss.IndexBinaryIVF(quantizer, _BITS, lists)
    index.cp.seed, index.cp.niter = 20, 5
    sample = np.random.default_rng(7).permutation(count)[: lists * _TRAINING]
    index.train(np.ascontiguousarray(descriptors[np.sort(sample)]))
    for start in range(0, count, 1 << 17):
        index.add(np.ascontiguousarray(descriptors[start : start + (1 << 17)]))
    faiss.write_index_binary(index, str(path))


def mapped_part(
    path: Path, ordinals: NDArray[np.uint32], starts: NDArray[np.int64], *, probed: int = _PROBED
) -> DescriptorPart:
    """Lists that `write_lists` wrote, not read into memory."""
    try:
        # Mapped as one array: FAISS's older way of mapping takes as long to open a list as to search it (measured).
        index: Any = faiss.read_index_binary(str(path), faiss.IO_FLAG_MMAP_IFC)
    except RuntimeError as error:
        raise LibraryError(f"{path} is damaged; `library verify` lists what is damaged") from error
    index.nprobe = probed
    return DescriptorPart(index, ordinals, starts)


def flat_part(descriptors: Descriptors, ordinals: NDArray[np.uint32], starts: NDArray[np.int64]) -> DescriptorPart:
    """Few descriptors, compared one by one."""
    index = faiss.IndexBinaryFlat(_BITS)
    index.add(np.ascontiguousarray(descriptors))
    return DescriptorPart(index, ordinals, starts)


def nearest_two(asked: Descriptors, among: Descriptors) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Bits and rows of the two of `among` that are nearest to each one, compared one by one."""
    index = faiss.IndexBinaryFlat(_BITS)
    index.add(np.ascontiguousarray(among))
    bits, rows = index.search(np.ascontiguousarray(asked), 2)
    return bits.astype(np.int64), rows


class FlatIndex:
    """Hashes that are all compared with every query: the result of `LinearIndex` in a third of its time (measured)."""

    def __init__(self, hashes: Hashes) -> None:
        self._index = faiss.IndexBinaryFlat(_BITS)
        self._index.add(_as_bytes(hashes))

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def search(self, queries: Hashes, radius: int) -> Hits:
        """As `Index.search`, at any radius."""
        limits, bits, rows = self._index.range_search(_as_bytes(queries), radius + 1)
        return sorted_hits(np.repeat(np.arange(len(queries)), np.diff(limits.astype(np.int64))), rows, bits)


class DescriptorIndex:
    """Several parts as one, without the key images that were removed."""

    def __init__(self, parts: Sequence[DescriptorPart], removed: Sequence[int] = ()) -> None:
        self._parts = tuple(part for part in parts if part.index.ntotal)
        self._removed = frozenset(removed)

    def __len__(self) -> int:
        return sum(part.index.ntotal for part in self._parts)

    def ballots(self, descriptors: Descriptors) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Rows of descriptors and the ordinals that they vote for; a descriptor has one vote for a key image."""
        if not self._parts or not len(descriptors):
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        asked = np.ascontiguousarray(descriptors)
        answers = [_nearest(part, asked) for part in self._parts]
        bits = np.concatenate([found for found, _ in answers], axis=1)
        ordinals = np.concatenate([named for _, named in answers], axis=1)
        best = np.argsort(bits, axis=1, kind="stable")[:, :_NEIGHBOURS]
        near = np.take_along_axis(bits, best, axis=1) <= _FARTHEST
        rows = np.broadcast_to(np.arange(len(asked))[:, None], best.shape)
        cast = np.unique(np.stack([rows[near], np.take_along_axis(ordinals, best, axis=1)[near]]), axis=1)
        alive = ~np.isin(cast[1], list(self._removed))
        return cast[0, alive], cast[1, alive]

    def vote(self, descriptors: Descriptors) -> list[tuple[int, int]]:
        """Key images by their number of votes, most first."""
        votes = Counter(self.ballots(descriptors)[1].tolist())
        return sorted(votes.items(), key=lambda pair: (-pair[1], pair[0]))


def _as_bytes(hashes: Hashes) -> Descriptors:
    return np.ascontiguousarray(hashes).view(np.uint8).reshape(-1, _BITS // 8)


def _nearest(part: DescriptorPart, asked: Descriptors) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Bits and ordinals of the nearest of one part, row by row; where there are none, 256 bits away."""
    bits, rows = part.index.search(asked, min(_NEIGHBOURS, part.index.ntotal))
    owners = part.ordinals[np.searchsorted(part.starts, rows, side="right") - 1].astype(np.int64)
    return np.where(rows >= 0, bits, _BITS).astype(np.int64), owners
