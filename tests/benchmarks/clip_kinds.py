"""Kinds of edits in which programmes show clips: each draws frames of a reel as an editor would show them.

Frames are RGB. A `Reel` keeps its pictures in a file, so that many of them cost no memory.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from media.probe import probe
from tests.benchmarks.programme_set import cover, dissolve, grade, inset, matte, read_frames

__all__ = ["KINDS", "SHORT", "SPEEDS", "Reel", "shown"]

Frame = NDArray[np.uint8]

SPEEDS: Mapping[str, float] = {
    "faster": 25 / 24, "slower": 24 / 25, "half": 0.5, "double": 2.0, "reversed": -1.0, "time-lapse": 4.0,
}  # fmt: skip
SHORT: Mapping[str, int] = {"12 frames": 12, "6 frames": 6}
KINDS = (
    "plain", "graded, matted", "mirrored", "faster", "slower", "half", "double", "interlaced", "reframed", "dissolve",
    "inset 50 %", "reversed", "12 frames", "6 frames", "television", "handheld", "large titles", "old film",
    "inset 30 %", "time-lapse", "superimposed", "split in two", "split in four",
)  # fmt: skip


class Reel:
    """The first pictures of a file, filling a raster; read once."""

    def __init__(self, path: Path, size: tuple[int, int], folder: Path) -> None:
        video = probe(path).first("video")
        assert video is not None
        assert video.rate is not None
        up, down = map(int, video.rate.split("/"))
        self.name, self.rate = path.name, up / down
        kept = folder / f"{path.name}.rgb"
        with kept.open("wb") as file:
            count = 0
            for frame in read_frames(path, video.width or 640, video.height or 360):
                file.write(cover(frame, size).tobytes())
                count += 1
        self.frames = np.memmap(kept, np.uint8, "r", shape=(count, size[1], size[0], 3))

    @property
    def seconds(self) -> float:
        return len(self.frames) / self.rate

    def at(self, seconds: float) -> Frame:
        """The picture that is shown at a time; the first and the last one beyond the ends."""
        return np.asarray(self.frames[min(len(self.frames) - 1, max(0, int(seconds * self.rate + 1e-6)))])


def shown(kind: str, picture: Callable[[float], Frame], n: int, count: int, behind: list[Frame]) -> Frame:
    """Frame `n` of `count`. `picture` gives the reel's frame so many programme frames later than now."""
    frame = picture(0.0)
    size = frame.shape[1], frame.shape[0]
    drawn: Mapping[str, Callable[[], Frame]] = {
        "graded, matted": lambda: matte(grade(frame)),
        "mirrored": lambda: np.ascontiguousarray(frame[:, ::-1]),
        "interlaced": lambda: _interlaced(frame, picture(0.5)),
        "reframed": lambda: cover(frame, size, zoom=1.25, x=0.3, y=0.5),
        "dissolve": lambda: dissolve(frame, behind[0], n, count),
        "inset 50 %": lambda: inset(frame, behind[0], 0.5, 0.1, 0.2),
        "inset 30 %": lambda: inset(frame, behind[0], 0.3, 0.92, 0.1),
        "television": lambda: television(frame, behind[0]),
        "handheld": lambda: shaken(television(frame, behind[0]), n),
        "large titles": lambda: titles(frame),
        "old film": lambda: old_film(frame, n),
        "superimposed": lambda: cv2.addWeighted(frame, 0.5, behind[0], 0.5, 0),
        "split in two": lambda: _split_in_two(frame, behind[0]),
        "split in four": lambda: _split_in_four(frame, behind),
    }
    return drawn[kind]() if kind in drawn else frame


