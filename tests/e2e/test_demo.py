"""The demo delivery, scanned by a real process: what a supervisor would see, and what the house promises."""

from __future__ import annotations

import base64
import csv
import json
import re
from collections import Counter
from pathlib import Path

import pytest

from fixtures.delivery import EXPECTATIONS, ITEMS, Expectation
from tests.e2e.conftest import Call
from tests.e2e.demo import Scanned, records_of

TOLD = {"generated", "edited", "enhanced", "contains"}
PROMISES = re.compile(r"\b(?:authentic|clean|genuine|AI-free)\b", re.IGNORECASE)


def test_the_answer_is_that_something_was_found(scanned: Scanned) -> None:
    assert scanned.process["code"] == scanned.summary["exit_code"] == 1


def test_the_report_goes_to_one_stream_and_messages_to_the_other(scanned: Scanned) -> None:
    policy, verdict = scanned.process["out"].split("NOT READY")
    assert policy.startswith("Judged by policy netflix-2025: ")
    assert "more than twelve months ago" in " ".join(policy.split())
    assert verdict.startswith(": ")
    assert "Written" not in scanned.process["out"]
    assert {line.partition(":")[0] for line in scanned.process["err"].splitlines()} == {"Written"}
    assert "\x1b" not in scanned.process["out"] + scanned.process["err"]


def test_what_was_asked_for_is_written_and_nothing_else(scanned: Scanned) -> None:
    files = {path.name for path in scanned.folder.iterdir() if path.is_file()}
    assert files == {"records.jsonl", "summary.json", "report.html", "report.json", "report.csv", "process.json"}
    told = {Path(line.removeprefix("Written: ")).name for line in scanned.process["err"].splitlines()}
    assert told == files - {"process.json"}


def test_nothing_is_written_beside_media(scanned: Scanned) -> None:
    assert scanned.process["before"] == scanned.process["after"]


@pytest.mark.parametrize("expected", EXPECTATIONS, ids=lambda expected: expected.path)
def test_every_asset_is_told_as_it_is(expected: Expectation, scanned: Scanned) -> None:
    if expected.speaks_for:
        assert expected.path in scanned.records[expected.speaks_for]["asset"]["sidecars"]
        return
    record = scanned.records[expected.path]
    of_itself = [finding for finding in record["findings"] if not finding["rule"].startswith("provscan.")]
    told = [finding for finding in of_itself if finding["claim"] in TOLD]
    if expected.claim is None:
        assert not told
    else:
        assert expected.claim in {finding["claim"] for finding in told}
        assert any(expected.tool in (finding["tool"] or "") for finding in told)
    assert record["verdict"]["scan"] == ("complete" if expected.readable else "incomplete")
    if not expected.readable:
        assert record["verdict"]["outcome"] != "pass"


def test_a_timeline_contains_the_clip_that_it_names(scanned: Scanned) -> None:
    (finding,) = scanned.records["08_Docs/LC_EP101_V12.edl"]["findings"]
    assert (finding["claim"], finding["tool"]) == ("contains", "ComfyUI")
    assert "sh020_paintedsky_v003.png" in finding["text"]


def test_the_books_balance(scanned: Scanned) -> None:
    outcomes = Counter(record["verdict"]["outcome"] for record in scanned.records.values())
    states = Counter(record["verdict"]["scan"] for record in scanned.records.values())
    assets, summary = scanned.summary["assets"], scanned.summary
    assert assets["found"] == assets["written"] == len(scanned.records) == sum(summary["outcomes"].values())
    assert {name: count for name, count in summary["outcomes"].items() if count} == outcomes
    assert {name: count for name, count in summary["scan"].items() if count} == states
    assert f"found {assets['found']} = written {assets['written']}" in scanned.process["out"]
    assert assets["files"] == sum(len(item.paths) for item in ITEMS)


def test_every_file_on_disk_stands_behind_one_asset(scanned: Scanned, house: Path) -> None:
    behind: Counter[str] = Counter()
    for path, record in scanned.records.items():
        frames = record["asset"]["frames"]
        numbers = [n for first, last in frames["ranges"] for n in range(first, last + 1)] if frames else []
        behind.update([path % number for number in numbers] or [path])
    assert behind == Counter(path.relative_to(house).as_posix() for path in house.rglob("*") if path.is_file())


def test_every_reader_says_whether_it_looked(scanned: Scanned) -> None:
    readers = {tuple(look["by"] for look in record["looks"]) for record in scanned.records.values()}
    assert len(readers) == 1
    assert all(sum(counts.values()) == len(scanned.records) for counts in scanned.summary["readers"].values())


