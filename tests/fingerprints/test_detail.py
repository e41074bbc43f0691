"""The last witness: a crop of a plain thing is known by its detail; what only shares an overlay is not."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from fingerprints.prints import features
from fingerprints.programmes.looks import Sight
from fingerprints.stills import verify
from fingerprints.stills.detail import agrees
from fixtures.photos import photograph
from tests.fingerprints.test_verify import NAMES, OVERLAYS

FRAME = (640, 360)
WHOLE = (0.0, 0.0, 1.0, 1.0)


def _fruit() -> Image.Image:
    """A plain thing on white with one bit of detail: its stem."""
    image = Image.new("RGB", (640, 640), "white")
    draw = ImageDraw.Draw(image)
    for ring in range(90):
        shade = 250 - int(1.4 * ring)
        draw.ellipse((160 + ring, 90 + 2 * ring, 480 - ring // 2, 600 - ring), fill=(shade, shade - 20, shade - 60))
    stem = photograph("coffee", (40, 60))
    image.paste(stem, (300, 60))
    return image.filter(ImageFilter.GaussianBlur(1))


def _laid(picture: Image.Image, zoom: float, top: float) -> tuple[np.ndarray, np.ndarray]:
    """A frame that shows the full width of the picture zoomed, from `top` on, and the matrix that says so."""
    scale = FRAME[0] / picture.width * zoom
    matrix = np.array([[scale, 0, -(zoom - 1) * FRAME[0] / 2], [0, scale, -top], [0, 0, 1.0]])
    grey = features.working(np.asarray(picture))
    return np.asarray(cv2.warpPerspective(grey, matrix, FRAME), np.uint8), matrix


def test_a_crop_of_a_plain_thing_agrees() -> None:
    picture = _fruit()
    frame, matrix = _laid(picture, 1.3, 60)
    noisy = np.clip(frame + np.random.default_rng(1).normal(0, 3, frame.shape), 0, 255).astype(np.uint8)
    assert agrees(noisy, np.ones_like(noisy), features.working(np.asarray(picture)), matrix)


def test_laid_elsewhere_it_does_not() -> None:
    picture = _fruit()
    frame, matrix = _laid(picture, 1.3, 60)
    matrix[1, 2] += 24
    assert not agrees(frame, np.ones_like(frame), features.working(np.asarray(picture)), matrix)


def test_bars_count_for_nothing() -> None:
    picture = photograph("pavilion", (640, 640))
    frame, matrix = _laid(picture, 1.2, 200)
    seen = np.ones_like(frame)
    seen[:60] = seen[-60:] = 0
    frame[seen == 0] = 16
    assert agrees(frame, seen, features.working(np.asarray(picture)), matrix)
    assert not agrees(frame, np.ones_like(frame) * (1 - seen), features.working(np.asarray(picture)), matrix)


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_a_shared_overlay_does_not_agree(overlay: str) -> None:
    """Laid so that the overlays lie on each other: the rest is another picture."""
    pictures = [photograph(name, FRAME).copy() for name in NAMES[:3]]
    for picture in pictures:
        OVERLAYS[overlay](picture)
    greys = [features.working(np.asarray(picture)) for picture in pictures]
    for row, frame in enumerate(greys):
        for other, grey in enumerate(greys):
            assert agrees(frame, np.ones_like(frame), grey, np.eye(3)) is (row == other)


def test_a_look_needs_some_points_all_the_same() -> None:
    picture = photograph("pavilion", FRAME)
    grey = features.working(np.asarray(picture))
    look = verify.look(grey, flip=False)
    found = verify.register(look, features.extract(np.asarray(picture)))
    assert found is not None
    assert found.inliers >= verify.INLIERS
    assert agrees(look.grey, look.seen, grey, found.homography)
    assert Sight(look, WHOLE).registered(features.extract(np.asarray(picture)), lambda: grey) is not None
