import numpy as np
import pytest

from fingerprints.programmes.align import GAP, Alignment, FrameHits, FrameVectors, lines, runs, track
from fingerprints.programmes.settling import extent, settle

DRAW = np.random.default_rng(4)


def _walk(count: int) -> np.ndarray:
    """Low frequencies that wander, as a picture in motion does."""
    return np.cumsum(DRAW.normal(0, 1, (count, 16, 16)), axis=0) + DRAW.normal(0, 3, (1, 16, 16))


@pytest.mark.parametrize("speed", [1.0, 0.96, 25 / 24, 0.5, 2.0])
def test_lines_are_found_in_noise(speed: float) -> None:
    here = np.arange(40, 50, 0.34)
    there = (here - 38) * speed
    noise = DRAW.uniform(0, 100, 30), DRAW.uniform(0, 20, 30)
    seen = FrameHits(np.r_[here, noise[0]], np.r_[there, noise[1]], np.r_[np.full(len(here), 20.0), np.full(30, 55.0)])
    best = lines(seen)[0]
    assert best.speed == pytest.approx(speed, rel=0.05)
    assert (best.first, best.last) == pytest.approx((40, 50), abs=GAP)


def test_one_clip_twice_is_two_lines() -> None:
    there = np.arange(0, 5, 0.3)
    seen = FrameHits(np.r_[there + 10, there + 60], np.r_[there, there], np.full(2 * len(there), 10.0))
    assert sorted(round(line.offset) for line in lines(seen) if line.votes > 10) == [10, 60]


@pytest.mark.parametrize("speed", [1.0, 24 / 25])
def test_settled_to_the_frame(speed: float) -> None:
    source = _walk(400)
    there = track(np.arange(400) / 25, source)
    times = np.arange(300) / 25
    rows = np.rint((times - 2.0) * speed * 25 + 100).astype(int)
    low = np.where(((times >= 2) & (times < 8))[:, None, None], source[np.clip(rows, 0, 399)], _walk(300))
    here = track(times, low * 0.7 + 5)
    guess = Alignment(speed, 2.0 - 4.0 / speed + 0.5, 3.0, 7.0, 9)
    found = settle(here, there, guess, reach=1.5, speed=speed)
    assert found is not None
    found = settle(here, there, found, reach=0.2, speed=speed)
    assert found is not None
    assert found.offset == pytest.approx(2.0 - 4.0 / speed, abs=0.041)
    assert extent(here, there, found) == pytest.approx((50, 200), abs=1)


def test_a_camera_that_stands_still_at_another_time_is_no_line() -> None:
    back = DRAW.normal(0, 30, (1, 16, 16))
    there = track(np.arange(200) / 25, back + _walk(200))
    here = track(np.arange(200) / 25, back + _walk(200))
    assert settle(here, there, Alignment(1.0, 0.0, 1.0, 7.0, 9), reach=1.5, speed=1.0) is None


@pytest.mark.parametrize(("speed", "is_line"), [(1.0, True), (4.0, False)])
def test_what_does_not_move_shows_no_time_lapse(speed: float, is_line: bool) -> None:
    place = np.random.default_rng(6).normal(0, 30, (1, 16, 16)).repeat(200, axis=0)
    here, there = track(np.arange(40) / 25, place[:40]), track(np.arange(200) / 25, place)
    found = settle(here, there, Alignment(speed, -0.2, 0.2, 1.4, 9), reach=0.4, speed=speed)
    assert (found is not None) == is_line


def test_runs_end_where_nothing_is_hit() -> None:
    assert [run.tolist() for run in runs(np.array([0.0, 1, 2, 30, 31]))] == [[0, 1, 2], [3, 4]]
    assert list(runs(np.zeros(0))) == []


def test_a_track_has_length_one() -> None:
    made: FrameVectors = track(np.arange(3.0), DRAW.normal(0, 9, (3, 16, 16)))
    assert np.linalg.norm(made.values, axis=1) == pytest.approx(1)
