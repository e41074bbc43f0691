"""A sign-off stands in every report that has room for one, and a report of other records states that it is void."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from scanner.records.summary import Seal, Summary
from scanner.reports import REPORTS
from scanner.reports.signing import NOT_CRYPTOGRAPHIC, sign_off
from tests.scanner.reports.handmade import RECORDS, SCRIPT, summed
from tests.scanner.reports.read_back import pages_of_pdf

DIGEST = "ab" * 32
WITHOUT = {"jsonl": "the records are what is signed", "markers": "the format has no head and no comments"}


def sign(name: str = "Ada Example", records: str = DIGEST) -> Summary:
    signed = {
        "decision": "deliver with the exceptions noted", "name": name, "role": "Post-production supervisor",
        "day": "2026-11-30", "records": records, "open": "2 files with a blocker", "source": "",
    }  # fmt: skip
    summary = replace(summed(), seal=Seal(count=len(RECORDS), sha256=DIGEST))
    return replace(summary, provenance=replace(summary.provenance, signed=signed))


def text_of(name: str, summary: Summary) -> str:
    (report,) = (one for one in REPORTS if one.name == name)
    data = b"".join(
        piece if isinstance(piece, bytes) else piece.encode() for piece in report.render(summary, lambda: RECORDS)
    )
    if name == "pdf":
        return " ".join(" ".join(pages_of_pdf(data)).split())
    if name == "xlsx":
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            return "".join(book.read(part).decode() for part in book.namelist())
    return " ".join(data.decode().split())


@pytest.mark.parametrize("name", [report.name for report in REPORTS if report.name not in WITHOUT])
def test_every_report_states_who_signed_and_that_it_is_a_typed_name(name: str) -> None:
    text = text_of(name, sign())
    for words in ("Ada Example", "2026-11-30", DIGEST[:20], "2 files with a blocker", "exceptions noted"):
        assert words in text, words
    if name != "json":
        assert "typed" in text
        assert "cryptographic" in text
    assert "Ada Example" not in text_of(name, summed())


def test_a_sign_off_of_other_records_is_void() -> None:
    (sentence,) = sign_off(sign(records="cd" * 32))
    assert sentence.startswith("The sign-off by Ada Example does not apply")
    page = text_of("html", sign(records="cd" * 32))
    assert "does not apply" in page
    assert NOT_CRYPTOGRAPHIC not in page


@pytest.mark.parametrize("name", ["html", "fcpxml", "fcp7", "junit"])
def test_a_name_is_text_and_nothing_else(name: str) -> None:
    text = text_of(name, sign(f"---> {SCRIPT}"))
    assert SCRIPT not in text
    if name != "html":
        assert ElementTree.fromstring(text) is not None
    assert "&lt;script&gt;" in text
