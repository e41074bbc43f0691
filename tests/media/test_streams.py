"""What a container is follows from its tracks: sound alone is audio, whatever the file's name and format."""

from __future__ import annotations

import struct
from io import BytesIO
from pathlib import Path

import pytest

from fixtures.encode import encode
from media.identify import Kind, identify
from media.probe import probe
from scanner.readers.container import facts
from tests.scanner.timebased import PICTURE, SOUND, box, local_set, make, partition

_AAC, _PCM, _H264 = ("-c:a", "aac"), ("-c:a", "pcm_s16le"), ("-c:v", "libx264", "-pix_fmt", "yuv420p")


_MPEG = {
    ".avi": ("-c:v", "mpeg4", "-c:a", "mp2"),
    ".flv": ("-c:v", "flv1", "-c:a", "aac"),
    ".ts": ("-c:v", "mpeg2video", "-c:a", "mp2"),
    ".mpg": ("-c:v", "mpeg2video", "-c:a", "mp2"),
}


@pytest.mark.parametrize(
    ("suffix", "options"),
    [
        (".mp4", _AAC),
        (".mov", _PCM),
        (".mkv", _AAC),
        (".mxf", (*_PCM, "-f", "mxf_opatom")),
        (".wma", ("-c:a", "wmav2")),
        (".avi", _PCM),
        (".flv", _AAC),
        (".ts", _AAC),
        (".ts", ("-c:a", "ac3")),
        (".m2ts", ("-c:a", "ac3", "-mpegts_m2ts_mode", "1")),
        (".mpg", ("-c:a", "mp2")),
        (".vob", ("-c:a", "ac3")),
    ],
)
def test_sound_alone_is_audio(suffix: str, options: tuple[str, ...]) -> None:
    data = encode(suffix, *SOUND, *options)
    assert identify(BytesIO(data), f"clip{suffix}", len(data)).kind is Kind.AUDIO


@pytest.mark.parametrize(
    ("suffix", "options"),
    [
        (".mp4", (*_H264, *_AAC)),
        (".mov", (*_H264, *_PCM)),
        (".mkv", (*_H264, *_AAC)),
        (".mxf", ("-c:v", "mpeg2video", *_PCM)),
        (".wmv", ("-c:v", "wmv2", "-c:a", "wmav2")),
        (".avi", ("-c:v", "mpeg4", *_PCM)),
        (".flv", ("-c:v", "flv1", *_AAC)),
        (".ts", (*_H264, *_AAC)),
        (".ts", ("-c:v", "libx265", "-x265-params", "log-level=none", *_AAC)),
        (".mpg", ("-c:v", "mpeg2video", "-c:a", "mp2")),
        (".ogg", ("-c:v", "libtheora", "-c:a", "libvorbis")),
        (".m4a", (*_H264, *_AAC, "-brand", "M4A ")),
    ],
)
def test_picture_with_sound_is_video(suffix: str, options: tuple[str, ...]) -> None:
    data = encode(suffix, *PICTURE, *SOUND, *options)
    assert identify(BytesIO(data), f"clip{suffix}", len(data)).kind is Kind.VIDEO


@pytest.mark.parametrize("suffix", [".avi", ".flv", ".ts", ".mpg"])
def test_cut_head_of_a_picture_is_not_called_sound(suffix: str) -> None:
    data = encode(suffix, *PICTURE, *SOUND, *_MPEG[suffix], "-b:a", "64k")
    for length in range(400, 4000, 97):
        assert identify(BytesIO(data[:length]), f"clip{suffix}", length).kind is not Kind.AUDIO


def test_cut_header_is_no_reason_to_call_it_sound() -> None:
    data = encode(".mov", *SOUND, *_PCM)
    assert identify(BytesIO(data[:2000]), "clip.mov", 2000).kind is Kind.VIDEO


