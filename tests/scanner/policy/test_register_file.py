"""Registers as spreadsheets leave them: separators, marks, times, dates, bad rows. Nothing is dropped."""

from __future__ import annotations

import json
from datetime import date, datetime, time, timedelta
from pathlib import Path

import openpyxl
import pytest

from media.errors import ConfigError
from scanner.judge.register.register_file import read_register
from scanner.judge.register.row import date_of, row_of

HEAD = ["entry_id", "asset_glob", "tool", "use_case", "generated_or_altered", "status", "tc_in", "tc_out", "Shade"]
GOOD = ["A1", "art/*.png", "Firefly", "other", "edited", "informed", "", "", "teal"]


def saved(folder: Path, text: str | bytes, name: str = "register.csv") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return path


def book(folder: Path, *rows: list[object]) -> Path:
    path = folder / "register.xlsx"
    made = openpyxl.Workbook()
    for line in rows:
        made.active.append(line)
    made.save(path)
    return path


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_csv_as_programs_write_it(separator: str, encoding: str, end: str, tmp_path: Path) -> None:
    line = [*GOOD[:2], "Nägel", *GOOD[3:]]
    text = end.join(separator.join(cells) for cells in (HEAD, line)) + end
    read = read_register(saved(tmp_path, text.encode(encoding)))
    (row,) = read.rows
    assert (row.id, row.number, row.cells["tool"], row.cells["Shade"]) == ("A1", 2, "Nägel", "teal")
    assert (read.faults, read.unknown) == ((), ("Shade",))


@pytest.mark.parametrize(("said", "told"), [("9f3a5c7e01b2d4f6", 1), ("phash:9F3A5C7E01B2D4F6", 1), ("FAM-014", 0)])
def test_a_raw_perceptual_hash_is_told_to_bind_nothing(said: str, told: int, tmp_path: Path) -> None:
    read = read_register(saved(tmp_path, "\n".join((",".join([*HEAD, "phash_or_ref_id"]), ",".join([*GOOD, said])))))
    assert [(fault.row, fault.column, fault.grave) for fault in read.faults] == [(2, "phash_or_ref_id", False)] * told
    assert not read.rows[0].wrong


def test_titles_above_the_headings_and_empty_rows_are_no_rows(tmp_path: Path) -> None:
    text = "My film\n\n" + ",".join(HEAD) + "\n,,,,,,,,\n" + ",".join(GOOD) + "\n"
    (row,) = read_register(saved(tmp_path, text)).rows
    assert row.number == 5


@pytest.mark.parametrize(
    ("changed", "column"),
    [
        ({0: ""}, "entry_id"),
        ({1: ""}, "asset_glob"),
        ({2: ""}, "tool"),
        ({4: "invented"}, "generated_or_altered"),
        ({5: "ok by phone"}, "status"),
        ({5: "approved"}, "approval_ref"),
        ({6: "around noon", 7: "later"}, "tc_in"),
        ({6: "01:00:00:00"}, "tc_out"),
    ],
    ids=str,
)
def test_a_bad_row_is_named_by_its_number_and_kept(changed: dict[int, str], column: str, tmp_path: Path) -> None:
    bad = [changed.get(place, cell) for place, cell in enumerate(GOOD)]
    text = "\n".join(",".join(cells) for cells in (HEAD, GOOD, bad))
    read = read_register(saved(tmp_path, text))
    assert [row.number for row in read.rows] == [2, 3]
    assert column in read.rows[1].wrong
    assert (3, column) in {(fault.row, fault.column) for fault in read.faults}


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        ("01:00:28:10", "01:00:28:10"),
        ("01:00:28;10", "01:00:28;10"),
        (time(1, 0, 28), "01:00:28:00"),
        (time(1, 0, 28, 500_000), "01:00:28.500"),
        (timedelta(hours=1, seconds=28), "01:00:28:00"),
        (timedelta(hours=0, seconds=28), "00:00:28:00"),
        (datetime(1899, 12, 31, 1, 0, 28), "01:00:28:00"),
        (3628 / 86400, "01:00:28:00"),
        ("01:00:28", "01:00:28:00"),
        (1010, "1010"),
    ],
    ids=str,
)
def test_timecodes_that_a_spreadsheet_changed(value: object, meant: str, tmp_path: Path) -> None:
    read = read_register(book(tmp_path, HEAD, [*GOOD[:6], value, "02:00:00:00", ""]))
    assert read.rows[0].tc_in == meant
    mended = meant != str(value)
    assert [fault.column for fault in read.faults] == (["tc_in"] if mended else [])
    assert all("spreadsheet" in fault.message and not fault.grave for fault in read.faults)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("2026-11-22", date(2026, 11, 22)),
        ("2026-11-22 10:00:00", date(2026, 11, 22)),
        ("22.11.2026", date(2026, 11, 22)),
        ("22/11/2026", date(2026, 11, 22)),
        ("11/22/2026", date(2026, 11, 22)),
        ("05/05/2026", date(2026, 5, 5)),
        ("46348", date(2026, 11, 22)),
        ("22 Nov 2026", date(2026, 11, 22)),
        ("05/06/2026", None),
        ("31/02/2026", None),
        ("soon", None),
        ("", None),
    ],
)
def test_dates_are_told_for_sure_or_not_at_all(said: str, meant: date | None) -> None:
    assert date_of(said) == meant


