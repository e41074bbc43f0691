"""`python -m tests.benchmarks.index [HASHES…] [--photos FOLDER] [--write]`: what fingerprints and their indices cost.

Processor time of one thread, so that a busy machine shows little. Every index is first held against
the linear one on the same queries. Peers: FAISS's binary indices and imagehash.
"""

from __future__ import annotations

import argparse
import os
import resource
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import faiss
import imagehash
import numpy as np
from PIL import Image

from fingerprints.index.index import LinearIndex
from fingerprints.index.multi import MultiIndex, buckets, slots_for
from fingerprints.library.adding import Addition, Status, add
from fingerprints.library.library import Library
from fingerprints.model import Details, Hashes
from fingerprints.prints import features, phash, views
from fingerprints.vocabulary import Role
from fixtures.photos import NAMES, photograph
from media.still import WORKING_SIDE, fitted, open_picture
from media.work import create_executor
from tests.benchmarks.measure import machine, written
from tests.benchmarks.table import table
from tests.benchmarks.transforms import photos_in

PAGE = Path(__file__).parents[2] / "docs/matching.md"
RADIUS = 31
QUERIES = 400


def _cpu(run: Callable[[], object], times: int = 3) -> float:
    """Milliseconds of processor time, the least of several runs."""
    best = float("inf")
    for _ in range(times):
        begun = time.process_time()
        run()
        best = min(best, time.process_time() - begun)
    return best * 1000


