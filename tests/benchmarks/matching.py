"""`python -m tests.benchmarks.matching FOLDER [--queries 40] [--write]`: recall of altered photographs, beside peers.

Every photo of FOLDER becomes a reference. Some of them are put through the transforms and looked up. A
method's threshold is the largest at which no picture is taken for another one, over all cross pairs of
the run; ours is the one that the library ships with, and its false matches are counted.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import imagehash
import numpy as np
from PIL import Image

from fingerprints.library.adding import Addition, add
from fingerprints.library.library import Library
from fingerprints.model import Details
from fingerprints.prints import features, views
from fingerprints.stills.match import Matcher
from fingerprints.vocabulary import Role
from media.still import WORKING_SIDE, open_picture
from tests.benchmarks.measure import written
from tests.benchmarks.table import table
from tests.benchmarks.transforms import TRANSFORMS, photos_in, transformed, working

PAGE = Path(__file__).parents[2] / "docs/matching.md"
PDQ_OFFICIAL = 31
CROP_REFERENCES = 100

Hash = Callable[[Image.Image], np.ndarray]


@dataclass(frozen=True)
class Asked:
    """One transformed photo."""

    transform: str
    photo: int
    scene: int
    """The other picture in it: neither right nor wrong to find."""
    picture: np.ndarray


@dataclass
class Score:
    """What a method made of every query."""

    name: str
    true: list[float] = field(default_factory=list)
    false: list[float] = field(default_factory=list)

    def recall(self, rows: Sequence[int], threshold: float | None = None) -> float:
        limit = np.nextafter(min(self.false), -np.inf) if threshold is None else threshold
        return float(np.mean([self.true[row] <= limit for row in rows]))


def _imagehash(function: Callable[..., imagehash.ImageHash], size: int) -> Hash:
    return lambda image: np.packbits(function(image, hash_size=size).hash)


def _peers() -> Mapping[str, Hash]:
    found: dict[str, Hash] = {
        "imagehash phash": _imagehash(imagehash.phash, 8),
        "imagehash phash 16": _imagehash(imagehash.phash, 16),
        "imagehash dhash": _imagehash(imagehash.dhash, 8),
        "imagehash whash": _imagehash(imagehash.whash, 8),
    }
    try:
        import pdqhash
    except ImportError:
        return found
    return {**found, "pdqhash": lambda image: np.packbits(pdqhash.compute(np.asarray(image))[0])}


def _queries(photos: Sequence[Path], count: int) -> Iterator[Asked]:
    chosen = np.linspace(0, len(photos) - 1, count + 2)[1:-1].astype(int)
    for transform in TRANSFORMS:
        for photo in chosen.tolist():
            scene = (photo + len(photos) // 2 - 7) % len(photos)
            pair = [working(Image.open(photos[row])) for row in (photo, scene)]
            yield Asked(transform, photo, scene, transformed(transform, *pair, photos[photo].name))


def _build(photos: Sequence[Path], folder: Path) -> Library:
    library = Library.create(folder)
    items = (Addition((path,), Details(id=str(row), role=Role.ARCHIVAL)) for row, path in enumerate(photos))
    for added in add(library, items):
        if added.message:
            print(added.id, added.status, added.message)
    return library


def _ask_ours(library: Library, asked: Sequence[Asked]) -> tuple[list[bool], list[tuple[Asked, str, int]], float]:
    """Whether each was found, what was found falsely, and milliseconds of processor a query."""
    matcher, hits, wrong = Matcher(library), [], []
    began = time.process_time()
    for query in asked:
        found = matcher.match(query.picture)
        hits.append(any(match.reference == str(query.photo) for match in found))
        expected = {str(query.photo), str(query.scene)}
        wrong += [(query, match.reference, match.score) for match in found if match.reference not in expected]
    return hits, wrong, (time.process_time() - began) * 1000 / len(asked)


def _ask_peer(name: str, make: Hash, references: Sequence[Image.Image], asked: Sequence[Asked]) -> Score:
    stored = np.stack([make(image) for image in references])
    score = Score(name)
    for query in asked:
        bits = np.bitwise_count(stored ^ make(Image.fromarray(query.picture))).sum(axis=1).astype(float)
        score.true.append(float(bits[query.photo]))
        bits[[query.photo, query.scene]] = np.inf
        score.false.append(float(bits.min()))
    return score


def _ask_crop_resistant(references: Sequence[Image.Image], asked: Sequence[Asked], rows: Sequence[int]) -> Score:
    """Against few references, for it is slow. Segments in common, and then their distance, as it ranks them itself."""
    score = Score("crop_resistant_hash")
    stored: dict[int, imagehash.ImageMultiHash] = {}
    chosen = {asked[row].photo for row in rows}
    others = [row for row in range(0, len(references), max(1, len(references) // CROP_REFERENCES)) if row not in chosen]
    for row in (*chosen, *others):
        stored[row] = imagehash.crop_resistant_hash(references[row])
    for row in rows:
        query = asked[row]
        made = imagehash.crop_resistant_hash(Image.fromarray(query.picture))
        far = {photo: float(made - hashed) for photo, hashed in stored.items() if photo != query.scene}
        score.true.append(far.pop(query.photo))
        score.false.append(min(far.values()))
    return score


def _cost(work: Path, photos: Sequence[Path]) -> str:
    """A 12-megapixel photo made of many, and the same number of pixels of one."""
    tiles = [np.asarray(Image.open(path).convert("RGB").resize((500, 500))) for path in photos[:48]]
    mosaic = np.vstack([np.hstack(tiles[row * 8 : row * 8 + 8]) for row in range(6)])
    one = Image.open(photos[len(photos) // 2]).convert("RGB").resize((4000, 3000), Image.Resampling.BICUBIC)
    rows = []
    for name, image in (("mosaic of 48 photos", Image.fromarray(mosaic)), ("one photo enlarged", one)):
        path = work / "large.jpg"
        image.save(path, quality=85)

        def ours(path: Path = path) -> None:
            picture = open_picture(path, at_least=WORKING_SIDE)
            views.windows(picture)
            features.pack(features.extract(picture))

        def peer(path: Path = path) -> None:
            imagehash.phash(Image.open(path))

        spent = {}
        for label, run in (("ours", ours), ("peer", peer)):
            run()
            spent[label] = min(_seconds(run) for _ in range(5)) * 1000
        rows.append((name, f"{spent['ours']:.0f}", f"{spent['peer']:.0f}", f"{spent['ours'] / spent['peer']:.2f}"))
    heads = ("JPEG of 12 megapixels", "46 hashes and features, ms", "imagehash.phash alone, ms", "ratio")
    return table(heads, rows)


def _seconds(run: Callable[[], None]) -> float:
    began = time.process_time()
    run()
    return time.process_time() - began


def _report(photos: Sequence[Path], count: int, work: Path) -> Iterator[str]:
    with _build(photos, work / "library") as library:
        asked = list(_queries(photos, count))
        hits, wrong, spent = _ask_ours(library, asked)
    for query, reference, score in wrong:
        print(f"false: {query.transform} of {photos[query.photo].name} → {photos[int(reference)].name}, score {score}")
    references = [working(Image.open(path)) for path in photos]
    scores = [_ask_peer(name, make, references, asked) for name, make in _peers().items()]
    few = [row for row in range(len(asked)) if row % count < max(1, count // 5)]
    crop = _ask_crop_resistant(references, asked, few)
    every = range(len(asked))
    pairs = len(asked) * (len(photos) - 2)
    yield (
        f"{len(photos)} references; {count} photos × {len(TRANSFORMS)} transforms = {len(asked)} queries,"
        f" {pairs:,} cross pairs. False matches of ours at its own thresholds: {len(wrong)}. Peers at their largest"
        f" threshold without one; `crop_resistant_hash` against {CROP_REFERENCES} references with"
        f" {len(few)} of the queries. A query of ours costs {spent:.0f} ms of processor.\n"
    )
    heads = ["transform", "provscan", *(score.name for score in scores)]
    official = next((score for score in scores if score.name == "pdqhash"), None)
    heads += [f"pdqhash at {PDQ_OFFICIAL}"] if official else []
    rows = []
    for transform in (*TRANSFORMS, None):
        here = [row for row in every if transform in (None, asked[row].transform)]
        cells = [np.mean([hits[row] for row in here]), *(score.recall(here) for score in scores)]
        cells += [official.recall(here, PDQ_OFFICIAL)] if official else []
        crops = [place for place, row in enumerate(few) if transform in (None, asked[row].transform)]
        cells.append(crop.recall(crops))
        rows.append((transform or "**mean**", *(f"{cell:.2f}" if transform else f"{cell:.3f}" for cell in cells)))
    yield table((*heads, "crop_resistant_hash"), rows)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.matching", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--queries", type=int, default=40)
    parser.add_argument("--write", action="store_true", help="write the tables into docs/matching.md")
    asked = parser.parse_args()
    cv2.setNumThreads(1)
    photos = photos_in(asked.folder)
    with tempfile.TemporaryDirectory(prefix="bench-") as work:
        said = [*_report(photos, asked.queries, Path(work)), _cost(Path(work), photos)]
    text = "\n".join(said)
    print(text)
    if asked.write:
        written(PAGE, "matching", text)


if __name__ == "__main__":
    main()
