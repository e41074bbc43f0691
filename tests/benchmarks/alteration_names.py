"""`python -m tests.benchmarks.alteration_names FOLDER [--tuning] [--skip N] [--photos N]`: shots of a still under a name.

Each photo of FOLDER is shown in five frames with grain, held and moving, under an opaque plate, a translucent one or
outlined letters without a plate, in turn: untouched, with a paste or a removal elsewhere, and with a paste that goes on
under the plate. An edit that the frames do not show is left out. A line for each shot goes to `--log`; shots that it
already has are not made again.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw

from fingerprints.vocabulary import Quality
from scanner.recognise.altered import judge_frames
from tests.benchmarks.edits import EDITS
from tests.benchmarks.finishing import COLOURS, LINES, NAMES, draw_text
from tests.benchmarks.table import table
from tests.benchmarks.transforms import photos_in

SEED = 23
PLATES = ("opaque plate", "translucent plate", "outlined letters")
SHOTS = ("untouched", "paste elsewhere", "removal elsewhere", "paste partly under it")
GRADES = ("altered", "uncertain", "not altered", "no match")
MOVED = (0, 12, 24, 36, 48)
"""Thousandths of the side by which the camera has moved, frame by frame."""
_SHOWN = 0.95
"""Of each side: what a frame shows of the photo."""
_STEPS = 5
"""Levels by which an edit that can be seen differs, over half of its place or a hundredth of the picture."""
Box = tuple[int, int, int, int]


def _plate(photo: np.ndarray, rng: np.random.Generator) -> Box:
    """Left, top, right and bottom of a plate over a photo, in pixels."""
    height, width = photo.shape[:2]
    left, top = rng.uniform(0.04, 0.1) * width, rng.uniform(0.7, 0.78) * height
    wide, tall = rng.uniform(0.45, 0.7) * width, rng.uniform(0.12, 0.17) * height
    return round(left), round(top), round(left + wide), round(top + tall)


def _titled(frame: np.ndarray, plate: Box, kind: str, rng: np.random.Generator) -> np.ndarray:
    left, top, right, bottom = plate
    colour, opacity = COLOURS[int(rng.integers(len(COLOURS)))], rng.uniform(0.55, 0.85)
    levels = frame.astype(np.float32)
    if kind != "outlined letters":
        part = 1.0 if kind == "opaque plate" else opacity
        levels[top:bottom, left:right] *= 1 - part
        levels[top:bottom, left:right] += part * np.array(colour, np.float32)
    image = Image.fromarray(levels.astype(np.uint8))
    draw, tall = ImageDraw.Draw(image), bottom - top
    is_dark = kind != "outlined letters" and sum(colour) > 500
    for words, at, size in ((NAMES, 0.3, 0.38), (LINES, 0.76, 0.27)):
        draw_text(draw, (left + 0.15 * tall, top + at * tall), words[int(rng.integers(len(words)))], size * tall,
                  "black" if is_dark else "white", int(kind == "outlined letters"))  # fmt: skip
    return np.asarray(image)


def _place(photo: np.ndarray, plate: Box, shot: str, rng: np.random.Generator) -> np.ndarray:
    """Where a photo is edited: 1.5 % of it above the plate, or 3 % of it half under the plate's upper border."""
    height, width = photo.shape[:2]
    part = 0.03 if shot == SHOTS[3] else 0.015
    radius = float(np.sqrt(part * height * width / np.pi))
    if shot == SHOTS[3]:
        centre = (rng.uniform(0.3, 0.7) * (plate[2] - plate[0]) + plate[0], plate[1] * _SHOWN)
    else:
        centre = (rng.uniform(0.1, 0.9) * (width - 2 * radius) + radius, rng.uniform(0.15, 0.55) * height)
    return cv2.ellipse(np.zeros((height, width), np.uint8), (centre, (2.2 * radius, 1.8 * radius), 20), 1, -1) > 0


def _shown(picture: np.ndarray, held: bool, number: int) -> tuple[slice, slice]:
    """The rows and columns of a picture that a frame shows."""
    height, width = picture.shape[:2]
    step = 0 if held else MOVED[number]
    left, top = round(step * width / 1000), round(step * height / 2000)
    return slice(top, top + round(_SHOWN * height)), slice(left, left + round(_SHOWN * width))


