import struct
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from mutagen import apev2, id3
from mutagen.flac import FLAC
from mutagen.oggvorbis import OggVorbis

from media.errors import Malformed, TooLarge
from scanner.readers.audio_tags import AUDIO_TAGS
from tests.scanner.timebased import FMT, SOUND, chunk, make, opened, said, survives, wav

FRAME = b"\xff\xfb\x90\x00" + bytes(413)
SOUND_BYTES = FRAME * 4
FRAMES = {
    "TIT2": id3.TIT2(text="Song"),
    "TXXX:AIGC": id3.TXXX(desc="AIGC", text='{"Label":"1"}'),
    "COMM": id3.COMM(lang="eng", desc="", text="a word"),
    "COMM:note": id3.COMM(lang="eng", desc="note", text="another"),
    "WOAS": id3.WOAS(url="https://example.com/song"),
    "WXXX:page": id3.WXXX(desc="page", url="https://example.com"),
    "GEOB:c2pa manifest store": id3.GEOB(mime="application/c2pa", desc="c2pa manifest store", data=b"\0jumb"),
    "USLT": id3.USLT(lang="eng", desc="", text="la la"),
    "TIPL": id3.TIPL(people=[["producer", "A Person"], ["mix", "Another"]]),
}
SAID = {
    "TIT2": "Song",
    "TXXX:AIGC": '{"Label":"1"}',
    "COMM": "a word",
    "COMM:note": "another",
    "WOAS": "https://example.com/song",
    "WXXX:page": "https://example.com",
    "GEOB:c2pa manifest store": "application/c2pa",
    "USLT": "la la",
    "TIPL": "producer: A Person\nmix: Another",
}


def id3_tag(version: int = 4) -> bytes:
    tag = id3.ID3()
    for frame in FRAMES.values():
        tag.add(frame)
    file = BytesIO()
    tag.save(file, v2_version=version, v1=0)
    return file.getvalue()


def ape() -> bytes:
    file, tag = BytesIO(), apev2.APEv2()
    tag["Title"] = "Song"
    tag.save(file)
    return file.getvalue()


def aiff(tag: bytes) -> bytes:
    body = b"AIFF" + chunk(b"COMM", bytes(18), ">") + chunk(b"ID3 ", tag, ">")
    return b"FORM" + struct.pack(">I", len(body)) + body


@pytest.mark.parametrize(
    ("name", "wrap"),
    [
        pytest.param("a.mp3", lambda tag: tag + SOUND_BYTES, id="MP3"),
        pytest.param("a.wav", lambda tag: wav(FMT, chunk(b"data", bytes(9)), chunk(b"id3 ", tag)), id="WAV"),
        pytest.param("a.aif", aiff, id="AIFF"),
    ],
)
@pytest.mark.parametrize("version", [3, 4])
def test_id3_wherever_it_stands(tmp_path: Path, name: str, wrap: Callable[[bytes], bytes], version: int) -> None:
    path = tmp_path / name
    path.write_bytes(wrap(id3_tag(version)))
    assert said(AUDIO_TAGS, path) == SAID


def at_end(tag: bytes) -> bytes:
    """The tag with a footer, by which it is found behind the sound."""
    return tag[:5] + b"\x10" + tag[6:] + b"3DI" + tag[3:5] + b"\x10" + tag[6:10]


@pytest.mark.parametrize(
    "behind",
    [
        pytest.param(b"", id="last"),
        pytest.param(b"TAG" + bytes(125), id="before ID3v1"),
        pytest.param(ape(), id="before APE"),
        pytest.param(ape() + b"TAG" + bytes(125), id="before APE and ID3v1"),
    ],
)
def test_id3_behind_the_sound(tmp_path: Path, behind: bytes) -> None:
    path = tmp_path / "a.mp3"
    path.write_bytes(SOUND_BYTES + at_end(id3_tag()) + behind)
    assert SAID.items() <= said(AUDIO_TAGS, path).items()


def test_a_second_tag_behind_the_first(tmp_path: Path) -> None:
    path, empty = tmp_path / "a.mp3", b"ID3\4\0\0\0\0\0\x0a" + bytes(10)
    path.write_bytes(empty + id3_tag() + SOUND_BYTES)
    assert said(AUDIO_TAGS, path) == SAID


