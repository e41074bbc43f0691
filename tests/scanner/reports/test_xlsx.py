"""The workbook, read back."""

from __future__ import annotations

import io
import zipfile
from collections import Counter

import openpyxl

from scanner.model import Outcome
from scanner.reports.csv import CsvReport
from scanner.reports.xlsx import XlsxReport
from tests.scanner.reports.handmade import FORMULA, RECORDS, summed
from tests.scanner.reports.read_back import render


def book() -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(render(XlsxReport())))


def test_no_cell_is_a_formula_and_nothing_is_fetched() -> None:
    for sheet in book():
        assert all(cell.data_type in ("s", "n") and cell.hyperlink is None for row in sheet.iter_rows() for cell in row)
    with zipfile.ZipFile(io.BytesIO(render(XlsxReport()))) as packed:
        for name in packed.namelist():
            text = packed.read(name)
            assert b"<f>" not in text
            assert b"TargetMode" not in text
            assert not name.endswith((".bin", ".vml"))


def test_hostile_words_are_kept_as_text() -> None:
    sheet = book()["Findings"]
    column = [cell.value for cell in sheet[1]].index("Finding")
    cells = [row[column] for row in sheet.iter_rows(min_row=2)]
    (cell,) = (one for one in cells if one.value == FORMULA)
    assert (cell.data_type, cell.number_format) == ("s", "@")


def test_every_file_and_every_finding_is_in_it_worst_first() -> None:
    found = book()
    outcomes = [row[0].value for row in found["Files"].iter_rows(min_row=2)]
    assert Counter(outcomes) == Counter(record.verdict.outcome.value for record in RECORDS)
    assert outcomes == sorted(outcomes, key=lambda word: -Outcome(word).rank)
    rows = [
        dict(zip([c.value for c in found["Findings"][1]], [c.value for c in row], strict=True))
        for row in found["Findings"].iter_rows(min_row=2)
    ]
    _, _, lines = "".join(CsvReport().render(summed(), lambda: RECORDS)).partition("\r\n")
    assert sum(row["Kind of row"] == "finding" for row in rows) == lines.count(",finding,")
    assert [row["First frame"] for row in rows if row["In"] == "01:00:28:10"] == [682]


def test_headings_stay_and_filter() -> None:
    for name in ("Findings", "Files"):
        sheet = book()[name]
        assert sheet.freeze_panes == "A2"
        assert sheet.auto_filter.ref == f"A1:{sheet.cell(1, sheet.max_column).column_letter}{sheet.max_row}"


def test_the_first_sheet_is_the_verdict() -> None:
    sheet = book().worksheets[0]
    first = {row[0].value: row[1].value for row in reversed(list(sheet.iter_rows()))}
    assert first["Verdict"].startswith("NOT READY: 2 blockers")
    assert first["Files"].startswith("found 9 = written 9 = ")
    assert "Not checked" in first
