"""When a sound file says that it begins: bext's samples, iXML's rate, and nothing that is not said."""

from __future__ import annotations

import struct
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

from fixtures.formats import riff
from media.sound import SoundClock, sound_clock

PCM = bytes(4_800)
FILM = Fraction(24000, 1001)
HOUR = Fraction(36036, 10)
"""Seconds at which 01:00:00:00 is shown at 23.976."""
BEXT = riff.bext({})
"""172,972,800 samples after midnight: that hour at 48 kHz."""


def ixml(**fields: str) -> bytes:
    return riff.ixml({f"iXML/{name}": value for name, value in fields.items()})


SPEED = ixml(TIMECODE_RATE="24000/1001", TIMECODE_FLAG="NDF")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        pytest.param(riff.wav(PCM, BEXT), SoundClock(HOUR, None, False), id="bext"),
        pytest.param(riff.wav(PCM, BEXT, SPEED), SoundClock(HOUR, FILM, False), id="bext and iXML"),
        pytest.param(riff.append(riff.wav(PCM, BEXT), SPEED), SoundClock(HOUR, FILM, False), id="iXML behind the data"),
        pytest.param(riff.rf64(PCM, BEXT, SPEED), SoundClock(HOUR, FILM, False), id="RF64, both behind the data"),
        pytest.param(riff.wav(PCM, BEXT, rate=96_000), SoundClock(HOUR / 2, None, False), id="96 kHz"),
        pytest.param(
            riff.wav(PCM, BEXT, ixml(TIMECODE_RATE="30000/1001", TIMECODE_FLAG="DF")),
            SoundClock(HOUR, Fraction(30000, 1001), True),
            id="drop-frame",
        ),
        pytest.param(
            riff.wav(
                PCM,
                ixml(
                    TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_HI="1",
                    TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_LO="705032704",
                    TIMESTAMP_SAMPLE_RATE="192000",
                ),
            ),
            SoundClock(Fraction(5_000_000_000, 192_000), None, False),
            id="iXML alone, in two words",
        ),
        pytest.param(riff.wav(PCM, BEXT, ixml(TIMECODE_RATE="24/0")), SoundClock(HOUR, None, False), id="no rate"),
        pytest.param(riff.wav(PCM, SPEED), None, id="a rate and no begin"),
        pytest.param(riff.wav(PCM, BEXT, rate=1_000), None, id="after the end of the day"),
        pytest.param(riff.wav(PCM, BEXT, rate=0), None, id="no samples in a second"),
        pytest.param(riff.wav(PCM), None, id="neither"),
        pytest.param(riff.wav(PCM, BEXT)[:300], None, id="cut short"),
        pytest.param(b"RIFF\xff\xff\xff\xffWAVE" + b"junk\xff\xff\xff\xff", None, id="a size that is none"),
        pytest.param(b"RIFF\0\0\0\0WAVE" + struct.pack("<4sI", b"junk", 0) * 5_000 + BEXT, None, id="endless chunks"),
        pytest.param(b"ID3\x04", None, id="another format"),
        pytest.param(b"", None, id="empty"),
    ],
)
def test_what_it_says(tmp_path: Path, data: bytes, said: SoundClock | None) -> None:
    (tmp_path / "a.wav").write_bytes(data)
    assert sound_clock(tmp_path / "a.wav") == said


@pytest.mark.parametrize("make", [lambda path: path.mkdir(), lambda path: None], ids=["a folder", "nothing there"])
def test_what_cannot_be_read_says_nothing(tmp_path: Path, make: Callable[[Path], object]) -> None:
    make(tmp_path / "a.wav")
    assert sound_clock(tmp_path / "a.wav") is None
