"""The sound of a match as a waveform: the matching stretch is marked where it lies."""

from __future__ import annotations

import io
import wave
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from scanner.reports.pictures.waveforms import Stretch, draw_waveforms

RATE = 12_000


def tone(path: Path, seconds: float, loud: tuple[float, float]) -> str:
    """A faint sound with a loud part."""
    times = np.arange(int(seconds * RATE)) / RATE
    level = np.where((times >= loud[0]) & (times < loud[1]), 20_000, 600)
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes((np.sin(times * 2764) * level).astype("<i2").tobytes())
    return str(path)


def columns(data: bytes | None) -> np.ndarray:
    """How much of each column of the first waveform is orange."""
    assert data is not None
    image = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"), int)[:96]
    return ((image[..., 0] > 200) & (image[..., 2] < 120)).sum(axis=0)


def test_the_matching_stretch_is_marked_and_as_loud_as_it_is(tmp_path: Path) -> None:
    path = tone(tmp_path / "a.wav", 12, (4, 6))
    orange = columns(draw_waveforms([Stretch(path=path, begin=4, end=6)]))
    first, last = np.flatnonzero(orange > 60)[[0, -1]]
    assert (first, last) == (pytest.approx(160, abs=8), pytest.approx(480, abs=8)), "2 of 4 seconds, in the middle"
    assert not orange[:140].any()


def test_the_reference_stands_below(tmp_path: Path) -> None:
    stretches = [Stretch(path=tone(tmp_path / f"{name}.wav", 3, (1, 2)), begin=1, end=2) for name in "ab"]
    data = draw_waveforms(stretches)
    assert data is not None
    assert Image.open(io.BytesIO(data)).size == (640, 2 * 96 + 6)


def test_what_cannot_be_heard_is_no_picture(tmp_path: Path) -> None:
    broken = tmp_path / "b.wav"
    broken.write_bytes(b"RIFF\xff\xff\xff\xffWAVE")
    assert draw_waveforms([Stretch(path=str(broken), begin=0, end=1)]) is None
    assert draw_waveforms([Stretch(path=str(tmp_path / "gone.wav"), begin=0, end=1)]) is None
    assert draw_waveforms([]) is None
