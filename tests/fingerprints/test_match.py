"""The cascade: relation, region, flip and scale of what is found; and nothing where there is nothing."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageFilter, ImageOps

from fingerprints.stills.match import Matcher, geometry
from fingerprints.stills.placing import PictureMatch
from fingerprints.vocabulary import Relation
from fixtures.photos import photograph
from tests.benchmarks.shelf import MemoryShelf
from tests.benchmarks.transforms import TRANSFORMS, transformed, working

NAMES = ("pavilion", "cat", "coffee", "flower")
SIZE = (640, 480)


@pytest.fixture(scope="module")
def matcher() -> Matcher:
    return Matcher(MemoryShelf({name: np.asarray(photograph(name, SIZE)) for name in NAMES}))


def _only(matcher: Matcher, image: Image.Image) -> PictureMatch:
    found = matcher.match(np.asarray(image.convert("RGB")))
    assert len(found) == 1, found
    return found[0]


def _letterboxed(image: Image.Image) -> Image.Image:
    return ImageOps.expand(image, (0, 80), "black")


def _inset(image: Image.Image) -> Image.Image:
    scene = photograph("astronaut", SIZE).copy()
    scene.paste(image.resize((256, 192)), (320, 240))
    return scene


def test_small_in_a_busy_picture(matcher: Matcher) -> None:
    """A third of the width, graded: too few points vote for it among those of the scene, but its borders show."""
    scene = photograph("galaxies", (960, 540)).copy()
    small = photograph("flower", SIZE).resize((200, 150)).point(lambda level: level * 3 // 4 + 20)
    scene.paste(ImageOps.mirror(small), (700, 60))
    match = _only(matcher, scene)
    assert (match.reference, match.flip, match.relation) == ("flower", True, Relation.MIRRORED)
    box = match.region
    assert (box.x, box.y, box.w, box.h) == pytest.approx((72.9, 11.1, 20.8, 27.8), abs=1.5)
    assert match.scale == pytest.approx(0.24, abs=0.03)
    found = geometry(np.asarray(scene), np.asarray(ImageOps.mirror(photograph("flower", SIZE))))
    assert found is not None


@pytest.mark.parametrize(
    ("change", "relation", "scale"),
    [
        pytest.param(lambda image: image, Relation.EXACT, 1.0, id="as-it-is"),
        pytest.param(lambda image: image.point(lambda level: level * 3 // 4), Relation.EXACT, 1.0, id="darker"),
        pytest.param(lambda image: image.resize((1200, 900)), Relation.EXACT, 1.0, id="larger"),
        pytest.param(lambda image: image.crop((64, 48, 576, 432)), Relation.REFRAMED, 1.25, id="cropped"),
        pytest.param(_letterboxed, Relation.REFRAMED, 0.866, id="letterbox"),
        pytest.param(_inset, Relation.EMBEDDED, 0.4, id="inset"),
        pytest.param(ImageOps.mirror, Relation.MIRRORED, 1.0, id="mirrored"),
    ],
)
def test_relation(
    matcher: Matcher, change: Callable[[Image.Image], Image.Image], relation: Relation, scale: float
) -> None:
    match = _only(matcher, change(photograph("pavilion", SIZE)))
    assert (match.reference, match.relation, match.flip) == ("pavilion", relation, relation is Relation.MIRRORED)
    assert match.scale == pytest.approx(scale, rel=0.02)
    assert match.score >= match.threshold


def test_regions_of_a_crop(matcher: Matcher) -> None:
    match = _only(matcher, photograph("flower", SIZE).crop((64, 48, 576, 432)))
    there = match.reference_region
    assert (there.x, there.y, there.w, there.h) == pytest.approx((10, 10, 80, 80), abs=1.0)
    assert match.region.w > 99


def test_regions_of_a_mirrored_crop_are_of_the_picture_as_it_is(matcher: Matcher) -> None:
    """The left part of the photo, mirrored and smaller, at the right of another picture."""
    frame = photograph("astronaut", SIZE).copy()
    frame.paste(ImageOps.mirror(photograph("flower", SIZE).crop((0, 0, 480, 480))).resize((360, 360)), (260, 60))
    match = _only(matcher, frame)
    assert match.flip
    corner = match.matrix @ [0, 0, 1]
    assert corner[:2] / corner[2] == pytest.approx([620 / 640, 60 / 480], abs=0.02)
    assert match.region.x < 260 / 640 * 100 + 2


def test_a_smooth_picture_is_found_by_its_hash() -> None:
    """Fog has no corners."""
    fog = photograph("cat", SIZE).filter(ImageFilter.GaussianBlur(20))
    names = {"fog": fog, "other": photograph("coffee", SIZE).filter(ImageFilter.GaussianBlur(20))}
    matcher = Matcher(MemoryShelf({name: np.asarray(image) for name, image in names.items()}))
    match = _only(matcher, ImageOps.mirror(fog))
    assert (match.reference, match.relation) == ("fog", Relation.MIRRORED)
    assert match.threshold > 150


@pytest.mark.parametrize("image", ["astronaut", "rocket", "galaxies", "moon"])
def test_a_stranger_is_not_found(matcher: Matcher, image: str) -> None:
    assert matcher.match(np.asarray(photograph(image, SIZE))) == ()


@pytest.mark.parametrize("level", [0, 128, 255])
@pytest.mark.parametrize("size", [(360, 640, 3), (1, 1), (3, 900)], ids=str)
def test_flat_pictures_match_nothing(matcher: Matcher, size: tuple[int, ...], level: int) -> None:
    assert matcher.match(np.full(size, level, np.uint8)) == ()


def test_an_empty_library_matches_nothing() -> None:
    assert Matcher(MemoryShelf({})).match(np.asarray(photograph("cat", SIZE))) == ()


def test_two_in_one_picture(matcher: Matcher) -> None:
    frame = Image.new("RGB", (640, 240))
    for place, name in ((0, "pavilion"), (320, "cat")):
        frame.paste(photograph(name, SIZE).resize((320, 240)), (place, 0))
    assert {match.reference for match in matcher.match(np.asarray(frame))} == {"pavilion", "cat"}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.thorough] * (row % 3 > 0)) for row, name in enumerate(TRANSFORMS)]
)
def test_transforms(matcher: Matcher, name: str) -> None:
    """Of a photo with detail, every one is found, and nothing beside it."""
    image, other = (working(photograph(photo, SIZE)) for photo in ("pavilion", "astronaut"))
    found = matcher.match(transformed(name, image, other, "test"))
    assert [match.reference for match in found] == ["pavilion"]


def _gradient(low: int, high: int, bend: float) -> Image.Image:
    """A sky: light that rises from below, with a soft cloud and the grain of a sensor."""
    rows, columns = np.mgrid[0:1:360j, 0:1:640j]
    cloud = 14 * np.exp(-(((columns - bend) / 0.3) ** 2) - ((rows - 0.4) / 0.25) ** 2)
    levels = low + (high - low) * (1 - rows) ** 1.5 + cloud + np.random.default_rng(7).normal(0, 1.2, rows.shape)
    return Image.fromarray(np.clip(levels, 0, 255).astype(np.uint8)).convert("RGB")


def test_one_sky_is_not_another() -> None:
    """Their hashes are near, and nothing in them tells which of them it is: as they are, and as negatives."""
    skies = {
        f"{low} {bend}": np.asarray(_gradient(low, 190, bend)) for low in (40, 70, 100) for bend in (0.3, 0.5, 0.7)
    }
    matcher = Matcher(MemoryShelf(skies))
    for low, bend in ((55, 0.4), (85, 0.6)):
        sky = _gradient(low, 180, bend)
        for shown in (sky, _letterboxed(sky), ImageOps.invert(sky)):
            assert matcher.match(np.asarray(shown), with_doubtful=True) == ()


def _thing(size: int) -> Image.Image:
    """A thing photographed before a white wall, as products are."""
    image = Image.new("RGB", SIZE, (250, 250, 250))
    image.paste(photograph("coffee", SIZE).resize((size, size // 4)), ((SIZE[0] - size) // 2, 190))
    return image


@pytest.mark.parametrize("grain", [0, 25])
def test_a_thing_on_white_is_found_in_strong_compression_and_grain(grain: int) -> None:
    """Its white border looks like bars; where the reference is white, only grain differs."""
    thing = np.asarray(_thing(400), np.float32)
    levels = np.clip(thing + np.random.default_rng(4).normal(0, grain, thing.shape), 0, 255)
    buffer = io.BytesIO()
    Image.fromarray(levels.astype(np.uint8)).save(buffer, "JPEG", quality=30 if grain else 10)
    (found,) = Matcher(MemoryShelf({"it": np.asarray(_thing(400))})).match(np.asarray(Image.open(buffer)))
    assert (found.reference, found.is_doubtful) == ("it", False)
