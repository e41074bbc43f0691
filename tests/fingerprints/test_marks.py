"""A watermarked preview is told from its clean master: cropped, regraded and encoded anew, at faint and at strong marks."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont
from skimage import data

from fingerprints.stills.marks import shows_mark_of
from media.still import Picture

PHOTO = Image.fromarray(data.astronaut())
KEPT = 0.8


def marked(alpha: float) -> Image.Image:
    over = Image.new("RGBA", PHOTO.size, (0, 0, 0, 0))
    draw, font = ImageDraw.Draw(over), ImageFont.load_default(size=40)
    for y in range(0, PHOTO.height, 128):
        draw.text((y // 3, y), "AGENCY  AGENCY", font=font, fill=(255, 255, 255, round(255 * alpha)))
    return Image.alpha_composite(PHOTO.convert("RGBA"), over).convert("RGB")


def encoded(picture: Image.Image, quality: int) -> Picture:
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(io.BytesIO(file.getvalue())).convert("RGB"))


def final(picture: Image.Image, *, darker: float = 1.0) -> Picture:
    """A crop of its middle, scaled and encoded again."""
    edge = (1 - KEPT) / 2
    side = picture.width
    box = tuple(round(part * side) for part in (edge, edge, edge + KEPT, edge + KEPT))
    return encoded(picture.crop(box).resize((480, 480)).point(lambda level: level * darker), 75)


@pytest.mark.parametrize("alpha", [0.15, *(pytest.param(alpha, marks=pytest.mark.thorough) for alpha in (0.35, 0.7))])
@pytest.mark.parametrize("darker", [1.0, 0.85])
def test_a_mark_is_seen_where_it_is_and_not_in_the_master(alpha: float, darker: float) -> None:
    preview = encoded(marked(alpha), 88)
    edge = (1 - KEPT) / 2
    matrix = np.array([[1 / KEPT, 0, -edge / KEPT], [0, 1 / KEPT, -edge / KEPT], [0, 0, 1]])
    assert shows_mark_of(final(marked(alpha), darker=darker), preview, matrix)
    assert not shows_mark_of(final(PHOTO, darker=darker), preview, matrix)


def test_of_another_picture_nothing_is_said() -> None:
    other = np.asarray(Image.fromarray(data.coffee()).resize((512, 512)))
    assert not shows_mark_of(other, encoded(marked(0.35), 88), np.eye(3))
