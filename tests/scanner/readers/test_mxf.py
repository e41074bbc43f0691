from pathlib import Path

import pytest

from scanner.readers.mxf import MXF
from tests.scanner.timebased import (
    IDENTIFICATION,
    PICTURE,
    TAGGED_VALUE,
    klv,
    local_set,
    make,
    opened,
    partition,
    primer,
    said,
    survives,
    utf16,
)

WROTE = {0x3C01: utf16("Maker Ltd"), 0x3C02: utf16("Conform"), 0x3C04: utf16("9.1"), 0x3C0A: bytes(16)}
INDIRECT_LE = bytes.fromhex("4c0002100100000000060e2b3401040101")
INDIRECT_BE = bytes.fromhex("420110020000000000060e2b3401040101")
LABEL = bytes.fromhex("060e2b340101010d0d0107010b010101")


@pytest.mark.parametrize(
    ("sets", "want"),
    [
        pytest.param(
            local_set(IDENTIFICATION, WROTE),
            {
                "Identification/CompanyName": "Maker Ltd",
                "Identification/ProductName": "Conform",
                "Identification/VersionString": "9.1",
            },
            id="identification",
        ),
        pytest.param(
            local_set(TAGGED_VALUE, {0x5001: utf16("AIGC"), 0x5003: INDIRECT_LE + "{ü}".encode("utf-16-le")}),
            {"TaggedValue/AIGC": "{ü}"},
            id="tagged value, little-endian",
        ),
        pytest.param(
            local_set(TAGGED_VALUE, {0x5001: utf16("note"), 0x5003: INDIRECT_BE + utf16("text\0")}),
            {"TaggedValue/note": "text"},
            id="tagged value, big-endian",
        ),
        pytest.param(
            local_set("0d01010101013200", {0x4001: utf16("file:///clips/a.mov")}),
            {"NetworkLocator/URLString": "file:///clips/a.mov"},
            id="locator",
        ),
        pytest.param(
            local_set("0d01010101013700", {0x4402: utf16("Reel 1")}), {"Package/Name": "Reel 1"}, id="package"
        ),
        pytest.param(
            primer({0x8001: LABEL}) + local_set("0d0107010b010100", {0x8001: utf16("Series title"), 0x8002: bytes(16)}),
            {"Descriptive/0d0107010b010101": "Series title"},
            id="descriptive set, by its primer",
        ),
        pytest.param(local_set("0d01010101013b00", {0x4802: utf16("Track")}), {}, id="structure says nothing"),
    ],
)
def test_says(tmp_path: Path, sets: bytes, want: dict[str, str]) -> None:
    path = tmp_path / "a.mxf"
    path.write_bytes(partition(2, sets))
    assert said(MXF, path) == want


def test_what_every_partition_repeats_is_said_once(tmp_path: Path) -> None:
    path = tmp_path / "a.mxf"
    metadata = primer({}) + local_set(IDENTIFICATION, WROTE)
    header = partition(2, metadata)
    other = local_set(IDENTIFICATION, {0x3C02: utf16("Second Tool")})
    path.write_bytes(partition(2, metadata, footer=len(header)) + partition(4, metadata + other, footer=len(header)))
    products = [e.value for e in MXF.read(opened(path)) if e.key == "Identification/ProductName"]
    assert products == ["Conform", "Second Tool"]


def test_text_stream(tmp_path: Path) -> None:
    path = tmp_path / "a.mxf"
    header = partition(2, primer({}))
    stream = klv(bytes.fromhex("060e2b34010101010c0d010509010000"), b"<text>words</text>")
    path.write_bytes(partition(2, primer({}), footer=len(header)) + partition(3, b"", sub=0x11) + stream)
    assert said(MXF, path) == {"TextStream": "<text>words</text>"}


def test_what_ffmpeg_writes(tmp_path: Path) -> None:
    path = make(
        tmp_path / "a.mxf",
        *PICTURE,
        "-c:v",
        "mpeg2video",
        "-metadata",
        "comment_AIGC=label",
        "-store_user_comments",
        "1",
    )
    found = said(MXF, path)
    assert found["TaggedValue/AIGC"] == "label"
    assert found["Identification/CompanyName"] == "FFmpeg"


def test_every_flip_ends(tmp_path: Path) -> None:
    path = tmp_path / "a.mxf"
    raw = partition(2, primer({0x8001: LABEL}) + local_set(IDENTIFICATION, WROTE))
    for at in range(11, len(raw)):
        path.write_bytes(raw[:at] + bytes([raw[at] ^ 0x81]) + raw[at + 1 :])
        assert len(survives(MXF, path)) < 10
