from __future__ import annotations

import pytest

from scanner.readers.jpeg_app import JPEG_APP
from tests.scanner import stills

JFIF = b"JFIF\0\x01\x02\0\0\x01\0\x01\0\0"


@pytest.mark.parametrize(
    ("data", "key", "value"),
    [
        pytest.param(stills.jpeg(stills.segment(0xFE, b"made with it\0")), "COM", "made with it", id="comment"),
        pytest.param(
            stills.jpeg(stills.segment(0xE0, JFIF + b'AIGC{"Label":"1"}')), "AIGC", '{"Label":"1"}', id="in-jfif"
        ),
        pytest.param(
            stills.jpeg(stills.segment(0xE9, b'AIGC\0{"Label":"1"}\0')), "AIGC", '{"Label":"1"}', id="own-segment"
        ),
        pytest.param(stills.jpeg(stills.segment(0xE7, b"Vendor settings 3")), "APP7", "Vendor settings 3", id="text"),
        pytest.param(stills.gif(stills.gif_comment(b"words" * 60)), "COM", "words" * 60, id="gif"),
        pytest.param(stills.jp2(comment=b"Encoder 1.0"), "COM", "Encoder 1.0", id="jpeg-2000"),
    ],
)
def test_words(tmp_path, data, key, value):
    (found,) = stills.said(tmp_path / "f", data, JPEG_APP)
    assert (found.key, found.value) == (key, value)


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param(JFIF, id="jfif"),
        pytest.param(b'ICC_PROFILE\0\x01\x01desc {"a":1}', id="icc"),
        pytest.param(b'JP\0\x01jumb {"a":1}', id="jumbf"),
        pytest.param(b'\x01\x02binary\x00AIGC\x01{"', id="binary"),
    ],
)
def test_what_is_not_said(tmp_path, payload):
    assert stills.said(tmp_path / "f.jpg", stills.jpeg(stills.segment(0xE2, payload)), JPEG_APP) == []


def test_rubbish_ends(tmp_path):
    data = stills.jpeg(*(stills.segment(0xE5, b'abc{"' * 13_000),) * 20, stills.segment(0xE5, b"A" * 65_000))
    stills.said(tmp_path / "f.jpg", data, JPEG_APP)