def test_findings_rest_on_evidence_and_reasons_on_findings(scanned: Scanned) -> None:
    for record in scanned.records.values():
        evidence = {item["id"] for item in record["evidence"]}
        findings = {finding["id"] for finding in record["findings"]}
        assert len(evidence) == len(record["evidence"])
        assert all(finding["evidence"] and set(finding["evidence"]) <= evidence for finding in record["findings"])
        rested = findings | {match["id"] for match in record["matches"]}
        assert all(set(reason["because"]) <= rested for reason in record["verdict"]["reasons"])


@pytest.mark.parametrize("master", ["LC_EP101_MASTER_2398_0100.mov", "LC_EP101_MASTER_OP1a.mxf"])
def test_ai_made_pictures_are_seen_in_a_master_that_says_nothing_of_them(master: str, scanned: Scanned) -> None:
    record = scanned.records[f"01_Masters/{master}"]
    seen = {match["reference"].rpartition("/")[2]: match for match in record["matches"]}
    still, clip = seen["sh020_paintedsky_v003.png"], seen["motion_01.mp4"]
    assert (still["role"], still["relation"], clip["relation"]) == ("ai-made", "reframed", "segment")
    assert still["at"]["in"] == "01:00:03:00"
    assert (still["at"]["in_frame"], still["at"]["out_frame"]) == (72, 144)
    assert (still["facts"]["cut"]["timeline"], still["facts"]["cut"]["says"]) == ("08_Docs/LC_EP101_V12.edl", "named")
    assert (clip["facts"]["cut"]["says"], clip["facts"]["cut"]["source_in"]) == ("not-named", "00:00:00:00")
    assert (clip["at"]["in_frame"], clip["at"]["out_frame"]) == (216, 288)
    blamed = {name for reason in record["verdict"]["reasons"] for name in reason["because"]}
    assert {still["id"], clip["id"]} <= blamed
    assert record["verdict"]["outcome"] == "blocker"


def test_what_is_not_there_is_not_seen(scanned: Scanned) -> None:
    """The delivery's other pictures are of other things; its sounds say other words."""
    shown = {"sh010_comp_v002.%04d.png", "sh020_paintedsky_v003.png", "motion_01.mp4"}
    for path, record in scanned.records.items():
        seen = {match["reference"].rpartition("/")[2] for match in record["matches"]}
        assert seen <= (shown if path.startswith("01_Masters/") else set()), path


@pytest.mark.parametrize("name", ["report.html", "report.csv", "report.json", "records.jsonl", "summary.json"])
def test_no_report_promises_what_nobody_can_know(name: str, scanned: Scanned) -> None:
    text = (scanned.folder / name).read_text("utf-8")
    style = text.partition("<style>")[2].partition("</style>")[0]
    assert PROMISES.findall(text.replace(style, "") if style else text) == []
    assert PROMISES.findall(scanned.process["out"]) == []


def test_every_asset_is_in_every_report(scanned: Scanned) -> None:
    page = (scanned.folder / "report.html").read_text("utf-8")
    whole = json.loads((scanned.folder / "report.json").read_text("ascii"))
    with (scanned.folder / "report.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = {row["path"] for row in csv.DictReader(file) if row["row"] not in ("policy", "warning")}
    assert all(path in page for path in scanned.records)
    assert {record["asset"]["path"] for record in whole["records"]} == rows == set(scanned.records)
    assert whole["summary"] == scanned.summary


def test_judging_again_comes_to_the_same(scanned: Scanned, call: Call, tmp_path: Path) -> None:
    done = call("judge", scanned.folder / "records.jsonl", "--out", tmp_path / "judged")
    assert done.code == 1
    assert records_of(tmp_path / "judged") == scanned.records


def test_a_second_scan_examines_nothing_and_says_the_same(
    scanned: Scanned, call: Call, house: Path, tmp_path: Path
) -> None:
    cache = scanned.folder.parent / "cache"
    done = call("scan", house, "--out", tmp_path / "again", "--cache", cache, "--policy", "netflix-2025")
    assert done.code == 1
    assert records_of(tmp_path / "again") == scanned.records


def test_what_was_recognised_is_shown_beside_its_reference(scanned: Scanned) -> None:
    page = (scanned.folder / "report.html").read_text("utf-8")
    pairs = [path for path in (scanned.folder / "pictures").iterdir() if "-" in path.name]
    assert len(pairs) >= 6
    inside = {base64.b64decode(found) for found in re.findall(r'src="data:image/jpeg;base64,([^"]*)"', page)}
    assert {pair.read_bytes() for pair in pairs} <= inside
