"""Another photograph of the same thing is no match: what is nearer or farther is shifted. A copy is, however it is laid."""

from __future__ import annotations

from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from fingerprints.prints import features
from fingerprints.stills import parallax, verify
from fingerprints.stills.alteration import compare
from fingerprints.stills.match import Matcher
from fingerprints.stills.parallax import Sameness, judge_sameness, part_displaced
from fingerprints.vocabulary import Grade, Quality
from tests.benchmarks.shelf import MemoryShelf


def _motorcycle(side: str) -> np.ndarray:
    """One of two photographs that were taken at once, 19 cm apart."""
    spec = find_spec("skimage")
    assert spec is not None
    assert spec.origin is not None
    image = Image.open(Path(spec.origin).parent / f"data/motorcycle_{side}.png")
    return np.asarray(image.convert("RGB").resize((640, 429), Image.Resampling.BOX))


@pytest.fixture(scope="module")
def left() -> np.ndarray:
    return _motorcycle("left")


@pytest.fixture(scope="module")
def matcher(left: np.ndarray) -> Matcher:
    return Matcher(MemoryShelf({"left": left}))


def _bent(photo: np.ndarray) -> np.ndarray:
    """Through a lens that bends straight lines by a fiftieth of the frame."""
    height, width = photo.shape[:2]
    x, y = np.meshgrid(np.linspace(-1, 1, width), np.linspace(-1, 1, height))
    more = 1 + 0.02 * (x**2 + y**2)
    across, down = ((one * more + 1) / 2 * side for one, side in ((x, width - 1), (y, height - 1)))
    return cv2.remap(photo, across.astype(np.float32), down.astype(np.float32), cv2.INTER_LINEAR)


def _seen_aside(photo: np.ndarray) -> np.ndarray:
    height, width = photo.shape[:2]
    here = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    there = np.array([[40, 10], [600, 30], [620, 400], [15, 425]], np.float32)
    return cv2.warpPerspective(photo, cv2.getPerspectiveTransform(here, there), (width, height))


def test_another_photograph_is_no_match(matcher: Matcher) -> None:
    assert matcher.match(_motorcycle("right")) == ()


def test_it_is_doubtful_where_it_has_the_framing_too(matcher: Matcher) -> None:
    """What a model painted anew is displaced as much, so that a person must look."""
    assert [match.is_doubtful for match in matcher.match(_motorcycle("right"), with_doubtful=True)] == [True]


def test_nor_is_a_crop_of_it(matcher: Matcher) -> None:
    assert matcher.match(np.ascontiguousarray(_motorcycle("right")[40:380, 60:560])) == ()


@pytest.mark.parametrize("change", [_bent, _seen_aside, lambda photo: photo[30:400, 50:600]])
def test_a_copy_is(matcher: Matcher, left: np.ndarray, change) -> None:  # type: ignore[no-untyped-def]
    assert [match.reference for match in matcher.match(np.ascontiguousarray(change(left)))] == ["left"]


def _pushed(photo: np.ndarray, x: int, y: int, radius: int, much: float) -> np.ndarray:
    """A round place of it pushed aside by a part of its radius, as with a warping brush."""
    rows, columns = np.mgrid[: photo.shape[0], : photo.shape[1]].astype(np.float32)
    inside = np.clip(1 - ((columns - x) ** 2 + (rows - y) ** 2) / radius**2, 0, 1) ** 2
    return cv2.remap(photo, columns + (much * radius * inside).astype(np.float32), rows, cv2.INTER_CUBIC)


@pytest.mark.parametrize("places", [[(300, 220, 120, 0.4)], [(200, 150, 90, 0.4), (430, 280, 90, -0.4)]])
def test_a_warped_copy_that_is_reframed_stays_a_match_and_is_altered(
    matcher: Matcher, left: np.ndarray, places: list[tuple[int, int, int, float]]
) -> None:
    warped = left
    for place in places:
        warped = _pushed(warped, *place)
    warped = np.ascontiguousarray(warped[30:400, 50:600])
    (match,) = matcher.match(warped)
    assert not match.is_doubtful
    assert compare(warped, left, match.matrix, quality=Quality.SCAN).grade is Grade.ALTERED


def test_what_is_displaced_is_counted_and_an_edited_copy_stays_a_match(matcher: Matcher, left: np.ndarray) -> None:
    """A tenth of a copy is laid four pixels aside: an edit, for all else lies where it lay."""
    shelf = MemoryShelf({"left": left})
    copy = np.ascontiguousarray(left[30:400, 50:600])
    moved = copy.copy()
    moved[60:190, 180:330] = copy[60:190, 176:326]
    shares = []
    for picture in (copy, moved):
        look = verify.looks(picture)[0]
        found = verify.register(look, shelf.features(0))
        assert found is not None
        grey = cv2.cvtColor(left, cv2.COLOR_RGB2GRAY)
        shares.append(part_displaced(look, found.homography, grey))
        assert judge_sameness(look, found, grey) is Sameness.COPY
        assert matcher.match(picture)
    assert shares[0] < 0.01
    assert 0.07 < shares[1] < 0.3


@pytest.mark.parametrize(("alike", "sameness"), [(0.78, Sameness.COPY), (0.92, Sameness.DOUBTFUL)])
def test_a_picture_that_another_shines_through_may_be_displaced_more(
    left: np.ndarray, monkeypatch: pytest.MonkeyPatch, alike: float, sameness: Sameness
) -> None:
    """It fills its frame as the reference does, and its blocks correlate less than those of a second photograph."""
    monkeypatch.setattr(parallax, "_displacement", lambda *_: parallax._Displacement(0.08, 0.7, alike))
    look = verify.looks(left)[0]
    found = verify.register(look, features.extract(left))
    assert found is not None
    assert judge_sameness(look, replace(found, error=1.6), look.grey, 60) is sameness
