"""The edit list of `provscan trace` for a sound that states no frame rate."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import opentimelineio as otio

from fingerprints.programmes.segments import Segment
from fingerprints.vocabulary import Measure, Sense
from scanner.cli.trace import labels
from scanner.reports.traced import traced_edls, traced_json

MUSIC = Segment(
    programme="mix.wav", reference="song.wav", kind=Sense.SOUND, in_frame=114_091, out_frame=116_091,
    in_seconds=114.091, out_seconds=116.091, rate=Fraction(1000), reference_in=10.0, reference_out=12.0,
    score=9.0, threshold=6.0, by=Measure.LANDMARKS,
)  # fmt: skip


def test_a_sound_without_a_rate_is_listed_at_25() -> None:
    mix: Any = SimpleNamespace(path=Path("mix.wav"), start="", rate=Fraction(1000), sound=None)
    assert labels(mix, MUSIC) == ("00:01:54.091", "00:01:56.091")
    (document,) = traced_edls([(mix, [MUSIC])])
    assert document.part == ""
    lines = "".join(document.pieces).splitlines()
    assert "* NOTE: mix.wav states no frame rate: counted at 25" in lines
    (event,) = (line for line in lines if line.startswith("001"))
    assert event.endswith("00:00:10:00 00:00:12:00 00:01:54:02 00:01:56:02")


def test_each_programme_has_a_list_that_loads() -> None:
    mixes: list[Any] = [
        SimpleNamespace(path=Path(folder) / "EP101.mov", start="01:00:00:00", rate=Fraction(25), sound=None)
        for folder in ("a", "b")
    ]
    documents = list(traced_edls((mix, [MUSIC, MUSIC]) for mix in mixes))
    assert [document.part for document in documents] == ["EP101", "EP101-2"]
    for document in documents:
        found = otio.adapters.read_from_string(
            "".join(document.pieces), "cmx_3600", rate=25, ignore_timecode_mismatch=True
        )
        assert len(list(found.find_clips())) == 2


def test_json_is_one_document_with_every_match_and_what_was_not_found() -> None:
    mix: Any = SimpleNamespace(
        path=Path("mix\x1b.wav"), start="", rate=Fraction(1000), sound=None, seconds=120.0, mode="all frames", fault="",
        note="",
    )  # fmt: skip
    said = json.loads(traced_json([(mix, [MUSIC])], [Path("song.wav"), Path("other.wav")]))
    (programme,) = said["programmes"]
    (match,) = programme["matches"]
    assert programme["path"] == "mix\\x1b.wav"
    assert (match["in"], match["in_frame"], match["reference_in"]) == ("00:01:54.091", 114_091, 10.0)
    assert said["not_found"] == ["other.wav"]
