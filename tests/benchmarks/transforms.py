"""Forty-two things that post-production does to a picture, on Pillow images, the same for the same seed.

Each takes the picture, another one (the scene it is placed in, or dissolves to) and a generator.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable, Mapping
from functools import partial, reduce
from pathlib import Path

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter, ImageFont, ImageOps

__all__ = ["TRANSFORMS", "photos_in", "transformed", "working"]

Image_ = Image.Image
Rng = np.random.Generator
Step = Callable[[Image_, Image_, Rng], Image_]

SIDE = 640
WIDE, SCOPE = 16 / 9, 2.39


def photos_in(folder: Path) -> list[Path]:
    """The photographs that a benchmark is given, by name."""
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in (".jpg", ".jpeg", ".png"))


def working(image: Image_) -> Image_:
    """At most `SIDE` pixels long, RGB."""
    image = image.convert("RGB")
    image.thumbnail((SIDE, SIDE), Image.Resampling.BOX)
    return image


def transformed(name: str, image: Image_, other: Image_, seed: str) -> np.ndarray:
    """The picture after the named transform, as an array."""
    rng = np.random.default_rng(zlib.crc32(f"{name} {seed}".encode()))
    return np.asarray(TRANSFORMS[name](image, other, rng).convert("RGB"))


def _chain(*steps: Step) -> Step:
    return lambda image, other, rng: reduce(lambda done, step: step(done, other, rng), steps, image)


def _only(change: Callable[[Image_], Image_]) -> Step:
    return lambda image, _other, _rng: change(image)


# Encoding and size


def _jpeg(image: Image_, quality: int) -> Image_:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    return Image.open(buffer).convert("RGB")


def _scaled(image: Image_, across: float, down: float | None = None) -> Image_:
    size = (max(8, round(image.width * across)), max(8, round(image.height * (down or across))))
    return image.resize(size, Image.Resampling.BICUBIC if across > 1 else Image.Resampling.BOX)


def _squeezed(image: Image_) -> Image_:
    return image.resize((round(image.height * WIDE), image.height))


def _upscaled(image: Image_) -> Image_:
    big = _scaled(image, 0.5).resize(image.size, Image.Resampling.LANCZOS)
    return big.filter(ImageFilter.UnsharpMask(radius=2, percent=130, threshold=0))


def encoded(quality: int) -> Step:
    return _only(partial(_jpeg, quality=quality))


# Colour and texture


def _curves(
    image: Image_, *, gain: tuple[float, ...], gamma: tuple[float, ...], contrast: float, lift: float
) -> Image_:
    levels = np.asarray(image, np.float32) / 255
    levels = levels ** np.array(gamma, np.float32) * np.array(gain, np.float32) + lift
    levels = 0.5 + (levels - 0.5) * (1 + contrast)
    return Image.fromarray(np.uint8(np.clip(levels, 0, 1) * 255))


_teal = _only(
    partial(_curves, gain=(1.1, 1.0, 0.86), gamma=(0.9, 1.0, 1.15), contrast=0.2, lift=-0.02),
)
_warm = _only(partial(_curves, gain=(1.12, 1.02, 0.85), gamma=(0.95, 1.0, 1.05), contrast=0.15, lift=0.0))


def _crushed(image: Image_) -> Image_:
    dark = _curves(image, gain=(0.85, 0.9, 1.05), gamma=(1.6, 1.5, 1.35), contrast=0.5, lift=0.02)
    return ImageEnhance.Color(dark).enhance(0.45)


def _monochrome(image: Image_) -> Image_:
    return ImageEnhance.Contrast(ImageOps.grayscale(image)).enhance(1.5).convert("RGB")


def _sepia(image: Image_) -> Image_:
    return ImageOps.colorize(ImageOps.grayscale(image), (24, 12, 4), (255, 240, 205), mid=(150, 115, 80))


def grain(sigma: float) -> Step:
    def grained(image: Image_, _other: Image_, rng: Rng) -> Image_:
        noise = Image.fromarray(rng.normal(0, 1, (image.height, image.width)).astype(np.float32))
        soft = np.asarray(noise.resize((image.width, image.height)), np.float32)
        soft = soft + 0.5 * (np.roll(soft, 1, 0) + np.roll(soft, 1, 1))
        levels = np.asarray(image, np.float32) + (soft * (sigma / soft.std()))[..., None]
        return Image.fromarray(np.uint8(np.clip(levels, 0, 255)))

    return grained


def _interlaced(image: Image_) -> Image_:
    rows = np.array(image)
    rows[1::2] = np.roll(rows, max(2, image.width // 80), axis=1)[1::2]
    return Image.fromarray(rows)


def _dissolved(image: Image_, other: Image_, _rng: Rng) -> Image_:
    return Image.blend(image, other.resize(image.size), 0.3)


# Graphics


def _letters(image: Image_, text: str, centre: tuple[float, float], height: float, fill: str = "white") -> None:
    font = ImageFont.load_default(size=max(8, height * image.height))
    place = (centre[0] * image.width, centre[1] * image.height)
    ImageDraw.Draw(image).text(place, text, fill=fill, font=font, anchor="mm", stroke_width=1, stroke_fill="black")


def _lower_third(image: Image_) -> Image_:
    done = image.copy()
    box = [round(part * side) for part, side in zip((0.06, 0.75, 0.7, 0.92), (*image.size, *image.size), strict=True)]
    plate = Image.new("RGB", (box[2] - box[0], box[3] - box[1]), (130, 30, 24))
    done.paste(Image.blend(done.crop(tuple(box)), plate, 0.85), (box[0], box[1]))
    _letters(done, "Margaret Oakes", (0.38, 0.80), 0.06)
    _letters(done, "curator, county museum", (0.38, 0.875), 0.045)
    return done


def _subtitled(image: Image_) -> Image_:
    done = image.copy()
    _letters(done, "Nobody in the village remembers", (0.5, 0.83), 0.065)
    _letters(done, "the summer when it was taken.", (0.5, 0.91), 0.065)
    return done


def _bug(image: Image_) -> Image_:
    done = image.copy()
    radius = image.height * 0.06
    x, y = image.width - 2.2 * radius, 2.2 * radius
    ImageDraw.Draw(done).ellipse((x - radius, y - radius, x + radius, y + radius), fill=(240, 240, 240))
    _letters(done, "K4", (x / image.width, y / image.height), 0.06, "navy")
    return done


# Frames


def _barred(image: Image_, across: float, down: float) -> Image_:
    return ImageOps.expand(image, (round(image.width * across), round(image.height * down)), "black")


def _subtitle_in_bar(image: Image_) -> Image_:
    done = _barred(image, 0, 0.16)
    _letters(done, "a subtitle that lies in the bar", (0.5, 0.945), 0.05)
    return done


def _filled(image: Image_, shape: float) -> Image_:
    width = min(image.width, image.height * shape)
    return ImageOps.fit(image, (round(width), round(width / shape)), Image.Resampling.BICUBIC)


def _blurred_sides(image: Image_) -> Image_:
    frame = _filled(image, WIDE).resize((640, 360)).filter(ImageFilter.GaussianBlur(13))
    frame = ImageEnhance.Brightness(frame).enhance(0.7)
    picture = ImageOps.contain(image, (500, 350))
    frame.paste(picture, ((640 - picture.width) // 2, (360 - picture.height) // 2))
    return frame


def _matte(image: Image_, shape: float = SCOPE, frame: float = WIDE) -> Image_:
    inside = _filled(image, shape)
    done = Image.new("RGB", (inside.width, round(inside.width / frame)))
    done.paste(inside, (0, (done.height - inside.height) // 2))
    return done


def _fitted(image: Image_) -> Image_:
    return ImageOps.pad(image, (640, 360), Image.Resampling.BICUBIC, color="black")


def cropped(keep: float) -> Step:
    def cut(image: Image_, _other: Image_, rng: Rng) -> Image_:
        width, height = round(image.width * keep), round(image.height * keep)
        x, y = rng.integers(0, image.width - width + 1), rng.integers(0, image.height - height + 1)
        return image.crop((int(x), int(y), int(x) + width, int(y) + height))

    return cut


def moving(step: int) -> Step:
    """One of six frames of a move from 1.10 to 1.40 times; the path is the picture's own."""

    def frame(image: Image_, _other: Image_, _rng: Rng) -> Image_:
        path = np.random.default_rng(zlib.crc32(image.resize((8, 8)).tobytes())).uniform(0, 1, (2, 2))
        x, y = path[0] + (path[1] - path[0]) * step / 5
        width, height = (side / (1.10 + 0.06 * step) for side in image.size)
        left, top = x * (image.width - width), y * (image.height - height)
        return image.resize(image.size, Image.Resampling.BICUBIC, (left, top, left + width, top + height))

    return frame


