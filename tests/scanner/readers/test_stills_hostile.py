"""Every still format, cut and flipped anywhere: no reader raises but a `MediaError`, and none invents statements."""

from __future__ import annotations

import pytest

from scanner.readers import exif, iptc, jpeg_app, png_text, sef, xmp
from tests.scanner import stills

READERS = (exif.EXIF, iptc.IPTC, jpeg_app.JPEG_APP, png_text.PNG_TEXT, sef.SEF, xmp.XMP)
BLOCK = stills.tiff([(0x0131, 2, b"Tool 1\0\0")], [(0x9286, 7, b"UNICODE\0" + "words".encode("utf-16-be"))])
PACKET = stills.credit("Agency")
IIM = stills.resource(1028, stills.iim((2, 110, b"Agency")))
TRAILER = stills.sef((0x0D91, "PEg_Info", b"{}"))
SAMPLES = {
    "jpeg": stills.jpeg(
        stills.exif_segment(BLOCK),
        stills.xmp_segment(PACKET),
        stills.segment(0xED, b"Photoshop 3.0\0" + IIM),
        stills.segment(0xFE, b"comment"),
        behind=TRAILER,
    ),
    "png": stills.png(
        stills.raw_profile("exif", b"Exif\0\0" + BLOCK),
        stills.raw_profile("iptc", IIM),
        stills.chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + PACKET),
        behind=TRAILER,
    ),
    "tiff": stills.tiff([(0x02BC, 1, PACKET), (0x83BB, 7, IIM), (0x010F, 2, b"Maker\0")], [(0x9286, 7, b"words")]),
    "psd": stills.psd(stills.resource(1058, BLOCK), stills.resource(1060, PACKET), IIM),
    "heif": stills.heif((b"Exif", BLOCK), (b"application/rdf+xml", PACKET)),
    "jxl": stills.jxl(stills.box(b"Exif", bytes(4) + BLOCK), stills.box(b"xml ", PACKET)),
    "jp2": stills.jp2(stills.box(b"uuid", stills.XMP_UUID + PACKET), comment=b"Encoder"),
    "gif": stills.gif(stills.gif_comment(b"words"), stills.gif_xmp(PACKET)),
}
TYPES = {
    **{name: f"image/{name}" for name in SAMPLES},
    "psd": "image/vnd.adobe.photoshop",
}


def _told(path, data, media_type=""):
    opened = stills.medium(path, data, media_type=media_type)
    found = []
    for reader in READERS:
        if opened.media_type in reader.media_types:
            found += [(e.reader, e.key, e.value) for e in stills.until_fault(reader.read(opened))[0]]
    opened.close()
    return found


@pytest.mark.parametrize("name", SAMPLES)
def test_whole_sample_speaks_through_several_readers(tmp_path, name):
    assert len({reader for reader, _, _ in _told(tmp_path / "f", SAMPLES[name])}) >= 2


@pytest.mark.parametrize("name", SAMPLES)
def test_cut_anywhere(tmp_path, name):
    data = SAMPLES[name]
    whole = len(_told(tmp_path / "f", data, TYPES[name]))
    for at in range(0, len(data), 5):
        assert len(_told(tmp_path / "f", data[:at], TYPES[name])) <= whole + 1


@pytest.mark.parametrize("name", SAMPLES)
def test_flipped_anywhere(tmp_path, name):
    data = SAMPLES[name]
    for at in range(0, len(data), 5):
        mutant = data[:at] + bytes([data[at] ^ (1 << at % 8)]) + data[at + 1 :]
        assert len(_told(tmp_path / "f", mutant, TYPES[name])) < 400
