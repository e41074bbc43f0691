"""The exports of any run at all: no record that the model allows breaks a document.

Runs are drawn once for all exports: to draw one takes longer than to write and read it.
"""

from __future__ import annotations

import json

import junitparser
import opentimelineio as otio
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from pydantic_sarif.model import StaticAnalysisResultsFormatSarifVersion210JsonSchema as Log

from scanner.model import Record
from scanner.reports.ebu_qc import EbuQcReport
from scanner.reports.edl import EdlReport
from scanner.reports.interface import Report
from scanner.reports.junit import JunitReport
from scanner.reports.markers import MarkersReport
from scanner.reports.sarif import SarifReport
from tests.contracts.written import records
from tests.scanner.reports.ebu_model import NAMESPACE, faults
from tests.scanner.reports.handmade import summed

RUNS = st.lists(records(), max_size=4).map(tuple)


def document(report: Report, run: tuple[Record, ...]) -> str:
    text = "".join(report.render(summed(run), lambda: run))
    text.encode("utf-8")
    return text


@settings(max_examples=40)
@given(RUNS)
def test_every_export_can_be_read(run: tuple[Record, ...]) -> None:
    for holds in (ebu_qc, junit, sarif, edit_and_marker_lists):
        holds(run)


def ebu_qc(run: tuple[Record, ...]) -> None:
    text = document(EbuQcReport(), run).encode()
    assert faults(text) == []
    assert len(etree.fromstring(text).findall(f".//{{{NAMESPACE}}}Output[{{{NAMESPACE}}}Name='Asset']")) == len(run)


def junit(run: tuple[Record, ...]) -> None:
    log = junitparser.JUnitXml.fromstring(document(JunitReport(), run).encode())
    assert log.tests == sum(len(list(suite)) for suite in log) == len(run)


def sarif(run: tuple[Record, ...]) -> None:
    log = json.loads(document(SarifReport(), run))
    Log.model_validate(log)
    (found,) = log["runs"]
    assert len(found["artifacts"]) == len(run)
    assert {it["ruleId"] for it in found["results"]} <= {rule["id"] for rule in found["tool"]["driver"]["rules"]}


def edit_and_marker_lists(run: tuple[Record, ...]) -> None:
    lists = document(EdlReport(), run).split("TITLE:")[1:]
    events = 0
    for text in lists:
        rate = rate_said(text)
        found = otio.adapters.read_from_string(f"TITLE:{text}", "cmx_3600", rate=rate, ignore_timecode_mismatch=True)
        events += len(list(found.find_clips()))
    lines = document(MarkersReport(), run).splitlines()
    assert all(len(line.split("\t")) == 6 for line in lines)
    assert events <= len(lines)
    assert bool(events) == bool(lines)


def rate_said(text: str) -> float:
    said = next((line.removeprefix("* RATE: ") for line in text.splitlines() if line.startswith("* RATE: ")), "24")
    top, _, bottom = said.partition("/")
    return int(top) / int(bottom or 1)
