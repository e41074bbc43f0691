"""What stands in the head of every report, and what is listed last."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from html import unescape

import junitparser
import pytest

from media.identify import LITTER
from scanner.model import Category, Kind, Outcome, Record
from scanner.reports import REPORTS
from tests.scanner.reports.handmade import PROVENANCE, RECORDS, summed

WARNED = replace(PROVENANCE, empty_roots=("EP102",), warnings=("The exclude pattern '*.mvo' matches nothing.",))
SAID = ("EP102 contains no files; check that its volume is mounted", "The exclude pattern '*.mvo' matches nothing.")


def printed(name: str, records: tuple[Record, ...]) -> str:
    report = next(one for one in REPORTS if one.name == name)
    books = replace(summed(records), provenance=WARNED)
    return "".join(report.render(books, lambda: records))


@pytest.mark.parametrize("name", ["console", "csv", "html", "json", "junit", "sarif", "ebu-qc"])
def test_empty_roots_and_warnings_are_in_the_head(name: str) -> None:
    text = " ".join(unescape(printed(name, tuple(RECORDS))).split())
    for said in ("EP102", SAID[1]) if name == "json" else SAID:
        assert said in text
    if name in ("console", "html", "csv"):
        assert text.index(SAID[0]) < text.index("promo/teaser_30s.mp4")


def test_a_build_server_sees_an_error_for_a_root_without_files() -> None:
    log = junitparser.JUnitXml.fromstring(printed("junit", ()).encode())
    assert (log.tests, log.errors) == (1, 1)
    (run,) = json.loads(printed("sarif", ()))["runs"]
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is False
    assert [note["level"] for note in invocation["toolExecutionNotifications"]] == ["error", "warning"]


def test_desktop_litter_is_listed_last() -> None:
    quiet = next(one for one in RECORDS if one.verdict.outcome is Outcome.PASS)
    shown = quiet.examination.asset
    left = replace(shown, path="a/.DS_Store", kind=Kind.INERT, media_type=LITTER, category=Category.UNCATEGORISED)
    litter = replace(quiet, examination=replace(quiet.examination, asset=left), findings=())
    run = (litter, quiet)
    page = printed("html", run)
    assert page.index(shown.path) < page.index("a/.DS_Store")
    rows = [row["path"] for row in csv.DictReader(io.StringIO(printed("csv", run).lstrip("\ufeff"))) if row["path"]]
    assert rows == [shown.path] * (len(rows) - 1) + ["a/.DS_Store"]
