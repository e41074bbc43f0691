from __future__ import annotations

import struct

import brotli
import pytest

from media.errors import Malformed, MediaError
from scanner.readers.exif import EXIF
from scanner.readers.exif_text import plain, printable, user_comment, wide
from tests.scanner import stills
from tests.scanner.stills import ASCII, SHORT, UNDEFINED, UTF8

WORDS = "a castle, 雪\nSteps: 20, Sampler: Euler"
BLOCK = stills.tiff([(0x0131, ASCII, b"Some Tool 1.0\0")], [(0x9286, UNDEFINED, b"ASCII\0\0\0said")])
RAW_BLOCK = b"Exif\0\0" + BLOCK


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(stills.jpeg(stills.exif_segment(BLOCK)), id="jpeg"),
        pytest.param(stills.png(stills.chunk(b"eXIf", BLOCK)), id="png"),
        pytest.param(stills.png(after=(stills.chunk(b"eXIf", RAW_BLOCK),)), id="png-after-pixels-with-header"),
        pytest.param(stills.png(stills.raw_profile("exif", RAW_BLOCK)), id="png-raw-profile"),
        pytest.param(stills.png(stills.raw_profile("APP1", RAW_BLOCK)), id="png-raw-profile-APP1"),
        pytest.param(b"RIFF\0\0\0\0WEBP" + b"EXIF" + struct.pack("<I", len(BLOCK)) + BLOCK, id="webp"),
        pytest.param(
            b"RIFF\0\0\0\0WEBPEXIF" + struct.pack("<I", len(RAW_BLOCK) + 6) + b"Exif\0\0" + RAW_BLOCK, id="webp-doubled"
        ),
        pytest.param(stills.heif((b"Exif", BLOCK)), id="heif"),
        pytest.param(stills.heif((b"Exif", BLOCK), idat=True, brand=b"avif"), id="avif-idat"),
        pytest.param(BLOCK, id="tiff"),
        pytest.param(stills.jxl(stills.box(b"Exif", bytes(4) + BLOCK)), id="jxl"),
        pytest.param(stills.jp2(stills.box(b"uuid", b"JpgTiffExif->JP2" + BLOCK)), id="jp2"),
        pytest.param(stills.psd(stills.resource(1058, BLOCK)), id="psd"),
    ],
)
def test_every_home(tmp_path, data):
    if data[:4] == b"RIFF":
        data = data[:4] + struct.pack("<I", len(data) - 8) + data[8:] + b"\0" * (len(data) & 1)
    found = {(e.key, e.value, e.facts["ifd"]) for e in stills.said(tmp_path / "f", data, EXIF)}
    assert found == {("Software", "Some Tool 1.0", "IFD0"), ("UserComment", "said", "Exif")}


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"UNICODE\0" + WORDS.encode("utf-16-be"), id="utf-16-be"),
        pytest.param(b"UNICODE\0" + WORDS.encode("utf-16-le"), id="utf-16-le"),
        pytest.param(b"UNICODE\0" + WORDS.encode("utf-16"), id="utf-16-with-mark"),
        pytest.param(b"UNICODE\0" + WORDS.encode(), id="utf-8-that-claims-unicode"),
        pytest.param(b"ASCII\0\0\0" + WORDS.encode(), id="utf-8-that-claims-ascii"),
        pytest.param(b"ASCII\0\0\0" + bytes(4) + WORDS.encode() + bytes(3), id="nuls-at-both-ends"),
        pytest.param(bytes(8) + WORDS.encode(), id="undefined-code"),
        pytest.param(WORDS.encode(), id="no-code"),
        pytest.param(b"JIS\0\0\0\0\0" + WORDS.encode("iso2022_jp"), id="jis"),
    ],
)
def test_user_comment_whatever_it_claims(tmp_path, raw, order):
    block = stills.tiff(exif=[(0x9286, UNDEFINED, raw)], order=order)
    (found,) = stills.said(tmp_path / "f.jpg", stills.jpeg(stills.exif_segment(block)), EXIF)
    assert (found.key, found.value) == ("UserComment", WORDS)
    assert found.where == "APP1 @ 6, Exif 0x9286"


def test_chinese_without_any_latin_keeps_its_byte_order():
    words = "一只猫坐在屋顶上看月亮"
    assert user_comment(b"UNICODE\0" + words.encode("utf-16-be"), "utf-16-le") == words
    assert user_comment(b"UNICODE\0" + words.encode("utf-16-le"), "utf-16-be") == words


