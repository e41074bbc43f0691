from __future__ import annotations

import struct
import zlib

import brotli
import pytest

from media.errors import Malformed
from scanner.readers.xmp import XMP
from tests.scanner import stills

PACKET = stills.credit("Agency")
HOME_UUID = stills.box(b"uuid", stills.XMP_UUID + PACKET)
RDF = b"application/rdf+xml"


def riff(form: bytes, code: bytes, payload: bytes) -> bytes:
    body = form + code + struct.pack("<I", len(payload)) + payload + b"\0" * (len(payload) & 1)
    return b"RIFF" + struct.pack("<I", len(body)) + body


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(stills.jpeg(stills.xmp_segment(PACKET)), id="jpeg"),
        pytest.param(stills.jpeg() + stills.jpeg(stills.xmp_segment(PACKET)), id="jpeg-second-image"),
        pytest.param(stills.jxl(stills.box(b"brob", b"xml " + brotli.compress(PACKET))), id="jxl-brotli"),
        pytest.param(stills.png(stills.chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + PACKET)), id="png-iTXt"),
        pytest.param(stills.png(stills.chunk(b"tEXt", b"XML:com.adobe.xmp\0" + PACKET)), id="png-tEXt"),
        pytest.param(
            stills.png(after=(stills.chunk(b"zTXt", b"XML:com.adobe.xmp\0\0" + zlib.compress(PACKET)),)),
            id="png-zTXt-late",
        ),
        pytest.param(stills.png(stills.raw_profile("xmp", PACKET)), id="png-raw-profile"),
        pytest.param(
            stills.png(stills.raw_profile("APP1", b"http://ns.adobe.com/xap/1.0/\0" + PACKET)),
            id="png-raw-profile-APP1",
        ),
        pytest.param(riff(b"WEBP", b"XMP ", PACKET), id="webp"),
        pytest.param(riff(b"WAVE", b"_PMX", PACKET), id="wav"),
        pytest.param(stills.heif((RDF, PACKET)), id="heif"),
        pytest.param(stills.heif((RDF, PACKET), idat=True, brand=b"avif"), id="avif-idat"),
        pytest.param(stills.heif(behind=HOME_UUID), id="heif-uuid"),
        pytest.param(stills.tiff([(0x02BC, 1, PACKET)]), id="tiff"),
        pytest.param(stills.psd(stills.resource(1060, PACKET)), id="psd"),
        pytest.param(stills.jxl(stills.box(b"xml ", PACKET)), id="jxl"),
        pytest.param(stills.gif(stills.gif_xmp(PACKET)), id="gif"),
        pytest.param(stills.jp2(HOME_UUID), id="jp2"),
        pytest.param(stills.box(b"ftyp", b"isom\0\0\0\0isom") + HOME_UUID, id="mp4-uuid"),
        pytest.param(
            stills.box(b"ftyp", b"qt  \0\0\0\0qt  ")
            + stills.box(b"moov", stills.box(b"udta", stills.box(b"XMP_", PACKET))),
            id="mov-udta",
        ),
        pytest.param(PACKET, id="a-file-of-its-own"),
    ],
)
def test_every_home(tmp_path, data):
    found = stills.said(tmp_path / "f", data, XMP)
    assert [(e.key, e.value) for e in found] == [("photoshop:Credit", "Agency")]


def test_sidecar_speaks_for_the_asset(tmp_path):
    sidecar = tmp_path / "shot.xmp"
    sidecar.write_bytes(PACKET)
    (tmp_path / "shot.c2pa").write_bytes(b"not xmp")
    opened = stills.medium(tmp_path / "shot.jpg", stills.jpeg(), sidecars=(sidecar, tmp_path / "shot.c2pa"))
    (found,) = XMP.read(opened)
    assert (found.key, found.where) == ("photoshop:Credit", "sidecar shot.xmp, photoshop:Credit")


GUID = b"0123456789ABCDEF0123456789ABCDEF"
MAIN = stills.xmp(
    f'<rdf:Description xmpNote:HasExtendedXMP="{GUID.decode()}" photoshop:Source="main"/>',
    xmpNote="http://ns.adobe.com/xmp/note/",
)
EXTENSION = stills.credit("Agency").split(b"?>", 1)[1].split(b"<?xpacket")[0]


def extended(*pieces: tuple[bytes, int, bytes]) -> bytes:
    parts = [stills.extended_segment(guid, len(EXTENSION), at, data) for guid, at, data in pieces]
    return stills.jpeg(stills.xmp_segment(MAIN), *parts)


def test_extended_xmp_is_joined_by_offset(tmp_path):
    data = extended((GUID, 50, EXTENSION[50:]), (b"F" * 32, 0, b"<other>"), (GUID, 0, EXTENSION[:50]))
    found = stills.said(tmp_path / "f.jpg", data, XMP)
    assert [(e.key, e.value) for e in found] == [("photoshop:Source", "main"), ("photoshop:Credit", "Agency")]


def test_missing_piece_is_malformed_after_what_is_there(tmp_path):
    half = EXTENSION.index(b"Agency") + 8
    opened = stills.medium(tmp_path / "f.jpg", extended((GUID, 0, EXTENSION[:half])))
    found, fault = stills.until_fault(XMP.read(opened))
    assert [(e.key, e.value) for e in found] == [("photoshop:Source", "main"), ("photoshop:Credit", "Agency")]
    assert isinstance(fault, Malformed)


def test_extension_that_the_packet_does_not_name_is_not_the_files_statement(tmp_path):
    data = extended((b"F" * 32, 0, EXTENSION))
    assert [e.key for e in stills.said(tmp_path / "f.jpg", data, XMP)] == ["photoshop:Source"]


def test_broken_packet_does_not_hide_the_next(tmp_path):
    broken = stills.xmp_segment(PACKET.replace(b"</rdf:RDF>", b""))
    opened = stills.medium(tmp_path / "f.jpg", stills.jpeg(broken, stills.xmp_segment(stills.credit("Second"))))
    found, fault = stills.until_fault(XMP.read(opened))
    assert [e.value for e in found] == ["Agency", "Second"]
    assert isinstance(fault, Malformed)


@pytest.mark.parametrize("head", [b"II*\0", b"MM\0*", b"Exif\0\0II*\0"], ids=["II", "MM", "Exif"])
def test_a_raw_profile_of_exif_is_no_packet(tmp_path, head):
    opened = stills.medium(tmp_path / "f.png", stills.png(stills.raw_profile("APP1", head + bytes(20))))
    assert stills.until_fault(XMP.read(opened)) == ([], None)


def test_what_lies_behind_a_raw_profile_is_none_of_it(tmp_path):
    packet = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"></x:xmpmeta>'
    text = b"\nxmp\n      %d\n%b\n" % (len(packet), packet.hex().encode()) + b"\x02stray\xff"
    chunk = stills.chunk(b"zTXt", b"Raw profile type xmp\0\0" + zlib.compress(text))
    opened = stills.medium(tmp_path / "f.png", stills.png(chunk))
    assert stills.until_fault(XMP.read(opened))[1] is None
