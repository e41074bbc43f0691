"""A programme that is read in parts is exactly the one that is read at once; where that is not sure, it is not cut."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from fingerprints.programmes.programme import Programme, read
from fingerprints.programmes.reading import parts as in_parts
from fingerprints.programmes.reading import pictures
from fingerprints.programmes.reading.parts import join_parts, parts_of, read_part, read_sound
from fixtures.encode import run
from media.errors import MediaError
from tests.fingerprints.films import Frame, film, hold, moving, picture

X264 = ("-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-g", "24")
X265 = ("-c:v", "libx265", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-tag:v", "hvc1")
VARIABLE = ("-vf", "setpts='(N+3*mod(N\\,3)/4)/25/TB'", "-fps_mode", "vfr", "-video_track_timescale", "90000")


@pytest.fixture(autouse=True)
def _short_stretches(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (pictures, in_parts):
        monkeypatch.setattr(module, "STRETCH", 32)
        monkeypatch.setattr(module, "BATCH", 16)


@pytest.fixture(scope="module")
def frames() -> list[Frame]:
    """Shots of all lengths; one that lasts over a seam, one that is cut at one."""
    return [*moving(1, 50), *hold(picture(2), 14, to=1.2), *moving(3, 90), *moving(4, 9), *moving(5, 60)]


def joined(path: Path, folder: Path, workers: int) -> Programme:
    """What is joined of the parts that so many workers read."""
    parts = parts_of(path, workers)
    assert len(parts) > 1
    files = [folder / f"{number}" for number in range(len(parts))]
    for file, part in zip(files, parts, strict=True):
        file.write_bytes(read_part(path, part))
    (folder / "sound").write_bytes(read_sound(path, parts[0]))
    return join_parts(path, files, folder / "sound")


def described(programme: Programme) -> dict[str, object]:
    """All that a programme holds, as values that can be compared."""
    arrays = ("numbers", "low", "hashes", "flat", "black", "asked", "sounding", "waveform")
    names = ("rate", "start", "mode", "shots", "origin", "fault", "note", "sound", "sound_start")
    samples = [(one.row, one.look, one.box, one.panels, programme.picture(one).tobytes()) for one in programme.samples]
    peaks = programme.peaks
    return {
        **{name: np.asarray(getattr(programme, name)).tobytes() for name in arrays},
        **{name: getattr(programme, name) for name in names},
        "samples": samples,
        "peaks": (peaks.times.tobytes(), peaks.bins.tobytes(), peaks.levels.tobytes(), peaks.seconds),
    }


@pytest.mark.parametrize("workers", [2, 3])
@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(X264, id="B-frames"),
        pytest.param(("-c:v", "mjpeg", "-pix_fmt", "yuvj420p"), id="key frames only"),
        pytest.param(("-c:v", "prores_ks", "-profile:v", "0"), id="ProRes", marks=pytest.mark.thorough),
        pytest.param((*X264, *VARIABLE), id="variable rate"),
        pytest.param((*X265, "-x265-params", "keyint=24:open-gop=1:log-level=none"), id="HEVC, open groups"),
    ],
)
def test_parts_are_one_reading(frames: list[Frame], tmp_path: Path, arguments: Sequence[str], workers: int) -> None:
    path = film(tmp_path / "a.mov", frames, *arguments)
    assert described(joined(path, tmp_path, workers)) == described(read(path))


@pytest.mark.parametrize(
    "late",
    [
        pytest.param((0.0, 0.7), id="picture that begins late"),
        pytest.param((0.5, 0.0), id="sound that begins late"),
        pytest.param((0.0, 0.0), id="sound that begins before"),
    ],
)
def test_parts_are_one_reading_with_sound(frames: list[Frame], tmp_path: Path, late: tuple[float, float]) -> None:
    picture_alone, path = film(tmp_path / "a.mov", frames, *X264), tmp_path / "b.mp4"
    sound, shown = (("-itsoffset", str(seconds)) for seconds in late)
    noise = ("-f", "lavfi", "-i", "anoisesrc=d=9:c=pink:seed=3")
    run(*sound, *noise, *shown, "-i", picture_alone, "-c:v", "copy", "-c:a", "aac", path)
    whole = read(path)
    assert len(whole.peaks.times) > 50
    assert described(joined(path, tmp_path, 2)) == described(whole)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        pytest.param("a.mov", (*X264, "-x264-params", "open-gop=1:keyint=24:min-keyint=24"), id="H.264, open groups"),
        pytest.param("a.mkv", X264, id="container without a table"),
        pytest.param("a.mov", ("-c:v", "mpeg4", "-g", "24"), id="codec that was not proven"),
        pytest.param("a.mp4", (*X264, "-movflags", "frag_keyframe+empty_moov"), id="fragments"),
    ],
)
def test_what_cannot_be_cut_exactly_is_not_cut(
    frames: list[Frame], tmp_path: Path, name: str, arguments: Sequence[str]
) -> None:
    assert parts_of(film(tmp_path / name, frames, *arguments), 3) == ()


def test_an_edit_list_that_hides_pictures_is_not_cut(frames: list[Frame], tmp_path: Path) -> None:
    whole, path = film(tmp_path / "a.mov", frames, *X264), tmp_path / "b.mov"
    run("-ss", "1.5", "-i", whole, "-c", "copy", path)
    assert parts_of(path, 2) == ()


def test_one_that_is_short_or_has_one_worker_is_not_cut(frames: list[Frame], tmp_path: Path) -> None:
    assert parts_of(film(tmp_path / "a.mov", frames[:70], *X264), 2) == ()
    assert parts_of(film(tmp_path / "b.mov", frames, *X264), 1) == ()


def test_a_part_of_a_file_that_breaks_off_is_not_taken(frames: list[Frame], tmp_path: Path) -> None:
    path = film(tmp_path / "a.mov", frames, *X264, "-movflags", "+faststart")
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 3 // 4])
    parts = parts_of(path, 3)
    with pytest.raises(MediaError):
        [read_part(path, part) for part in parts]


def test_a_part_with_damage_is_not_taken(frames: list[Frame], tmp_path: Path) -> None:
    path = film(tmp_path / "a.mov", frames, *X264)
    parts, data = parts_of(path, 3), bytearray(path.read_bytes())
    at = len(data) // 2
    data[at : at + 400] = np.random.default_rng(1).integers(0, 256, 400, np.uint8).tobytes()
    path.write_bytes(data)
    with pytest.raises(MediaError):
        [read_part(path, part) for part in parts]


def test_parts_that_do_not_agree_are_not_joined(frames: list[Frame], tmp_path: Path) -> None:
    here, there = film(tmp_path / "a.mov", frames, *X264), film(tmp_path / "b.mov", frames, *X264, "-crf", "40")
    files = [tmp_path / "0", tmp_path / "1", tmp_path / "2"]
    for file, path in zip(files, (here, there, here), strict=True):
        file.write_bytes(read_part(path, parts_of(path, 3)[int(file.name)]))
    (tmp_path / "sound").write_bytes(read_sound(here, parts_of(here, 3)[0]))
    with pytest.raises(MediaError, match="agree"):
        join_parts(here, files, tmp_path / "sound")
