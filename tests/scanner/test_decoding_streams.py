"""Each stream of a final at its first, middle and last frame, in containers that can be sought and in those that cannot."""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import media.ends.look
from fixtures.encode import encode
from scanner.discover.discover import DiscoverSettings, discover
from scanner.examine.examine import ExamineSettings, examine
from scanner.model import Problem

PICTURE = ("-f", "lavfi", "-i", "testsrc2=duration=6:size=160x90:rate=25,noise=alls=12:allf=t")
SOUND = ("-f", "lavfi", "-i", "sine=duration=6:sample_rate=48000")
H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "12", "-threads", "1")


def _examined(tmp_path: Path, name: str, data: bytes) -> tuple[Problem, ...]:
    folder = tmp_path / "Final"
    folder.mkdir(exist_ok=True)
    for path in folder.iterdir():
        path.unlink()
    (folder / name).write_bytes(data)
    (asset,) = discover([tmp_path], DiscoverSettings())
    return examine(asset, ExamineSettings()).problems


def _noise(length: int) -> bytes:
    """Without start codes and sync words."""
    return bytes(random.Random(7).choices(range(0x30, 0xB0), k=length))


@cache
def _made(suffix: str, *options: str) -> bytes:
    return encode(suffix, *PICTURE, *SOUND, *options)


def _payloads(name: str, data: bytes) -> Iterator[tuple[int, int]]:
    """Where coded picture can be overwritten without a trace in the structure of a file."""
    match name:
        case "ts":
            pids = [(at, int.from_bytes(data[at + 1 : at + 3]) & 0x5FFF) for at in range(0, len(data), 188)]
            yield from ((at + 40, at + 188) for at, pid in pids if pid == 256)
        case "mpg":
            at = data.find(b"\0\0\1\xe0")
            while at >= 0:
                end = at + 6 + int.from_bytes(data[at + 4 : at + 6])
                yield at + 60, end
                at = data.find(b"\0\0\1\xe0", end)
        case "wmv":
            at = data.index(bytes.fromhex("3626b2758e66cf11a6d900aa0062ce6c")) + 50
            yield from ((place + 150, place + 3000) for place in range(at, len(data) - 3200, 3200))
        case "h264":
            at = data.find(b"\0\0\1", 2000)
            while at >= 0:
                end = data.find(b"\0\0\1", at + 3)
                yield at + 12, (end if end > 0 else len(data)) - 1
                at = end


def _spoilt(name: str, data: bytes, first: float, last: float) -> bytes:
    made = bytearray(data)
    for start, end in _payloads(name, data):
        if first * len(data) < start < last * len(data) and end > start:
            made[start:end] = _noise(end - start)
    assert made != data
    return bytes(made)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("ts", (*H264, "-c:a", "aac")),
        ("mpg", ("-c:v", "mpeg2video", "-g", "12", "-c:a", "mp2")),
        ("wmv", ("-c:v", "mjpeg", "-q:v", "2", "-pix_fmt", "yuvj420p", "-c:a", "wmav2")),
        ("h264", (*H264, "-map", "0:v")),
    ],
)
def test_middle_and_last_frame_where_nothing_states_where_they_lie(
    name: str, options: tuple[str, ...], tmp_path: Path
) -> None:
    data = _made(f".{name}", *options)
    assert _examined(tmp_path, f"EP101_master.{name}", data) == ()
    for first, last in ((0.45, 0.8), (0.7, 1.0)):
        (problem,) = _examined(tmp_path, f"EP101_master.{name}", _spoilt(name, data, first, last))
        assert problem.blocking
        assert "of its picture" in problem.message


