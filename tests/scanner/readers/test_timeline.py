"""Timelines in six formats, one form: names, files, places."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import aaf2
import pytest

from media.errors import Malformed, TooLarge
from scanner.readers.timeline import TIMELINE
from tests.scanner.documents import look, pairs, spoiled

EDL = b"""TITLE:   EP101
FCM: DROP FRAME

001  TAPE1    V     C        01:00:04:05 01:00:05:12 00:59:53:11 00:59:54:18
* FROM CLIP NAME:  harbour
* SOURCE FILE: S:\\media\\harbour.mov
* LOC: 01:00:00:00 RED AI temp VO
002  BL       V     C        00:00:00:00 00:00:01:00 00:59:54:18 00:59:55:18
003  AX       V     C        01:00:00:00 01:00:00:00 00:59:55:18 00:59:55:18
003  AX       V     D    010 01:00:00:00 01:00:01:00 00:59:55:18 00:59:56:18
* FROM CLIP NAME: one.mov
* TO CLIP NAME: two.mov
004  AX       AA/V  C        01:00:00;00 01:00:01;00 01:00:00;00 01:00:01;00
"""
ALE = b"""Heading\nFIELD_DELIM\tTABS\nFPS\t24\n\nColumn\nName\tTape\tStart\tEnd\tSource File\n
Data\nSH010\tA001\t01:00:00:00\t01:00:02:00\tS:/a.mov\n"""
XMEML = b"""<?xml version="1.0"?><!DOCTYPE xmeml><xmeml version="4"><sequence id="s"><name>EP101</name>
<rate><timebase>30</timebase><ntsc>TRUE</ntsc></rate><media><video><track/><track><clipitem id="1"><name>a</name>
<rate><timebase>30</timebase><ntsc>TRUE</ntsc></rate><start>1800</start><end>1810</end><in>5</in><out>15</out>
<file id="f"><name>a.mov</name><pathurl>file://localhost/D%3a/a.mov</pathurl><timecode>
<rate><timebase>30</timebase><ntsc>TRUE</ntsc></rate><frame>108000</frame><reel><name>R1</name></reel></timecode>
</file></clipitem><clipitem id="2"><name>b</name><start>-1</start><end>20</end><file id="f"/></clipitem></track>
</video></media><timecode><rate><timebase>30</timebase><ntsc>TRUE</ntsc></rate><frame>107892</frame>
<displayformat>DF</displayformat></timecode></sequence></xmeml>"""
FCPXML = b"""<?xml version="1.0"?><!DOCTYPE fcpxml><fcpxml version="1.10"><resources>
<format id="r1" frameDuration="1001/24000s"/><asset id="r2" name="a" start="10s"><media-rep src="file:///m/a.mov"/></asset>
<asset id="r3" name="b" src="file:///m/b.wav"/></resources><project name="EP101"><sequence format="r1" tcStart="3600s">
<spine><asset-clip ref="r2" name="shot" offset="3605s" start="12s" duration="2s">
<asset-clip ref="r3" lane="-1" offset="13s" duration="1s"/></asset-clip>
<clip name="wrapped" offset="3610s" duration="3s" start="1s"><video ref="r2" offset="0s" duration="20s"/></clip>
</spine></sequence></project></fcpxml>"""


def moment(value: float, rate: float = 24) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "RationalTime.1", "rate": rate, "value": value}


def clip(name: str, start: float, length: float, **more: Any) -> dict[str, Any]:
    span = {"OTIO_SCHEMA": "TimeRange.1", "start_time": moment(start), "duration": moment(length)}
    return {"OTIO_SCHEMA": "Clip.2", "name": name, "source_range": span, **more}


def otio(*children: dict[str, Any]) -> bytes:
    track = {"OTIO_SCHEMA": "Track.1", "kind": "Video", "children": list(children)}
    tracks = {"OTIO_SCHEMA": "Stack.1", "children": [track]}
    whole = {"OTIO_SCHEMA": "Timeline.1", "name": "EP101", "global_start_time": moment(86400), "tracks": tracks}
    return json.dumps(whole).encode()


REFERENCES = {"DEFAULT_MEDIA": {"target_url": "file:///a.mov"}, "proxy": {"target_url": "file:///p.mov"}}
OTIO = otio(
    clip("a", 24, 48, media_references=REFERENCES, active_media_reference_key="proxy"),
    {"OTIO_SCHEMA": "Transition.1"},
    {"OTIO_SCHEMA": "Stack.1", "children": [clip("b", 0, 12)]},
    clip("c", 0, 1, media_reference={"target_url_base": "/f/", "name_prefix": "x.", "name_suffix": ".exr",
                                     "frame_zero_padding": 4}),
)  # fmt: skip


def clips(data: bytes, path: Path) -> list[tuple[str, dict[str, str]]]:
    found, fault = look(TIMELINE, data, path)
    assert fault is None
    return [(said.value, dict(said.facts)) for said in found if said.key == "source-clip"]


def test_edl(tmp_path: Path) -> None:
    found, fault = look(TIMELINE, EDL, tmp_path / "EP101.edl")
    assert fault is None
    assert pairs(found) == [
        ("title", "EP101"),
        ("note", "01:00:00:00 RED AI temp VO"),
        ("source-clip", "harbour"),
        ("source-clip", "one.mov"),
        ("source-clip", "two.mov"),
        ("source-clip", "AX"),
        ("events", "4 events"),
    ]
    assert found[-1].facts == {"events": "4", "sequences": "1"}
    assert found[2].facts == {
        "file": "S:\\media\\harbour.mov",
        "reel": "TAPE1",
        "track": "V",
        "source_in": "01:00:04;05",
        "source_out": "01:00:05;12",
        "record_in": "00:59:53;11",
        "record_out": "00:59:54;18",
    }
    assert found[2].where == "line 4, event 001"


def test_avid_log(tmp_path: Path) -> None:
    ((name, facts),) = clips(ALE, tmp_path / "a.ale")
    assert name == "SH010"
    assert (facts["file"], facts["reel"], facts["source_out"], facts["rate"]) == (
        "S:/a.mov",
        "A001",
        "01:00:02:00",
        "24",
    )


def test_final_cut_7(tmp_path: Path) -> None:
    one, two = clips(XMEML, tmp_path / "a.xml")
    assert one == (
        "a",
        {
            "file": "file://localhost/D%3a/a.mov",
            "reel": "R1",
            "track": "video 2",
            "record_in": "01:01:00;02",
            "record_out": "01:01:00;12",
            "source_in": "01:00:00:05",
            "source_out": "01:00:00:15",
            "rate": "30000/1001",
        },
    )
    assert two[1]["file"] == one[1]["file"]
    assert "record_in" not in two[1]


def test_final_cut_x(tmp_path: Path) -> None:
    shot, sound, wrapped = clips(FCPXML, tmp_path / "a.fcpxml")
    assert (shot[0], shot[1]["file"]) == ("shot", "file:///m/a.mov")
    # Labels count 24 to a second; 3605 s at 23.976 is frame 86433.
    assert (shot[1]["record_in"], shot[1]["rate"]) == ("01:00:01:09", "24000/1001")
    assert sound[1]["file"] == "file:///m/b.wav"
    assert sound[1]["record_in"] == "01:00:02:09"
    assert wrapped[0] == "wrapped"
    assert wrapped[1]["source_in"] == "00:00:10:23"


def test_opentimelineio(tmp_path: Path) -> None:
    one, two, three = clips(OTIO, tmp_path / "a.otio")
    assert one[1] == {
        "file": "file:///p.mov",
        "track": "video 1",
        "record_in": "01:00:00:00",
        "record_out": "01:00:02:00",
        "source_in": "00:00:01:00",
        "source_out": "00:00:03:00",
        "rate": "24",
    }
    assert (two[0], two[1]["record_in"]) == ("b", "01:00:02:00")
    assert (three[1]["file"], three[1]["record_in"]) == ("/f/x.%04d.exr", "01:00:02:12")


def test_opentimelineio_traps(tmp_path: Path) -> None:
    nested: dict[str, Any] = {"OTIO_SCHEMA": "Stack.1", "children": []}
    for _ in range(200):
        nested = {"OTIO_SCHEMA": "Stack.1", "children": [nested]}
    assert isinstance(look(TIMELINE, otio(nested), tmp_path / "a.otio")[1], TooLarge)
    bottomless = b'{"OTIO_SCHEMA": ' + b"[" * 100_000
    assert isinstance(look(TIMELINE, bottomless, tmp_path / "b.otio")[1], Malformed)
    odd = otio(clip("a", 1e300, 1), clip("b", 0, 1, markers=[{"name": 5}, {"name": "AI temp"}])).replace(
        b"1e+300", b"Inf"
    )
    found, fault = look(TIMELINE, odd, tmp_path / "c.otio")
    assert fault is not None
    assert not fault.blocking
    assert ("note", "AI temp") in pairs(found)


@pytest.fixture
def aaf(tmp_path: Path) -> bytes:
    """A composition with a timecode track, and one clip of a master that came from a tape."""
    path = tmp_path / "made.aaf"
    with aaf2.open(str(path), "w") as file:
        tape = file.create.SourceMob("TAPE7")
        tape.create_tape_slots("TAPE7", 24, 24)
        master = file.create.MasterMob("harbour.mov")
        source = tape.create_source_clip(1, length=48)
        master.slots.append(file.create.TimelineMobSlot(1, edit_rate=24, segment=source))
        cut = file.create.CompositionMob("EP101")
        cut.usage = "Usage_TopLevel"
        code = file.create.Timecode(fps=24)
        code.start = 86400
        cut.slots.append(file.create.TimelineMobSlot(1, edit_rate=24, segment=code))
        picture = file.create.Sequence(media_kind="picture")
        picture.components.append(file.create.Filler("picture", 24))
        used = master.create_source_clip(1, length=48)
        picture.components.append(used)
        cut.slots.append(file.create.TimelineMobSlot(2, edit_rate=24, segment=picture))
        file.content.mobs.extend([tape, master, cut])
    return path.read_bytes()


def test_aaf(tmp_path: Path, aaf: bytes) -> None:
    ((name, facts),) = clips(aaf, tmp_path / "a.aaf")
    assert name == "harbour.mov"
    assert facts["reel"] == "TAPE7"
    assert (facts["track"], facts["record_in"], facts["record_out"]) == ("video 1", "01:00:01:00", "01:00:03:00")
    found, _ = look(TIMELINE, aaf, tmp_path / "a.aaf")
    assert ("title", "EP101") in pairs(found)
    assert any(said.key == "Identification/ProductName" for said in found)


def test_spoiled_aaf_ends(tmp_path: Path, aaf: bytes) -> None:
    for bad in spoiled(aaf, 15):
        look(TIMELINE, bad, tmp_path / "x.aaf", "application/x-aaf")


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (EDL, "application/x-cmx3600"),
        (ALE, "application/x-ale"),
        (XMEML, "application/x-fcp7+xml"),
        (FCPXML, "application/x-fcpxml"),
        (OTIO, "application/x-otio+json"),
    ],
)
def test_spoiled_timelines_end(tmp_path: Path, data: bytes, media_type: str) -> None:
    for bad in spoiled(data):
        look(TIMELINE, bad, tmp_path / "x", media_type)


def test_a_line_without_end_is_quick(tmp_path: Path) -> None:
    data = b"TITLE: a\n001  " + b"V " * 100_000 + b"\n" + (b"001  " + b"V " * 2000 + b"\n") * 50
    data += b"M2   x" + b" " * 4000 + b"1" + b" " * 50 + b"x\n"
    assert "51 of 51 events" in str(look(TIMELINE, data, tmp_path / "a.edl", "application/x-cmx3600")[1])


SOUND = b"001  AX V C 00:00:00:00 00:00:01:00 01:00:00:00 01:00:01:00\n"
WEIRD = b"""002  AX V C 99:99:99:99 25:61:61:61 00:00:00;00 00:00:00;01
003  AX V M2
004
"""
NOWHERE = {"start_time": moment(1e308, 0), "duration": moment(-5, 0)}


@pytest.mark.parametrize(
    ("name", "data", "said", "blocking"),
    [
        pytest.param("a.edl", b"TITLE: x\n" + SOUND + WEIRD, "3 of 4 events", False, id="EDL, in part"),
        pytest.param("a.edl", b"TITLE: x\n" + WEIRD, "3 of 3 events", True, id="EDL"),
        pytest.param("a.edl", b"see you at the grade\n", "no line", True, id="EDL by name only"),
        pytest.param("a.otio", otio(clip("a", 0, 1), clip("b", 0, -5)), "1 of 2 events", False, id="OTIO, in part"),
        pytest.param("a.otio", otio(clip("a", 0, 1, source_range=NOWHERE)), "1 of 1 events", True, id="OTIO"),
        pytest.param("a.xml", XMEML.replace(b"<in>5<", b"<in>-7<"), "1 of 2 events", False, id="xmeml"),
        pytest.param("a.fcpxml", FCPXML.replace(b'"2s"', b'"-2s"'), "1 of 3 events", False, id="FCPXML"),
    ],
)
def test_what_is_not_understood_is_counted(tmp_path: Path, name: str, data: bytes, said: str, blocking: bool) -> None:
    fault = look(TIMELINE, data, tmp_path / name)[1]
    assert isinstance(fault, Malformed)
    assert str(fault).startswith(said)
    assert fault.blocking is blocking


def test_the_end_of_a_day_and_keys_over_black_are_understood(tmp_path: Path) -> None:
    data = SOUND + b"002  AX V K O 000 23:59:59:00 24:00:00:00 23:59:59:00 24:00:00:00\n"
    assert look(TIMELINE, data, tmp_path / "a.edl")[1] is None
    assert look(TIMELINE, b"TITLE: nothing yet\nFCM: NON-DROP FRAME\n", tmp_path / "b.edl")[1] is None
