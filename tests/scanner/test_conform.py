"""What is recognised in a programme is reconciled with its cut: by frames, in every format, and never by a guess."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import aaf2
import pytest

from media.timecode import Timecode, rate_of
from scanner.judge.conform import Conform, said_of_cut
from scanner.match_ids import match_id
from scanner.model import (
    Asset,
    EditSequence,
    Examination,
    Frames,
    Kind,
    Match,
    MatchFacts,
    MediaFacts,
    Outcome,
    Place,
    Record,
    Scan,
    Verdict,
)
from scanner.records.redaction import redact_record
from scanner.records.upgrade import read_facts
from tests.scanner.documents import look_cut

FILM = "24000/1001"
VIDEO = "30000/1001"
MASTER = "01_Masters/LC_EP101_MASTER.mov"
STILL = "EP101/06_Temp/harbour_temp.png"


def edl(*events: tuple[str, str, str, str], title: str = "LC_EP101_V12", drop: bool = False) -> bytes:
    """Track, times, clip's name and reel of each event."""
    lines = [f"TITLE: {title}", f"FCM: {'' if drop else 'NON-'}DROP FRAME", ""]
    for number, (track, times, name, reel) in enumerate(events, 1):
        lines += [f"{number:03}  {reel:8} {track:5} C        {times}", f"* FROM CLIP NAME: {name}"]
    return "\n".join(lines).encode()


CUT = edl(
    ("V", "14:00:00:00 14:00:04:00 01:00:00:00 01:00:04:00", "A003C002", "TAPE7"),
    ("V", "00:00:00:00 00:00:03:00 01:00:04:00 01:00:07:00", "Harbour_Temp.png", "AX"),
    ("V", "15:00:00:00 15:00:06:00 01:00:08:00 01:00:14:00", "A003C009.mov", "AX"),
    ("A", "00:00:00:00 00:00:14:00 01:00:00:00 01:00:14:00", "mix.wav", "AX"),
)


@pytest.fixture
def said(tmp_path: Path) -> Callable[[bytes, str], tuple[EditSequence, ...]]:
    """What the reader makes of a timeline."""

    def read(data: bytes, name: str) -> tuple[EditSequence, ...]:
        found, fault = look_cut(data, tmp_path / name)
        assert fault is None
        return found

    return read


Read = Callable[[bytes, str], tuple[EditSequence, ...]]


def programme(path: str = MASTER) -> Asset:
    return Asset(
        path=path, root="EP101", location="", kind=Kind.VIDEO, media_type="video/quicktime", size=1, mtime_ns=1
    )


def media(seconds: float = 14, rate: str = FILM, start: str | None = "01:00:00:00") -> MediaFacts:
    return MediaFacts(duration=seconds * 1.001, rate=rate, timecode=start)


def match(first: int, after: int, reference: str = STILL, rate: str = FILM, **facts: str) -> Match:
    at = Place(frames=((first, after),), rate=rate)
    return Match(
        reference=reference, role="temp", relation="segment", score=1, threshold=0.5, at=at, facts=read_facts(facts)
    )


def state_cut(match: Match) -> dict[str, str]:
    """What its cut has, as records of schema 1 named it; empty where it has nothing."""
    cut = match.facts.cut
    if cut is None:
        return {}
    words = {
        "timeline": cut.timeline, "timeline_says": cut.says.value, "timeline_event": cut.event,
        "source_clip": cut.clip, "source_reel": cut.reel, "source_in": cut.source_in, "source_out": cut.source_out,
    }  # fmt: skip
    return {name: said for name, said in words.items() if said}


def told(
    timelines: dict[str, tuple[EditSequence, ...]],
    hit: Match,
    path: str = MASTER,
    facts: MediaFacts | None = None,
    **others: Any,
) -> dict[str, str]:
    """What is added to a match in a programme; `others` are videos beside it."""
    videos = [(programme(path), facts or media()), *((programme(name), said) for name, said in others.items())]
    conform = Conform(((("EP101", name), said) for name, said in timelines.items()), videos)
    (one,) = conform.reconciled(programme(path), (hit,))
    assert replace(one, facts=hit.facts) == hit
    assert match_id(one) == match_id(hit), "waivers are bound to it"
    return state_cut(one)


