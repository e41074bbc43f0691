"""Pairs to judge: what post-production may do to a photo, and what it may not do unsaid. Pillow and OpenCV.

An altered picture comes with the mask of what was changed, in the reference's frame.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import cv2
import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps

from tests.benchmarks.transforms import TRANSFORMS

__all__ = ["ALTERED", "BENIGN", "altered", "benign"]

Image_ = Image.Image
Rng = np.random.Generator
Altered = tuple[Image_, np.ndarray]

BENIGN = (
    "doubled",
    "JPEG 10",
    "squeezed 4:3 → 16:9",
    "upscaled, sharpened",
    "grade",
    "grade, crushed",
    "black and white",
    "sepia",
    "grain 25",
    "letterbox",
    "fill 16:9",
    "matte 2.39",
    "crop 10 %",
    "crop 30 %",
    "Ken Burns 1.28×",
    "mirror",
    "rotated 3°",
    "print, photographed",
    "inset, half",
    "inset, a third",
)
"""Of the transforms: none puts anything over the picture."""

AFTERWARDS = ("grade", "crop 5 %", "Ken Burns 1.16×", "mirror", "letterbox", "JPEG 10", "")
"""What an altered picture goes through before it is judged."""


def benign(name: str, image: Image_, other: Image_, rng: Rng) -> Image_:
    return TRANSFORMS[name](image, other, rng)


def altered(name: str, image: Image_, other: Image_, rng: Rng, afterwards: str) -> Altered:
    done, mask = ALTERED[name](image, other, rng)
    return (TRANSFORMS[afterwards](done, other, rng) if afterwards else done), mask


def _blob(image: Image_, rng: Rng, part: float) -> Image_:
    """A soft-edged round shape of that part of the picture's area, somewhere within."""
    shape = rng.uniform(0.7, 1.4)
    radius = np.sqrt(part * image.width * image.height / np.pi)
    across, down = min(radius * shape, image.width * 0.45), min(radius / shape, image.height * 0.45)
    x, y = rng.uniform(across, image.width - across), rng.uniform(down, image.height - down)
    mask = Image.new("L", image.size)
    ImageDraw.Draw(mask).ellipse((x - across, y - down, x + across, y + down), fill=255)
    return mask.filter(ImageFilter.GaussianBlur(1.5))


def _part(rng: Rng) -> float:
    return float(rng.uniform(0.035, 0.12))


def _seen(image: Image_, done: Image_, mask: Image_) -> Altered:
    """The shape, if a third of it or more can be seen to differ; a smooth wall does not, when it is blurred."""
    apart = ImageChops.difference(image, done).filter(ImageFilter.GaussianBlur(1)).convert("L")
    inside = np.asarray(mask) > 127
    is_visible = (np.asarray(apart)[inside] > 8).mean() > 1 / 3
    return done, inside if is_visible else np.zeros_like(inside)


def pasted(image: Image_, other: Image_, rng: Rng) -> Altered:
    mask = _blob(image, rng, _part(rng))
    return _seen(image, Image.composite(ImageOps.fit(other, image.size), image, mask), mask)


def cloned(image: Image_, _other: Image_, rng: Rng) -> Altered:
    mask = _blob(image, rng, _part(rng))
    away = (int(image.width * rng.uniform(0.25, 0.75)), int(image.height * rng.uniform(0.2, 0.8)))
    return _seen(image, Image.composite(ImageChops.offset(image, *away), image, mask), mask)


def inpainted(image: Image_, _other: Image_, rng: Rng) -> Altered:
    """Filled from its border, with the picture's own grain, as a retoucher removes a thing."""
    mask = _blob(image, rng, _part(rng))
    hole = np.asarray(mask) > 20
    filled = cv2.inpaint(np.asarray(image), hole.astype(np.uint8), 5, cv2.INPAINT_TELEA)
    smooth = np.asarray(filled, float)
    smooth += rng.normal(0, 3, smooth.shape[:2])[..., None]
    return _seen(image, Image.composite(Image.fromarray(np.uint8(np.clip(smooth, 0, 255))), image, mask), mask)


def blurred(image: Image_, _other: Image_, rng: Rng) -> Altered:
    """As faces are made unknowable."""
    mask = _blob(image, rng, _part(rng))
    return _seen(image, Image.composite(image.filter(ImageFilter.GaussianBlur(image.height / 24)), image, mask), mask)


def recoloured(image: Image_, _other: Image_, rng: Rng) -> Altered:
    """One thing in another colour."""
    mask = _blob(image, rng, _part(rng))
    hue, saturation, value = image.convert("HSV").split()
    turned = (
        hue.point(lambda level: (level + 100) % 256),
        saturation.point(lambda level: 90 + level * 165 // 255),
        value,
    )
    return _seen(image, Image.composite(Image.merge("HSV", turned).convert("RGB"), image, mask), mask)


def colourised(image: Image_, _other: Image_, _rng: Rng) -> Altered:
    """Its reference is black and white."""
    return image, np.ones((image.height, image.width), bool)


def extended(image: Image_, _other: Image_, rng: Rng) -> Altered:
    """Its reference is the middle of it: what lies around was never there."""
    return image, np.zeros((1, 1), bool)


ALTERED: Mapping[str, Callable[[Image_, Image_, Rng], Altered]] = {
    "paste": pasted,
    "clone": cloned,
    "inpaint": inpainted,
    "face blur": blurred,
    "recolour": recoloured,
    "colourise": colourised,
    "extension": extended,
}
