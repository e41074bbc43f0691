"""Programmes made for measuring: shots of photographs and footage, with stills and clips planted among them.

Everything is drawn from folders that are given, by a seed. The truth is kept beside the programme.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from fixtures.encode import rgb, run
from media.ffmpeg import output, tool
from media.probe import probe

Frame = NDArray[np.uint8]

RATE = 25
STILLS = (
    "plain", "graded", "matted", "mirrored", "ken-burns", "caption", "dissolve", "in-picture", "in-picture-third",
    "on-a-screen",
)  # fmt: skip
CLIPS = (
    "clip-plain", "clip-graded-matted", "clip-mirrored", "clip-faster", "clip-slower", "clip-half", "clip-double",
    "clip-interlaced", "clip-reframed", "clip-in-picture", "clip-dissolve",
)  # fmt: skip
SPEEDS = {"clip-faster": 25 / 24, "clip-slower": 24 / 25, "clip-half": 0.5, "clip-double": 2.0}
INSETS = {"in-picture": (0.5, 0.9, 0.2), "in-picture-third": (0.34, 0.15, 0.85)}
"""Share of the height, and where."""
FADE = 12


@dataclass(frozen=True)
class Planted:
    """One instance. Seconds of the reference; frames of the programme, `end` not included."""

    item: str
    kind: str
    first: int
    end: int
    ref_in: float = 0.0
    ref_out: float = 0.0
    speed: float = 1.0


class Footage:
    """A clip's frames in memory, small."""

    def __init__(self, path: Path, size: tuple[int, int]) -> None:
        said = probe(path).first("video")
        assert said is not None
        assert said.rate is not None
        up, down = map(int, said.rate.split("/"))
        self.rate = up / down
        shape = {"width": said.width or 640, "height": said.height or 360}
        scale = max(size[0] / shape["width"], size[1] / shape["height"])
        wide, high = round(shape["width"] * scale), round(shape["height"] * scale)
        self.frames = [_centre(frame, size) for frame in read_frames(path, wide, high)]

    @property
    def seconds(self) -> float:
        return len(self.frames) / self.rate

    def at(self, seconds: float) -> Frame:
        return self.frames[min(len(self.frames) - 1, max(0, int(seconds * self.rate + 1e-6)))]


def read_frames(path: Path, width: int, height: int, *, most: int = 4000) -> Iterator[Frame]:
    """The first pictures of a clip in RGB at this size: height × width × 3."""
    command = [tool().path, "-nostdin", "-v", "error", "-i", f"file:{path.absolute()}", "-frames:v", str(most)]
    command += ["-vf", f"scale={width}:{height}:flags=area", "-fps_mode", "passthrough", "-f", "rawvideo"]
    size = width * height * 3
    for block in output([*command, "-pix_fmt", "rgb24", "pipe:1"], block=size):
        if len(block) == size:
            yield np.frombuffer(block, np.uint8).reshape(height, width, 3)


def _centre(frame: Frame, size: tuple[int, int]) -> Frame:
    height, width = frame.shape[:2]
    x, y = (width - size[0]) // 2, (height - size[1]) // 2
    return np.ascontiguousarray(frame[y : y + size[1], x : x + size[0]])


def cover(picture: Frame, size: tuple[int, int], *, zoom: float = 1.0, x: float = 0.5, y: float = 0.5) -> Frame:
    """The picture filling the raster, zoomed about a place."""
    height, width = picture.shape[:2]
    scale = max(size[0] / width, size[1] / height) * zoom
    left, top = (width * scale - size[0]) * x, (height * scale - size[1]) * y
    matrix = np.array([[scale, 0, -left], [0, scale, -top]])
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    if scale < 0.6:
        picture, matrix = (
            cv2.resize(picture, None, fx=scale, fy=scale, interpolation=how),
            np.array([[1.0, 0, -left], [0, 1.0, -top]]),
        )
    return cv2.warpAffine(picture, matrix, size, flags=cv2.INTER_LINEAR)


