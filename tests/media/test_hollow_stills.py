"""Headers that promise pictures and have none; damage of a statement alone, which leaves the picture inspected."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import pytest

from media.containers import walk
from media.errors import MediaError
from media.whole import check_whole
from scanner.model import Problem
from tests.hostile.mutants import inspect
from tests.hostile.whole_stills import attribute, exr, jxl_stream, postscript, psd, saved
from tests.scanner import stills

HUGE = 300_000


def fault(media_type: str, data: bytes) -> MediaError | None:
    """What keeps a file of these bytes from being whole."""
    try:
        for _ in walk(io.BytesIO(data), media_type, len(data)):
            pass
        check_whole(io.BytesIO(data), media_type, len(data))
    except MediaError as error:
        return error
    return None


def blocking(path: Path, data: bytes) -> list[Problem]:
    path.write_bytes(data)
    return [problem for problem in inspect(path).problems if problem.blocking]


def hollow_exr() -> bytes:
    """Four gigapixels, and nothing behind the header."""
    window = struct.pack("<4i", 0, 0, 65535, 65535)
    body = attribute(b"dataWindow", b"box2i", window) + attribute(b"displayWindow", b"box2i", window)
    return struct.pack("<II", 20000630, 2) + body + attribute(b"compression", b"compression", b"\0") + b"\0"


def hollow_grid() -> bytes:
    """A HEIF whose picture is a grid of 2 × 2 tiles that are made of nothing."""
    infe = stills.box(b"infe", struct.pack(">IHH", 2 << 24, 1, 0) + b"grid\0")
    inside = stills.box(b"pitm", struct.pack(">IH", 0, 1)) + stills.box(b"iinf", struct.pack(">IH", 0, 1) + infe)
    inside += stills.box(b"iref", bytes(4) + stills.box(b"dimg", struct.pack(">HHHHHH", 1, 4, 1, 1, 1, 1)))
    inside += stills.box(b"idat", b"\0\0\1\1" + struct.pack(">HH", 60000, 60000))
    inside += stills.box(b"iloc", struct.pack(">IBBH", 1 << 24, 0x44, 0, 1) + struct.pack(">HHHHII", 1, 1, 0, 1, 0, 8))
    return stills.box(b"ftyp", b"heic\0\0\0\0mif1heic") + stills.box(b"meta", bytes(4) + inside)


def webp(flags: int, *chunks: bytes) -> bytes:
    """With an extended header of these flags."""
    body = b"WEBPVP8X" + struct.pack("<II", 10, flags) + bytes(6) + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def frame() -> bytes:
    """The one chunk of a plain WebP."""
    return saved("WEBP")[12:]


HOLLOW = {
    "JPEG XL of two bytes": ("image/jxl", b"\xff\x0a"),
    "JPEG XL of two bytes and zeros": ("image/jxl", b"\xff\x0a\xff\xff\xff\xff" + bytes(100)),
    "JPEG XL boxes without a codestream": ("image/jxl", stills.jxl()[:32]),
    "JPEG XL whose parts have no last": ("image/jxl", stills.jxl(stills.box(b"jxlp", bytes(4) + jxl_stream()))[:-19]),
    "EXR of four gigapixels": ("image/x-exr", hollow_exr()),
    "EXR whose chunks were not written": ("image/x-exr", exr()[:-4000]),
    "PSD of 300,000 pixels square": (
        "image/vnd.adobe.photoshop",
        b"8BPS" + struct.pack(">H6xHIIHH", 2, 3, HUGE, HUGE, 8, 3) + bytes(16) + b"\0\0",
    ),
    "PSD in runs without its table": (
        "image/vnd.adobe.photoshop",
        b"8BPS" + struct.pack(">H6xHIIHH", 2, 56, HUGE, HUGE, 8, 3) + bytes(16) + b"\0\1" + bytes(1000),
    ),
    "HEIF grid of nothing": ("image/heif", hollow_grid()),
    "HEIF whose picture is not among its items": ("image/heif", stills.heif().replace(b"hvc1\0", b"mime\0")),
    "HEIF without its data": ("image/heif", stills.heif()[: -len(b"coded picture") - 8]),
    "WebP of twelve bytes": ("image/webp", b"RIFF\x04\0\0\0WEBP"),
    "WebP shorter than it says": ("image/webp", saved("WEBP")[:-60]),
    "WebP that announces EXIF": ("image/webp", webp(0x08, frame())),
    "WebP that announces XMP": ("image/webp", webp(0x04, frame())),
    "WebP that announces an animation": ("image/webp", webp(0x02, frame())),
    "WebP of a header alone": ("image/webp", webp(0)),
    "JPEG without a frame": ("image/jpeg", b"\xff\xd8" + stills.segment(0xE0, b"JFIF\0") + b"\xff\xd9"),
    "JPEG of four gigapixels": (
        "image/jpeg",
        b"\xff\xd8" + stills.segment(0xC0, b"\x08\xff\xff\xff\xff\x01\x01\x11\x00")
        + stills.segment(0xDA, b"\x01\x01\x00\x00\x3f\x00") + bytes(20) + b"\xff\xd9",
    ),
    "BMP of many pixels": ("image/bmp", saved("BMP")[:18] + struct.pack("<ii", 9000, -9000) + saved("BMP")[26:]),
    "JP2 without a codestream": ("image/jp2", stills.jp2()[:32]),
    "PostScript of comments": ("application/postscript", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n"),
    "TIFF with fewer bytes than pixels": (
        "image/tiff",
        stills.tiff([
            (0x0100, 4, struct.pack("<I", 9000)), (0x0101, 4, struct.pack("<I", 9000)),
            (0x0103, 3, struct.pack("<H", 1)), (0x0111, 4, struct.pack("<I", 8)), (0x0117, 4, struct.pack("<I", 8)),
        ]),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", HOLLOW)
def test_a_header_without_its_picture_is_malformed(name: str) -> None:
    media_type, data = HOLLOW[name]
    found = fault(media_type, data)
    assert found is not None
    assert found.blocking


def test_what_the_flags_of_a_webp_announce_is_enough() -> None:
    assert fault("image/webp", webp(0x08, frame(), b"EXIF" + struct.pack("<I", 4) + b"II*\0")) is None


def test_a_pdf_without_objects_or_end_is_not_inspected(tmp_path: Path) -> None:
    bare = b"%PDF-1.7\nxref\n0 1\n0000000000 65535 f \ntrailer\n<</Size 1>>\nstartxref\n9\n%%EOF\n"
    assert blocking(tmp_path / "bare.pdf", bare)
    whole = saved("PDF")
    assert not blocking(tmp_path / "whole.pdf", whole)
    assert blocking(tmp_path / "cut.pdf", whole[:-30])
    revised = whole + b"\n9 0 obj\n<</Type /Catalog>>\nendobj\n"
    assert "has no end" in blocking(tmp_path / "revised.pdf", revised)[0].message
    linear = whole.replace(b"\n", b"\n9 0 obj\n<</Linearized 1 /L %d>>\nendobj\n" % (len(whole) * 2), 1)
    assert "declares" in blocking(tmp_path / "linear.pdf", linear)[0].message


def test_programs_of_other_writers_have_their_own_ends() -> None:
    text = postscript().replace(b"%%EOF\n", b"")
    assert fault("application/postscript", text) is None  # showpage is its last word
    assert fault("application/postscript", text.replace(b"showpage\n", b"")) is not None
    assert fault("application/postscript", b"%!PS\n1 1 moveto\n") is None  # follows no conventions
    private = b"%AI9_PrivateDataBegin\n" + b"%AI data\n" * 900
    assert fault("application/postscript", postscript() + private) is not None
    assert fault("application/postscript", postscript() + private + b"%AI9_PrivateDataEnd\n") is None


@pytest.mark.parametrize("packed", [True, False])
def test_a_large_document_is_whole(packed: bool) -> None:
    assert fault("image/vnd.adobe.photoshop", psd(packed=packed, large=True)) is None


def test_a_damaged_field_leaves_the_picture_inspected(tmp_path: Path) -> None:
    """An IPTC field that says it is longer than its block, as many TIFFs have it."""
    overlong = b"\x1c\x02\x50" + struct.pack(">H", 5) + b"Maker" + b"\x1c\x02\x41" + struct.pack(">H", 400) + b"Tool"
    path = tmp_path / "a.jpg"
    path.write_bytes(stills.jpeg(stills.segment(0xED, b"Photoshop 3.0\0" + stills.resource(1028, overlong))))
    seen = inspect(path)
    assert [(item.key, item.value) for item in seen.evidence] == [("Byline", "Maker"), ("OriginatingProgram", "Tool")]
    (problem,) = seen.problems
    assert not problem.blocking
    assert "2:65" in problem.message
    assert "was not read" in problem.message


def test_a_thumbnail_that_lies_nowhere_leaves_the_picture_inspected(tmp_path: Path) -> None:
    block = bytearray(stills.tiff([(0x0131, 2, b"Camera 1.0\0")]))
    directory = struct.unpack_from("<I", block, 4)[0]
    struct.pack_into("<I", block, directory + 2 + 12, 0x7FFFFFFF)  # where the next directory lies
    path = tmp_path / "a.jpg"
    path.write_bytes(stills.jpeg(stills.exif_segment(bytes(block))))
    seen = inspect(path)
    assert [item.value for item in seen.evidence] == ["Camera 1.0"]
    assert [problem.blocking for problem in seen.problems] == [False]
    struct.pack_into("<I", block, 4, 0x7FFFFFFF)
    assert blocking(path, stills.jpeg(stills.exif_segment(bytes(block))))
