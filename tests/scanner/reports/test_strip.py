"""A programme's strip: findings where they are on its clock, and the events of its cut under them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scanner.model import Asset, EditSequence, Event, Examination, Frames, Kind, Outcome, Place, Record, Scan, Verdict
from scanner.reports.components.strip import TimelineStrip, cuts_among, strip_of
from tests.scanner.reports.handmade import RECORDS, quiet

CLIP = replace(
    RECORDS[2],
    examination=replace(
        RECORDS[2].examination, asset=replace(RECORDS[2].examination.asset, path="picture/EP101_v03.mov")
    ),
)


def cut(*events: tuple[str, str, str]) -> Record:
    asset = Asset(
        path="edit/EP101_v03.edl", root="EP101_delivery", location="", kind=Kind.TIMELINE, media_type="text/plain",
        size=1, mtime_ns=0,
    )  # fmt: skip
    said = tuple(
        Event(name=name, where=f"event {n}", record_in=into, record_out=out)
        for n, (name, into, out) in enumerate(events, 1)
    )
    return Record(
        examination=Examination(asset=asset, sequences=(EditSequence("", said),)),
        verdict=Verdict(outcome=Outcome.PASS, scan=Scan.COMPLETE),
    )


def strip(*others: Record) -> TimelineStrip:
    found = strip_of(CLIP, cuts_among(lambda: (CLIP, *others)))
    assert found is not None
    return found


def test_findings_lie_where_their_frames_are() -> None:
    (lane,) = strip().lanes
    first, second = lane.bars
    length = round(3161.4 * 24000 / 1001)
    assert (first.left, second.left) == (
        pytest.approx(682 * 100 / length, abs=0.01),
        pytest.approx(17280 * 100 / length, abs=0.01),
    )
    assert (first.tone, second.tone) == ("blocker", "fyi")
    assert "01:00:28:10" in first.label
    assert [tick.label for tick in strip().ticks][::4] == ["01:00:00:00", "01:52:38:06"]


def test_the_events_of_its_cut_lie_under_them() -> None:
    found = strip(cut(("A001.mov", "01:00:00:00", "01:26:00:00"), ("sora.mp4", "01:26:00:00", "01:52:00:00")))
    assert found.cut == "edit/EP101_v03.edl"
    lane = found.lanes[-1]
    assert lane.name == "cut"
    assert [(bar.name, round(bar.left)) for bar in lane.bars] == [("A001.mov", 0), ("sora.mp4", 49)]


def test_a_cut_of_another_programme_is_not_its_own() -> None:
    other = cut(("A001.mov", "01:00:00:00", "01:26:00:00"))
    asset = replace(other.examination.asset, path="edit/EP999_v01.edl")
    other = replace(other, examination=replace(other.examination, asset=asset))
    another = quiet("picture/EP999_v01.mov", kind=Kind.VIDEO)
    another = replace(another, examination=replace(another.examination, media=CLIP.examination.media))
    assert strip(other, another).cut == ""


def test_thousands_of_findings_stay_a_strip() -> None:
    one = CLIP.findings[0]
    many = tuple(
        replace(one, id=f"g{n}", at=Place(frames=((n * 30, n * 30 + 12),), rate="24000/1001")) for n in range(2_000)
    )
    record = replace(CLIP, findings=many, matches=())
    reasons = (replace(CLIP.verdict.reasons[0], because=tuple(it.id for it in many)),)
    record = replace(record, verdict=replace(CLIP.verdict, reasons=reasons))
    found = strip_of(record, cuts_among(tuple))
    assert found is not None
    assert found.found == 2_000
    assert sum(len(lane.bars) for lane in found.lanes) <= 400
    ends = [bar.left + bar.width for lane in found.lanes for bar in lane.bars]
    assert max(ends) <= 100.01


def test_what_has_no_place_has_no_strip() -> None:
    whole = replace(CLIP, findings=(replace(CLIP.findings[0], at=None),), matches=())
    assert strip_of(whole, cuts_among(tuple)) is None
    assert strip_of(RECORDS[1], cuts_among(tuple)) is None


def test_a_sequence_that_lists_no_frames_is_counted_from_its_first() -> None:
    asset = replace(CLIP.examination.asset, frames=Frames(ranges=()))
    record = replace(CLIP, examination=replace(CLIP.examination, asset=asset))
    found = strip_of(record, cuts_among(tuple))
    assert found is not None
    assert found.ticks[0].label == "01:00:00:00"
