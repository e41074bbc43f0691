"""A clean delivery has bars, slate and tone in its master and in its temporary files: nothing of that is a blocker."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL.PngImagePlugin import PngInfo

from fixtures.blanks import voice
from fixtures.formats import riff
from tests.e2e.conftest import Call
from tests.e2e.demo import records_of
from tests.fingerprints.films import film, moving
from tests.fingerprints.test_line_up import bars, card

RATE = 48_000
Frames = list[np.ndarray]


def _head(*, title: Sequence[str] = ("The Island",)) -> Frames:
    """Three seconds of bars, three of a slate, two of a title."""
    size = (640, 360)
    slate = card("PROD EP101", "TAKE 3  25 FPS", ground="#787878", ink="#101010")
    every = [bars()] * 75 + [slate] * 75 + [card(*title, size=52)] * 50
    return [np.asarray(image.convert("RGB").resize(size)) for image in every]


def _movie(path: Path, frames: Frames) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    film(path, [np.asarray(frame)[:, :] for frame in frames], size=(640, 360))


def _large(frames: Frames) -> Frames:
    return [frame.repeat(2, axis=0).repeat(2, axis=1) for frame in frames]


def _tone(seconds: float) -> bytes:
    wave = 0.1 * np.sin(2 * np.pi * 1000 * np.arange(int(seconds * RATE)) / RATE)
    return (wave * 32767).astype("<i2").tobytes()


def _said(record: dict[str, Any]) -> list[tuple[str, str | None]]:
    return [(match["reference"], match["facts"].get("line_up")) for match in record["matches"]]


def test_bars_slate_and_title_of_a_temporary_cut_are_no_blocker(call: Call, tmp_path: Path) -> None:
    root, out = tmp_path / "EP", tmp_path / "out"
    _movie(root / "Temp/temp_cut.mp4", _head() + _large(moving(5, 75)))
    _movie(root / "Final/EP_MASTER.mp4", _head() + _large(moving(9, 75)))
    call("scan", root, "--policy", "netflix-2025", "--out", out)
    for policy in ("default", "apa-documentary"):
        call("judge", out / "records.jsonl", "--policy", policy, "--out", tmp_path / policy)
    for judged in (out, tmp_path / "default", tmp_path / "apa-documentary"):
        record = records_of(judged)["Final/EP_MASTER.mp4"]
        assert {line_up for _, line_up in _said(record)} <= {"signal", "card"} != set()
        assert record["matches"]
        assert [(one["rule"], one["outcome"]) for one in record["verdict"]["reasons"]] == [("delivery.line-up", "fyi")]


def test_temporary_footage_behind_the_same_slate_still_is(call: Call, tmp_path: Path) -> None:
    root, out = tmp_path / "EP", tmp_path / "out"
    _movie(root / "Temp/temp_cut.mp4", _head() + _large(moving(5, 75)))
    _movie(root / "Final/EP_MASTER.mp4", _head() + _large(moving(5, 75)))
    assert call("scan", root, "--policy", "netflix-2025", "--out", out).code == 1
    record = records_of(out)["Final/EP_MASTER.mp4"]
    assert None in {line_up for _, line_up in _said(record)}
    assert record["verdict"]["outcome"] == "blocker"
    assert _sides(record) == {("card", 0, 200), (None, 200, 275)}


def _sides(record: dict[str, Any]) -> set[tuple[str | None, int, int]]:
    """What is line-up and what is content of the picture, from which frame to which."""
    pictures = [match for match in record["matches"] if match["facts"]["sense"] == "picture"]
    return {(one["facts"].get("line_up"), one["at"]["in_frame"], one["at"]["out_frame"]) for one in pictures}


@pytest.mark.parametrize(
    ("words", "line_up", "rule"),
    [
        ("", "card", "delivery.line-up"),
        (
            "words\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 512x512, Model: x",
            "card",
            "netflix.temp-in-final",
        ),
    ],
)
def test_a_title_that_ai_made_is_none(call: Call, tmp_path: Path, words: str, line_up: str, rule: str) -> None:
    """The same card, without the mark of a generator and with it."""
    root, out, said = tmp_path / "EP", tmp_path / "out", PngInfo()
    (root / "Temp").mkdir(parents=True)
    title = ("A Title", "In two lines", "Or in three")
    if words:
        said.add_text("parameters", words)
    card(*title, size=52).save(root / "Temp/title.png", pnginfo=said)
    _movie(root / "Final/EP_MASTER.mp4", _head(title=title)[150:] + _large(moving(9, 50)))
    call("scan", root, "--policy", "netflix-2025", "--out", out)
    record = records_of(out)["Final/EP_MASTER.mp4"]
    (match,) = record["matches"]
    assert (match["role"], match["facts"]["line_up"]) == ("ai-made" if words else "temp", line_up)
    assert [one["rule"] for one in record["verdict"]["reasons"]] == [rule]


def test_of_a_temporary_voice_behind_a_tone_only_the_voice_counts(call: Call, tmp_path: Path) -> None:
    root, out = tmp_path / "EP", tmp_path / "out"
    for folder in ("Temp", "Stems"):
        (root / folder).mkdir(parents=True)
    guide, other = voice(6, seed=21), voice(12, seed=22)
    (root / "Temp/guide_vo.wav").write_bytes(riff.wav(_tone(10) + guide))
    (root / "Stems/clean.wav").write_bytes(riff.wav(_tone(10) + other))
    (root / "Stems/left_in.wav").write_bytes(riff.wav(_tone(10) + guide + other))
    assert call("scan", root, "--policy", "netflix-2025", "--out", out).code == 1
    told = records_of(out)
    assert {line_up for _, line_up in _said(told["Stems/clean.wav"])} <= {"signal"}
    assert told["Stems/clean.wav"]["verdict"]["outcome"] in ("pass", "fyi")
    (match,) = (one for one in told["Stems/left_in.wav"]["matches"] if "line_up" not in one["facts"])
    rate = float(match["at"]["rate"])
    assert match["at"]["in_frame"] / rate == pytest.approx(10, abs=0.7)
    assert match["at"]["out_frame"] / rate == pytest.approx(16, abs=1.2)
    assert match["facts"]["reference_in"] == pytest.approx(10, abs=0.7)
    assert told["Stems/left_in.wav"]["verdict"]["outcome"] == "blocker"
