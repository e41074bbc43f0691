"""`python -m tests.benchmarks.alteration_shots FOLDER [--faces FOLDER] [--models FILE] [--write]`: altered or not, graded.

Photos of FOLDER are finished as programmes finish them, and edited and then finished; both as single pictures and as
shots, held or moving. Thresholds are set on one half of the photos (`--tuning`), drawn by a seed; rates are the
other's. FACES holds photos and dlib's XML files of their faces with 68 landmarks. Each line of the models' file names
an original and what a model made of it, by paths beside the file with a tab between them.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import cv2
import numpy as np
from PIL import Image

from fingerprints.stills.alteration import compare
from fingerprints.stills.match import Matcher
from fingerprints.vocabulary import Grade, Quality
from scanner.recognise.altered import altered_in_picture, doubted_in_picture, judge_frames
from tests.benchmarks.edits import EDITS, FACE_EDITS, edited, face_edited
from tests.benchmarks.finishing import FINISHED, GRAPHICS, frame_of, jpeg
from tests.benchmarks.measure import written
from tests.benchmarks.shelf import MemoryShelf
from tests.benchmarks.table import table
from tests.benchmarks.transforms import photos_in

PAGE = Path(__file__).parents[2] / "docs/matching.md"
SEED = 17
PARTS = (0.005, 0.012, 0.03)
"""Of the picture's area: what an edit changes."""
AFTERWARDS = ("", "grade", "grain", "Ken Burns 1.28×", "JPEG 15", "vignette", "lower third", "black and white")
"""What an edited picture goes through before it is judged."""
_STEPS = 5
"""Levels by which a delivered edit differs from what was not edited."""
MOVED = (0, 12, 24, 36, 48)
"""Thousandths of the side by which the camera has moved, frame by frame."""


@dataclass(frozen=True)
class Judged:
    name: str
    is_edited: bool
    part: float
    grade: Grade | None
    """None: no match, or not judged."""
    held: bool | None = None
    """Of a shot."""

    @property
    def group(self) -> str:
        if not self.is_edited:
            return self.name
        return f"{self.name}, {self.part:.1%}" if self.part else self.name


def _open(path: Path) -> np.ndarray:
    image = Image.open(path).convert("RGB")
    image.thumbnail((640, 640))
    return np.asarray(image)


def _found(frame: np.ndarray, photo: np.ndarray) -> np.ndarray | None:
    """Where a scan finds the photo in a frame."""
    found = Matcher(MemoryShelf({"it": photo})).match(frame)
    return found[0].matrix if found else None


def _grade(frame: np.ndarray, photo: np.ndarray, known: np.ndarray | None = None) -> Grade | None:
    """As a scan grades a still: of a doubtful match, *uncertain*."""
    if known is not None:
        verdict = compare(frame, photo, known, quality=Quality.SCAN)
        return verdict.grade if verdict.judged else None
    found = Matcher(MemoryShelf({"it": photo})).match(frame, with_doubtful=True)
    if not found:
        return None
    judge = doubted_in_picture if found[0].is_doubtful else altered_in_picture
    judged = judge(frame, found[0], photo, Quality.SCAN)
    return judged.grade if judged is not None and judged.judged else None


def _stills(photos: Sequence[np.ndarray]) -> Iterator[Judged]:
    for row, photo in enumerate(photos):
        other = photos[row - 1]
        for place, name in enumerate(FINISHED):
            frame = frame_of(name, photo, other, np.random.default_rng([SEED, row, place]))
            # Whether half of a picture is found is measured elsewhere; here, whether it is judged right.
            known = np.eye(3) if name == "split screen" else None
            yield Judged(name, False, 0.0, _grade(frame, photo, known))
        for place, name in enumerate(EDITS):
            rng = np.random.default_rng([SEED, row, place, 1])
            part = PARTS[(row + place) % len(PARTS)]
            done, mask = edited(name, photo, other, part, rng)
            if mask.any():
                after = AFTERWARDS[(3 * row + place) % len(AFTERWARDS)]
                frame, plain = (
                    frame_of(after, one, other, np.random.default_rng([SEED, row, place, 5]))
                    if after
                    else jpeg(one, 88)
                    for one in (done, photo)
                )
                if name != "repaint" and not _is_seen(frame, plain, mask):
                    continue
                yield Judged(name, True, 0.0 if name == "repaint" else part, _grade(frame, photo))


