"""The EBU QC report against the data model, the best practice guidance and, where it is at hand, the schema itself."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

import pytest
from lxml import etree

from scanner.judge.policy import load_policy
from scanner.model import Outcome, Record
from scanner.records.summary import Summary, tally
from scanner.reports.ebu_qc import EbuQcReport
from tests.scanner.reports import handmade
from tests.scanner.reports.ebu_model import NAMESPACE, faults
from tests.scanner.reports.handmade import RECORDS, stopped, summed

N = {"q": NAMESPACE, "p": "urn:x-provscan:ebu-qc:1"}
LONGER = tuple(stopped(f"art/{number}.png", number) for number in range(12))
CASES = {"all cases": RECORDS, "empty": (), "one kind": LONGER, "passes": (RECORDS[0], RECORDS[6])}


def document(records: tuple[Record, ...] = RECORDS, summary: Summary | None = None) -> bytes:
    return "".join(EbuQcReport().render(summary or summed(records), lambda: records)).encode()


def report(records: tuple[Record, ...] = RECORDS, summary: Summary | None = None) -> etree._Element:
    return etree.fromstring(document(records, summary))


def texts(tree: etree._Element, path: str) -> list[str]:
    return [str(found.text) for found in tree.iterfind(path, N)]


@pytest.mark.parametrize("records", CASES.values(), ids=CASES)
def test_it_is_of_the_data_model(records: tuple[Record, ...]) -> None:
    assert faults(document(records)) == []


@pytest.mark.skipif("EBU_QC_XSD" not in os.environ, reason="EBU_QC_XSD does not name the schema of ebu/qc")
@pytest.mark.parametrize("records", CASES.values(), ids=CASES)
def test_it_is_of_the_schema(records: tuple[Record, ...]) -> None:
    etree.XMLSchema(etree.parse(Path(os.environ["EBU_QC_XSD"]))).assertValid(report(records))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (b"CheckResult>", b"Checked>", "does not hold"),
        (b"<Severity>3</Severity>", b"<Severity>high</Severity>", "Severity holds 'high'"),
        (b"<EBUQCVersion>1.0<", b"<EBUQCVersion>1<", "EBUQCVersion holds '1'"),
        (b"<SpatialRegion>percent:0,12,100,76<", b"<SpatialRegion>percent:0,12.5,100,75<", "SpatialRegion"),
        (b"<Value>false</Value>", b"<Value>false</Value><Name>x</Name>", "does not hold"),
        (b"urn:uuid:", b"uuid:", "ReportId holds"),
    ],
)
def test_the_model_catches_what_is_wrong(old: bytes, new: bytes, said: str) -> None:
    whole = document()
    assert old in whole
    assert any(said in fault for fault in faults(whole.replace(old, new)))


@pytest.mark.parametrize("records", CASES.values(), ids=CASES)
def test_it_follows_the_best_practice(records: tuple[Record, ...]) -> None:
    tree = report(records)
    key = ("q:EBUQCID", "q:InstanceId", "q:EBUQCVersion")
    items = [tuple(item.findtext(name, namespaces=N) for name in key) for item in tree.iterfind(".//q:Item", N)]
    results = [tuple(it.findtext(name, namespaces=N) for name in key) for it in tree.iterfind(".//q:ItemResult", N)]
    assert items == results
    assert len(set(items)) == len(items)
    assert "check" in texts(tree, ".//q:UsedAs")
    assert len(tree.findall("q:ToolInformation", N)) == 1
    assert len(tree.find("q:Profile/q:ItemDefinitions", N)) == 0
    content = [etree.tostring(found, method="c14n") for found in tree.iterfind(".//q:ContentId", N)]
    assert content == content[:1] * 2
    verdicts = texts(tree, ".//q:ItemResult/q:CheckResult")
    assert texts(tree, "q:CheckResult") == ["true" if set(verdicts) == {"true"} else "false"]
    for item, result in zip(tree.iterfind(".//q:Item", N), tree.iterfind(".//q:ItemResult", N), strict=True):
        checks = item.findtext("q:UsedAs", namespaces=N) == "check"
        said = result.find("q:Outputs/q:Output[q:Name='CheckResult']/q:Value", N)
        assert (result.find("q:CheckResult", N) is not None) == checks == (said is not None)


def test_a_delivery_passes_exactly_where_nothing_is_an_issue() -> None:
    assert texts(report(CASES["passes"]), "q:CheckResult") == ["true"]
    assert texts(report(LONGER), "q:CheckResult") == ["false"]
    assert texts(report(()), "q:CheckResult") == ["true"]


def test_every_rule_of_the_policy_is_listed_though_it_found_nothing() -> None:
    policy = load_policy("netflix-2025")
    made = dataclasses.replace(handmade.PROVENANCE, policy={"name": policy.name, "digest": policy.digest})
    tree = report((), tally(()).summary(made, fail_on=Outcome.ISSUE))
    names = texts(tree, ".//q:ItemResult/q:EBUQCName")
    assert [rule.text for rule in policy.rules] == names[2 : 2 + len(policy.rules)]
    assert set(texts(tree, ".//q:ItemResult/q:CheckResult")) == {"true"}


def test_every_reader_is_listed_with_what_came_of_it() -> None:
    tree = report()
    names, words = (texts(tree, f".//q:ItemResult/q:{name}") for name in ("EBUQCID", "ResultDescription"))
    said = dict(zip(names, words, strict=True))
    assert said["provscan-reader-exif"] == "0 found, 6 nothing, 0 failed, 0 not-defined."
    assert said["provscan-reader-isobmff"] == "0 found, 0 nothing, 1 failed, 0 not-defined."


def test_a_hit_says_where_what_how_firmly_and_shows_it() -> None:
    tree = report()
    hit = tree.find(".//q:Output[q:Name='Finding'][q:Value='contains']", N)
    assert texts(hit, "q:Locator/q:Start") + texts(hit, "q:Locator/q:End") == ["01:00:28:10", "01:00:31:02"]
    assert texts(hit, "q:Confidence") == ["1.0"]
    assert texts(hit, "q:VerificationMedia")[0].startswith("pictures/")
    assert texts(hit, ".//p:frames") == ["64 frames from frame 682"]
    assert "picture/EP101_v03.mov: contains AI-made material" in texts(hit, "q:Annotation/q:Text")[0]


def test_a_region_is_the_smallest_whole_box_around_it() -> None:
    boxes = texts(report(), ".//q:Output[q:Name='Match']//q:SpatialRegion")
    assert boxes == ["percent:0,12,100,76"] * 2, "as what was recognised, and as what a rule says of it"


def test_every_asset_has_one_line_and_its_severity() -> None:
    tree = report()
    assets = tree.findall(".//q:Output[q:Name='Asset']", N)
    severity = [int(found.findtext("q:Severity", namespaces=N)) for found in assets]
    assert severity == [record.verdict.outcome.rank for record in RECORDS]
    assert set(texts(tree, ".//q:MaxSeverity")) == {"3"}


def test_a_lost_asset_is_an_error_of_the_run() -> None:
    tree = report(summary=summed(lost=1))
    assert texts(tree, "q:ExecutionStatus") == ["error"]
    assert texts(tree, "q:CheckResult") == ["false"]


@pytest.mark.parametrize("started", ["unknown", "", "2026-11-22T18:30:00"])
def test_a_moment_without_its_zone_is_none(started: str) -> None:
    made = dataclasses.replace(handmade.PROVENANCE, started=started)
    assert faults(document((), tally(()).summary(made, fail_on=None))) == []


def test_the_same_run_makes_the_same_report() -> None:
    assert document() == document()
