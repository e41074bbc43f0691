"""Large letters over a picture are found and filled; what only looks like letters is left as it is."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from fingerprints.index.index import distances
from fingerprints.prints import phash
from fingerprints.prints.lettering import unlettered
from fixtures.photos import NAMES, photograph
from media.still import fitted

SIZE = (512, 288)


def _photo(name: str) -> np.ndarray:
    return np.asarray(photograph(name, SIZE).convert("L"))


def _titled(grey: np.ndarray, level: int = 240) -> np.ndarray:
    done = grey.copy()
    for row, words in enumerate(("THE LONG", "AUTUMN OF", "THE RIVER")):
        cv2.putText(done, words, (30, 86 + 78 * row), cv2.FONT_HERSHEY_DUPLEX, 2.5, level, 8)
    return cv2.imdecode(cv2.imencode(".jpg", done, [cv2.IMWRITE_JPEG_QUALITY, 80])[1], cv2.IMREAD_GRAYSCALE)


def _bits(one: np.ndarray, other: np.ndarray) -> int:
    hashes = [phash.hashes(phash.small_grey(picture)[None]) for picture in (one, other)]
    return int(distances(*hashes)[0])


@pytest.mark.parametrize("name", ["pavilion", "cat", "flower"])
def test_a_picture_under_titles_hashes_like_the_picture_without(name: str) -> None:
    plain = _photo(name)
    bare = unlettered(_titled(plain))
    assert bare is not None
    assert _bits(bare, plain) <= min(phash.NEAR, _bits(_titled(plain), plain) - 12)


def test_dark_letters_are_filled_too() -> None:
    plain = _photo("cat")
    bare = unlettered(_titled(plain, 12))
    assert bare is not None
    assert _bits(bare, plain) <= phash.NEAR


@pytest.mark.parametrize("name", NAMES)
def test_a_photograph_has_no_large_letters(name: str) -> None:
    assert unlettered(_photo(name)) is None


def test_a_small_caption_is_left() -> None:
    done = _photo("pavilion").copy()
    cv2.putText(done, "Beijing, 1987", (20, 270), cv2.FONT_HERSHEY_SIMPLEX, 0.5, 240, 1)
    assert unlettered(done) is None


def test_what_is_around_the_letters_stays() -> None:
    plain = _photo("coffee")
    bare = unlettered(_titled(plain))
    assert bare is not None
    assert np.abs(bare.astype(int) - fitted(_titled(plain), 256))[-20:].max() == 0
