"""Two recordings of one view: the little that moves shows which of them is seen, or nothing does and a person must look."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from fingerprints.programmes.align import Alignment, FrameVectors
from fingerprints.programmes.brief import settle_brief
from fingerprints.programmes.moments import Moment, judge_moment
from fingerprints.programmes.programme import read
from fingerprints.programmes.segments import Segment
from fingerprints.programmes.sought import open_item
from fingerprints.programmes.trace import trace
from tests.fingerprints.films import Frame, film, hold, moving, picture, shown

VIEW = shown(picture(71))


def _unit(values: np.ndarray) -> FrameVectors:
    values = np.asarray(values, np.float32)
    return FrameVectors(np.arange(len(values)) / 25, values / np.linalg.norm(values, axis=1, keepdims=True))


def _take(seed: int, count: int = 200, *, drift: float = 0.0, flicker: float = 0.003) -> FrameVectors:
    """One view, with what little changes in a recording of it; `drift` grows evenly, as daylight does."""
    draw = np.random.default_rng(seed)
    place, light = np.random.default_rng(1).normal(size=(2, 256))
    course = np.cumsum(draw.normal(0, flicker, (count, 256)), axis=0)
    return _unit(place + course + np.outer(np.linspace(0, drift, count), light))


def _part(take: FrameVectors, first: int, count: int) -> FrameVectors:
    return FrameVectors(np.arange(count) / 25, take.values[first : first + count])


def _line(first: int, count: int) -> Alignment:
    return Alignment(1.0, -first / 25, 0.0, (count - 1) / 25, 3)


def test_the_same_moment_agrees_in_what_little_changes() -> None:
    take = _take(2)
    assert judge_moment(_part(take, 60, 50), take, _line(60, 50)) is Moment.SHOWN


def test_another_recording_does_not_agree() -> None:
    assert judge_moment(_part(_take(3), 60, 50), _take(2), _line(60, 50)) is Moment.OPEN


def test_daylight_that_grows_evenly_agrees_in_any_two_recordings_and_shows_nothing() -> None:
    first, second = (_take(seed, drift=0.4) for seed in (2, 3))
    assert judge_moment(_part(second, 60, 50), first, _line(60, 50)) is Moment.OPEN


def test_what_repeats_agrees_at_many_times_and_shows_none() -> None:
    lamp = np.random.default_rng(5).normal(size=256)
    blinking = _unit(
        np.random.default_rng(1).normal(size=256) + 0.1 * np.outer(np.sin(np.arange(200) * 2 * np.pi / 25), lamp)
    )
    assert judge_moment(_part(blinking, 50, 50), blinking, _line(50, 50)) is Moment.OPEN


def test_one_picture_that_is_held_has_no_other_moment() -> None:
    held = _take(2, flicker=0.0)
    assert judge_moment(_part(held, 60, 50), held, _line(60, 50)) is Moment.HELD


@pytest.mark.parametrize(("seed", "is_doubtful"), [(2, False), (3, True)])
def test_of_a_short_shot_too(seed: int, is_doubtful: bool) -> None:
    shot = _part(_take(seed), 60, 12)
    line = settle_brief(shot, _take(2), _line(60, 12))
    assert line is not None
    assert line.is_still
    assert line.is_doubtful == is_doubtful


def standing(seed: int, count: int) -> list[Frame]:
    """A camera that stands still: grain, and a leaf that wanders."""
    draw, place, frames = np.random.default_rng(seed), np.array([150.0, 90.0]), []
    for _ in range(count):
        place += draw.normal(0, 1.2, 2)
        frame = cv2.circle(VIEW.copy(), tuple(int(side) for side in place), 5, (40, 90, 50), -1)
        frames.append(np.clip(frame + draw.normal(0, 2, frame.shape), 0, 255).astype(np.uint8))
    return frames


def _found(folder: Path, clip: list[Frame], programme: list[Frame]) -> tuple[Segment, ...]:
    around = moving(72, 30)
    reference = open_item(film(folder / "clip.mov", clip), "clip")
    return trace([reference], [read(film(folder / "ep.mov", [*around, *programme, *around]))])


def test_a_take_is_distinguished_from_another_of_the_same_set_up(tmp_path: Path) -> None:
    take, other = standing(5, 150), standing(6, 60)
    [same, doubtful] = _found(tmp_path, take, [*take[40:100], *moving(73, 30), *other])
    assert (same.in_frame, same.out_frame, same.is_doubtful) == (30, 90, False)
    assert same.reference_in == pytest.approx(1.6, abs=0.05)
    assert (doubtful.in_frame, doubtful.out_frame, doubtful.is_doubtful) == (120, 180, True)


def test_a_clip_that_holds_one_picture_is_not_doubtful(tmp_path: Path) -> None:
    [one] = _found(tmp_path, hold(picture(74), 75), hold(picture(74), 50))
    assert (one.in_frame, one.out_frame, one.is_doubtful) == (30, 80, False)