def test_second_picture_and_third_sound_are_named(tmp_path: Path) -> None:
    streams = ("-map", "0:v", "-map", "0:v", "-map", "1:a", "-map", "1:a", "-map", "1:a")
    data = _made(".mov", *streams, "-c:v", "prores_ks", "-c:a", "alac")
    assert _examined(tmp_path, "EP101_master.mov", data) == ()
    frames = [at for at in range(len(data)) if data.startswith(b"icpf", at)]
    at = frames[len(frames) // 2 | 1]  # they come in turn
    (problem,) = _examined(tmp_path, "EP101_master.mov", data[: at - 4] + _noise(600) + data[at + 596 :])
    assert problem.blocking
    assert "the middle frame of its picture 2 (prores)" in problem.message
    assert "sound" not in problem.message


def test_sound_that_cannot_be_decoded_beside_one_that_can(tmp_path: Path) -> None:
    data = _made(".mkv", "-map", "0:v", "-map", "1:a", "-map", "1:a", *H264, "-c:a", "flac")
    assert _examined(tmp_path, "EP101_master.mkv", data) == ()
    made = bytearray(data)
    at = data.find(b"\xff\xf8")
    count = 0
    while at >= 0:
        if data[at - 4] == 0x83:  # block of track 3
            made[at : at + 40] = _noise(40)
            count += 1
        at = data.find(b"\xff\xf8", at + 1)
    assert count > 20
    (problem,) = _examined(tmp_path, "EP101_master.mkv", bytes(made))
    assert problem.blocking
    assert "of its sound 2 (flac)" in problem.message
    assert "sound 1" not in problem.message
    assert "picture" not in problem.message


@pytest.mark.parametrize("suffix", [".ts", ".h264", ".mpg", ".m2v", ".aac", ".mp3", ".ac3"])
def test_stream_that_begins_within_a_group_of_pictures_is_sound(suffix: str, tmp_path: Path) -> None:
    coded = {".mpg": ("-c:v", "mpeg2video", "-bf", "2"), ".m2v": ("-c:v", "mpeg2video", "-bf", "2")}
    options = {".aac": (), ".mp3": (), ".ac3": (), ".ts": H264, ".h264": H264}.get(suffix, coded.get(suffix, ()))
    data = _made(suffix, *options)
    at = len(data) // 3
    if suffix == ".ts":
        at = at // 188 * 188
    elif suffix in (".h264", ".mpg"):
        at = data.index(b"\0\0\0\1\x67" if suffix == ".h264" else b"\0\0\1\xba", at)
    elif suffix == ".ac3":
        at = data.index(data[:2], at)
    elif suffix == ".m2v":
        at = data.index(b"\0\0\1\xb3", at)
    head = data[: 188 * 3] if suffix == ".ts" else b""  # the tables that name its streams
    assert not [one for one in _examined(tmp_path, f"EP101_cut{suffix}", head + data[at:]) if one.blocking]


def test_streams_of_different_length_are_sound(tmp_path: Path) -> None:
    for suffix in (".mov", ".mkv", ".avi"):
        data = encode(
            suffix, *PICTURE, "-f", "lavfi", "-i", "sine=duration=2", "-f", "lavfi", "-i", "sine=duration=40",
            "-map", "0:v", "-map", "1:a", "-map", "2:a", *H264, "-bf", "2", "-c:a", "pcm_s16le",
        )  # fmt: skip
        assert _examined(tmp_path, f"EP101_master{suffix}", data) == ()


def test_what_the_time_does_not_reach_is_stated_and_no_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media.ends.look, "PLACE_SECONDS", 0.0)
    data = _made(".mp4", *H264, "-bf", "2", "-c:a", "aac")
    (problem,) = _examined(tmp_path, "EP101_master.mp4", data)
    assert not problem.blocking
    assert problem.code == "timed-out"
    assert "the last frame of its picture (h264): the time for decoding was over" in problem.message


def test_kind_of_sound_that_nothing_decodes_is_stated(tmp_path: Path) -> None:
    data = _made(".mkv", *H264, "-c:a", "aac").replace(b"A_AAC", b"A_ZZZ")
    (problem,) = _examined(tmp_path, "EP101_master.mp4", data)
    assert not problem.blocking
    assert "its sound: nothing here decodes its kind (unknown)" in problem.message


def test_encrypted_picture_is_not_inspected(tmp_path: Path) -> None:
    data = _made(".mp4", *H264, "-c:a", "aac").replace(b"avc1\0\0", b"encv\0\0")
    (problem,) = _examined(tmp_path, "EP101_master.mp4", data)
    assert problem.blocking
    assert "its picture, which is encrypted, could not be inspected" in problem.message


def test_h264_that_the_decoder_would_paint_over(tmp_path: Path) -> None:
    data = _made(".mp4", *H264, "-c:a", "aac")
    made = bytearray(data)
    at = data.index(b"mdat")
    end = at + int.from_bytes(data[at - 4 : at]) - 600
    keys = [place for place in range(at, end) if data[place + 4] & 0x1F == 5 and data[place : place + 2] == b"\0\0"]
    for key in keys[1:]:
        made[key + 200 : key + 500] = _noise(300)
    (problem,) = _examined(tmp_path, "EP101_master.mp4", bytes(made))
    assert "picture (h264) cannot be decoded (it is damaged)" in problem.message
