"""A picture that a moving hand films is followed to a fraction of a pixel, and its time is found."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from fingerprints.prints import phash
from fingerprints.programmes.placed import Placed, square
from fingerprints.programmes.steadied import anchored, pace_of, tracked
from tests.fingerprints.films import SIZE, moving

FILM = [cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) for frame in moving(60, 60)]
LOW = phash.coefficients(np.stack([cv2.resize(frame, (64, 64), interpolation=cv2.INTER_AREA) for frame in FILM]))
SCREEN = np.array([[0.2, 0.15], [0.8, 0.2], [0.78, 0.85], [0.18, 0.8]])


def _shows(seconds: float) -> np.ndarray:
    return phash.drawn(LOW[int(np.clip(round(seconds * 25), 0, len(LOW) - 1))])


def _corners(n: int) -> np.ndarray:
    return SCREEN + np.array([0.03 * np.sin(n / 4), 0.03 * np.cos(n / 5)])


def _filmed(n: int) -> np.ndarray:
    """Frame `n` of the film on a screen, filmed from the hand."""
    start = square(1) * SIZE
    matrix = cv2.getPerspectiveTransform(start.astype(np.float32), (_corners(n) * SIZE).astype(np.float32))
    return cv2.warpPerspective(FILM[n], matrix, SIZE, flags=cv2.INTER_AREA, borderValue=30)


def _off(found: np.ndarray, n: int) -> float:
    return float(np.abs(found - _corners(n)).mean())


def test_a_rough_place_at_a_rough_time_is_brought_to_the_right_ones() -> None:
    rough = _corners(30) + 0.02
    placed, moment, score = anchored(_filmed(30), rough, 30 / 25 + 0.2, _shows, flip=False)
    assert moment == pytest.approx(30 / 25, abs=0.041)
    assert _off(placed, 30) < 0.006
    assert score > 0.9


def test_every_frame_is_followed_from_one_that_is_known() -> None:
    frames = [_filmed(n) for n in range(60)]
    start = Placed(np.array([30]), _corners(30)[None] + 0.01, False, np.array([1.2]))
    found = tracked(frames, 0, start, lambda row: _shows(row / 25))
    assert found.rows.tolist() == list(range(60))
    assert max(_off(corners, n) for n, corners in enumerate(found.corners)) < 0.012


def test_a_wrong_place_does_not_lead_astray_what_is_followed() -> None:
    frames = [_filmed(n) for n in range(40)]
    wrong = _corners(20) + np.array([[0.2, 0.1], [0.0, 0.1], [-0.2, -0.1], [0.1, 0.0]])
    start = Placed(np.array([10, 20]), np.stack([_corners(10), wrong]), False, np.array([0.4, 0.8]))
    found = tracked(frames, 0, start, lambda row: _shows(row / 25))
    assert _off(found.corners[20], 20) < 0.012


def test_the_time_on_which_most_agree_is_taken() -> None:
    times = [10.0, 11.0, 12.0, 13.0, 14.0]
    moments = [2.0, 3.01, 7.0, 5.0, 5.98]
    pace = pace_of(times, moments, [0.9] * 5)
    assert (pace.speed, pace.votes) == (1.0, 4)
    assert pace.offset == pytest.approx(8.0, abs=0.02)


def test_where_few_agree_it_is_that_of_the_best() -> None:
    pace = pace_of([10.0, 11.0], [2.0, 7.0], [0.6, 0.9])
    assert (pace.speed, pace.offset, pace.votes) == (1.0, 4.0, 1)
