"""`python -m tests.benchmarks.strangers FOLDER [--queries 2000] [--write]`: false matches of pictures that are not there.

Half of the photos of FOLDER, ten cuttings of each, become a library; the other half is asked, each time through
another transform. Whatever is found is false. Cuttings of one photograph are alike, so that the pairs count for fewer
than they are: as many photographs would be better, and are not at hand.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from fingerprints.library.adding import Addition, add
from fingerprints.library.library import Library
from fingerprints.model import Details
from fingerprints.stills.match import Matcher
from fingerprints.vocabulary import Role
from media.work import create_executor
from tests.benchmarks.measure import machine, written
from tests.benchmarks.transforms import TRANSFORMS, photos_in, transformed, working

PAGE = Path(__file__).parents[2] / "docs/matching.md"
CUTTINGS = 10


def _cuttings(photos: Sequence[Path], folder: Path) -> Iterator[Path]:
    """Half of the frame or so, every other one upside down."""
    random = np.random.default_rng(3)
    for number, path in enumerate(photos):
        image = Image.open(path).convert("RGB")
        for cutting in range(CUTTINGS):
            share = 0.45 + 0.1 * random.random()
            left, top = random.random(2) * (1 - share)
            sides = np.array([left, top, left + share, top + share]) * (*image.size, *image.size)
            made = image.resize((640, 480), Image.Resampling.BICUBIC, box=tuple(sides.tolist()))
            to = folder / f"{number:04}-{cutting}.jpg"
            (made.rotate(180) if cutting % 2 else made).save(to, quality=88)
            yield to


def _report(photos: Sequence[Path], queries: int, work: Path) -> Iterator[str]:
    yield f"{machine()}\n"
    here, others = photos[::2], photos[1::2]
    (work / "cuttings").mkdir()
    items = (
        Addition((path,), Details(id=path.name, role=Role.ARCHIVAL)) for path in _cuttings(here, work / "cuttings")
    )
    with Library.create(work / "library") as library:
        count = sum(one.status == "added" for one in add(library, items, executor=create_executor("local")))
        matcher, wrong = Matcher(library), []
        began = time.process_time()
        for query in range(queries):
            photo, transform = others[query % len(others)], tuple(TRANSFORMS)[query % len(TRANSFORMS)]
            scene = others[(query * 7 + 3) % len(others)]
            pair = [working(Image.open(path)) for path in (photo, scene)]
            found = matcher.match(transformed(transform, *pair, photo.name))
            wrong += [f"{transform} of {photo.name} → {one.reference}, score {one.score:g}" for one in found]
        spent = (time.process_time() - began) * 1000 / queries
    pairs = count * queries
    yield (
        f"{count:,} references, {queries:,} pictures that are not among them: {pairs:,} pairs, {len(wrong)} false matches."
        f" A query costs {spent:.0f} ms of processor, the transform included.\n"
    )
    yield from (f"- {one}" for one in wrong)
    if not wrong:
        rate = 3 / pairs
        yield (
            "By the rule of three the rate of a pair lies, with 95 % confidence, below 3 divided by their number:"
            f" fewer than {rate * 1e3:.1g} false matches a picture are to be expected in a library of 1,000 references,"
            f" and fewer than {rate * 1e6:.1g} in one of a million."
        )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.strangers", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--queries", type=int, default=2000)
    parser.add_argument("--write", action="store_true", help="write the result into docs/matching.md")
    asked = parser.parse_args()
    cv2.setNumThreads(1)
    photos = photos_in(asked.folder)
    with tempfile.TemporaryDirectory(prefix="bench-") as work:
        text = "\n".join(_report(photos, asked.queries, Path(work)))
    print(text)
    if asked.write:
        written(PAGE, "strangers", text)


if __name__ == "__main__":
    main()
