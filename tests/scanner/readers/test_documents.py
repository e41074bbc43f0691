"""PDF, office documents, drawings, texts and subtitles: what they say of themselves."""

from __future__ import annotations

import io
import os
import zipfile
import zlib
from pathlib import Path

import pikepdf
import pytest

from media.errors import Malformed, MediaError, TooLarge, Unsupported
from media.identify import identify
from scanner.readers.ooxml import OOXML
from scanner.readers.pdf import PDF
from scanner.readers.subtitle import SUBTITLE
from scanner.readers.svg import SVG
from scanner.readers.text import TEXT
from tests.scanner.documents import look, pairs, spoiled

LABEL = '{"Label":"1","ContentProducer":"maker","ProduceID":"7"}'
RDF = (
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
    'xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:CreatorTool="Drawer 2"/></rdf:RDF>'
)
PACKET = f'<x:xmpmeta xmlns:x="adobe:ns:meta/">{RDF}</x:xmpmeta>'.encode()


def pdf(*, packet: bytes = b"", filtered: bool = False, user: str | None = None, attach: bool = False) -> bytes:
    made, out = pikepdf.new(), io.BytesIO()
    made.add_blank_page()
    made.docinfo["/AIGC"] = LABEL
    made.docinfo["/Producer"] = "Writer é"
    if packet:
        stream = made.make_stream(packet)
        if filtered:
            stream.write(zlib.compress(packet), filter=pikepdf.Name.FlateDecode)
        made.Root.Metadata = stream
    if attach:
        made.attachments["c2pa"] = pikepdf.AttachedFileSpec(
            made, b"store", filename="store.c2pa", mime_type="application/c2pa", relationship=pikepdf.Name.C2PA_Manifest
        )
    locked = pikepdf.Encryption(owner="owner", user=user) if user is not None else False
    made.save(out, encryption=locked, fix_metadata_version=False)
    return out.getvalue()


@pytest.mark.parametrize("user", [None, ""], ids=["plain", "empty user password"])
def test_pdf_information(tmp_path: Path, user: str | None) -> None:
    found, fault = look(PDF, pdf(packet=PACKET, user=user, attach=True), tmp_path / "a.pdf")
    assert fault is None
    assert ("Info/AIGC", LABEL) in pairs(found)
    assert ("Info/Producer", "Writer é") in pairs(found)
    assert [said.value for said in found if (said.reader, said.key) == ("xmp", "xmp:CreatorTool")] == ["Drawer 2"]
    (attached,) = [said for said in found if said.key == "attachment"]
    assert attached.value == "store.c2pa"
    assert attached.facts["relationship"] == "C2PA_Manifest"
    assert attached.facts["type"] == "application/c2pa"


@pytest.mark.parametrize(
    ("name", "read"), [(None, True), (pikepdf.Name.Identity, True), (pikepdf.Name.StdCF, False)], ids=str
)
def test_pdf_metadata_that_an_encrypted_document_leaves_plain(tmp_path: Path, name: object, read: bool) -> None:
    made, out = pikepdf.new(), io.BytesIO()
    made.add_blank_page()
    stream = made.make_stream(PACKET)
    stream["/Filter"] = pikepdf.Array([pikepdf.Name("/Crypz")])  # qpdf leaves the true name out
    if name is not None:
        stream["/DecodeParms"] = pikepdf.Array([pikepdf.Dictionary(Name=name)])
    made.Root.Metadata = stream
    made.save(out, fix_metadata_version=False, compress_streams=False)
    data = out.getvalue().replace(b"/Crypz", b"/Crypt")
    found, fault = look(PDF, data, tmp_path / "a.pdf")
    assert ("xmp:CreatorTool" in {said.key for said in found}) == read
    assert isinstance(fault, Unsupported) == (not read)


def test_pdf_that_needs_a_password_is_not_inspected(tmp_path: Path) -> None:
    found, fault = look(PDF, pdf(user="secret"), tmp_path / "a.pdf")
    assert not found
    assert isinstance(fault, Unsupported)
    assert fault.blocking
    assert "encrypted" in str(fault)


