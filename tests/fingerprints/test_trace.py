import io
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from fingerprints.prints import features
from fingerprints.programmes.programme import Programme, read
from fingerprints.programmes.segments import Segment
from fingerprints.programmes.sought import KeyImages, Query, open_item
from fingerprints.programmes.strip import HEIGHT, TITLE, WIDTH, strip
from fingerprints.programmes.trace import trace
from fingerprints.vocabulary import Measure, Sense
from tests.fingerprints.films import film, hold, moving, picture


def _inset(still: np.ndarray, behind: list[np.ndarray]) -> list[np.ndarray]:
    small = cv2.resize(still, (176, 99), interpolation=cv2.INTER_AREA)
    made = [frame.copy() for frame in behind]
    for frame in made:
        frame[40:139, 120:296] = small
    return made


@pytest.fixture(scope="module")
def items(tmp_path_factory: pytest.TempPathFactory) -> list[Query]:
    folder = tmp_path_factory.mktemp("items")
    for seed in (50, 51, 52, 53):
        cv2.imwrite(str(folder / f"still{seed}.png"), picture(seed)[..., ::-1])
    film(folder / "clip.mov", moving(60, 150))
    return [open_item(path, path.name) for path in sorted(folder.iterdir())]


@pytest.fixture(scope="module")
def programme(tmp_path_factory: pytest.TempPathFactory) -> Programme:
    running = moving(70, 120)
    frames = [
        *moving(71, 40),
        *hold(picture(50), 60, to=1.5),  # 40 – 100
        *moving(72, 40),
        *(np.ascontiguousarray(frame[:, ::-1]) for frame in hold(picture(51), 50)),  # 140 – 190
        *moving(73, 40),
        *moving(60, 150)[30:110],  # 230 – 310
        *running[:40],
        *_inset(picture(52), running[40:90]),  # 350 – 400
        *running[90:],
    ]
    return read(film(tmp_path_factory.mktemp("programme") / "ep.mov", frames))


@pytest.fixture(scope="module")
def found(items: list[Query], programme: Programme) -> tuple[Segment, ...]:
    return trace(items, [programme])


@pytest.mark.parametrize(
    ("name", "first", "end", "flip"),
    [
        pytest.param("still50.png", 40, 100, False, id="zoomed"),
        pytest.param("still51.png", 140, 190, True, id="mirrored"),
        pytest.param("clip.mov", 230, 310, False, id="clip"),
        pytest.param("still52.png", 350, 400, False, id="in a picture"),
    ],
)
def test_found_to_the_frame(found: tuple[Segment, ...], name: str, first: int, end: int, flip: bool) -> None:
    (segment,) = (one for one in found if one.reference == name)
    assert (segment.in_frame, segment.out_frame) == pytest.approx((first, end), abs=3)
    assert (segment.flip, segment.kind) == (flip, Sense.PICTURE)
    assert segment.score >= segment.threshold


def test_nothing_else_is_found(found: tuple[Segment, ...]) -> None:
    assert sorted(one.reference for one in found) == ["clip.mov", "still50.png", "still51.png", "still52.png"]


def test_the_range_in_the_reference(found: tuple[Segment, ...]) -> None:
    (clip,) = (one for one in found if one.reference == "clip.mov")
    assert (clip.reference_in, clip.reference_out) == pytest.approx((1.2, 4.4), abs=0.1)
    assert (clip.speed, clip.by) == (1.0, Measure.MOTION)


def test_where_in_the_frame(found: tuple[Segment, ...]) -> None:
    (inset,) = (one for one in found if one.reference == "still52.png")
    assert inset.region == pytest.approx((120 / 320, 40 / 180, 296 / 320, 139 / 180), abs=0.03)


def test_votes_that_do_not_lie_together_are_none() -> None:
    looked = features.extract(picture(50))
    key_images = KeyImages([Query("still", Path("still.png"), still=looked)])
    assert [found[:2] for found in key_images.voted(looked, least=100, most=8)] == [(0, 0)]
    torn = replace(looked, points=np.random.default_rng(2).permutation(looked.points))
    assert list(key_images.voted(torn, least=100, most=8)) == []


def test_strip(found: tuple[Segment, ...], programme: Programme) -> None:
    with Image.open(io.BytesIO(strip([(programme, one) for one in found]))) as sheet:
        assert sheet.size == (3 * WIDTH, 4 * (HEIGHT + TITLE))
        drawn = np.asarray(sheet.convert("L")).reshape(4, HEIGHT + TITLE, 3, WIDTH)
        assert (drawn[:, TITLE:].std(axis=(1, 3)) > 20).all(), "each of the frames is drawn"
    assert strip([])[:4] == b"\x89PNG"
