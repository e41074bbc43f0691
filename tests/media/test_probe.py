import os
import sys
from pathlib import Path

import pytest

from media import ffmpeg
from media.errors import Malformed, MediaError, MissingDependency, TimedOut, Unsupported
from media.probe import packets, probe
from tests.scanner.timebased import FTYP, PICTURE, SOUND, box, make


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One second, 24 pictures of 64×36, 48 kHz sound, a key frame every 8 pictures."""
    path = tmp_path_factory.mktemp("media") / "clip.mp4"
    return make(path, *PICTURE, *SOUND, "-c:v", "libx264", "-g", "8", "-keyint_min", "8", "-sc_threshold", "0")


def test_still(clip: Path) -> None:
    assert ffmpeg.still(clip, 0.5, max_side=32)[:3] == b"\xff\xd8\xff"
    with pytest.raises(MediaError):
        ffmpeg.still(clip, 99, max_side=32)


def test_probe(clip: Path) -> None:
    found = probe(clip)
    video, sound = found.first("video"), found.first("audio")
    assert video is not None
    assert (video.codec, video.width, video.height, video.rate) == ("h264", 64, 36, "24/1")
    assert sound is not None
    assert (sound.codec, sound.sample_rate, sound.channels) == ("aac", 48_000, 1)
    assert found.duration == pytest.approx(1, abs=0.05)


def test_bytes_of_a_tag_that_are_no_utf_8_are_replaced(tmp_path: Path) -> None:
    path = make(tmp_path / "a.mkv", *PICTURE, "-metadata", "title=Caf12 Noir")
    path.write_bytes(path.read_bytes().replace(b"Caf12", b"Caf\xe9\xff"))
    assert probe(path).tags["title"] == "Caf\ufffd\ufffd Noir"


def test_packets(clip: Path) -> None:
    first = packets(clip, count=3)
    assert first is not None
    assert (first.codec, len(first.data), first.extradata[0]) == ("h264", 3, 1)
    assert packets(make(clip.with_name("a.wav"), *SOUND), count=3) is None


def test_ten_gigabytes_are_probed_by_a_look(clip: Path, tmp_path: Path) -> None:
    psutil = pytest.importorskip("psutil")
    if not hasattr(psutil.Process(), "io_counters"):
        pytest.skip("this system does not count what a process reads")
    raw = clip.read_bytes()
    at = raw.index(b"mdat") - 4
    moov = at + int.from_bytes(raw[at : at + 4], "big")
    head = raw[: at - 8]  # FFmpeg leaves a `free` box here, to make room for a long size
    assert raw[at - 4 : at] == b"free"
    path = tmp_path / "big.mp4"
    with path.open("wb") as file:
        file.write(head + b"\0\0\0\1mdat" + (10 << 30).to_bytes(8, "big") + raw[at + 8 : moov])
        file.seek(len(head) + (10 << 30))
        file.write(raw[moov:])
    before = psutil.Process().io_counters().read_chars
    assert probe(path).first("video") is not None
    assert psutil.Process().io_counters().read_chars - before < 1_000_000


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"no film at all",
        FTYP + box("mdat", bytes(50)),
        b"#EXTM3U\n#EXTINF:1,\nclip.mp4\n",
        b"ffconcat version 1.0\n",
    ],
)
def test_what_is_no_medium(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(raw)
    for look in (
        lambda: probe(path),
        lambda: packets(path, count=1),
        lambda: ffmpeg.still(path, 0, max_side=8),
    ):
        with pytest.raises(MediaError, match="FFmpeg"):
            look()


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(MediaError):
        probe(tmp_path / "none.mp4")


@pytest.mark.parametrize(
    ("limit", "value"), [("LOOK_SECONDS", 0.2), ("LOOK_BYTES", 1 << 20)], ids=["for too long", "too much"]
)
def test_a_look_ends_though_a_file_object_does_not(
    limit: str, value: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = make(tmp_path / "a.avi", *PICTURE, "-c:v", "mjpeg").read_bytes()
    path = tmp_path / "sparse.avi"
    path.write_bytes(whole[:300])
    os.truncate(path, 50 << 30)
    monkeypatch.setattr(f"media.probe.{limit}", value)
    for look in (lambda: probe(path), lambda: packets(path, count=4)):
        with pytest.raises(TimedOut, match="ended after"):
            look()


def test_a_program_that_stands_still_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ffmpeg, "STALL_SECONDS", 0.2)
    program = "import sys, time; sys.stdout.write('ab'); sys.stdout.flush(); time.sleep(60)"
    with pytest.raises(TimedOut):
        list(ffmpeg.output([sys.executable, "-c", program], block=4))


def test_a_program_that_complains_without_end_is_not_waited_for() -> None:
    program = "import sys; [sys.stderr.write('x' * 99 + chr(10)) for _ in range(20_000)]; print('done'); sys.exit(3)"
    pieces = ffmpeg.output([sys.executable, "-c", program], block=64)
    assert next(pieces) == b"done\n"
    with pytest.raises(MediaError, match="xxx"):
        next(pieces)


def test_no_program(monkeypatch: pytest.MonkeyPatch) -> None:
    ffmpeg.tool.cache_clear()
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", "/nowhere/ffmpeg")
    with pytest.raises(MissingDependency, match="/nowhere/ffmpeg"):
        ffmpeg.tool()
    ffmpeg.tool.cache_clear()


def test_tool() -> None:
    tool = ffmpeg.tool()
    assert Path(tool.path).is_file()
    assert any(character.isdigit() for character in tool.version)


def test_what_ffmpeg_says_is_the_same_in_every_run(tmp_path: Path) -> None:
    path = tmp_path / "line-ends.hdr"
    path.write_bytes(b"#?RADIANCE\r\nFORMAT=32-bit_rle_rgbe\r\n\r\n-Y 4 +X 4\n" + bytes(range(64)))
    with pytest.raises(Malformed, match="FFmpeg") as fault:
        ffmpeg.still(path, 0, max_side=64)
    assert "0x" not in f"{fault.value} {fault.value.__notes__}"


def test_a_stream_that_nothing_announces_is_no_bug(tmp_path: Path) -> None:
    """Found by fuzzing: the tables of a transport stream are read again behind others, and name one PID for two streams."""
    tables = (
        "474000110000b00d0001c100000001e100e8f95e7d",
        "47",
        "474000130000b00d0001c100000001f0002ab104b2",
        "475000130002b0170001c10000e100f0001be100f0000fe101f0002f44b99b",
    )
    path = tmp_path / "late.ts"
    sizes = (209, 188, 188, 212)
    spread = (bytes.fromhex(one).ljust(size, b"\xff") for one, size in zip(tables, sizes, strict=True))
    path.write_bytes(b"\xff" * 19 + b"".join(spread))
    with pytest.raises(Unsupported, match="begins"):
        packets(path, count=4)
