"""What every report must hold, whoever adds one."""

from __future__ import annotations

import gc
import re
import tracemalloc
import unicodedata
from collections.abc import Iterator

import pytest

from scanner.model import Outcome, Record
from scanner.records.summary import tally
from scanner.reports import REPORTS
from scanner.reports.interface import Report
from scanner.reports.pdf import PdfReport
from scanner.reports.timed import cues
from tests.scanner.reports import handmade
from tests.scanner.reports.handmade import ANSI, FORMULA, OVERRIDE, RECORDS, SCRIPT, SURROGATE
from tests.scanner.reports.read_back import text_of


@pytest.fixture(params=REPORTS, ids=lambda report: report.name)
def report(request: pytest.FixtureRequest) -> Report:
    return request.param


def rendered(report: Report, records: tuple[Record, ...] = RECORDS, **more: int) -> str:
    return text_of(report, records, **more)


def test_names_are_unique() -> None:
    assert len({report.name for report in REPORTS}) == len({report.file_name for report in REPORTS}) == len(REPORTS)


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: ascii(record.examination.asset.path)[:24])
def test_every_asset_is_named(report: Report, record: Record) -> None:
    path = record.examination.asset.path
    if report.lists == "what does not pass" and record.verdict.outcome is Outcome.PASS:
        pytest.skip("it counts what passes")
    if report.lists == "hits in time" and not cues(record):
        pytest.skip("it lists what has a place on a timeline")
    assert report.escape(path) in re.sub(r"\n +", "", rendered(report))


@pytest.mark.parametrize(
    "text", [SCRIPT, FORMULA, ANSI, OVERRIDE, SURROGATE, 'quote " and \\ and \t tab', "a, b; c | d"]
)
def test_what_it_escapes_is_inert(report: Report, text: str) -> None:
    escaped = report.escape(text)
    assert {char for char in escaped if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"}} <= set("\n\t")
    assert escaped.encode("utf-8")


def test_it_can_be_written_as_utf_8(report: Report) -> None:
    assert rendered(report).encode("utf-8")


def test_nothing_it_prints_acts_on_a_terminal_or_an_editor(report: Report) -> None:
    acting = {
        char
        for char in rendered(report).removeprefix("\ufeff")
        if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"}
    }
    assert acting <= set(report.controls)
    assert ANSI not in rendered(report)
    assert OVERRIDE not in rendered(report)


def test_it_never_claims_what_nobody_can_know(report: Report) -> None:
    assert not re.search(r"\b(authentic|clean|genuine|real)\b", rendered(report), re.IGNORECASE)


def test_an_empty_run_is_a_report_too(report: Report) -> None:
    text = rendered(report, ())
    assert len(text) < len(rendered(report))
    if report.name in ("console", "html"):
        assert "NOTHING INSPECTED: no files were found" in text


def test_a_long_delivery_comes_in_pieces_and_in_little_memory(report: Report) -> None:
    if isinstance(report, PdfReport):
        report = PdfReport(full=10, lines=10)  # it is one piece to its library, and bounded by these
    gc.collect()
    gc.freeze()  # what other tests left is not looked through again and again
    few, many = (_longest_and_peak(report, count) for count in (30, 150))
    assert many[0] < 100_000
    assert many[1] < few[1] * 1.5 + 100_000


def _longest_and_peak(report: Report, count: int) -> tuple[int, int]:
    """Characters of the longest piece, and the most bytes held at once."""

    def records() -> Iterator[Record]:
        for number in range(count):
            if number % 30 == 0:
                gc.collect()  # what is only waiting to be collected is not held
            yield handmade.stopped(f"art/{number:05}.png", number)

    summary = tally(records()).summary(handmade.PROVENANCE, fail_on=Outcome.ISSUE)
    tracemalloc.start()
    try:
        longest = max((len(piece) for piece in report.render(summary, records)), default=0)
        return longest, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_lost_asset_is_said_first() -> None:
    for report in REPORTS:
        if report.name in ("console", "html"):
            text = rendered(report, lost=1)
            assert "NOT READY: 10 files found but 9 recorded; scan again" in text
            assert "found 10 ≠ written 9" in text


def test_html_has_no_script_but_its_own() -> None:
    (report,) = (one for one in REPORTS if one.name == "html")
    text = rendered(report)
    assert SCRIPT not in text
    assert text.count("<script") == 1
    assert not re.search(r"(?:src|href)=[\"']?(?:https?:)?//", text)
    assert not re.search(r"\son\w+=", text.partition("<script>")[0].replace(handmade.FORMULA, ""))
