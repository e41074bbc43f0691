from __future__ import annotations

import struct

import pytest

from media.errors import Malformed
from scanner.readers.sef import SEF
from tests.scanner import stills

TRAILER = stills.sef((0x0D91, "PEg_Info", b'{"genAIType":8}'), (0x0A30, "MotionPhoto_Data", b"\0\0\0\x18ftypmp42"))


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(stills.jpeg(behind=TRAILER), id="jpeg"),
        pytest.param(stills.png(behind=TRAILER), id="png"),
        pytest.param(stills.heif(behind=stills.box(b"sefd", TRAILER)), id="heif"),
        pytest.param(stills.jpeg(behind=b"another trailer" + TRAILER + b"and one more"), id="between-others"),
        pytest.param(stills.jpeg(behind=stills.jpeg() + bytes(3 << 20) + TRAILER), id="behind-a-large-one"),
    ],
)
def test_records(tmp_path, data):
    (found,) = stills.said(tmp_path / "f", data, SEF)
    assert (found.key, found.value, found.facts) == ("PEg_Info", '{"genAIType":8}', {"type": "0x0D91"})


def test_record_outside_is_malformed(tmp_path):
    directory = b"SEFH" + struct.pack("<II", 106, 1) + struct.pack("<HHII", 0, 1, 5000, 20)
    data = stills.jpeg(behind=directory + struct.pack("<I", len(directory)) + b"SEFT")
    with pytest.raises(Malformed, match="outside"):
        stills.said(tmp_path / "f.jpg", data, SEF)


def test_words_in_pixels_are_no_trailer(tmp_path):
    assert stills.said(tmp_path / "f.jpg", stills.jpeg(pixels=TRAILER), SEF) == []
    assert stills.said(tmp_path / "f.jpg", stills.jpeg(behind=b"SEFH SEFT" * 5), SEF) == []
