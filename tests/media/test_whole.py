"""What media promise and do not have: sample tables without media data, zeros, essence elsewhere, counts unkept."""

from __future__ import annotations

import struct
from collections.abc import Callable
from io import BytesIO

import pytest

from fixtures.encode import encode
from media.errors import Malformed, MediaError, Unsupported
from media.identify import identify
from media.whole import check_whole
from tests.hostile.cuts import FORMATS
from tests.scanner.timebased import FMT, FTYP, box, chunk, partition, wav


def _check(data: bytes) -> None:
    check_whole(BytesIO(data), identify(BytesIO(data), "clip", len(data)).media_type, len(data))


def _made(name: str) -> bytes:
    (found,) = (each for each in FORMATS if each.name == name)
    return found.make()


def _media_data(data: bytes) -> tuple[int, int]:
    at = data.index(b"mdat") - 4
    return at, int.from_bytes(data[at : at + 4])


def _zeroed(data: bytes) -> bytes:
    at, length = _media_data(data)
    return data[: at + 8] + bytes(length - 8) + data[at + length :]


def _half_zeroed(data: bytes) -> bytes:
    at, length = _media_data(data)
    return data[: at + length // 2] + bytes(length - length // 2) + data[at + length :]


def _without(data: bytes) -> bytes:
    at, length = _media_data(data)
    return data[:at] + data[at + length :]


def _halved(data: bytes) -> bytes:
    at, length = _media_data(data)
    return data[:at] + struct.pack(">I", length // 2) + data[at + 4 : at + length // 2] + data[at + length :]


@pytest.mark.parametrize("name", ["MP4, header last", "MP4, header first", "MOV, ProRes and PCM", "3GP", "M4A"])
@pytest.mark.parametrize("spoil", [_zeroed, _half_zeroed, _without, _halved])
def test_media_data_that_are_missing_halved_or_zeros(name: str, spoil: Callable[[bytes], bytes]) -> None:
    data = _made(name)
    _check(data)
    with pytest.raises(Malformed):
        _check(spoil(data))


def test_silence_and_black_without_compression_are_zeros_and_whole() -> None:
    silence = ("-f", "lavfi", "-i", "anullsrc=r=48000:cl=stereo:d=1", "-c:a", "pcm_s24le")
    black = ("-f", "lavfi", "-i", "color=black:d=0.2:size=64x36", "-c:v", "rawvideo", "-pix_fmt", "rgb24")
    _check(encode(".mov", *silence))
    _check(encode(".wav", *silence))
    _check(encode(".mov", *black))


@pytest.mark.parametrize("inside", [b"", bytes(56), box("mvhd", bytes(100))])
def test_movie_header_without_a_track(inside: bytes) -> None:
    with pytest.raises(Malformed, match="no track"):
        _check(FTYP + box("moov", inside))


def test_media_data_without_a_movie_header() -> None:
    with pytest.raises(Malformed, match="moov"):
        _check(FTYP + box("mdat", bytes(1000)))


def test_initialisation_segment_has_its_fragments_in_other_files() -> None:
    data = _made("MP4 of fragments")
    _check(data[: data.index(b"moof") - 4])


def test_reference_movie_has_its_essence_elsewhere() -> None:
    data = _made("MOV, ProRes and PCM")
    flags = data.index(b"url ", data.index(b"dref")) + 4
    elsewhere = data[:flags] + bytes(4) + data[flags + 4 :]
    grown = elsewhere[: flags - 8] + struct.pack(">I", 12) + elsewhere[flags - 4 :]
    with pytest.raises(Unsupported, match="reference movie"):
        _check(box("ftyp", b"qt  \0\0\2\0qt  ") + box("moov", box("rmra", box("rmda", box("rdrf", bytes(20))))))
    _check(grown)  # a reference without a name is to this file
    alias = struct.pack(">I", 24) + b"alis" + bytes(4) + b"other.mov..."
    start = data.index(b"dref") + 12
    with pytest.raises(MediaError, match=r"another file|reaches past|ends early|cut short"):
        _check(data[:start] + alias + data[start + 24 :])


def test_form_that_is_longer_than_its_chunks_lost_the_chunks_behind() -> None:
    whole = wav(FMT, chunk(b"data", bytes(9000)), chunk(b"LIST", b"INFOICMT" + struct.pack("<I", 4) + b"made"))
    _check(whole)
    with pytest.raises(Malformed, match="form"):
        _check(whole[: -8 - 16])


def test_recorder_that_lost_its_power_leaves_an_empty_data_chunk() -> None:
    with pytest.raises(Malformed, match="never finished"):
        _check(wav(FMT, chunk(b"data", b"")) + bytes(20_000))


def test_stream_of_unknown_length_is_whole() -> None:
    streamed = wav(FMT, chunk(b"data", bytes(9000)))
    piped = streamed[:4] + b"\xff" * 4 + streamed[8 : streamed.index(b"data") + 4] + b"\xff" * 4 + bytes(9000)
    _check(piped)


def test_mxf_of_several_bodies_is_whole() -> None:
    picture = ("-f", "lavfi", "-i", "testsrc2=duration=12:size=64x48:rate=25")
    data = encode(".mxf", *picture, "-c:v", "mpeg2video", "-g", "12")
    assert data.count(partition(3, b"")[:14]) > 1
    _check(data)


def test_mxf_that_was_never_closed() -> None:
    with pytest.raises(Malformed, match="never closed"):
        _check(partition(2, b""))


def test_mxf_whose_footer_is_named_and_not_there() -> None:
    with pytest.raises(Malformed):
        _check(partition(2, b"", footer=5000))


def test_huge_sample_table_that_is_not_there_costs_nothing() -> None:
    table = box("stbl", box("stsz", struct.pack(">III", 0, 0, 0xFFFFFFFF)))
    with pytest.raises(Malformed, match="promises"):
        _check(FTYP + box("moov", box("mvhd", bytes(100)), box("trak", box("mdia", box("minf", table)))))


def test_live_matroska_that_declares_its_length_and_ends_before() -> None:
    data = _made("Matroska")
    segment = data.index(b"\x18\x53\x80\x67") + 4
    unknown = data[:segment] + b"\x01" + b"\xff" * 7 + data[segment + 8 :]
    _check(unknown)
    duration = unknown.index(b"\x44\x89\x88") + 3
    with pytest.raises(Malformed, match="last cluster"):
        _check(unknown[:duration] + struct.pack(">d", 90_000.0) + unknown[duration + 8 :])