def test_pdf_metadata_bomb(tmp_path: Path) -> None:
    found, fault = look(PDF, pdf(packet=b" " * (40 << 20), filtered=True), tmp_path / "a.pdf")
    assert isinstance(fault, TooLarge)
    assert ("Info/AIGC", LABEL) in pairs(found)


def test_pdf_name_tree_that_loops_ends(tmp_path: Path) -> None:
    made, out = pikepdf.new(), io.BytesIO()
    node = made.make_indirect(pikepdf.Dictionary())
    node.Kids = pikepdf.Array([node, node])
    made.Root.Names = pikepdf.Dictionary(EmbeddedFiles=node)
    made.save(out)
    assert look(PDF, out.getvalue(), tmp_path / "a.pdf") == ([], None)


def test_a_damaged_pdf_names_no_path(tmp_path: Path) -> None:
    _, fault = look(PDF, b"%PDF-1.7\nnothing", tmp_path / "a.pdf")
    assert isinstance(fault, Malformed)
    assert str(tmp_path) not in str(fault)


def package(**members: str | bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {"[Content_Types].xml": "<Types/>", "_rels/.rels": "<R/>", **members}.items():
            archive.writestr(name, content)
    return out.getvalue()


CUSTOM = f"""<Properties xmlns:vt="http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes">
<property pid="2" name="AIGC"><vt:lpwstr>{LABEL.replace('"', "&quot;")}</vt:lpwstr></property></Properties>"""


def test_office_properties(tmp_path: Path) -> None:
    app = "<Properties><Application>Typewriter 16</Application><Pages>1</Pages></Properties>"
    data = package(**{"docProps/custom.xml": CUSTOM, "docProps/app.xml": app, "word/document.xml": "<a>words</a>"})
    found, fault = look(OOXML, data, tmp_path / "a.docx")
    assert fault is None
    assert pairs(found) == [("custom/AIGC", LABEL), ("app/Application", "Typewriter 16"), ("app/Pages", "1")]


def test_open_document_and_book(tmp_path: Path) -> None:
    meta = """<m xmlns:meta="urn:oasis:names:tc:opendocument:xmlns:meta:1.0"><meta:generator>Suite 7</meta:generator>
    <meta:user-defined meta:name="AIGC">said</meta:user-defined></m>"""
    found, _ = look(OOXML, package(**{"meta.xml": meta}), tmp_path / "a.odt", "application/vnd.oasis.opendocument")
    assert pairs(found) == [("meta/generator", "Suite 7"), ("meta/AIGC", "said")]
    opf = '<package><metadata><meta property="AIGC">said</meta><meta name="a" content="b"/></metadata></package>'
    found, _ = look(OOXML, package(**{"O/c.opf": opf}), tmp_path / "a.epub", "application/epub+zip")
    assert pairs(found) == [("opf/AIGC", "said"), ("opf/a", "b")]


def test_office_bomb_costs_only_its_part(tmp_path: Path) -> None:
    data = package(**{"docProps/app.xml": b" " * (64 << 20), "docProps/custom.xml": CUSTOM})
    found, fault = look(OOXML, data, tmp_path / "a.docx")
    assert pairs(found) == [("custom/AIGC", LABEL)]
    assert isinstance(fault, TooLarge)


def test_drawing(tmp_path: Path) -> None:
    data = f"""<?xml version="1.0"?><!-- Created with Drawer --><svg xmlns="http://www.w3.org/2000/svg" version="1.1"
    xmlns:i="urn:editor" i:version="1.2"><title>Poster</title><desc>Made of lines</desc>
    <metadata>{RDF}</metadata><g><path d="M0 0"/><title>part</title></g></svg>"""
    found, fault = look(SVG, data.encode(), tmp_path / "a.svg")
    assert fault is None
    assert [(said.reader, said.key, said.value) for said in found] == [
        ("svg", "comment", "Created with Drawer"),
        ("svg", "svg/version", "1.2"),
        ("svg", "title", "Poster"),
        ("svg", "desc", "Made of lines"),
        ("xmp", "xmp:CreatorTool", "Drawer 2"),
        ("svg", "title", "part"),
    ]


def test_drawing_with_a_graph_as_character_data(tmp_path: Path) -> None:
    data = """<svg xmlns="http://www.w3.org/2000/svg"><metadata>
    <![CDATA[{"prompt": {"1": {"class_type": "A<B"}}}]]></metadata><path d="M0 0"/></svg>"""
    found, fault = look(SVG, data.encode(), tmp_path / "a.svg")
    assert fault is None
    assert pairs(found) == [("metadata", '{"prompt": {"1": {"class_type": "A<B"}}}')]


FRONT = """---
title: "Scene 1"
AIGC:
  Label: "1"
  ContentProducer: maker: with colon
tags:
  - one
---
Text by hand.
"""


def test_front_matter(tmp_path: Path) -> None:
    found, fault = look(TEXT, FRONT.encode(), tmp_path / "a.md")
    assert fault is None
    assert pairs(found) == [
        ("front-matter/title", "Scene 1"),
        ("front-matter/AIGC/Label", "1"),
        ("front-matter/AIGC/ContentProducer", "maker: with colon"),
        ("front-matter/tags", "one"),
        ("front-matter/AIGC", '{"Label": "1", "ContentProducer": "maker: with colon"}'),
    ]
    assert found[1].where == "front matter, line 4"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Label: \"1\" # declared", [("Label", "1")]),
        ("Label: 1  # declared", [("Label", "1")]),
        ("Label: 'it''s'", [("Label", "it's")]),
        ('Label: "a \\"b\\" # c"', [("Label", 'a "b" # c')]),
        ('Label: a#b', [("Label", "a#b")]),
        ('Label: |\n  {"Label": "1",\n   "ProduceID": "7"}\nnext: x', [("Label", '{"Label": "1",\n"ProduceID": "7"}'), ("next", "x")]),
        ("Label: >-\n\nnext: x", [("next", "x")]),
        ('Label: {Label: "1", ProduceID: 7}', [("Label", '{Label: "1", ProduceID: 7}')]),
    ],
)  # fmt: skip
def test_front_matter_is_quoted_in_every_way(tmp_path: Path, written: str, said: list[tuple[str, str]]) -> None:
    found, fault = look(TEXT, f"---\n{written}\n---\nwords\n".encode(), tmp_path / "a.md")
    assert fault is None
    assert pairs(found) == [(f"front-matter/{key}", value) for key, value in said]


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("本文由AI生成。" + "字" * 200, ["opening"]),
        ("words " * 50 + "This text was generated by AI.", ["closing"]),
        ("words " * 50 + "the AI knows " + "words " * 50, []),
        ("MAIN TITLE: RAIN " * 20, []),
    ],
)
def test_only_the_edges_of_a_text_are_read(tmp_path: Path, text: str, keys: list[str]) -> None:
    found, _ = look(TEXT, text.encode(), tmp_path / "a.txt")
    assert [said.key for said in found] == keys
    assert all(len(said.value) <= 64 for said in found)