def _is_seen(frame: np.ndarray, plain: np.ndarray, mask: np.ndarray) -> bool:
    """Whether half of an edit can be seen in what is delivered: neither cropped nor under a plate."""
    apart = cv2.GaussianBlur(np.abs(frame.astype(np.float32) - plain).max(axis=2), (0, 0), 2) > _STEPS
    return bool(apart.sum() >= 0.5 * mask.sum())


def _shots(photos: Sequence[np.ndarray]) -> Iterator[Judged]:
    """Five frames with grain, of an edited photo under a name, and of an untouched one."""
    for row, photo in enumerate(photos):
        rng = np.random.default_rng([SEED, row, 2])
        done, mask = edited("paste", photo, photos[row - 1], 0.012, rng)
        for held in (True, False):
            for picture, is_edited in ((photo, False), (done, True)):
                if is_edited and not mask.any():
                    continue
                frames = dict(enumerate(_frames(picture, held, row)))

                def find(frame: np.ndarray, photo: np.ndarray = photo) -> tuple[np.ndarray, np.ndarray] | None:
                    matrix = _found(frame, photo)
                    return None if matrix is None else (matrix, photo)

                verdict, _ = judge_frames(frames, find, Quality.SCAN)
                name = "paste under a name" if is_edited else "untouched, under a name"
                yield Judged(name, is_edited, 0.012, verdict.grade if verdict.judged else None, held)


def _frames(picture: np.ndarray, held: bool, row: int) -> Iterator[np.ndarray]:
    height, width = picture.shape[:2]
    for number, moved in enumerate(MOVED):
        step = 0 if held else moved
        left, top = round(step * width / 1000), round(step * height / 2000)
        shown = picture[top : top + round(0.95 * height), left : left + round(0.95 * width)]
        frame = cv2.resize(shown, (width, height), interpolation=cv2.INTER_CUBIC)
        # The same name in every frame.
        frame = FINISHED[GRAPHICS[0]](frame, frame, np.random.default_rng([SEED, row, 3]))
        noise = np.random.default_rng([row, number]).normal(0, 2, (height, width, 1))
        yield np.clip(frame + noise, 0, 255).astype(np.uint8)


def _faces(folder: Path, is_tuning: bool) -> list[tuple[np.ndarray, np.ndarray]]:
    """Photos and the landmarks of their largest faces; dlib's training set is the half to tune on."""
    found = []
    path = folder / f"{'training' if is_tuning else 'testing'}_with_face_landmarks.xml"
    for image in ElementTree.parse(path).getroot().iter("image"):
        boxes = sorted(image.iter("box"), key=lambda box: -int(box.get("width", 0)))
        for box in boxes[:2]:
            points = np.array([[float(part.get("x", 0)), float(part.get("y", 0))] for part in box.iter("part")])
            if len(points) == 68 and np.ptp(points, axis=0).min() >= 32:
                found.append((np.asarray(Image.open(folder / image.get("file", "")).convert("RGB")), points))
    return found


def _of_faces(faces: Sequence[tuple[np.ndarray, np.ndarray]]) -> Iterator[Judged]:
    for row, (photo, points) in enumerate(faces):
        other, others = faces[row - 1]
        for place, name in enumerate(FACE_EDITS):
            rng = np.random.default_rng([SEED, row, place, 4])
            done, mask = face_edited(name, photo, points, other, others, rng)
            yield Judged(name, True, float(round(mask.mean(), 3)), _grade(jpeg(done, 90), photo))
            close = _closer(photo, points)
            there, here, part = photo[close], done[close], float(round(mask[close].mean(), 3))
            if there.shape[0] >= 100:
                yield Judged(f"{name}, close-up", True, part, _grade(jpeg(here, 90), there))


def _closer(photo: np.ndarray, points: np.ndarray) -> tuple[slice, slice]:
    """A close-up of a face."""
    size, (x, y) = float(np.ptp(points, axis=0).max()), points.mean(axis=0)
    left, top = max(0, int(x - 1.6 * size)), max(0, int(y - 1.1 * size))
    return slice(top, int(y + 1.1 * size)), slice(left, int(x + 1.6 * size))


