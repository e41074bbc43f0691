"""Every text of a record and of a run's summary is an attack at once; the files are read back."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import Any

import openpyxl
import pikepdf
import pytest

from scanner.model import Record
from scanner.records.summary import tally
from scanner.reports import REPORTS
from scanner.reports.interface import Report
from tests.scanner.reports.handmade import PROVENANCE, RECORDS
from tests.scanner.reports.read_back import text_of_pdf, text_of_workbook

NASTY = '=HYPERLINK("http://x.example")\x1b]8;;http://x.example\x07<img src=x onerror=alert(1)>\u202e#eval(1)|C:x |M:y\r\n\t]]>&\''
_STRUCTURED = {"rate", "timecode", "labels", "algorithm", "source_in"}
"""What readers work out themselves: it is not what a file says."""

_TABS = {"html": "\t", "ebu-qc": "\t", "junit": "\t"}
"""Where a statement is shown with its lines, as text of an element."""
_NAMES_AN_ID = {"because": "id", "evidence": "id"}


def attacked(value: Any, name: str = "") -> Any:
    if isinstance(value, Enum) or name in _STRUCTURED:
        return value
    if isinstance(value, str):
        return f"{NASTY}{_NAMES_AN_ID.get(name, name)}"
    if is_dataclass(value) and not isinstance(value, type):
        given = {one.name: attacked(getattr(value, one.name), one.name) for one in fields(value) if one.init}
        return replace(value, **given)
    if isinstance(value, Mapping):
        return {key: attacked(one, str(key)) for key, one in value.items()}
    if isinstance(value, tuple | list):
        return type(value)(attacked(one, name) for one in value)
    return value


@pytest.fixture(scope="module")
def run() -> tuple[Any, tuple[Record, ...]]:
    records = tuple(attacked(record) for record in RECORDS)
    given = {
        name: attacked(getattr(PROVENANCE, name), name)
        for name in ("tool", "started", "roots", "policy", "rules", "versions", "settings", "not_checked")
    }
    about = dict.fromkeys(("job", "title", "version", "operator"), NASTY)
    provenance = replace(PROVENANCE, **given, about=about, warnings=(NASTY,), empty_roots=(NASTY,))
    return tally(records).summary(provenance, fail_on=None), records


def document(report: Report, run: tuple[Any, tuple[Record, ...]]) -> bytes:
    summary, records = run
    return b"".join(one if isinstance(one, bytes) else one.encode() for one in report.render(summary, lambda: records))


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.name)
def test_no_control_character_and_no_reversed_text_leaves(report: Report, run: tuple[Any, tuple[Record, ...]]) -> None:
    data = document(report, run)
    text = {"pdf": text_of_pdf, "xlsx": text_of_workbook}.get(report.name, bytes.decode)(data)
    acting = {
        char for char in text.removeprefix("\ufeff") if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"}
    }
    assert acting <= {*report.controls, "\n", *_TABS.get(report.name, "")}
    assert "eval(1)" in text or report.lists == "hits in time"


def test_no_cell_is_a_formula(run: tuple[Any, tuple[Record, ...]]) -> None:
    reports = {report.name: report for report in REPORTS}
    rows = csv.reader(io.StringIO(document(reports["csv"], run).decode().removeprefix("\ufeff"), newline=""))
    assert not [cell for row in rows for cell in row if cell.lstrip()[:1] in set("=+-@\t\r")]
    book = openpyxl.load_workbook(io.BytesIO(document(reports["xlsx"], run)))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert not any(cell.hyperlink for cell in cells)


def test_the_pdf_neither_runs_nor_fetches(run: tuple[Any, tuple[Record, ...]]) -> None:
    (report,) = (one for one in REPORTS if one.name == "pdf")
    with pikepdf.open(io.BytesIO(document(report, run))) as page:
        for one in page.objects:
            if isinstance(one, pikepdf.Dictionary | pikepdf.Stream):
                assert not {"/JavaScript", "/JS", "/AA", "/OpenAction", "/EF", "/URI"} & set(one.keys())


@pytest.mark.parametrize("name", ["edl", "resolve", "markers"])
def test_a_line_stays_a_line(name: str, run: tuple[Any, tuple[Record, ...]]) -> None:
    (report,) = (one for one in REPORTS if one.name == name)
    lines = document(report, run).decode().splitlines()
    assert lines
    if name == "markers":
        assert {line.count("\t") for line in lines} == {5}
    else:
        marks = [line for line in lines if "|C:Resolve" in line]
        assert marks
        assert all(line.count("|C:ResolveColor") == line.count(" |D:") == 1 for line in marks)