def test_the_cut_names_the_reference_itself(said: Read) -> None:
    facts = told({"LC_EP101_V12.edl": said(CUT, "a.edl")}, match(98, 170))
    assert facts == {
        "timeline": "LC_EP101_V12.edl",
        "timeline_says": "named",
        "timeline_event": "line 6, event 002",
        "source_clip": "Harbour_Temp.png",
        "source_in": "00:00:00:02",
        "source_out": "00:00:03:00",
    }
    assert (
        said_of_cut(read_facts(facts)) == "cut from Harbour_Temp.png at 00:00:00:02 (LC_EP101_V12.edl, which names it)"
    )


@pytest.mark.parametrize(
    ("hit", "says", "clip", "source", "phrase"),
    [
        pytest.param(
            match(10, 50, "ARC-0142"), "not-named", "A003C002", "14:00:00:10",
            "cut from A003C002 at 14:00:00:10 (LC_EP101_V12.edl, which does not name this reference)", id="other material",
        ),
        pytest.param(
            match(200, 250), "named-elsewhere", "A003C009.mov", "15:00:00:08",
            "cut from A003C009.mov at 15:00:00:08 (LC_EP101_V12.edl, which names this reference elsewhere)",
            id="elsewhere",
        ),
        pytest.param(
            match(170, 190, "ARC-0142"), "no-event", None, None, "not in LC_EP101_V12.edl at these frames", id="black",
        ),
        pytest.param(
            match(170, 190), "named-elsewhere", None, None,
            "not in LC_EP101_V12.edl at these frames; it names it elsewhere", id="black, and named elsewhere",
        ),
        pytest.param(
            match(92, 120, "ARC-0142"), "not-named", "Harbour_Temp.png", "00:00:00:00",
            "cut from Harbour_Temp.png at 00:00:00:00 (LC_EP101_V12.edl, which does not name this reference)",
            id="a neighbour that is only touched is not what is seen",
        ),
        pytest.param(
            match(10, 50, sense="sound"), "not-named", "mix.wav", "00:00:00:10",
            "cut from mix.wav at 00:00:00:10 (LC_EP101_V12.edl, which does not name this reference)",
            id="a sound is sought on sound tracks",
        ),
    ],
)  # fmt: skip
def test_what_a_cut_has_at_the_frames(
    said: Read, hit: Match, says: str, clip: str | None, source: str | None, phrase: str
) -> None:
    facts = told({"LC_EP101_V12.edl": said(CUT, "a.edl")}, hit)
    assert (facts["timeline_says"], facts.get("source_clip"), facts.get("source_in")) == (says, clip, source)
    assert said_of_cut(read_facts(facts)) == phrase


def test_the_reel_is_told_and_a_retimed_source_has_no_exact_frame(said: Read) -> None:
    slowed = CUT.replace(b"14:00:04:00 01:00", b"14:00:02:00 01:00")
    facts = told({"LC_EP101_V12.edl": said(slowed, "a.edl")}, match(10, 50, "ARC-0142"))
    assert (facts["source_clip"], facts["source_reel"]) == ("A003C002", "TAPE7")
    assert "source_in" not in facts


@pytest.mark.parametrize(
    ("path", "facts", "timeline", "meant"),
    [
        pytest.param(MASTER, media(), "08_Docs/LC_EP101_V12.edl", True, id="the same episode"),
        pytest.param("a/Reel One.mov", media(), "b/Reel One.edl", True, id="the same name"),
        pytest.param("LC_EP1010_MASTER.mov", media(start=None), "x/LC_EP101_V12.edl", False, id="another episode"),
        pytest.param(MASTER, media(seconds=3), "LC_EP101_V12.edl", False, id="a trailer bears the name too"),
        pytest.param(MASTER, media(start="10:00:00:00"), "LC_EP101_V12.edl", False, id="another start"),
        pytest.param(MASTER, media(start=None), "LC_EP101_V12.edl", False, id="a screener that counts from zero"),
        pytest.param(MASTER, media(start="00:59:59:00", seconds=16), "LC_EP101_V12.edl", True, id="with a leader"),
        pytest.param(MASTER, media(seconds=0), "LC_EP101_V12.edl", False, id="of unknown length"),
        pytest.param(MASTER, media(start="25:99:00:00"), "LC_EP101_V12.edl", False, id="no timecode at all"),
        pytest.param("final.mov", media(), "b/online.edl", True, id="the only two there are"),
        pytest.param("final.mov", media(seconds=5), "b/online.edl", False, id="the only two, and they do not fit"),
    ],
)
def test_which_cut_a_programme_was_made_from(
    said: Read, path: str, facts: MediaFacts, timeline: str, meant: bool
) -> None:
    cut = CUT.replace(b"LC_EP101_V12", Path(timeline).stem.encode())
    assert bool(told({timeline: said(cut, "a.edl")}, match(10, 50), path, facts)) is meant


