"""`python -m tests.benchmarks.still_stages FOLDER [--write]`: what comparing a still with a library costs, by stage.

Photographs of FOLDER become references, once few of them and once many. The same pictures are asked of both libraries:
photographs as they are delivered, photographs inside pictures, and strangers. Processor time is charged to the stage
that works, without what that stage calls of others.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import wraps
from pathlib import Path
from typing import Any
from unittest.mock import patch

import cv2
import numpy as np
from PIL import Image

from fingerprints.index.index import JoinedIndex
from fingerprints.library.adding import Addition, add
from fingerprints.library.library import Library
from fingerprints.model import Details
from fingerprints.prints import views
from fingerprints.stills import match, parts, verify
from fingerprints.stills.alteration import compare
from fingerprints.stills.match import Matcher
from fingerprints.vocabulary import Quality, Role
from media.still import DETAIL_SIDE, open_picture
from tests.benchmarks.measure import machine, written
from tests.benchmarks.scenes import SCENES, picture_of
from tests.benchmarks.table import table
from tests.benchmarks.transforms import photos_in, transformed

PAGE = Path(__file__).parents[2] / "docs/matching.md"
SEED = 29
WIDE = 1920
"""Pixels of the longer side of a picture that is asked."""
DELIVERED = ("crop 10 %", "grade", "lower third", "post, light")
INSIDE = ("2 × 2 split screen", "wall of twelve prints", "on a telephone", "title over 40 %")
STAGES: Mapping[str, Sequence[tuple[Any, str]]] = {
    "points of the picture and its parts": ((verify, "looks"), (verify.PreparedPicture, "uncovered")),
    "parts: panels and quadrilaterals": ((parts, "panels"), (parts, "quads"), (parts, "rectified")),
    "hashes of the guises": ((views, "queries"),),
    "search of hashes": ((JoinedIndex, "search"),),
    "votes of points": ((match, "voted"),),
    "references opened": ((Library, "features"), (Library, "thumbnail"), (Library, "picture")),
    "geometry": ((verify, "register"),),
    "detail, block by block": ((match, "stands"), (match, "_by_hash")),
    "copy or another photograph": ((match, "judge_sameness"),),
}


class Stages:
    """Processor seconds by stage."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = defaultdict(float)
        self._working, self._since = ["the rest"], time.process_time()

    def _charge(self) -> None:
        now = time.process_time()
        self.spent[self._working[-1]] += now - self._since
        self._since = now

    @contextmanager
    def at(self, stage: str) -> Iterator[None]:
        self._charge()
        self._working.append(stage)
        try:
            yield
        finally:
            self._charge()
            self._working.pop()

    def timed(self, stage: str, work: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(work)
        def run(*args: Any, **named: Any) -> Any:
            with self.at(stage):
                return work(*args, **named)

        return run


def _enlarged(picture: np.ndarray) -> np.ndarray:
    scale = WIDE / max(picture.shape[:2])
    return np.asarray(cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC))


def _asked(references: Sequence[Path], strangers: Sequence[Path], folder: Path) -> Mapping[str, list[Path]]:
    """Pictures by kind, as files."""

    def photo(path: Path) -> Image.Image:
        return Image.open(path).convert("RGB")

    made: dict[str, list[np.ndarray]] = {
        "as delivered": [
            transformed(name, photo(references[row]), photo(strangers[row]), name) for row, name in enumerate(DELIVERED)
        ],
        "inside pictures": [
            picture_of(
                name,
                [np.asarray(photo(references[(row + number) % 4])) for number in range(SCENES[name].photos)],
                np.asarray(photo(strangers[row])),
                np.random.default_rng([SEED, row]),
            )
            for row, name in enumerate(INSIDE)
        ],
        "strangers": [np.asarray(photo(path)) for path in strangers[:4]],
    }
    kept: dict[str, list[Path]] = {}
    for kind, pictures in made.items():
        kept[kind] = [folder / f"{kind} {row}.jpg" for row in range(len(pictures))]
        for path, picture in zip(kept[kind], pictures, strict=True):
            Image.fromarray(_enlarged(picture)).save(path, quality=88)
    return kept


def _measured(library: Library, paths: Sequence[Path]) -> Mapping[str, float]:
    """Processor seconds by stage, of all the pictures."""
    stages, matcher = Stages(), Matcher(library)
    with ExitStack() as patched:
        for stage, works in STAGES.items():
            for owner, name in works:
                patched.enter_context(patch.object(owner, name, stages.timed(stage, getattr(owner, name))))
        for path in paths:
            with stages.at("decoding"):
                picture = open_picture(path, at_least=DETAIL_SIDE)
            for found in matcher.match(picture, with_doubtful=True):
                reference = library.reference(found.reference)
                shown = reference and library.picture(reference, found.ordinal, at_least=DETAIL_SIDE)
                if shown is not None:
                    with stages.at("altered or not"):
                        compare(picture, shown, found.matrix, quality=Quality.SCAN)
    return stages.spent


def _library(photos: Sequence[Path], folder: Path) -> Library:
    if folder.exists():
        return Library.open(folder)
    library = Library.create(folder)
    for _ in add(library, (Addition((path,), Details(id=path.name, role=Role.ARCHIVAL)) for path in photos)):
        pass
    return library


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.still_stages", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--many", type=int, default=1000)
    parser.add_argument("--keep", type=Path, help="a folder for the libraries, used again by the next run")
    parser.add_argument("--write", action="store_true", help="write the table into docs/matching.md")
    asked = parser.parse_args()
    cv2.setNumThreads(1)
    photos = photos_in(asked.folder)
    order = [photos[row] for row in np.random.default_rng(SEED).permutation(len(photos))]
    strangers, references = order[:4], order[4 : 4 + asked.many]
    rows: dict[str, list[float]] = defaultdict(list)
    heads = []
    with tempfile.TemporaryDirectory(prefix="bench-") as work:
        kinds = _asked(references, strangers, Path(work))
        for count in (4, len(references)):
            with _library(references[:count], (asked.keep or Path(work)) / f"library-{count}") as library:
                _measured(library, kinds["strangers"][:1])  # what is loaded once
                for kind, paths in kinds.items():
                    heads.append(f"{kind}, {count:,}")
                    spent = _measured(library, paths)
                    for stage in ("decoding", *STAGES, "altered or not", "the rest"):
                        rows[stage].append(1000 * spent.get(stage, 0.0) / len(paths))
    rows["**all**"] = [sum(column) for column in zip(*rows.values(), strict=True)]
    body = [(stage, *(f"{value:.0f}" for value in values)) for stage, values in rows.items()]
    text = f"{machine()}\n\n" + table(("milliseconds of processor a picture", *heads), body)
    print(text)
    if asked.write:
        written(PAGE, "stages", text)


if __name__ == "__main__":
    main()
