from __future__ import annotations

import pytest

from media.errors import Malformed
from scanner.readers.xmp_packet import parse
from tests.scanner import stills

DST = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
TC260 = "http://www.tc260.org.cn/ns/AIGC/1.0/"
BARE = stills.credit("Agency").split(b"?>", 1)[1].split(b"<?xpacket")[0]
"""The same without its wrapper."""


def told(packet: bytes) -> list[tuple[str, str]]:
    return [(found.path, found.value) for found in parse(packet)]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param(
            f'<rdf:Description Iptc4xmpExt:DigitalSourceType="{DST}"/>',
            ("Iptc4xmpExt:DigitalSourceType", DST),
            id="attribute",
        ),
        pytest.param(
            f"<rdf:Description><Iptc4xmpExt:DigitalSourceType>\n{DST}\n</Iptc4xmpExt:DigitalSourceType></rdf:Description>",
            ("Iptc4xmpExt:DigitalSourceType", DST),
            id="element",
        ),
        pytest.param(
            f'<rdf:Description><Iptc4xmpExt:DigitalSourceType rdf:resource="{DST}"/></rdf:Description>',
            ("Iptc4xmpExt:DigitalSourceType", DST),
            id="resource",
        ),
        pytest.param(
            f"<rdf:Description><Iptc4xmpExt:DigitalSourceFileType>{DST}</Iptc4xmpExt:DigitalSourceFileType></rdf:Description>",
            ("Iptc4xmpExt:DigitalSourceFileType", DST),
            id="deprecated-twin",
        ),
        pytest.param(
            '<rdf:Description><dc:description><rdf:Alt><rdf:li xml:lang="x-default">words</rdf:li></rdf:Alt>'
            "</dc:description></rdf:Description>",
            ("dc:description", "words"),
            id="language-alternative",
        ),
        pytest.param(
            '<rdf:Description xmlns:c="http://purl.org/dc/terms/" c:provenance="https://a.example/m"/>',
            ("dcterms:provenance", "https://a.example/m"),
            id="other-prefix",
        ),
        pytest.param(
            f'<rdf:Description xmlns:T="{TC260}" T:AIGC="{{&quot;Label&quot;:&quot;1&quot;}}"/>',
            ("TC260:AIGC", '{"Label":"1"}'),
            id="chinese-label-attribute",
        ),
        pytest.param(
            f'<rdf:Description xmlns:T="{TC260}"><T:AIGC>{{"Label":"1"}}</T:AIGC></rdf:Description>',
            ("TC260:AIGC", '{"Label":"1"}'),
            id="chinese-label-element",
        ),
        pytest.param(
            '<rdf:Description xmlns:e="http://ns.adobe.com/exif/1.0/"><e:UserComment><rdf:Alt>'
            '<rdf:li xml:lang="x-default">{"c":"x"}</rdf:li></rdf:Alt></e:UserComment></rdf:Description>',
            ("exif:UserComment", '{"c":"x"}'),
            id="exif-user-comment",
        ),
        pytest.param(
            '<rdf:Description><photoshop:Credit rdf:parseType="Resource"><rdf:value>Agency</rdf:value>'
            "</photoshop:Credit></rdf:Description>",
            ("photoshop:Credit", "Agency"),
            id="qualified-value",
        ),
    ],
)
def test_forms(body, expected):
    assert expected in told(stills.xmp(body))


def test_nested_arrays_keep_their_places_in_where_only():
    mm = "http://ns.adobe.com/xap/1.0/mm/"
    event = "http://ns.adobe.com/xap/1.0/sType/ResourceEvent#"
    body = (
        f'<rdf:Description xmlns:m="{mm}" xmlns:s="{event}"><m:History><rdf:Seq>'
        '<rdf:li s:softwareAgent="First"/>'
        '<rdf:li rdf:parseType="Resource"><s:softwareAgent>Second</s:softwareAgent></rdf:li>'
        "<rdf:li><rdf:Description><s:softwareAgent>Third</s:softwareAgent></rdf:Description></rdf:li>"
        "</rdf:Seq></m:History></rdf:Description>"
    )
    found = list(parse(stills.xmp(body)))
    assert [p.value for p in found] == ["First", "Second", "Third"]
    assert {p.path for p in found} == {"xmpMM:History/stEvt:softwareAgent"}
    assert [p.where for p in found] == [f"xmpMM:History[{n}]/stEvt:softwareAgent" for n in (1, 2, 3)]


