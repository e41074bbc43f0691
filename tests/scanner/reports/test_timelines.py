"""OpenTimelineIO, Final Cut Pro 7 XML and FCPXML, read back by OpenTimelineIO and its adapters."""

from __future__ import annotations

import xml.etree
from fractions import Fraction
from typing import Any
from xml.etree import ElementTree

import opentimelineio as otio
import pytest

from media.timecode import Timecode, rate_of
from scanner.model import Kind, Outcome, Record
from scanner.reports.fcp7 import Fcp7Report
from scanner.reports.fcpxml import FcpxmlReport
from scanner.reports.instances import instances
from scanner.reports.otio import OtioReport
from scanner.reports.timed import TimedReport
from scanner.reports.wording import inert
from tests.scanner.reports.handmade import ANSI, FORMULA, RECORDS, SCRIPT, summed
from tests.scanner.reports.test_edl import RATES, documents, programme

# The adapter for FCPXML was written for Pythons that had this name for the same parser.
xml.etree.cElementTree = ElementTree  # type: ignore[attr-defined]

REPORTS: tuple[tuple[TimedReport, str], ...] = (
    (OtioReport(), "otio_json"), (Fcp7Report(), "fcp_xml"), (FcpxmlReport(), "fcpx_xml"),
)  # fmt: skip
FRAMES = (0, 1798, 1800, 17_982)
each_report = pytest.mark.parametrize(("report", "adapter"), REPORTS, ids=lambda it: getattr(it, "name", ""))
each_rate = pytest.mark.parametrize(("rate", "drop"), RATES.values(), ids=RATES)


def timelines(text: str, adapter: str) -> list[Any]:
    found = otio.adapters.read_from_string(text, adapter)
    return [found] if isinstance(found, otio.schema.Timeline) else list(found)


def markers(timeline: Any) -> list[Any]:
    stacked = list(timeline.tracks.markers)
    return stacked + [marker for clip in timeline.find_clips() for marker in clip.markers]


def hits(record: Record) -> int:
    return sum(hit.outcome is not Outcome.PASS for hit in instances(record))


@each_report
@each_rate
def test_a_marker_for_each_hit(report: TimedReport, adapter: str, rate: str, drop: bool) -> None:
    record = programme(None, *({"in_frame": n, "out_frame": n + 9} for n in FRAMES), rate=rate, drop=drop)
    (text,) = documents(report, record)
    (timeline,) = timelines(text, adapter)
    found = markers(timeline)
    assert len(found) == hits(record) == 5
    assert {marker.name for marker in found} == {"BLOCKER: AI-generated"}
    assert timeline.name == "EP 1.mov"
    assert [clip.name for clip in timeline.find_clips()] == ["EP 1.mov"]


@each_rate
def test_otio_markers_lie_on_their_frames(rate: str, drop: bool) -> None:
    record = programme(*({"in_frame": n, "out_frame": n + 9} for n in FRAMES), rate=rate, drop=drop)
    (timeline,) = timelines(documents(OtioReport(), record)[0], "otio_json")
    (clip,) = timeline.find_clips()
    begin = clip.source_range.start_time
    assert begin == timeline.global_start_time
    assert begin.to_timecode(begin.rate, drop) == ("01:00:00;00" if drop else "01:00:00:00")
    assert [marker.marked_range.start_time.value - begin.value for marker in clip.markers] == list(FRAMES)
    assert {marker.marked_range.duration.value for marker in clip.markers} == {9.0}
    assert all(
        marker.marked_range.end_time_inclusive() <= clip.available_range().end_time_inclusive()
        for marker in clip.markers
    )
    assert clip.markers[0].comment.endswith("Have it approved.")
    assert clip.markers[0].color == "RED"


@each_rate
def test_premiere_markers_lie_on_their_frames(rate: str, drop: bool) -> None:
    record = programme(*({"in_frame": n, "out_frame": n + 9} for n in FRAMES), rate=rate, drop=drop)
    (text,) = documents(Fcp7Report(), record)
    (timeline,) = timelines(text, "fcp_xml")
    start = Timecode.parse("01:00:00;00" if drop else "01:00:00:00", rate_of(rate), drop=drop)
    assert timeline.global_start_time.value == start.frame
    assert [marker.marked_range.start_time.value for marker in timeline.tracks.markers] == list(FRAMES)
    assert {marker.marked_range.duration.value for marker in timeline.tracks.markers} == {9.0}
    sequence = ElementTree.fromstring(text.encode()).find("sequence")
    assert sequence is not None
    assert sequence.findtext("timecode/displayformat") == ("DF" if drop else "NDF")
    assert sequence.findtext("timecode/string") == str(start)
    assert (sequence.findtext("marker/comment") or "").endswith("Have it approved.")


@each_rate
def test_fcpxml_markers_lie_on_their_frames(rate: str, drop: bool) -> None:
    record = programme(*({"in_frame": n, "out_frame": n + 9} for n in FRAMES), rate=rate, drop=drop)
    page = ElementTree.fromstring(documents(FcpxmlReport(), record)[0].encode())
    seconds = [Fraction(marker.attrib["start"].removesuffix("s")) for marker in page.iter("marker")]
    (clip,) = page.iter("asset-clip")
    begin = Fraction(clip.attrib["start"].removesuffix("s"))
    assert [(place - begin) * rate_of(rate) for place in seconds] == list(FRAMES)
    assert {marker.attrib["completed"] for marker in page.iter("marker")} == {"0"}
    (sequence,) = page.iter("sequence")
    assert (sequence.attrib["tcFormat"], sequence.attrib["tcStart"]) == ("DF" if drop else "NDF", clip.attrib["start"])


@each_report
def test_several_programmes_are_read_from_one_document_too(report: TimedReport, adapter: str) -> None:
    records = [programme({"in_frame": 5, "out_frame": 9}, path=f"EP{n}.mov") for n in range(3)]
    text = "".join(report.render(summed(tuple(records)), lambda: records))
    if adapter == "fcp_xml":
        assert text.count("<sequence ") == 3
    found = timelines(text, adapter)
    assert [timeline.name for timeline in found] == ["EP0.mov", "EP1.mov", "EP2.mov"]
    assert [len(markers(timeline)) for timeline in found] == [1, 1, 1]


@each_report
def test_sound_lies_on_an_audio_track(report: TimedReport, adapter: str) -> None:
    record = programme({"in_frame": 5, "out_frame": 9}, kind=Kind.AUDIO, path="mix.wav")
    (timeline,) = timelines(documents(report, record)[0], adapter)
    assert [track.kind for track in timeline.tracks] == ["Audio"]


@each_report
def test_no_hits_are_a_document_too(report: TimedReport, adapter: str) -> None:
    (text,) = documents(report)
    if adapter == "fcp_xml":
        assert ElementTree.fromstring(text.encode()).findall("sequence") == []
        return
    assert timelines(text, adapter) == []


@each_report
def test_names_and_words_of_strangers_are_text(report: TimedReport, adapter: str) -> None:
    hostile = f"x/{SCRIPT}{ANSI}{FORMULA}&amp;]]>\"'\udcff.mov"
    records = [programme({"in_frame": 5, "out_frame": 9}, path=hostile), *RECORDS]
    text = "".join(report.render(summed(tuple(records)), lambda: records))
    assert "\x1b" not in text
    found = timelines(text, adapter)
    assert inert(hostile).rpartition("/")[2] in {clip.name for timeline in found for clip in timeline.find_clips()}
    if adapter != "otio_json":
        tags = {element.tag for element in ElementTree.fromstring(text.encode()).iter()}
        assert "script" not in tags
