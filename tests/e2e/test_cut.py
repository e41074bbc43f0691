"""A still that stayed in the master, reconciled with the cut: the source that the EDL names there, or that it knows none."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from fixtures import programme
from fixtures.formats import png
from scanner.records.records import read_records
from tests.e2e.conftest import Call
from tests.e2e.demo import records_of

MASTER = "Masters/EP101_master.mov"
EDL = """TITLE: EP101
FCM: NON-DROP FRAME

001  A001C004 V     C        14:20:00:00 14:20:01:00 01:00:00:00 01:00:01:00
* FROM CLIP NAME: A001_C004
002  AX       V     C        00:00:00:00 00:00:01:00 01:00:01:00 01:00:02:00
* FROM CLIP NAME: sky_temp.png
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A master of two shots; the second is a still from the temp folder."""
    root = tmp_path / "EP"
    for name in ("Masters", "Temp", "Docs"):
        (root / name).mkdir(parents=True)
    scenes = tuple(replace(scene, length=24) for scene in programme.SCENES[:2])
    (root / MASTER).write_bytes(programme.clip(".mov", scenes, "-timecode", programme.START))
    (root / "Temp/sky_temp.png").write_bytes(png.png(programme.painted_sky()))
    (root / "Docs/EP101.edl").write_text(EDL)
    return root


@pytest.mark.parametrize(
    ("flag", "said"),
    [
        pytest.param(("--keyframes",), "Only key frames of programmes were compared", id="key frames"),
        pytest.param(("--fps", "6"), "Programmes were compared at 6 frames a second only", id="some a second"),
    ],
)
def test_a_quick_look_says_so(folder: Path, call: Call, tmp_path: Path, flag: tuple[str, ...], said: str) -> None:
    scenes = (replace(programme.SCENES[1], length=24),)
    (folder / MASTER).write_bytes(programme.clip(".mov", scenes, "-timecode", programme.START))
    done = call("scan", folder, "--out", tmp_path / "out", *flag)
    (match,) = records_of(tmp_path / "out")[MASTER]["matches"]
    assert match["reference"] == "EP/Temp/sky_temp.png"
    assert said in " ".join((tmp_path / "out/summary.json").read_text("utf-8").split())
    assert done.code == 1


def test_the_cut_says_where_a_still_in_the_master_comes_from(
    folder: Path, call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, again = tmp_path / "out", tmp_path / "again"
    done = call("scan", folder, "--out", out, "--format", "html", "--format", "csv")
    (match,) = records_of(out)[MASTER]["matches"]
    assert match["reference"] == "EP/Temp/sky_temp.png"
    assert (match["facts"]["cut"]["timeline"], match["facts"]["cut"]["says"]) == ("Docs/EP101.edl", "named")
    phrase = "cut from sky_temp.png at 00:00:00:00 (EP101.edl, which names it)"
    assert phrase in " ".join(done.out.split())
    assert phrase in (out / "report.html").read_text("utf-8")
    assert phrase in (out / "report.csv").read_text("utf-8")
    call("judge", out / "records.jsonl", "--out", again)
    assert (again / "records.jsonl").read_bytes() == (out / "records.jsonl").read_bytes()

    (folder / "Docs/EP101.edl").write_text(EDL.partition("002 ")[0])
    call("scan", folder, "--out", out)
    (unknown,) = records_of(out)[MASTER]["matches"]
    assert unknown["id"] == match["id"], "waivers are bound to it"
    assert unknown["facts"]["cut"]["says"] == "no-event"
    phrase, sheet = "not in EP101.edl at these frames", tmp_path / "cues.csv"
    assert phrase in (out / "report.html").read_text("utf-8")
    call("register", "cuesheet", out / "records.jsonl", "--out", sheet)
    assert phrase in sheet.read_text("utf-8-sig")
    monkeypatch.setattr("scanner.cli.explain.look_at", lambda *_, **__: read_records(out / "records.jsonl"))
    assert phrase in " ".join(call("explain", folder / MASTER).out.split())
