"""The queries: stills, clips and sounds, opened once, with one index over all their views.

The compared samples of a clip are *key images*, like the pictures of a library.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from fingerprints.index.descriptors import DescriptorPart, FlatIndex, flat_part, mapped_part, nearest_two, write_lists
from fingerprints.model import Features, Hashes, Hits
from fingerprints.prints import features, phash, views
from fingerprints.prints.landmarks import Peaks
from fingerprints.prints.waveform import signs
from fingerprints.programmes.programme import Programme, read
from media.errors import MediaError
from media.still import WORKING_SIDE, Picture, fitted, open_picture

__all__ = ["RADIUS", "SAME", "KeyImages", "Query", "open_item", "ranked"]

RADIUS = phash.NEAR
"""Bits of 256: unrelated pictures were never nearer. Every candidate is verified nevertheless."""

ASKED = 500
"""Points of a look that vote: the best of it. More points find a reference in a few more looks, and in no other shot
(measured); its geometry is computed from all."""
NEIGHBOURS = 12
"""Descriptors of all key images that one of a look is compared with."""
FARTHEST, SURE = 64, 34
"""Bits; a vote needs the first, and is cast at the second whatever the others are."""
STANDS_OUT = 0.82
"""Of the farthest neighbour's distance, under which a nearer one stands out."""
SAME = 2
"""Key images of one item that a look proposes."""
ABOUT_KEY_IMAGES = 3
"""Key images on either side of one that is proposed, but shows another moment: one in two seconds is proposed."""
ABOUT = 16.0
"""Pixels by which such a pair may be off: a screen may be seen at an angle."""
LISTS_FROM = 8_000
"""Descriptors from which lists are worth their training."""
PROBED = 1
"""Lists that a descriptor looks into. Two find a reference in a few looks more, and in no other shot (measured)."""

_STILL_SUFFIXES = frozenset(
    [
        ".jpg",
        ".jpeg",
        ".jpe",
        ".png",
        ".tif",
        ".tiff",
        ".webp",
        ".bmp",
        ".gif",
        ".heic",
        ".heif",
        ".avif",
        ".jp2",
        ".jpx",
        ".psd",
        ".dpx",
        ".exr",
        ".tga",
        ".ppm",
        ".pgm",
    ]
)


@dataclass(frozen=True, slots=True, eq=False)
class Query:
    """One still, clip or sound to search for. A still has a picture; a clip frames, sound or both."""

    name: str
    path: Path
    still: Features | None = None
    windows: views.Views | None = None
    clip: Programme | None = None
    shown: Picture | None = None
    """A still that a library keeps; else it is opened from `path`."""
    kept: Callable[[int], Features] | None = None
    """Of a clip's samples, that a library keeps; else they are taken from its pictures."""
    words: NDArray[np.uint32] | None = None
    """Of Chromaprint, that a library keeps; else they are taken from `path`."""
    kept_signs: NDArray[np.uint8] | None = None
    """Of its waveform, that a library keeps; else they are taken from its sound."""

    @property
    def sound(self) -> Peaks | None:
        """Its sound, if it has any."""
        return self.clip.peaks if self.clip is not None and len(self.clip.peaks.times) else None

    def signs(self) -> NDArray[np.uint8]:
        """The signs of its waveform, from its first frame on; none where neither they nor its sound are available."""
        if self.kept_signs is not None:
            return self.kept_signs
        return signs(self.clip.flat_sound()) if self.clip is not None else np.zeros(0, np.uint8)

    def picture(self) -> Picture:
        """A still's picture at working size."""
        return _picture(self.path) if self.shown is None else features.working(self.shown)

    def about(self, number: int) -> list[int]:
        """Key images of a clip next to one, the nearest first, up to those that are proposed themselves."""
        if self.clip is None:
            return []
        samples, found = self.clip.samples, []
        for step in (-1, 1):
            other = number + step
            while 0 <= other < len(samples) and not samples[other].look and abs(other - number) <= ABOUT_KEY_IMAGES:
                found.append(other)
                other += step
        return sorted(found, key=lambda other: abs(other - number))

    def key_image(self, number: int) -> Features:
        """The features of a key image: the still's, or those of a clip's sample."""
        if self.still is not None:
            return self.still
        if self.kept is not None:
            return self.kept(number)
        assert self.clip is not None  # noqa: S101 - an item is one or the other
        return _of_sample(self.clip, number)


@lru_cache(maxsize=16)
def _picture(path: Path) -> Picture:
    return features.working(fitted(open_picture(path, at_least=WORKING_SIDE), WORKING_SIDE))


@lru_cache(maxsize=512)
def _of_sample(clip: Programme, number: int) -> Features:
    return features.extract(clip.picture(clip.samples[number]))


def open_item(path: Path, name: str | None = None) -> Query:
    """The still, clip or sound at `path`. Raises `MediaError`."""
    name = name or path.name
    if path.suffix.lower() in _STILL_SUFFIXES:
        picture = open_picture(path, at_least=WORKING_SIDE)
        return Query(name, path, still=features.extract(picture), windows=views.windows(picture))
    try:
        return Query(name, path, clip=read(path, reference=True))
    except MediaError as fault:
        try:
            picture = open_picture(path, at_least=WORKING_SIDE)
        except MediaError:
            raise fault from None
        return Query(name, path, still=features.extract(picture), windows=views.windows(picture))


