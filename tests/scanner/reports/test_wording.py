from __future__ import annotations

from dataclasses import replace

import pytest

from scanner.model import Action, Claim, Outcome, Scan, Strength
from scanner.records.upgrade import read_place
from scanner.reports.places import place, size
from scanner.reports.view import sheet
from scanner.reports.wording import ACTIONS, CLAIMS, NOTHING, OUTCOMES, STRENGTHS, balance, headline, inert, trim
from tests.scanner.reports.handmade import RECORDS, quiet, stopped, summed


def test_every_word_of_the_vocabulary_has_plain_words() -> None:
    assert set(OUTCOMES) == set(Outcome)
    assert set(CLAIMS) == set(Claim)
    assert set(STRENGTHS) == set(Strength)
    assert set(ACTIONS) == set(Action)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("plain", "plain", id="plain"),
        pytest.param("Ünïcödé 映画 👩‍🚀", "Ünïcödé 映画 👩‍🚀", id="words-of-all-scripts"),
        pytest.param("a\x1b[31mb", r"a\x1b[31mb", id="escape"),
        pytest.param("a\u202egnp", r"a\u202egnp", id="direction-override"),
        pytest.param("a\udce9b", r"a\xe9b", id="undecodable-byte"),
        pytest.param("a\ud800b", r"a\ud800b", id="lone-surrogate"),
        pytest.param("a\u2028b\nc", r"a\u2028b\x0ac", id="line-breaks"),
        pytest.param("a\U000e0041b", r"a\U000e0041b", id="hidden-tag"),
    ],
)
def test_inert(text: str, shown: str) -> None:
    assert inert(text) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        pytest.param("a  b\n\tc ", "a b c", id="white-space"),
        pytest.param("abcdefghij", "abcdefghij", id="just-fits"),
        pytest.param("abcdefghijk", "abcdefghij … (11 characters)", id="one-too-long"),
        pytest.param(" " * 30 + "late", " … (34 characters)", id="blank-head"),
        pytest.param("x" * 12_345, "xxxxxxxxxx … (12,345 characters)", id="long"),
    ],
)
def test_trim(value: str, shown: str) -> None:
    assert trim(value, 10) == shown


@pytest.mark.parametrize(
    ("records", "said"),
    [
        pytest.param((), "NOTHING INSPECTED: no files were found", id="empty"),
        pytest.param((quiet("a.png"),), "NO MARKER FOUND: 1 file inspected", id="nothing"),
        pytest.param((stopped("a.png"), quiet("b.png")), "NOT READY: 1 blocker", id="blocker"),
        pytest.param((RECORDS[7],), "NOT READY: 1 file could not be inspected", id="not-inspected"),
        pytest.param((RECORDS[4], quiet("b")), "NOTHING BLOCKS: 1 file for information, 2 inspected", id="fyi"),
        pytest.param(
            (RECORDS[6],), "NOTHING TO SETTLE: 1 file inspected; the policy allows all findings", id="allowed"
        ),
        pytest.param(RECORDS, "NOT READY: 2 blockers, 2 issues; 2 files could not be inspected", id="all"),
    ],
)
def test_headline(records: tuple, said: str) -> None:
    assert headline(summed(records)) == said


def test_balance() -> None:
    assert balance(summed()) == "found 9 = written 9 = 2 blocker + 2 issue + 2 fyi + 3 pass"
    assert balance(summed(lost=2)) == "found 11 ≠ written 9 = 2 blocker + 2 issue + 2 fyi + 3 pass"


@pytest.mark.parametrize(
    ("at", "words"),
    [
        pytest.param(None, "", id="whole"),
        pytest.param({"frames": [[5, 5]]}, "frame 5", id="one-frame"),
        pytest.param({"frames": [[1, 4], [9, 9]]}, "frames 1–4, 9", id="frames"),
        pytest.param({"in_frame": 3, "out_frame": 8, "rate": "25"}, "frames 3–7", id="no-timecode"),
        pytest.param({"x": 0, "y": 12.5, "w": 100, "h": 75, "unit": "percent"}, "box 0,12.5 100×75 percent", id="box"),
        pytest.param({"track": "A2"}, "", id="a-word-of-a-later-version"),
    ],
)
def test_place(at: dict | None, words: str) -> None:
    assert place(read_place(at)) == words


def test_many_ranges_are_cut_short() -> None:
    assert (
        place(read_place({"frames": [[n, n] for n in range(0, 20, 2)]})) == "frames 0, 2, 4, 6, 8, 10 and 4 more ranges"
    )


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (999_600, "1.0 MB"),
        (84 * 10**9, "84.0 GB"),
        (10**16, "10,000.0 TB"),
    ],
)
def test_size(count: int, words: str) -> None:
    assert size(count) == words


def test_nothing_found_is_never_more_than_that() -> None:
    for record in RECORDS:
        if not record.findings and not record.matches and record.verdict.scan is Scan.COMPLETE:
            assert sheet(record).found.startswith(NOTHING)
        if record.verdict.scan is Scan.INCOMPLETE:
            assert sheet(record).found == "could not be inspected"


def test_a_problem_is_not_said_twice() -> None:
    broken = sheet(RECORDS[5])
    assert broken.reasons[0].text == "The file could not be inspected, so nothing can be said of it."
    assert broken.faults[0].message == "box moov declares 4294967295 bytes at 40"


@pytest.mark.parametrize(
    ("tool", "version", "vendor", "said"),
    [
        ("Sora", "2", "OpenAI", "Sora 2 (OpenAI)"),
        ("Stable Diffusion web UI (AUTOMATIC1111)", "", "AUTOMATIC1111", "Stable Diffusion web UI (AUTOMATIC1111)"),
        ("Google Veo", "3", "Google", "Google Veo 3"),
        ("InvokeAI", "", "Invoke", "InvokeAI (Invoke)"),
        ("Suno", "", "Suno, Inc.", "Suno (Suno, Inc.)"),
        ("", "", "Adobe", "Adobe"),
    ],
)
def test_a_vendor_that_the_name_has_is_not_said_twice(tool: str, version: str, vendor: str, said: str) -> None:
    mark = sheet(RECORDS[1]).marks[0]
    assert replace(mark, tool=tool, version=version, vendor=vendor).maker == said