# Geometry


def _rotated(image: Image_, _other: Image_, rng: Rng) -> Image_:
    return image.rotate(3 if rng.random() < 0.5 else -3, Image.Resampling.BICUBIC, fillcolor=(90, 90, 90))


def _rescanned(image: Image_, _other: Image_, rng: Rng) -> Image_:
    """A print photographed by hand: keystone, a little rotation, light that falls off."""
    width, height = image.size
    corners = np.array([[0, 0], [0, height], [width, height], [width, 0]], np.float64)
    moved = corners + rng.uniform(-0.035, 0.035, (4, 2)) * (width, height)
    rows = [
        row
        for (x, y), (u, v) in zip(corners, moved, strict=True)
        for row in ((x, y, 1, 0, 0, 0, -u * x, -u * y), (0, 0, 0, x, y, 1, -v * x, -v * y))
    ]
    way = np.linalg.solve(np.array(rows), moved.ravel())
    tilted = image.transform(image.size, Image.Transform.PERSPECTIVE, way.tolist(), Image.Resampling.BICUBIC)
    tilted = tilted.rotate(rng.uniform(-2, 2), Image.Resampling.BICUBIC)
    light = ImageOps.invert(Image.radial_gradient("L").resize(image.size)).point(lambda level: 150 + level * 105 // 255)
    return ImageChops.multiply(tilted, Image.merge("RGB", [light] * 3))


def inset(part: float) -> Step:
    def placed(image: Image_, other: Image_, rng: Rng) -> Image_:
        frame = _filled(other, WIDE).resize((640, 360))
        picture = ImageOps.contain(image, (round(640 * part), 324), Image.Resampling.BOX)
        room = (640 - picture.width, 360 - picture.height)
        frame.paste(picture, (int(rng.uniform() * room[0]), int(rng.uniform() * room[1])))
        return frame

    return placed


def _split(image: Image_, other: Image_, _rng: Rng) -> Image_:
    frame = Image.new("RGB", (640, 360))
    frame.paste(ImageOps.fit(image, (320, 360)), (0, 0))
    frame.paste(ImageOps.fit(other, (320, 360)), (320, 0))
    return frame


def _heavy_matte(image: Image_) -> Image_:
    bar = round((image.height - image.width / SCOPE) / 2)
    done = image.copy()
    for box in ((0, 0, image.width, bar), (0, image.height - bar, image.width, image.height)):
        done.paste("black", box)
    return done


_FILL = _only(partial(_filled, shape=WIDE))
_MIRROR = _only(ImageOps.mirror)

TRANSFORMS: Mapping[str, Step] = {
    "doubled": _chain(_only(partial(_scaled, across=2.0)), encoded(80)),
    "quarter of the size": _chain(_only(partial(_scaled, across=0.25)), encoded(70)),
    "JPEG 10": encoded(10),
    "squeezed 4:3 → 16:9": _chain(
        _only(lambda image: image.resize((round(image.height * WIDE), image.height))), encoded(75)
    ),
    "upscaled, sharpened": _only(_upscaled),
    "grade": _chain(_teal, encoded(75)),
    "grade, crushed": _chain(_only(_crushed), encoded(75)),
    "black and white": _chain(_only(_monochrome), encoded(75)),
    "sepia": _chain(_only(_sepia), encoded(75)),
    "grain 25": _chain(grain(25), encoded(80)),
    "interlaced": _chain(_only(_interlaced), encoded(75)),
    "dissolve 30 %": _chain(_dissolved, encoded(75)),
    "lower third": _chain(_only(_lower_third), encoded(75)),
    "subtitle": _chain(_only(_subtitled), encoded(75)),
    "logo": _chain(_only(_bug), encoded(75)),
    "letterbox": _chain(_only(partial(_barred, across=0, down=0.17)), encoded(75)),
    "pillarbox": _chain(_only(partial(_barred, across=0.17, down=0)), encoded(75)),
    "window box": _chain(_only(partial(_barred, across=0.15, down=0.15)), encoded(75)),
    "subtitle in the bar": _chain(_only(_subtitle_in_bar), encoded(75)),
    "blurred sides": _chain(_only(_blurred_sides), encoded(75)),
    "fill 16:9": _chain(_FILL, encoded(75)),
    "matte 2.39": _chain(_only(_matte), encoded(75)),
    **{f"crop {part} %": _chain(cropped(1 - part / 100), encoded(75)) for part in (5, 10, 20, 30, 50)},
    **{f"Ken Burns {1.10 + 0.06 * step:.2f}×": _chain(moving(step), encoded(75)) for step in range(6)},
    "mirror": _chain(_MIRROR, encoded(75)),
    "mirror, crop 10 %": _chain(_MIRROR, cropped(0.9), encoded(75)),
    "rotated 3°": _chain(_rotated, encoded(75)),
    "print, photographed": _chain(_rescanned, encoded(60)),
    "inset, half": _chain(inset(0.5), encoded(75)),
    "inset, a third": _chain(inset(1 / 3), encoded(75)),
    "split screen": _chain(_split, encoded(75)),
    "post, light": _chain(_only(_fitted), _warm, grain(6), _only(_bug), encoded(50)),
    "post, heavy": _chain(
        _FILL, cropped(0.95), _teal, grain(10), _only(_lower_third), _only(_heavy_matte), encoded(35)
    ),
}