@pytest.mark.parametrize("size", [b"\0\0\0\0", b"\x7f\x7f\x7f\x7f", b"\xff\xff\xff\xff"])
def test_a_footer_that_lies_is_survived(tmp_path: Path, size: bytes) -> None:
    path = tmp_path / "a.mp3"
    path.write_bytes(SOUND_BYTES + b"3DI\4\0\x10" + size)
    assert said(AUDIO_TAGS, path) == {}


def test_flac_with_both_kinds(tmp_path: Path) -> None:
    path = make(tmp_path / "a.flac", *SOUND)
    tagged = FLAC(path)
    tagged["AIGC"] = "label"
    tagged.save()
    path.write_bytes(id3_tag() + path.read_bytes())
    found = said(AUDIO_TAGS, path)
    assert found["aigc"] == "label"
    assert found["WOAS"] == SAID["WOAS"]


def test_ogg(tmp_path: Path) -> None:
    path = make(tmp_path / "a.ogg", *SOUND, "-c:a", "libvorbis")
    tagged = OggVorbis(path)
    tagged["PROMPT"] = "{}a"
    tagged.save()
    assert said(AUDIO_TAGS, path)["prompt"] == "{}a"


def test_ape_behind_mp3(tmp_path: Path) -> None:
    path = tmp_path / "a.mp3"
    path.write_bytes(SOUND_BYTES)
    tag = apev2.APEv2()
    tag["Comment"] = "made by hand"
    tag.save(path)
    assert said(AUDIO_TAGS, path) == {"comment": "made by hand"}


def test_a_frame_that_inflates_without_end_is_refused(tmp_path: Path) -> None:
    body = zlib.compress(bytes(16 << 20))
    frame = b"TIT2" + struct.pack(">I", len(body) + 4) + b"\0\x80" + struct.pack(">I", 16 << 20) + body
    size = len(frame)
    tag = b"ID3\3\0\0" + bytes((size >> shift & 0x7F) for shift in (21, 14, 7, 0)) + frame
    path = tmp_path / "a.mp3"
    path.write_bytes(tag + SOUND_BYTES)
    with pytest.raises(TooLarge):
        said(AUDIO_TAGS, path)


def test_a_tag_longer_than_its_file(tmp_path: Path) -> None:
    path = tmp_path / "a.mp3"
    path.write_bytes(b"ID3\4\0\0\x7f\x7f\x7f\x7f" + SOUND_BYTES)
    with pytest.raises(Malformed, match="says 268435455 bytes"):
        said(AUDIO_TAGS, path)


def test_every_truncation_and_flip_ends(tmp_path: Path) -> None:
    path = tmp_path / "a.mp3"
    raw = id3_tag()[:400] + SOUND_BYTES
    for broken in [raw[:end] for end in range(4, 400, 9)] + [
        raw[:at] + bytes([raw[at] ^ bit]) + raw[at + 1 :] for at in range(3, 400, 2) for bit in (1, 0x80)
    ]:
        path.write_bytes(broken)
        assert len(survives(AUDIO_TAGS, path)) < 20


def test_broken_flac_and_ogg_end(tmp_path: Path) -> None:
    for suffix, codec in (("flac", "flac"), ("ogg", "libvorbis"), ("opus", "libopus")):
        raw = make(tmp_path / f"a.{suffix}", *SOUND, "-c:a", codec, "-metadata", "comment=x").read_bytes()
        path = tmp_path / f"b.{suffix}"
        for at in range(4, 300, 7):
            path.write_bytes(raw[:at] + bytes([raw[at] ^ 0xFF]) + raw[at + 1 :])
            assert len(survives(AUDIO_TAGS, path)) < 20
            path.write_bytes(raw[:at])
            assert len(survives(AUDIO_TAGS, path)) < 20


def test_silent_without_tags(tmp_path: Path) -> None:
    path = tmp_path / "a.mp3"
    path.write_bytes(SOUND_BYTES)
    assert list(AUDIO_TAGS.read(opened(path))) == []
