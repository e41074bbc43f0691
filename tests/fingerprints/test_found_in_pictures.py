"""Photographs inside pictures that programmes show are found; what only shares their furniture is not."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from PIL import Image, ImageFilter

from fingerprints.stills.match import Matcher
from fingerprints.stills.placing import PictureMatch
from fingerprints.vocabulary import Relation
from fixtures.photos import photograph
from tests.benchmarks.scenes import picture_of
from tests.benchmarks.shelf import MemoryShelf

NAMES = ("pavilion", "cat", "coffee", "flower")
SIZE = (640, 480)


def _photo(name: str, size: tuple[int, int] = SIZE) -> np.ndarray:
    return np.asarray(photograph(name, size).convert("RGB"))


@pytest.fixture(scope="module")
def matcher() -> Matcher:
    return Matcher(MemoryShelf({name: _photo(name) for name in NAMES}))


def _found(matcher: Matcher, kind: str, names: tuple[str, ...], seed: int = 1) -> dict[str, PictureMatch]:
    picture = picture_of(kind, [_photo(name) for name in names], _photo("astronaut"), np.random.default_rng(seed))
    return {match.reference: match for match in matcher.match(picture)}


@pytest.mark.parametrize(
    "kind",
    [
        "on a telephone",
        "split screen, two photographs",
        "split screen, text",
        "off a television",
        "on a screen at 30 %",
        "superimposed at half",
    ],
)
def test_a_photograph_in_a_picture(matcher: Matcher, kind: str) -> None:
    assert set(_found(matcher, kind, ("pavilion",))) == {"pavilion"}


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_under_a_title(matcher: Matcher, seed: int) -> None:
    """Letters or a plate of text over two fifths of it."""
    assert set(_found(matcher, "title over 40 %", ("pavilion",), seed)) == {"pavilion"}


def test_four_in_a_split_screen(matcher: Matcher) -> None:
    found = _found(matcher, "2 × 2 split screen", NAMES)
    assert set(found) == set(NAMES)
    assert found["pavilion"].region.x + found["pavilion"].region.w <= 51
    assert found["flower"].region.x >= 49


def test_a_wall_of_twelve_prints(matcher: Matcher) -> None:
    """Four of the twelve are references; each is found where it hangs."""
    strangers = ("astronaut", "rocket", "galaxies", "moon", "astronaut", "rocket", "galaxies", "moon")
    found = _found(matcher, "wall of twelve prints", (*NAMES, *strangers))
    assert set(found) == set(NAMES)
    for place, name in enumerate(NAMES):
        box = found[name].region
        assert box.x + box.w / 2 == pytest.approx(25 * place + 12.5, abs=3)
        assert box.y + box.h / 2 == pytest.approx(16.7, abs=4)


def test_a_negative_is_found_and_stated(matcher: Matcher) -> None:
    found = _found(matcher, "colour negative", ("coffee",))
    assert set(found) == {"coffee"}
    assert found["coffee"].negative
    assert found["coffee"].relation is Relation.NEAR
    assert not _found(matcher, "old film", ("coffee",))["coffee"].negative


@pytest.mark.parametrize("kind", ["title over 40 %", "split screen, text", "on a telephone", "off a television"])
def test_the_same_furniture_over_another_photograph_is_no_match(kind: str) -> None:
    """The reference is a picture under a title, beside a text, on a telephone; what is asked has only that in common."""
    around = _photo("rocket")
    seed = 3
    kept = picture_of(kind, [_photo("cat")], around, np.random.default_rng(seed))
    asked = picture_of(kind, [_photo("astronaut")], _photo("galaxies"), np.random.default_rng(seed))
    assert Matcher(MemoryShelf({"furnished": kept})).match(asked) == ()


@pytest.mark.parametrize("seed", [0, 2, 4])
def test_a_column_of_text_is_no_picture(seed: int) -> None:
    """Two pages have it beside different photographs; it is looked up as a part of the picture too."""
    kept = picture_of("split screen, text", [_photo("cat")], _photo("rocket"), np.random.default_rng(seed))
    asked = picture_of("split screen, text", [_photo("astronaut")], _photo("galaxies"), np.random.default_rng(seed))
    assert Matcher(MemoryShelf({"page": kept})).match(asked) == ()


def test_a_picture_of_the_same_light_is_no_match() -> None:
    """Found by its hash alone, two pictures must also have their detail in common."""
    fog = np.asarray(photograph("cat", SIZE).filter(ImageFilter.GaussianBlur(20)).convert("RGB"), np.float32)

    def textured(seed: int) -> np.ndarray:
        noise = np.random.default_rng(seed).normal(0, 1, SIZE[::-1]).astype(np.float32)
        soft = cv2.GaussianBlur(noise, (0, 0), 5)
        return np.clip(fog + (9 * soft / soft.std())[..., None], 0, 255).astype(np.uint8)

    matcher = Matcher(MemoryShelf({"snow": textured(1)}))
    assert [match.reference for match in matcher.match(textured(1))] == ["snow"]
    assert matcher.match(textured(2)) == ()


def test_a_photograph_seen_from_aside_is_placed(matcher: Matcher) -> None:
    """A poster: its corners are where they were put."""
    corners = np.array([[500, 60], [1010, 140], [1010, 500], [500, 620]], np.float32)
    whole = np.array([[0, 0], [640, 0], [640, 480], [0, 480]], np.float32)
    frame = cv2.resize(_photo("astronaut"), (1280, 720))
    cv2.warpPerspective(
        _photo("pavilion"),
        cv2.getPerspectiveTransform(whole, corners),
        (1280, 720),
        frame,
        borderMode=cv2.BORDER_TRANSPARENT,
    )
    (match,) = matcher.match(np.asarray(Image.fromarray(frame)))
    placed = cv2.perspectiveTransform(np.array([[[0, 0], [1, 0], [1, 1], [0, 1]]], np.float64), match.matrix)[0]
    assert match.reference == "pavilion"
    assert placed == pytest.approx(corners / (1280, 720), abs=0.02)
