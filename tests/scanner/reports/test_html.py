from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from pathlib import Path

import pytest

from scanner.model import Outcome
from scanner.reports.components.anchors import file_anchor, finding_anchor
from scanner.reports.html import HtmlReport
from scanner.reports.json import SCHEMA, JsonReport
from scanner.reports.pictures.pictures import PictureFolder, pair_name, picture_name, wants_picture
from tests.scanner.reports.handmade import PROVENANCE, RECORDS, SCRIPT, SURROGATE, quiet, stopped, summed


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
    assert not re.findall(r'(?:src|href)="(?!#|data:image/jpeg;base64,)', text)


def test_worst_first_and_one_card_each() -> None:
    outcomes = re.findall(r'<article [^>]*data-outcome="(\w+)"', page())
    assert outcomes == ["blocker", "blocker", "issue", "issue", "fyi", "fyi"]
    assert page().count('<li class="file"') == 3


def test_every_link_within_the_page_leads_somewhere_and_once() -> None:
    text = page()
    names = re.findall(r'\sid="([^"]*)"', text)
    assert len(names) == len(set(names))
    assert set(re.findall(r'href="#([^"]*)"', text)) <= set(names)
    for record in RECORDS:
        assert file_anchor(record) in names
        if record.verdict.outcome is not Outcome.PASS:
            assert {finding_anchor(file_anchor(record), one.id) for one in record.findings} <= set(names)


def test_a_file_stands_under_each_of_its_rules_and_is_found_by_each() -> None:
    text = page()
    todo = text[text.index('id="todo"') : text.index('id="work"')]
    listed = re.findall(r'<button [^>]*data-rule="([^"]*)"', todo)
    assert listed == [
        "netflix.generated-in-final", "-rule", "netflix.contains-in-final", "netflix.not-inspected",
        "netflix.enhanced", "netflix.altered-archival-fiction",
    ]  # fmt: skip
    (options,) = re.findall(r'<select name="rule">(.*?)</select>', text)
    assert re.findall("<option>([^<]*)</option>", options) == listed
    clip = text[text.index(f'<article class="file blocker" id="{file_anchor(RECORDS[2])}"') :].partition(">")[0]
    assert 'data-rules="netflix.generated-in-final|netflix.contains-in-final|netflix.altered-archival-fiction"' in clip
    assert todo.count(">picture/EP101_v03.mov</a>") == 4, "under three rules, and on a timeline"


def test_a_finding_has_its_register_row_or_states_that_there_is_none() -> None:
    text = page()
    assert '<div class="row"><dt>Register</dt><dd>AI-7, bound by place</dd></div>' in text
    assert '<div class="missing"><dt>Register</dt><dd>no row covers it</dd></div>' in text
    without = replace(summed(), provenance=replace(PROVENANCE, register=None))
    text = "".join(HtmlReport().render(without, lambda: RECORDS))
    assert '<div class="norow"><dt>Register</dt><dd>no register was given</dd></div>' in text
    assert "no row covers it" not in text


def test_a_programme_has_a_timeline_with_each_finding_at_its_place() -> None:
    text = page()
    strip = text[text.index('<figure class="strip">') :].partition("</figure>")[0]
    assert strip.count('<rect class="blocker"') == 1
    assert strip.count('<rect class="fyi"') == 1
    assert 'x="0.9%"' in strip, "frame 682 of 75798"
    assert "01:00:00:00" in strip
    assert "AI-made" not in strip[strip.index("ticks") :]


def test_a_timeline_that_is_not_drawn_is_stated(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Timelines are drawn for the first" not in page()
    monkeypatch.setattr("scanner.reports.html.MOST_STRIPS", 0)
    text = page()
    assert '<figure class="strip">' not in text
    assert "Timelines are drawn for the first 0 programmes only" in text


class Drawn:
    """Pictures of a run that has drawn all, each of so many bytes."""

    def __init__(self, size: int) -> None:
        self.data = b"\xff\xd8\xff" + b"." * (size - 3)
        self.asked: list[str] = []

    def size(self, name: str) -> int:
        return len(self.data) if name.endswith(".jpg") else 0

    def read(self, name: str) -> bytes:
        self.asked.append(name)
        return self.data


def shown(pictures: Drawn, limit: int) -> str:
    return "".join(HtmlReport(pictures, pictures_limit=limit).render(summed(), lambda: RECORDS))


def test_pictures_are_in_the_page_where_they_were_drawn() -> None:
    drawn = Drawn(300)
    text = shown(drawn, 1_000_000)
    assert text.count('src="data:image/jpeg;base64,/9j/Li4u') == len(drawn.asked) == 6
    assert picture_name(RECORDS[1]) in drawn.asked
    assert pair_name(RECORDS[2], RECORDS[2].matches[0]) in drawn.asked
    assert all(re.fullmatch(r"[0-9a-f]{20}(-\w+)?\.jpg", name) for name in drawn.asked)
    assert "of pictures at most" not in text
    assert "01:00:29:18 (frame 714)" in text


def test_a_page_that_would_be_too_large_states_which_pictures_it_leaves_out() -> None:
    drawn = Drawn(300)
    text = shown(drawn, 900)
    assert drawn.asked == [picture_name(RECORDS[1]), picture_name(RECORDS[2])]
    assert "2 of 6 are in this page" in text
    assert f"<code>pictures/{pair_name(RECORDS[2], RECORDS[2].matches[0])}</code>" in text


def test_without_pictures_there_is_no_hole() -> None:
    assert "<img" not in page()
    assert "<figcaption>01:00" not in page()


def test_beyond_a_number_of_files_the_others_stand_in_a_line_each() -> None:
    text = "".join(HtmlReport(most_cards=3).render(summed(), lambda: RECORDS))
    assert text.count('<article class="file ') == 3
    assert "shows the 3 worst files in full. The other 3 are listed" in text
    for record in RECORDS:
        assert text.count(f'id="{file_anchor(record)}"') == 1


def test_what_is_no_picture_is_not_read_from_a_folder(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"<svg onload=alert(1)>")
    (tmp_path / "b.jpg").write_bytes(b"\xff\xd8\xff\xe0rest")
    (tmp_path / "c.jpg").symlink_to(tmp_path / "b.jpg")
    (tmp_path / "d.jpg").mkdir()
    folder = PictureFolder(tmp_path)
    assert [folder.read(f"{name}.jpg") for name in "abcdx"] == [b"", b"\xff\xd8\xff\xe0rest", b"", b"", b""]


def test_pictures_are_asked_for_only_where_they_are_drawn() -> None:
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
