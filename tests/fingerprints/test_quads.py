"""Things with four straight sides are found in a picture, and laid upright."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from fingerprints.prints.quads import quads, rectified
from tests.fingerprints.films import picture


def _scene(corners: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A picture in a plain scene, in grey; and that picture."""
    photo = cv2.cvtColor(picture(2, (320, 240)), cv2.COLOR_RGB2GRAY)
    photo = cv2.copyMakeBorder(photo, 8, 8, 8, 8, cv2.BORDER_CONSTANT, value=250)
    height, width = photo.shape
    whole = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    scene = np.full((360, 640), 90, np.uint8)
    matrix = cv2.getPerspectiveTransform(whole, corners.astype(np.float32))
    cv2.warpPerspective(photo, matrix, (640, 360), scene, borderMode=cv2.BORDER_TRANSPARENT)
    return scene, photo


@pytest.mark.parametrize(
    "corners",
    [
        pytest.param([[100, 80], [340, 60], [350, 250], [90, 240]], id="by hand"),
        pytest.param([[200, 40], [420, 110], [420, 250], [200, 320]], id="from the side"),
        pytest.param([[300, 100], [420, 140], [390, 230], [270, 190]], id="turned"),
    ],
)
def test_a_print_is_found_and_laid_upright(corners: list[list[int]]) -> None:
    expected = np.array(corners, np.float64)
    scene, photo = _scene(expected)
    found = [one * (640, 360) for one in quads(scene)]
    (best,) = [one for one in found if np.abs(one - expected).max() < 5][:1]
    upright, back = rectified(scene, best / (640, 360), 320)
    small = cv2.resize(photo, upright.shape[::-1], interpolation=cv2.INTER_AREA)
    assert np.corrcoef(upright.ravel(), small.ravel())[0, 1] > 0.9
    placed = cv2.perspectiveTransform(np.array([[[0, 0], [1, 0], [1, 1], [0, 1]]], np.float64), back)[0]
    assert placed * (640, 360) == pytest.approx(best, abs=1)


def test_a_flat_picture_has_none() -> None:
    assert quads(np.full((360, 640), 128, np.uint8)) == ()
    assert quads(np.zeros((20, 20), np.uint8)) == ()
