"""Edit lists and marker lists, read back as an editor's tools read them."""

from __future__ import annotations

import re
from collections.abc import Mapping

import opentimelineio as otio
import pytest

from scanner.model import (
    Claim,
    Examination,
    Finding,
    Kind,
    MediaFacts,
    Outcome,
    Reason,
    Record,
    Scan,
    Strength,
    Verdict,
)
from scanner.records.upgrade import read_place
from scanner.reports.edl import EdlReport, ResolveReport
from scanner.reports.markers import MarkersReport
from scanner.reports.timed import TimedReport
from tests.scanner.reports.handmade import RECORDS, asset, finding, summed

RATES = {"23.976": ("24000/1001", False), "24": ("24", False), "25": ("25", False), "29.97 NDF": ("30000/1001", False),
         "29.97 DF": ("30000/1001", True), "50": ("50", False), "59.94 DF": ("60000/1001", True)}  # fmt: skip
RESOLVE = re.compile(r"^ \|C:ResolveColor(\w+) \|M:([^|]+) \|D:(\d+)$", re.MULTILINE)
EVENT = re.compile(r"^(\d{3})  (\S{1,8}) +(V|A) +C +((?:\d\d[:;]){3}\d\d) (\S+) (\S+) (\S+)$", re.MULTILINE)
LOC = re.compile(r"^\* LOC: (\S{11}) (\w+) +(.+)$", re.MULTILINE)
NOTED = re.compile(r"^(.*) \|C:ResolveColor(\w+) \|M:([^|]+) \|D:(\d+)$", re.MULTILINE)


def programme(*places: Mapping[str, object] | None, drop: bool = False, rate: str = "24", path: str = "a/EP 1.mov",
              outcome: Outcome = Outcome.BLOCKER, kind: Kind = Kind.VIDEO) -> Record:  # fmt: skip
    found: tuple[Finding, ...] = tuple(
        finding(f"f{n}", f"rule.{n}", Claim.GENERATED, Strength.STRUCTURED, tool=f"Tool {n}", at=read_place(at))
        for n, at in enumerate(places)
    )
    reasons = tuple(
        Reason(rule="policy.rule", outcome=outcome, because=(it.id,), text="Not approved.", remedy="Have it approved.")
        for it in found
    )
    media = MediaFacts(rate=rate, timecode="01:00:00;00" if drop else "01:00:00:00")
    seen = Examination(asset=asset(path, kind, "video/quicktime"), media=media)
    return Record(
        examination=seen, findings=found, verdict=Verdict(outcome=outcome, scan=Scan.COMPLETE, reasons=reasons)
    )


def documents(report: TimedReport, *records: Record) -> list[str]:
    return ["".join(one.pieces) for one in report.documents(summed(records), lambda: records)]


def edit_lists(record: Record) -> list[str]:
    return documents(EdlReport(), record)


def marker_lines(record: Record) -> list[str]:
    return "".join(documents(MarkersReport(), record)).splitlines(keepends=True)


def read(text: str, rate: str) -> otio.schema.Timeline:
    top, _, bottom = rate.partition("/")
    return otio.adapters.read_from_string(text, "cmx_3600", rate=int(top) / int(bottom or 1))


@pytest.mark.parametrize(("rate", "drop"), RATES.values(), ids=RATES)
def test_an_editor_reads_each_hit_at_its_timecode(rate: str, drop: bool) -> None:
    record = programme(
        {"in_frame": 1798, "out_frame": 1900}, {"in_frame": 5000, "out_frame": 5001}, rate=rate, drop=drop
    )
    (text,) = edit_lists(record)
    clips = list(read(text, rate).find_clips())
    begin = record.examination.media.timecode if record.examination.media else ""
    fps = clips[0].source_range.start_time.rate
    base = otio.opentime.from_timecode(begin, fps).value
    assert [clip.source_range.start_time.value - base for clip in clips] == [1798, 5000]
    assert [clip.duration().value for clip in clips] == [1, 1]
    assert {clip.name for clip in clips} == {"EP 1.mov"}
    assert [int(found[3]) for found in RESOLVE.finditer(text)] == [102, 1]
    assert f"FCM: {'DROP' if drop else 'NON-DROP'} FRAME" in text.splitlines()
    assert all((";" in found[4]) == drop for found in EVENT.finditer(text))
    assert all(found[4] == found[6] and found[5] == found[7] for found in EVENT.finditer(text))