def _of_models(path: Path, is_tuning: bool) -> Iterator[Judged]:
    """What models made of photos: removals and fills within a mask, and pictures that were edited as a whole."""
    for row, line in enumerate(path.read_text().splitlines()):
        names = line.split("\t")
        if (row // 2) % 2 == (0 if is_tuning else 1):
            photo, made = (_open(path.parent / name) for name in names)
            grade = _grade(jpeg(made, 90), photo)
            yield Judged("whole picture" if "diffusion" in names[0] else "within a mask", True, 0.0, grade)


def _table(title: str, judged: Sequence[Judged], key: str = "group") -> str:
    rows = []
    groups = list(dict.fromkeys(getattr(one, key) for one in judged))
    for group in (*sorted(groups), None):
        here = [one for one in judged if group is None or getattr(one, key) == group]
        counts = [
            sum(one.grade is grade for one in here) for grade in (Grade.ALTERED, Grade.UNCERTAIN, Grade.NONE, None)
        ]
        rows.append((group or "**all**", str(len(here)), *map(str, counts)))
    return table((title, "pictures", "altered", "uncertain", "not altered", "no match"), rows)


def _summary(judged: Sequence[Judged]) -> str:
    fine = [one for one in judged if not one.is_edited]
    lines = []
    for title, held in (("stills", None), ("held shots", True), ("moving shots", False)):
        here = [one for one in fine if one.held is held]
        if here:
            false = [sum(one.grade is grade for one in here) / len(here) for grade in (Grade.ALTERED, Grade.UNCERTAIN)]
            lines.append(f"Untouched {title}: {len(here)}; *altered* {false[0]:.1%}, *uncertain* {false[1]:.1%}.")
        for words, least, most in (("at 0.5 %", 0.0, 0.01), ("of 1 % and more", 0.01, 2.0)):
            made = [one for one in judged if one.is_edited and one.held is held and least <= (one.part or 1.0) < most]
            if made:
                found = (
                    sum(one.grade is Grade.ALTERED for one in made),
                    sum(one.grade is Grade.UNCERTAIN for one in made),
                )
                lines.append(
                    f"Edits {words}, {title}: {len(made)}; *altered* {found[0] / len(made):.1%}, *uncertain*"
                    f" {found[1] / len(made):.1%}."
                )
    return "\n".join(f"- {line}" for line in lines)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.alteration_shots", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--faces", type=Path)
    parser.add_argument("--models", type=Path, help="list of originals and what models made of them")
    parser.add_argument("--photos", type=int, default=12)
    parser.add_argument("--skip", type=int, default=0, help="photos of the half to leave out: those already looked at")
    parser.add_argument("--shots", type=int, default=6)
    parser.add_argument("--tuning", action="store_true", help="the half of the photos on which thresholds were set")
    parser.add_argument("--write", action="store_true", help="write the tables into docs/matching.md")
    asked = parser.parse_args()
    cv2.setNumThreads(1)
    paths = photos_in(asked.folder)
    order = np.random.default_rng(SEED).permutation(len(paths))[0 if asked.tuning else 1 :: 2]
    photos = [_open(paths[place]) for place in order[asked.skip : asked.skip + asked.photos]]
    began = time.process_time()
    judged = [*_stills(photos), *_shots(photos[: asked.shots])]
    faces = [*_of_faces(_faces(asked.faces, asked.tuning))] if asked.faces else []
    made = [*_of_models(asked.models, asked.tuning)] if asked.models else []
    spent = (time.process_time() - began) * 1000 / (len(judged) + len(faces) + len(made))
    stills = [one for one in judged if one.held is None]
    half = "on which thresholds were set" if asked.tuning else "none of which was used when thresholds were set"
    text = "\n".join(
        (
            f"{len(photos)} photos, {half}; {spent:.0f} ms of processor a picture or shot, making and matching included.\n",
            _summary(judged),
            "",
            _table("finished, untouched", [one for one in stills if not one.is_edited]),
            _table("edited, share of the picture", [one for one in stills if one.is_edited]),
            _table("faces", faces, "name") if faces else "",
            _table("by models", made, "name") if made else "",
            _table("held shots", [one for one in judged if one.held is True], "name"),
            _table("moving shots", [one for one in judged if one.held is False], "name"),
        )
    )
    print(text)
    if asked.write:
        written(PAGE, "shots", text)


if __name__ == "__main__":
    main()