def grade(frame: Frame) -> Frame:
    levels = np.arange(256) / 255
    curves = [
        np.clip(255 * (levels**gamma * gain + 0.03), 0, 255) for gamma, gain in ((1.25, 1.1), (1.1, 0.95), (0.95, 0.8))
    ]
    return np.stack([curve.astype(np.uint8)[frame[..., n]] for n, curve in enumerate(curves)], axis=2)


def matte(frame: Frame, ratio: float = 2.39) -> Frame:
    out, height = frame.copy(), frame.shape[0]
    bar = max(0, round((height - frame.shape[1] / ratio) / 2))
    out[:bar] = out[height - bar :] = 0
    return out


def caption(frame: Frame) -> Frame:
    out = frame.copy()
    height, width = out.shape[:2]
    cv2.rectangle(out, (int(0.05 * width), int(0.76 * height)), (int(0.6 * width), int(0.9 * height)), (20, 30, 90), -1)
    cv2.putText(out, "AN ARCHIVE", (int(0.08 * width), int(0.86 * height)), 0, height / 400, (255, 255, 255), 2)
    return out


def inset(frame: Frame, behind: Frame, share: float, x: float, y: float) -> Frame:
    out, size = behind.copy(), (behind.shape[1], behind.shape[0])
    high = int(size[1] * share)
    wide = int(high * frame.shape[1] / frame.shape[0])
    if wide > size[0] * 0.7:
        wide, high = int(size[0] * 0.7), int(size[0] * 0.7 * frame.shape[0] / frame.shape[1])
    left, top = int((size[0] - wide) * x), int((size[1] - high) * y)
    out[top : top + high, left : left + wide] = cv2.resize(frame, (wide, high), interpolation=cv2.INTER_AREA)
    return out


def dissolve(frame: Frame, behind: Frame, n: int, count: int) -> Frame:
    """Frame `n` of `count` that come out of what lies behind, and go into it again."""
    weight = min(1.0, (n + 1) / (FADE + 1), (count - n) / (FADE + 1))
    return cv2.addWeighted(frame, weight, behind, 1 - weight, 0)


def screen(frame: Frame, behind: Frame, turn: float) -> Frame:
    """The picture on a screen that is seen at an angle."""
    height, width = frame.shape[:2]
    size = behind.shape[1], behind.shape[0]
    high = 0.62 * size[1]
    wide = min(high * width / height, 0.62 * size[0])
    high = wide * height / width
    left, top = 0.2 * size[0] + 20 * turn, 0.18 * size[1]
    corners = np.array(
        [
            [left, top],
            [left + wide, top + 0.07 * high],
            [left + wide * 0.97, top + high * 0.95],
            [left + 0.03 * wide, top + high],
        ],
        np.float32,
    )
    start = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    matrix = cv2.getPerspectiveTransform(start, corners)
    small = cv2.warpPerspective(frame, matrix, size, flags=cv2.INTER_AREA)
    mask = cv2.warpPerspective(np.full((height, width), 255, np.uint8), matrix, size)
    return np.where(mask[..., None] > 127, small, behind)


