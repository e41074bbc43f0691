"""The alteration map: what is benign, what is not, where it is, and when it must not be judged."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont, ImageOps

from fingerprints.stills.alteration import GRAVE, Alteration, compare
from fingerprints.stills.graphics.drawn import holds_letters
from fingerprints.stills.graphics.layers import Layers
from fingerprints.stills.graphics.overlays import static_overlay
from fingerprints.stills.match import Matcher, geometry
from fingerprints.stills.side_by_side import side_by_side
from fingerprints.vocabulary import Grade, Quality, Relation
from fixtures.photos import photograph
from scanner.recognise.altered import judge_frames
from tests.benchmarks.alterations import benign
from tests.benchmarks.edits import edited, smoothing
from tests.benchmarks.finishing import frame_of, jpeg
from tests.benchmarks.shelf import MemoryShelf
from tests.benchmarks.transforms import working

SIZE = (400, 300)
PHOTO = photograph("pavilion", SIZE)
OTHER = photograph("coffee", SIZE)
PLACE = (200, 150, 280, 225)
"""A fifth of the width by a quarter of the height, from the centre on."""
HARD = ("grade, crushed", "grain 25", "print, photographed", "inset, a third")


def _array(image: Image.Image) -> np.ndarray:
    return np.asarray(image.convert("RGB"))


def _judged(picture: Image.Image, reference: Image.Image = PHOTO, matrix: np.ndarray | None = None) -> Alteration:
    return compare(_array(picture), _array(reference), np.eye(3) if matrix is None else matrix, quality=Quality.SCAN)


def _placed(left: float, top: float, right: float, bottom: float) -> np.ndarray:
    """The matrix of a reference whose box in the picture is this, in fractions."""
    return np.array([[right - left, 0, left], [0, bottom - top, top], [0, 0, 1]])


def _pasted() -> Image.Image:
    done = PHOTO.copy()
    done.paste(OTHER.crop(PLACE), PLACE[:2])
    return done


@cache
def _judged_paste() -> Alteration:
    return _judged(_pasted())


@pytest.mark.parametrize("name", HARD)
def test_post_production_is_no_alteration(name: str) -> None:
    """As a scan does it: with the geometry of the match."""
    picture = _array(benign(name, working(PHOTO), working(OTHER), np.random.default_rng(3)))
    (match,) = Matcher(MemoryShelf({"it": _array(PHOTO)})).match(picture)
    verdict = compare(picture, _array(PHOTO), match.matrix, quality=Quality.SCAN)
    assert verdict.judged
    assert not GRAVE & set(verdict.relations), verdict.changes
    assert verdict.grade is not Grade.ALTERED


def test_the_same_is_exact() -> None:
    verdict = _judged(PHOTO)
    assert (verdict.relation, verdict.changes, verdict.area_percent) == (Relation.EXACT, (), 0.0)
    assert verdict.similarity > 0.99


def test_a_paste_is_found_where_it_is() -> None:
    verdict = _judged_paste()
    assert verdict.relation is Relation.ALTERED
    (region,) = verdict.regions
    assert (region.x, region.y) == pytest.approx((50, 50), abs=3)
    assert (region.w, region.h) == pytest.approx((20, 25), abs=4)
    assert verdict.area_percent == pytest.approx(5, abs=2)
    assert verdict.reason.endswith(" % of the visible part of the reference differs, in 1 region")


def test_a_paste_in_a_mirrored_graded_crop() -> None:
    made = ImageOps.mirror(_pasted().crop((40, 30, 400, 300)))
    flipped = np.array([[-1.0, 0, 1], [0, 1, 0], [0, 0, 1]]) @ _placed(-1 / 9, -1 / 9, 1, 1)
    graded = ImageEnhance.Color(made.point(lambda level: level * 4 // 5)).enhance(0.6)
    verdict = _judged(graded, matrix=flipped)
    assert verdict.relation is Relation.ALTERED
    there, here = verdict.changes[0].reference_region, verdict.regions[0]
    assert (there.x, there.y, there.w, there.h) == pytest.approx((50, 50, 20, 25), abs=4)
    assert (here.x, here.y) == pytest.approx((100 * 120 / 360, 100 * 120 / 270), abs=4)
    assert {Relation.REFRAMED, Relation.GRADED} <= set(verdict.relations)


def test_one_thing_in_another_colour() -> None:
    made = PHOTO.copy()
    part = made.crop((110, 120, 200, 210))
    hue, saturation, value = part.convert("HSV").split()
    turned = hue.point(lambda level: (level + 110) % 256), saturation.point(lambda level: 120 + level // 2), value
    made.paste(Image.merge("HSV", turned).convert("RGB"), (110, 120))
    verdict = _judged(made)
    assert verdict.relation is Relation.RECOLOURED
    assert verdict.regions[0].x == pytest.approx(27.5, abs=4)


def test_a_black_and_white_photo_in_colour() -> None:
    assert _judged(PHOTO, ImageOps.grayscale(PHOTO)).relation is Relation.RECOLOURED


def test_a_colour_photo_in_black_and_white_is_a_grade() -> None:
    assert _judged(ImageOps.grayscale(PHOTO)).relation is Relation.GRADED


def test_more_than_was_there() -> None:
    verdict = _judged(PHOTO, PHOTO.crop((48, 36, 352, 264)), _placed(0.12, 0.12, 0.88, 0.88))
    assert verdict.relation is Relation.EXTENDED
    assert sum(change.area_percent for change in verdict.changes) == pytest.approx(42, abs=3)
    assert len(verdict.regions) == 4
    assert verdict.area_percent == 0


@pytest.mark.parametrize("frame", ["black", "white", (90, 90, 90)], ids=str)
def test_a_border_is_no_extension(frame: str) -> None:
    framed = ImageOps.expand(PHOTO, 50, frame)
    assert not GRAVE & set(_judged(framed, matrix=_placed(0.1, 0.125, 0.9, 0.875)).relations)


def test_another_picture_around_it_is_no_extension() -> None:
    scene = OTHER.copy()
    scene.paste(PHOTO.resize((240, 180)), (80, 60))
    assert not GRAVE & set(_judged(scene, matrix=_placed(0.2, 0.2, 0.8, 0.8)).relations)


def test_painted_anew() -> None:
    """Flat strokes, outlines that wander, and a texture of their own."""
    rng = np.random.default_rng(5)
    strokes = np.asarray(PHOTO.filter(ImageFilter.ModeFilter(9)))
    noise = [cv2.GaussianBlur(rng.normal(0, 1, SIZE[::-1]).astype(np.float32), (0, 0), width) for width in (5, 5, 2)]
    across, down, texture = (one / one.std() for one in noise)
    rows, columns = np.mgrid[: SIZE[1], : SIZE[0]].astype(np.float32)
    wandering = cv2.remap(strokes, columns + 3 * across, rows + 3 * down, cv2.INTER_LINEAR)
    painted = np.uint8(np.clip(wandering + 14 * texture[..., None], 0, 255))
    assert _judged(Image.fromarray(painted)).relation is Relation.RESYNTHESISED


@pytest.mark.parametrize("seed", [1, 2])
def test_strokes_with_a_texture_of_their_own_are_no_grain(seed: int) -> None:
    done, _ = edited("repaint", _array(PHOTO), _array(OTHER), 1.0, np.random.default_rng(seed))
    verdict = _judged(Image.fromarray(done))
    assert (verdict.relation, verdict.grade) == (Relation.RESYNTHESISED, Grade.ALTERED)


def test_what_was_painted_anew_is_still_found() -> None:
    """Its points lie a little beside the reference's; what is coarse is in place."""
    done, _ = edited("repaint", _array(PHOTO), _array(OTHER), 1.0, np.random.default_rng(1))
    assert len(Matcher(MemoryShelf({"it": _array(PHOTO)})).match(done)) == 1