def television(frame: Frame, behind: Frame) -> Frame:
    """The picture on a set that stands in a scene, seen at an angle, with its lines and its glow."""
    height, width = frame.shape[:2]
    corners = np.array([[0.3, 0.2], [0.77, 0.26], [0.76, 0.72], [0.29, 0.79]]) * (width, height)
    start = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    lines = np.where(np.arange(height)[:, None, None] % 3 == 0, 0.8, 1.05)
    glow = np.clip(255 * (frame / 255.0) ** 0.85 * lines * (0.92, 0.98, 1.08), 0, 255).astype(np.uint8)
    matrix = cv2.getPerspectiveTransform(start, corners.astype(np.float32))
    scene = cv2.GaussianBlur(behind, (0, 0), 1.0)
    middle = corners.mean(axis=0)
    case = np.rint(middle + (corners - middle) * 1.09).astype(np.int32)
    cv2.fillConvexPoly(scene, case, (18, 18, 20))
    laid = cv2.warpPerspective(cv2.GaussianBlur(glow, (0, 0), 0.6), matrix, (width, height), flags=cv2.INTER_AREA)
    mask = cv2.warpPerspective(np.full((height, width), 255, np.uint8), matrix, (width, height))
    return np.where(mask[..., None] > 127, laid, scene).astype(np.uint8)


def shaken(frame: Frame, n: int) -> Frame:
    """As a hand holds the camera: two slow movements, and a fast one."""
    height, width = frame.shape[:2]
    x = 0.02 * np.sin(n / 7) + 0.012 * np.sin(n / 2.9 + 1) + 0.004 * np.sin(n * 1.9)
    y = 0.018 * np.sin(n / 9 + 2) + 0.012 * np.sin(n / 3.3) + 0.004 * np.sin(n * 2.3)
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), 1.2 * float(np.sin(n / 11)), 1.08)
    turn[:, 2] += (x * width, y * height)
    return np.asarray(cv2.warpAffine(frame, turn, (width, height), flags=cv2.INTER_LINEAR), np.uint8)


def titles(frame: Frame) -> Frame:
    """Three lines over the whole width."""
    out, (height, width) = frame.copy(), frame.shape[:2]
    for row, words in enumerate(("THE LONG", "AUTUMN OF", "THE RIVER")):
        place = (round(0.06 * width), round((0.3 + 0.27 * row) * height))
        cv2.putText(out, words, place, cv2.FONT_HERSHEY_DUPLEX, height / 115, (245, 240, 230), height // 36)
    return out


def old_film(frame: Frame, n: int) -> Frame:
    """Sepia, weave, flicker, scratches and dust."""
    draw = np.random.default_rng(n)
    height, width = frame.shape[:2]
    grey = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY).astype(np.float32) * draw.uniform(0.85, 1.12)
    weave = np.array([[1, 0, draw.normal(0, 0.004) * width], [0, 1, draw.normal(0, 0.006) * height]])
    grey = cv2.warpAffine(grey, weave, (width, height), borderMode=cv2.BORDER_REPLICATE)
    for place in (0.21, 0.58, 0.83):
        if draw.random() < 0.6:
            x = round((place + draw.normal(0, 0.004)) * width)
            cv2.line(grey, (x, 0), (x + int(draw.integers(-2, 3)), height), 235.0, 1)
    for _ in range(int(draw.integers(5, 15))):
        centre = (int(draw.integers(0, width)), int(draw.integers(0, height)))
        cv2.circle(grey, centre, int(draw.integers(1, 4)), float(draw.choice([20, 240])), -1)
    return np.clip(grey[..., None] * (1.05, 0.92, 0.7) + draw.normal(0, 7, (height, width, 1)), 0, 255).astype(np.uint8)


def _interlaced(frame: Frame, later: Frame) -> Frame:
    out = frame.copy()
    out[1::2] = later[1::2]
    return out


def _split_in_two(frame: Frame, behind: Frame) -> Frame:
    """The middle of the picture on the left, another's on the right."""
    out, half = behind.copy(), frame.shape[1] // 2
    start = frame.shape[1] // 4
    out[:, half:] = behind[:, start : start + frame.shape[1] - half]
    out[:, :half] = frame[:, start : start + half]
    return out


def _split_in_four(frame: Frame, behind: list[Frame]) -> Frame:
    """Four whole pictures; this one is the lower left."""
    height, width = frame.shape[:2]
    size = width // 2, height // 2
    one, two, three, mine = (
        cv2.resize(each, size, interpolation=cv2.INTER_AREA) for each in (*(behind * 3)[:3], frame)
    )
    return np.vstack([np.hstack([one, two]), np.hstack([mine, three])])
