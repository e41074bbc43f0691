"""XML of any schema: where statements may stand in it, and how much of a long document is kept."""

from __future__ import annotations

from pathlib import Path

from scanner.discover.discover import discover
from scanner.examine.examine import ExamineSettings, examine
from scanner.judge.rules import Engine, load_rules
from scanner.model import Examination

TERM = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"


def examined(path: Path, text: str) -> Examination:
    path.write_text(text, "utf-8")
    (asset,) = discover([path])
    return examine(asset, ExamineSettings())


def stated(seen: Examination) -> list[tuple[str, str, str]]:
    return [(said.reader, said.key, said.value) for said in seen.evidence]


def test_elements_attributes_comments_and_instructions_are_statements(tmp_path: Path) -> None:
    seen = examined(
        tmp_path / "clip.xml",
        '<?xml version="1.0"?><!-- by hand --><?house reel R1?><c:Clip xmlns:c="urn:c"><Name take="two" n="2">A</Name>'
        "<Rate>24</Rate></c:Clip>",
    )
    assert stated(seen) == [
        ("xml", "comment", "by hand"),
        ("xml", "pi/house", "reel R1"),
        ("xml", "Clip/Name", "A"),
        ("xml", "Clip/Name/@take", "two"),
        ("xml", "Clip/Rate", "24"),
    ]
    assert not seen.problems


def test_source_type_in_any_schema_is_found(tmp_path: Path) -> None:
    for number, text in enumerate((f"<a><b>{TERM}</b></a>", f'<a><b link="{TERM}"/></a>')):
        seen = examined(tmp_path / f"{number}.xml", text)
        (finding,) = Engine(load_rules()).detect(seen.evidence).findings
        assert finding.claim == "generated"


def test_declaration_at_the_end_of_a_long_document_is_found(tmp_path: Path) -> None:
    rows = "".join(f"<row><value>{number}</value></row>" for number in range(20_000))
    seen = examined(tmp_path / "long.xml", f"<a>{rows}<type>{TERM}</type></a>")
    assert len(seen.evidence) == 401
    assert [finding.claim for finding in Engine(load_rules()).detect(seen.evidence).findings] == ["generated"]


def test_rdf_inside_is_read_as_xmp(tmp_path: Path) -> None:
    rdf = (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:i="http://iptc.org/std/Iptc4xmpExt/2008-02-29/">'
        f"<rdf:Description><i:DigitalSourceType>{TERM}</i:DigitalSourceType></rdf:Description></rdf:RDF>"
    )
    seen = examined(tmp_path / "clip.xml", f"<Clip><Meta>{rdf}</Meta><Name>A</Name></Clip>")
    assert stated(seen) == [("xmp", "Iptc4xmpExt:DigitalSourceType", TERM), ("xml", "Clip/Name", "A")]


def test_dash_manifest_is_read(tmp_path: Path) -> None:
    seen = examined(
        tmp_path / "ep.mpd",
        '<MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><ProgramInformation><Title>EP101</Title></ProgramInformation></MPD>',
    )
    assert ("xml", "MPD/ProgramInformation/Title", "EP101") in stated(seen)
    assert not seen.problems


def test_broken_xml_is_not_inspected(tmp_path: Path) -> None:
    seen = examined(tmp_path / "cut.xml", "<Clip><Name>A</Name><Rate>")
    assert [(problem.code, problem.blocking) for problem in seen.problems] == [("malformed", True)]
    assert ("xml", "Clip/Name", "A") in stated(seen)
