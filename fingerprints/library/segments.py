"""Segments: immutable folders of memory-mapped arrays, each with hashes, features and indices of some key images.

Rule: a segment is written under another name, synced, and renamed; a folder with its final name is complete and never
changes. The catalogue decides which segments count. A key image is in one segment; rows are in the order of ordinals.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray

from fingerprints.index.descriptors import IVF_FROM, DescriptorPart, flat_part, mapped_part, write_lists
from fingerprints.index.index import LinearIndex, SegmentIndex
from fingerprints.index.multi import MultiIndex, buckets, slots_for
from fingerprints.library.columns import Column, read_rows
from fingerprints.model import Features, Hashes
from fingerprints.prints.features import unpack
from media.digest import checksum, digest_files
from media.errors import LibraryError

__all__ = [
    "DATA",
    "MULTI_FROM",
    "KeyImagePrints",
    "Shard",
    "discard",
    "joining_bytes",
    "read_torn",
    "sync",
    "write_segment",
]

MULTI_FROM = 20_000
"""From this number of hashes on, buckets are worth their space; fewer are compared one by one."""

_KEY_IMAGE = np.dtype([("ordinal", "<u4"), ("points", "<u4"), ("start", "<u8"), ("size", "<u8")])
"""A key image's packed features: `size` bytes at `start`, and how many points. On disk: `plates`."""

_COLUMNS: Mapping[str, tuple[Any, ...]] = {
    "hashes": ("<u8", (4,)),
    "views": ("u1",),
    "ordinals": ("<u4",),
    "features": ("u1",),
    "plates": (_KEY_IMAGE,),
}
DATA = frozenset(f"{name}.npy" for name in _COLUMNS)
"""A segment's files that cannot be made of its others."""
_LISTED = 4096
"""Key images whose descriptors share lists: what bounds the memory that training them takes."""


@dataclass(frozen=True, slots=True, eq=False)
class KeyImagePrints:
    """The fingerprints of one key image, all rows in step but for `features`."""

    hashes: Hashes
    views: NDArray[np.uint8]
    """Positions in `VIEW_NAMES`."""
    features: bytes
    """As `prints.features.pack` made them."""

    def sum(self) -> int:
        """The checksum of all of them."""
        counts = f"{len(self.hashes)} {len(self.features)} ".encode()
        return checksum(b"".join((counts, self.hashes.tobytes(), self.views.tobytes(), self.features)))


class Shard:
    """One open segment; arrays are read when they are used."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def name(self) -> str:
        """The name of its folder."""
        return self.folder.name

    @cached_property
    def key_images(self) -> NDArray[np.void]:
        """Ordinals, and where each key image's features are."""
        return self.array("plates")

    def __len__(self) -> int:
        return len(self.key_images)

    def hash_part(self) -> SegmentIndex:
        """Its hashes as part of an index."""
        hashes = self.array("hashes")
        small = len(hashes) < MULTI_FROM
        index = LinearIndex(hashes) if small else MultiIndex(hashes, self.array("order"), self.array("starts"))
        return SegmentIndex(index, self.array("ordinals"), self.array("views"))

    def descriptor_parts(self) -> Iterator[DescriptorPart]:
        """Its descriptors as parts of an index."""
        for first in range(0, len(self), _LISTED):
            key_images = self.key_images[first : first + _LISTED]
            ordinals = np.ascontiguousarray(key_images["ordinal"])
            starts = np.cumsum(key_images["points"], dtype=np.int64) - key_images["points"]
            if self.lists(first).exists():
                yield mapped_part(self.lists(first), ordinals, starts)
            else:
                yield flat_part(self.descriptors(first), ordinals, starts)

    def descriptors(self, first: int) -> NDArray[np.uint8]:
        """Descriptors of as many key images as share lists, from one row on."""
        rows = range(first, min(first + _LISTED, len(self)))
        return np.concatenate([np.empty((0, 32), np.uint8), *(self._features(row).descriptors for row in rows)])

    def lists(self, first: int) -> Path:
        """The file of these key images' lists."""
        return self.folder / f"lists-{first:08}.ivf"

    def features(self, ordinal: int) -> Features | None:
        """The features of one key image, if it is here."""
        row = self._row(ordinal)
        return None if row is None else self._features(row)

    def prints(self, removed: frozenset[int]) -> Iterator[tuple[int, KeyImagePrints]]:
        """Every key image's fingerprints by ordinal, without the removed ones."""
        for row, ordinal in enumerate(self.key_images["ordinal"].tolist()):
            if ordinal not in removed:
                yield ordinal, self._prints(row, ordinal)

    def one(self, ordinal: int) -> KeyImagePrints | None:
        """One key image's fingerprints, if it is here."""
        row = self._row(ordinal)
        return None if row is None else self._prints(row, ordinal)

    def map_all(self) -> None:
        """Open what will be used, so that a merge by another process cannot remove it meanwhile."""
        for name in _COLUMNS:
            self.array(name)

    def digests(self) -> dict[str, str]:
        """Digests of all its files, by name."""
        return {path.name: digest_files([path]) for path in sorted(self.folder.iterdir())}

    def differing(self) -> tuple[str, ...]:
        """Index files that differ when they are built again."""
        hashes = self.array("hashes")
        if len(hashes) < MULTI_FROM:
            return ()
        built = buckets(hashes, slots_for(len(hashes)))
        stored = self.array("order"), self.array("starts")
        pairs = zip(("order", "starts"), built, stored, strict=True)
        return tuple(name for name, one, other in pairs if not np.array_equal(one, other))

    def _row(self, ordinal: int) -> int | None:
        row = int(np.searchsorted(self.key_images["ordinal"], ordinal))
        return row if row < len(self) and self.key_images["ordinal"][row] == ordinal else None

    def _prints(self, row: int, ordinal: int) -> KeyImagePrints:
        here = slice(*np.searchsorted(self.array("ordinals"), [ordinal, ordinal + 1]).tolist())
        hashes, views = self.array("hashes")[here], self.array("views")[here]
        return KeyImagePrints(np.array(hashes), np.array(views), self._packed_features(row).tobytes())

    def _features(self, row: int) -> Features:
        return unpack(self._packed_features(row).tobytes())

    def _packed_features(self, row: int) -> NDArray[np.uint8]:
        start = int(self.key_images["start"][row])
        return self.array("features")[start : start + int(self.key_images["size"][row])]

    def array(self, name: str) -> NDArray[Any]:
        """One of its arrays, memory-mapped."""
        try:
            return np.asarray(self._map_array(name))
        except (OSError, ValueError, EOFError) as error:
            where = self.folder / f"{name}.npy"
            raise LibraryError(f"{where} cannot be read: {error}; see `provscan library verify`") from error

    def _map_array(self, name: str) -> NDArray[Any]:
        if name not in self._open:
            self._open[name] = np.load(self.folder / f"{name}.npy", mmap_mode="r", allow_pickle=False)
        return self._open[name]

    @cached_property
    def _open(self) -> dict[str, NDArray[Any]]:
        return {}


