from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest

from scanner.model import Outcome, Reason
from scanner.reports.csv import COLUMNS, SEPARATORS, CsvReport
from scanner.reports.instances import instances
from tests.scanner.reports.handmade import RECORDS, quiet, summed


def test_the_worst_comes_first() -> None:
    outcomes = [row["outcome"] for row in rows() if row["outcome"]]
    assert outcomes == sorted(outcomes, key=["blocker", "issue", "fyi", "pass"].index)
    assert outcomes[0] == "blocker"


@pytest.mark.parametrize("separator", SEPARATORS.values())
def test_separators_keep_every_cell(separator: str) -> None:
    text = "".join(CsvReport(separator).render(summed(), lambda: RECORDS)).removeprefix("\ufeff")
    assert list(csv.DictReader(io.StringIO(text, newline=""), delimiter=separator)) == rows()


def rows(records: tuple = RECORDS) -> list[dict[str, str]]:
    text = "".join(CsvReport().render(summed(records), lambda: records))
    assert text.startswith("\ufeffoutcome,")
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def test_a_row_for_each_place_of_a_finding_or_match_each_problem_and_one_for_the_rest() -> None:
    got = rows()
    marks = sum(len(list(instances(record))) + len(record.examination.problems) for record in RECORDS)
    silent = sum(not (one.findings or one.matches or one.examination.problems) for one in RECORDS)
    of_files = [row for row in got if row["outcome"]]
    assert len(of_files) == marks + silent
    assert {row["row"] for row in of_files} == {"finding", "match", "problem", "file"}
    assert [row["row"] for row in got if not row["outcome"]] == ["policy"] + ["register"] * 7 + ["waivers"]
    assert all(tuple(row) == COLUMNS and None not in row.values() for row in got)


def test_no_cell_is_a_formula() -> None:
    hostile = [row for row in rows() if "<script>" in row["path"]]
    assert len(hostile) == 2
    assert hostile[0]["tool"] == "'+<script>alert(1)</script>"
    assert hostile[0]["finding"].startswith("'=cmd|")
    for row in rows():
        assert not [cell for cell in row.values() if cell.lstrip()[:1] in tuple("=+-@\t\r＝＋－＠") and cell.strip()]


def test_a_verdict_stands_beside_what_it_rests_on() -> None:
    (clip,) = (row for row in rows() if row["path"].endswith(".mov") and row["row"] == "finding")
    assert clip["policy_rule"] == "netflix.generated-in-final | netflix.contains-in-final"
    assert clip["where"] == "01:00:28:10–01:00:31:02 (frames 682–745)"
    assert (clip["register"], clip["binding"], clip["waiver"]) == ("AI-7", "place", "")
    (match,) = (row for row in rows() if row["row"] == "match")
    assert match["waiver"].startswith("creative intent: flipped")
    assert match["policy_rule"] == "netflix.altered-archival-fiction"
    (art,) = (row for row in rows() if row["path"] == "art/keyart_final.png")
    assert art["digest"] == "xxh3-128:00ff"
    broken, remark = (row for row in rows() if row["path"].endswith("teaser_30s.mp4"))
    assert (broken["inspected"], broken["policy_rule"], broken["claim"]) == ("no", "netflix.not-inspected", "malformed")
    assert remark["policy_rule"] == ""


def test_in_and_out_stand_in_columns_of_their_own() -> None:
    ends = ("tc_in", "tc_out", "in_frame", "out_frame")
    (clip,) = (row for row in rows() if row["path"].endswith(".mov") and row["row"] == "finding")
    assert tuple(clip[name] for name in ends) == ("01:00:28:10", "01:00:31:02", "682", "746")
    parts = [tuple(row[name] for name in ends) for row in rows() if row["finding"] == "f2"]
    assert parts == [("", "", "1010", "1013"), ("", "", "1020", "1021")]
    assert all(not any(row[name] for name in ends) for row in rows() if row["row"] in ("file", "problem", "register"))


def test_a_reason_that_rests_on_a_statement_has_its_row() -> None:
    said = Reason(rule="delivery.listed-but-absent", outcome=Outcome.ISSUE, because=("e1",), text="It lists files.")
    record = quiet("checksum.md5")
    (row,) = (it for it in rows((replace(record, verdict=replace(record.verdict, reasons=(said,))),)) if it["outcome"])
    assert (row["row"], row["policy_rule"], row["reason"]) == ("reason", said.rule, said.text)