def test_a_date_cell_of_a_workbook_is_a_date(tmp_path: Path) -> None:
    head = [*HEAD, "expires"]
    read = read_register(book(tmp_path, head, [*GOOD, datetime(2026, 11, 22)]))
    assert read.rows[0].expires == date(2026, 11, 22)


def test_two_rows_of_one_number_are_both_kept(tmp_path: Path) -> None:
    read = read_register(saved(tmp_path, "\n".join(",".join(cells) for cells in (HEAD, GOOD, GOOD))))
    assert [row.id for row in read.rows] == ["A1", "A1 (row 3)"]
    assert "is also row 2" in str(read.faults[0])


def test_a_shot_disclosure_map_is_a_register(tmp_path: Path) -> None:
    shots = [{"shot": "S1", "episode": "EP101", "timecode_in": "00:00:01:00", "timecode_out": "00:00:02:00",
              "generated_vs_enhanced": "enhanced", "share_of_frame": 40, "mood": "calm"}]  # fmt: skip
    (row,) = read_register(saved(tmp_path, json.dumps({"title": "Film", "shots": shots}), "map.json")).rows
    assert (row.id, row.tc_in, row.declared, row.status, row.cells["mood"]) == ("S1", "00:00:01:00", 1, "draft", "calm")
    head = "Shot;Timecode in;Timecode out;Generated vs enhanced;Share of frame"
    text = f"{head}\nS1;00:00:01:00;00:00:02:00;generated;40 %\n"
    (row,) = read_register(saved(tmp_path, text)).rows
    assert (row.tc_out, row.declared, row.cells["share_of_frame"]) == ("00:00:02:00", 3, "40 %")


def test_hpf_declarations(tmp_path: Path) -> None:
    data = {"hpf_standard_version": "0.9.2", "hpf_classification": "assistive_ai",
            "episodes": [{"episode": "EP101", "hpf_classification": "no_ai"}, {"episode": "EP102"}]}  # fmt: skip
    read = read_register(saved(tmp_path, json.dumps(data), "hpf.json"))
    assert [(said.episode, said.classification) for said in read.declarations] == [
        ("", "assistive_ai"),
        ("EP101", "no_ai"),
    ]
    wrong = read_register(saved(tmp_path, json.dumps({"hpf_classification": "a bit"}), "hpf.json"))
    assert not wrong.declarations
    assert "'a bit' is not one of" in str(wrong.faults[0])


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", b""),
        ("a.csv", b"one,two\n1,2\n"),
        ("a.xlsx", b"PK\x03\x04"),
        ("a.xlsx", b"no workbook"),
        ("a.json", b"[1, 2]"),
        ("a.json", b"{"),
        ("a.json", b"[" * 100_000),
    ],
)
def test_what_is_no_register_is_refused_with_its_name(name: str, content: bytes, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=name):
        read_register(saved(tmp_path, content, name))


def test_a_truncated_workbook_is_refused_or_read(tmp_path: Path) -> None:
    whole = book(tmp_path, HEAD, GOOD).read_bytes()
    for length in range(0, len(whole), 97):
        with pytest.raises(ConfigError):
            read_register(saved(tmp_path, whole[:length], "cut.xlsx"))


