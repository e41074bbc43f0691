"""Frame sequences read as programmes: every frame once, at its own time, by the same light as a still of it."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fingerprints.prints import phash
from fingerprints.programmes.programme import read
from media.errors import MediaError
from media.frames import FrameSequence
from media.still import fitted, grey, open_picture
from tests.fingerprints.films import film, hold, moving, picture

SCENES = [*moving(1, 10), *hold(picture(2), 12), *moving(3, 8)]
FIRST = 86_400


def sequence(folder: Path, name: str, *options: str, frames: list[np.ndarray] = SCENES) -> FrameSequence:
    folder.mkdir(parents=True, exist_ok=True)
    film(Path(str(folder).replace("%", "%%")) / name, frames, *options, "-start_number", str(FIRST))
    return FrameSequence(folder, name, ((FIRST, FIRST + len(frames) - 1),))


@pytest.mark.parametrize(
    ("ending", "options"),
    [
        pytest.param("dpx", ("-pix_fmt", "rgb48be"), id="DPX of 16 bits"),
        pytest.param("exr", ("-pix_fmt", "gbrpf32le"), id="EXR, linear light"),
        pytest.param("tif", ("-pix_fmt", "rgb48le"), id="TIFF of 16 bits"),
        pytest.param("png", (), id="PNG"),
        pytest.param("jp2", (), id="JPEG 2000"),
    ],
)
def test_every_frame_as_a_still_of_it(tmp_path: Path, ending: str, options: tuple[str, ...]) -> None:
    frames = sequence(tmp_path / "100% 'reel'", f"a%%b.%07d.{ending}", *options)
    found = read(frames)
    assert (found.numbers.tolist(), found.rate, found.fault) == (list(range(30)), 24, "")
    assert [shot.first for shot in found.shots] == [0, 10, 22]
    for row in (0, 15, 29):
        small = phash.small_grey(grey(fitted(open_picture(frames.frame(FIRST + row), at_least=320), 320)))
        assert int(np.bitwise_count(phash.hashes(small[None]) ^ found.hashes[row]).sum()) <= 8


def test_a_frame_that_is_lacking_keeps_its_time(tmp_path: Path) -> None:
    whole = sequence(tmp_path, "r.%07d.png")
    for number in (FIRST + 4, FIRST + 5, FIRST + 20):
        whole.frame(number).unlink()
    ranges = ((FIRST, FIRST + 3), (FIRST + 6, FIRST + 19), (FIRST + 21, FIRST + 29))
    frames = FrameSequence(tmp_path, "r.%07d.png", ranges, rate=Fraction(25))
    found = read(frames)
    assert found.numbers.tolist() == [row for row in range(30) if row not in (4, 5, 20)]
    assert (found.fault, len(frames)) == ("", 27)
    assert found.number_of(10) == FIRST + 10
    assert found.frame(10, side=320).shape == (180, 320, 3)
    assert frames.frame(FIRST + 20) == frames.frame(FIRST + 19)
    assert [run.seconds for run in frames.runs(4 / 25, 16 / 25)] == [6 / 25]


@pytest.mark.parametrize(
    ("harm", "lost"),
    [
        pytest.param(lambda path: path.write_bytes(path.read_bytes()[:40]), 1, id="cut short"),
        pytest.param(lambda path: path.write_bytes(b"not a picture"), 1, id="text"),
        pytest.param(lambda path: path.unlink(), 18, id="gone meanwhile"),
    ],
)
def test_a_broken_frame_is_said(tmp_path: Path, harm: Callable[[Path], object], lost: int) -> None:
    frames = sequence(tmp_path, "r.%07d.png")
    harm(frames.frame(FIRST + 12))
    found = read(frames)
    assert len(found.numbers) == 30 - lost
    assert found.fault == f"{lost} of its 30 frames could not be decoded"


def test_the_clock_begins_with_the_first_frame_even_if_that_is_lost(tmp_path: Path) -> None:
    frames = sequence(tmp_path, "r.%07d.png")
    frames.frame(FIRST).write_bytes(b"not a picture")
    found = read(frames)
    assert (found.numbers[0], found.number_of(1)) == (1, FIRST + 1)


@pytest.mark.parametrize(
    "rate", [Fraction(24), Fraction(24000, 1001), Fraction(25), Fraction(30000, 1001), Fraction(60)]
)
def test_no_frame_is_lost_at_the_end(tmp_path: Path, rate: Fraction) -> None:
    count = 103
    for number in range(count):
        Image.new("L", (16, 16), number).save(tmp_path / f"{number:04}.png")
    found = read(FrameSequence(tmp_path, "%04d.png", ((0, count - 1),), rate=rate))
    assert found.numbers.tolist() == list(range(count))


def test_what_ffmpeg_does_not_read_is_a_fault(tmp_path: Path) -> None:
    for number in range(3):
        (tmp_path / f"r.{number:04}.zzz").write_bytes(b"\0" * 100)
    with pytest.raises(MediaError):
        read(FrameSequence(tmp_path, "r.%04d.zzz", ((0, 2),)))