def test_nothing_is_said_where_two_could_be_meant(said: Read) -> None:
    cut, nameless = said(CUT, "a.edl"), said(CUT.replace(b"LC_EP101_V12", b"online"), "b.edl")
    other = said(CUT.replace(b"A003C002", b"B001C001"), "c.edl")
    hit = match(10, 50)
    assert not told({"LC_EP101_V12.edl": cut, "LC_EP101_V13.edl": other}, hit)
    assert told({"LC_EP101_V12.edl": cut, "LC_EP101_V13.edl": cut}, hit)["timeline"] == "LC_EP101_V12.edl"
    assert told({"LC_EP101_MASTER.edl": other, "LC_EP101_V12.edl": cut}, hit)["source_clip"] == "B001C001"
    assert told({"a/online.edl": nameless}, hit, "final.mov")
    assert not told({"a/online.edl": nameless}, hit, "final.mov", **{"another.mov": media()})
    assert not told({"a/online.edl": said(CUT.replace(b"LC_EP101_V12", b"provscan trace"), "t.edl")}, hit, "final.mov")
    assert not told({"a/online.edl": nameless, "b/offline.edl": nameless}, hit, "final.mov")
    assert not told({"LC_EP101_V12.edl": cut}, hit, "final.mov", **{MASTER: media()})


def test_drop_frame_is_counted_as_it_counts(said: Read) -> None:
    times = ("00:00:00;00 00:02:00;04 01:00:00;00 01:02:00;04", "00:00:00;00 00:01:00;02 01:02:00;04 01:03:00;06")
    events = [("V", label, name, "AX") for label, name in zip(times, ("one.mov", "harbour_temp.png"), strict=True)]
    facts = media(180, VIDEO, "01:00:00;00")
    begin = Timecode.parse("01:02:00;04", rate_of(VIDEO)).frame - Timecode.parse("01:00:00;00", rate_of(VIDEO)).frame
    hit = match(begin, begin + 60, rate=VIDEO)
    found = told({"LC_EP101_V12.edl": said(edl(*events, drop=True), "a.edl")}, hit, facts=facts)
    assert (found["timeline_says"], found["source_in"], found["source_out"]) == ("named", "00:00:00;00", "00:00:02;00")
    straight = edl(*((track, times.replace(";", ":"), name, reel) for track, times, name, reel in events))
    assert not told({"LC_EP101_V12.edl": said(straight, "b.edl")}, hit, facts=facts), "another way of counting"
    assert not told({"LC_EP101_V12.edl": said(CUT, "c.edl")}, match(10, 50, rate="25"), facts=media(14)), "another rate"


def moment(value: float, rate: float) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "RationalTime.1", "rate": rate, "value": value}


def otio(rate: float) -> bytes:
    def clip(name: str, start: float, length: float) -> dict[str, Any]:
        span = {"OTIO_SCHEMA": "TimeRange.1", "start_time": moment(start, rate), "duration": moment(length, rate)}
        return {"OTIO_SCHEMA": "Clip.2", "name": name, "source_range": span}

    track = {"OTIO_SCHEMA": "Track.1", "kind": "Video", "children": [clip("A003C002", 240, 96), clip("still", 0, 72)]}
    track["children"][1]["media_references"] = {"DEFAULT_MEDIA": {"target_url": "file:///m/harbour_temp.png"}}
    tracks = {"OTIO_SCHEMA": "Stack.1", "children": [track]}
    start = moment(86400, rate)
    whole = {"OTIO_SCHEMA": "Timeline.1", "name": "LC_EP101", "global_start_time": start, "tracks": tracks}
    return json.dumps(whole).encode()


