"""The other commands, on the demo delivery."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from fixtures.photos import photograph
from scanner.judge.policy import builtin_policies
from scanner.judge.rules import load_rules
from tests.e2e.conftest import Call
from tests.e2e.demo import Scanned, records_of
from tests.e2e.process import environment, provscan

STRICT = """
[policy]
name = "house"
title = "Nothing by AI, anywhere"
source = "the house"

[[rule]]
id = "house.no-ai"
text = "AI-made."
remedy = "Replace it."
claims = ["generated"]
outcome = "blocker"
examples = [{ claim = "generated", strength = "structured", category = "temp", outcome = "blocker" }]
"""


def test_another_policy_judges_the_same_evidence_otherwise(call: Call, scanned: Scanned, tmp_path: Path) -> None:
    (tmp_path / "house.toml").write_text(STRICT)
    assert call("policy", "test", tmp_path / "house.toml").code == 0
    policy = ("--policy", tmp_path / "house.toml", "--out", tmp_path / "judged")
    assert call("judge", scanned.folder / "records.jsonl", *policy).code == 1
    judged = records_of(tmp_path / "judged")
    made = {
        path for path, record in scanned.records.items() if any(it["claim"] == "generated" for it in record["findings"])
    }
    assert {path for path, record in judged.items() if record["verdict"]["outcome"] == "blocker"} == made
    assert {path: record["findings"] for path, record in judged.items()} == {
        path: record["findings"] for path, record in scanned.records.items()
    }
    unseen = {path for path, record in scanned.records.items() if record["verdict"]["scan"] == "incomplete"}
    assert all(judged[path]["verdict"]["outcome"] != "pass" for path in unseen), "whatever a policy forgets"


def test_judging_over_the_records_themselves_is_refused(call: Call, scanned: Scanned) -> None:
    before = (scanned.folder / "records.jsonl").read_bytes()
    assert call("judge", scanned.folder / "records.jsonl", "--out", scanned.folder).code == 4
    assert (scanned.folder / "records.jsonl").read_bytes() == before


@pytest.mark.parametrize(("name", "file"), [("csv", "report.csv"), ("html", "report.html"), ("jsonl", "records.jsonl")])
def test_a_report_written_later_is_the_report(
    name: str, file: str, call: Call, scanned: Scanned, tmp_path: Path
) -> None:
    done = call("report", scanned.folder / "records.jsonl", "--format", name, "--out", tmp_path / "later")
    assert (done.code, done.out) == (1, "")  # as the scan's
    now, later = (scanned.folder / file).read_text("utf-8"), (tmp_path / "later").read_text("utf-8")
    if name == "html":  # its time of run is the scan's own and not stored to the millisecond
        assert all(path in later for path in scanned.records)
    else:
        assert later == now


@pytest.mark.parametrize(
    "broken", ["", "not JSON\n", '{"schema":"provscan/record/9"}\n', '{"schema":"provscan/record/1"}\n']
)
@pytest.mark.parametrize("command", ["judge", "report"])
def test_records_that_are_none_are_told_by_their_line(command: str, broken: str, call: Call, tmp_path: Path) -> None:
    (tmp_path / "records.jsonl").write_text(broken)
    more = ("--format", "csv") if command == "report" else ()
    done = call(command, tmp_path / "records.jsonl", *more)
    assert done.code == (4 if broken else 3), "no records are no delivery"
    assert "Traceback" not in done.err
    assert not broken or "records.jsonl" in done.err


def test_explain_shows_every_look_all_evidence_and_why(call: Call, house: Path, scanned: Scanned) -> None:
    path = "03_Artwork/LC_EP101_keyart_nebula.jpg"
    record = scanned.records[path]
    said = call("explain", house / path, "--category", "*=artwork", "--policy", "netflix-2025").out
    assert all(look["by"] in said for look in record["looks"])
    assert all(item["key"] in said for item in record["evidence"])
    assert all(rule in said for finding in record["findings"] for rule in finding["rules"])
    assert record["verdict"]["reasons"][0]["rule"] in said


def test_explain_says_what_was_not_found(call: Call, house: Path) -> None:
    assert "no marker found" in call("explain", house / "03_Artwork/LC_EP101_keyart_titled.png").out


def test_rules_are_listed_shown_and_proven(call: Call) -> None:
    rules = load_rules().rules
    listed = call("rules", "list")
    assert (listed.code, listed.out.strip().splitlines()[-1]) == (0, f"{len(rules)} rules")
    assert all(rule.id in listed.out for rule in rules)
    shown = call("rules", "show", rules[0].id)
    assert shown.code == 0
    assert rules[0].title in shown.out
    assert call("rules", "show", "no.such-rule").code == 4
    assert call("rules", "test").out.endswith("0 failures\n")


def test_policies_are_listed_shown_and_proven(call: Call) -> None:
    listed = call("policy", "list").out
    for name in builtin_policies():
        assert name in listed
        assert call("policy", "show", name).code == 0
        assert call("policy", "test", name).code == 0


def test_doctor_finds_what_it_needs(call: Call) -> None:
    done = call("doctor", "--formats")
    assert done.code == 0
    assert "All required checks passed." in done.out
    assert "image/png" in done.out


def test_the_package_runs_as_a_module(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "scanner", "policy", "list"]
    done = subprocess.run(command, cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert all(name in done.stdout for name in builtin_policies())


def test_the_console_script_says_its_version() -> None:
    done = provscan("--version")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("provscan")


def test_own_rules_extend_the_built_in_ones(call: Call, house: Path, tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text("""
[[rule]]
id = "house.plain-pad"
title = "Our own mark"
tool = "House Painter"
claim = "generated"
strength = "structured"
source = "our own files"
seen = "sample"
date = "2026-01-01"
where = ["riff:INFO/ICMT", "exif:Artist", "png-text:Software"]
match = '^House Painter'
hits = [{ says = { "exif:Artist" = "House Painter 1" } }]
misses = [{ says = { "exif:Artist" = "A house painter" }, why = "a person" }]
""")
    done = call("rules", "test", "--rules", tmp_path / "own.toml")
    assert done.code == 0, done.out + done.err
    listed = call("rules", "list", "--rules", tmp_path / "own.toml").out
    assert "house.plain-pad" in listed
    report = json.loads(call("scan", house / "05_Archival", "--rules", tmp_path / "own.toml", "--format", "json").out)
    assert report["summary"]["rules"]["count"] == str(len(load_rules().rules) + 1)


def test_explain_shows_what_a_library_knows_beside_its_reference(call: Call, tmp_path: Path) -> None:
    (tmp_path / "scans").mkdir()
    photograph("rocket").save(tmp_path / "scans/launch.png")
    photograph("rocket", (480, 320), "film").save(tmp_path / "key.jpg")
    library, pictures = tmp_path / "library", tmp_path / "pairs"
    call("library", "init", library)
    call("library", "add", library, tmp_path / "scans", "--role", "archival", "--jobs", "1")
    done = call("explain", tmp_path / "key.jpg", "--library", library, "--pictures", pictures)
    assert "match with launch (archival)" in done.out
    (pair,) = pictures.iterdir()
    with Image.open(pair) as picture:
        assert picture.width > 2 * picture.height