def test_locators_are_markers_with_words_and_colour() -> None:
    (text,) = edit_lists(programme({"in_frame": 24, "out_frame": 48}))
    (clip,) = read(text, "24").find_clips()
    (marker,) = clip.markers
    assert marker.color == "RED"
    assert marker.name.startswith(
        "BLOCKER: AI-generated - Tool 0 - dedicated metadata field (to 01:00:02:00, 24 frames from frame 24)"
    )
    assert marker.marked_range.start_time.to_timecode() == "01:00:01:00"


def test_hits_that_start_together_are_one_event_and_a_locator_each() -> None:
    (text,) = edit_lists(programme({"in_frame": 24, "out_frame": 48}, {"in_frame": 24, "out_frame": 90}, None))
    (whole, clip) = read(text, "24").find_clips()
    assert [len(it.markers) for it in (whole, clip)] == [1, 2]
    assert "whole programme" in whole.markers[0].name
    assert [(found[1], found[2], found[3]) for found in RESOLVE.finditer(text)] == [
        ("Red", "BLOCKER AI-generated", "1"),
        ("Red", "BLOCKER AI-generated and 1 more", "66"),
    ]


def test_more_than_999_events_are_another_list() -> None:
    texts = list(edit_lists(programme(*({"in_frame": n, "out_frame": n + 1} for n in range(1010)))))
    assert [len(EVENT.findall(text)) for text in texts] == [999, 11]
    assert [len(list(read(text, "24").find_clips())) for text in texts] == [999, 11]
    assert [text.splitlines()[0] for text in texts] == ["TITLE: a/EP 1.mov (1)", "TITLE: a/EP 1.mov (2)"]


@pytest.mark.parametrize(
    "record",
    [
        programme({"in_frame": 1}, outcome=Outcome.PASS),
        programme({"in_frame": 1}, rate="no rate"),
        programme({"in_frame": 1}, kind=Kind.IMAGE),
        programme(),
    ],
    ids=["the policy lets it be", "no rate", "a still", "no hit"],
)
def test_what_has_no_place_or_nothing_to_settle_is_not_in_it(record: Record) -> None:
    (text,) = edit_lists(record)
    assert EVENT.findall(text) == marker_lines(record) == []


def test_a_list_of_nothing_is_a_list() -> None:
    text = "".join(EdlReport().render(summed(()), lambda: ()))
    assert list(read(text, "24").find_clips()) == []


def test_hostile_names_stay_in_their_lines() -> None:
    path = "x/\n002  AX V C |M:evil\t\x1b[2J\udcff.mov"
    record = programme({"in_frame": 1, "out_frame": 2}, path=path)
    (text,) = edit_lists(record)
    assert len(EVENT.findall(text)) == len(RESOLVE.findall(text)) == len(LOC.findall(text)) == 1
    assert text.isprintable() or set(text) - {"\n"} == {char for char in text if char.isprintable()}
    (line,) = marker_lines(record)
    assert len(line.split("\t")) == 6


@pytest.mark.parametrize(("rate", "drop"), RATES.values(), ids=RATES)
def test_a_marker_line_has_six_columns(rate: str, drop: bool) -> None:
    record = programme({"in_frame": 48, "out_frame": 96}, None, rate=rate, drop=drop, outcome=Outcome.ISSUE)
    rows = [line.removesuffix("\n").split("\t") for line in marker_lines(record)]
    (whole, hit) = rows
    assert [len(row) for row in rows] == [6, 6]
    assert (hit[0], hit[2], hit[3], hit[5]) == ("provscan", "V1", "yellow", "48")
    assert (";" in hit[1]) == drop
    assert hit[4].startswith("[a/EP 1.mov] ISSUE: AI-generated - Tool 0")
    assert "48 frames from frame 48" in hit[4]
    assert (whole[1], whole[5]) == ("01:00:00;00" if drop else "01:00:00:00", "1")


