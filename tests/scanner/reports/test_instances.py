"""Where hits are: frames, labels and the deliverable's own clock."""

from __future__ import annotations

from collections.abc import Mapping

import opentimelineio as otio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.model import Claim, Examination, Frames, Kind, MediaFacts, Outcome, Record, Scan, Strength, Verdict
from scanner.records.upgrade import read_place
from scanner.reports.instances import Instance, clock, instances
from tests.scanner.reports.handmade import RECORDS, asset, finding

FILM = MediaFacts(rate="24000/1001", timecode="01:00:00:00")
DROP = MediaFacts(rate="30000/1001", timecode="00:59:59;28")
BARE = MediaFacts(rate="25")
RATES = {"24000/1001": False, "24": False, "25": False, "30000/1001": False, "50": False, "60000/1001": True}


def record(
    at: Mapping[str, object] | None, media: MediaFacts | None, kind: Kind = Kind.VIDEO, **more: object
) -> Record:
    one = finding("f1", "some.rule", Claim.GENERATED, Strength.STRUCTURED, at=read_place(at))
    seen = Examination(asset=asset("a/b.mov", kind, "video/quicktime", **more), media=media)
    return Record(examination=seen, findings=(one,), verdict=Verdict(outcome=Outcome.ISSUE, scan=Scan.COMPLETE))


def places(found: list[Instance]) -> list[tuple[int, int, str, str] | None]:
    return [(it.span.first, it.span.frames, str(it.span.start), str(it.span.end)) if it.span else None for it in found]


@pytest.mark.parametrize(
    ("at", "media", "place"),
    [
        ({"in_frame": 682, "out_frame": 746}, FILM, (682, 64, "01:00:28:10", "01:00:31:02")),
        ({"in": "01:00:28:10", "out": "01:00:31:02"}, FILM, (682, 64, "01:00:28:10", "01:00:31:02")),
        ({"in_frame": 2, "out_frame": 4}, DROP, (2, 2, "01:00:00;00", "01:00:00;02")),
        ({"in_frame": 1800, "out_frame": 1801}, DROP, (1800, 1, "01:00:59;28", "01:00:59;29")),
        ({"in_frame": 1802, "out_frame": 1803}, DROP, (1802, 1, "01:01:00;02", "01:01:00;03")),
        ({"in_frame": 7}, BARE, (7, 1, "00:00:00:07", "00:00:00:08")),
        ({"in_frame": 48, "out_frame": 96, "rate": "24"}, BARE, (50, 50, "00:00:02:00", "00:00:04:00")),
        ({"in_frame": 5, "out_frame": 3}, BARE, (5, 1, "00:00:00:05", "00:00:00:06")),
        ({"in_frame": 5, "out_frame": 9}, None, (5, 4, "None", "None")),
    ],
    ids=["frames", "labels", "over the hour", "drop", "over left-out labels", "one frame", "counted at another rate",
         "out before in", "no rate"],
)  # fmt: skip
def test_a_hit_has_its_place(at: Mapping[str, object], media: MediaFacts | None, place: tuple[object, ...]) -> None:
    assert places(list(instances(record(at, media)))) == [place]


@pytest.mark.parametrize(
    "at",
    [
        None, {}, {"note": "x"}, {"in": "late", "out": "later"}, {"in": None}, {"frames": "none"}, {"frames": [[1]]},
        {"in_frame": "x"}, {"in_frame": float("inf")}, {"in_frame": float("nan")}, {"in_frame": 1, "rate": "0"},
        {"in_frame": 1, "rate": []}, {"in": 5, "out": 6}, {"frames": 5},
    ],
    ids=repr,
)  # fmt: skip
def test_a_place_that_is_none_is_the_whole_file(at: Mapping[str, object] | None) -> None:
    assert places(list(instances(record(at, FILM)))) == [None]


def test_frame_counts_are_not_told_where_the_file_does_not_say_its_start() -> None:
    (bare,) = instances(record({"in": "01:00:00:00", "out": "01:00:01:00"}, BARE))
    (told,) = instances(record({"in": "01:00:28:10", "out": "01:00:31:02"}, FILM))
    assert bare.span is not None
    assert told.span is not None
    assert (str(bare.span.start), bare.span.words) == ("01:00:00:00", "25 frames")
    assert told.span.words == "64 frames from frame 682"


@pytest.mark.parametrize(
    ("media", "start"),
    [(None, "None"), (MediaFacts(rate="24"), "00:00:42:02"), (FILM, "01:00:00:09"), (MediaFacts(rate="x"), "None")],
    ids=["no rate", "by file number", "by start timecode", "nonsense"],
)  # fmt: skip
def test_a_sequence_counts_by_its_file_names(media: MediaFacts | None, start: str) -> None:
    frames = Frames(ranges=((1001, 1006), (1008, 1024)), missing=((1007, 1007),))
    found = list(instances(record({"frames": [[1010, 1012], [1020, 1020]]}, media, Kind.IMAGE, frames=frames)))
    assert [(it.span.first, it.span.frames) for it in found if it.span] == [(1010, 3), (1020, 1)]
    assert str(found[0].span and found[0].span.start) == start


def test_a_still_has_no_clock() -> None:
    assert clock(record(None, MediaFacts(rate="24"), Kind.IMAGE).examination) is None


def test_a_hit_carries_the_worst_that_the_policy_says_of_it() -> None:
    found = {it.mark.rule: it.outcome for one in RECORDS for it in instances(one)}
    assert found["c2pa.trained-algorithmic-media"] is Outcome.BLOCKER
    assert found["topaz.software"] is Outcome.FYI
    assert found["c2pa.capture"] is Outcome.PASS


@given(rate=st.sampled_from(sorted(RATES)), frame=st.integers(0, 24 * 3600 * 20), length=st.integers(1, 10_000))
def test_labels_are_those_of_another_implementation(rate: str, frame: int, length: int) -> None:
    start = "00:00:00;00" if RATES[rate] else "00:00:00:00"
    (hit,) = instances(record({"in_frame": frame, "out_frame": frame + length}, MediaFacts(rate=rate, timecode=start)))
    numerator, _, denominator = rate.partition("/")
    fps = int(numerator) / int(denominator or 1)
    said = otio.opentime.to_timecode(otio.opentime.RationalTime(frame, fps), fps, RATES[rate])
    assert hit.span is not None
    assert str(hit.span.start) == said
