"""`provscan audit`: a folder of deliveries, each scanned for itself, and the roll-up of all."""

from __future__ import annotations

import json
import signal
import time
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from media.errors import ConfigError
from scanner.audit.deliveries import LOOSE, find_deliveries
from scanner.exit_codes import ExitCode, worst_exit
from scanner.reports.wording import inert
from tests.e2e.conftest import Call
from tests.e2e.process import PATIENCE, start
from tests.e2e.stills import SETTINGS, still

HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture
def season(tmp_path: Path) -> Path:
    """Three episodes, one AI picture in two of them under other names, and a file beside them."""
    folder = tmp_path / "season"
    for number in (1, 2, 10):
        still(folder / f"EP{number}" / "Masters" / "frame.png", (number, 9, 9))
    still(folder / "EP1" / "Masters" / "harbour.png", "teal", SETTINGS)
    still(folder / "EP10" / "Masters" / "bay.png", "teal", SETTINGS)
    still(folder / "notes.png", "red")
    return folder


def rolled(out: Path) -> dict[str, Any]:
    return json.loads((out / "audit.json").read_text())


def audit(call: Call, season: Path, out: Path, *more: str) -> int:
    return call("audit", season, "--out", out, "--matching", "off", "--executor", "serial", *more).code


def test_each_folder_is_a_delivery_and_nothing_is_left_out(season: Path, tmp_path: Path, call: Call) -> None:
    out = tmp_path / "out"
    assert audit(call, season, out) == 1
    found = rolled(out)
    assert [one["delivery"] for one in found["deliveries"]] == ["EP1", "EP2", "EP10", LOOSE]
    assert [one["assets"] for one in found["deliveries"]] == [2, 1, 2, 1]
    assert [one["exit_code"] for one in found["deliveries"]] == [1, 0, 1, 0]
    for one in found["deliveries"]:
        answer = call("verify-report", out / one["folder"])
        assert answer.code == 0, answer.err
    (row,) = (row for row in found["rules"] if row["outcome"] == "blocker")
    assert {name: cell["files"] for name, cell in row["deliveries"].items()} == {"EP1": 1, "EP10": 1}


def test_one_ai_picture_in_two_deliveries_is_named_once(season: Path, tmp_path: Path, call: Call) -> None:
    audit(call, season, tmp_path / "out")
    (shared,) = rolled(tmp_path / "out")["recurring"]
    assert shared["ai"]
    assert shared["deliveries"] == {"EP1": 1, "EP10": 1}
    assert shared["name"] == "Masters/harbour.png"
    assert len(shared["rules"]) == 1


def test_what_is_new_or_fixed_is_counted_against_the_last_audit_that_ended(
    season: Path, tmp_path: Path, call: Call
) -> None:
    out = tmp_path / "out"
    audit(call, season, out)
    assert rolled(out)["before"] is None
    still(season / "EP2" / "Masters" / "new.png", "navy", SETTINGS)
    still(season / "EP1" / "Masters" / "harbour.png", "olive")
    audit(call, season, out)
    found = rolled(out)
    states = sorted((one["state"], one["delivery"]) for one in found["changes"])
    assert states == [("fixed", "EP1"), ("new", "EP2")]
    assert found["before"]
    assert not (out / ".before").exists()