def test_sound_is_marked_on_its_track() -> None:
    record = programme({"in_frame": 1, "out_frame": 2}, kind=Kind.AUDIO)
    (text,) = edit_lists(record)
    assert [found[3] for found in EVENT.finditer(text)] == ["A"]
    assert [line.split("\t")[2] for line in marker_lines(record)] == ["A1"]


def test_both_lists_hold_the_same_hits() -> None:
    edl = "".join(EdlReport().render(summed(), lambda: RECORDS))
    lines = "".join(MarkersReport().render(summed(), lambda: RECORDS)).splitlines()
    assert [found[1] for found in LOC.finditer(edl)] == [line.split("\t")[1] for line in lines]
    assert [line.split("\t")[1] for line in lines] == ["01:00:28:10", "01:12:00:00"]


@pytest.mark.parametrize(("rate", "drop"), RATES.values(), ids=RATES)
def test_every_locator_is_read_as_a_marker(rate: str, drop: bool) -> None:
    record = programme(*({"in_frame": n, "out_frame": n + 9} for n in (0, 1798, 1800, 107_892)), rate=rate, drop=drop)
    (text,) = edit_lists(record)
    assert sum(len(clip.markers) for clip in read(text, rate).find_clips()) == 4


@pytest.mark.parametrize("report", [EdlReport(), MarkersReport(), ResolveReport()], ids=lambda report: report.name)
def test_each_deliverable_has_a_list_of_its_own(report: TimedReport) -> None:
    records = [
        programme({"in_frame": 5, "out_frame": 9}, path=path) for path in ("a/EP 1.mov", "b/EP_1.mov", "b/EP 1.mxf")
    ]
    found = list(report.documents(summed(tuple(records)), lambda: records))
    assert [one.part for one in found] == ["EP-1", "EP_1", "EP-1-2"]
    for one, record in zip(found, records, strict=True):
        assert "".join(one.pieces) == documents(report, record)[0]


def test_a_comment_is_never_cut_before_what_to_do() -> None:
    record = programme({"in_frame": 24, "out_frame": 48})
    long = Finding(
        **{**{name: getattr(record.findings[0], name) for name in record.findings[0].__slots__}, "tool": "T" * 400}
    )
    remedy = "Have it approved. " + "And then say so. " * 20
    reason = Reason(rule="r", outcome=Outcome.BLOCKER, because=(long.id,), text="No.", remedy=remedy.strip())
    verdict = Verdict(outcome=Outcome.BLOCKER, scan=Scan.COMPLETE, reasons=(reason,))
    record = Record(examination=record.examination, findings=(long,), verdict=verdict)
    (locator,) = LOC.findall(edit_lists(record)[0])
    (line,) = marker_lines(record)
    (note,) = NOTED.findall(documents(ResolveReport(), record)[0])
    for comment in (locator[2], line.split("\t")[4], note[0]):
        assert comment.endswith(remedy.strip())
        assert "(to 01:00:02:00, 24 frames from frame 24)" in comment


def test_resolve_gets_a_note_before_the_name_and_one_mark_a_frame() -> None:
    record = programme(
        {"in_frame": 24, "out_frame": 48}, {"in_frame": 24, "out_frame": 90}, None, drop=True, rate="30000/1001"
    )
    (text,) = documents(ResolveReport(), record)
    assert text.splitlines()[:2] == ["TITLE: a/EP 1.mov", "FCM: DROP FRAME"]
    whole, both = NOTED.findall(text)
    assert whole[0].startswith("BLOCKER: AI-generated - Tool 2 - dedicated metadata field (whole programme). Have it")
    assert both[1:] == ("Red", "BLOCKER AI-generated and 1 more", "66")
    assert both[0].count("Have it approved.") == 2
    assert not any(line.startswith("*") for line in text.splitlines()), "Resolve takes comment lines into the note"
