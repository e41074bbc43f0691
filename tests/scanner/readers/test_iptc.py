from __future__ import annotations

import pytest

from media.errors import Malformed
from scanner.readers.iptc import IPTC
from tests.scanner import stills

BLOCK = stills.iim((2, 0, b"\0\x02"), (2, 110, b"Agency"), (2, 80, b"Ann"), (2, 200, b"\1"))
RESOURCE = stills.resource(1028, BLOCK)
HEAD = b"Photoshop 3.0\0"


def app13(data: bytes) -> bytes:
    return stills.segment(0xED, HEAD + data)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(stills.jpeg(app13(stills.resource(1000, b"x") + RESOURCE)), id="jpeg"),
        pytest.param(stills.jpeg(app13(RESOURCE[:20]), app13(RESOURCE[20:])), id="jpeg-in-two-segments"),
        pytest.param(stills.png(stills.raw_profile("iptc", RESOURCE)), id="png-in-a-resource"),
        pytest.param(stills.png(stills.raw_profile("iptc", BLOCK)), id="png-bare"),
        pytest.param(stills.tiff([(0x83BB, 7, BLOCK)]), id="tiff"),
        pytest.param(stills.tiff([(0x8649, 1, RESOURCE)]), id="tiff-in-a-resource"),
        pytest.param(
            stills.tiff([(0x83BB, 7, b"".join(BLOCK.ljust(40, b"\0")[n : n + 4][::-1] for n in range(0, 40, 4)))]),
            id="tiff-wrong-way-round",
        ),
        pytest.param(stills.psd(RESOURCE), id="psd"),
    ],
)
def test_every_home(tmp_path, data):
    found = stills.said(tmp_path / "f", data, IPTC)
    assert [(e.key, e.value, e.facts["dataset"]) for e in found] == [
        ("Credit", "Agency", "2:110"),
        ("Byline", "Ann", "2:80"),
    ]


@pytest.mark.parametrize(
    ("block", "value"),
    [
        pytest.param(stills.iim((1, 90, b"\x1b%G"), (2, 120, "Über".encode())), "Über", id="declared-utf-8"),
        pytest.param(stills.iim((2, 120, "Über".encode("latin-1"))), "Über", id="latin-1"),
        pytest.param(stills.iim((2, 120, "Über".encode())), "Über", id="undeclared-utf-8"),
        pytest.param(stills.iim((1, 90, b"\x1b%G"), (2, 120, b"caf\xe9")), "caf\ufffd", id="not-what-it-declares"),
        pytest.param(b"\x1c\x02\x78\x80\x04\0\0\0\x05hello", "hello", id="extended-length"),
    ],
)
def test_text(tmp_path, block, value):
    (found,) = stills.said(tmp_path / "f.jpg", stills.jpeg(app13(stills.resource(1028, block))), IPTC)
    assert (found.key, found.value) == ("Caption", value)
    assert found.where == "APP13 @ 6, 8BIM 1028, 2:120"


def test_dataset_past_the_end_is_malformed_after_what_is_there(tmp_path):
    block = stills.iim((2, 110, b"Agency")) + b"\x1c\x02\x50\x7f\xffAnn"
    opened = stills.medium(tmp_path / "f.psd", stills.psd(stills.resource(1028, block)))
    found, fault = stills.until_fault(IPTC.read(opened))
    assert [e.value for e in found] == ["Agency", "Ann"]
    assert isinstance(fault, Malformed)


def test_images_of_one_file_are_not_joined(tmp_path):
    data = stills.jpeg(app13(RESOURCE)) + stills.jpeg(app13(RESOURCE))
    assert len(stills.said(tmp_path / "f.jpg", data, IPTC)) == 4