def read_torn(folder: Path) -> Iterator[tuple[int, KeyImagePrints]]:
    """What the arrays of a damaged segment give for each key image, right or wrong: whoever asks must compare it with a
    checksum."""
    try:
        arrays = {name: read_rows(folder / f"{name}.npy", *kind) for name, kind in _COLUMNS.items()}
    except (OSError, ValueError):
        return
    hashes, views, packed = arrays["hashes"], arrays["views"], arrays["features"]
    owners = arrays["ordinals"][: min(len(hashes), len(views))]
    order = np.argsort(owners, kind="stable")
    owners = owners[order]
    for ordinal, _, start, size in arrays["plates"].tolist():
        rows = order[np.searchsorted(owners, ordinal) : np.searchsorted(owners, ordinal, side="right")]
        yield ordinal, KeyImagePrints(hashes[rows], views[rows], packed[start : start + size].tobytes())


def write_segment(parent: Path, prints: Iterable[tuple[int, KeyImagePrints]]) -> Shard:
    """Write a new segment of key images in the order of their ordinals. It is on the disk, complete, when this
    returns."""
    name = uuid4().hex[:24]
    beside = parent / f"{name}.new"
    beside.mkdir(parents=True)
    _write_arrays(beside, prints)
    sync(beside)
    beside.rename(parent / name)
    return Shard(parent / name)


def _write_arrays(folder: Path, prints: Iterable[tuple[int, KeyImagePrints]]) -> None:
    with ExitStack() as files:
        columns = {name: files.enter_context(Column(folder / f"{name}.npy", *kind)) for name, kind in _COLUMNS.items()}
        start = 0
        for ordinal, made in prints:
            columns["hashes"].append(made.hashes)
            columns["views"].append(made.views)
            columns["ordinals"].append(np.full(len(made.hashes), ordinal))
            columns["features"].append(np.frombuffer(made.features, np.uint8))
            row = (ordinal, len(unpack(made.features).points), start, len(made.features))
            columns["plates"].append(np.array([row], _KEY_IMAGE))
            start += len(made.features)
    segment = Shard(folder)
    hashes = segment.array("hashes")
    if len(hashes) >= MULTI_FROM:
        order, starts = buckets(hashes, slots_for(len(hashes)))
        np.save(folder / "order.npy", order)
        np.save(folder / "starts.npy", starts)
    for first in range(0, len(segment), _LISTED):
        descriptors = segment.descriptors(first)
        if len(descriptors) >= IVF_FROM:
            write_lists(descriptors, segment.lists(first))


def joining_bytes(key_images: int) -> int:
    """Memory that writing a segment takes at most, about: lists of descriptors, and buckets of 46 hashes."""
    return min(key_images, _LISTED) * 60_000 + key_images * 6_500


def discard(folder: Path) -> None:
    """Remove a segment that no longer counts. Where it is still open (Windows), it stays until later."""
    shutil.rmtree(folder, ignore_errors=True)


def sync(folder: Path) -> None:
    """Sync what was written to the disk, before its name is."""
    for path in (*folder.iterdir(), folder):
        if path.is_file() or os.name == "posix":
            descriptor = os.open(path, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