def _frames(picture: np.ndarray, held: bool, plate: Box, kind: str, row: int) -> Iterator[np.ndarray]:
    height, width = picture.shape[:2]
    for number in range(len(MOVED)):
        shown = picture[_shown(picture, held, number)]
        frame = cv2.resize(shown, (width, height), interpolation=cv2.INTER_CUBIC)
        frame = _titled(frame, plate, kind, np.random.default_rng([SEED, row, 3]))
        noise = np.random.default_rng([row, number]).normal(0, 2, (height, width, 1))
        yield np.clip(frame + noise, 0, 255).astype(np.uint8)


def _is_seen(frames: Sequence[np.ndarray], plain: Sequence[np.ndarray], area: float) -> bool:
    apart = np.abs(frames[-1].astype(np.float32) - plain[-1]).max(axis=2)
    return bool((cv2.GaussianBlur(apart, (0, 0), 2) > _STEPS).sum() >= min(0.5 * area, 0.01 * apart.size))


def _matrix(photo: np.ndarray, held: bool, number: int) -> np.ndarray:
    """Where the photo lies in a frame: whether it is found is measured elsewhere."""
    height, width = photo.shape[:2]
    rows, columns = _shown(photo, held, number)
    across, down = columns.stop - columns.start, rows.stop - rows.start
    return np.array([[width / across, 0, -columns.start / across], [0, height / down, -rows.start / down], [0, 0, 1.0]])


def _grade(frames: Sequence[np.ndarray], photo: np.ndarray, held: bool) -> tuple[str, str]:
    matrices = iter([_matrix(photo, held, number) for number in range(0, len(frames), 2)])
    verdict, _ = judge_frames(dict(enumerate(frames)), lambda _: (next(matrices), photo), Quality.SCAN)
    grade = verdict.grade.value if verdict.judged and verdict.grade is not None else "no match"
    places = [(one.grade.value, *(round(side) for side in (one.region.x, one.region.y, one.region.w, one.region.h)))
              for one in verdict.changes]  # fmt: skip
    return grade, f"{verdict.graphics_percent} {places}"


def shots(photo: np.ndarray, other: np.ndarray, row: int, done: set[str]) -> Iterator[tuple[str, str, str, str]]:
    """Of one photo: key, group, grade, and what was found."""
    kind, plate = PLATES[row % 3], _plate(photo, np.random.default_rng([SEED, row, 1]))
    shape = "landscape" if photo.shape[1] > photo.shape[0] else "portrait"
    for held in (True, False):
        plain = [*_frames(photo, held, plate, kind, row)]
        for number, shot in enumerate(SHOTS):
            key = f"{row}, {kind}, {shape}, {'held' if held else 'moving'}, {shot}"
            if key in done:
                continue
            frames = plain
            if number:
                rng = np.random.default_rng([SEED, row, 2, number])
                mask = _place(photo, plate, shot, rng)
                edit = EDITS["removal" if shot == SHOTS[2] else "paste"]
                frames = [*_frames(edit(photo, other, mask, rng), held, plate, kind, row)]
                if not _is_seen(frames, plain, float(mask.sum())):
                    yield key, shot, "not seen", ""
                    continue
            yield key, f"{shot}, {'held' if held else 'moving'}", *_grade(frames, photo, held)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.alteration_names", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--photos", type=int, default=9)
    parser.add_argument("--skip", type=int, default=0)
    parser.add_argument("--tuning", action="store_true", help="the half of the photos on which thresholds were set")
    parser.add_argument("--log", type=Path, required=True)
    asked = parser.parse_args()
    cv2.setNumThreads(1)
    paths = photos_in(asked.folder)
    order = np.random.default_rng(17).permutation(len(paths))[0 if asked.tuning else 1 :: 2]
    lines = asked.log.read_text().splitlines() if asked.log.exists() else []
    done = {line.split("\t")[0] for line in lines}
    numbers = range(asked.skip, asked.skip + asked.photos)
    photos = {row: np.asarray(Image.open(paths[order[row]]).convert("RGB")) for row in numbers}
    for row, photo in photos.items():
        for one in shots(photo, photos[row - 1 if row > asked.skip else numbers[-1]], row, done):
            lines.append("\t".join(one))
            with asked.log.open("a") as log:
                print(lines[-1], file=log, flush=True)
    made = [line.split("\t") for line in lines]
    groups = sorted({group for _, group, grade, _ in made if grade != "not seen"})
    counts = {group: [sum(own == group and grade == each for _, own, grade, _ in made) for each in GRADES]
              for group in groups}  # fmt: skip
    print(table(("under a name", *GRADES), [(group, *map(str, counts[group])) for group in groups]))


if __name__ == "__main__":
    main()
