"""Small films made by code: pictures with detail, stills planted between moving shots."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from fixtures.encode import rgb, run

Frame = NDArray[np.uint8]
SIZE = (320, 180)
RATE = 25


def picture(seed: int, size: tuple[int, int] = (640, 360)) -> Frame:
    """Soft fields, shapes and texture: as much to recognise as a photograph has."""
    draw = np.random.default_rng(seed)
    field = cv2.resize(draw.integers(0, 255, (6, 9, 3)).astype(np.uint8), size, interpolation=cv2.INTER_CUBIC)
    for _ in range(60):
        centre = (int(draw.integers(0, size[0])), int(draw.integers(0, size[1])))
        colour = tuple(int(value) for value in draw.integers(0, 255, 3))
        cv2.ellipse(
            field,
            centre,
            (int(draw.integers(4, 60)), int(draw.integers(4, 40))),
            float(draw.uniform(0, 180)),
            0,
            360,
            colour,
            -1,
        )
    return np.clip(field + draw.normal(0, 3, field.shape), 0, 255).astype(np.uint8)


def shown(still: Frame, *, zoom: float = 1.0, shift: float = 0.0) -> Frame:
    """The still filling the frame."""
    scale = SIZE[0] / still.shape[1] * zoom
    left, top = (still.shape[1] * scale - SIZE[0]) * (0.5 + shift), (still.shape[0] * scale - SIZE[1]) * 0.5
    small = cv2.resize(still, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return cv2.warpAffine(small, np.array([[1.0, 0, -left], [0, 1, -top]]), SIZE)


def hold(still: Frame, count: int, *, to: float = 1.0) -> list[Frame]:
    """`count` frames of it, zooming."""
    return [shown(still, zoom=1 + (to - 1) * n / count) for n in range(count)]


def moving(seed: int, count: int) -> list[Frame]:
    """Footage: shapes that travel over a background that does too."""
    back, draw = picture(seed, (640, 360)), np.random.default_rng(seed)
    paths = [
        (
            draw.uniform(0, 1, 2),
            draw.uniform(-0.02, 0.02, 2),
            int(draw.integers(8, 30)),
            draw.integers(0, 255, 3).tolist(),
        )
        for _ in range(12)
    ]
    frames = []
    for n in range(count):
        frame = shown(back, zoom=1.3, shift=0.4 * np.sin(seed + n / 20)).copy()
        for place, pace, radius, colour in paths:
            x, y = (place + pace * n) % 1
            cv2.circle(frame, (int(x * SIZE[0]), int(y * SIZE[1])), radius, colour, -1)
        frames.append(frame)
    return frames


def film(path: Path, frames: Iterable[Frame], *arguments: str, size: tuple[int, int] = SIZE) -> Path:
    """H.264 unless `arguments` say otherwise."""
    options = arguments or ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
    run(*rgb(size, RATE), *options, path, stdin=(np.ascontiguousarray(frame).tobytes() for frame in frames))
    return path
