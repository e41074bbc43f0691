import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from fixtures.formats.tags import ape_tag, flac, id3_frame, id3_tag, ogg
from media.errors import Malformed, StatementUnread, TooLarge
from media.whole import check_whole
from scanner.readers.audio_tags import AUDIO_TAGS
from scanner.readers.interface import read_statements
from tests.scanner.timebased import FMT, SOUND, chunk, make, opened, said, survives, wav

FRAME = b"\xff\xfb\x90\x00" + bytes(413)
SOUND_BYTES = FRAME * 4
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
    "TPE1": "Nobody\nSomebody",
}
APE = ape_tag({"Title": "Song"})


def tag_of(body: bytes, version: int = 4, flags: int = 0) -> bytes:
    size = bytes(len(body) >> shift & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3" + bytes((version, 0, flags)) + size + body


def frame(name: bytes, body: bytes, flags: int = 0) -> bytes:
    return name + struct.pack(">I", len(body)) + bytes((0, flags)) + body


def read(tmp_path: Path, data: bytes, name: str = "a.mp3") -> dict[str, str]:
    path = tmp_path / name
    path.write_bytes(data)
    return said(AUDIO_TAGS, path)


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
    path.write_bytes(wrap(id3_tag(SAID, version)))
    assert said(AUDIO_TAGS, path) == SAID


def at_end(tag: bytes) -> bytes:
    """The tag with a footer, by which it is found behind the sound."""
    return tag[:5] + b"\x10" + tag[6:] + b"3DI" + tag[3:5] + b"\x10" + tag[6:10]


@pytest.mark.parametrize(
    "behind",
    [
        pytest.param(b"", id="last"),
        pytest.param(b"TAG" + bytes(125), id="before ID3v1"),
        pytest.param(APE, id="before APE"),
        pytest.param(APE + b"TAG" + bytes(125), id="before APE and ID3v1"),
    ],
)
def test_id3_behind_the_sound(tmp_path: Path, behind: bytes) -> None:
    path = tmp_path / "a.mp3"
    path.write_bytes(SOUND_BYTES + at_end(id3_tag(SAID)) + behind)
    assert SAID.items() <= said(AUDIO_TAGS, path).items()


def test_a_second_tag_behind_the_first(tmp_path: Path) -> None:
    path, empty = tmp_path / "a.mp3", b"ID3\4\0\0\0\0\0\x0a" + bytes(10)
    path.write_bytes(empty + id3_tag(SAID) + SOUND_BYTES)
    assert said(AUDIO_TAGS, path) == SAID


@pytest.mark.parametrize("size", [b"\0\0\0\0", b"\x7f\x7f\x7f\x7f", b"\xff\xff\xff\xff"])
def test_a_footer_that_lies_is_survived(tmp_path: Path, size: bytes) -> None:
    path = tmp_path / "a.mp3"
    path.write_bytes(SOUND_BYTES + b"3DI\4\0\x10" + size)
    assert said(AUDIO_TAGS, path) == {}


def test_flac_with_both_kinds(tmp_path: Path) -> None:
    path = make(tmp_path / "a.flac", *SOUND)
    path.write_bytes(id3_tag(SAID) + flac(path.read_bytes(), {"AIGC": "label"}))
    found = said(AUDIO_TAGS, path)
    assert found["aigc"] == "label"
    assert found["WOAS"] == SAID["WOAS"]


@pytest.mark.parametrize("codec", ["libvorbis", "libopus", "flac"])
def test_ogg_of_every_codec(tmp_path: Path, codec: str) -> None:
    path = make(tmp_path / "a.ogg", *SOUND, "-c:a", codec, "-metadata", "PROMPT={}a")
    assert said(AUDIO_TAGS, path)["prompt"] == "{}a"


def test_ogg_comments_over_several_pages(tmp_path: Path) -> None:
    path = make(tmp_path / "a.ogg", *SOUND, "-c:a", "libvorbis")
    path.write_bytes(ogg(path.read_bytes(), {"PROMPT": "{}a" * 60_000, "COMMENT": "behind it"}))
    found = said(AUDIO_TAGS, path)
    assert (len(found["prompt"]), found["comment"]) == (180_000, "behind it")


def test_every_stream_of_an_ogg_file_states_its_own(tmp_path: Path) -> None:
    sides = [make(tmp_path / f"{n}.ogg", *SOUND, "-c:a", "libvorbis").read_bytes() for n in range(2)]
    pages = []
    for number, side in enumerate(sides):
        written = ogg(side, {"comment": f"stream {number}"})
        pages.append([b"OggS" + page for page in written.split(b"OggS")[1:]])
        pages[-1] = [page[:14] + struct.pack("<I", number) + page[18:] for page in pages[-1]]
    path = tmp_path / "both.ogg"
    path.write_bytes(b"".join(page for pair in zip(*pages, strict=False) for page in pair))
    assert sorted(item.value for item in read_statements(AUDIO_TAGS, opened(path))) == ["stream 0", "stream 1"]


def test_ape_behind_mp3(tmp_path: Path) -> None:
    tag = ape_tag({"Comment": "made by hand", "Artist": "One\0Another"})
    assert read(tmp_path, SOUND_BYTES + tag) == {"comment": "made by hand", "artist": "One\nAnother"}


def test_an_ape_count_that_is_too_high_loses_nothing(tmp_path: Path) -> None:
    tag = bytearray(ape_tag({"Comment": "made by hand"}))
    tag[-16] = 2
    assert read(tmp_path, SOUND_BYTES + bytes(tag)) == {"comment": "made by hand"}


def test_an_ape_item_that_reaches_past_its_tag_is_reported(tmp_path: Path) -> None:
    tag = bytearray(ape_tag({"Comment": "made by hand"}))
    tag[32:36] = b"\xff\xff\0\0"
    with pytest.raises(Malformed, match="an APE tag of 1 items ends early, after 0"):
        read(tmp_path, SOUND_BYTES + bytes(tag))


def test_id3_2_2_has_the_names_of_later_versions(tmp_path: Path) -> None:
    frames = [(b"TT2", b"\0Song"), (b"COM", b"\0eng\0a word"), (b"TXX", b"\0AIGC\0label"), (b"WAS", b"https://x")]
    body = b"".join(name + len(text).to_bytes(3) + text for name, text in frames)
    found = read(tmp_path, tag_of(body + bytes(20), 2) + SOUND_BYTES)
    assert found == {"TIT2": "Song", "COMM": "a word", "TXXX:AIGC": "label", "WOAS": "https://x"}


@pytest.mark.parametrize("version", [2, 3, 4])
def test_an_unsynchronised_tag(tmp_path: Path, version: int) -> None:
    text = b"\1\xff\xfea\0\xff\0"  # its last character is U+00FF
    head = b"TT2" + len(text).to_bytes(3) if version == 2 else b"TIT2" + struct.pack(">I", len(text)) + bytes(2)
    if version == 4:  # the length of a frame is that of what is stored
        stored = text.replace(b"\xff", b"\xff\0")
        body = b"TIT2" + bytes((0, 0, 0, len(stored))) + b"\0\2" + stored
    else:
        body = (head + text).replace(b"\xff", b"\xff\0")
    assert read(tmp_path, tag_of(body + bytes(20), version, 0x80) + SOUND_BYTES) == {"TIT2": "aÿ"}


@pytest.mark.parametrize(
    ("version", "header"),
    [pytest.param(3, struct.pack(">I", 6) + bytes(6), id="2.3"), pytest.param(4, b"\0\0\0\6\1\0", id="2.4")],
)
def test_frames_behind_an_extended_header(tmp_path: Path, version: int, header: bytes) -> None:
    body = header + id3_frame("TIT2", "Song", version) + bytes(20)
    assert read(tmp_path, tag_of(body, version, 0x40) + SOUND_BYTES) == {"TIT2": "Song"}


def test_an_extended_header_that_is_not_there(tmp_path: Path) -> None:
    assert read(tmp_path, tag_of(id3_frame("TIT2", "Song") + bytes(20), 4, 0x40) + SOUND_BYTES) == {"TIT2": "Song"}


def test_sizes_of_eight_bits_in_a_tag_that_has_seven(tmp_path: Path) -> None:
    long = frame(b"TXXX", b"\3AIGC\0" + b"x" * 300)
    body = long + frame(b"TIT2", b"\3Song") + bytes(20)
    assert read(tmp_path, tag_of(body) + SOUND_BYTES) == {"TXXX:AIGC": "x" * 300, "TIT2": "Song"}


@pytest.mark.parametrize(
    ("version", "flags", "body"),
    [
        pytest.param(3, 0x80, struct.pack(">I", 5) + zlib.compress(b"\3Song"), id="compressed, 2.3"),
        pytest.param(3, 0x20, b"\7\3Song", id="grouped, 2.3"),
        pytest.param(4, 0x09, bytes((0, 0, 0, 5)) + zlib.compress(b"\3Song"), id="compressed, 2.4"),
        pytest.param(4, 0x41, b"\7" + bytes((0, 0, 0, 5)) + b"\3Song", id="grouped and measured, 2.4"),
    ],
)
def test_how_a_frame_may_be_stored(tmp_path: Path, version: int, flags: int, body: bytes) -> None:
    data = tag_of(frame(b"TIT2", body, flags) + bytes(20), version) + SOUND_BYTES
    assert read(tmp_path, data) == {"TIT2": "Song"}


@pytest.mark.parametrize("version", [3, 4])
def test_an_encrypted_frame_is_reported_and_silences_no_other(tmp_path: Path, version: int) -> None:
    path = tmp_path / "a.mp3"
    secret = frame(b"TIT2", b"\1secret", 0x40 if version == 3 else 0x04)
    path.write_bytes(tag_of(secret + id3_frame("COMM", "a word", version) + bytes(20), version) + SOUND_BYTES)
    found = []
    with pytest.raises(StatementUnread, match="frame TIT2 is encrypted"):
        found.extend(_each(path))
    assert found == ["a word"]


def _each(path: Path):
    found = read_statements(AUDIO_TAGS, opened(path))
    while True:
        try:
            yield next(found).value
        except StopIteration:
            return


@pytest.mark.parametrize(
    ("body", "text"),
    [
        pytest.param(b"\0caf\xe9", "café", id="Latin-1"),
        pytest.param("\0café 中".encode(), "café 中", id="UTF-8 that calls itself Latin-1"),
        pytest.param(b"\1" + "café".encode("utf-16"), "café", id="UTF-16"),
        pytest.param(b"\1\xfe\xff" + "café".encode("utf-16-be"), "café", id="UTF-16, big-endian"),
        pytest.param(b"\1" + "café".encode("utf-16-le"), "café", id="UTF-16 without a mark"),
        pytest.param(b"\2" + "café".encode("utf-16-be"), "café", id="UTF-16BE"),
        pytest.param("\3café".encode(), "café", id="UTF-8"),
        pytest.param(b"no encoding", "no encoding", id="no encoding"),
    ],
)
def test_encodings_of_a_text(tmp_path: Path, body: bytes, text: str) -> None:
    assert read(tmp_path, tag_of(frame(b"TIT2", body) + bytes(20)) + SOUND_BYTES) == {"TIT2": text}


def test_a_second_string_has_the_byte_order_of_the_first(tmp_path: Path) -> None:
    body = b"\1\xfe\xff" + "AIGC\0label".encode("utf-16-be")
    assert read(tmp_path, tag_of(frame(b"TXXX", body) + bytes(20)) + SOUND_BYTES) == {"TXXX:AIGC": "label"}


def test_frames_of_unknown_name_are_passed_over(tmp_path: Path) -> None:
    body = frame(b"Date", b"\0x") + frame(b"XZZZ", b"\0y") + frame(b"TIT2", b"\0Song") + bytes(20)
    assert read(tmp_path, tag_of(body) + SOUND_BYTES) == {"TIT2": "Song"}


def test_a_frame_that_reaches_past_its_tag_is_kept_and_reported(tmp_path: Path) -> None:
    path = tmp_path / "a.mp3"
    path.write_bytes(tag_of(b"TIT2" + bytes((0, 0, 0, 90, 0, 0)) + b"\3Song") + SOUND_BYTES)
    found = []
    with pytest.raises(StatementUnread, match="frame TIT2 reaches past the end"):
        found.extend(_each(path))
    assert found == ["Song"]


def test_flac_comments_longer_than_their_block_can_say(tmp_path: Path) -> None:
    path = make(tmp_path / "a.flac", *SOUND)
    data = flac(path.read_bytes(), {"comment": "a word"})
    at = data.index(struct.pack("<I", 8) + b"provscan")
    path.write_bytes(data[: at - 3] + bytes(3) + data[at:])
    assert said(AUDIO_TAGS, path) == {"comment": "a word"}
    with path.open("rb") as file:
        check_whole(file, "audio/flac", path.stat().st_size)


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
    with pytest.raises(Malformed, match="declares 268435455 bytes"):
        said(AUDIO_TAGS, path)


def test_every_truncation_and_flip_ends(tmp_path: Path) -> None:
    path = tmp_path / "a.mp3"
    raw = id3_tag(SAID)[:400] + SOUND_BYTES
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
