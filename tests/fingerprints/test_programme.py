import struct
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from fingerprints.prints import phash
from fingerprints.programmes.programme import rate_of_picture, read
from fixtures.encode import encode, run
from media.decode import Large, Mode, Small, Sound, Wish, decode
from media.errors import MediaError
from media.probe import Stream
from tests.fingerprints.films import film, hold, moving, picture

SHOTS = (30, 41, 29)
H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")


@pytest.fixture(scope="module")
def master(tmp_path_factory: pytest.TempPathFactory) -> Path:
    frames = [*moving(1, 30), *hold(picture(2), 41, to=1.2), *moving(3, 29)]
    path = tmp_path_factory.mktemp("programme") / "ep.mov"
    return film(
        path, frames, "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-timecode", "10:00:00:00"
    )


def test_every_frame_with_its_shot(master: Path) -> None:
    found = read(master)
    assert len(found.numbers) == sum(SHOTS)
    assert (found.rate, found.start, found.fault) == (Fraction(25), "10:00:00:00", "")
    assert [shot.first for shot in found.shots] == [0, 30, 71]
    assert found.numbers.tolist() == list(range(100))
    assert found.low.shape == (100, 16, 16)
    assert not found.flat.any()
    assert {found.shot_of(sample.row) for sample in found.samples} == set(found.shots)
    assert found.picture(found.samples[0]).shape == (180, 320)


def test_hashes_are_those_of_the_frames(master: Path) -> None:
    greys = np.stack([block.grey for block in decode(master, Wish(sound=False)) if isinstance(block, Small)])
    assert (read(master).hashes == phash.bits_of(phash.coefficients(greys))).all()


@pytest.mark.parametrize(
    ("mode", "least", "most"),
    [pytest.param(Mode(fps=5), 19, 21, id="some a second"), pytest.param(Mode(keyframes=True), 1, 10, id="key frames")],
)
def test_a_quick_look(master: Path, mode: Mode, least: int, most: int) -> None:
    found = read(master, mode=mode)
    assert least <= len(found.numbers) <= most
    assert found.numbers[-1] < 100


def test_what_follows_the_last_key_frame_is_not_missed(tmp_path: Path) -> None:
    path = film(tmp_path / "a.mkv", moving(7, 100), *H264, "-g", "1000", "-x264-params", "scenecut=0")
    found = read(path, mode=Mode(keyframes=True))
    assert len(found.numbers) == 1
    assert found.fault == ""


@pytest.mark.parametrize(
    ("arguments", "count"),
    [
        pytest.param(("-c:v", "prores_ks", "-pix_fmt", "yuv422p10le"), 12, id="10 bits"),
        pytest.param(("-c:v", "ffv1", "-pix_fmt", "gray16le"), 12, id="16 bits"),
        pytest.param(
            ("-c:v", "mpeg2video", "-flags", "+ildct+ilme", "-s", "720x576", "-aspect", "16:9"),
            12,
            id="interlaced, anamorphic",
        ),
        pytest.param(("-c:v", "ffv1", "-vf", "scale=319:181"), 12, id="odd sizes"),
        pytest.param(("-c:v", "ffv1", "-vf", "setpts=N*N/4/25/TB", "-fps_mode", "vfr"), 12, id="variable rate"),
    ],
)
def test_what_masters_are_made_of(tmp_path: Path, arguments: tuple[str, ...], count: int) -> None:
    found = read(film(tmp_path / "a.mkv", moving(5, 12), *arguments))
    assert len(found.numbers) == count
    assert (np.diff(found.numbers) >= 0).all()
    assert found.samples


def test_one_that_breaks_off_is_read_up_to_there(master: Path, tmp_path: Path) -> None:
    whole = film(tmp_path / "a.mkv", moving(7, 200), "-c:v", "ffv1", "-g", "1")
    cut = tmp_path / "b.mkv"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    found = read(cut)
    assert 60 < len(found.numbers) < 140
    assert "could be decoded" in found.fault
    assert found.samples


@pytest.mark.parametrize(
    ("name", "said"),
    [
        pytest.param("a.mov", "of its frames are damaged", id="MOV"),
        pytest.param("a.mkv", "could be decoded for", id="Matroska"),
    ],
)
def test_one_that_is_damaged_in_the_middle_is_read_around_it(tmp_path: Path, name: str, said: str) -> None:
    path = film(tmp_path / name, moving(7, 150), *H264, "-g", "25")
    data = bytearray(path.read_bytes())
    begin, end = len(data) * 4 // 10, len(data) * 6 // 10
    data[begin:end] = np.random.default_rng(1).integers(0, 256, end - begin, np.uint8).tobytes()
    path.write_bytes(data)
    found = read(path)
    assert 60 < len(found.numbers) < 150
    assert found.numbers[-1] == 149
    assert said in found.fault
    assert "0x" not in found.fault