def test_web_page_and_json(tmp_path: Path) -> None:
    page = b'<!DOCTYPE html><html><head><meta name="generator" content="Pager 1"></head></html>'
    assert pairs(look(TEXT, page, tmp_path / "a.html")[0]) == [("meta/generator", "Pager 1")]
    assert pairs(look(TEXT, b'{"AIGC": {"Label": "1"}}', tmp_path / "a.json")[0]) == [("AIGC", '{"Label": "1"}')]
    for broken in (b'{"a":' * 100_000, b'{"a": 1', b"nothing of the kind", b'{"a": 1}\n{"b": \n'):
        found, fault = look(TEXT, broken, tmp_path / "b.json")
        assert (found, type(fault)) == ([], Malformed)
    assert look(TEXT, b'{"a": 1}\n{"AIGC": "x"}\n', tmp_path / "c.json")[0][0].where == "line 2, member AIGC"


TTML = b"""<?xml version="1.0"?><!-- Generated by machine --><tt xmlns="http://www.w3.org/ns/ttml"
xmlns:ttm="http://www.w3.org/ns/ttml#metadata"><head><metadata><ttm:title>EP101</ttm:title>
<ttm:copyright>House</ttm:copyright></metadata></head><body><div><p>never read</p></div></body></tt>"""


