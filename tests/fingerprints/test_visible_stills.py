"""Marks of one picture: what makes a word a mark, and that no model is fetched."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from fingerprints.marks.ocr import Line
from fingerprints.marks.still import TextLines, VisibleMark, find_marks, marks_of
from media.place import Box

pytest.importorskip("rapidocr")


def scene(width: int = 960, height: int = 540) -> Image.Image:
    """Soft clouds of colour."""
    clouds = np.random.default_rng(5).integers(30, 210, (9, 16, 3), dtype=np.uint8)
    return Image.fromarray(clouds).resize((width, height), Image.Resampling.BICUBIC)


def written(words: str, at: tuple[int, int], size: int, picture: Image.Image | None = None) -> Image.Image:
    picture = picture or scene()
    ImageDraw.Draw(picture).text(at, words, font=ImageFont.load_default(size), fill="white")
    return picture


def marks(picture: Image.Image) -> list[VisibleMark]:
    return list(find_marks(np.asarray(picture)))


def test_a_label_in_a_corner_is_firm_and_has_its_place() -> None:
    (mark,) = marks(written("Kling AI", (840, 500), 24))
    assert (mark.kind, mark.name, mark.is_firm, mark.is_embedded) == ("generator-label", "Kling", True, False)
    assert Box(87.5, 92.6, 10.5, 4.5).lies_in(mark.box, slack=2.5)
    assert mark.box.area_percent < 1.5


def test_a_label_of_eight_pixels_is_read_enlarged() -> None:
    (mark,) = marks(written("Sora", (300, 330), 11))
    assert (mark.name, mark.is_firm) == ("Sora", False)


def test_a_mark_on_a_screen_in_the_scene_is_embedded() -> None:
    picture = scene()
    ImageDraw.Draw(picture).rectangle((280, 130, 640, 340), fill="#202028")
    (mark,) = marks(written("Kling AI", (550, 305), 22, picture))
    assert mark.is_embedded


def test_a_model_is_never_fetched() -> None:
    """A new process that can reach nothing reads what this one reads."""
    code = (
        "import socket\n"
        "def refuse(*a, **k): raise AssertionError('the network was asked')\n"
        "socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = refuse\n"
        "import numpy as np; from PIL import Image, ImageDraw, ImageFont\n"
        "from fingerprints.marks.ocr import read_lines\n"
        "picture = Image.new('RGB', (320, 96), '#405060')\n"
        "ImageDraw.Draw(picture).text((20, 30), 'Getty Images', font=ImageFont.load_default(30), fill='white')\n"
        "print([line.text for line in read_lines(np.asarray(picture))])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "['Getty Images']", done.stderr


def line(text: str, x: float, y: float, w: float = 8, h: float = 3, score: float = 0.95) -> Line:
    return Line(text, Box(x, y, w, h), score)


def found(*lines: Line, stands: bool | None = None) -> list[tuple[str, bool]]:
    return [(mark.name, mark.is_firm) for mark in marks_of(TextLines(lines), stands=stands)]


def test_in_the_middle_a_word_is_possible_and_firm_where_it_stands_over_motion() -> None:
    middle = line("Kling AI", 45, 50)
    assert found(middle) == [("Kling", False)]
    assert found(middle, stands=True) == [("Kling", True)]


def test_a_picture_full_of_text_has_no_firm_mark() -> None:
    text = [line(f"a line of the article, number {n}", 10, 5 + 4 * n, 60) for n in range(9)]
    assert found(line("Kling AI", 90, 96), *text) == [("Kling", False)]


def test_a_pattern_is_firm_wherever_it_stands() -> None:
    text = [line(f"another line, number {n}", 10, 5 + 4 * n, 60) for n in range(9)]
    pattern = [line("shutterstock", 20 * n, 40) for n in range(3)]
    assert set(found(*pattern, *text)) == {("Shutterstock", True)}


def test_a_first_name_among_credits_is_no_mark() -> None:
    credits = [line(f"{name} Tanaka", 30, 5 + 6 * n, 30) for n, name in enumerate(["Sora", "Ken", "Mio", "Aya"])]
    assert found(*credits) == []


def test_a_title_over_the_whole_height_is_not_firm() -> None:
    assert found(line("Kling AI", 2, 40, 90, 20)) == [("Kling", False)]
    assert found(line("Kling AI", 2, 40, 90, 20), stands=True) == [("Kling", False)]
    assert found(line("PLACEHOLDER", 20, 40, 60, 20), stands=True) == [("placeholder", True)]


def test_two_words_of_one_mark_in_one_row_are_read_together() -> None:
    assert found(line("Kling", 2, 94, 5), line("AI", 7.6, 94, 3)) == [("Kling", True)]


@pytest.mark.parametrize(
    "lines",
    [
        [line("Sora", 6, 80, 9, 4), line("student, 24", 6, 85, 14, 3.4)],  # a lower third
        [line("Elena Marsh", 6, 80, 20, 4), line("Kling AI", 6, 85, 14, 3.4)],  # a guest and where she works
        [line("Sora", 88, 40, 8, 4), line("41 %", 97, 40, 3, 4)],  # a row of a chart
        [line("Veo", 6, 20, 8, 4), line("Kling AI", 6, 26, 12, 4), line("Sora", 6, 32, 9, 4)],  # a list
        [line("Stock footage", 40, 45, 20, 4), line("Shutterstock", 41, 51, 18, 4)],  # credits
        [line("Shutterstock", 41, 45, 18, 4), line("Pond5", 44, 51, 12, 4)],
        [line("Archive", 4, 80, 18, 4), line("Getty Images", 4, 85, 18, 4), line("Getty Images", 70, 85, 18, 4)],
        [line("TEMP", 4, 5, 8, 4), line("21 °C", 13, 5, 8, 4)],  # a reading
    ],
)
def test_a_name_in_company_is_possible(lines: list[Line]) -> None:
    for stands in (None, False, True):
        assert not any(firm for _, firm in found(*lines, stands=stands))


@pytest.mark.parametrize(
    "lines",
    [
        [line("Sora", 85, 88, 9, 4), line("@some.user", 85, 92.5, 12, 3)],
        [
            line("iStock", 40, 45, 18, 5),
            line("by Getty Images", 40, 51, 18, 4),
            line("Credit: A. Person", 40, 56, 20, 3),
        ],
        [line("U MINIMAX I", 71, 91, 14, 5), line("Hailuo AI", 88, 92, 10, 4)],  # emblems are read as letters
        [line("TEMP VFX", 4, 5, 14, 4), line("ABC_010_0020_v003", 4, 10, 30, 4)],
        [line("AI generated", 80, 92, 14, 3), line("Elena Marsh", 80, 88, 14, 3)],
    ],
)
def test_what_belongs_to_a_mark_leaves_it_firm(lines: list[Line]) -> None:
    assert any(firm for _, firm in found(*lines, stands=True))


def test_a_subtitle_or_a_name_at_the_lower_edge_is_possible_and_a_name_in_the_corner_of_marks_is_firm() -> None:
    for words, x, y in (("Sora!", 88, 93), ("- Veo.", 88, 93), ("Veo", 47, 93), ("Luma", 6, 88), ("Wan", 6, 76),
                        ("AI generated,", 40, 89), ("- AI generated", 40, 89)):  # fmt: skip
        assert found(line(words, x, y), stands=True)[0][1] is False
    for words, x, y in (("Veo", 93, 93), ("Sora", 20, 40), ("PIKA", 90, 4)):
        assert found(line(words, x, y), stands=True)[0][1] is True


def test_the_name_of_a_channel_is_possible() -> None:
    assert found(line("VEO 1", 4, 8), stands=True) == [("Veo", False)]
    assert found(line("Veo 3.1", 4, 8), stands=True) == [("Veo", True)]
    assert found(line("Veo 3", 93, 93), stands=True) == [("Veo", True)]


def test_a_name_on_a_map_or_beside_another_tools_is_possible() -> None:
    town = line("Basel", 60, 60)
    assert found(line("Luma", 20, 40), town, stands=True) == [("Luma", False)]
    assert found(line("Luma", 93, 93), town, stands=True) == [("Luma", True)]
    assert found(line("Kling", 20, 40), town, stands=True) == [("Kling", False)]
    assert found(line("Kling AI", 20, 40), town, stands=True) == [("Kling", True)]
    assert found(line("Luma", 93, 93), line("Veo", 60, 60), stands=True) == [("Luma", False), ("Veo", False)]


def test_a_chapters_title_and_the_emblem_of_a_distributor_are_possible() -> None:
    assert found(line("LUMA", 35, 45, 30, 8.5), stands=True) == [("Luma", False)]
    assert found(line("PATHÉ", 35, 40, 26, 16), stands=True) == [("British Pathé", False)]
    assert found(line("British Pathé", 38, 46, 24, 6), stands=True) == [("British Pathé", True)]


def test_a_number_is_a_librarys_in_the_corner_only_and_a_clapper_is_none_in_a_programme() -> None:
    assert found(line("#20240117", 4, 6)) == [("Fotolia", False)]
    assert found(line("#20240117", 90, 95)) == [("Fotolia", True)]
    board = line("SCENE 12A TAKE 3", 3, 40, 20, 4)
    assert found(board, stands=True) == found(board, stands=False) == [("slate", False)]
    assert found(board) == [("slate", True)]


def test_filler_text_of_a_layout_is_firm_and_that_of_a_page_is_possible() -> None:
    filler = line("Lorem ipsum dolor sit amet", 20, 70, 60, 2.5)
    assert found(line("THE LONG ROAD", 20, 20, 60, 10), filler, line("consectetur adipiscing", 20, 73, 50, 2.5)) == [
        ("filler text", True)
    ]
    page = [
        line(f"{'Lorem ipsum dolor sit amet' if n % 3 == 0 else 'sed do eiusmod'} {n}", 10, 4 + 6 * n, 80)
        for n in range(12)
    ]
    assert {firm for _, firm in found(*page)} == {False}
    close = [line("Lorem ipsum dolor sit amet", 5, 10 + 12 * n, 90, 6) for n in range(4)]  # few lines that fill it
    assert {firm for _, firm in found(*close)} == {False}
    assert found(filler, stands=False) == [("filler text", False)]  # in a locked-off shot it may be a page of the scene
    assert found(filler, stands=True) == [("filler text", True)]
