"""The contract that every algorithm keeps, on real photographs."""

from __future__ import annotations

import io
from itertools import combinations

import numpy as np
import pytest
from PIL import Image

from fingerprints.prints import ALGORITHMS, STORED
from fingerprints.prints.interface import Algorithm
from fixtures.photos import NAMES, photograph
from media.still import Picture

PICTURES = {name: np.asarray(photograph(name)) for name in NAMES}

each = pytest.mark.parametrize("algorithm", ALGORITHMS, ids=lambda algorithm: algorithm.name)
pictured = pytest.mark.parametrize("name", NAMES)


def _again(picture: Picture, *, quality: int, scale: float) -> Picture:
    image = Image.fromarray(picture)
    image = image.resize((round(image.width * scale), round(image.height * scale)), Image.Resampling.BICUBIC)
    data = io.BytesIO()
    image.save(data, "JPEG", quality=quality)
    return np.asarray(Image.open(data))


@each
@pictured
def test_a_picture_is_no_distance_from_itself(algorithm: Algorithm, name: str) -> None:
    one, same = (algorithm.fingerprint(PICTURES[name]) for _ in range(2))
    assert one == same
    assert algorithm.distance(one, same) == 0
    assert (one.algorithm, one.version) == (algorithm.name, algorithm.version)
    assert 0 < one.quality <= 1


@each
@pictured
@pytest.mark.parametrize(("quality", "scale"), [(90, 1.0), (60, 0.7), (30, 0.4)], ids=str)
def test_a_mild_new_encoding_stays_under_the_threshold(
    algorithm: Algorithm, name: str, quality: int, scale: float
) -> None:
    one = algorithm.fingerprint(PICTURES[name])
    other = algorithm.fingerprint(_again(PICTURES[name], quality=quality, scale=scale))
    assert algorithm.distance(one, other) <= algorithm.threshold / 2


@each
def test_another_picture_is_over_the_threshold_and_as_far_both_ways(algorithm: Algorithm) -> None:
    prints = {name: algorithm.fingerprint(picture) for name, picture in PICTURES.items()}
    for one, other in combinations(prints, 2):
        there, back = algorithm.distance(prints[one], prints[other]), algorithm.distance(prints[other], prints[one])
        assert there == back > algorithm.threshold, (one, other)


@each
def test_what_is_stored_names_the_algorithm_in_its_version(algorithm: Algorithm) -> None:
    assert STORED[algorithm.name] == algorithm.version