def test_timed_text(tmp_path: Path) -> None:
    assert pairs(look(SUBTITLE, TTML, tmp_path / "a.ttml")[0]) == [
        ("comment", "Generated by machine"),
        ("title", "EP101"),
        ("copyright", "House"),
    ]
    vtt = b"WEBVTT - made by Captioner\nKind: captions\n\nNOTE checked by hand\n\n00:00.000 --> 00:01.000\nHello\n"
    assert pairs(look(SUBTITLE, vtt, tmp_path / "a.vtt")[0]) == [
        ("header", "WEBVTT - made by Captioner"),
        ("header", "Kind: captions"),
        ("note", "checked by hand"),
    ]
    srt = b"1\n00:00:00,000 --> 00:00:01,000\nHello\n"
    assert look(SUBTITLE, srt, tmp_path / "a.srt") == ([], None)


@pytest.mark.parametrize(
    ("reader", "data", "media_type"),
    [
        (PDF, pdf(packet=PACKET, attach=True), "application/pdf"),
        (OOXML, package(**{"docProps/custom.xml": CUSTOM}), "application/vnd.openxmlformats"),
        (SVG, f"<svg><title>a</title><metadata>{RDF}</metadata></svg>".encode(), "image/svg+xml"),
        (TEXT, FRONT.encode(), "text/markdown"),
        (SUBTITLE, TTML, "application/ttml+xml"),
    ],
    ids=["pdf", "ooxml", "svg", "text", "ttml"],
)
def test_spoiled_documents_end(tmp_path: Path, reader: object, data: bytes, media_type: str) -> None:
    ends = [look(reader, bad, tmp_path / "x", media_type)[1] for bad in spoiled(data, 100)]
    assert all(fault is None or isinstance(fault, MediaError) for fault in ends)


def test_json_that_is_too_long_to_parse_is_searched_for_the_label(tmp_path: Path) -> None:
    rows = b",".join([b'{"x": 1.25}'] * 500_000)
    assert look(TEXT, b'{"rows": [' + rows + b"]}", tmp_path / "a.json") == ([], None)
    found, fault = look(TEXT, b'{"rows": [' + rows + b'], "AIGC": {"Label": "1"}}', tmp_path / "b.json")
    assert (found, type(fault)) == ([], TooLarge)


def test_pdf_key_that_is_no_utf_8_is_read(tmp_path: Path) -> None:
    made, out = pikepdf.new(), io.BytesIO()
    made.add_blank_page()
    made.docinfo["/KeyXY"] = "words"
    made.docinfo["/AIGC"] = LABEL
    made.save(out, static_id=True)
    found, fault = look(PDF, out.getvalue().replace(b"/KeyXY", b"/Key\xe9\xff"), tmp_path / "a.pdf")
    assert fault is None
    assert {("Info/Keyéÿ", "words"), ("Info/AIGC", LABEL)} <= set(pairs(found))


def _archive(*members: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in members:
            archive.writestr(name, b"<a/>" if name.endswith("ml") else os.urandom(9000))
    return out.getvalue()


@pytest.mark.parametrize(
    ("members", "media_type"),
    [
        (("word/media/a.png", "word/document.xml", "_rels/.rels", "[Content_Types].xml"), "vnd.openxmlformats"),
        (("Pictures/a.png", "content.xml", "META-INF/manifest.xml", "mimetype"), "vnd.oasis.opendocument"),
        (("OEBPS/a.png", "META-INF/container.xml", "mimetype"), "epub+zip"),
        (("a.png", "b/content.xml"), "zip"),
    ],
)
def test_package_is_known_by_its_directory_whatever_comes_first(
    members: tuple[str, ...], media_type: str, tmp_path: Path
) -> None:
    data = _archive(*members)
    for commented in (data, data[:-2] + b"\x05\x00hello"):
        found = identify(io.BytesIO(commented), "a.bin", len(commented))
        assert found.media_type == f"application/{media_type}"
