"""`python -m tests.benchmarks.alteration FOLDER [--write]`: false alarms and recall of the alteration map.

Photos of FOLDER are put through what post-production may do, and through alterations followed by that.
Thresholds are set on every second photo (`--tuning`); the rates are stated of the others.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageOps

from fingerprints.stills.alteration import GRAVE, Alteration, compare
from fingerprints.stills.match import Matcher
from fingerprints.vocabulary import Quality
from tests.benchmarks.alterations import AFTERWARDS, ALTERED, BENIGN, altered, benign
from tests.benchmarks.measure import written
from tests.benchmarks.shelf import MemoryShelf
from tests.benchmarks.table import table
from tests.benchmarks.transforms import photos_in, working

PAGE = Path(__file__).parents[2] / "docs/matching.md"
LEAST = 0.03
"""Of the shared area: what smaller alterations remain in the frame is not asked for."""


@dataclass(frozen=True)
class Judged:
    name: str
    photo: str
    verdict: Alteration | None
    """None: no match was found."""
    mask: np.ndarray | None = None

    @property
    def alarm(self) -> bool:
        return self.verdict is not None and bool(GRAVE & set(self.verdict.relations))

    @property
    def overlap(self) -> float | None:
        """Intersection over union, in what is shown of the reference."""
        if self.verdict is None or self.verdict.changed is None or self.mask is None:
            return None
        found = self.verdict.changed
        wanted = cv2.resize(self.mask.astype(np.uint8), found.shape[::-1], interpolation=cv2.INTER_NEAREST) > 0
        return float((found & wanted).sum() / max((found | wanted).sum(), 1))


def _judge(name: str, photo: Path, picture: Image.Image, reference: Image.Image, mask: np.ndarray | None) -> Judged:
    there, here = np.asarray(reference.convert("RGB")), np.asarray(picture.convert("RGB"))
    found = Matcher(MemoryShelf({"it": there})).match(here)
    if not found:
        return Judged(name, photo.name, None)
    shown = found[0].reference_region
    if mask is not None and mask.shape == there.shape[:2]:
        rows, columns = mask.shape
        box = np.zeros_like(mask)
        top, left = int(shown.y / 100 * rows), int(shown.x / 100 * columns)
        box[top : top + int(shown.h / 100 * rows) + 1, left : left + int(shown.w / 100 * columns) + 1] = True
        mask = mask & box
        if mask.sum() < LEAST * box.sum():
            return Judged("", photo.name, None)
    return Judged(name, photo.name, compare(here, there, found[0].matrix, quality=Quality.SCAN), mask)


def _benign(photos: Sequence[Path], count: int) -> Iterator[Judged]:
    for row in np.linspace(2, len(photos) - 3, count).astype(int):
        image, other = (working(Image.open(photos[place])) for place in (row, row // 2))
        for name in BENIGN:
            made = benign(name, image, other, np.random.default_rng([row, len(name)]))
            yield _judge(name, photos[row], made, image, None)


def _altered(photos: Sequence[Path], count: int) -> Iterator[Judged]:
    for turn, row in enumerate(np.linspace(7, len(photos) - 5, count).astype(int)):
        image, other = (working(Image.open(photos[place])) for place in (row, row // 2))
        for place, name in enumerate(ALTERED):
            rng = np.random.default_rng([row, place])
            after = AFTERWARDS[(turn + place) % len(AFTERWARDS)]
            reference = image
            if name == "extension":
                keep = rng.uniform(0.72, 0.86)
                left, top = round(image.width * (1 - keep) / 2), round(image.height * (1 - keep) / 2)
                reference = image.crop((left, top, image.width - left, image.height - top))
                after = after if "crop" not in after and "Burns" not in after else "grade"
            if name == "colourise":
                reference = ImageOps.grayscale(image)
            made, mask = altered(name, image, other, rng, after)
            yield _judge(name, photos[row], made, reference, None if name == "extension" else mask)


def _rates(title: str, judged: Sequence[Judged], wanted: str) -> str:
    rows = []
    names = list(dict.fromkeys(one.name for one in judged))
    for name in (*names, None):
        here = [one for one in judged if name in (None, one.name)]
        matched = [one for one in here if one.verdict is not None]
        overlaps = [one.overlap for one in matched if one.overlap is not None and one.mask is not None and one.alarm]
        rows.append(
            (
                name or "**all**",
                str(len(here)),
                str(len(here) - len(matched)),
                f"{np.mean([one.alarm for one in here]):.1%}",
                f"{np.median(overlaps):.2f}" if overlaps else "",
            )
        )
    heads = (title, "pairs", "no match", wanted, "median IoU")
    return table(heads, rows)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.alteration", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--pairs", type=int, default=220, help="of each kind, about")
    parser.add_argument("--tuning", action="store_true", help="the half of the photos on which thresholds were set")
    parser.add_argument("--write", action="store_true", help="write the tables into docs/matching.md")
    asked = parser.parse_args()
    cv2.setNumThreads(1)
    photos = photos_in(asked.folder)
    photos = photos[0 if asked.tuning else 1 :: 2]
    began = time.process_time()
    fine = list(_benign(photos, max(1, asked.pairs // len(BENIGN))))
    changed = [one for one in _altered(photos, max(1, asked.pairs // len(ALTERED) + 4)) if one.name]
    spent = (time.process_time() - began) * 1000 / (len(fine) + len(changed))
    for one in (*(one for one in fine if one.alarm), *(one for one in changed if not one.alarm)):
        print(
            one.name, one.photo, "no match" if one.verdict is None else (one.verdict.relations, one.verdict.changes[:2])
        )
    text = (
        f"{len(fine)} benign pairs and {len(changed)} altered ones (at least {LEAST:.0%} of what is shown), made of"
        f" {len(photos)} photos, {'on which thresholds were set' if asked.tuning else 'none of them used when thresholds were last set'};"
        f" {spent:.0f} ms of processor a pair, making and matching it included.\n\n"
        + _rates("benign", fine, "false alarms")
        + "\n"
        + _rates("altered", changed, "found")
    )
    print(text)
    if asked.write:
        written(PAGE, "alteration", text)


if __name__ == "__main__":
    main()
