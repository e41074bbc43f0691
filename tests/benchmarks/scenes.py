"""Photographs inside pictures that a programme shows: walls of prints, screens, split frames, titles, negatives.

Each takes as many photographs as it shows, a photograph for what lies around them and a generator; all are RGB arrays.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from tests.benchmarks.finishing import jpeg, old_film

__all__ = ["GRAPHIC", "MUSTS", "SCENES", "Scene", "picture_of"]

Photo = np.ndarray
Rng = np.random.Generator
WIDE, HIGH = 1280, 720
_INKS = ((255, 255, 255), (250, 220, 60), (12, 12, 12), (190, 30, 30))
_WORDS = [
    "THE",
    "YEAR",
    "THAT",
    "THE",
    "RIVER",
    "CAME",
    "BACK",
    "AND",
    "NOBODY",
    "LEFT",
    "THE",
    "HOUSE",
    "BEFORE",
    "WINTER",
    "ENDED",
    "IN",
    "SILENCE",
]


@dataclass(frozen=True)
class Scene:
    """One kind of picture."""

    photos: int
    make: Callable[[Sequence[Photo], Photo, Rng], Photo]


def picture_of(name: str, photos: Sequence[Photo], around: Photo, rng: Rng) -> Photo:
    """The picture of that kind, encoded as a delivery is."""
    return jpeg(SCENES[name].make(photos, around, rng), int(rng.integers(72, 92)))


def _clipped(levels: Photo) -> Photo:
    return np.clip(levels, 0, 255).astype(np.uint8)


def _filled(photo: Photo, size: tuple[int, int], rng: Rng | None = None) -> Photo:
    """The photograph over all of a raster, cut where it is longer."""
    height, width = photo.shape[:2]
    scale = max(size[0] / width, size[1] / height)
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    large = cv2.resize(
        photo, (max(size[0], round(width * scale)), max(size[1], round(height * scale))), interpolation=how
    )
    room = large.shape[1] - size[0], large.shape[0] - size[1]
    x, y = (round(one * (0.5 if rng is None else rng.uniform(0.2, 0.8))) for one in room)
    return np.ascontiguousarray(large[y : y + size[1], x : x + size[0]])


def _fitted(photo: Photo, size: tuple[float, float]) -> Photo:
    """All of the photograph inside a raster."""
    height, width = photo.shape[:2]
    scale = min(size[0] / width, size[1] / height)
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return cv2.resize(photo, (max(8, round(width * scale)), max(8, round(height * scale))), interpolation=how)


def _laid(scene: Photo, thing: Photo, centre: tuple[float, float], turn: float, keystone: float, rng: Rng) -> Photo:
    """A flat thing laid into a scene, turned by degrees and seen a little from the side; it has a soft shadow."""
    height, width = thing.shape[:2]
    corners = np.array([[-width, -height], [width, -height], [width, height], [-width, height]], np.float64) / 2
    corners *= 1 + rng.uniform(-keystone, keystone, (4, 2))
    angle = np.deg2rad(turn)
    corners = corners @ np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]) + centre
    whole = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    matrix = cv2.getPerspectiveTransform(whole, corners.astype(np.float32))
    size = scene.shape[1::-1]
    laid = cv2.warpPerspective(thing, matrix, size, flags=cv2.INTER_LINEAR)
    cover = cv2.warpPerspective(np.ones((height, width), np.float32), matrix, size, flags=cv2.INTER_LINEAR)
    shade = 1 - 0.45 * cv2.GaussianBlur(np.roll(cover, (6, 4), (0, 1)), (0, 0), 5)
    under = scene * shade[..., None]
    return _clipped(under * (1 - cover[..., None]) + laid * cover[..., None])


def _bordered(photo: Photo, part: float, colour: tuple[int, int, int]) -> Photo:
    edge = max(2, round(part * min(photo.shape[:2])))
    return cv2.copyMakeBorder(photo, edge, edge, edge, edge, cv2.BORDER_CONSTANT, value=colour)


def _plaster(rng: Rng, size: tuple[int, int] = (WIDE, HIGH)) -> Photo:
    """An uneven wall or table top in some colour, with light from one side."""
    rough = cv2.resize(rng.normal(0, 1, (size[1] // 6, size[0] // 6)).astype(np.float32), size)
    light = np.linspace(rng.uniform(0.7, 1), rng.uniform(0.7, 1), size[0])[None, :, None]
    colour = rng.uniform(70, 210) + rng.uniform(-25, 25, 3)
    return _clipped((colour + 6 * rough[..., None] + rng.normal(0, 2, (size[1], size[0], 1))) * light)


# Frames that are parted


def _quarters(photos: Sequence[Photo], _around: Photo, rng: Rng) -> Photo:
    gap = int(rng.choice([0, 0, 4, 10]))
    size = (WIDE - gap) // 2, (HIGH - gap) // 2
    frame = np.full((HIGH, WIDE, 3), int(rng.choice([0, 255])), np.uint8)
    for place, photo in enumerate(photos):
        x, y = (place % 2) * (size[0] + gap), (place // 2) * (size[1] + gap)
        frame[y : y + size[1], x : x + size[0]] = _filled(photo, size, rng)
    return frame


def _columns(photos: Sequence[Photo], _around: Photo, rng: Rng) -> Photo:
    edges = np.linspace(0, WIDE, len(photos) + 1).round().astype(int)
    frame = np.hstack(
        [_filled(photo, (int(b - a), HIGH), rng) for photo, a, b in zip(photos, edges, edges[1:], strict=False)]
    )
    if rng.random() < 0.5:
        for edge in edges[1:-1]:
            frame[:, edge - 3 : edge + 3] = 255
    return frame


def _halves(photos: Sequence[Photo], around: Photo, rng: Rng) -> Photo:
    """One half of a photograph that fills the frame, the other half another one's: a wipe that stands still."""
    frame, seam = _filled(photos[0], (WIDE, HIGH)), round(WIDE * rng.uniform(0.42, 0.58))
    frame[:, seam:] = _filled(around, (WIDE - seam, HIGH))
    return frame if rng.random() < 0.5 else np.ascontiguousarray(frame[:, ::-1][:, ::-1])


