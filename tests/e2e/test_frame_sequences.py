"""A final delivered as numbered frames: every one is looked at, and what is found has its numbers and timecodes."""

from __future__ import annotations

import struct
from dataclasses import replace
from pathlib import Path

import pytest

from fixtures.formats import cinema, png
from fixtures.programme import SCENES, frames, painted_sky
from tests.e2e.conftest import Call
from tests.e2e.demo import records_of

FIRST = 86_400
HOUR = struct.pack(">I", 0x01000000)
REEL = "Masters/EP101_reel1.%07d.dpx"
SHOTS = tuple(replace(scene, length=length) for scene, length in zip(SCENES[:3], (70, 13, 20), strict=True))
"""The still from the temp folder is seen for half a second: every fourth frame may miss how long, one in 24 all of it."""
EDL = """TITLE: EP101_reel1
FCM: NON-DROP FRAME

001  A001C004 V     C        14:20:00:00 14:20:02:22 01:00:00:00 01:00:02:22
* FROM CLIP NAME: A001_C004
002  AX       V     C        00:00:00:00 00:00:00:13 01:00:02:22 01:00:03:11
* FROM CLIP NAME: sky_temp.png
003  A001C009 V     C        14:30:00:00 14:30:00:20 01:00:03:11 01:00:04:07
* FROM CLIP NAME: A001_C009
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("sequences") / "EP"
    for name in ("Masters", "Temp", "Docs"):
        (root / name).mkdir(parents=True)
    for number, image in enumerate(frames(SHOTS)):
        data = bytearray(cinema.dpx(image.resize((320, 180)), {}, frame=FIRST + number))
        data[1920:1924], data[1940:1944] = HOUR, struct.pack(">f", 24.0)
        (root / (REEL % (FIRST + number))).write_bytes(data)
    (root / "Temp/sky_temp.png").write_bytes(png.png(painted_sky()))
    (root / "Docs/EP101_reel1.edl").write_text(EDL)
    return root


def test_a_still_that_is_seen_for_half_a_second(folder: Path, call: Call, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = call("scan", folder, "--out", out, "--format", "edl", "--format", "html", "--policy", "netflix-2025")
    assert done.code == 1
    told = records_of(out)[REEL]
    (match,) = told["matches"]
    assert (match["reference"], match["role"]) == ("EP/Temp/sky_temp.png", "temp")
    assert match["at"] == {
        "in": "01:00:02:22", "out": "01:00:03:11", "frames": [[FIRST + 70, FIRST + 82]], "rate": "24",
    }  # fmt: skip
    assert "01:00:02:22–01:00:03:11 frames 86470–86482" in " ".join(done.out.split())
    assert (told["media"]["rate"], told["media"]["timecode"]) == ("24/1", "01:00:00:00")
    assert (told["verdict"]["outcome"], told["verdict"]["reasons"][0]["rule"]) == ("blocker", "netflix.temp-in-final")
    assert (match["facts"]["cut"]["says"], match["facts"]["cut"]["clip"]) == ("named", "sky_temp.png")
    assert [word in (out / "report.edl").read_text("ascii") for word in ("01:00:02:22", "|D:13")] == [True, True]
    assert len(list(out.glob("pictures/*.jpg"))) == 2, "the frame, and the frame beside its reference"
    again = tmp_path / "again"
    call("judge", out / "records.jsonl", "--out", again)
    assert (again / "records.jsonl").read_bytes() == (out / "records.jsonl").read_bytes()


def test_frames_that_cannot_be_decoded_are_a_problem_and_not_a_silence(
    folder: Path, call: Call, tmp_path: Path
) -> None:
    for number in (FIRST + 3, FIRST + 4):
        path = folder / (REEL % number)
        path.write_bytes(path.read_bytes()[:4_000])
    out = tmp_path / "out"
    call("scan", folder, "--out", out)
    told = records_of(out)[REEL]
    assert len(told["matches"]) == 1, "what can be decoded is compared"
    (problem,) = (one for one in told["problems"] if one["stage"] == "match")
    assert problem["message"] == "compared with references in part only: 2 of its 103 frames could not be decoded"
    assert told["verdict"]["outcome"] != "pass"


def test_a_short_sequence_with_a_frame_that_is_text(folder: Path, call: Call, tmp_path: Path) -> None:
    short = tmp_path / "EP"
    for number in range(70, 80):
        path = short / (REEL % (FIRST + number))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes((folder / (REEL % (FIRST + number))).read_bytes()[: 4_000 if number == 75 else None])
    (short / "Temp").mkdir()
    (short / "Temp/sky_temp.png").write_bytes((folder / "Temp/sky_temp.png").read_bytes())
    out = tmp_path / "out"
    call("scan", short, "--out", out)
    told = records_of(out)[REEL]
    shown = [FIRST + number for number in range(70, 80) if number != 75]
    assert told["matches"][0]["at"] == {"frames": [[number, number] for number in shown]}
    (problem,) = (one for one in told["problems"] if one["stage"] == "match")
    assert problem["message"].startswith(f"compared with references in part only: frame {FIRST + 75}: ")


def test_trace_takes_a_pattern(folder: Path, call: Call) -> None:
    found = call("trace", folder / "Temp/sky_temp.png", "--in", folder / REEL)
    assert (found.code, "frames 86470–86482" in found.out, "01:00:02:22" in found.out) == (1, True, True)
    wrong = call("trace", folder / "Temp/sky_temp.png", "--in", folder / "Masters/EP102.%07d.dpx")
    assert (wrong.code, "by its pattern" in wrong.err) == (2, True)
