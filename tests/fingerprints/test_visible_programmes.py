"""Marks of a programme: found where they stand over motion, in and out to the frame; what belongs to the scene is not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from fingerprints.marks.glimpses import FileSource, Glimpse, SequenceSource
from fingerprints.marks.overlays import StandingParts
from fingerprints.marks.programme import ShownMark, marks_of_programme
from fixtures import encode
from media.place import Box

pytest.importorskip("rapidocr")

RATE, WIDE, HIGH = 10, 640, 360
Paint = Callable[[ImageDraw.ImageDraw, int, tuple[int, int]], None]


def frames(seconds: int, paint: Paint) -> Iterator[Image.Image]:
    """A camera that pans over a large picture, another one every four seconds, with what `paint` adds at a frame."""
    dice = np.random.default_rng(11)
    for number in range(seconds * RATE):
        if number % (4 * RATE) == 0:
            grain = dice.integers(20, 220, (45, 80, 3), dtype=np.uint8)
            scene = Image.fromarray(grain).resize((2 * WIDE, 2 * HIGH), Image.Resampling.BICUBIC)
        at = (40 + 9 * (number % (4 * RATE)), 60 + 4 * (number % (4 * RATE)))
        picture = scene.crop((*at, at[0] + WIDE, at[1] + HIGH))
        paint(ImageDraw.Draw(picture), number, at)
        yield picture


def encoded(path: Path, pictures: Iterator[Image.Image]) -> Path:
    frames = (picture.tobytes() for picture in pictures)
    encode.run(*encode.rgb((WIDE, HIGH), RATE), "-c:v", "mpeg4", "-q:v", "4", "-g", "10", path, stdin=frames)
    return path


def write(draw: ImageDraw.ImageDraw, words: str, at: tuple[int, int], size: int = 18) -> None:
    draw.text(at, words, font=ImageFont.load_default(size), fill="white")


def found(path: Path) -> list[ShownMark]:
    seen = marks_of_programme(FileSource(path, Fraction(RATE), 3600.0))
    assert seen.fault is None
    return list(seen.marks)


def test_marks_over_motion_are_firm_with_in_and_out_to_the_frame(tmp_path: Path) -> None:
    def paint(draw: ImageDraw.ImageDraw, number: int, _: tuple[int, int]) -> None:
        if 23 <= number < 77:
            write(draw, "Kling AI", (550, 330))
        if 90 <= number < 150:  # hops about
            write(draw, "Sora", (80, 90) if number < 120 else (480, 200))

    kling, sora = found(encoded(tmp_path / "marked.mp4", frames(16, paint)))
    assert (kling.mark.kind, kling.mark.name, kling.mark.is_firm) == ("generator-label", "Kling", True)
    assert (sora.mark.name, sora.mark.is_firm) == ("Sora", True)
    assert np.abs(np.array([kling.frames, sora.frames]) - [(23, 77), (90, 150)]).max() <= 1
    assert Box(85.9, 92, 11, 5).lies_in(kling.mark.box, slack=2.5)
    assert kling.seen >= 4
    assert kling.looked > kling.seen
    assert np.allclose([box.x for _, box in sora.boxes], [12.5, 75], atol=2)


def test_words_of_the_scene_and_of_the_programme_are_no_marks(tmp_path: Path) -> None:
    def paint(draw: ImageDraw.ImageDraw, number: int, at: tuple[int, int]) -> None:
        write(draw, "Runway", (400 - at[0], 260 - at[1]), 26)  # a sign that the camera passes
        write(draw, "Sora Tanaka, first assistant", (40, 320))  # a lower third
        write(draw, "Footage courtesy of\nAdobe Stock", (250, 170))  # credits
        write(draw, "news: Kling AI raises prices", (640 - 8 * (number % 120), 10))  # a ticker

    assert [mark for mark in found(encoded(tmp_path / "plain.mp4", frames(8, paint))) if mark.mark.is_firm] == []


def test_a_mark_on_a_screen_in_a_locked_off_shot_is_embedded_and_not_firm(tmp_path: Path) -> None:
    def shot(number: int) -> Image.Image:
        picture = Image.new("RGB", (WIDE, HIGH), "#807868")
        draw = ImageDraw.Draw(picture)
        draw.rectangle((200, 90, 440, 260), fill="#202028", outline="#101010")
        write(draw, "Kling AI", (350, 225))
        draw.ellipse((20 + 3 * number, 280, 80 + 3 * number, 340), fill="#303a60")  # somebody passes
        return picture

    (shown,) = found(encoded(tmp_path / "phone.mp4", map(shot, range(40))))
    assert (shown.mark.name, shown.mark.is_firm, shown.mark.is_embedded) == ("Kling", False, True)


def test_a_mark_on_a_screen_that_the_camera_passes_is_embedded_and_not_firm(tmp_path: Path) -> None:
    def paint(draw: ImageDraw.ImageDraw, number: int, at: tuple[int, int]) -> None:
        if number < 40:  # a telephone that lies in the first scene
            left, top = 500 - at[0], 300 - at[1]
            draw.rectangle((left, top, left + 150, top + 100), fill="#202028", outline="#f0f0f0", width=3)
            write(draw, "Kling AI", (left + 40, top + 68), 20)

    (shown,) = found(encoded(tmp_path / "phone.mp4", frames(8, paint)))
    assert (shown.mark.name, shown.mark.is_firm, shown.mark.is_embedded) == ("Kling", False, True)
    assert shown.seen >= 2
    assert 0 <= shown.frames[0] < shown.frames[1] <= 40
    assert shown.boxes[0][1].x - shown.boxes[-1][1].x > 5, "it moves with the scene"


def test_a_sequence_is_sampled_and_its_marks_have_the_numbers_of_its_frames(tmp_path: Path) -> None:
    files = []
    for number, picture in enumerate(frames(6, lambda draw, number, _: write(draw, "TEMP VFX", (20, 14), 22)), 1001):
        picture.save(tmp_path / f"sh.{number}.png", compress_level=1)
        files.append((number, tmp_path / f"sh.{number}.png"))
    (mark,) = marks_of_programme(SequenceSource(tuple(files), Fraction(RATE))).marks
    assert (mark.mark.kind, mark.frames, mark.seen) == ("placeholder", (0, 60), 6)


def test_a_word_is_followed_whole_where_one_of_its_letters_was_followed_before() -> None:
    """The edges of a scene can hold a letter's by chance, before the word is there."""
    dice = np.random.default_rng(2)
    parts = StandingParts()
    for number in range(7):
        grain = dice.integers(40, 200, (18, 32, 3), dtype=np.uint8)
        picture = Image.fromarray(grain).resize((WIDE, HIGH), Image.Resampling.BICUBIC)
        write(ImageDraw.Draw(picture), "M" if number < 3 else "MiniMax", (500, 20), 36)
        parts.take(Glimpse(float(number), np.asarray(picture)))
    (word,) = [one for one in parts.live if one.part.y < 80 and one.part.x + one.part.w > 500]
    assert word.part.w > 100
