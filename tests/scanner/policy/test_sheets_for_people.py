"""Sheets that provscan writes for people: drop-downs, filters, marks; read again without a complaint."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner, Result

from scanner.cli import provscan
from scanner.judge.register.cells import Defect
from scanner.judge.register.columns import COLUMNS, REQUIRED
from scanner.judge.register.entry import entry_of
from scanner.judge.register.faults_grouped import grouped
from scanner.judge.register.register_file import read_register
from scanner.judge.vocabulary import CLOSED, vocabulary_of
from scanner.model import Claim, Outcome, Record, Scan, Verdict
from scanner.records.records import to_line
from tests.scanner.policy.world import altered, film, finding, match, still


def invoke(*arguments: object) -> Result:
    return CliRunner().invoke(provscan, [str(it) for it in arguments], standalone_mode=False)


def records(folder: Path) -> Path:
    """A master that shows an AI-made still, an archival photo twice, and a single frame; and the still itself."""
    verdict = Verdict(outcome=Outcome.PASS, scan=Scan.COMPLETE)
    at = [{"in_frame": first, "out_frame": first + 24, "rate": "24/1"} for first in (48, 96)]
    photo = {"facts": {"library": "L", "ai_terms": "ask us first, please", "licence": "TBC"}, "alteration": altered()}
    hits = (
        match("temp", reference="EP101/06_Temp/a.png", at=at[0]),
        match(at=at[0], **photo),
        match(at=at[1], **photo),
    )
    evil = finding(Claim.EDITED, at={"frames": [[7, 7]]})
    path = folder / "records.jsonl"
    made = (
        Record(examination=film(), matches=hits, verdict=verdict),
        Record(examination=still("06_Temp/a.png"), findings=(finding(), evil), verdict=verdict),
        Record(examination=still("=cmd|' /C calc'!A0.png", digest="e" * 32), findings=(finding(),), verdict=verdict),
    )
    path.write_bytes(b"".join(map(to_line, made)))
    return path


@pytest.mark.parametrize("form", ["xlsx", "csv"])
@pytest.mark.parametrize("what", ["template", "cuesheet"])
def test_check_never_complains_of_a_sheet_that_provscan_wrote(what: str, form: str, tmp_path: Path) -> None:
    sheet = tmp_path / f"sheet.{form}"
    args = ("template", sheet) if what == "template" else ("cuesheet", records(tmp_path), "-o", sheet)
    written = invoke("register", *args)
    assert not written.exception, written.output
    done = invoke("register", "check", sheet)
    assert done.return_value == 0, done.stdout
    *said, last = done.stdout.splitlines()
    assert last.endswith("0 complete approvals, 0 with errors")
    assert [line for line in said if "still to be filled in" not in line] == [], done.stdout
    assert all(line.startswith("note: ") for line in said)


def test_an_empty_template_takes_a_filled_in_row(tmp_path: Path) -> None:
    sheet = tmp_path / "t.xlsx"
    invoke("register", "template", sheet, "--format", "xlsx")
    book = openpyxl.load_workbook(sheet)
    given = {"entry_id": "1", "tool": "T", "use_case": "key visual", "generated_or_altered": "edited", "status": "informed",
             "tc_in": "01:00:00:00", "tc_out": "01:00:01:00", "asset_glob": "a.mov"}  # fmt: skip
    for place, column in enumerate(COLUMNS, 1):
        book["Register"].cell(2, place).value = given.get(column)
    book.save(sheet)
    read = read_register(sheet)
    assert (read.faults, read.rows[0].tc_in) == ((), "01:00:00:00")


def test_closed_columns_have_drop_downs_whose_words_are_understood(tmp_path: Path) -> None:
    sheet = tmp_path / "t.xlsx"
    invoke("register", "template", sheet)
    book = openpyxl.load_workbook(sheet)
    table, words = book["Register"], book["Words"]
    offered: dict[str, list[str]] = {}
    for rule in table.data_validations.dataValidation:
        column = table[f"{str(rule.sqref).split(':')[0].rstrip('0123456789')}1"].value
        if rule.type == "list":
            cells = words[rule.formula1.partition("!")[2].replace("$", "")]
            offered[column] = [cell.value for (cell,) in cells]
    assert set(offered) == {*CLOSED, "category"}
    for column in CLOSED:
        vocabulary = vocabulary_of(column)
        assert vocabulary is not None
        meanings = [vocabulary.read(word) for word in offered[column]]
        assert all(len(it.words) == 1 and not it.unknown for it in meanings), column
    assert words.sheet_state == "hidden", "it is no register"


def test_headings_are_frozen_filtered_and_marked_where_a_row_needs_them(tmp_path: Path) -> None:
    sheet = tmp_path / "t.xlsx"
    invoke("register", "cuesheet", records(tmp_path), "--out", sheet)
    table = openpyxl.load_workbook(sheet)["Register"]
    assert (table.freeze_panes, table.auto_filter.ref.startswith("A1:")) == ("B2", True)
    marked = {cell.value for cell in table[1] if cell.fill.fill_type == "solid"}
    assert set(REQUIRED) <= marked
    assert "approved_by" in marked
    assert "notes" not in marked
    ruled = {str(area.sqref).split(":")[0].rstrip("0123456789") for area in table.conditional_formatting}
    assert {table[f"{letter}1"].value for letter in ruled} == marked, "an empty one is shown in the row too"


def test_no_cell_of_a_workbook_is_a_formula(tmp_path: Path) -> None:
    sheet = tmp_path / "t.xlsx"
    invoke("register", "cuesheet", records(tmp_path), "--out", sheet)
    book = openpyxl.load_workbook(sheet)
    assert {cell.data_type for page in book for row in page for cell in row if cell.value is not None} == {"s"}


def test_the_form_and_the_name_of_a_sheet_must_agree(tmp_path: Path) -> None:
    done = invoke("register", "template", tmp_path / "t.csv", "--format", "xlsx")
    assert "name a .xlsx file" in str(done.exception)
    assert not list(tmp_path.iterdir())


def test_what_is_said_in_the_same_words_is_one_line() -> None:
    faults = [Defect("r.csv", number, "use_case", "is not filled in") for number in (2, 3, 4, 9)]
    faults += [Defect("r.csv", 3, "tc_out", "odd", False), Defect("r.csv", 0, "Shade", "unknown", False)]
    assert list(grouped(faults)) == [
        "r.csv, rows 2–4, 9, use_case: is not filled in",
        "note: r.csv, row 3, tc_out: odd",
        "note: r.csv, Shade: unknown",
    ]
    many = [Defect("r.csv", number, "tool", "x") for number in range(0, 200, 2)]
    assert next(iter(grouped(many))).endswith("and 79 more, tool: x")


def test_every_column_that_people_fill_in_says_what_to_write() -> None:
    assert all(how.hint == COLUMNS[column] for column, how in entry_of().items())
