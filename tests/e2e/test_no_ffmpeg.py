"""Without an FFmpeg program: what needs one is not inspected, the rest is, and every place says how to get it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from PIL import Image

from fixtures.formats.cinema import dpx
from media import ffmpeg
from media.errors import MissingDecoder
from scanner.self_test.trials import SAMPLES
from tests.e2e.conftest import Call, call
from tests.e2e.process import provscan

__all__ = ["call"]

HOW = "pip install 'provscan[ffmpeg]'"


@pytest.fixture
def no_ffmpeg(monkeypatch: pytest.MonkeyPatch):
    """In this process and in its workers."""
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", "/nowhere/ffmpeg")
    ffmpeg.tool.cache_clear()
    yield
    ffmpeg.tool.cache_clear()


@pytest.fixture
def delivery(tmp_path: Path) -> Path:
    folder = tmp_path / "EP101"
    for name in ("Masters", "Artwork", "tests"):
        (folder / name).mkdir(parents=True)
    shutil.copy(SAMPLES / "clip.mp4", folder / "Masters/EP101.mp4")
    (folder / "Masters/plate.dpx").write_bytes(dpx(Image.new("RGB", (64, 36), "teal"), {}))
    Image.new("RGB", (64, 36), "teal").save(folder / "Artwork/art.png")
    shutil.copy(SAMPLES / "picture.jpg", folder / "tests/sky.jpg")
    return folder


@pytest.mark.usefixtures("no_ffmpeg")
@pytest.mark.parametrize("matching", ["on", "off"])
def test_what_needs_it_is_not_inspected_and_the_rest_is(call: Call, delivery: Path, matching: str) -> None:
    done = call("scan", delivery, "--matching", matching, "--format", "json", "--no-cache")
    run = json.loads(done.out)
    records = {Path(record["asset"]["path"]).name: record for record in run["records"]}
    needed = {"plate.dpx", "EP101.mp4"} if matching == "on" else {"plate.dpx"}
    assert {name for name, record in records.items() if record["verdict"]["scan"] == "incomplete"} == needed
    for name in needed:
        assert records[name]["verdict"]["outcome"] != "pass"
        problems = [one for one in records[name]["problems"] if one["blocking"]]
        assert {one["code"] for one in problems} == {"tool-failed"}
        assert all(HOW in one["message"] for one in problems)
    (note,) = (one for one in run["summary"]["not_checked"] if "ffmpeg" in one)
    assert HOW in note
    assert done.code in (1, 3)


def test_a_command_that_cannot_do_without_it_ends_with_how_to_get_it(delivery: Path) -> None:
    sought, programme = delivery / "tests/sky.jpg", delivery / "Masters/EP101.mp4"
    done = provscan("trace", sought, "--in", programme, env={"IMAGEIO_FFMPEG_EXE": "/nowhere/ffmpeg"})
    assert done.returncode != 0
    assert HOW in " ".join((done.stdout + done.stderr).split())


@pytest.mark.usefixtures("no_ffmpeg")
def test_doctor_names_it_and_how_to_get_it(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scanner.self_test.trials.TRIALS", ())
    done = call("doctor")
    assert done.code == 4
    lines = done.out.splitlines()
    (at,) = (number for number, line in enumerate(lines) if line.startswith("MISSING        ffmpeg"))
    assert f"how to fix: {HOW}" in lines[at + 1]
    assert lines[-1] == "1 required check failed: ffmpeg."


def test_neither_the_extra_nor_a_program_on_the_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ffmpeg, "_bundled", lambda: None)
    monkeypatch.setenv("PATH", "")
    ffmpeg.tool.cache_clear()
    with pytest.raises(MissingDecoder, match=r"provscan\[ffmpeg\]"):
        ffmpeg.tool()
    ffmpeg.tool.cache_clear()


def test_what_was_not_inspected_without_it_is_inspected_as_soon_as_it_is_there(
    call: Call, delivery: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scans = {}
    for state, program in (("missing", "/nowhere/ffmpeg"), ("there", "")):
        monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", program)
        ffmpeg.tool.cache_clear()
        run = json.loads(call("scan", delivery, "--format", "json").out)
        scans[state] = {record["verdict"]["scan"] for record in run["records"]}
    ffmpeg.tool.cache_clear()
    assert scans == {"missing": {"complete", "incomplete"}, "there": {"complete"}}