def test_detail_made_anew_over_what_is_coarse() -> None:
    """As a model redraws a picture: the same things, other detail of the same strength, no grain in flat places."""
    light = _array(PHOTO).astype(np.float32)
    coarse = cv2.GaussianBlur(light, (0, 0), 2.2)
    strength = cv2.GaussianBlur(np.abs(light - coarse).mean(axis=2), (0, 0), 3)
    noise = cv2.GaussianBlur(np.random.default_rng(6).normal(0, 1, SIZE[::-1]).astype(np.float32), (0, 0), 1.0)
    own = noise / noise.std() * np.maximum(strength - 1, 0) * 1.3
    made = np.uint8(np.clip(coarse + own[..., None], 0, 255))
    verdict = _judged(Image.fromarray(made))
    assert (verdict.relation, verdict.grade) == (Relation.RESYNTHESISED, Grade.ALTERED)


def test_sharpened_is_enhanced() -> None:
    assert _judged(PHOTO.filter(ImageFilter.UnsharpMask(2, 150, 0))).relation is Relation.ENHANCED


@pytest.mark.parametrize("quality", [Quality.PREVIEW, Quality.WATERMARKED])
def test_against_a_preview_it_cannot_judge(quality: Quality) -> None:
    verdict = compare(_array(_pasted()), _array(PHOTO), np.eye(3), quality=quality)
    assert (verdict.judged, verdict.relation, verdict.changes) == (False, None, ())
    reason = f"cannot judge: the reference is of quality {quality.value}"
    assert verdict.reason == reason


