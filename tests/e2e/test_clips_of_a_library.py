"""A licensed clip and a temporary sound, kept in a library, are found in a master and a mix, with their timecodes."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixtures.blanks import voice
from fixtures.formats import riff
from tests.e2e.conftest import Call
from tests.e2e.demo import records_of
from tests.fingerprints.films import film, moving

SECOND = 2 * 48_000
"""Bytes of 16-bit mono."""


def test_a_librarys_clip_and_sound_are_found_in_finals(call: Call, tmp_path: Path) -> None:
    library, delivery, out = tmp_path / "ARCHIVE", tmp_path / "EP", tmp_path / "out"
    guide, other = voice(5, seed=21), voice(9, seed=22)
    clip = moving(5, 60)
    film(tmp_path / "clip.mov", clip)
    (tmp_path / "guide.wav").write_bytes(riff.wav(guide))
    assert call("library", "init", library).code == 0
    told = ("--title", "Newsreel", "--licence", "L-7", "--ai-terms", "prohibited")
    assert call("library", "add", library, tmp_path / "clip.mov", "--role", "archival", *told).code == 0
    assert call("library", "add", library, tmp_path / "guide.wav", "--role", "temp").code == 0

    for folder in ("Masters", "Stems"):
        (delivery / folder).mkdir(parents=True)
    (delivery / "Stems/mix.wav").write_bytes(riff.wav(other[: 2 * SECOND] + guide + other[2 * SECOND : 4 * SECOND]))
    options = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-timecode", "01:00:00:00")
    film(delivery / "Masters/EP101.mov", [*moving(6, 30), *clip[10:], *moving(7, 30)], *options)
    assert call("scan", delivery, "--library", library, "--policy", "netflix-2025", "--out", out).code == 1

    records = records_of(out)
    (seen,) = records["Masters/EP101.mov"]["matches"]
    assert (seen["reference"], seen["role"], seen["relation"]) == ("clip", "archival", "segment")
    assert (seen["at"]["in"], seen["at"]["out"]) == ("01:00:01:05", "01:00:03:05")
    facts = seen["facts"]
    assert (facts["title"], facts["licence"], facts["ai_terms"]) == ("Newsreel", "L-7", "prohibited")
    assert float(facts["reference_in"]) == pytest.approx(10 / 25, abs=0.05)
    (heard,) = records["Stems/mix.wav"]["matches"]
    assert (heard["reference"], heard["role"], heard["facts"]["library"]) == ("guide", "temp", "ARCHIVE")
    assert heard["at"]["in_frame"] / 1000 == pytest.approx(2, abs=0.7)
    assert records["Stems/mix.wav"]["verdict"]["reasons"][0]["rule"] == "netflix.temp-in-final"

    told_by_trace = call("trace", "--library", library, "--in", delivery / "Stems/mix.wav")
    assert told_by_trace.code == 1
    assert "guide" in told_by_trace.out
    assert call("trace", "--in", delivery / "Stems/mix.wav").code == 2

    # Declared as the production's own, its use is information.
    assert call("library", "add", library, tmp_path / "guide.wav", "--id", "guide", "--role", "own").code == 0
    assert call("scan", delivery / "Stems", "--library", library, "--out", tmp_path / "again").code == 0
    record = records_of(tmp_path / "again")["mix.wav"]
    assert [match["role"] for match in record["matches"]] == ["own"]
    assert record["verdict"]["outcome"] == "pass"
