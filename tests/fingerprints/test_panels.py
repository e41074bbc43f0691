import cv2
import numpy as np
import pytest

from fingerprints.prints.panels import panels
from tests.fingerprints.films import picture


def _grey(seed: int, size: tuple[int, int]) -> np.ndarray:
    return np.asarray(cv2.cvtColor(picture(seed, size), cv2.COLOR_RGB2GRAY))


@pytest.mark.parametrize(
    ("left", "top", "wide", "high"),
    [
        pytest.param(360, 40, 240, 150, id="inside"),
        pytest.param(70, 210, 160, 120, id="a third"),
        pytest.param(0, 0, 300, 200, id="in a corner"),
    ],
)
def test_a_picture_in_a_picture(left: int, top: int, wide: int, high: int) -> None:
    frames = []
    for step in range(3):
        frame = np.roll(_grey(1, (640, 360)), 5 * step, axis=1)
        frame[top : top + high, left : left + wide] = _grey(2, (wide, high))
        frames.append(frame)
    assert panels(frames)[0] == pytest.approx((left, top, left + wide, top + high), abs=3)


def test_a_split_screen_is_two() -> None:
    frame = np.hstack([_grey(3, (320, 360)), _grey(4, (320, 360))])
    assert sorted(panels([frame])) == [
        pytest.approx((0, 0, 320, 360), abs=3),
        pytest.approx((320, 0, 640, 360), abs=3),
    ]


@pytest.mark.parametrize("seed", range(5, 9))
def test_a_picture_has_none(seed: int) -> None:
    assert panels([_grey(seed, (640, 360))]) == ()


def test_texture_has_none() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (360, 640), np.uint8)
    assert panels([noise]) == ()
    assert panels([np.zeros((360, 640), np.uint8)]) == ()
    assert panels([np.zeros((20, 20), np.uint8)]) == ()
