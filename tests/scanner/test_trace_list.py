"""The edit list of `provscan trace` for a sound that states no frame rate."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from fingerprints.programmes.segments import By, Kind, Segment
from scanner.cli.trace import labels
from scanner.reports.traced import traced_edl

MUSIC = Segment(
    programme="mix.wav", reference="song.wav", kind=Kind.SOUND, in_frame=114_091, out_frame=116_091,
    in_seconds=114.091, out_seconds=116.091, rate=Fraction(1000), reference_in=10.0, reference_out=12.0,
    score=9.0, threshold=6.0, by=By.LANDMARKS,
)  # fmt: skip


def test_a_sound_without_a_rate_is_listed_at_25() -> None:
    mix: Any = SimpleNamespace(path=Path("mix.wav"), start="", rate=Fraction(1000), sound=None)
    assert labels(mix, MUSIC) == ("00:01:54.091", "00:01:56.091")
    lines = traced_edl([(mix, [MUSIC])]).splitlines()
    assert "* NOTE: mix.wav states no frame rate: counted at 25" in lines
    (event,) = (line for line in lines if line.startswith("001"))
    assert event.endswith("00:00:10:00 00:00:12:00 00:01:54:02 00:01:56:02")
