"""Pictures that are recognised though no reader speaks for them: a record says so, and none is mistaken for another."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

from scanner.identify import Format, identify

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