def test_several_descriptions_are_all_read():
    body = '<rdf:Description photoshop:Credit="one"/><rdf:Description photoshop:Credit="two"/>'
    assert told(stills.xmp(body)) == [("photoshop:Credit", "one"), ("photoshop:Credit", "two")]


def test_settings_and_measurements_are_left_out():
    body = (
        '<rdf:Description xmlns:crs="http://ns.adobe.com/camera-raw-settings/1.0/" crs:Exposure2012="+0.50" '
        'xmlns:exif="http://ns.adobe.com/exif/1.0/" exif:FNumber="28/10" exif:GPSLatitude="1,2N" '
        'xmp:CreatorTool="Tool 1"/>'
    )
    assert told(stills.xmp(body)) == [("xmp:CreatorTool", "Tool 1")]


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be"])
def test_wide_packets(codec):
    packet = stills.credit("Agency").decode().replace("\ufeff", "").encode(codec)
    assert told(packet) == [("photoshop:Credit", "Agency")]


@pytest.mark.parametrize(
    "packet",
    [
        pytest.param(stills.credit("Agency") + b" " * 2000 + b"\0", id="padding"),
        pytest.param(b"\0\0" + stills.credit("Agency"), id="leading-nuls"),
        pytest.param(BARE, id="no-wrapper"),
        pytest.param(stills.credit("Agency") + b"\x01" + bytes(range(255, -1, -1)), id="gif-trailer"),
    ],
)
def test_wrappers_and_padding(packet):
    assert told(packet) == [("photoshop:Credit", "Agency")]


@pytest.mark.parametrize(
    "packet",
    [
        pytest.param(stills.credit("Agency").replace(b"</rdf:RDF>", b""), id="unclosed"),
        pytest.param(stills.credit("Agency &amp; Sons").replace(b"&amp;", b"&"), id="bare-ampersand"),
        pytest.param(b"<!DOCTYPE x [<!ENTITY a 'aaaa'>]>" + BARE, id="doctype"),
        pytest.param(stills.credit("Agency").replace(b'"Agency"', b'"Agency" dc:x="\xff\xfe"'), id="not-utf-8"),
        pytest.param(b"<a>" * 10_000 + BARE + b"</a>" * 10_000, id="10,000-deep"),
    ],
)
def test_broken_packets_still_tell_and_are_malformed(packet):
    found, fault = stills.until_fault(parse(packet))
    assert isinstance(fault, Malformed)
    assert any(p.path == "photoshop:Credit" and p.value.startswith("Agency") for p in found)


def test_salvage_of_elements_and_resources():
    body = (
        f'<rdf:Description><Iptc4xmpExt:DigitalSourceType rdf:resource="{DST}"/><dc:description><rdf:Alt>'
        '<rdf:li xml:lang="x-default">it &amp; that</rdf:li></rdf:Alt></dc:description></rdf:Description><open>'
    )
    found, _ = stills.until_fault(parse(stills.xmp(body)))
    assert [(p.path, p.value) for p in found] == [
        ("Iptc4xmpExt:DigitalSourceType", DST),
        ("dc:description", "it & that"),
    ]


@pytest.mark.parametrize(
    "packet",
    [
        pytest.param(b"<" + b"x" * 3_000_000, id="one-word"),
        pytest.param(b"<" + b"a:Credit='" * 300_000, id="open-attributes"),
        pytest.param(b"<" + b"<a:Credit " * 300_000, id="open-elements"),
        pytest.param(b"<" + b"<a:Credit><rdf:li " * 200_000, id="open-items"),
        pytest.param(b"<x>" + b" " * 3_000_000 + b"<", id="blank"),
    ],
)
def test_rubbish_ends(packet):
    stills.until_fault(parse(packet + b">"))


def test_nothing_is_fetched_or_expanded(tmp_path):
    (tmp_path / "secret").write_text("secret words")
    entity = f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{tmp_path}/secret">]>'.encode()
    packet = entity + BARE.replace(b'"Agency"/>', b'"X"><dc:source>&e;</dc:source></rdf:Description>')
    found, fault = stills.until_fault(parse(packet))
    assert [p.value for p in found] == ["X"]
    assert isinstance(fault, Malformed)
    assert not any("secret words" in p.value for p in found)
