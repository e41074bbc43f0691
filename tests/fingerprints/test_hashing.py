"""The hash against its definition, and the views, bars and gate that decide what is hashed."""

from __future__ import annotations

import io
from itertools import combinations

import imagehash
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from fingerprints.model import Hashes
from fingerprints.prints import phash
from fingerprints.prints.bars import unbarred
from fingerprints.prints.quality import GATE, qualities
from fingerprints.prints.views import VIEW_NAMES, queries, region, windows
from fixtures.photos import GRADES, NAMES, photograph
from media.still import Picture

SQUARES = np.stack(
    [
        np.asarray(photograph(name, (256, 200), grade).convert("L").resize((64, 64), Image.Resampling.LANCZOS))
        for name in NAMES
        for grade in GRADES
    ]
)


def _definition(squares: NDArray[np.uint8]) -> list[str]:
    return [str(imagehash.phash(Image.fromarray(square), hash_size=16)) for square in squares]


def _distance(one: Hashes, other: Hashes) -> int:
    return int(np.bitwise_count(one ^ other).sum())


def _whole(picture: Picture) -> Hashes:
    return windows(picture).hashes[:1]


def test_a_batch_has_exactly_the_bits_of_imagehash() -> None:
    assert [made.tobytes().hex() for made in phash.hashes(SQUARES)] == _definition(SQUARES)


@pytest.mark.parametrize(
    "square",
    [
        np.zeros((64, 64), np.uint8),
        np.tile(np.arange(64, dtype=np.uint8), (64, 1)),
        np.concatenate([SQUARES[0][:, :32], SQUARES[0][:, 31::-1]], axis=1),
        np.where(np.add.outer(np.arange(64), np.arange(64)) % 16 < 8, 255, 0).astype(np.uint8),
    ],
    ids=["black", "ramp", "symmetric", "stripes"],
)
def test_where_rounding_makes_the_bits_they_are_the_definitions(square: NDArray[np.uint8]) -> None:
    assert phash.hashes(square[None])[0].tobytes().hex() == _definition(square[None])[0]


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), spread=st.integers(1, 120))
def test_noise_has_the_bits_of_imagehash(seed: int, spread: int) -> None:
    noise = np.random.default_rng(seed).normal(128, spread, (2, 64, 64)).clip(0, 255).astype(np.uint8)
    assert [made.tobytes().hex() for made in phash.hashes(noise)] == _definition(noise)


def test_the_mirrored_hash_is_the_hash_of_the_mirrored_picture() -> None:
    turned = np.ascontiguousarray(SQUARES[:, :, ::-1])
    assert np.array_equal(phash.bits_of(phash.mirrored(phash.coefficients(SQUARES))), phash.hashes(turned))


def test_windows_are_what_their_names_say() -> None:
    picture = np.asarray(photograph("coffee"))
    height, width = picture.shape[:2]
    views = windows(picture)
    assert len(views.names) == len(views.hashes) == len(views.qualities) > 40
    for name, made in zip(views.names, views.hashes, strict=True):
        left, top, right, bottom = region(name, (width, height))
        cut = picture[round(top * height) : round(bottom * height), round(left * width) : round(right * width)]
        assert _distance(made[None], _whole(cut)) <= 16, name
    assert set(views.names) <= set(VIEW_NAMES)


def _encoded(picture: Picture, *, quality: int, scale: float) -> Picture:
    image = Image.fromarray(picture)
    image = image.resize((round(image.width * scale), round(image.height * scale)), Image.Resampling.BICUBIC)
    data = io.BytesIO()
    image.save(data, "JPEG", quality=quality)
    return np.asarray(Image.open(data))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("quality", "scale"), [(90, 1.0), (60, 0.7), (30, 0.4)], ids=str)
def test_a_mild_new_encoding_stays_near(name: str, quality: int, scale: float) -> None:
    picture = np.asarray(photograph(name))
    again = _encoded(picture, quality=quality, scale=scale)
    assert _distance(_whole(picture), _whole(again)) <= phash.NEAR / 2


def test_other_pictures_are_not_near() -> None:
    made = {name: _whole(np.asarray(photograph(name))) for name in NAMES}
    for one, other in combinations(made, 2):
        assert _distance(made[one], made[other]) > phash.NEAR, (one, other)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("how", ["mirror", "letterbox", "pillarbox", "crop to 16:9", "crop to 10 % less"])
def test_a_reframed_picture_is_found_by_one_of_its_views(name: str, how: str) -> None:
    picture = np.asarray(photograph(name, (640, 480)))
    made = {
        "mirror": lambda: picture[:, ::-1],
        "letterbox": lambda: np.pad(picture, ((90, 90), (0, 0), (0, 0))),
        "pillarbox": lambda: np.pad(picture, ((0, 0), (120, 120), (0, 0))),
        "crop to 16:9": lambda: picture[60:420],
        "crop to 10 % less": lambda: picture[24:456, 32:608],
    }[how]()
    asked, stored = queries(np.ascontiguousarray(made)), windows(picture)
    nearest = np.bitwise_count(asked.hashes[:, None] ^ stored.hashes[None]).sum(axis=2).min()
    assert nearest <= phash.NEAR


@pytest.mark.parametrize("level", [0, 16, 255], ids=["black", "video black", "white"])
@pytest.mark.parametrize("bars", [(0, 45), (60, 0), (40, 30)], ids=["pillarbox", "letterbox", "windowbox"])
def test_bars_are_found_to_the_pixel(level: int, bars: tuple[int, int]) -> None:
    inner = np.asarray(photograph("coffee", (256, 192)).convert("L"))
    rows, columns = bars
    framed = np.pad(inner, ((rows, rows), (columns, columns)), constant_values=level)
    found = unbarred(framed)
    assert found is not None
    assert np.abs(np.array(found) - (columns, rows, columns + 256, rows + 192)).max() <= 1


def test_a_subtitle_in_the_bar_does_not_hide_it() -> None:
    framed = np.pad(np.asarray(photograph("cat", (256, 144)).convert("L")), ((30, 30), (0, 0)))
    framed[188:196, 60:200:2] = 235
    assert unbarred(framed) == (0, 30, 256, 174)


@pytest.mark.parametrize("name", ["coffee", "flower", "pavilion", "cat"])
def test_a_photograph_has_no_bars(name: str) -> None:
    assert unbarred(np.asarray(photograph(name, (256, 192)).convert("L"))) is None


def test_flat_frames_do_not_pass_the_gate_and_photographs_do() -> None:
    across, down = np.meshgrid(np.linspace(0, 255, 64), np.linspace(0, 255, 64))
    grain = np.random.default_rng(5).normal(90, 4, (64, 64))
    flat = np.stack([across * 0, across, down, (across + down) / 2, grain]).clip(0, 255).astype(np.uint8)
    assert (qualities(phash.coefficients(flat)) < GATE).all()
    assert (qualities(phash.coefficients(SQUARES)) >= GATE).mean() > 0.95
    assert windows(np.zeros((90, 160, 3), np.uint8)).names == ()
