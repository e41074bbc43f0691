from __future__ import annotations

import io
import struct

import brotli
import pytest

from media.containers import jp2, jxl, raw
from media.containers.part import Part
from media.errors import Malformed, TooLarge, Unsupported
from tests.scanner import stills


def named(walker, data: bytes) -> dict[str, bytes]:
    return {part.name: data[part.offset :][: part.size] for part in walker(io.BytesIO(data), len(data))}


def test_jxl_boxes_and_compressed_boxes():
    found = named(jxl.walk, stills.jxl(stills.box(b"xml ", b"<x/>"), stills.box(b"brob", b"Exifsqueezed")))
    assert found["xml "] == b"<x/>"
    assert found["brob/Exif"] == b"squeezed"


def test_a_packed_box_that_inflates_without_end_is_refused():
    bomb = brotli.compress(bytes(8 << 20))
    assert len(bomb) < 1000
    with pytest.raises(TooLarge):
        jxl.unpacked(Part("brob/xml ", 0, len(bomb)), bomb, 1 << 20)


@pytest.mark.parametrize("cut", range(0, 60, 7))
def test_a_packed_box_cut_anywhere_is_malformed(cut):
    squeezed = brotli.compress(bytes(range(256)) * 4)
    with pytest.raises(Malformed):
        jxl.unpacked(Part("brob/Exif", 0, cut), squeezed[:cut], 1 << 20)


def test_bare_jxl_codestream_has_no_parts():
    assert named(jxl.walk, stills.JXL_STREAM) == {}


def test_jp2_boxes_and_codestream_comment():
    data = stills.jp2(stills.box(b"uuid", stills.XMP_UUID + b"<x/>"), comment=b"Encoder 1.0")
    found = named(jp2.walk, data)
    assert found["uuid:BE7ACFCB97A942E89C71999491E3AFAC"] == b"<x/>"
    assert found["COM"] == b"Encoder 1.0"
    stream = found["jp2c"]
    assert named(jp2.walk, stream) == {"COM": b"Encoder 1.0"}


def test_jp2_codestream_of_rubbish_is_malformed():
    with pytest.raises(Malformed):
        named(jp2.walk, b"\xff\x4frubbish in place of markers")


def test_raw_files_give_the_parts_of_what_is_inside():
    inner = stills.jpeg(stills.segment(0xE1, b"inside"))
    places = struct.pack(">6I", 108, len(inner), 108, 1, 108, 1)
    fuji = b"FUJIFILMCCD-RAW ".ljust(84, b"\0") + places + inner
    assert named(raw.walk, fuji)["APP1"] == b"inside"
    canon = bytes.fromhex("85c0b687820f11e08111f4ce462b6a48") + stills.box(b"CMT1", b"II*\0")
    cr3 = stills.box(b"ftyp", b"crx ") + stills.box(b"moov", stills.box(b"uuid", canon)) + stills.box(b"mdat", b"raw")
    assert named(raw.walk, cr3)["CMT1"] == b"II*\0"
    picture = [(0x010F, 2, b"Maker\0"), (0x0111, 4, struct.pack("<I", 8)), (0x0117, 4, struct.pack("<I", 4))]
    assert named(raw.walk, stills.tiff(picture))["IFD0/0x010F"] == b"Maker\0"
    with pytest.raises(Unsupported):
        named(raw.walk, b"FOVb a format of its own")