def xmeml() -> bytes:
    rate = "<rate><timebase>24</timebase><ntsc>TRUE</ntsc></rate>"
    items = (("A003C002", 0, 96, "a.mov"), ("still", 96, 168, "harbour_temp.png"), ("lost", -1, -1, "dissolved.png"))
    clips = "".join(
        f'<clipitem id="{name}"><name>{name}</name>{rate}<start>{start}</start><end>{end}</end><in>0</in>'
        f'<out>{end - start}</out><file id="f{name}"><name>{file}</name><pathurl>file://localhost/m/{file}</pathurl>'
        f"<timecode>{rate}<frame>0</frame></timecode></file></clipitem>"
        for name, start, end, file in items
    )
    return (
        f'<?xml version="1.0"?><!DOCTYPE xmeml><xmeml version="4"><sequence id="s"><name>LC_EP101</name>{rate}'
        f"<media><video><track>{clips}</track></video></media><timecode>{rate}<frame>86400</frame>"
        "<displayformat>NDF</displayformat></timecode></sequence></xmeml>"
    ).encode()


def aaf(path: Path) -> bytes:
    with aaf2.open(str(path), "w") as file:
        cut = file.create.CompositionMob("LC_EP101")
        cut.usage = "Usage_TopLevel"
        code = file.create.Timecode(fps=24)
        code.start = 86400
        cut.slots.append(file.create.TimelineMobSlot(1, edit_rate="24000/1001", segment=code))
        picture = file.create.Sequence(media_kind="picture")
        for name, length in (("A003C002", 96), ("harbour_temp.png", 72)):
            master = file.create.MasterMob(name)
            held = file.create.Sequence(media_kind="picture")
            held.components.append(file.create.Filler("picture", length))
            master.slots.append(file.create.TimelineMobSlot(1, edit_rate="24000/1001", segment=held))
            file.content.mobs.append(master)
            picture.components.append(master.create_source_clip(1, length=length))
        cut.slots.append(file.create.TimelineMobSlot(2, edit_rate="24000/1001", segment=picture))
        file.content.mobs.append(cut)
    return path.read_bytes()


@pytest.mark.parametrize("name", ["cut.otio", "cut.xml", "cut.aaf"])
def test_every_format_is_laid_on_the_same_frames(said: Read, tmp_path: Path, name: str) -> None:
    data = {"cut.otio": lambda: otio(24000 / 1001), "cut.xml": xmeml, "cut.aaf": lambda: aaf(tmp_path / "made.aaf")}
    timeline = {f"08_Docs/{name}": said(data[name](), name)}
    found = told(timeline, match(100, 160), facts=media(7))
    assert (found["timeline"], found["timeline_says"]) == (f"08_Docs/{name}", "named")
    assert found.get("source_in", "00:00:00:04") == "00:00:00:04"
    assert told(timeline, match(10, 60, "ARC-0142"), facts=media(7))["source_clip"] == "A003C002"
    assert not told(timeline, match(100, 160, rate="25"), facts=media(7, "25"))


def test_an_event_without_a_place_leaves_it_open(said: Read) -> None:
    timeline = {"cut.xml": said(xmeml(), "cut.xml")}
    assert not told(timeline, match(10, 60, "EP101/dissolved.png"), facts=media(7)), "it may be under a dissolve"
    assert not told(timeline, match(200, 220), facts=media(10)), "it may have an event there"


def test_each_sequence_of_a_timeline_is_a_cut_of_its_own(said: Read) -> None:
    two = CUT + b"\n" + CUT.replace(b"LC_EP101_V12", b"LC_EP102_V03").replace(b"A003C002", b"B001C001")
    timelines = {"all.edl": said(two, "a.edl")}
    assert told(timelines, match(10, 50))["source_clip"] == "A003C002"
    assert told(timelines, match(10, 50), "LC_EP102_MASTER.mov")["source_clip"] == "B001C001"