def _text_column(size: tuple[int, int], rng: Rng, ground: tuple[int, int, int]) -> Photo:
    image = Image.new("RGB", size, ground)
    draw, y = ImageDraw.Draw(image), size[1] * 0.06
    ink = "white" if sum(ground) < 380 else "#202020"
    while y < size[1] * 0.9:
        high = size[1] * float(rng.choice([0.035, 0.035, 0.035, 0.08]))
        words = " ".join(rng.choice(_WORDS, 6)).lower()
        draw.text((size[0] * 0.07, y), words, fill=ink, font=ImageFont.load_default(size=max(9, high)))
        y += high * 1.6
    return np.asarray(image)


def _beside_text(photos: Sequence[Photo], _around: Photo, rng: Rng) -> Photo:
    seam = round(WIDE * rng.uniform(0.42, 0.55))
    ground = ((18, 24, 40), (240, 238, 230), (120, 20, 24))[int(rng.integers(3))]
    parts = [_filled(photos[0], (WIDE - seam, HIGH), rng), _text_column((seam, HIGH), rng, ground)]
    return np.hstack(parts if rng.random() < 0.5 else parts[::-1])


# Things in a scene


def _wall(photos: Sequence[Photo], _around: Photo, rng: Rng) -> Photo:
    """Four by three prints with white borders or in black frames, hung by hand."""
    scene, is_framed = _plaster(rng), rng.random() < 0.4
    cell = WIDE / 4, HIGH / 3
    for place, photo in enumerate(photos):
        small = _fitted(photo, (cell[0] * rng.uniform(0.66, 0.78), cell[1] * rng.uniform(0.66, 0.78)))
        thing = _bordered(small, 0.05, (24, 20, 18) if is_framed else (244, 243, 238))
        centre = (place % 4 + 0.5) * cell[0] + rng.uniform(-8, 8), (place // 4 + 0.5) * cell[1] + rng.uniform(-6, 6)
        scene = _laid(scene, thing, centre, rng.uniform(-4, 4), 0.01, rng)
    return _clipped(cv2.GaussianBlur(scene, (0, 0), 0.6) * rng.uniform(0.8, 1.05, 3))


def _telephone(photos: Sequence[Photo], around: Photo, rng: Rng) -> Photo:
    """A photograph on a telephone that somebody holds up: the whole of it, with a little of a program around it."""
    scene = cv2.GaussianBlur(_filled(around, (WIDE, HIGH)), (0, 0), rng.uniform(1, 5))
    is_upright = rng.random() < 0.6
    high = HIGH * rng.uniform(0.62, 0.85) if is_upright else HIGH * rng.uniform(0.38, 0.5)
    size = (round(high * 0.49), round(high)) if is_upright else (round(high * 2.05), round(high))
    screen = np.full((size[1], size[0], 3), int(rng.choice([0, 18, 250])), np.uint8)
    shown = _fitted(photos[0], size)
    y, x = (size[1] - shown.shape[0]) // 2, (size[0] - shown.shape[1]) // 2
    screen[y : y + shown.shape[0], x : x + shown.shape[1]] = shown
    cv2.putText(screen, "11:42", (round(size[0] * 0.06), round(size[1] * 0.04) + 12), 0, 0.4, (128, 128, 128), 1)
    body = _bordered(screen, 0.035, (14, 14, 16))
    centre = WIDE * rng.uniform(0.35, 0.65), HIGH * rng.uniform(0.47, 0.53)
    held = _laid(scene, body, centre, rng.uniform(-12, 12), 0.035, rng).astype(np.float32)
    shine = rng.uniform(0, 30) * np.clip(1 - np.abs(np.linspace(0, 1, WIDE) - rng.uniform(0.3, 0.7)) / 0.15, 0, 1)
    return _clipped(held + shine[None, :, None] + rng.normal(0, 2, held.shape))


def _screen(photos: Sequence[Photo], around: Photo, rng: Rng) -> Photo:
    """The whole photograph on a screen that takes three tenths of the frame's width, in a sharp scene."""
    scene = _filled(around, (WIDE, HIGH))
    shown = _fitted(photos[0], (WIDE * 0.3, HIGH * 0.42))
    thing = _bordered(_clipped(shown * rng.uniform(0.85, 1.1, 3) + 8), 0.06, (22, 22, 24))
    centre = WIDE * rng.uniform(0.24, 0.76), HIGH * rng.uniform(0.32, 0.68)
    return _laid(scene, thing, centre, rng.uniform(-6, 6), 0.06, rng)


def _table(photos: Sequence[Photo], _around: Photo, rng: Rng) -> Photo:
    """A print on a table, turned and partly under a hand's width of something."""
    thing = _bordered(_fitted(photos[0], (WIDE * 0.5, HIGH * 0.62)), rng.uniform(0, 0.06), (246, 244, 236))
    centre = WIDE * rng.uniform(0.35, 0.65), HIGH * rng.uniform(0.45, 0.55)
    scene = _laid(_plaster(rng), thing, centre, rng.uniform(-30, 30), 0.05, rng)
    over = np.zeros((HIGH, WIDE), np.float32)
    cv2.ellipse(over, (int(centre[0]), HIGH), (int(WIDE * 0.1), int(HIGH * 0.32)), rng.uniform(-30, 30), 0, 360, 1, -1)
    over = cv2.GaussianBlur(over, (0, 0), 3)[..., None]
    return _clipped(scene * (1 - over) + np.array((188, 140, 116)) * over)


def _poster(photos: Sequence[Photo], around: Photo, rng: Rng) -> Photo:
    """A poster on a house, seen well from the side."""
    scene = _filled(around, (WIDE, HIGH))
    photo = _fitted(photos[0], (WIDE * 0.55, HIGH * 0.75))
    height, width = photo.shape[:2]
    far, left, top = rng.uniform(0.62, 0.75), rng.uniform(0.1, 0.35) * WIDE, rng.uniform(0.08, 0.16) * HIGH
    squeeze, drop = rng.uniform(0.7, 0.85) * width, (1 - far) / 2 * height
    corners = np.array([[0, 0], [squeeze, drop], [squeeze, height - drop], [0, height]], np.float32)
    corners += (left, top)
    if rng.random() < 0.5:
        corners[:, 0] = WIDE - corners[:, 0]
        corners = corners[[1, 0, 3, 2]]
    whole = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    matrix = cv2.getPerspectiveTransform(whole, corners.astype(np.float32))
    laid = cv2.warpPerspective(photo, matrix, (WIDE, HIGH))
    cover = cv2.warpPerspective(np.ones((height, width), np.float32), matrix, (WIDE, HIGH))[..., None]
    return _clipped(scene * (1 - cover) + laid * cover * rng.uniform(0.75, 1.05))


def _television(photos: Sequence[Photo], _around: Photo, rng: Rng) -> Photo:
    """Filmed off a tube: a curved face, bright lines that beat with the camera's, a mask, a glow, a dark room."""
    part = rng.uniform(0.72, 0.95)
    size = round(HIGH * part * 4 / 3), round(HIGH * part)
    shown = _filled(photos[0], size).astype(np.float32)
    y, x = np.mgrid[0 : size[1], 0 : size[0]].astype(np.float32)
    u, v = 2 * x / size[0] - 1, 2 * y / size[1] - 1
    bent = 1 + rng.uniform(0.02, 0.06) * (u * u + v * v)
    shown = cv2.remap(shown, ((u * bent + 1) / 2 * size[0]), ((v * bent + 1) / 2 * size[1]), cv2.INTER_LINEAR)
    shown = cv2.GaussianBlur(shown, (0, 0), rng.uniform(1.0, 2.0))
    period, depth = rng.uniform(2.3, 6.0), rng.uniform(0.35, 0.75)
    shown *= (1 - depth * (0.5 + 0.5 * np.cos(2 * np.pi * y / period)))[..., None]
    shown *= 1 - 0.15 * (0.5 + 0.5 * np.cos(2 * np.pi * (x[..., None] / 3 + np.arange(3) / 3)))
    shown = shown * rng.uniform(1.1, 1.5) * rng.uniform((0.75, 0.85, 0.95), (1.0, 1.0, 1.25)) + rng.uniform(0, 20)
    frame = np.full((HIGH, WIDE, 3), 16, np.float32)
    top, left = (HIGH - size[1]) // 2, round((WIDE - size[0]) * rng.uniform(0.3, 0.7))
    frame[top : top + size[1], left : left + size[0]] = shown
    frame += 0.25 * cv2.GaussianBlur(frame, (0, 0), 12)
    small = cv2.resize(frame, None, fx=rng.uniform(0.7, 1.0), fy=rng.uniform(0.7, 1.0), interpolation=cv2.INTER_LINEAR)
    return _clipped(small + rng.normal(0, rng.uniform(2, 6), small.shape))


def _newspaper(photos: Sequence[Photo], _around: Photo, rng: Rng) -> Photo:
    """Printed in dots on a yellowed page, between columns."""
    page = _text_column((WIDE, HIGH), rng, (232, 224, 204)).copy()
    size = round(WIDE * 0.52), round(HIGH * 0.66)
    grey = cv2.cvtColor(_filled(photos[0], size), cv2.COLOR_RGB2GRAY).astype(np.float32)
    y, x = np.mgrid[0 : size[1], 0 : size[0]].astype(np.float32)
    pitch = rng.uniform(4.0, 5.5)
    dots = 127 + 110 * np.cos((x + y) * 2 * np.pi / pitch / 1.414) * np.cos((x - y) * 2 * np.pi / pitch / 1.414)
    ink = cv2.GaussianBlur(np.where(grey > dots, 225, 40).astype(np.float32), (0, 0), 0.9)
    left, top = round(WIDE * rng.uniform(0.05, 0.4)), round(HIGH * rng.uniform(0.08, 0.24))
    page[top - 8 : top + size[1] + 8, left - 8 : left + size[0] + 8] = (232, 224, 204)
    page[top : top + size[1], left : left + size[0]] = ink[..., None] * (1.0, 0.97, 0.89)
    turned = cv2.getRotationMatrix2D((WIDE / 2, HIGH / 2), rng.uniform(-3, 3), 1)
    return cv2.warpAffine(page, turned, (WIDE, HIGH), borderMode=cv2.BORDER_REPLICATE)


# Over all of the photograph


def _title(photos: Sequence[Photo], _around: Photo, rng: Rng) -> Photo:
    """Letters that cover two fifths of the picture: very large, or many lines on a plate."""
    frame = _filled(photos[0], (WIDE, HIGH))
    if rng.random() < 0.4:
        top, tall = round(HIGH * rng.uniform(0.1, 0.4)), round(HIGH * 0.44)
        ground = ((18, 24, 40), (240, 238, 230))[int(rng.integers(2))]
        plate, across = _text_column((round(WIDE * 0.94), tall), rng, ground), round(WIDE * 0.03)
        box = np.s_[top : top + tall, across : across + plate.shape[1]]
        frame[box] = _clipped(frame[box] * 0.12 + plate * 0.88)
        return frame
    lines = [" ".join(rng.choice(_WORDS, 2)) for _ in range(3)]
    heavy = 0
    while True:
        mask = Image.new("L", (WIDE, HIGH))
        for row, line in enumerate(lines):
            font = ImageFont.load_default(size=HIGH * 0.26)
            font = ImageFont.load_default(size=HIGH * 0.26 * min(1.0, WIDE * 0.95 / font.getlength(line)))
            place = WIDE / 2, HIGH * (0.2 + 0.3 * row)
            ImageDraw.Draw(mask).text(place, line, fill=255, font=font, anchor="mm", stroke_width=heavy)
        cover = np.asarray(mask, np.float32)[..., None] / 255
        if cover.mean() >= 0.4 or heavy > 40:
            return _clipped(frame * (1 - cover) + np.array(_INKS[int(rng.integers(4))]) * cover)
        heavy += 2


def _negative(photos: Sequence[Photo], _around: Photo, rng: Rng) -> Photo:
    """A colour negative: orange base and little contrast, or a plain inversion."""
    levels = 255.0 - photos[0]
    if rng.random() < 0.6:
        levels = (levels * rng.uniform(0.55, 0.8) + 30) * np.array((1.15, 0.85, 0.6))
    return _clipped(levels)


def _superimposed(photos: Sequence[Photo], around: Photo, rng: Rng) -> Photo:
    other, part = _filled(around, photos[0].shape[1::-1]), rng.uniform(0.44, 0.54)
    return _clipped(photos[0] * (1 - part) + other * part)


def _old_film(photos: Sequence[Photo], around: Photo, rng: Rng) -> Photo:
    return old_film(_filled(photos[0], (960, 720), rng), around, rng)


def _figure(photos: Sequence[Photo], _around: Photo, rng: Rng) -> Photo:
    """Somebody stands before it and takes a third of it."""
    frame = _filled(photos[0], (WIDE, HIGH)).astype(np.float32)
    over, x = np.zeros((HIGH, WIDE), np.float32), int(WIDE * rng.uniform(0.3, 0.7))
    cv2.ellipse(over, (x, int(HIGH * 0.3)), (int(WIDE * 0.09), int(HIGH * 0.22)), 0, 0, 360, 1, -1)
    cv2.ellipse(over, (x, HIGH), (int(WIDE * 0.26), int(HIGH * 0.55)), 0, 0, 360, 1, -1)
    over = cv2.GaussianBlur(over, (0, 0), 2)[..., None]
    cloth = np.array(rng.uniform(20, 90, 3)) + 10 * np.sin(np.linspace(0, 60, WIDE))[None, :, None]
    return _clipped(frame * (1 - over) + cloth * over)


def _corner(photos: Sequence[Photo], _around: Photo, rng: Rng) -> Photo:
    """A fifth of it, enlarged to fill the frame."""
    height, width = photos[0].shape[:2]
    wide, high = round(width * 0.46), round(height * 0.46)
    x, y = int(rng.integers(width - wide + 1)), int(rng.integers(height - high + 1))
    return _filled(photos[0][y : y + high, x : x + wide], (WIDE, HIGH))


def _duotone(photos: Sequence[Photo], _around: Photo, rng: Rng) -> Photo:
    grey = cv2.cvtColor(photos[0], cv2.COLOR_RGB2GRAY).astype(np.float32)[..., None] / 255
    steep = np.clip((grey - 0.5) * rng.uniform(1.8, 2.8) + 0.5, 0, 1)
    dark, light = rng.uniform(0, 90, 3), rng.uniform(150, 255, 3)
    return _clipped(dark + (light - dark) * steep)


def _out_of_focus(photos: Sequence[Photo], around: Photo, rng: Rng) -> Photo:
    """On the wall behind somebody, where the lens is not focused."""
    thing = _bordered(_fitted(photos[0], (WIDE * 0.42, HIGH * 0.55)), 0.05, (30, 26, 22))
    centre = WIDE * rng.uniform(0.3, 0.7), HIGH * rng.uniform(0.38, 0.5)
    return cv2.GaussianBlur(
        _laid(_plaster(rng), thing, centre, rng.uniform(-2, 2), 0.02, rng), (0, 0), rng.uniform(4, 6)
    )


SCENES: Mapping[str, Scene] = {
    "2 × 2 split screen": Scene(4, _quarters),
    "wall of twelve prints": Scene(12, _wall),
    "on a telephone": Scene(1, _telephone),
    "split screen, two photographs": Scene(1, _halves),
    "split screen, text": Scene(1, _beside_text),
    "title over 40 %": Scene(1, _title),
    "off a television": Scene(1, _television),
    "on a screen at 30 %": Scene(1, _screen),
    "colour negative": Scene(1, _negative),
    "superimposed at half": Scene(1, _superimposed),
    "three columns": Scene(3, _columns),
    "print on a table": Scene(1, _table),
    "poster from the side": Scene(1, _poster),
    "newspaper": Scene(1, _newspaper),
    "old film": Scene(1, _old_film),
    "figure in front": Scene(1, _figure),
    "a fifth of it": Scene(1, _corner),
    "duotone": Scene(1, _duotone),
    "out of focus": Scene(1, _out_of_focus),
}
MUSTS = tuple(SCENES)[:10]
"""Kinds of which at least two of three have to be found."""
GRAPHIC = ("split screen, text", "title over 40 %", "on a telephone", "off a television")
"""Kinds whose furniture is drawn, and the same in another picture."""
