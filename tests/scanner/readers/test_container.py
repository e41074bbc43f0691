import os
from pathlib import Path

import pytest

from media.decode import Wish, decode
from media.errors import EssenceUnread, Malformed, MediaError, Unsupported
from media.probe import probe
from scanner.model import MediaFacts
from scanner.readers.container import CONTAINER
from scanner.readers.interface import Medium, read_statements
from tests.scanner.timebased import (
    FTYP,
    PICTURE,
    SOUND,
    box,
    local_set,
    make,
    opened,
    partition,
    primer,
    said,
    survives,
)

CHAPTERS = ";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=500\ntitle=Opening\n"


@pytest.mark.parametrize(
    ("name", "arguments", "key"),
    [
        pytest.param("a.mkv", ("-metadata", "WORKFLOW={}a"), "workflow", id="Matroska"),
        pytest.param(
            "a.mp4", ("-movflags", "use_metadata_tags", "-metadata", "workflow={}a"), "workflow", id="MP4 keys"
        ),
        pytest.param("a.mov", ("-metadata", "comment={}a"), "comment", id="QuickTime"),
        pytest.param("a.flv", ("-c:v", "flv1", "-metadata", "AIGC={}a"), "aigc", id="FLV"),
        pytest.param("a.avi", ("-metadata", "comment={}a"), "comment", id="AVI"),
    ],
)
def test_tags(tmp_path: Path, name: str, arguments: tuple[str, ...], key: str) -> None:
    path = make(tmp_path / name, *PICTURE, *arguments)
    (evidence,) = (evidence for evidence in read_statements(CONTAINER, opened(path)) if evidence.key == key)
    assert evidence.value == "{}a"
    assert evidence.facts == {"of": "format"}


@pytest.mark.parametrize(
    ("sets", "error"),
    [
        pytest.param((), EssenceUnread, id="a data track"),
        pytest.param(("0d01010101012900",), Unsupported, id="a picture of an unknown kind"),
        pytest.param(None, Malformed, id="cut before its footer"),
    ],
)
def test_an_mxf_that_ffmpeg_refuses(tmp_path: Path, sets: tuple[str, ...] | None, error: type[MediaError]) -> None:
    """A whole file of a data track is inspected; a picture or sound that cannot be decoded is not; a cut one is damaged."""
    metadata = primer({}) + b"".join(local_set(name, {}) for name in sets or ())
    header = partition(2, metadata)
    header = partition(2, metadata, footer=len(header))
    path = tmp_path / "track.mxf"
    path.write_bytes(header + (b"" if sets is None else partition(4, metadata, footer=len(header))))
    with pytest.raises(error) as raised:
        list(CONTAINER.read(opened(path)))
    assert type(raised.value) is error
    assert raised.value.blocking == (error is not EssenceUnread)


def test_streams_and_chapters(tmp_path: Path) -> None:
    (tmp_path / "c.txt").write_text(CHAPTERS, encoding="utf-8")
    inputs = (*PICTURE, "-i", str(tmp_path / "c.txt"), "-map_metadata", "1")
    path = make(tmp_path / "a.mkv", *inputs, "-metadata:s:v:0", "title=Camera A")
    found = {
        (evidence.key, evidence.facts["of"]): evidence.value for evidence in read_statements(CONTAINER, opened(path))
    }
    assert found["title", "stream 0 video"] == "Camera A"
    assert found["title", "chapter 1"] == "Opening"


def facts(medium: Medium) -> MediaFacts | None:
    return next((one for one in CONTAINER.read(medium) if isinstance(one, MediaFacts)), None)


def test_facts(tmp_path: Path) -> None:
    clip = make(tmp_path / "a.mov", *PICTURE, *SOUND, "-c:v", "mpeg4", "-c:a", "pcm_s16le", "-timecode", "01:00:00:00")
    medium = opened(clip)
    assert facts(medium) == MediaFacts(
        width=64, height=36, duration=1.0, rate="24/1", timecode="01:00:00:00", codecs=("mpeg4", "pcm_s16le")
    )


def test_a_cover_is_no_picture(tmp_path: Path) -> None:
    cover = make(tmp_path / "c.png", *PICTURE, "-frames:v", "1")
    inputs = ("-i", str(cover), *SOUND, "-map", "0", "-map", "1", "-disposition:v:0", "attached_pic")
    medium = opened(make(tmp_path / "a.m4a", *inputs, "-c:v", "copy"))
    found = facts(medium)
    assert found is not None
    assert (found.width, found.codecs) == (None, ("aac",))


def test_what_cannot_be_opened_is_said_in_ffmpegs_words(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(FTYP + box("mdat", bytes(100)))
    with pytest.raises(Malformed, match="FFmpeg: Invalid data"):
        said(CONTAINER, path)


@pytest.mark.parametrize("text", ["ffconcat version 1.0\nfile 'a.mp4'\n", "#EXTM3U\n#EXTINF:1,\na.mp4\n"])
def test_a_list_of_other_files_is_not_followed(tmp_path: Path, text: str) -> None:
    make(tmp_path / "a.mp4", *PICTURE)
    path = tmp_path / "list.mp4"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(MediaError):
        probe(path)


def test_a_name_that_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"\xff%d:-.mkv")
    path.write_bytes(make(tmp_path / "a.mkv", *PICTURE, "-metadata", "comment=x").read_bytes())
    assert said(CONTAINER, path)["comment"] == "x"
    assert list(decode(path, Wish(sound=False)))


def test_broken_files_end(tmp_path: Path) -> None:
    path = tmp_path / "b.mp4"
    raw = make(tmp_path / "a.mp4", *PICTURE, "-movflags", "faststart", "-frames:v", "2").read_bytes()
    for at in range(0, 900, 11):
        path.write_bytes(raw[:at] + bytes([raw[at] ^ 0xFF]) + raw[at + 1 :])
        assert len(survives(CONTAINER, path)) < 30
        path.write_bytes(raw[: at + 12])
        assert len(survives(CONTAINER, path)) < 30
