"""Features: what is stored is what was made, refused when it is damaged, and spread over the picture."""

from __future__ import annotations

import numpy as np
import pytest

from fingerprints.prints import features
from fingerprints.prints.layout import agreement, layout
from fixtures.photos import photograph
from media.errors import MediaError

PHOTO = np.asarray(photograph("pavilion", (800, 600)))


def test_of_a_photo() -> None:
    made = features.extract(PHOTO)
    assert made.size == (640, 480)
    assert 500 <= len(made.points) <= features.POINTS
    assert made.descriptors.shape == (len(made.points), 32)
    assert (made.points >= 0).all()
    assert (made.points <= made.size).all()


def test_mirrored_points_are_those_of_the_mirrored_picture() -> None:
    grey = features.working(PHOTO)
    made = features.points_of(grey, features.QUERY_POINTS).mirrored().described()
    true = features.of_working(np.ascontiguousarray(grey[:, ::-1]), points=features.QUERY_POINTS)
    assert (made.size, made.points.shape) == (true.size, true.points.shape)
    near = np.abs(made.points[:, None] - true.points[None]).max(axis=2) < 0.5
    same = (made.descriptors[:, None] == true.descriptors[None]).all(axis=2)
    assert (near & same).any(axis=1).mean() > 0.95


def test_the_best_are_of_both_sizes() -> None:
    made = features.points_of(features.working(PHOTO), features.QUERY_POINTS).described()
    rows = features.best(made, 300)
    assert len(np.unique(rows)) == 300
    fine, coarse = made.points[rows[:200]], made.points[rows[200:]]
    assert np.array_equal(fine, made.points[:200])
    assert np.array_equal(coarse, made.points[533:633])
    few = features.extract(PHOTO, points=90)
    assert features.best(few, 300).tolist() == list(range(90))


def test_no_corner_has_all_the_points() -> None:
    busy = PHOTO.copy()
    busy[:150, :200] = np.random.default_rng(1).integers(0, 256, (150, 200, 3))
    points = features.extract(busy).points
    assert ((points[:, 0] < 160) & (points[:, 1] < 120)).mean() < 0.25


@pytest.mark.parametrize("size", [(1, 1), (7, 3000), (40, 40), (640, 1)], ids=str)
@pytest.mark.parametrize("level", [0, 128], ids=["black", "grey"])
def test_where_there_is_nothing_to_see(size: tuple[int, int], level: int) -> None:
    made = features.extract(np.full(size, level, np.uint8))
    assert len(made.points) == 0
    again = features.unpack(features.pack(made))
    assert again.descriptors.shape == (0, 32)
    assert np.array_equal(again.layout, made.layout)


def test_packed_and_unpacked() -> None:
    made = features.extract(PHOTO)
    data = features.pack(made)
    assert len(data) < 22_000
    again = features.unpack(data)
    assert again.size == made.size
    assert np.abs(again.points - made.points).max() <= 0.126
    assert np.array_equal(again.descriptors, made.descriptors)
    assert np.array_equal(again.layout, made.layout)
    assert features.pack(again) == data


def test_the_same_picture_gives_the_same_bytes() -> None:
    assert features.pack(features.extract(PHOTO)) == features.pack(features.extract(PHOTO.copy()))


def test_cut_short_at_every_place() -> None:
    data = features.pack(features.extract(PHOTO, points=8))
    for end in range(len(data)):
        with pytest.raises(MediaError):
            features.unpack(data[:end])


def test_with_a_flipped_bit_is_refused_or_read() -> None:
    data = features.pack(features.extract(PHOTO, points=4))
    for place in range(len(data)):
        damaged = bytearray(data)
        damaged[place] ^= 0x41
        try:
            features.unpack(bytes(damaged))
        except MediaError:
            continue
        assert place >= 7, "magic, version and count are checked"


def test_of_another_version_says_the_mend() -> None:
    data = bytearray(features.pack(features.extract(PHOTO, points=4)))
    data[4] += 1
    with pytest.raises(MediaError, match="add the reference again"):
        features.unpack(bytes(data))


def test_layout_of_itself_and_of_another() -> None:
    grey = features.working(PHOTO)
    other = features.working(np.asarray(photograph("cat", (800, 600))))
    seen, size = np.ones_like(grey), (grey.shape[1], grey.shape[0])
    assert agreement(grey, seen, layout(grey), np.eye(3), size) == (1.0, 1.0)
    assert agreement(other, seen, layout(grey), np.eye(3), size)[1] < 0.4


def test_layout_where_nothing_is_seen() -> None:
    grey = features.working(PHOTO)
    assert agreement(grey, np.zeros_like(grey), layout(grey), np.eye(3), (640, 480)) == (0.0, 0.0)