@pytest.mark.parametrize(
    ("first", "start"),
    [pytest.param(1001, "01:00:00:00", id="by timecode"), pytest.param(86400, None, id="by the numbers of its files")],
)
def test_a_frame_sequence_lies_on_its_clock(said: Read, first: int, start: str | None) -> None:
    frames = Frames(ranges=((first, first + 13 * 24 - 1),), missing=())
    reel = replace(programme("DI/LC_EP101_V12.%07d.dpx"), kind=Kind.IMAGE, frames=frames)
    conform = Conform(
        [(("EP101", "LC_EP101_V12.edl"), said(CUT, "a.edl"))], [(reel, MediaFacts(rate="24", timecode=start))]
    )
    hit = replace(match(0, 1), at=Place(frames=((first + 98, first + 170),), is_numbered=True))
    (one,) = conform.reconciled(reel, (hit,))
    assert one.facts.cut is not None
    assert (one.facts.cut.says, one.facts.cut.source_in, one.facts.cut.source_out) == (
        "named", "00:00:00:02", "00:00:03:00",
    )  # fmt: skip
    stills = replace(hit, at=Place(frames=((first, first + 1), (first + 9, first + 10)), is_numbered=True))
    assert conform.reconciled(reel, (stills,)) == (stills,), "stills of it that were compared by themselves"


def test_what_was_said_before_is_said_anew_and_what_did_not_change_is_the_same(said: Read) -> None:
    conform = Conform([(("EP101", "LC_EP101_V12.edl"), said(CUT, "a.edl"))], [(programme(), media())])
    once = conform.reconciled(programme(), (match(10, 50, title="Harbour"),))
    assert once[0].facts.title == "Harbour"
    assert conform.reconciled(programme(), once) is once
    (without,) = Conform().reconciled(programme(), once)
    assert without.facts == MatchFacts(title="Harbour")


def test_a_redacted_record_does_not_name_the_clip(said: Read) -> None:
    conform = Conform([(("EP101", "LC_EP101_V12.edl"), said(CUT, "a.edl"))], [(programme(), media())])
    matches = conform.reconciled(programme(), (match(10, 50, title="Harbour"),))
    verdict = Verdict(outcome=Outcome.ISSUE, scan=Scan.COMPLETE)
    record = redact_record(Record(examination=Examination(asset=programme()), matches=matches, verdict=verdict))
    assert record.matches[0].facts.cut is None
    assert record.matches[0].facts.title.startswith("[redacted: 7 characters, ")


def test_hostile_names_and_places_are_bounded_and_harmless(said: Read) -> None:
    data = edl(("V", "00:00:00:00 00:00:14:00 01:00:00:00 01:00:14:00", "http://[::1" + "x" * 3_000, "AX"))
    facts = told({"LC_EP101_V12.edl": said(data, "a.edl")}, match(10, 50))
    assert len(facts["source_clip"]) == 400
    assert len(said_of_cut(read_facts(facts))) < 250
    odd = replace(match(10, 50), at=Place(frames=((10, 50),)))
    assert not told({"LC_EP101_V12.edl": said(CUT, "b.edl")}, odd), "at which rate is not known"
    assert not told({"LC_EP101_V12.edl": said(CUT, "b.edl")}, replace(odd, at=None))
    assert not told({"LC_EP101_V12.edl": said(CUT, "b.edl")}, match(10, 50), facts=media(float("inf")))


# Retimed events, and clips that were not opened


@pytest.mark.parametrize(
    ("motion", "at", "labels"),
    [
        pytest.param("047.952", (24, 48), ("14:20:02:00", "14:20:04:00"), id="double, by the exact rate"),
        pytest.param("012.0", (24, 48), ("14:20:00:12", "14:20:01:00"), id="half"),
        pytest.param("000.0", (24, 48), ("14:20:00:00", "14:20:00:01"), id="freeze"),
        pytest.param("-024.0", (24, 48), None, id="backwards: the list leaves its begin open"),
    ],
)
def test_a_retimed_event_has_the_converted_source_timecode(
    said: Read, motion: str, at: tuple[int, int], labels: tuple[str, str] | None
) -> None:
    cut = edl(("V", "14:20:00:00 14:20:04:00 01:00:00:00 01:00:04:00", "A003C002", "TAPE7"))
    cut += f"\nM2   TAPE7             {motion}                14:20:00:00".encode()
    facts = told({"LC_EP101_V12.edl": said(cut, "a.edl")}, match(*at), facts=media(4))
    assert facts["source_clip"] == "A003C002"
    assert (facts.get("source_in"), facts.get("source_out")) == (labels or (None, None))


