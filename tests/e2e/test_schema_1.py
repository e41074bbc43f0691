"""A stored run of schema 1: the demo delivery, scanned by the last provscan that wrote it. It gives the same verdicts."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from scanner.match_ids import match_id
from scanner.records.records import StoredRecords, read_records, to_json, to_line
from tests.e2e.conftest import Call
from tests.e2e.demo import records_of

HERE = Path(__file__).parent
SCHEMAS = HERE.parents[1] / "docs" / "schemas"
DAY = ("--delivery-date", "2026-11-30")


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    """The run, in a folder of its own."""
    folder = tmp_path / "schema_1"
    folder.mkdir()
    (folder / "records.jsonl").write_bytes(gzip.decompress((HERE / "schema_1" / "records.jsonl.gz").read_bytes()))
    (folder / "summary.json").write_bytes((HERE / "schema_1" / "summary.json").read_bytes())
    return folder


def lines(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "records.jsonl").read_text("ascii").splitlines()]


def faults(number: int, records: list[dict[str, Any]]) -> list[str]:
    rules = json.loads((SCHEMAS / f"record-{number}.schema.json").read_text("utf-8"))
    validator = jsonschema.Draft202012Validator(rules)
    return [f"{error.json_path}: {error.message}" for record in records for error in validator.iter_errors(record)]


def decided(verdict: dict[str, Any]) -> tuple[Any, ...]:
    """All of a verdict but its sentences, which get better."""
    reasons = [(it["rule"], it["outcome"], it["because"], it["register"]) for it in verdict["reasons"]]
    return verdict["outcome"], verdict["scan"], verdict["actions"], reasons


def test_it_is_upgraded_when_it_is_read(stored: Path) -> None:
    old = lines(stored)
    assert faults(1, old) == []
    new = [json.loads(to_line(record)) for record in read_records(stored / "records.jsonl")]
    assert faults(2, new) == []
    for before, after in zip(old, new, strict=True):
        for key in ("asset", "media", "looks", "evidence", "problems", "verdict"):
            assert before[key] == after[key], key
        for one, other in zip(before["findings"], after["findings"], strict=True):
            assert one == other
        for one, other in zip(before["matches"], after["matches"], strict=True):
            for key in ("id", "reference", "role", "relation", "score", "threshold", "at", "flip"):
                assert one[key] == other[key], key
            region = {key: value for key, value in (one["region"] or {}).items() if key != "unit"} or None
            assert region == other["region"]
            assert typed(one["facts"]) == other["facts"]


def typed(facts: dict[str, str]) -> dict[str, Any]:
    """The facts of a match of schema 1 in the words of schema 2, written out here by hand."""
    names = {"timeline": "timeline", "timeline_says": "says", "timeline_event": "event", "source_clip": "clip",
             "source_reel": "reel", "source_in": "source_in", "source_out": "source_out"}  # fmt: skip
    known: dict[str, Any] = {name: value for name, value in facts.items() if name not in (*names, "by", "watermark")}
    for name in known.keys() & {"reference_in", "reference_out", "speed", "pitch"}:
        known[name] = float(known[name])
    known |= {"measure": facts["by"]} if "by" in facts else {}
    known |= {"shows_watermark": True} if facts.get("watermark") == "seen" else {}
    known |= {"copies": facts["copies"].split("\n")} if "copies" in facts else {}
    cut = {other: facts[name] for name, other in names.items() if name in facts}
    return {**known, "cut": cut} if cut else known


def test_ids_of_matches_are_what_registers_and_waivers_name(stored: Path) -> None:
    named = [match["id"] for record in lines(stored) for match in record["matches"]]
    assert named
    assert [match_id(it) for record in read_records(stored / "records.jsonl") for it in record.matches] == named


def test_judging_it_again_decides_the_same(stored: Path, tmp_path: Path, call: Call) -> None:
    answer = call("judge", stored / "records.jsonl", "--out", tmp_path / "again", *DAY)
    assert answer.code == json.loads((stored / "summary.json").read_text())["exit_code"] == 1
    before, after = records_of(stored), records_of(tmp_path / "again")
    assert {path: decided(record["verdict"]) for path, record in after.items()} == {
        path: decided(record["verdict"]) for path, record in before.items()
    }
    assert {record["schema"] for record in after.values()} == {"provscan/record/2"}
    assert faults(2, list(after.values())) == []
    assert call("verify-report", tmp_path / "again").code == 0


def test_reports_and_comparisons_take_it(stored: Path, tmp_path: Path, call: Call) -> None:
    assert call("verify-report", stored).code == 0
    assert call("judge", stored / "records.jsonl", "--out", tmp_path / "again", *DAY).code == 1
    for form in ("csv", "json", "sarif"):
        told = [call("report", folder / "records.jsonl", "--format", form) for folder in (stored, tmp_path / "again")]
        assert told[0].code == told[1].code == 1
        assert told[0].out
    compared = call("diff", stored / "records.jsonl", tmp_path / "again" / "records.jsonl", "--format", "json")
    counts = json.loads(compared.out)["counts"]
    assert counts["still present"] == sum(counts.values()) > 0


def test_a_line_of_it_is_not_written_on_as_it_was(stored: Path) -> None:
    records = StoredRecords(stored / "records.jsonl")
    for record in records():
        assert records.line(record) == to_line(record)
        assert to_json(record)["schema"] == "provscan/record/2"
