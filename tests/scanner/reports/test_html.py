from __future__ import annotations

import base64
import hashlib
import re

import pytest

from scanner.model import Outcome
from scanner.reports.html import HtmlReport
from scanner.reports.json import SCHEMA, JsonReport
from scanner.reports.pictures.pictures import picture_name, wants_picture
from tests.scanner.reports.handmade import RECORDS, SCRIPT, SURROGATE, quiet, stopped, summed


def page(records: tuple = RECORDS) -> str:
    return "".join(HtmlReport().render(summed(records), lambda: records))


@pytest.mark.parametrize("tag", ["style", "script"])
def test_the_page_lets_only_its_own_style_and_script_work(tag: str) -> None:
    text = page()
    (inside,) = re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', text)
    assert policy.startswith("default-src &#39;none&#39;;")
    assert f"{tag}-src &#39;sha256-{digest}&#39;" in policy
    assert "unsafe" not in policy
    assert not re.search(r"\sstyle=", text)


def test_nothing_is_asked_of_the_network_or_run_out_of_a_file() -> None:
    text = page()
    assert SCRIPT not in text
    assert text.count("<script") == 1
    assert {found.partition("/")[0] for found in re.findall(r'(?:src|href)="([^"]*)"', text)} == {"pictures", "#work"}


def test_worst_first_and_one_card_each() -> None:
    outcomes = re.findall(r'<article [^>]*data-outcome="(\w+)"', page())
    assert outcomes == ["blocker", "blocker", "issue", "issue", "fyi", "fyi"]
    assert page().count('<li class="file"') == 3


def test_pictures_are_asked_for_only_where_they_are_drawn() -> None:
    names = set(re.findall(r"pictures/(\w+\.jpg)", page()))
    assert names == {picture_name(record) for record in RECORDS if wants_picture(record)}
    assert all(re.fullmatch(r"[0-9a-f]{20}\.jpg", picture_name(record)) for record in RECORDS)
    assert len({picture_name(record) for record in RECORDS}) == len(RECORDS)
    assert picture_name(quiet(SURROGATE)) == picture_name(quiet(SURROGATE))
    assert wants_picture(stopped("a.png"))
    assert not wants_picture(quiet("a.png"))


def test_evidence_keeps_its_line_breaks_and_long_ones_are_cut() -> None:
    assert "35mm\nNegative prompt: text\nSteps: 30" in page()
    assert "… 10,084 characters in all; see records.jsonl" in page()
    assert "A" * 5000 not in page()


def test_where_all_pass_the_list_is_open() -> None:
    assert '<details class="others" open>' in page((quiet("a.png"),))
    assert '<details class="others">' in page()


def test_the_json_document_is_the_summary_and_the_records() -> None:
    import json

    got = json.loads("".join(JsonReport().render(summed(), lambda: RECORDS)))
    assert got["schema"] == SCHEMA
    assert got["summary"]["outcomes"] == {Outcome.BLOCKER: 2, Outcome.ISSUE: 2, Outcome.FYI: 2, Outcome.PASS: 3}
    assert [one["asset"]["path"] for one in got["records"]] == [one.examination.asset.path for one in RECORDS]
