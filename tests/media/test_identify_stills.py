"""Pictures that are recognised though no reader speaks for them: a record says so, and none is mistaken for another."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

from media.identify import Format, identify

PICTURE = Image.new("RGB", (40, 30), (1, 2, 3))
FOOTER = 26


def saved(kind: str, **options: str) -> bytes:
    out = BytesIO()
    PICTURE.save(out, kind, **options)
    return out.getvalue()


def known(data: bytes) -> Format:
    return identify(BytesIO(data), "no-extension", len(data))


@pytest.mark.parametrize(
    ("data", "media_type", "raster"),
    [
        pytest.param(saved("TGA"), "image/x-tga", (40, 30), id="TGA"),
        pytest.param(saved("TGA", compression="tga_rle"), "image/x-tga", (40, 30), id="TGA, packed"),
        pytest.param(saved("TGA")[:-FOOTER], "image/x-tga", (40, 30), id="TGA of before 1989, without a footer"),
        pytest.param(saved("PPM"), "image/x-portable-anymap", (40, 30), id="PPM"),
        pytest.param(b"P3\n# by hand\n2 1\n255\n0 0 0 9 9 9\n", "image/x-portable-anymap", (2, 1), id="PPM in digits"),
        pytest.param(b"P1 2 2\n0110 # no more", "image/x-portable-anymap", (2, 2), id="PBM in digits"),
        pytest.param(b"P7\nWIDTH 3\nHEIGHT 2\nDEPTH 3\nENDHDR\n", "image/x-portable-anymap", (3, 2), id="PAM"),
        pytest.param(b"Pf\n3 2\n-1.0\n" + bytes(24), "image/x-portable-anymap", (3, 2), id="PFM"),
        pytest.param(b"/* XPM */\nstatic char *x[]={", "image/x-xpixmap", None, id="XPM"),
        pytest.param(b"%!PS-Adobe-3.0 EPSF-3.0\n", "application/postscript", None, id="EPS"),
        pytest.param(b"\xc5\xd0\xd3\xc6" + bytes(28), "application/postscript", None, id="EPS with a preview"),
        pytest.param(saved("ICO"), "image/vnd.microsoft.icon", None, id="icon"),
        pytest.param(saved("ICO", bitmap_format="bmp"), "image/vnd.microsoft.icon", None, id="icon of bitmaps"),
    ],
)
def test_by_content(data: bytes, media_type: str, raster: tuple[int, int] | None) -> None:
    assert known(data) == Format(media_type, raster)


@pytest.mark.parametrize("size", [0, 1, 17, 18, 100, 5000])
def test_zeros_and_a_header_that_the_size_does_not_bear_out_are_no_tga(size: int) -> None:
    assert known(bytes(size)).media_type != "image/x-tga"
    assert known((saved("TGA")[:18] + bytes(9000))[: max(18, size)]).media_type != "image/x-tga"


@pytest.mark.parametrize(
    "text",
    [b"P2 is where we met at 10 30, see 20 40\n", b"P1 3 4 days", b"PPM\n1 2\n", b"P3\n", b"Prompt 1 2", b"v 0 0 0\n"],
)
def test_words_that_begin_as_a_picture_does_are_words(text: bytes) -> None:
    assert known(text).media_type == "text/plain"


def test_a_drawing_is_known_behind_comments_and_by_its_document_type() -> None:
    comment, entities = b"<!-- made for <b>us</b> -->", b'<!ENTITY a "' + b"x" * 5000 + b'">'
    assert known(comment + b"<svg xmlns='http://www.w3.org/2000/svg'/>").media_type == "image/svg+xml"
    assert known(b"<!DOCTYPE svg [" + entities + b"]><svg/>").media_type == "image/svg+xml"
    assert known(b"<!DOCTYPE l []><xmeml/>").media_type == "application/x-fcp7+xml"
    assert known(b"<!-- saved --><!DOCTYPE HTML><HTML>").media_type == "text/html"