def test_changes_that_are_not_listed_are_counted_and_reported(
    tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scanner.audit.rollup._LISTED", 1)
    season, out = tmp_path / "season", tmp_path / "out"
    still(season / "EP1" / "Masters" / "frame.png")
    audit(call, season, out)
    for colour in ("navy", "olive"):
        still(season / "EP1" / "Masters" / f"{colour}.png", colour, SETTINGS)
    audit(call, season, out)
    found = rolled(out)
    assert len(found["changes"]) == 1
    assert found["deliveries"][0]["changes"]["new"] == 2
    assert "EP1: the first 1 of 2 changes are listed; all of them are counted" in found["warnings"]


def test_a_killed_audit_goes_on_and_keeps_what_it_is_compared_with(season: Path, tmp_path: Path, call: Call) -> None:
    out, cache = tmp_path / "out", tmp_path / "cache"
    audit(call, season, out, "--cache", str(cache))
    first = rolled(out)["started"]
    still(season / "EP1" / "Masters" / "new.png", "navy", SETTINGS)
    for number in range(20, 60):
        still(season / f"EP{number}" / "Masters" / "frame.png", (number, 2, 3))
    process = start("audit", season, "--out", out, "--matching", "off", "--executor", "serial", "--cache", cache)
    until = time.monotonic() + PATIENCE
    while not (out / "deliveries" / "EP20" / "summary.json").exists():
        assert process.poll() is None
        assert time.monotonic() < until
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert rolled(out)["started"] == first  # the documents are those of the audit that ended
    assert audit(call, season, out, "--cache", str(cache)) == 1
    found = rolled(out)
    assert found["before"] == first
    assert [(one["state"], one["delivery"]) for one in found["changes"]] == [("new", "EP1")]
    assert len(found["deliveries"]) == 44


def test_only_what_is_asked_for_and_the_rest_is_named(season: Path, tmp_path: Path, call: Call) -> None:
    answer = call(
        "audit", season, "--out", tmp_path / "out", "--matching", "off", "--deliveries", "EP1?", "--deliveries", "XX*"
    )
    assert answer.code == 1
    assert [one["delivery"] for one in rolled(tmp_path / "out")["deliveries"]] == ["EP10"]
    assert "leaves out 3 entries: EP1, EP2, notes.png" in answer.err
    assert "XX* matches nothing" in answer.err


def test_a_delivery_that_went_is_named(season: Path, tmp_path: Path, call: Call) -> None:
    audit(call, season, tmp_path / "out")
    (season / "EP2" / "Masters" / "frame.png").unlink()
    (season / "EP2" / "Masters").rmdir()
    (season / "EP2").rmdir()
    audit(call, season, tmp_path / "out")
    assert any(it.startswith("EP2 was in the audit before") for it in rolled(tmp_path / "out")["warnings"])


def test_an_empty_delivery_is_incomplete_and_what_a_desktop_left_is_not(
    season: Path, tmp_path: Path, call: Call
) -> None:
    (season / "notes.png").unlink()
    (season / ".DS_Store").write_bytes(b"\x00\x00\x00\x01Bud1" + bytes(100))
    for name in ("EP1", "EP10"):
        for path in (season / name / "Masters").iterdir():
            path.unlink()
    assert audit(call, season, tmp_path / "out") == 3
    found = rolled(tmp_path / "out")
    assert [one["exit_code"] for one in found["deliveries"]] == [3, 0, 3]
    assert any("1 file of desktop systems" in it for it in found["warnings"])


def test_the_output_is_never_written_into_the_series_or_over_other_files(
    season: Path, tmp_path: Path, call: Call
) -> None:
    answer = call("audit", season, "--out", season / "reports", "--matching", "off")
    assert answer.code == 4
    assert "inside the scanned folder" in answer.err
    assert not (season / "reports").exists()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("mine")
    answer = call("audit", season, "--out", tmp_path / "mine", "--matching", "off")
    assert answer.code == 4
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["letter.txt"]


def test_names_reach_no_page_and_no_cell_as_anything_but_text(tmp_path: Path, call: Call) -> None:
    season = tmp_path / "season"
    for name in (HOSTILE.replace("/", ""), "=1+1", "EP\x1b[31m", inert("EP\x1b[31m"), "Rule"):
        still(season / name / "Masters" / f"{name}.png", "teal", SETTINGS)
    out = tmp_path / "out"
    answer = call("audit", season, "--out", out, "--matching", "off", "--executor", "serial")
    assert answer.code == 1
    assert "\x1b" not in answer.out
    page = (out / "audit.html").read_text()
    assert "<img src=x" not in page
    assert "&lt;img src=x" in page
    assert "\x1b" not in page
    book = openpyxl.load_workbook(out / "audit.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert any(cell.value == "=1+1" for cell in cells)
    heading, *rows = book["Rules"].iter_rows(values_only=True)
    assert len(set(heading)) == len(heading) == 4 + 5
    assert [row[4:] for row in rows if row[0] == "blocker"] == [(1,) * 5]


def test_a_wrong_policy_ends_the_audit_before_anything_is_scanned(season: Path, tmp_path: Path, call: Call) -> None:
    answer = call("audit", season, "--out", tmp_path / "out", "--policy", "nobody-2020")
    assert answer.code == 4
    assert not (tmp_path / "out").exists()


def test_a_link_that_leads_back_is_refused(season: Path, call: Call, tmp_path: Path) -> None:
    (season / "again").symlink_to(season)
    answer = call("audit", season, "--out", tmp_path / "out", "--matching", "off")
    assert answer.code == 4
    assert "is a link to a folder that contains it" in answer.err


def test_a_folder_that_is_called_as_the_loose_files_are_is_refused(season: Path) -> None:
    (season / LOOSE).mkdir()
    with pytest.raises(ConfigError, match="rename it"):
        find_deliveries(season)
    assert [one.name for one in find_deliveries(season, ["EP1"]).deliveries] == ["EP1"]


def test_deliveries_come_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    for name in ("EP10", "ep9", "EP0100", "EP2", "Ⅳ", "99999999999999999999999"):
        (tmp_path / name).mkdir()
    names = [one.name for one in find_deliveries(tmp_path).deliveries]
    assert names == ["99999999999999999999999", "EP2", "ep9", "EP10", "EP0100", "Ⅳ"]


def test_the_worst_code_is_the_answer() -> None:
    assert worst_exit([ExitCode.OK, ExitCode.INCOMPLETE], default=ExitCode.OK) is ExitCode.INCOMPLETE
    assert worst_exit([ExitCode.FOUND, ExitCode.INCOMPLETE], default=ExitCode.OK) is ExitCode.FOUND
    assert worst_exit([ExitCode.FOUND, ExitCode.SETUP], default=ExitCode.OK) is ExitCode.SETUP
    assert worst_exit([], default=ExitCode.INCOMPLETE) is ExitCode.INCOMPLETE