HEADS = ["entry_id", "asset_glob", "tool", "use_case", "generated_or_altered", "status", "expires"]


def workbook(path: Path, **sheets: list[list[str]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, lines in sheets.items():
        sheet = book.create_sheet(title)
        for line in lines:
            sheet.append(line)
        sheet.sheet_state = "hidden" if title == "Hidden" else "visible"
    book.save(path)
    return path


def test_every_sheet_with_headings_is_read_and_no_hidden_one(tmp_path: Path) -> None:
    rows = {name: [HEADS, [name, "a.png", "T", "other", "generated", "informed", ""]] for name in ("EP101", "EP102")}
    hidden = [HEADS, ["H", "a.png", "T", "other", "generated", "approved", ""]]
    cover = [["Register of AI uses"], ["Series one"]]
    read = read_register(workbook(tmp_path / "r.xlsx", Hidden=hidden, Cover=cover, **rows))
    assert [(row.file, row.number, row.id) for row in read.rows] == [
        ("r.xlsx, sheet EP101", 2, "EP101"),
        ("r.xlsx, sheet EP102", 2, "EP102"),
    ]
    with pytest.raises(ConfigError, match="no row of headings"):
        read_register(workbook(tmp_path / "r.xlsx", Cover=cover, Hidden=hidden))


def test_a_formula_without_its_value_makes_the_row_worth_less(tmp_path: Path) -> None:
    line = ["A", "a.png", "T", "other", "generated", "approved", "=DATE(2020,1,1)"]
    read = read_register(workbook(tmp_path / "r.xlsx", Register=[HEADS, line]))
    assert read.rows[0].wrong[-1] == "expires"
    assert "expires: is a formula without its value" in " ".join(map(str, read.faults))


@pytest.mark.parametrize("said", ["2026-11-22garbage", "2026W471  x", "2026-02-30", "2026-11-22T99"])
def test_what_only_begins_like_a_date_is_none(said: str) -> None:
    assert date_of(said) is None


@pytest.mark.parametrize(
    "said", ["2026-11-22", "2026-11-22 10:00", "2026-11-22T10:00:00Z", "2026-11-22T10:00:00.5+01:00"]
)
def test_a_day_may_have_a_time_behind_it(said: str) -> None:
    assert date_of(said) == date(2026, 11, 22)


@pytest.mark.parametrize(
    ("into", "out", "says"),
    [
        ("00:00:05:00", "00:00:01:00", "is not after tc_in"),
        ("48", "24", "is not after tc_in"),
        ("25:00:00:00", "25:00:01:00", "is not a timecode"),
        ("00:00:61:00", "00:01:02:00", "is not a timecode"),
        ("23:59:50:00", "00:00:10:00", "over midnight"),
    ],
)
def test_a_timecode_that_cannot_be_is_told_before_anything_is_judged(into: str, out: str, says: str) -> None:
    _, faults = row_of("r.csv", 2, {"entry_id": "A", "tc_in": into, "tc_out": out})
    assert says in " ".join(fault.message for fault in faults if fault.column.startswith("tc_"))


def test_two_digits_behind_a_point_may_be_frames() -> None:
    _, faults = row_of("r.csv", 2, {"entry_id": "A", "tc_in": "01:00:28.10", "tc_out": "01:00:29.100"})
    assert [str(fault) for fault in faults if fault.column.startswith("tc_")] == [
        "r.csv, row 2, tc_in: '01:00:28.10' may mean frames or hundredths of a second; write 01:00:28:10"
    ]


@pytest.mark.parametrize(("column", "noted"), [("asset_glob", True), ("content_digest", False), ("tc_in", False)])
def test_an_approval_by_path_alone_is_noted_before_anything_is_judged(column: str, noted: bool) -> None:
    given = {"content_digest": "ab" * 16, "tc_in": "01:00:00:00"}.get(column, "")
    cells = {"entry_id": "A", "status": "approved", "asset_glob": "art/a.png", column: given or "art/a.png"}
    _, faults = row_of("r.csv", 2, cells)
    assert any("a path alone informs" in fault.message and not fault.grave for fault in faults) == noted