@dataclass(eq=False)
class KeyImages:
    """The key images of many items, found by hash or by features."""

    items: Sequence[Query]
    index: FlatIndex = field(init=False)
    owners: NDArray[np.int64] = field(init=False)
    """N × 2: each row of the index's item and key image."""
    _part: DescriptorPart | None = field(init=False)
    _named: list[tuple[int, int]] = field(init=False)

    def __post_init__(self) -> None:
        hashes: list[Hashes] = [np.zeros((0, 4), np.uint64)]
        owners = [np.zeros((0, 2), np.int64)]
        described: list[NDArray[np.uint8]] = []
        self._named = []
        for number, item in enumerate(self.items):
            for key_image, seen in _windows(item):
                hashes.append(seen.hashes)
                owners.append(np.tile([number, key_image], (len(seen.hashes), 1)))
            for key_image in _looked(item):
                described.append(item.key_image(key_image).descriptors)
                self._named.append((number, key_image))
        self.index, self.owners = FlatIndex(np.concatenate(hashes)), np.concatenate(owners)
        self._part = _descriptors(described)

    def near(self, hashes: Hashes) -> Hits:
        """Rows of `owners` that are near to hashes."""
        return self.index.search(hashes, RADIUS)

    def voted(self, look: Features, *, least: int, most: int) -> Iterator[tuple[int, int, int]]:
        """Items and key images that share features with a look, most first, and how many are placed alike.

        A descriptor votes for the nearest ones that stand out from all others: with few key images every descriptor has
        a nearest one, which means nothing.
        """
        if self._part is None or not len(look.descriptors):
            return
        chosen = features.best(look, ASKED)
        count = min(NEIGHBOURS, self._part.index.ntotal)
        bits, rows = self._part.index.search(np.ascontiguousarray(look.descriptors[chosen]), count)
        near = (bits <= SURE) | ((bits <= FARTHEST) & (bits < STANDS_OUT * bits[:, -1:]))
        asked, ranks = np.nonzero(near & (rows >= 0))
        rows, points = rows[asked, ranks], look.points[chosen[asked]]
        key_images = np.searchsorted(self._part.starts, rows, side="right") - 1
        ballots = np.unique(asked * len(self._named) + key_images) % len(self._named)
        names, votes = np.unique(ballots, return_counts=True)
        given: Counter[int] = Counter()
        for one in np.argsort(-votes, kind="stable"):
            key_image = int(names[one])
            item, number = self._named[key_image]
            if votes[one] < least or given.total() == most:
                return
            # The key images of a clip whose camera stands still are all alike.
            if given[item] == SAME:
                continue
            mine = key_images == key_image
            there = self.items[item].key_image(number).points[rows[mine] - self._part.starts[key_image]]
            together = _together(there, points[mine])
            if together >= least:
                given[item] += 1
                yield item, number, together


def ranked(look: Features, key_images: Sequence[Features]) -> list[int]:
    """Places of key images in a list, by how many descriptors of a look are nearest to one of theirs: two at least."""
    counts = np.array([len(key_image.descriptors) for key_image in key_images], np.int64)
    if not len(look.descriptors) or counts.sum() < 2:
        return []
    every = np.concatenate([key_image.descriptors for key_image in key_images])
    bits, rows = nearest_two(look.descriptors[features.best(look, ASKED)], every)
    owners = np.repeat(np.arange(len(key_images)), counts)[rows[bits[:, 0] <= FARTHEST, 0]]
    votes = np.bincount(owners, minlength=len(key_images))
    return [int(key_image) for key_image in np.argsort(-votes, kind="stable") if votes[key_image] >= 2]


def _together(there: NDArray[np.float32], here: NDArray[np.float32]) -> int:
    """How many pairs of points agree on one shift, turn and scale, about: that costs far less than a geometry."""
    if len(here) < 2:
        return len(here)
    _, agreeing = cv2.estimateAffinePartial2D(there, here, method=cv2.RANSAC, ransacReprojThreshold=ABOUT, maxIters=300)
    return 0 if agreeing is None else len(np.unique(np.floor(here[agreeing.ravel() > 0] / 2), axis=0))


def _windows(item: Query) -> Iterable[tuple[int, views.Views]]:
    if item.windows is not None:
        yield 0, item.windows
    if item.clip is not None:
        yield from (
            (number, sample.windows) for number, sample in enumerate(item.clip.samples) if sample.windows is not None
        )


def _looked(item: Query) -> Iterable[int]:
    if item.still is not None:
        yield 0
    if item.clip is not None:
        yield from (number for number, sample in enumerate(item.clip.samples) if sample.look)


def _descriptors(described: list[NDArray[np.uint8]]) -> DescriptorPart | None:
    counts = [len(one) for one in described]
    starts = np.cumsum([0, *counts])[:-1].astype(np.int64)
    every = np.concatenate([np.zeros((0, 32), np.uint8), *described])
    ordinals = np.arange(len(counts), dtype=np.uint32)
    if not len(every):
        return None
    if len(every) < LISTS_FROM:
        return flat_part(every, ordinals, starts)
    with tempfile.TemporaryDirectory(prefix="provscan-") as folder:
        write_lists(every, Path(folder) / "lists")
        return mapped_part(Path(folder) / "lists", ordinals, starts, probed=PROBED)
