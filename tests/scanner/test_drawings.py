"""Drawings: markers are read in them; what holds no picture is not compared, what holds one and was not is said."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from PIL import Image

from scanner.config import Config
from scanner.discover.discover import discover
from scanner.examinations import HeldExaminations, read_once
from scanner.examine.examine import ExamineSettings, examine
from scanner.examine.store import Store
from scanner.judge.rules import Engine, load_rules
from scanner.progress import Silent
from scanner.provenance import _not_compared
from scanner.readers.xmp import XMP
from scanner.recognise.recognise import ContentNotes, recognise
from scanner.recognise.references import ReferenceChoice
from scanner.settings import Origins
from tests.scanner.documents import look, pairs

PACKET = b"""<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""
xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:CreatorTool="Drawer 2"/></rdf:RDF></x:xmpmeta><?xpacket end="w"?>"""
PROGRAM = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%begin_xml_packet: 1\n" + PACKET + b"\nshowpage\n%%EOF\n"


def with_preview(program: bytes, *, length: int | None = None) -> bytes:
    reach = len(program) if length is None else length
    return b"\xc5\xd0\xd3\xc6" + struct.pack("<6IH", 30, reach, 0, 0, 30 + len(program), 4, 0xFFFF) + program + b"II*\0"


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(PROGRAM, id="EPS"),
        pytest.param(PROGRAM.replace(b"\n", b"\r"), id="EPS of old Macs"),
        pytest.param(b"\x04" + PROGRAM, id="for a printer"),
        pytest.param(with_preview(PROGRAM), id="with a preview"),
        pytest.param(b"%!PS\n" + b"0 " * 524_270 + PROGRAM, id="across two blocks"),
        pytest.param(PROGRAM[: PROGRAM.index(b"<?xpacket end")], id="packet without an end"),
    ],
)
def test_the_packet_of_a_program_is_read(tmp_path: Path, data: bytes) -> None:
    found, fault = look(XMP, data, tmp_path / "a.eps")
    assert fault is None
    assert pairs(found) == [("xmp:CreatorTool", "Drawer 2")]


def test_every_packet_is_read_and_a_program_that_is_cut_is_said(tmp_path: Path) -> None:
    assert len(look(XMP, PROGRAM + PROGRAM, tmp_path / "a.eps")[0]) == 2
    path = tmp_path / "EP/b.eps"
    path.parent.mkdir()
    path.write_bytes(with_preview(PROGRAM, length=9999))
    (asset,) = discover([path.parent])
    seen = examine(asset, ExamineSettings())
    assert [said.key for said in seen.evidence] == ["xmp:CreatorTool"]
    assert [(one.by, one.blocking) for one in seen.problems] == [("structure", True)]


def test_only_a_drawing_with_a_picture_in_it_is_missed_when_pictures_are_compared(tmp_path: Path) -> None:
    root = tmp_path / "EP"
    for folder in ("Artwork", "Temp"):
        (root / folder).mkdir(parents=True)
    Image.effect_noise((200, 150), 60).save(root / "Temp/temp.png")
    svg = "<svg xmlns='http://www.w3.org/2000/svg' xmlns:l='http://www.w3.org/1999/xlink'><title>t</title>{}</svg>"
    (root / "Artwork/line.svg").write_text(svg.format("<path d='M0 0'/><image/>"))
    (root / "Artwork/old.svg").write_text(svg.format("<g><image l:href='data:image/png;base64,AAAA'/></g>"))
    (root / "Artwork/new.svg").write_text(svg.format("<defs><image href='a.png'/><image href='b.png'/></defs>"))
    (root / "Artwork/logo.eps").write_bytes(PROGRAM)
    seen = [examine(asset, ExamineSettings()) for asset in discover([root])]
    assert [said.value for one in seen for said in one.evidence if said.key == "image"] == [
        "a.png",
        "data:image/png;base64,AAAA",
    ]
    with Store.open(None) as store:
        config = Config(executor="serial")
        held = HeldExaminations(seen)
        choice, looks = ReferenceChoice(Engine(load_rules())), ContentNotes()
        read_once(held, [choice, looks])
        found = recognise(held, choice.references(), looks, config, store, Silent())
        missed = {one.asset.path for one, _ in found.pairs() if one.problems}
    assert missed == {"Artwork/new.svg", "Artwork/old.svg"}
    assert any("vector drawings without a picture" in said for said in _not_compared(config, Origins()))
