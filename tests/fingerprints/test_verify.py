"""Verification: what is shown is placed rightly, and what unrelated pictures share is no match."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont, ImageOps

from fingerprints.prints import features
from fingerprints.stills import verify
from fingerprints.stills.geometry import UNIT, in_place, map_points, plausible, quad, shared_boxes, zoom
from fingerprints.stills.verify import Registration
from fixtures.photos import photograph
from media.place import Box

FRAME = (640, 360)
NAMES = ("pavilion", "cat", "coffee", "flower", "astronaut")


def _best(picture: Image.Image, reference: Image.Image) -> Registration | None:
    described = features.extract(np.asarray(reference))
    found = [verify.register(look, described) for look in verify.looks(np.asarray(picture))]
    return max((one for one in found if one and one.accepted), key=lambda one: one.inliers, default=None)


# Overlays, each drawn on a copy


def _letters(image: Image.Image, text: str, place: tuple[float, float], size: int, fill: str = "white") -> None:
    at = (place[0] * image.width, place[1] * image.height)
    font = ImageFont.load_default(size=size)
    ImageDraw.Draw(image).text(at, text, fill=fill, font=font, stroke_width=1, stroke_fill="black")


def _bug(image: Image.Image) -> None:
    ImageDraw.Draw(image).ellipse((560, 20, 610, 70), fill="white", outline="navy", width=6)
    _letters(image, "TV8", (0.885, 0.09), 18, "navy")


def _lower_third(image: Image.Image) -> None:
    ImageDraw.Draw(image).rectangle((32, 270, 460, 332), fill=(20, 40, 110))
    _letters(image, "Eleanor Whitfield", (0.08, 0.76), 26)
    _letters(image, "Professor of modern history", (0.08, 0.85), 18)


def _timecode(image: Image.Image) -> None:
    ImageDraw.Draw(image).rectangle((190, 12, 450, 44), fill="black")
    _letters(image, "01:02:33:14   A017C004", (0.31, 0.045), 20)


def _slate(image: Image.Image) -> None:
    ImageDraw.Draw(image).rectangle((20, 20, 300, 200), fill=(235, 235, 235))
    for row, line in enumerate(("PROD. RIVERS", "SCENE 24A  TAKE 3", "ROLL A017", "CAM B  24 FPS", "DAY  INT")):
        _letters(image, line, (0.05, 0.08 + 0.09 * row), 22, "black")


def _subtitle(image: Image.Image) -> None:
    _letters(image, "We never found out who took it.", (0.2, 0.86), 24)


def _all_of_them(image: Image.Image) -> None:
    for draw in (_bug, _lower_third, _timecode):
        draw(image)


OVERLAYS = {draw.__name__: draw for draw in (_bug, _lower_third, _timecode, _slate, _subtitle, _all_of_them)}


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_a_shared_overlay_is_no_match(overlay: str) -> None:
    pictures = [photograph(name, FRAME).copy() for name in NAMES]
    for picture in pictures:
        OVERLAYS[overlay](picture)
    described = [features.extract(np.asarray(picture)) for picture in pictures]
    for row, picture in enumerate(pictures):
        for look in verify.looks(np.asarray(picture)):
            for other, reference in enumerate(described):
                found = verify.register(look, reference)
                assert other == row or found is None or not found.accepted, (NAMES[row], NAMES[other], found)


@pytest.mark.parametrize("overlay", [name for name in OVERLAYS if name != "_slate"])
def test_an_overlay_does_not_hide_the_match(overlay: str) -> None:
    clean = photograph("pavilion", FRAME)
    drawn = clean.copy()
    OVERLAYS[overlay](drawn)
    found = _best(drawn, clean)
    assert found is not None
    assert found.in_place


def test_an_inset_is_placed() -> None:
    scene, photo = photograph("coffee", FRAME).copy(), photograph("pavilion", (800, 600))
    scene.paste(photo.resize((240, 180)), (300, 90))
    found = _best(scene, photo)
    assert found is not None
    assert not found.flip
    placed = quad(found.homography, (640, 480))
    assert placed is not None
    assert np.abs(placed - [[300, 90], [540, 90], [540, 270], [300, 270]]).max() < 3


def test_a_mirrored_crop_is_flipped() -> None:
    photo = photograph("pavilion", (800, 600))
    found = _best(ImageOps.mirror(photo.crop((100, 60, 740, 540))), photo)
    assert found is not None
    assert found.flip
    assert 0.5 < found.shared < 0.8


@pytest.mark.parametrize("name", NAMES[1:])
def test_another_photo_is_no_match(name: str) -> None:
    assert _best(photograph(name, FRAME), photograph("pavilion", FRAME)) is None


def test_flat_pictures_are_no_match() -> None:
    assert _best(Image.new("RGB", FRAME, "black"), Image.new("RGB", FRAME, "black")) is None


def _road(seed: int) -> Image.Image:
    """An even sky over an even road with even dashes; all detail is one car's."""
    draw = np.random.default_rng(seed)
    frame = np.repeat(np.concatenate([np.linspace(205, 170, 170), np.linspace(96, 112, 190)]), FRAME[0] * 3)
    frame = frame.reshape(FRAME[1], FRAME[0], 3)
    for left in range(0, FRAME[0], 80):
        frame[270:276, left : left + 44] = 190
    for _ in range(45):
        left, top = draw.integers((260, 190), (360, 232))
        across, down = draw.integers((3, 3), (20, 10))
        frame[top : top + down, left : left + across] = draw.integers(0, 255, 3)
    return Image.fromarray(np.uint8(np.clip(frame + draw.normal(0, 2, frame.shape), 0, 255)))