def test_duration_is_what_an_edit_list_leaves(tmp_path: Path) -> None:
    whole = make(tmp_path / "whole.mov", *PICTURE, "-c:v", "prores_ks", "-timecode", "10:00:00:00")
    data = bytearray(whole.read_bytes())
    at = data.index(b"elst")
    scale = data.index(b"mvhd") + 4 + 12
    data[at + 12 : at + 16] = (int.from_bytes(data[scale : scale + 4]) // 4).to_bytes(4, "big")  # of the first track
    cut = tmp_path / "cut.mov"
    cut.write_bytes(data)
    assert probe(whole).duration == pytest.approx(1.0)
    assert probe(cut).duration == pytest.approx(0.25)


def test_sound_may_last_longer_than_the_picture(tmp_path: Path) -> None:
    clip = make(
        tmp_path / "long.mov", *PICTURE, "-f", "lavfi", "-i", "sine=d=9", "-c:v", "prores_ks", "-c:a", "pcm_s16le"
    )
    found = probe(clip)
    picture = found.first("video")
    assert picture is not None
    assert picture.duration == pytest.approx(1.0)
    assert found.duration == pytest.approx(9.0)


def test_start_timecode_of_matroska(tmp_path: Path) -> None:
    clip = make(tmp_path / "start.mkv", *PICTURE, "-c:v", "mpeg4", "-timecode", "00:59:59:20")
    assert facts(probe(clip)).timecode == "00:59:59:20"


@pytest.mark.parametrize(
    ("descriptors", "kind"),
    [
        (("4800",), Kind.AUDIO),
        (("7b00",), Kind.AUDIO),
        (("8106",), Kind.AUDIO),
        (("2800", "4800"), Kind.VIDEO),
        (("2900",), Kind.VIDEO),
        (("6400",), Kind.VIDEO),
    ],
)
def test_mxf_is_what_its_descriptors_describe(descriptors: tuple[str, ...], kind: Kind) -> None:
    data = partition(2, b"".join(local_set(f"0d0101010101{name}", {0x3C0A: bytes(16)}) for name in descriptors))
    assert identify(BytesIO(data), "track.mxf", len(data)).kind is kind


def _edited(data: bytes, *edits: tuple[float, float | None]) -> bytes:
    """The movie with another edit list: seconds, and where in the media they begin; None for nothing."""
    clock, own = (int.from_bytes(data[(at := data.index(name) + 16) : at + 4]) for name in (b"mvhd", b"mdhd"))
    listed = b"".join(
        struct.pack(">IiI", round(lasts * clock), -1 if begin is None else round(begin * own), 0x10000)
        for lasts, begin in edits
    )
    elst = box("elst", struct.pack(">II", 0, len(edits)), listed)
    at = data.index(b"edts") - 4
    old = int.from_bytes(data[at : at + 4])
    out = bytearray(data[:at] + box("edts", elst) + data[at + old :])
    for name in (b"moov", b"trak"):  # the header is behind the media data: no offset changes
        place = out.index(name) - 4
        out[place : place + 4] = (int.from_bytes(out[place : place + 4]) + 8 + len(elst) - old).to_bytes(4)
    return bytes(out)


@pytest.mark.parametrize("suffix", [".mov", ".mp4"])
@pytest.mark.parametrize(
    ("edits", "seconds"),
    [
        pytest.param([(0.48, 0)], 0.48, id="the head"),
        pytest.param([(0.4, 0.6)], 0.4, id="the tail"),
        pytest.param([(0.2, 0), (0.2, 0.6)], 0.4, id="two pieces"),
        pytest.param([(1, 0), (1, 0), (0.5, 0.2)], 2.5, id="more than once"),
        pytest.param([(0.52, None), (0.4, 0.2)], 0.4, id="nothing before it"),
        pytest.param([(0.4, 0), (0.2, None), (0.4, 0.4)], 1.0, id="nothing within it"),
        pytest.param([(3, 0)], 1.0, id="more than there is"),
        pytest.param([(0, 0)], 1.0, id="to the end"),
    ],
)
def test_duration_is_what_several_edits_leave(
    suffix: str, edits: list[tuple[float, float | None]], seconds: float, tmp_path: Path
) -> None:
    codec = ("-c:v", "prores_ks") if suffix == ".mov" else (*_H264, "-bf", "2")
    clip = tmp_path / f"clip{suffix}"
    clip.write_bytes(_edited(encode(suffix, *PICTURE, *codec), *edits))
    assert probe(clip).duration == pytest.approx(seconds, abs=0.001)
