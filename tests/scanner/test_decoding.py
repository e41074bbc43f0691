"""Of what is judged as a final, first, middle and last frame are decoded; nothing else is."""

from __future__ import annotations

import random
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from fixtures.encode import encode
from media.limits import MAX_PIXELS
from scanner.discover.discover import DiscoverSettings, discover
from scanner.examine.examine import ExamineSettings, examine
from scanner.model import Problem

PICTURE = ("-f", "lavfi", "-i", "testsrc2=duration=2:size=96x64:rate=25")


def _problems(folder: Path) -> list[Problem]:
    found = [examine(asset, ExamineSettings()) for asset in discover([folder], DiscoverSettings())]
    assert found
    return [problem for seen in found for problem in seen.problems if problem.blocking]


def _laid(root: Path, folder: str, name: str, data: bytes) -> Path:
    path = root / folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return root


def _spoilt(data: bytes, part: float) -> bytes:
    """One ProRes frame overwritten: the table that names it is untouched, and none of it is zeros."""
    frames = [at for at in range(len(data)) if data.startswith(b"icpf", at)]
    at = frames[min(len(frames) - 1, int(part * len(frames)))] - 4
    noise = random.Random(1).randbytes(600)
    return data[:at] + noise + data[at + len(noise) :]


@pytest.mark.parametrize(("part", "place"), [(0.0, "first"), (0.5, "middle"), (1.0, "last")])
def test_one_frame_that_cannot_be_decoded_costs_a_final(part: float, place: str, tmp_path: Path) -> None:
    data = encode(".mov", *PICTURE, "-c:v", "prores_ks")
    assert _problems(_laid(tmp_path / "whole", "Final", "EP101_master.mov", data)) == []
    (problem,) = _problems(_laid(tmp_path / "spoilt", "Final", "EP101_master.mov", _spoilt(data, part)))
    assert problem.by == "decode"
    assert place in problem.message


def test_a_still_with_more_pixels_than_the_limit_states_that_it_was_not_decoded(tmp_path: Path) -> None:
    file = BytesIO()
    Image.new("1", (MAX_PIXELS // 8_000, 8_001)).save(file, "PNG")
    folder = _laid(tmp_path, "Artwork", "poster.png", file.getvalue())
    seen = [examine(asset, ExamineSettings()) for asset in discover([folder], DiscoverSettings())]
    texts = [problem.message for one in seen for problem in one.problems if problem.by == "decode"]
    assert [text for text in texts if "not decoded" in text and "pixels" in text]


def test_temporary_material_is_not_decoded(tmp_path: Path) -> None:
    data = encode(".mov", *PICTURE, "-c:v", "prores_ks")
    assert _problems(_laid(tmp_path, "Temp", "shot.mov", _spoilt(data, 0.5))) == []


@pytest.mark.parametrize(
    ("suffix", "options"),
    [
        (".mp4", ("-c:v", "libx264", "-pix_fmt", "yuv420p", "-bf", "2", "-g", "250")),
        (".mkv", ("-c:v", "libx264", "-pix_fmt", "yuv420p", "-g", "12")),
        (".mxf", ("-c:v", "mpeg2video", "-g", "12", "-bf", "2")),
        (".ts", ("-c:v", "libx264", "-pix_fmt", "yuv420p")),
        (".avi", ("-c:v", "mjpeg", "-pix_fmt", "yuvj420p")),
        (".webm", ("-c:v", "libvpx", "-b:v", "200k")),
    ],
)
def test_whole_finals_are_decoded(suffix: str, options: tuple[str, ...], tmp_path: Path) -> None:
    sound = ("-f", "lavfi", "-i", "sine=duration=3:sample_rate=48000")
    data = encode(suffix, *PICTURE, *sound, *options)
    assert _problems(_laid(tmp_path, "Final", f"EP101_master{suffix}", data)) == []


@pytest.mark.parametrize("suffix", [".wav", ".mp3", ".flac", ".opus", ".m4a", ".ac3", ".wv"])
def test_whole_sounds_are_decoded(suffix: str, tmp_path: Path) -> None:
    data = encode(suffix, "-f", "lavfi", "-i", "sine=duration=3:sample_rate=48000")
    assert _problems(_laid(tmp_path, "Final", f"EP101_mix{suffix}", data)) == []


def _tiff(spoil: bool) -> bytes:
    buffer = BytesIO()
    Image.frombytes("RGB", (96, 64), random.Random(2).randbytes(96 * 64 * 3)).save(
        buffer, "TIFF", compression="tiff_adobe_deflate"
    )
    data = buffer.getvalue()
    middle = len(data) // 2
    return data[:middle] + bytes(200) + data[middle + 200 :] if spoil else data


def test_frames_of_a_final_sequence_are_decoded(tmp_path: Path) -> None:
    for number in range(1001, 1021):
        _laid(tmp_path, "Final", f"title.{number}.tif", _tiff(spoil=number == 1020))
    (problem,) = _problems(tmp_path)
    assert problem.by == "decode"
    assert "frame 1020" in problem.message


def test_artwork_that_cannot_be_decoded(tmp_path: Path) -> None:
    assert _problems(_laid(tmp_path / "whole", "Artwork", "key-art.tif", _tiff(spoil=False))) == []
    (problem,) = _problems(_laid(tmp_path / "spoilt", "Artwork", "key-art.tif", _tiff(spoil=True)))
    assert problem.by == "decode"