@pytest.mark.parametrize("size", [(200, 150), (20, 20), (1, 400)], ids=str)
def test_flat_and_tiny_pictures_do_not_fail(size: tuple[int, int]) -> None:
    flat = Image.new("RGB", size, "grey")
    for picture, reference in ((flat, PHOTO), (PHOTO, flat), (flat, flat)):
        verdict = _judged(picture, reference)
        assert verdict.judged or verdict.reason.startswith("cannot judge")


@pytest.mark.parametrize("matrix", [_placed(5, 0, 6, 1), np.zeros((3, 3)), np.full((3, 3), np.nan)], ids=str)
def test_a_geometry_that_shows_nothing(matrix: np.ndarray) -> None:
    assert not _judged(PHOTO, matrix=matrix).judged


def test_a_geometry_that_is_a_little_off_is_mended() -> None:
    assert _judged(PHOTO, matrix=_placed(0.02, -0.015, 1.0, 0.99)).relation is Relation.EXACT


# Overlays


def _titled(image: Image.Image) -> Image.Image:
    done = image.copy()
    ImageDraw.Draw(done).rectangle((25, 225, 250, 275), fill="navy", outline="white", width=3)
    return done


STEPS = (0, 10, 20, 30, 40)


def _moved(image: Image.Image) -> list[Image.Image]:
    """A camera that drifts over a still: five frames."""
    return [image.resize(SIZE, box=(step, step // 2, 350 + step, 262 + step // 2)) for step in STEPS]


def _matrices() -> list[np.ndarray]:
    wide, high = 400 / 350, 300 / 262
    return [_placed(-step / 350, -(step // 2) / 262, wide - step / 350, high - (step // 2) / 262) for step in STEPS]


def test_what_stands_still_while_the_picture_moves_is_masked() -> None:
    frames = [_array(_titled(frame)) for frame in _moved(PHOTO)]
    overlay = static_overlay(frames, list(zip(frames, _matrices(), strict=True)))
    assert overlay is not None
    assert overlay[227:273, 27:248].all()
    assert not overlay[:200].any()
    masked = compare(frames[0], _array(PHOTO), _matrices()[0], quality=Quality.SCAN, overlay=overlay)
    assert masked.judged
    assert not GRAVE & set(masked.relations)


def test_a_held_picture_has_no_overlay() -> None:
    """All of it stands still, and that says nothing; nor does what moves beside it."""
    rng = np.random.default_rng(1)
    held = [np.uint8(np.clip(_array(PHOTO) + rng.normal(0, 1, (300, 400, 1)), 0, 255)) for _ in STEPS]
    assert static_overlay(held, [(one, np.eye(3)) for one in held]) is None
    scenes = [_array(OTHER.resize(SIZE, box=(step, 0, 350 + step, 262))).copy() for step in STEPS]
    for scene in scenes:
        scene[80:220, 100:300] = _array(PHOTO.resize((200, 140)))
    assert static_overlay(scenes, [(one, _placed(0.25, 0.2667, 0.75, 0.7333)) for one in scenes]) is None


def _half_written(image: Image.Image) -> Image.Image:
    """A plate of which letters take the left half."""
    done = image.copy()
    draw = ImageDraw.Draw(done)
    draw.rectangle((25, 225, 299, 274), fill="navy")
    for top, words in ((229, "Ingrid Vale"), (253, "curator")):
        draw.text((35, top), words, fill="white", font=ImageFont.load_default(size=16))
    return done


def test_a_plate_that_is_half_written_is_masked_to_its_borders() -> None:
    """What is plain does not stand still demonstrably."""
    frames = [_array(_half_written(frame)) for frame in _moved(PHOTO)]
    overlay = static_overlay(frames, list(zip(frames, _matrices(), strict=True)))
    assert overlay is not None
    assert overlay[228:272, 28:297].all()
    assert not overlay[:210].any()
    assert not overlay[:, 315:].any()
    verdict = compare(frames[2], _array(PHOTO), _matrices()[2], quality=Quality.SCAN, overlay=overlay)
    assert verdict.grade is Grade.NONE, verdict.changes


def test_a_paste_that_goes_on_under_a_plate_is_found() -> None:
    """It is plain, and touches the plate: it is no part of it."""
    done = PHOTO.copy()
    ImageDraw.Draw(done).ellipse((120, 175, 200, 260), fill=(120, 150, 90))
    verdict = _judged(_half_written(done))
    assert verdict.grade is Grade.ALTERED
    assert 10 < verdict.graphics_percent < 15


def _veiled(image: Image.Image, colour: tuple[int, int, int] = (20, 30, 90), part: float = 0.6) -> Image.Image:
    """A translucent plate with a name on it, over a strong texture."""
    done = Image.blend(image, Image.new("RGB", image.size, colour), part)
    done = Image.composite(done, image, Image.new("L", (280, 60), 255).crop((-20, -215, 380, 85)))
    draw = ImageDraw.Draw(done)
    for top, words in ((222, "Ingrid Vale"), (248, "curator of the collection")):
        draw.text((32, top), words, fill="white", font=ImageFont.load_default(size=18))
    return done


TEXTURE = photograph("gravel", SIZE)


DARK, LIGHT = (20, 30, 90), (200, 190, 170)


@pytest.mark.parametrize(("colour", "part"), [(DARK, 0.3), (DARK, 0.6), (DARK, 0.8), (LIGHT, 0.6), (LIGHT, 0.8)])
def test_a_translucent_plate_over_a_strong_texture_is_a_graphic(colour: tuple[int, int, int], part: float) -> None:
    verdict = _judged(Image.fromarray(jpeg(_array(_veiled(TEXTURE, colour, part)), 85)), TEXTURE)
    assert (verdict.grade, verdict.changes) == (Grade.NONE, ())
    assert verdict.graphics_percent == pytest.approx(17, abs=3)


def test_a_paste_that_goes_on_under_a_translucent_plate_is_found() -> None:
    """The plate is taken off: what is changed is the paste alone, above the plate and under it."""
    done = TEXTURE.copy()
    done.paste(PHOTO.crop(PLACE).resize((60, 60)), (200, 185))
    verdict = _judged(Image.fromarray(jpeg(_array(_veiled(done)), 85)), TEXTURE)
    assert verdict.grade is Grade.ALTERED
    (region,) = [change.region for change in verdict.changes if change.grade is Grade.ALTERED]
    assert region.x == pytest.approx(50, abs=5)
    assert region.w == pytest.approx(15, abs=6)


@pytest.mark.parametrize("part", [0.6, 1.0], ids=["translucent", "opaque"])
def test_a_coloured_name_does_not_make_a_grey_photograph_coloured(part: float) -> None:
    grey = ImageOps.grayscale(PHOTO).convert("RGB")
    verdict = _judged(_veiled(grey, (150, 20, 30), part), grey)
    assert (verdict.grade, verdict.changes) == (Grade.NONE, ())


def _found(reference: Image.Image, matrices: list[np.ndarray]):
    """Where the reference lies, frame after frame."""
    each = iter(matrices)
    return lambda _frame: (next(each), _array(reference))


@pytest.mark.parametrize("is_held", [True, False], ids=["held", "moving"])
def test_a_changed_thing_is_found_in_held_and_moving_shots(is_held: bool) -> None:
    done = _pasted()
    frames = dict(enumerate(_array(frame) for frame in ([done] * 5 if is_held else _moved(done))))
    matrices = [np.eye(3)] * 3 if is_held else _matrices()[::2]
    verdict, _ = judge_frames(frames, _found(PHOTO, matrices), Quality.SCAN)
    assert (verdict.grade, verdict.relation) == (Grade.ALTERED, Relation.ALTERED)


def test_what_only_one_frame_shows_is_uncertain() -> None:
    frames = dict(enumerate(_array(frame) for frame in [PHOTO, PHOTO, PHOTO, PHOTO, _pasted()]))
    verdict, number = judge_frames(frames, _found(PHOTO, [np.eye(3)] * 3), Quality.SCAN)
    assert (verdict.grade, number) == (Grade.UNCERTAIN, 4)


@pytest.mark.parametrize("over", ["lower third", pytest.param("subtitle", marks=pytest.mark.thorough)])
def test_a_moving_shot_under_letters_is_no_alteration(over: str) -> None:
    frames = {}
    for number, frame in enumerate(_moved(PHOTO)):
        titled = frame_of(over, _array(frame), _array(frame), np.random.default_rng(4))
        frames[number] = np.uint8(np.clip(titled + np.random.default_rng(number).normal(0, 2, (300, 400, 1)), 0, 255))
    verdict, _ = judge_frames(frames, _found(PHOTO, _matrices()[::2]), Quality.SCAN)
    assert verdict.judged
    assert verdict.grade is not Grade.ALTERED, verdict.changes
    assert verdict.graphics_percent > 1


def test_teeth_drawn_into_a_face_are_no_graphic() -> None:
    """Flat, sharp and of few colours, but neither lettered nor straight nor in a corner: 0.7 % of the picture."""
    done = PHOTO.copy()
    draw = ImageDraw.Draw(done)
    draw.ellipse((180, 140, 224, 164), fill=(70, 25, 30))
    draw.ellipse((185, 144, 219, 155), fill=(228, 222, 210))
    assert _judged(done.filter(ImageFilter.GaussianBlur(0.5))).grade is Grade.ALTERED


def test_a_mouth_in_a_medium_shot_is_found() -> None:
    """It takes 0.17 % of the picture: less than what encoding may leave, but nothing like that."""
    cat = photograph("cat", (640, 480))
    done = cat.copy()
    draw = ImageDraw.Draw(done)
    draw.ellipse((312, 221, 348, 239), fill=(70, 25, 30))
    draw.ellipse((315, 222, 345, 233), fill=(228, 222, 210))
    seen = Image.fromarray(jpeg(_array(done.filter(ImageFilter.GaussianBlur(0.5))), 90))
    assert _judged(seen, cat).grade is Grade.ALTERED
    assert _judged(Image.fromarray(jpeg(_array(cat), 90)), cat).grade is Grade.NONE


@pytest.mark.parametrize(
    ("place", "grade"), [((150, 160), Grade.ALTERED), ((0, 160), Grade.ALTERED), ((0, 240), Grade.UNCERTAIN)]
)
def test_in_a_corner_where_light_falls_off_more_is_needed(place: tuple[int, int], grade: Grade) -> None:
    x, y = place
    texture = cv2.GaussianBlur(np.random.default_rng(3).normal(0, 1, (60, 60)).astype(np.float32), (0, 0), 2.5)
    levels = _array(PHOTO).astype(np.float32)
    levels[y : y + 60, x : x + 60] += (16 * texture / texture.std())[..., None]
    assert _judged(Image.fromarray(np.clip(levels, 0, 255).astype(np.uint8))).grade is grade


def _drawn(counts: list[int], wide: int = 44) -> Layers:
    """Strokes in rows of that many each, on a plate that is thin all over."""
    thin, strokes = np.zeros((300, 400), bool), np.zeros((300, 400), bool)
    top = 140
    thin[top : top + len(counts), 180 : 180 + wide] = True
    for row, count in enumerate(counts):
        strokes[top + row, 181 + np.linspace(0, wide - 4, count).astype(int)] = True
    return Layers(thin, np.zeros_like(thin), strokes, strokes, np.zeros_like(thin))


def test_letters_have_strokes_in_most_rows_and_a_mouth_over_a_mouth_in_few() -> None:
    assert _drawn([6, 8, 8, 7, 8, 7, 7, 8, 6, 7, 8, 7, 6, 6]).lettered.any()
    assert not _drawn([2, 2, 2, 3, 3, 3, 4, 5, 6, 4, 1, 1, 1, 1]).lettered.any()


def test_letters_on_which_an_edge_hangs_are_text() -> None:
    """Through a translucent plate an upright edge of the picture shows, and reaches far below the letters."""
    written = _drawn([12, 16, 16, 14, 16, 14, 14, 16, 12, 14, 16, 14, 12, 12], wide=100)
    written.thin[140:174, 272:280] = True
    assert written.lettered[140:154, 185:270].all()


def test_a_texture_nearly_as_high_as_it_is_wide_is_no_text() -> None:
    assert not _drawn([7] * 22).lettered.any()


def test_a_round_mark_in_a_corner_is_a_graphic() -> None:
    done = PHOTO.copy()
    ImageDraw.Draw(done).ellipse((350, 16, 384, 50), fill="navy")
    verdict = _judged(done)
    assert verdict.grade is Grade.NONE
    assert verdict.graphics_percent > 0.5


def test_a_small_mark_with_letters_on_it_is_a_graphic() -> None:
    """Its letters, and what an encoder makes of their colour, take half of it."""
    done = PHOTO.copy()
    draw = ImageDraw.Draw(done)
    draw.ellipse((13, 243, 47, 277), fill=(20, 110, 80))
    draw.text((30, 260), "K4", fill="white", font=ImageFont.load_default(size=17), anchor="mm")
    verdict = _judged(Image.fromarray(jpeg(_array(done), 80)))
    assert verdict.grade is Grade.NONE
    assert verdict.graphics_percent > 0.5


@pytest.mark.parametrize("place", [(165, 74), (68, 20)])
def test_an_inverted_box_is_no_graphic(place: tuple[int, int]) -> None:
    """Its edges are as sharp as a plate's; and no picture begins beside it, where all else is sky."""
    x, y = place
    levels = _array(PHOTO).copy()
    levels[y : y + 38, x : x + 60] = 255 - levels[y : y + 38, x : x + 60]
    verdict = _judged(Image.fromarray(jpeg(levels, 90)))
    assert verdict.grade is Grade.ALTERED
    assert verdict.graphics_percent == 0.0


def test_the_other_half_of_a_split_screen_does_not_bend_the_geometry() -> None:
    levels = _array(PHOTO).copy()
    levels[150:] = np.asarray(OTHER.resize((400, 150)))
    verdict = _judged(Image.fromarray(jpeg(levels, 88)))
    assert verdict.grade is Grade.NONE, verdict.reason
    assert Relation.EXTENDED not in verdict.relations


def test_what_is_smoothed_in_a_place_is_seen() -> None:
    mask = cv2.ellipse(np.zeros(SIZE[::-1], np.uint8), (200, 170), (75, 65), 0, 0, 360, 1, -1) > 0
    verdict = _judged(Image.fromarray(smoothing(_array(PHOTO), _array(PHOTO), mask, np.random.default_rng(1))))
    assert verdict.grade is not Grade.NONE
    assert verdict.relation is not Relation.EXACT


FINISHES = ("lower third", "split screen", "vignette", "motion blur", "dust, scratches, sepia", "from a phone",
            "local tone mapping")  # fmt: skip
LIKE_THEM = ("subtitle", "bug, timecode", "dissolve", "crushed grade", "JPEG 15")
"""Other graphics, another transition, another grade, another encoding."""


@pytest.mark.parametrize("name", [*FINISHES, *(pytest.param(name, marks=pytest.mark.thorough) for name in LIKE_THEM)])
def test_finishing_is_no_alteration(name: str) -> None:
    frame = frame_of(name, _array(PHOTO), _array(OTHER), np.random.default_rng(5))
    matrix = np.eye(3) if name == "split screen" else geometry(frame, _array(PHOTO))
    verdict = compare(frame, _array(PHOTO), matrix, quality=Quality.SCAN)
    assert verdict.judged
    assert verdict.grade is not Grade.ALTERED, verdict.changes


def test_a_graphic_is_reported_as_a_graphic() -> None:
    verdict = _judged(_titled(PHOTO))
    assert verdict.grade is Grade.NONE
    assert 9 < verdict.graphics_percent < 17
    assert "graphics cover" in verdict.reason


@pytest.mark.parametrize("name", ["paste", "clone", "removal", "blur", "seamless paste"])
def test_a_hundredth_of_the_picture_that_was_edited_is_found(name: str) -> None:
    done, mask = edited(name, _array(PHOTO), _array(OTHER), 0.015, np.random.default_rng(2))
    assert mask.any()
    verdict = compare(done, _array(PHOTO), np.eye(3), quality=Quality.SCAN)
    assert verdict.grade is Grade.ALTERED
    assert verdict.changed is not None
    assert verdict.changed[mask].mean() > 0.4


def test_what_is_not_equal_in_its_pixels_is_not_exact() -> None:
    nearly = _array(PHOTO).copy()
    nearly[10, 10] ^= 1
    assert compare(nearly, _array(PHOTO), np.eye(3), quality=Quality.SCAN).relation is Relation.NEAR


# What a person is shown


def test_changed_regions_are_outlined_in_both() -> None:
    made, there = _array(_pasted()), _array(PHOTO)
    plain = side_by_side(made, there, np.eye(3))
    shown = side_by_side(made, there, np.eye(3), _judged_paste().regions)
    assert shown.shape == plain.shape
    drawn = (shown != plain).any(axis=2)
    left, right = drawn[:, : SIZE[0]], drawn[:, -SIZE[0] :]
    for side in (left, right):
        rows, columns = np.nonzero(side)
        assert (columns.min(), rows.min(), columns.max(), rows.max()) == pytest.approx(PLACE, abs=14)
        assert not side[170:200, 220:260].any()


def test_letters_that_go_on_beside_a_thing_do_not_make_a_plate_of_it() -> None:
    lettered, thing = np.zeros((200, 300), bool), np.zeros((200, 300), bool)
    lettered[120:140, 40:180] = True
    thing[80:150, 130:220] = True
    assert not holds_letters(thing, lettered)
    thing[110:150, 30:190] = True
    assert holds_letters(thing, lettered)
