"""Tables as people keep them: what is read of them, and what is refused whole."""

from __future__ import annotations

from pathlib import Path
from time import process_time
from zipfile import ZipFile

import openpyxl
import pytest

from media import tables
from media.tables import Cell, SheetFault, read_table, sheet_names, write_csv
from media.workbook import write_xlsx


def test_a_cell_of_several_lines_is_one_row_as_spreadsheets_count(tmp_path: Path) -> None:
    (path := tmp_path / "a.csv").write_text('id,note\r\n1,"two\r\nlines"\r\n\r\n2,x\r\n', newline="")
    assert [(line.number, line.cells[0].text) for line in read_table(path)] == [(1, "id"), (2, "1"), (4, "2")]


NOTES = ("=1+1", "01:00:00;12", "'=odd", "''-1", "it's", "'quoted'", "＝1", "two\nlines", "-5")


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx"])
def test_what_is_written_is_read_again_and_is_no_formula(name: str, tmp_path: Path) -> None:
    path, rows = tmp_path / name, [{"id": str(n), "note": note} for n, note in enumerate(NOTES)]
    if name.endswith("csv"):
        path.write_text("".join(write_csv(("id", "note"), rows)), "utf-8")
    else:
        write_xlsx(path, ("id", "note"), rows)
        assert openpyxl.load_workbook(path).active["B2"].data_type == "s"
    assert [[cell.text for cell in line.cells] for line in read_table(path)][1:] == [list(row.values()) for row in rows]


def test_more_rows_than_anybody_keeps_are_refused_and_none_is_dropped(tmp_path: Path) -> None:
    (path := tmp_path / "a.csv").write_text("id\n" + "1\n" * 5)
    assert len(list(read_table(path, most=6))) == 6
    with pytest.raises(SheetFault, match="more than 5 rows"):
        list(read_table(path, most=5))


def test_a_file_larger_than_any_table_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MAX_BYTES", 10)
    (path := tmp_path / "a.csv").write_text("id\n" * 5)
    with pytest.raises(SheetFault, match="larger"):
        list(read_table(path))


def test_a_sheet_that_reaches_to_its_last_column_costs_no_more(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active["A1"], book.active.cell(1, 16_384).value = "id", "far"
    book.save(path := tmp_path / "a.xlsx")
    (line,) = read_table(path)
    assert [cell.text for cell in line.cells] == ["id"]


def test_a_quote_that_is_never_closed_is_no_table(tmp_path: Path) -> None:
    """It would swallow every row behind it."""
    path = tmp_path / "a.csv"
    path.write_text('id,note\n1,"never closed\n2,rejected\n', "utf-8")
    with pytest.raises(SheetFault, match="unexpected end of data"):
        list(read_table(path))


def test_no_column_is_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a" + "," * tables.MAX_COLUMNS + "x\n", "utf-8")
    with pytest.raises(SheetFault, match="columns"):
        list(read_table(path))
    path.write_text("a" + "," * (tables.MAX_COLUMNS + 9) + "\n", "utf-8")
    assert [line.cells[0].text for line in read_table(path)] == ["a"]


def test_a_title_above_the_headings_does_not_tell_the_delimiter(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Register, series one, version 3\n\nentry_id;tool;status;notes\nA;b;draft;c\n", "utf-8")
    assert [len(line.cells) for line in read_table(path)] == [1, 4, 4]


def test_a_workbook_is_read_without_what_is_hidden_and_formulas_without_values_are_told(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    old, shown = book.active, book.create_sheet("Register")
    old.title, old.sheet_state = "old", "hidden"
    old.append(["id"])
    shown.append(["id", "expires"])
    shown.append(["1", "=DATE(2020,1,1)"])
    shown.cell(tables.MAX_ROWS * 2, 1).font = openpyxl.styles.Font(bold=True)
    book.save(tmp_path / "a.xlsx")
    assert sheet_names(tmp_path / "a.xlsx") == ["Register"]
    lines = list(read_table(tmp_path / "a.xlsx", most=10))
    assert [cell.text for cell in lines[0].cells] == ["id", "expires"]
    assert lines[1].cells[1] == Cell("=DATE(2020,1,1)", "formula")
    assert len(lines) == 2


def test_one_cell_in_the_last_row_costs_no_more(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active["A1"], book.active.cell(1_048_576, 2).value = "id", "far"
    book.save(path := tmp_path / "a.xlsx")
    began = process_time()
    first, last = read_table(path)
    assert (first.number, last.number) == (1, 1_048_576)
    assert [cell.text for cell in last.cells] == ["", "far"]
    assert process_time() - began < 10  # half a second; a minute where every empty row is looked through


def _second_row_is(number: str, folder: Path) -> Path:
    """A workbook of two rows that declares two, and numbers its second otherwise."""
    book = openpyxl.Workbook()
    book.active["A1"], book.active["A2"] = "id", "far"
    book.save(near := folder / "near.xlsx")
    with ZipFile(near) as packed, ZipFile(path := folder / "far.xlsx", "w") as made:
        for name in packed.namelist():
            sheet = packed.read(name).replace(b'r="2"', f'r="{number}"'.encode())
            made.writestr(name, sheet.replace(b'r="A2"', f'r="A{number}"'.encode()))
    return path


def test_a_row_that_the_sheet_does_not_declare_is_read(tmp_path: Path) -> None:
    lines = [(line.number, line.cells[0].text) for line in read_table(_second_row_is("70", tmp_path))]
    assert lines == [(1, "id"), (70, "far")]


@pytest.mark.parametrize("number", ["1048577", "99999999999"])
def test_a_row_behind_the_last_of_a_spreadsheet_is_refused_at_once(number: str, tmp_path: Path) -> None:
    path = _second_row_is(number, tmp_path)
    began = process_time()
    with pytest.raises(SheetFault):
        list(read_table(path))
    assert process_time() - began < 10
