"""Text of every Unicode encoding reads alike, marked or not; binary data is none of them."""

from __future__ import annotations

import codecs
import random

import pytest

from media.encoding import WIDTHS, decode_text, detect_wide

TEXT = "TITLE: Folge 1 – Überfahrt\r\n001  A001 V C 01:00:00:00\r\n"
MARKS = {
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
    "utf-32-le": codecs.BOM_UTF32_LE,
    "utf-32-be": codecs.BOM_UTF32_BE,
}


@pytest.mark.parametrize("encoding", sorted(WIDTHS))
@pytest.mark.parametrize("marked", [True, False])
def test_wide_text_reads_with_and_without_a_mark(encoding: str, marked: bool) -> None:
    data = MARKS[encoding] * marked + TEXT.encode(encoding)
    assert detect_wide(data) == encoding
    assert decode_text(data) == TEXT


@pytest.mark.parametrize("encoding", sorted(WIDTHS))
def test_a_head_may_be_cut_anywhere(encoding: str) -> None:
    data = ("𝄞 " + TEXT).encode(encoding)
    assert {detect_wide(data[:cut]) for cut in range(48, len(data))} == {encoding}


def test_chinese_without_a_mark_is_told_by_its_line_ends_and_digits() -> None:
    text = "第1集 由人工智能生成 01:00:00:00\r\n" * 3
    assert decode_text(text.encode("utf-16-le")) == text


@pytest.mark.parametrize(
    ("data", "text"),
    [
        pytest.param(codecs.BOM_UTF8 + "é".encode(), "é", id="UTF-8 with a mark"),
        pytest.param("é".encode(), "é", id="UTF-8"),
        pytest.param("é".encode("cp1252"), "é", id="Windows-1252"),
    ],
)
def test_narrow_text(data: bytes, text: str) -> None:
    assert detect_wide(data) is None
    assert decode_text(data) == text


@pytest.mark.parametrize(
    "data",
    [
        b"Resolve\0",
        b"abc\0" * 20,
        b"name\0\0value\0\0" * 20,
        b"DaVinci Resolve\0\0\0\0\0\0\0\0\0",
        bytes(4096),
        b"\xff\xfe\x00\xd8\x00\xd8" * 9,
        bytes(range(256)) * 8,
    ],
)
def test_binary_fields_are_no_wide_text(data: bytes) -> None:
    assert detect_wide(data) is None


def test_noise_is_no_wide_text() -> None:
    dice = random.Random(3)
    assert not [size for size in range(8, 600) if detect_wide(dice.randbytes(size).replace(b"\xff\xfe", b"ab"))]