@pytest.mark.parametrize(
    ("tag", "kind", "raw", "key", "value"),
    [
        pytest.param(0x9286, UNDEFINED, b'{"prompt": {}}', "UserComment", '{"prompt": {}}', id="comment-in-IFD0"),
        pytest.param(0x0110, ASCII, b"prompt:{}\0", "Model", "prompt:{}", id="prompt-as-model"),
        pytest.param(0x010E, ASCII, b"\0\0\0\0late\0", "ImageDescription", "late", id="leading-nuls"),
        pytest.param(0x013B, ASCII, b"Ann\0rest of a buffer", "Artist", "Ann", id="nul-ends-text"),
        pytest.param(0x010D, UTF8, "Título\0".encode(), "DocumentName", "Título", id="type-129"),
        pytest.param(0xA43A, ASCII, b"Developer 2\0", "RAWDevelopingSoftware", "Developer 2", id="exif-3"),
        pytest.param(0x9C9C, 1, "Über\0".encode("utf-16-le"), "XPComment", "Über", id="windows-xp"),
        pytest.param(0x927C, UNDEFINED, b"a1111", "MakerNote", "a1111", id="short-maker-note"),
        pytest.param(0xA300, UNDEFINED, b"\x03", "FileSource", "Digital Camera", id="code-in-words"),
        pytest.param(0xA401, SHORT, b"\x01\0", "CustomRendered", "Custom", id="short-code-in-words"),
        pytest.param(0xC65A, ASCII, b"private\0", "0xC65A", "private", id="unknown-tag"),
        pytest.param(0x010E, ASCII, b"caf\xe9\0", "ImageDescription", "caf\ufffd", id="undecodable"),
    ],
)
def test_odd_tags(tmp_path, tag, kind, raw, key, value):
    (found,) = stills.said(tmp_path / "f.tif", stills.tiff([(tag, kind, raw)]), EXIF)
    assert (found.key, found.value) == (key, value)


@pytest.mark.parametrize(
    ("tag", "kind", "raw"),
    [
        pytest.param(0x927C, UNDEFINED, b"Camera settings " * 20, id="long-maker-note"),
        pytest.param(0x927C, UNDEFINED, b"\x01\x02\x03binary", id="binary-maker-note"),
        pytest.param(0x9000, UNDEFINED, b"0232", id="version"),
        pytest.param(0x02BC, 1, b"<x:xmpmeta/>", id="xmp"),
        pytest.param(0x0100, SHORT, b"\x10\0", id="number"),
        pytest.param(0x010E, ASCII, b"   \0", id="blank"),
    ],
)
def test_what_is_not_said(tmp_path, tag, kind, raw):
    assert stills.said(tmp_path / "f.tif", stills.tiff([(tag, kind, raw)]), EXIF) == []


def test_broken_first_block_does_not_hide_the_second(tmp_path):
    data = stills.jpeg(stills.segment(0xE1, b"Exif\0\0rubbish"), stills.exif_segment(BLOCK))
    opened = stills.medium(tmp_path / "f.jpg", data)
    found, fault = stills.until_fault(EXIF.read(opened))
    assert [e.key for e in found] == ["Software", "UserComment"]
    assert "without a TIFF header" in str(fault)


def test_a_compressed_box_is_unpacked(tmp_path):
    box = stills.box(b"brob", b"Exif" + brotli.compress(bytes(4) + BLOCK))
    assert [e.key for e in stills.said(tmp_path / "f.jxl", stills.jxl(box), EXIF)] == ["Software", "UserComment"]


@pytest.mark.parametrize(
    "cut", [b"", b"rubbish", brotli.compress(bytes(4) + BLOCK)[:-3]], ids=["empty", "rubbish", "cut"]
)
def test_a_compressed_box_that_breaks_is_malformed(tmp_path, cut):
    with pytest.raises(Malformed, match="Brotli"):
        stills.said(tmp_path / "f.jxl", stills.jxl(stills.box(b"brob", b"Exif" + cut)), EXIF)


def test_a_block_over_several_segments_is_joined(tmp_path):
    words = "long " * 30_000
    block = stills.tiff([(0x0131, ASCII, b"Writer\0"), (0x010E, ASCII, words.encode() + b"\0")])
    pieces = [block[at : at + 65_000] for at in range(0, len(block), 65_000)]
    data = stills.jpeg(*(stills.segment(0xE1, b"Exif\0\0" + piece) for piece in pieces))
    found = {e.key: e.value for e in stills.said(tmp_path / "f.jpg", data, EXIF)}
    assert found == {"Software": "Writer", "ImageDescription": words.strip()}


def test_overlapping_values_end(tmp_path):
    # 5,000 entries that each claim the same 60 kB; ExifRead's own parser takes seconds here
    entry = struct.pack("<HHII", 0x010E, ASCII, 60_000, 8)
    block = b"II*\0" + struct.pack("<IH", 8, 5000) + entry * 5000
    found, fault = stills.until_fault(
        EXIF.read(stills.medium(tmp_path / "f.png", stills.png(stills.chunk(b"eXIf", block))))
    )
    assert len(found) <= 400
    assert fault is None or isinstance(fault, MediaError)


def test_text_decoding():
    assert plain(b"P\0r\0o\0m\0p\0t\0") == "Prompt"
    assert wide(b"") == ""
    assert printable(b"\x00\x01binary") == ""
    assert printable(b"1234") == ""
