"""Media of the right length in which picture or sound was never written: zeros in the middle, zeros to the end."""

from __future__ import annotations

import random
import struct
from io import BytesIO

import pytest

from fixtures.encode import encode
from media.errors import Malformed
from media.identify import identify
from media.whole import check_whole
from tests.hostile.holes import H264, MADE, filled, made


def _check(data: bytes) -> None:
    check_whole(BytesIO(data), identify(BytesIO(data), "clip", len(data)).media_type, len(data))


@pytest.mark.parametrize("name", MADE)
def test_essence_that_was_never_written(name: str) -> None:
    data = made(name)
    _check(data)
    for first, last in ((0.40, 0.60), (0.55, 0.93)):
        with pytest.raises(Malformed):
            _check(filled(data, first, last, b"\0"))


@pytest.mark.parametrize("name", ["picture.ts", "sound.mp3", "sound.aac", "sound.ac3", "sound.ogg"])
def test_another_filler_than_zeros(name: str) -> None:
    with pytest.raises(Malformed, match="no picture or sound"):
        _check(filled(made(name), 0.40, 0.60, b"\xff"))


def test_receiver_that_lost_bytes_is_no_hole() -> None:
    data = made("picture.ts")
    at = len(data) // 188 // 2 * 188 + 70
    _check(data[:at] + data[at + 188 :])
    middle = len(data) // 2
    _check(data[:middle] + random.Random(1).randbytes(500) + data[middle + 500 :])


def test_silence_and_black_are_no_holes() -> None:
    black = ("-f", "lavfi", "-i", "color=black:duration=4:size=320x180:rate=25")
    silence = ("-f", "lavfi", "-i", "anullsrc=r=48000:cl=stereo:d=8")
    for suffix, options in (
        (".mxf", ("-c:v", "mpeg2video", "-b:v", "8M", "-minrate", "8M", "-maxrate", "8M", "-bufsize", "4M")),
        (".ts", (*H264,)),
        (".mkv", ("-c:v", "rawvideo", "-pix_fmt", "yuv420p", "-t", "0.4")),
        (".avi", ("-c:v", "rawvideo", "-pix_fmt", "bgr24", "-t", "0.4")),
        (".avi", ("-c:v", "ffv1")),
    ):
        _check(encode(suffix, *black, *options))
        sounds = ("-c:a", "pcm_s16le", "-map", "0:v", "-map", "1:a") if suffix in (".mxf", ".mkv", ".avi") else ()
        _check(encode(suffix, *black, *silence, *options, *sounds))
    for suffix in (".wav", ".flac", ".mp3", ".aac", ".ac3", ".ogg", ".opus", ".wv"):
        _check(encode(suffix, *silence))


def test_avi_that_declares_more_frames_than_its_index_lists() -> None:
    data = made("picture.avi")
    at = data.index(b"vids") + 32
    frames = int.from_bytes(data[at : at + 4], "little")
    assert frames == 200
    with pytest.raises(Malformed, match="declares 500 frames; its index lists 200"):
        _check(data[:at] + struct.pack("<I", 500) + data[at + 4 :])


def test_fragments_that_end_before_the_stated_duration() -> None:
    data = made("fragments.mp4")
    at = data.index(b"mvex") - 4
    length = int.from_bytes(data[at : at + 4])
    scale = int.from_bytes(data[data.index(b"mvhd") + 16 : data.index(b"mvhd") + 20])

    def declaring(seconds: int) -> bytes:
        header = struct.pack(">I4sII", 16, b"mehd", 0, seconds * scale)
        inside = struct.pack(">I4s", length + 16, b"mvex") + header + data[at + 8 : at + length]
        movie = data.index(b"moov") - 4
        size = int.from_bytes(data[movie : movie + 4])
        return data[:movie] + struct.pack(">I", size + 16) + data[movie + 4 : at] + inside + data[at + length :]

    _check(declaring(8))
    with pytest.raises(Malformed, match=r"declares 60\.0 s; its fragments end at 8\.0 s"):
        _check(declaring(60))


def test_mxf_whose_index_names_more_than_is_there() -> None:
    data = made("long-gop.mxf")
    lasting = b"\x02\x02\x00\x08" + struct.pack(">q", 200)
    assert data.count(lasting) > 2
    longer = data.replace(lasting, b"\x02\x02\x00\x08" + struct.pack(">q", 1500))
    with pytest.raises(Malformed, match=r"its index ends at 8\.0 s"):
        _check(longer)
