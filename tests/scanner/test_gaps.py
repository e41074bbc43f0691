"""What no reader looked into, and what has no stream, is not inspected: over every kind that provscan knows."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from PIL import Image

from media.identify import KINDS, identify
from scanner.discover.discover import discover
from scanner.examine.examine import ExamineSettings, examine
from scanner.examine.gaps import gaps
from scanner.model import Asset, Category, Examination, Kind, LookStatus, MediaFacts
from scanner.readers import READERS, readers_of
from tests.scanner.timebased import FTYP, SOUND, box, chunk, make

SEARCHES = {"dwt-dct", "stealth", "visible"}
"""Readers that search pixels for one trace."""


def asset(media_type: str, folder: Path, name: str = "it", size: int = 64) -> Asset:
    return Asset(
        path=name,
        root="root",
        location=str(folder),
        kind=KINDS[media_type],
        media_type=media_type,
        size=size,
        mtime_ns=0,
        category=Category.FINAL_PICTURE,
    )


def seen(path: Path, data: bytes) -> Examination:
    path.write_bytes(data)
    (found,) = discover([path.parent])
    return examine(found, ExamineSettings())


def blocked(examination: Examination) -> bool:
    return any(problem.blocking for problem in examination.problems)


@pytest.mark.parametrize("media_type", sorted(KINDS))
def test_no_kind_passes_without_a_look(media_type: str, tmp_path: Path) -> None:
    (tmp_path / "it").write_bytes(b"made by nobody knows what, and no more\n" * 2)
    examination = examine(asset(media_type, tmp_path), ExamineSettings())
    looked = {look.by for look in examination.looks if look.status is not LookStatus.NOT_DEFINED} - SEARCHES
    assert KINDS[media_type] is Kind.INERT or looked or blocked(examination)


@pytest.mark.parametrize("media_type", sorted(KINDS))
def test_a_kind_is_inspected_where_a_reader_or_nothing_can_be_in_it(media_type: str, tmp_path: Path) -> None:
    whole = MediaFacts(codecs=("h264",))
    readers = {reader.name for reader in READERS if media_type in reader.media_types} - SEARCHES
    assert {reader.name for reader in readers_of(media_type)} == readers
    kind = KINDS[media_type]
    expected = kind is Kind.INERT or (kind is not Kind.UNKNOWN and bool(readers))
    assert (not list(gaps(asset(media_type, tmp_path), whole, ()))) == expected


@pytest.mark.parametrize("media_type", sorted(name for name, kind in KINDS.items() if kind in (Kind.VIDEO, Kind.AUDIO)))
@pytest.mark.parametrize("facts", [None, MediaFacts(duration=2.0)])
def test_video_and_sound_without_a_stream_are_not_inspected(
    media_type: str, facts: MediaFacts | None, tmp_path: Path
) -> None:
    found = list(gaps(asset(media_type, tmp_path), facts, ()))
    if media_type == "video/iso.segment":
        assert not found
    else:
        assert [problem.blocking for problem in found] == [True]
        assert found[0].message.startswith("has no stream of ")


@pytest.fixture
def unread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every kind is one that no reader reads."""
    monkeypatch.setattr("scanner.examine.gaps.readers_of", lambda media_type: ())


def tga() -> bytes:
    return struct.pack("<3B2HB4H2B", 0, 0, 2, 0, 0, 0, 0, 0, 8, 8, 24, 0) + bytes(range(192))


def ole() -> bytes:
    entry = struct.pack("<64sHB61x", "WordDocument".encode("utf-16-le"), 26, 2)
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(22) + b"\x09\0" + bytes(480) + entry + bytes(384)


@pytest.mark.parametrize(
    ("name", "data", "media_type"),
    [
        pytest.param("sky.hdr", b"#?RADIANCE\n\n-Y 1 +X 1\n\1\2\3\4", "image/vnd.radiance", id="HDR"),
        pytest.param("plate.tga", tga(), "image/x-tga", id="TGA"),
        pytest.param("plate.ppm", b"P6\n2 1\n255\n" + bytes(6), "image/x-portable-anymap", id="PPM"),
        pytest.param("logo.xpm", b"/* XPM */\nstatic char *x[]={};", "image/x-xpixmap", id="XPM"),
        pytest.param("letter.doc", ole(), "application/x-ole", id="DOC"),
        pytest.param("ep.mpd", b"<MPD xmlns='urn:mpeg:dash:schema:mpd:2011'/>", "application/dash+xml", id="MPD"),
        pytest.param("ep.xml", b"<Anything/>", "application/xml", id="XML"),
    ],
)
@pytest.mark.usefixtures("unread")
def test_a_format_that_no_reader_reads_is_not_inspected(
    name: str, data: bytes, media_type: str, tmp_path: Path
) -> None:
    examination = seen(tmp_path / name, data)
    assert examination.asset.media_type == media_type
    problem = examination.problems[-1]
    assert (problem.code, problem.blocking) == ("unsupported", True)
    assert problem.message == f"provscan does not read this kind of file ({media_type})"


