from pathlib import Path

import pytest

from media.errors import MediaError
from media.probe import probe
from scanner.readers.sei import SEI
from tests.scanner.timebased import PICTURE, SOUND, make, said, survives

KLING = "91ca60614aee385486142d5f73f4ae2e"
X264 = "dc45e9bde6d948b7962cd820d923eeef"
SIGNED = f"{KLING}+kling-ai"


def signed(path: Path) -> Path:
    """A clip whose first pictures carry user data of a kind of their own."""
    plain = make(path.with_name("plain.mp4"), *PICTURE, "-c:v", "libx264")
    start_codes = "h264_mp4toannexb," if path.suffix == ".h264" else ""
    return make(path, "-i", str(plain), "-c:v", "copy", "-bsf:v", f"{start_codes}h264_metadata=sei_user_data={SIGNED}")


@pytest.mark.parametrize("name", ["a.mp4", "a.mov", "a.ts", "a.mkv", "a.h264", "a.flv", "a.avi"])
def test_user_data_in_every_wrapping(tmp_path: Path, name: str) -> None:
    assert said(SEI, signed(tmp_path / name))[KLING] == "kling-ai"


def test_survives_a_remux(tmp_path: Path) -> None:
    first = signed(tmp_path / "a.mp4")
    again = make(tmp_path / "b.mov", "-i", str(first), *SOUND, "-c:v", "copy", "-c:a", "aac", "-movflags", "faststart")
    assert said(SEI, again)[KLING] == "kling-ai"


def test_an_encoders_settings_are_said_once(tmp_path: Path) -> None:
    path = make(tmp_path / "a.mp4", *PICTURE, "-c:v", "libx264", "-g", "1")
    found = list(survives(SEI, path))
    assert [evidence.key for evidence in found] == [X264]
    assert found[0].value.startswith("x264 - core")


@pytest.mark.parametrize("name", ["a.ts", "a.hevc", "a.mp4", "a.mkv"])
def test_h265(tmp_path: Path, name: str) -> None:
    values = said(SEI, make(tmp_path / name, *PICTURE, "-c:v", "libx265")).values()
    assert any(value.startswith("x265 ") for value in values)


def test_another_codec_has_none(tmp_path: Path) -> None:
    assert said(SEI, make(tmp_path / "a.mp4", *PICTURE, "-c:v", "mpeg4")) == {}


def test_broken_streams_end(tmp_path: Path) -> None:
    raw = signed(tmp_path / "a.h264").read_bytes()
    path = tmp_path / "b.h264"
    for at in range(5, min(len(raw), 900), 9):
        path.write_bytes(raw[:at] + bytes([raw[at] ^ 0xFF]) + raw[at + 1 :])
        assert len(survives(SEI, path)) <= 20


def test_what_cannot_be_opened_is_left_to_the_container_reader(tmp_path: Path) -> None:
    path = tmp_path / "a.mkv"
    path.write_bytes(b"\x1aE\xdf\xa3" + bytes(100))
    assert said(SEI, path) == {}
    with pytest.raises(MediaError):
        probe(path)
