"""A temporary voice that stayed in the mix, found by listening: no marker, no library."""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fixtures.blanks import voice
from fixtures.formats import riff
from fixtures.photos import photograph
from tests.e2e.conftest import Call
from tests.e2e.demo import records_of

SPEED = {"iXML/TIMECODE_RATE": "24000/1001", "iXML/TIMECODE_FLAG": "NDF"}
CUT = """TITLE: EP101
FCM: NON-DROP FRAME

001  AX       A     C        00:00:00:00 00:00:06:00 01:00:03:00 01:00:09:00
* FROM CLIP NAME: guide_vo.wav
002  AX       A     C        00:00:00:00 00:00:12:00 01:00:00:00 01:00:12:00
* FROM CLIP NAME: room.wav
"""
SECOND = 2 * 48_000
"""Bytes of 16-bit mono."""


def _mixed(guide: bytes, music: bytes) -> bytes:
    """The guide under other sound, both as 16-bit PCM."""
    one, other = (np.frombuffer(pcm, "<i2").astype(np.float64) for pcm in (guide, music))
    return (0.8 * one + 0.3 * other[: len(one)]).clip(-32768, 32767).astype("<i2").tobytes()


def test_a_temporary_voice_is_heard_in_the_final_mix(call: Call, tmp_path: Path) -> None:
    guide, other = voice(6, seed=21), voice(12, seed=22)
    for folder in ("Temp", "Stems"):
        (tmp_path / "EP" / folder).mkdir(parents=True)
    mix = other[: 3 * SECOND] + _mixed(guide, other[3 * SECOND :]) + other[9 * SECOND :]
    (tmp_path / "EP/Temp/guide_vo.wav").write_bytes(riff.wav(guide))
    (tmp_path / "EP/Stems/dialogue.wav").write_bytes(riff.wav(mix))
    (tmp_path / "EP/Stems/effects.wav").write_bytes(riff.wav(voice(8, seed=23)))
    out = tmp_path / "out"
    assert call("scan", tmp_path / "EP", "--policy", "netflix-2025", "--out", out).code == 1
    told = records_of(out)
    (match,) = told["Stems/dialogue.wav"]["matches"]
    assert (match["reference"], match["role"], match["relation"]) == ("EP/Temp/guide_vo.wav", "temp", "segment")
    start, stop = (frame / float(match["at"]["rate"]) for frame in (match["at"]["in_frame"], match["at"]["out_frame"]))
    assert abs(start - 3) < 0.7
    assert abs(stop - 9) < 1.5
    verdict = told["Stems/dialogue.wav"]["verdict"]
    assert (verdict["outcome"], verdict["reasons"][0]["rule"]) == ("blocker", "netflix.temp-in-final")
    page = (out / "report.html").read_text("utf-8")
    assert "The sound of this file; the matching part is marked. Below: EP/Temp/guide_vo.wav, 0.000–" in page
    (drawn,) = re.findall(r'<div class="pic pic-waveform"><img src="data:image/jpeg;base64,([^"]*)"', page)
    with Image.open(io.BytesIO(base64.b64decode(drawn))) as image:
        assert image.size == (640, 198), "the mix, and the guide below it"
    assert told["Stems/effects.wav"]["matches"] == []
    assert told["Stems/effects.wav"]["verdict"]["outcome"] == "pass"


@pytest.mark.parametrize(
    ("clock", "at", "says"),
    [
        pytest.param((riff.bext({}), riff.ixml(SPEED)), ("01:00:03", "24000/1001"), "named", id="bext and iXML"),
        pytest.param((riff.bext({}),), ("01:00:06", "1000"), None, id="bext alone: by the clock on the wall"),
        pytest.param((), ("00:00:03", "1000"), None, id="neither"),
    ],
)
def test_a_stem_is_on_the_clock_that_it_states(
    call: Call, tmp_path: Path, clock: tuple[bytes, ...], at: tuple[str, str], says: str | None
) -> None:
    """01:00:00:00 at 23.976 is 3603.6 seconds after midnight."""
    guide, other = voice(6, seed=21), voice(12, seed=22)
    root = tmp_path / "EP"
    for folder in ("Temp", "Stems", "Docs"):
        (root / folder).mkdir(parents=True)
    mix = other[: 3 * SECOND] + _mixed(guide, other[3 * SECOND :]) + other[9 * SECOND :]
    (root / "Temp/guide_vo.wav").write_bytes(riff.wav(guide))
    (root / "Stems/EP101_DX.wav").write_bytes(riff.wav(mix, *clock))
    (root / "Docs/EP101.edl").write_text(CUT)
    out = tmp_path / "out"
    call("scan", root, "--out", out)
    (match,) = records_of(out)["Stems/EP101_DX.wav"]["matches"]
    assert (match["at"]["in"][:8], match["at"]["rate"]) == at
    assert match["facts"].get("cut", {}).get("says") == says
    traced = call("trace", root / "Temp/guide_vo.wav", "--in", root / "Stems/EP101_DX.wav")
    assert match["at"]["in"] in traced.out


def test_copies_of_one_file_are_looked_for_once_and_named(call: Call, tmp_path: Path) -> None:
    root, out = tmp_path / "EP", tmp_path / "out"
    for folder in ("Artwork", "Temp/v1", "Temp/v2"):
        (root / folder).mkdir(parents=True)
    photograph("rocket", (480, 320)).save(root / "Temp/v1/sky.png")
    (root / "Temp/v2/sky_copy.png").write_bytes((root / "Temp/v1/sky.png").read_bytes())
    photograph("rocket", (480, 320), "film").save(root / "Artwork/key.jpg")
    register = tmp_path / "uses.csv"
    register.write_text("entry_id,path\nAI-1,Temp/v2/sky_copy.png\n")
    call("scan", root, "--out", out, "--register", register)
    (match,) = records_of(out)["Artwork/key.jpg"]["matches"]
    assert (match["reference"], match["facts"]["copies"]) == ("EP/Temp/v1/sky.png", ["EP/Temp/v2/sky_copy.png"])
    assert "the same file as EP/Temp/v2/sky_copy.png" in (out / "report.html").read_text("utf-8")