@pytest.mark.usefixtures("unread")
def test_a_search_of_pixels_is_no_look_into_the_file(tmp_path: Path) -> None:
    Image.new("RGB", (300, 300), "teal").save(tmp_path / "card.bmp")
    (found,) = discover([tmp_path])
    examination = examine(found, ExamineSettings(watermarks=tuple(Category)))
    assert next(look for look in examination.looks if look.by == "dwt-dct").status is LookStatus.NOTHING
    assert blocked(examination)


def avi(*streams: bytes) -> bytes:
    header = chunk(b"avih", struct.pack("<14I", 40000, 0, 0, 0x10, 0, 0, len(streams), 0, 64, 64, 0, 0, 0, 0))
    lists = b"".join(
        chunk(b"LIST", b"strl" + chunk(b"strh", kind + bytes(52)) + chunk(b"strf", bytes(40))) for kind in streams
    )
    body = chunk(b"LIST", b"hdrl" + header + lists) + chunk(b"LIST", b"movi")
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"AVI " + body


@pytest.mark.parametrize(
    ("name", "data"),
    [
        pytest.param("ep.mp4", FTYP + box("moov", box("mvhd", bytes(100))) + box("mdat", bytes(99)), id="no track"),
        pytest.param("ep.mov", box("moov", box("mvhd", bytes(100)), box("rmra", bytes(20))), id="reference movie"),
        pytest.param("ep.avi", avi(b"txts"), id="AVI of subtitles"),
        pytest.param("ep.m4s", box("styp", b"msdh\0\0\0\0msdh") + box("sidx", bytes(24)), id="segment of nothing"),
    ],
)
def test_a_movie_without_a_track_is_not_inspected(name: str, data: bytes, tmp_path: Path) -> None:
    examination = seen(tmp_path / name, data)
    assert examination.asset.kind is Kind.VIDEO
    assert blocked(examination)


def test_a_movie_of_sound_alone_and_a_segment_with_a_fragment_are_inspected(tmp_path: Path) -> None:
    sound = tmp_path / "a" / "mix.mp4"
    sound.parent.mkdir()
    make(sound, *SOUND)
    (found,) = discover([sound.parent])
    examination = examine(found, ExamineSettings())
    assert found.kind is Kind.AUDIO
    assert not examination.problems
    (tmp_path / "b").mkdir()
    fragment = box("moof", box("traf", bytes(16)))
    segment = seen(tmp_path / "b" / "ep.m4s", box("styp", b"msdh\0\0\0\0msdh") + fragment + box("mdat", bytes(9)))
    assert not segment.problems


def test_a_cover_picture_is_no_sound(tmp_path: Path) -> None:
    Image.new("RGB", (64, 64), "teal").save(tmp_path / "cover.jpg")
    cover = (tmp_path / "cover.jpg").read_bytes()
    frame = b"\0image/jpeg\0\3\0" + cover
    tag = b"APIC" + struct.pack(">I", len(frame)) + b"\0\0" + frame
    length = len(tag)
    size = bytes((length >> shift) & 0x7F for shift in (21, 14, 7, 0))
    (tmp_path / "cover.jpg").unlink()
    assert blocked(seen(tmp_path / "song.mp3", b"ID3\3\0\0" + size + tag))


@pytest.mark.usefixtures("unread")
def test_a_sidecar_that_was_read_is_no_look_into_the_file(tmp_path: Path) -> None:
    (tmp_path / "plate.tga").write_bytes(tga())
    (tmp_path / "plate.tga.xmp").write_bytes(b"<x:xmpmeta xmlns:x='adobe:ns:meta/'/>")
    examined = [examine(found, ExamineSettings()) for found in discover([tmp_path])]
    assert [blocked(one) for one in examined if one.asset.path == "plate.tga"] == [True]


@pytest.mark.usefixtures("unread")
def test_frames_without_a_reader_are_not_inspected_as_a_sequence(tmp_path: Path) -> None:
    for number in range(1001, 1013):
        (tmp_path / f"plate.{number}.tga").write_bytes(tga())
    assert all(blocked(examine(found, ExamineSettings())) for found in discover([tmp_path]))


def test_identify_knows_no_type_outside_the_table(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(tga())
    with path.open("rb") as file:
        assert identify(file, "x", path.stat().st_size).media_type in KINDS