@pytest.mark.parametrize("seed", [2, 8])
@pytest.mark.parametrize("scale", [0.5, 1.2], ids="by {}".format)
def test_points_on_one_car_do_not_bend_an_empty_road(seed: int, scale: float) -> None:
    """What is accepted is also placed rightly, at the corners where no point lies."""
    road = _road(seed)
    box = (-0.4 * FRAME[0], -0.3 * FRAME[1]) if scale < 1 else (0.1 * FRAME[0], 0.1 * FRAME[1])
    box = (*box, box[0] + FRAME[0] / scale, box[1] + FRAME[1] / scale)
    found = _best(road.transform(FRAME, Image.Transform.EXTENT, box, Image.Resampling.BICUBIC), road)
    assert found is not None
    placed, (left, top) = quad(found.homography, FRAME), box[:2]
    assert placed is not None
    assert np.abs(placed - (UNIT * FRAME - (left, top)) * scale).max() < 6


# Geometry


@pytest.mark.parametrize(
    ("matrix", "expected"),
    [
        pytest.param(np.eye(3), True, id="as-it-is"),
        pytest.param(np.diag([0.3, 0.3, 1]), True, id="a-third"),
        pytest.param(np.diag([2.0, 1.0, 1]), True, id="anamorphic"),
        pytest.param(np.diag([-1.0, 1, 1]), False, id="mirrored"),
        pytest.param(np.diag([4.0, 1.0, 1]), False, id="torn"),
        pytest.param(np.diag([0.01, 0.01, 1]), False, id="a-dot"),
        pytest.param(np.array([[1, 0, 0], [0, 1, 0], [0.01, 0, 1.0]]), False, id="keystone-of-a-cliff"),
        pytest.param(np.array([[1, 0, 0], [0, 1, 0], [-0.01, 0, 1.0]]), False, id="beyond-the-horizon"),
        pytest.param(np.array([[1, 2.5, 0], [0, 1, 0], [0, 0, 1.0]]), False, id="sheared"),
        pytest.param(np.full((3, 3), np.nan), False, id="not-a-number"),
        pytest.param(np.zeros((3, 3)), False, id="nothing"),
    ],
)
def test_plausible(matrix: np.ndarray, expected: bool) -> None:
    assert plausible(matrix, (640, 480)) is expected


def test_boxes_of_a_crop() -> None:
    """A frame that shows the right lower quarter of a picture."""
    matrix = np.array([[2.0, 0, -1], [0, 2, -1], [0, 0, 1]])
    assert shared_boxes(matrix) == (Box(0, 0, 100, 100), Box(50, 50, 50, 50))
    assert zoom(matrix) == 2
    assert not in_place(matrix, (1, 1), (1, 1))


def test_boxes_of_what_lies_outside() -> None:
    assert shared_boxes(np.array([[1.0, 0, 5], [0, 1, 0], [0, 0, 1]])) is None


def test_points_at_the_horizon_go_nowhere() -> None:
    assert map_points(np.array([[1.0, 0, 0], [0, 1, 0], [-1, 0, 1]]), UNIT) is None