class Maker:
    """Draws a programme frame by frame."""

    def __init__(
        self,
        photos: list[Path],
        clips: dict[str, Footage],
        filler: dict[str, Footage],
        size: tuple[int, int],
        seed: int,
    ) -> None:
        self.size, self.random = size, random.Random(seed)
        self.photos, self.clips, self.filler = photos, clips, filler
        self.planted: list[Planted] = []
        self.at = 0

    def frames(self, stills: list[tuple[Path, str]], clips: list[tuple[str, str]], minutes: float) -> Iterator[Frame]:
        """Filler, a plant, filler … until all is planted and the time is over."""
        plants: list[Callable[[], Iterator[Frame]]] = [
            lambda path=path, kind=kind: self._still(path, kind) for path, kind in stills
        ]
        plants += [lambda name=name, kind=kind: self._clip(name, kind) for name, kind in clips]
        self.random.shuffle(plants)
        every = max(1, round(minutes * 60 * RATE / max(1, len(plants))))
        for number, plant in enumerate(plants):
            while self.at < number * every + every // 2:
                yield from self._counted(self._fill())
            yield from self._counted(plant())
        while self.at < minutes * 60 * RATE:
            yield from self._counted(self._fill())

    def _counted(self, frames: Iterator[Frame]) -> Iterator[Frame]:
        for frame in frames:
            yield frame
            self.at += 1

    def _photo(self) -> Frame:
        return cv2.imread(str(self.random.choice(self.photos)))[..., ::-1]

    def _fill(self, count: int | None = None) -> Iterator[Frame]:
        count = count or self.random.randint(40, 140)
        if self.filler and self.random.random() < 0.5:
            footage = self.filler[self.random.choice(list(self.filler))]
            start = self.random.uniform(0, max(0, footage.seconds - count / RATE))
            yield from (footage.at(start + n / RATE) for n in range(min(count, int(footage.seconds * RATE))))
            return
        photo, zoom = self._photo(), self.random.uniform(1.0, 1.3)
        for n in range(count):
            yield cover(photo, self.size, zoom=1 + (zoom - 1) * n / count)

    def _still(self, path: Path, kind: str) -> Iterator[Frame]:
        picture = cv2.imread(str(path))[..., ::-1]
        count, first = self.random.randint(60, 150), self.at
        behind = self._fill(count)
        background = next(behind)
        for n in range(count):
            background = next(behind, background)
            share = n / count
            zoom = {"ken-burns": 1 + 0.6 * share, "dissolve": 1.02}.get(kind, 1 + 0.06 * share)
            shown = cover(picture, self.size, zoom=zoom, x=0.5 + 0.2 * share, y=0.4)
            if kind == "graded":
                shown = grade(shown)
            elif kind == "matted":
                shown = matte(shown)
            elif kind == "mirrored":
                shown = np.ascontiguousarray(shown[:, ::-1])
            elif kind == "caption":
                shown = caption(shown)
            elif kind in INSETS:
                shown = inset(picture, background, *INSETS[kind])
            elif kind == "on-a-screen":
                shown = screen(picture, background, share)
            elif kind == "dissolve":
                shown = dissolve(shown, background, n, count)
            yield shown
        self.planted.append(Planted(path.name, kind, first, first + count))

    def _clip(self, name: str, kind: str) -> Iterator[Frame]:
        footage, speed, first = self.clips[name], SPEEDS.get(kind, 1.0), self.at
        count = min(self.random.randint(90, 200), int((footage.seconds - 0.2) / speed * RATE))
        start = self.random.uniform(0, footage.seconds - count / RATE * speed)
        behind = self._fill(count)
        background = next(behind)
        for n in range(count):
            background = next(behind, background)
            time = start + n / RATE * speed
            shown = footage.at(time)
            if kind == "clip-graded-matted":
                shown = matte(grade(shown))
            elif kind == "clip-mirrored":
                shown = np.ascontiguousarray(shown[:, ::-1])
            elif kind == "clip-interlaced":
                shown = shown.copy()
                shown[1::2] = footage.at(time + 0.5 / RATE)[1::2]
            elif kind == "clip-reframed":
                shown = cover(shown, self.size, zoom=1.25, x=0.3, y=0.5)
            elif kind == "clip-in-picture":
                shown = inset(shown, background, 0.5, 0.1, 0.2)
            elif kind == "clip-dissolve":
                shown = dissolve(shown, background, n, count)
            yield shown
        self.planted.append(Planted(name, kind, first, first + count, start, start + count / RATE * speed, speed))


def encode(frames: Iterator[Frame], path: Path, size: tuple[int, int], *arguments: str) -> None:
    """H.264 in MOV, or as `arguments` say."""
    options = arguments or ("-c:v", "libx264", "-preset", "ultrafast", "-crf", "23")
    blocks = (np.ascontiguousarray(frame).tobytes() for frame in frames)
    run(*rgb(size, RATE), "-pix_fmt", "yuv420p", "-timecode", "10:00:00:00", *options, path, stdin=blocks)


def truth_to(path: Path, planted: list[Planted]) -> None:
    path.write_text(json.dumps([asdict(one) for one in planted], indent=1), "utf-8")


def truth_of(path: Path) -> list[Planted]:
    return [Planted(**one) for one in json.loads(path.read_text("utf-8"))]
