"""Logos are found over any ground, at any size and opacity that tools use; what only looks alike is not called one."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageDraw

from fingerprints.marks.logos import Logo, find_logos
from fixtures.logos import (
    SIGNS,
    draw_flare,
    draw_level_bars,
    draw_sign,
    draw_snowflake,
    draw_sparkle,
    draw_squares,
    draw_star,
)
from fixtures.photos import NAMES, photograph

WIDE = (1280, 720)


def encoded(picture: Image.Image, quality: int = 80) -> np.ndarray:
    file = io.BytesIO()
    picture.convert("RGB").save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(io.BytesIO(file.getvalue())).convert("RGB"))


def only(picture: np.ndarray) -> Logo:
    (logo,) = find_logos(picture)
    return logo


@pytest.mark.parametrize("name", ["coffee", "rocket", "cat", "flower"])
@pytest.mark.parametrize(("size", "margin", "opacity"), [(48, 32, 0.5), (48, 96, 0.36), (36, 96, 0.4), (72, 108, 0.5)])
def test_a_sparkle_is_firm_over_photographs(name: str, size: int, margin: int, opacity: float) -> None:
    logo = only(encoded(draw_sparkle(photograph(name, WIDE), size, margin, opacity)))

    assert (logo.name, logo.kind, logo.is_firm) == ("Gemini", "generator-label", True)


def test_its_box_is_where_it_is() -> None:
    box = only(encoded(draw_sparkle(photograph("coffee", (1000, 1000)), 60, 40))).box

    assert (box.x, box.y) == pytest.approx((90, 90), abs=0.5)
    assert (box.w, box.h) == pytest.approx((6, 6), abs=0.6)


@pytest.mark.parametrize(
    "size", [(424, 632), (632, 424), (1024, 1024), (768, 1376), (2064, 512), (352, 2928), (1696, 2528)], ids=str
)
def test_in_every_shape_of_picture(size: tuple[int, int]) -> None:
    large = min(size) > 1024
    logo = only(encoded(draw_sparkle(photograph("rocket", size), 96 if large else 48, 64 if large else 32)))

    assert logo.is_firm


def test_over_a_page_of_text_partly_on_white() -> None:
    page = Image.new("RGB", (900, 1200), (252, 252, 252))
    draw = ImageDraw.Draw(page)
    draw.rectangle((600, 700, 900, 1156), fill=(120, 150, 190))
    for line in range(40):
        draw.text(
            (40, 20 + 29 * line), "The quick brown fox jumps over the lazy dog. " * 3, fill=(20, 20, 20), font_size=22
        )

    assert only(encoded(draw_sparkle(page, 48, 32))).is_firm


def test_a_cropped_picture_keeps_it() -> None:
    shown = draw_sparkle(photograph("coffee", WIDE), 64, 96).crop((0, 0, 1240, 690))

    assert only(encoded(shown, 92)).name == "Gemini"


def test_in_the_mean_of_moving_frames() -> None:
    frames = [draw_sparkle(photograph("cat", (640, 360), at=(x, 0.5)), 24, 16, 0.36) for x in np.linspace(0, 1, 8)]
    layer = np.mean([encoded(frame, 60) for frame in frames], axis=0).round().astype(np.uint8)

    assert only(layer).is_firm


@pytest.mark.parametrize("name", NAMES)
def test_photographs_have_none(name: str) -> None:
    assert find_logos(encoded(photograph(name, WIDE))) == ()


@pytest.mark.parametrize("name", ["coffee", "rocket"])
@pytest.mark.parametrize("draw", [draw_flare, draw_snowflake, draw_star])
def test_other_lights_are_none(name: str, draw: Callable[[Image.Image, int, int], Image.Image]) -> None:
    assert find_logos(encoded(draw(photograph(name, WIDE), 48, 32))) == ()


@pytest.mark.parametrize(
    ("opacity", "ink"), [(1.0, (255, 255, 255)), (0.95, (255, 255, 255)), (0.5, (255, 210, 40)), (0.5, (0, 0, 0))]
)
def test_an_icon_that_is_opaque_coloured_or_dark_is_none(opacity: float, ink: tuple[int, int, int]) -> None:
    shown = draw_sparkle(Image.new("RGB", WIDE, (60, 70, 120)), 48, 32, opacity, ink)

    assert find_logos(encoded(shown)) == ()


def test_not_in_the_other_corners() -> None:
    assert find_logos(encoded(draw_sparkle(photograph("coffee", WIDE), 48, 32, left=32))) == ()


@pytest.mark.parametrize(("side", "scale"), [(16, 1.0), (16, 0.5), (4, 1.0), (16, 1.37)])
def test_coloured_squares_in_the_corner_are_firm(side: int, scale: float) -> None:
    shown = draw_squares(photograph("cat", (64 * side, 64 * side)), side)
    shown = shown.resize((round(shown.width * scale), round(shown.height * scale)), Image.Resampling.LANCZOS)
    logo = only(encoded(shown))

    assert (logo.name, logo.is_firm) == ("DALL·E", True)
    assert (logo.box.x, logo.box.y, logo.box.w) == pytest.approx((92.19, 98.44, 7.81), abs=0.5)


def test_squares_over_a_ground_of_the_first_ones_colour() -> None:
    assert only(encoded(draw_squares(Image.new("RGB", (512, 512), (255, 255, 102)), 8))).is_firm


def test_squares_elsewhere_are_only_possible() -> None:
    assert not only(encoded(draw_squares(photograph("cat", (512, 512)), 8, lift=30))).is_firm


def test_colour_bars_are_none() -> None:
    bars = Image.new("RGB", (700, 400))
    colours = [(192, 192, 192), (192, 192, 0), (0, 192, 192), (0, 192, 0), (192, 0, 192), (192, 0, 0), (0, 0, 192)]
    for number, colour in enumerate(colours):
        bars.paste(colour, (100 * number, 0, 100 * number + 100, 400))

    assert find_logos(np.asarray(bars)) == ()


@pytest.mark.parametrize("size", [(1, 1), (3, 900), (900, 3), (16, 16), (64, 64)], ids=str)
def test_tiny_pictures_are_no_fault(size: tuple[int, int]) -> None:
    assert find_logos(np.zeros((*size, 3), np.uint8)) == ()


LEVELS = (1.0, 0.7, 0.9, 0.5, 0.8, 1.0, 0.6, 0.9, 0.7, 1.0)


@pytest.mark.parametrize("size", [(854, 480), (480, 720), (1280, 720), (1920, 1080)], ids=str)
@pytest.mark.parametrize("name", ["coffee", "cat"])
def test_ten_bars_in_the_corner_are_firm(name: str, size: tuple[int, int]) -> None:
    logo = only(encoded(draw_level_bars(photograph(name, size), LEVELS), 90))

    assert (logo.name, logo.is_firm) == ("Sora", True)


@pytest.mark.parametrize("count", [5, 7, 13, 30])
def test_a_row_of_fewer_or_more_bars_is_none(count: int) -> None:
    assert find_logos(encoded(draw_level_bars(photograph("cat", (854, 480)), LEVELS, count=count), 90)) == ()


def test_bars_at_other_distances_are_none() -> None:
    assert find_logos(encoded(draw_level_bars(photograph("cat", (854, 480)), LEVELS, distance=0.02), 90)) == ()


def test_a_fence_is_none() -> None:
    fence = photograph("coffee", (854, 480))
    draw = ImageDraw.Draw(fence)
    for x in range(0, 854, 6):
        draw.line((x, 380, x, 480), fill=(230, 230, 230))

    assert find_logos(encoded(fence, 90)) == ()


def test_a_line_of_text_is_none() -> None:
    page = photograph("rocket", (1024, 1008))
    draw = ImageDraw.Draw(page)
    draw.text((760, 930), "WWW.EXAMPLE.COM  IIIIIIIIII", fill=(255, 255, 255), font_size=22)

    assert find_logos(encoded(page, 90)) == ()


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize(("name", "size", "opacity"), [("flower", 30, 0.5), ("rocket", 36, 0.85), ("cat", 34, 0.4)])
def test_a_sign_without_words_is_possible_in_its_corner(sign: str, name: str, size: int, opacity: float) -> None:
    logo = only(encoded(draw_sign(photograph(name, WIDE), sign, size, 24, opacity), 90))

    assert (logo.name, logo.kind, logo.is_firm) == (sign.partition(",")[0], "generator-label", False)
    assert (logo.box.h * 7.2, 720 - (logo.box.y + logo.box.h) * 7.2) == pytest.approx((size, 24), abs=0.15 * size)


@pytest.mark.parametrize("sign", SIGNS)
def test_a_sign_elsewhere_is_none(sign: str) -> None:
    shown = draw_sign(photograph("coffee", WIDE), sign, 36, 24)

    assert find_logos(encoded(shown.transpose(Image.Transpose.FLIP_TOP_BOTTOM))) == ()
    assert find_logos(encoded(draw_sign(photograph("coffee", WIDE), sign, 36, 110))) == ()


@pytest.mark.parametrize("sides", [3, 5, 6])
def test_other_signs_in_the_left_corner_are_none(sides: int) -> None:
    shown = photograph("coffee", WIDE)
    ImageDraw.Draw(shown, "RGBA").regular_polygon((45, 675, 18), sides, fill=(255, 255, 255, 150))

    assert find_logos(encoded(shown)) == ()