def _hashes(count: int) -> tuple[Hashes, Hashes]:
    """Random ones, and queries: half within the radius of one of them, half random."""
    rng = np.random.default_rng(20)
    stored = rng.integers(0, 2**64, (count, 4), dtype=np.uint64)
    near = np.unpackbits(stored[rng.integers(0, count, QUERIES // 2)].view(np.uint8), axis=1)
    for row in near:
        row[rng.choice(256, rng.integers(0, RADIUS + 1), replace=False)] ^= 1
    far = rng.integers(0, 2**64, (QUERIES // 2, 4), np.uint64)
    return stored, np.concatenate([np.packbits(near, axis=1).view("<u8"), far])


def index_rows(count: int, work: Path) -> Iterator[Sequence[str]]:
    """Build, one query, a batch; exact at 31 bits."""
    stored, asked = _hashes(count)
    truth = LinearIndex(stored).search(asked[:: QUERIES // 20], RADIUS)
    begun = time.process_time()
    order, starts = buckets(stored, slots_for(count))
    built = time.process_time() - begun
    for name, array in (("hashes", stored), ("order", order), ("starts", starts)):
        np.save(work / name, array)
    del order, starts
    begun = time.perf_counter()
    index = MultiIndex(*(np.load(work / f"{name}.npy", mmap_mode="r") for name in ("hashes", "order", "starts")))
    opened = (time.perf_counter() - begun) * 1000
    same = index.search(asked[:: QUERIES // 20], RADIUS)
    columns = ("queries", "entries", "distances")
    assert all(np.array_equal(getattr(same, column), getattr(truth, column)) for column in columns)
    batch = _cpu(lambda: index.search(asked, RADIUS)) / QUERIES
    single = _cpu(lambda: [index.search(asked[row : row + 1], RADIUS) for row in range(QUERIES)]) / QUERIES
    name = f"this one ({slots_for(count)} slots, mapped)"
    yield f"{count:,}", name, f"{built:.1f}", f"{opened:.1f}", f"{single:.3f}", f"{batch:.3f}"
    linear = _cpu(lambda: LinearIndex(stored).search(asked[:20], RADIUS), 1) / 20
    yield f"{count:,}", "linear, numpy", "", "", "", f"{linear:.2f}"
    yield from _faiss_rows(count, stored, asked)


def _faiss_rows(count: int, stored: Hashes, asked: Hashes) -> Iterator[Sequence[str]]:
    faiss.omp_set_num_threads(1)
    octets, questions = stored.view(np.uint8), asked[:40].view(np.uint8)
    flat = faiss.IndexBinaryFlat(256)
    flat.add(octets)
    cost = _cpu(lambda: flat.range_search(questions, RADIUS + 1), 1) / 40
    yield f"{count:,}", "FAISS flat", "", "", "", f"{cost:.2f}"
    if count <= 1_000_000:
        multi = faiss.IndexBinaryMultiHash(256, 16, 16)
        begun = time.process_time()
        multi.add(octets)
        built = time.process_time() - begun
        multi.nflip = 1
        cost = _cpu(lambda: multi.range_search(questions, RADIUS + 1), 1) / 40
        yield f"{count:,}", "FAISS multi-hash", f"{built:.1f}", "", "", f"{cost:.2f}"


def hash_rows() -> Iterator[Sequence[str]]:
    """One 64 × 64 frame in a batch, and a 12-megapixel JPEG, beside imagehash."""
    squares = np.stack([np.asarray(photograph(name, (64, 64)).convert("L")) for name in NAMES] * 32)
    ours = _cpu(lambda: phash.hashes(squares)) / len(squares)
    images = [Image.fromarray(square) for square in squares]
    theirs = _cpu(lambda: [imagehash.phash(image, hash_size=16) for image in images]) / len(squares)
    yield "64 × 64 frame in a batch, hash", f"{ours:.4f}", f"{theirs:.4f}", f"{theirs / ours:.1f}"
    with tempfile.TemporaryDirectory(prefix="bench-") as work:
        path = Path(work) / "large.jpg"
        photograph("pavilion", (4000, 3000)).save(path, quality=92)

        def print_all() -> None:
            picture = fitted(open_picture(path, at_least=WORKING_SIDE), WORKING_SIDE)
            views.windows(picture)
            features.extract(picture)

        ours = _cpu(print_all)
        theirs = _cpu(lambda: imagehash.phash(Image.open(path), hash_size=16))
        what = "12-megapixel JPEG: here all hashes and features, there one hash"
        yield what, f"{ours:.1f}", f"{theirs:.1f}", f"{theirs / ours:.1f}"


def adding_rows(folder: Path, work: Path, jobs: int) -> Iterator[Sequence[str]]:
    """A tenth of the photos, then all of them: photos a second, and the most memory that a process has held so far."""
    photos = photos_in(folder)
    items = [Addition((path,), Details(id=str(path), role=Role.ARCHIVAL)) for path in photos]
    for some in (items[::10], items):
        with Library.create(work / f"library-{len(some)}") as library:
            begun = time.perf_counter()
            added = sum(
                done.status is Status.ADDED for done in add(library, some, executor=create_executor("local", jobs=jobs))
            )
            seconds = time.perf_counter() - begun
            size = sum(path.stat().st_size for path in library.folder.rglob("*") if path.is_file())
        parent, child = (
            resource.getrusage(who).ru_maxrss / 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
        )
        rate, each = added / seconds, size / max(1, added) / 1024
        yield str(added), str(jobs), f"{rate:.1f}", f"{parent:.0f}", f"{child:.0f}", f"{each:.0f}"


def _report(hashes: Sequence[int], photos: Path | None, jobs: int) -> Iterator[str]:
    yield f"{machine()}\n"
    with tempfile.TemporaryDirectory(prefix="bench-") as work:
        if photos:
            heads = ("photos", "processes", "photos a second", "parent, MB", "largest child, MB", "kB a photo")
            yield table(heads, adding_rows(photos, Path(work), jobs))
        yield table(("what", "here, ms", "imagehash, ms", "times"), hash_rows())
        heads = ("hashes", f"index, exact to {RADIUS} bits", "build, s", "open, ms", "one query, ms", "of a batch, ms")
        for count in hashes:
            yield table(heads, index_rows(count, Path(work)))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.index", description=__doc__)
    parser.add_argument("hashes", nargs="*", type=int, default=[1_000_000, 10_000_000])
    parser.add_argument("--photos", type=Path, help="a folder of photos to add to a library")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--write", action="store_true", help="write the tables into docs/matching.md")
    asked = parser.parse_args()
    said = []
    for piece in _report(asked.hashes, asked.photos, asked.jobs):
        print(piece, flush=True)
        said.append(piece)
    if asked.write:
        written(PAGE, "index", "\n".join(said))


if __name__ == "__main__":
    main()