def test_a_source_of_another_rate_is_labelled_at_its_own(said: Read) -> None:
    fcpxml = b"""<fcpxml version="1.11"><resources><format id="r" frameDuration="1/25s"/><format id="f" frameDuration="1/50s"/>
<asset id="a" name="a" start="0s" duration="60s" hasVideo="1" format="f" src="a.mov"/></resources><project name="LC_EP101_V12">
<sequence format="r" tcStart="3600s"><spine><asset-clip ref="a" name="a" offset="3600s" start="10s" duration="4s"/></spine>
</sequence></project></fcpxml>"""
    facts = told({"c.fcpxml": said(fcpxml, "c.fcpxml")}, match(26, 51, rate="25"), facts=MediaFacts(
        duration=4, rate="25", timecode="01:00:00:00"))  # fmt: skip
    assert (facts["source_in"], facts["source_out"]) == ("00:00:11:02", "00:00:12:02")


UNOPENED = b"""<fcpxml version="1.11"><resources><format id="r" frameDuration="1001/24000s"/>
<asset id="a" name="A003C002" start="0s" duration="60s" hasVideo="1" format="r" src="A003C002.mov"/></resources>
<project name="LC_EP101_V12"><sequence format="r" tcStart="86486400/24000s"><spine>
<asset-clip ref="a" name="A003C002" offset="86486400/24000s" duration="4004/1000s"/>
<ref-clip ref="gone" name="Comp" duration="4004/1000s"/></spine></sequence></project></fcpxml>"""


def test_nothing_is_called_absent_under_a_clip_that_was_not_opened(tmp_path: Path) -> None:
    found, fault = look_cut(UNOPENED, tmp_path / "c.fcpxml")
    assert "1 clips were not opened: Comp" in str(fault)
    assert fault is not None
    assert not fault.blocking
    assert told({"c.fcpxml": found}, match(120, 160), facts=media(8)) == {}
    beside = told({"c.fcpxml": found}, match(24, 72), facts=media(8))
    assert (beside["timeline_says"], beside["source_clip"]) == ("not-named", "A003C002")


def test_a_clip_that_is_switched_off_is_not_in_the_cut(tmp_path: Path) -> None:
    off = UNOPENED.replace(b'offset="86486400/24000s" duration', b'enabled="0" offset="86486400/24000s" duration')
    found, _ = look_cut(off.replace(b"ref-clip", b"asset-clip").replace(b'"gone"', b'"a"'), tmp_path / "c.fcpxml")
    assert [event.is_enabled for one in found for event in one.events] == [False, True]
    facts = told({"c.fcpxml": found}, match(24, 72, reference="EP101/A003C002.mov"), facts=media(8))
    assert facts["timeline_says"] == "named-elsewhere"


def test_what_lies_in_a_compound_clip_is_in_the_cut(said: Read) -> None:
    fcpxml = b"""<fcpxml version="1.11"><resources><format id="r" frameDuration="1/25s"/>
<asset id="a" name="A003C002" start="0s" duration="60s" hasVideo="1" format="r" src="A003C002.mov"/>
<asset id="s" name="harbour_temp" start="0s" duration="0s" hasVideo="1" src="file:///R/harbour_temp.png"/>
<media id="m" name="Comp"><sequence format="r" tcStart="0s"><spine><video ref="s" offset="0s" name="harbour_temp"
duration="2s"/></spine></sequence></media></resources><project name="LC_EP101_V12"><sequence format="r" tcStart="3600s">
<spine><asset-clip ref="a" name="A003C002" offset="3600s" duration="4s"/><ref-clip ref="m" name="Comp" offset="3604s"
duration="2s"/></spine></sequence></project></fcpxml>"""
    facts = told({"c.fcpxml": said(fcpxml, "c.fcpxml")}, match(102, 148, rate="25"), facts=MediaFacts(
        duration=6, rate="25", timecode="01:00:00:00"))  # fmt: skip
    assert (facts["timeline_says"], facts["source_clip"]) == ("named", "harbour_temp")
    assert facts["timeline_event"].endswith("in Comp")
