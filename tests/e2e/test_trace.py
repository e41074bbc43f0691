"""`provscan trace`: where stills, clips and sounds appear, asked from a shell."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from fixtures.photos import photograph
from fixtures.programme import Scene, clip
from tests.e2e.conftest import Call

START = "01:00:00:00"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("trace")
    window, other = (0.05, 0.1, 0.9), (0.2, 0.2, 0.7)
    scenes = (
        Scene(picture="moon", length=36, start=window, end=window),
        Scene(picture="rocket", length=36, start=window, end=other, grade="cold"),
    )
    (made / "EP101.mov").write_bytes(clip(".mov", scenes, "-timecode", START))
    (made / "torn.mov").write_bytes((made / "EP101.mov").read_bytes()[:3_000])
    photograph("rocket", (640, 427)).save(made / "still.png")
    photograph("cat", (640, 427)).save(made / "other.png")
    return made


def test_it_says_where_and_writes_a_list_and_a_strip(folder: Path, call: Call, tmp_path: Path) -> None:
    edl, strip = tmp_path / "found.edl", tmp_path / "found.png"
    done = call(
        "trace",
        folder / "still.png",
        folder / "other.png",
        "--in",
        folder / "EP101.mov",
        "--edl",
        edl,
        "--strip",
        strip,
    )
    assert done.code == 1
    assert "01:00:01:12" in done.out
    assert "01:00:03:00" in done.out
    assert f"not found: {folder / 'other.png'}" in done.out.replace("\n", "")
    events = [line for line in edl.read_text().splitlines() if line[:3].isdigit()]
    assert len(events) == 1
    assert events[0].endswith("01:00:01:12 01:00:03:00")
    assert "* FROM CLIP NAME: still.png" in edl.read_text()
    with Image.open(strip) as picture:
        assert min(picture.size) > 50


def test_nothing_found_is_no_failure(folder: Path, call: Call) -> None:
    done = call("trace", folder / "other.png", "--in", folder / "EP101.mov")
    assert done.code == 0
    assert "no match found" in done.out


def test_what_cannot_be_read_is_said(folder: Path, call: Call) -> None:
    done = call("trace", folder / "other.png", "--in", folder / "torn.mov")
    assert done.code == 3
    assert "could not inspect" in done.err
