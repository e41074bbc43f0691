"""A list, timeline or sidecar says the same in every Unicode encoding, with and without a byte order mark."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest

from scanner.readers.interface import Reader
from scanner.readers.package import PACKAGE
from scanner.readers.subtitle import SUBTITLE
from scanner.readers.text import TEXT
from scanner.readers.timeline import TIMELINE
from scanner.readers.xmp import XMP
from tests.scanner.documents import look, pairs
from tests.scanner.readers import test_package, test_timeline
from tests.scanner.stills import medium

DECLARED = '<?xml version="1.0" encoding="UTF-16"?>'
XMP_PACKET = """<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:CreatorTool="Firefly é"/></rdf:RDF></x:xmpmeta>"""
TTML = """<tt xmlns="http://www.w3.org/ns/ttml" xmlns:ttm="http://www.w3.org/ns/ttml#metadata"><head><metadata>
<ttm:title>Überfahrt</ttm:title></metadata></head><body/></tt>"""
MHL1 = """<hashlist version="1.1"><creatorinfo><name>é</name></creatorinfo>
<hash><file>a.mov</file><size>5</size><md5>0cc175b9c0f1b6a831c399e269772661</md5></hash></hashlist>"""
FORMS = [
    pytest.param(PACKAGE, "a.mhl", MHL1, id="MHL"),
    pytest.param(PACKAGE, "a.mhl", DECLARED + MHL1, id="MHL with a declaration"),
    pytest.param(PACKAGE, "0001.mhl", test_package.MHL.decode(), id="ASC MHL"),
    pytest.param(PACKAGE, "CPL.xml", test_package.IMF.decode(), id="CPL"),
    pytest.param(PACKAGE, "list.md5", "0cc175b9c0f1b6a831c399e269772661  é.mov\r\n", id="checksums"),
    pytest.param(TIMELINE, "a.edl", test_timeline.EDL.decode(), id="EDL"),
    pytest.param(TIMELINE, "a.ale", test_timeline.ALE.decode(), id="ALE"),
    pytest.param(TIMELINE, "a.xml", test_timeline.XMEML.decode(), id="xmeml"),
    pytest.param(TIMELINE, "a.fcpxml", test_timeline.FCPXML.decode(), id="FCPXML"),
    pytest.param(TIMELINE, "a.otio", test_timeline.OTIO.decode(), id="OTIO"),
    pytest.param(SUBTITLE, "a.ttml", TTML, id="TTML"),
    pytest.param(SUBTITLE, "a.vtt", "WEBVTT\n\nNOTE made by é\n\n00:00.000 --> 00:01.000\nhello\n", id="WebVTT"),
    pytest.param(XMP, "a.xmp", XMP_PACKET, id="XMP sidecar"),
    pytest.param(XMP, "a.xmp", f"{DECLARED}\n{XMP_PACKET}", id="XMP sidecar with a declaration"),
    pytest.param(TEXT, "a.csv", "shot;note\r\n010;é\r\n" * 900 + "AI-generated", id="CSV"),
]


@pytest.mark.parametrize("mark", [True, False], ids=["marked", "unmarked"])
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize(("reader", "name", "text"), FORMS)
def test_the_encoding_changes_nothing(
    tmp_path: Path, reader: Reader, name: str, text: str, encoding: str, mark: bool
) -> None:
    (tmp_path / "plain").mkdir()
    plain, fault = look(reader, text.replace(' encoding="UTF-16"', "").encode(), tmp_path / "plain" / name)
    assert plain
    assert fault is None
    wide, fault = look(reader, ("\ufeff" * mark + text).encode(encoding), tmp_path / name)
    assert fault is None
    assert pairs(wide) == pairs(plain)
    assert [said.facts for said in wide] == [said.facts for said in plain]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-32-be"])
def test_a_sidecar_beside_a_picture(tmp_path: Path, encoding: str) -> None:
    sidecar = tmp_path / "shot.xmp"
    sidecar.write_bytes(XMP_PACKET.encode(encoding))
    opened = medium(tmp_path / "shot.psd", b"8BPS", media_type="image/vnd.adobe.photoshop", sidecars=(sidecar,))
    found = list(XMP.read(opened))
    opened.close()
    assert ("xmp:CreatorTool", "Firefly é") in pairs(found)


def test_a_declaration_that_a_conversion_left_behind_is_not_believed(tmp_path: Path) -> None:
    text = '<?xml version="1.0" encoding="UTF-8"?>' + MHL1
    found, fault = look(PACKAGE, codecs.BOM_UTF16_LE + text.encode("utf-16-le"), tmp_path / "a.mhl")
    assert fault is None
    assert ("name", "é") in pairs(found)