def test_one_that_declares_six_hours_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    path = film(tmp_path / "a.mkv", moving(7, 30), *H264)
    data = path.read_bytes()
    at = data.index(b"\x44\x89\x88") + 3  # Duration, eight bytes of a floating number in milliseconds
    path.write_bytes(data[:at] + struct.pack(">d", 6 * 3600e3) + data[at + 8 :])
    found = read(path)
    assert len(found.numbers) == 30
    assert found.fault == "it declares 21600.0 s; 1.2 s could be decoded"


def test_one_that_counts_more_frames_than_it_has(tmp_path: Path) -> None:
    path = film(tmp_path / "a.avi", moving(7, 150), "-c:v", "mjpeg", "-pix_fmt", "yuvj420p")
    assert read(path).fault == ""
    data = path.read_bytes()
    at = data.index(b"vids") + 32
    assert data[at : at + 4] == struct.pack("<I", 150)
    path.write_bytes(data[:at] + struct.pack("<I", 190) + data[at + 4 :])
    assert read(path).fault == "it declares 190 frames; 150 could be decoded"


@pytest.mark.parametrize("options", [("-ss", "2.02"), ("-bf", "3", "-t", "3.3"), ("-vf", "setpts=N*N/60/25/TB")])
def test_frames_that_an_edit_list_hides_or_a_rate_averages_are_not_missed(
    options: tuple[str, ...], tmp_path: Path
) -> None:
    whole = film(tmp_path / "a.mov", moving(7, 150), *H264, "-g", "50")
    out = tmp_path / "b.mov"
    is_retimed = "-vf" in options
    run("-i", whole, *options, *(("-c:v", "libx264", "-fps_mode", "vfr") if is_retimed else ("-c", "copy")), out)
    assert read(out).fault == ""


def test_a_drop_frame_start(tmp_path: Path) -> None:
    found = read(film(tmp_path / "a.mov", moving(7, 10), *H264, "-timecode", "01:00:00;02", "-r", "30000/1001"))
    assert (found.start, found.rate, found.fault) == ("01:00:00;02", Fraction(30000, 1001), "")
    assert not len(found.peaks.times)


@pytest.mark.parametrize("part", [0, 40, 400, 4000])
def test_what_cannot_be_decoded_is_said(master: Path, tmp_path: Path, part: int) -> None:
    cut = tmp_path / "cut.mov"
    cut.write_bytes(master.read_bytes()[:part])
    with pytest.raises(MediaError):
        read(cut)


def test_picture_and_sound_are_on_one_clock(tmp_path: Path) -> None:
    path = film(
        tmp_path / "a.mov", moving(9, 50), "-f", "lavfi", "-i", "sine=440:duration=2",
        "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac",
    )  # fmt: skip
    blocks = list(decode(path, Wish(stride=10)))
    assert [sum(isinstance(block, kind) for block in blocks) for kind in (Small, Large)] == [50, 5]
    heard = sum(len(block.samples) for block in blocks if isinstance(block, Sound)) / 12_000
    assert heard == pytest.approx(2, abs=0.1)
    assert read(path).peaks.seconds == pytest.approx(2, abs=0.1)


def test_black_is_told_and_not_sampled(tmp_path: Path) -> None:
    dark = [np.zeros((180, 320, 3), np.uint8)] * 25
    found = read(film(tmp_path / "a.mov", [*moving(4, 25), *dark]))
    assert found.black[26:].all()
    assert not found.black[:24].any()
    assert all(sample.row < 25 for sample in found.samples)


def test_a_rate_near_a_film_rate_is_that_rate() -> None:
    stream = Stream(index=0, kind="video", codec="mjpeg", rate="2997/125")
    assert rate_of_picture(stream) == (Fraction(24000, 1001), "")


@pytest.mark.parametrize("rate", [None, "0/0", "ninety"])
def test_a_rate_that_nobody_states_is_noted(rate: str | None) -> None:
    counted, note = rate_of_picture(Stream(index=0, kind="video", codec="mjpeg", rate=rate))
    assert counted == 25
    assert "states no frame rate" in note


@pytest.mark.parametrize("suffix", [".mov", ".mkv"])
def test_sound_that_lasts_longer_than_the_picture_is_no_damage(suffix: str, tmp_path: Path) -> None:
    film = tmp_path / f"film{suffix}"
    picture = ("-f", "lavfi", "-i", "testsrc2=d=1:size=64x36:rate=25", "-f", "lavfi", "-i", "sine=d=9")
    film.write_bytes(encode(suffix, *picture, "-c:v", "mpeg4", "-c:a", "pcm_s16le"))
    assert read(film).fault == ""
