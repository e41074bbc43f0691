"""`python -m tests.benchmarks.archive FOLDER WORK [--references 100000] [--described 10000] [--queries 150]`:
false candidates and false matches in an archive.

Every tenth photo of FOLDER is asked and nothing else. The others are the references: first each photo as it is, then
cuttings of them, 30 to 60 % of each side, mirrored or upside down by turns, until there are enough. All of them are in
the index of hashes; the first `--described` are in the index of points too, which costs five times as much to make.
A photo of which FOLDER has two copies is taken once, so that nothing that is found is true. WORK keeps what was made, so that a run that was ended goes on.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fingerprints.index.descriptors import DescriptorIndex, mapped_part, write_lists
from fingerprints.index.index import JoinedIndex, LinearIndex, SegmentIndex
from fingerprints.library.prints import THUMBNAIL_SIDE
from fingerprints.model import Features, KeyImage
from fingerprints.prints import features, views
from fingerprints.stills.match import Matcher
from fingerprints.stills.proposals import BITS, NEAR_BITS, nearest
from media.digest import digest_files
from media.still import Picture, fitted
from tests.benchmarks.measure import machine
from tests.benchmarks.transforms import TRANSFORMS, photos_in, transformed, working

_TURNS = (None, Image.Transpose.FLIP_LEFT_RIGHT, Image.Transpose.ROTATE_180, Image.Transpose.FLIP_TOP_BOTTOM)
_BATCH = 5_000
_LISTED = 4_096


class CuttingShelf:
    """What `Matcher` asks of a library, made of photos: pictures and their features are made when they are asked."""

    def __init__(self, photos: Sequence[Path], work: Path, count: int, described: int) -> None:
        self._photos, self._work = photos, work
        hashes, owners, names = (np.concatenate(column) for column in zip(*self._hashed(count), strict=True))
        self.hashes = hashes
        self._index = JoinedIndex([SegmentIndex(LinearIndex(hashes), owners, names)])
        self._descriptors = DescriptorIndex(list(self._described(described)))

    def _hashed(self, count: int) -> Iterator[tuple[NDArray[np.uint64], NDArray[np.uint32], NDArray[np.uint8]]]:
        for first in range(0, count, _BATCH):
            path = self._work / f"hashes-{first:08}.npz"
            if not path.exists():
                numbers = range(first, min(first + _BATCH, count))
                seen = [views.windows(self.picture(number)) for number in numbers]
                _save(
                    path,
                    hashes=np.concatenate([view.hashes for view in seen]),
                    owners=np.repeat(np.array(numbers, np.uint32), [len(view.hashes) for view in seen]),
                    names=np.array([views.VIEW_NAMES.index(name) for view in seen for name in view.names], np.uint8),
                )
            with np.load(path) as kept:
                yield kept["hashes"], kept["owners"], kept["names"]

    def _described(self, count: int) -> Iterator[object]:
        for first in range(0, count, _LISTED):
            numbers = np.arange(first, min(first + _LISTED, count), dtype=np.uint32)
            lists, places = self._work / f"lists-{first:08}.ivf", self._work / f"places-{first:08}.npz"
            if not places.exists():
                made = [features.extract(self.picture(number)).descriptors for number in numbers.tolist()]
                write_lists(np.concatenate(made), lists)
                _save(places, starts=np.cumsum([0, *map(len, made)])[:-1])
            with np.load(places) as kept:
                yield mapped_part(lists, numbers, kept["starts"].astype(np.int64))

    def picture(self, number: int) -> Picture:
        """A reference as it was added."""
        image = _photo(self._photos[number % len(self._photos)])
        cutting = number // len(self._photos)
        if not cutting:
            return np.asarray(image)
        rng = np.random.default_rng([20, number])
        share = rng.uniform(0.3, 0.6)
        left, top = rng.random(2) * (1 - share)
        sides = np.array([left, top, left + share, top + share]) * (*image.size, *image.size)
        size = (480, round(480 * image.height / image.width))
        made = image.resize(size, Image.Resampling.BILINEAR, box=tuple(sides.tolist()))
        turn = _TURNS[cutting % len(_TURNS)]
        return np.asarray(made if turn is None else made.transpose(turn))

    def hash_index(self) -> JoinedIndex:
        return self._index

    def descriptor_index(self) -> DescriptorIndex:
        return self._descriptors

    def features(self, ordinal: int) -> Features:
        return features.extract(self.picture(ordinal))

    def thumbnail(self, ordinal: int) -> Picture:
        return fitted(self.picture(ordinal), THUMBNAIL_SIDE)

    def key_image(self, ordinal: int) -> KeyImage:
        height, width = self.picture(ordinal).shape[:2]
        return KeyImage(ordinal=ordinal, reference=str(ordinal), at="", width=width, height=height)


@lru_cache(maxsize=1500)
def _photo(path: Path) -> Image.Image:
    return working(Image.open(path))


def _save(path: Path, **arrays: NDArray[np.generic]) -> None:
    beside = path.with_suffix(".new.npz")
    np.savez(beside, **arrays)  # type: ignore[arg-type]
    beside.rename(path)


def _ask(shelf: CuttingShelf, others: Sequence[Path], queries: int, work: Path) -> list[dict[str, object]]:
    """What each picture finds; a line of a file for each, so that a run that was ended goes on."""
    log = work / "asked.jsonl"
    done = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
    matcher = Matcher(shelf)
    with log.open("a") as lines:
        for query in range(len(done), queries):
            photo, transform = others[query % len(others)], tuple(TRANSFORMS)[query % len(TRANSFORMS)]
            scene = others[(query * 7 + 3) % len(others)]
            picture = transformed(transform, _photo(photo), _photo(scene), photo.name)
            began = time.process_time()
            found = matcher.match(picture)
            spent = time.process_time() - began
            near = nearest(shelf.hash_index(), picture)
            one = {
                "transform": transform,
                "photo": photo.name,
                "found": [[match.reference, match.score, match.threshold] for match in found],
                "near": sorted(candidate.bits for candidate in near.values()),
                "distances": _distances(shelf.hashes, views.queries(picture).hashes),
                "seconds": spent,
            }
            print(json.dumps(one), file=lines, flush=True)
            done.append(one)
    return done[:queries]


def _distances(hashes: NDArray[np.uint64], asked: NDArray[np.uint64]) -> list[int]:
    """How many pairs of a stored hash and an asked one differ in so many bits, from 0 to 256."""
    counts = np.zeros(257, np.int64)
    for one in asked:
        for first in range(0, len(hashes), 1 << 16):
            bits = np.bitwise_count(hashes[first : first + (1 << 16)] ^ one).sum(axis=1, dtype=np.uint16)
            counts += np.bincount(bits, minlength=257)
    return counts.tolist()


def report(photos: int, count: int, described: int, hashes: int, asked: Sequence[dict[str, object]]) -> Iterator[str]:
    """The paragraph of the page."""
    wrong = [one for one in asked if one["found"]]
    bits = np.sum([one["distances"] for one in asked], axis=0)
    bits = bits + bits[::-1]  # a negative is looked up too: its hash is the other way round
    pairs = int(bits.sum())
    yield f"{machine()}\n"
    yield (
        f"{count:,} references ({photos:,} photographs and cuttings of them), {hashes:,} hashes, points of the first"
        f" {described:,}; {len(asked):,} pictures of other photographs, each through a transform:"
        f" {len(wrong)} with a match.\n"
    )
    yield "| bits that differ, at most | pairs of hashes | of all | a picture, at 10⁵ stills | at 10⁶ |"
    yield "|---|---|---|---|---|"
    for limit in (31, 45, BITS, 70, NEAR_BITS):
        near = int(bits[: limit + 1].sum())
        each = near / len(asked) * 1e5 / count
        yield f"| {limit} | {near:,} | {near / pairs:.1e} | {each:.3g} | {each * 10:.3g} |"
    for one in wrong:
        yield f"- {one['transform']} of {one['photo']}: {one['found']}"


def main() -> None:
    """As the module's docstring."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("work", type=Path)
    for name, default in (("references", 100_000), ("described", 10_000), ("queries", 150)):
        parser.add_argument(f"--{name}", type=int, default=default)
    given = parser.parse_args()
    photos = list({digest_files([path]): path for path in photos_in(given.folder)}.values())
    asked, kept = photos[::10], [path for row, path in enumerate(photos) if row % 10]
    given.work.mkdir(parents=True, exist_ok=True)
    shelf = CuttingShelf(kept, given.work, given.references, given.described)
    done = _ask(shelf, asked, given.queries, given.work)
    print("\n".join(report(len(kept), given.references, given.described, len(shelf.hashes), done)))


if __name__ == "__main__":
    main()
