"""Counts that must agree: stored records against their summary, scanned roots against what was found in them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, PngImagePlugin

from scanner.records.agreement import compare_with_summary
from tests.e2e.conftest import Call
from tests.e2e.stills import SETTINGS

BROKEN = "do not agree"


def delivery(folder: Path, quiet: int = 5) -> Path:
    (folder / "Masters").mkdir(parents=True)
    info = PngImagePlugin.PngInfo()
    info.add_text("parameters", SETTINGS)
    Image.new("RGB", (64, 64), "teal").save(folder / "Masters" / "made.png", pnginfo=info)
    for number in range(quiet):
        Image.new("RGB", (64, 64), (number, 9, 9)).save(folder / "Masters" / f"plate_{'abcdefgh'[number]}.png")
    return folder


@pytest.fixture
def report(tmp_path: Path, call: Call) -> Path:
    """Each test spoils its own; `EP101` is scanned beside it."""
    assert call("scan", delivery(tmp_path / "EP101"), "--out", tmp_path / "out", "--matching", "off").code == 1
    return tmp_path / "out"


def records(folder: Path) -> list[bytes]:
    return (folder / "records.jsonl").read_bytes().splitlines(keepends=True)


def without_the_finding(lines: list[bytes]) -> list[bytes]:
    return [line for line in lines if b"made.png" not in line]


def test_a_summary_holds_the_number_and_the_digest_of_the_records(report: Path, call: Call) -> None:
    written = (report / "records.jsonl").read_bytes()
    summary = json.loads((report / "summary.json").read_text())
    assert summary["records"] == {"count": 6, "sha256": hashlib.sha256(written).hexdigest()}
    answer = call("verify-report", report)
    assert (answer.code, answer.out.split(",")[0]) == (0, "6 records")
    assert call("verify-report", report / "records.jsonl").code == 0


SPOILT = [
    pytest.param(
        lambda lines: lines[:3], "3 records are missing: summary.json declares 6, the file holds 3", id="half"
    ),
    pytest.param(lambda lines: lines[:-1], "1 record is missing", id="one less"),
    pytest.param(without_the_finding, "1 record is missing", id="without what was found"),
    pytest.param(lambda lines: [*lines, lines[0]], "1 line is in the file twice", id="doubled"),
    pytest.param(lambda lines: lines[:3] * 2, "3 lines are in the file twice", id="half of it doubled"),
    pytest.param(lambda lines: [*lines[:3], b"\n", b"\n", b"\n"], "3 lines are empty", id="emptied"),
    pytest.param(lambda lines: [b"\n", *lines], "1 line is empty", id="an empty line more"),
    pytest.param(lambda lines: [*lines[:-1], lines[-1][:-20]], "The last line is cut off", id="cut off"),
    pytest.param(lambda lines: [*lines[:-1], lines[-1][:-1]], "The last line is cut off", id="without its line end"),
    pytest.param(lambda lines: [*lines[:2], b"{}\n", *lines[3:]], "1 line is no record: 3", id="no record"),
    pytest.param(
        lambda lines: [
            line.replace(b'"verdict":{"outcome":"blocker"', b'"verdict":{"outcome":"pass"') for line in lines
        ],
        "The outcomes differ",
        id="another outcome",
    ),
    pytest.param(
        lambda lines: [line.replace(b"plate_a", b"plate_z") for line in lines],
        "not those that were written",
        id="edited",
    ),
    pytest.param(lambda lines: lines[::-1], "not those that were written", id="in another order"),
    pytest.param(lambda lines: [], "6 records are missing", id="nothing"),
]


@pytest.mark.parametrize(("spoil", "said"), SPOILT)
def test_there_is_no_verdict_on_records_that_do_not_agree(
    report: Path, call: Call, tmp_path: Path, spoil: Callable[[list[bytes]], list[bytes]], said: str
) -> None:
    lines = spoil(records(report))
    (report / "records.jsonl").write_bytes(b"".join(lines))
    stored, other = report / "records.jsonl", tmp_path / "other"
    for arguments in (
        ("judge", stored, "--out", other, "--fail-on", "never"),
        ("report", stored, "--format", "csv", "--out", tmp_path / "it.csv"),
        ("report", stored, "--format", "console", "--fail-on", "never"),
        ("diff", report, report, "--fail-on", "never"),
        ("register", "cuesheet", stored, "--out", tmp_path / "cues.csv"),
    ):
        answer = call(*arguments)
        assert (answer.code, answer.out) == (3, "")
        assert "no verdict" in answer.err
        assert BROKEN in answer.err
        assert said in answer.err
    assert not other.exists()
    assert not (tmp_path / "it.csv").exists()
    assert not (tmp_path / "cues.csv").exists()
    answer = call("verify-report", report)
    assert answer.code == 3
    assert said in " ".join(answer.out.split())


def test_a_summary_that_was_edited_or_is_of_another_run_does_not_agree(
    report: Path, call: Call, tmp_path: Path
) -> None:
    summary = json.loads((report / "summary.json").read_text())
    mild = {**summary, "outcomes": {**summary["outcomes"], "pass": 6, "issue": 0, "blocker": 0, "fyi": 0}}
    (report / "summary.json").write_text(json.dumps(mild))
    assert call("report", report / "records.jsonl", "--format", "json").code == 3
    assert call("scan", delivery(tmp_path / "EP102", 4), "--out", tmp_path / "two").code == 1
    (report / "summary.json").write_bytes((tmp_path / "two" / "summary.json").read_bytes())
    answer = call("judge", report / "records.jsonl")
    assert answer.code == 3
    assert "1 record more than summary.json declares" in answer.err
    assert "of different runs" in answer.err


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"schema": "provscan/summary/1"}', "[" * 100_000, '{"schema": "provscan/summary/9"}']
)
def test_a_summary_that_is_none_is_a_fault_of_the_set_up(report: Path, call: Call, text: str) -> None:
    (report / "summary.json").write_text(text)
    for arguments in (("verify-report", report), ("report", report / "records.jsonl", "--format", "csv")):
        answer = call(*arguments)
        assert answer.code == 4
        assert "summary.json" in answer.err


def test_nothing_to_verify_is_a_fault_of_the_set_up(tmp_path: Path, call: Call) -> None:
    assert call("verify-report", tmp_path).code == 4


def test_records_without_a_summary_are_read_with_a_warning_in_the_head(
    report: Path, call: Call, tmp_path: Path
) -> None:
    (report / "summary.json").unlink()
    stored, said = report / "records.jsonl", "There is no summary.json beside the records"
    assert call("verify-report", report).code == 3
    for form in ("console", "html", "json", "junit", "sarif"):
        answer = call("report", stored, "--format", form)
        assert answer.code == 1
        assert said in " ".join(answer.out.split())
        assert said in answer.err
    answer = call("judge", stored, "--out", tmp_path / "again")
    assert answer.code == 1
    assert said in json.loads((tmp_path / "again" / "summary.json").read_text())["warnings"][0]
    assert call("verify-report", tmp_path / "again").code == 0
    answer = call("diff", stored, stored)
    assert (answer.code, answer.err.count(said)) == (0, 2)
    stored.write_bytes(stored.read_bytes() * 2)
    assert call("report", stored, "--format", "csv").code == 3


def test_a_summary_of_before_is_compared_by_its_numbers(report: Path, call: Call) -> None:
    summary = json.loads((report / "summary.json").read_text())
    for name in ("records", "empty_roots", "warnings"):
        del summary[name]
    (report / "summary.json").write_text(json.dumps(summary))
    answer = call("report", report / "records.jsonl", "--format", "console")
    assert answer.code == 1
    assert "holds no digest of the records" in answer.err
    (report / "records.jsonl").write_bytes(b"".join(records(report)[1:]))
    assert call("report", report / "records.jsonl", "--format", "console").code == 3


def test_records_under_another_name_and_redacted_ones_agree(report: Path, call: Call, tmp_path: Path) -> None:
    moved = (report / "records.jsonl").rename(report / "ep101.jsonl")
    answer = call("report", moved, "--format", "csv")
    assert (answer.code, "harbour" in answer.out) == (1, True)
    assert "harbour" not in call("report", moved, "--format", "csv", "--redact").out
    assert call("scan", tmp_path / "EP101", "--out", tmp_path / "closed", "--redact").code == 1
    assert b"harbour" not in (tmp_path / "closed" / "records.jsonl").read_bytes()
    assert call("verify-report", tmp_path / "closed").code == 0
    assert not compare_with_summary(tmp_path / "closed" / "records.jsonl").faults


def test_a_report_exits_as_the_scan_did_or_as_it_is_asked_to(report: Path, call: Call, tmp_path: Path) -> None:
    stored = report / "records.jsonl"
    assert call("report", stored, "--format", "csv").code == 1
    assert call("report", stored, "--format", "csv", "--fail-on", "never").code == 0
    assert call("report", stored, "--format", "csv", "--out", tmp_path / "it.csv").code == 1
    root = tmp_path / "EP101"
    assert call("scan", root, "--out", tmp_path / "kept", "--fail-on", "never").code == 0
    assert call("report", tmp_path / "kept" / "records.jsonl", "--format", "csv").code == 0
    assert call("report", tmp_path / "kept" / "records.jsonl", "--format", "csv", "--fail-on", "issue").code == 1
    (root / "Masters" / "made.png").unlink()
    (root / "Masters" / "lost.mov").write_bytes(b"")
    assert call("scan", root, "--out", tmp_path / "lost", "--fail-on", "blocker").code == 3
    assert call("report", tmp_path / "lost" / "records.jsonl", "--format", "csv").code == 3
    assert call("judge", tmp_path / "lost" / "records.jsonl", "--fail-on", "blocker").code == 3


@pytest.mark.parametrize("litter", [False, True])
def test_a_root_without_files_makes_the_scan_incomplete_by_its_name(tmp_path: Path, call: Call, litter: bool) -> None:
    root, volume = delivery(tmp_path / "EP101"), tmp_path / "EP102"
    (root / "Masters" / "made.png").unlink()
    (volume / "Masters").mkdir(parents=True)
    if litter:
        (volume / ".DS_Store").write_bytes(b"\0\0\0\1Bud1" + bytes(60))
    answer = call("scan", root, volume, "--out", tmp_path / "out")
    assert answer.code == 3
    assert "\nNOT READY: EP102 contains no files" in answer.out
    assert "EP102 contains no files; check that its volume is mounted" in answer.err
    assert json.loads((tmp_path / "out" / "summary.json").read_text())["empty_roots"] == ["EP102"]
    stored = tmp_path / "out" / "records.jsonl"
    for form in ("console", "html", "json", "junit", "sarif"):
        answer = call("report", stored, "--format", form)
        assert answer.code == 3
        assert "EP102" in answer.out
    assert call("judge", stored, "--out", tmp_path / "judged").code == 3
    assert call("report", tmp_path / "judged" / "records.jsonl", "--format", "csv").code == 3
    assert call("scan", root, volume, "--fail-on", "never").code == 0
    Image.new("RGB", (8, 8)).save(volume / "Masters" / "card.png")
    assert call("scan", root, volume).code == 0


def test_a_root_whose_files_are_all_left_out_is_incomplete_and_one_inside_another_is_not_asked(
    tmp_path: Path, call: Call
) -> None:
    root = delivery(tmp_path / "EP101")
    (root / "Masters" / "made.png").unlink()
    (root / "Empty").mkdir()
    assert call("scan", root, root / "Empty").code == 0
    other = delivery(tmp_path / "EP102", 1)
    assert (
        call("scan", root, other, "--exclude", "EP102", "--exclude", "made.png", "--exclude", "plate_a.png").code == 3
    )


def test_a_pattern_that_matches_nothing_is_reported(tmp_path: Path, call: Call) -> None:
    root = delivery(tmp_path / "EP101")
    answer = call(
        "scan", root, "--out", tmp_path / "out",
        "--category", "04_Art/**=artwork", "--category", "Masters/**=promo",
        "--exclude", "*.mvo", "--exclude", "plate_a.png", "--include", "**/*.png", "--include", "*.tiff",
    )  # fmt: skip
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert summary["warnings"] == [
        f"The {name} pattern '{pattern}' (--{name}) matches nothing that was found: it has no effect."
        for name, pattern in (("category", "04_Art/**"), ("include", "*.tiff"), ("exclude", "*.mvo"))
    ]
    for said in summary["warnings"]:
        assert said in answer.err
        assert said in " ".join(answer.out.split())
        assert said.replace("'", "&#39;") in (tmp_path / "out" / "report.html").read_text()
    answer = call("report", tmp_path / "out" / "records.jsonl", "--format", "console")
    assert summary["warnings"][0] in " ".join(answer.out.split())
