"""FCPXML: what lies in compound, multicam and synchronised clips is in the cut, where it is seen and no longer."""

from __future__ import annotations

from fractions import Fraction

import pytest

from media.timelines import Event, Title
from media.timelines.fcpxml import fcpxml

RESOURCES = """<format id="r1" frameDuration="100/2500s"/><format id="r2" frameDuration="1001/30000s"/>
<asset id="a" name="a" start="36000s" duration="600s" hasVideo="1" hasAudio="1" format="r1" src="file:///a.mov"/>
<asset id="ntsc" name="n" start="0s" duration="600s" hasVideo="1" format="r2" src="file:///n.mov"/>
<asset id="still" name="s" start="0s" duration="0s" hasVideo="1" format="r1" src="file:///s.jpg"/>
<asset id="wav" name="w" start="0s" duration="600s" hasAudio="1" src="file:///w.wav"/>"""
CLIP = '<asset-clip ref="a" name="{name}" offset="{at}s" start="{start}s" duration="{length}s"/>'


def read(spine: str, media: str = "") -> list[Event]:
    data = f"""<fcpxml version="1.11"><resources>{RESOURCES}{media}</resources><library><event><project name="EP101">
<sequence format="r1" tcStart="3600s"><spine>{spine}</spine></sequence></project></event></library></fcpxml>"""
    said = list(fcpxml(data.encode()))
    assert Title("EP101", said[0].where) == said[0]
    return [event for event in said if isinstance(event, Event)]


def clip(name: str, at: float, length: float, start: float = 36000) -> str:
    return CLIP.format(name=name, at=at, start=start, length=length)


def compound(name: str, content: str, start: float = 0) -> str:
    return f'<media id="{name}" name="{name}"><sequence format="r1" tcStart="{start}s"><spine>{content}</spine></sequence></media>'


def placed(events: list[Event]) -> list[tuple[str, str, str]]:
    return [(event.name, event.record_in, event.record_out) for event in events]


def test_a_compound_clip_shows_its_part_of_what_it_holds() -> None:
    inner = compound("comp", clip("one", 0, 2) + '<gap offset="2s" duration="1s"/>' + clip("two", 3, 9), start=0)
    events = read('<ref-clip ref="comp" name="Comp" offset="3610s" start="1s" duration="4s"/>', inner)
    assert placed(events) == [("one", "01:00:10:00", "01:00:11:00"), ("two", "01:00:12:00", "01:00:14:00")]
    assert [(event.source_in, event.source_out) for event in events] == [
        ("10:00:01:00", "10:00:02:00"),
        ("10:00:00:00", "10:00:02:00"),
    ]
    assert {event.within for event in events} == {"Comp"}


def test_compounds_nest_and_keep_their_own_clocks() -> None:
    media = compound("in", clip("deep", 7200, 10), start=7200) + compound(
        "out", '<ref-clip ref="in" name="In" offset="0s" start="7203s" duration="4s"/>'
    )
    (event,) = read('<ref-clip ref="out" name="Out" offset="3600s" start="1s" duration="2s"/>', media)
    assert (event.record_in, event.record_out) == ("01:00:00:00", "01:00:02:00")
    assert (event.source_in, event.within) == ("10:00:04:00", "Out / In")


def test_a_connected_clip_outlasts_its_host_and_ends_with_the_compound() -> None:
    host = clip("host", 0, 2).replace(
        "/>", '><asset-clip ref="a" name="over" lane="1" offset="36001s" start="36000s" duration="8s"/></asset-clip>'
    )
    media = compound("comp", host + clip("next", 2, 9))
    events = read('<ref-clip ref="comp" offset="3600s" duration="5s"/>', media)
    assert placed(events) == [
        ("host", "01:00:00:00", "01:00:02:00"),
        ("over", "01:00:01:00", "01:00:05:00"),
        ("next", "01:00:02:00", "01:00:05:00"),
    ]
    assert events[1].track == "av 1"


def test_multicam_shows_the_chosen_angles() -> None:
    angles = "".join(
        f'<mc-angle name="{name}" angleID="{name}"><gap offset="0s" duration="5s"/>{clip(name, 5, 60)}</mc-angle>'
        for name in ("A", "B", "C")
    )
    media = f'<media id="mc" name="mc"><multicam format="r1" tcStart="0s">{angles}</multicam></media>'
    chosen = '<mc-source angleID="B" srcEnable="video"/><mc-source angleID="C" srcEnable="audio"/>'
    events = read(f'<mc-clip ref="mc" name="MC" offset="3600s" start="10s" duration="2s">{chosen}</mc-clip>', media)
    assert [(event.name, event.track, event.source_in) for event in events] == [
        ("B", "video 0", "10:00:05:00"),
        ("C", "audio 0", "10:00:05:00"),
    ]
    (first,) = read('<mc-clip ref="mc" name="MC" offset="3600s" start="10s" duration="2s"/>', media)
    assert first.name == "A"


def test_synchronised_sound_is_seen_as_long_as_its_clip() -> None:
    sync = f"""<sync-clip name="Sync" offset="3600s" start="2s" duration="3s"><spine>{clip("picture", 0, 60)}</spine>
<asset-clip ref="wav" name="sound" lane="-1" offset="0s" duration="60s"/>
<asset-clip ref="a" name="over" lane="1" offset="4s" start="36000s" duration="8s"/></sync-clip>"""
    assert placed(read(sync)) == [
        ("picture", "01:00:00:00", "01:00:03:00"),
        ("sound", "01:00:00:00", "01:00:03:00"),
        ("over", "01:00:02:00", "01:00:10:00"),
    ]


def test_a_storyline_counts_from_its_own_begin() -> None:
    lane = f'<gap offset="3600s" start="3600s" duration="10s"><spine lane="1" offset="3602s">{clip("x", 1, 2)}</spine></gap>'
    assert placed(read(lane)) == [("x", "01:00:03:00", "01:00:05:00")]


def test_what_has_no_offset_follows_the_one_before() -> None:
    plain = '<asset-clip ref="a" name="{}" start="36000s" duration="2s"/>'
    assert placed(read(plain.format("one") + plain.format("two"))) == [
        ("one", "01:00:00:00", "01:00:02:00"),
        ("two", "01:00:02:00", "01:00:04:00"),
    ]


def test_the_pick_of_an_audition_is_in_the_cut() -> None:
    audition = f'<audition offset="3605s">{clip("pick", 0, 2)}{clip("other", 0, 3)}</audition>'
    assert placed(read(audition)) == [("pick", "01:00:05:00", "01:00:07:00")]


def test_gaps_titles_and_generators_are_no_clips() -> None:
    spine = '<gap offset="3600s" duration="2s"/><title ref="t" offset="3602s" duration="1s"/><video ref="fx" offset="3603s" duration="1s"/>'
    assert read(spine) == []


def test_a_disabled_clip_says_so() -> None:
    (event,) = read(clip("off", 3600, 2).replace("/>", ' enabled="0"/>'))
    assert event.is_enabled is False


@pytest.mark.parametrize(
    ("points", "speed", "labels"),
    [
        pytest.param(((0, 0), (100, 200)), 2, ("00:00:20:00", "00:00:28:00"), id="double"),
        pytest.param(((0, 0), (100, 50)), Fraction(1, 2), ("00:00:05:00", "00:00:07:00"), id="half"),
        pytest.param(((0, 100), (100, 0)), -1, ("00:01:26:00", "00:01:30:00"), id="reverse"),
        pytest.param(((0, 7), (100, 7)), 0, ("00:00:07:00", "00:00:07:01"), id="freeze"),
        pytest.param(((0, 0), (12, 12), (100, 50)), None, ("", ""), id="ramp"),
    ],
)
def test_a_retimed_clip_has_the_converted_source_timecode(
    points: tuple[tuple[int, int], ...], speed: Fraction | None, labels: tuple[str, str]
) -> None:
    mapped = "".join(f'<timept time="{time}s" value="{value}s" interp="smooth2"/>' for time, value in points)
    clip = f'<asset-clip ref="m" name="x" offset="3600s" start="10s" duration="4s"><timeMap>{mapped}</timeMap></asset-clip>'
    asset = '<asset id="m" name="m" start="0s" duration="600s" hasVideo="1" format="r1" src="file:///m.mov"/>'
    (event,) = read(clip, asset)
    assert (event.record_in, event.record_out) == ("01:00:00:00", "01:00:04:00")
    assert (event.speed, event.source_in, event.source_out) == (speed, *labels)


def test_a_retimed_compound_retimes_what_it_holds() -> None:
    media = compound("comp", clip("one", 0, 4) + clip("two", 4, 4, start=36100))
    slow = '<timeMap><timept time="0s" value="0s"/><timept time="16s" value="8s"/></timeMap>'
    events = read(f'<ref-clip ref="comp" offset="3600s" start="6s" duration="4s">{slow}</ref-clip>', media)
    assert placed(events) == [("one", "01:00:00:00", "01:00:02:00"), ("two", "01:00:02:00", "01:00:04:00")]
    assert [(event.source_in, event.source_out, event.speed) for event in events] == [
        ("10:00:03:00", "10:00:04:00", Fraction(1, 2)),
        ("10:01:40:00", "10:01:41:00", Fraction(1, 2)),
    ]


def test_source_labels_count_at_the_sources_rate() -> None:
    seconds = Fraction(1001, 1000) * 100
    (event,) = read(f'<asset-clip ref="ntsc" name="n" offset="3600s" start="{seconds * 10}/10s" duration="2s"/>')
    assert (event.rate, event.source_rate, event.source_in) == (25, Fraction(30000, 1001), "00:01:40:00")
    (dropped,) = read(
        f'<asset-clip ref="ntsc" name="n" offset="3600s" start="{seconds * 10}/10s" duration="2s" tcFormat="DF"/>'
    )
    assert dropped.source_in == "00:01:40;02"


def test_a_still_has_no_source_timecode() -> None:
    (event,) = read('<video ref="still" name="s" offset="3600s" duration="2s"/>')
    assert (event.record_in, event.source_in) == ("01:00:00:00", "")


def test_a_clip_whose_rate_was_conformed_has_no_source_timecode() -> None:
    conform = '<conform-rate srcFrameRate="24"/>'
    (event,) = read(f'<asset-clip ref="a" name="x" offset="3600s" duration="2s">{conform}</asset-clip>')
    assert (event.record_in, event.source_in) == ("01:00:00:00", "")


def test_compounds_that_hold_themselves_are_named() -> None:
    media = compound("x", '<ref-clip ref="y" name="Y" offset="0s" duration="9s"/>') + compound(
        "y", clip("seen", 0, 2) + '<ref-clip ref="x" name="X" offset="2s" duration="4s"/>'
    )
    events = read('<ref-clip ref="x" name="X" offset="3600s" duration="9s"/>', media)
    assert placed(events) == [("seen", "01:00:00:00", "01:00:02:00"), ("X", "01:00:02:00", "01:00:06:00")]
    assert (events[1].unexpanded, events[1].within) == ("it contains itself", "X / Y")


def test_a_compound_that_is_not_in_the_file_is_named() -> None:
    (event,) = read('<ref-clip ref="gone" name="Gone" offset="3600s" duration="4s"/>')
    assert (event.name, event.record_in, event.unexpanded) == ("Gone", "01:00:00:00", "its content is not in the file")


def test_compounds_that_grow_without_measure_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("media.timelines.fcpxml._MAX_OPENED", 2_000)  # tests/hostile tries the real one
    doubled = "".join(
        compound(
            f"m{level}",
            f'<ref-clip ref="m{level + 1}" offset="0s" duration="10s"/>' * 10,
        )
        for level in range(11)
    )
    whole = '<ref-clip ref="m0" name="M" offset="3600s" duration="10s"/>' + clip("after", 3610, 1)
    grown, after = read(whole, doubled + compound("m11", ""))
    assert placed([grown, after]) == [("M", "01:00:00:00", "01:00:10:00"), ("after", "01:00:10:00", "01:00:11:00")]
    assert grown.unexpanded.startswith("compound clips of more than")
    deep = "".join(compound(f"m{n}", f'<ref-clip ref="m{n + 1}" offset="0s" duration="1s"/>') for n in range(40))
    (event,) = read('<ref-clip ref="m0" name="M" offset="3600s" duration="1s"/>', deep)
    assert event.unexpanded.startswith("compound clips nested more than")


def test_a_file_of_clips_without_a_project_lists_them() -> None:
    data = (
        f'<fcpxml version="1.8"><resources>{RESOURCES}</resources><event name="E">{clip("one", 0, 2)}</event></fcpxml>'
    )
    (event,) = fcpxml(data.encode())
    assert isinstance(event, Event)
    assert (event.name, event.record_in, event.source_in, event.rate) == ("one", "", "10:00:00:00", 25)


def test_an_element_lasts_as_long_as_its_pick_its_asset_or_its_compound_where_it_does_not_say() -> None:
    inner = compound("comp", clip("in", 0, 7)).replace('tcStart="0s"', 'tcStart="0s" duration="7s"')
    events = read(
        '<audition offset="3600s"><asset-clip ref="a" name="pick" duration="4s"/><asset-clip ref="a" duration="9s"/>'
        '</audition><ref-clip ref="comp" start="5s"/><asset-clip ref="a" name="rest" start="36590s"/>'
        '<asset-clip ref="a" name="last" duration="1s"/>',
        inner,
    )
    assert placed(events) == [
        ("pick", "01:00:00:00", "01:00:04:00"),
        ("in", "01:00:04:00", "01:00:06:00"),
        ("rest", "01:00:06:00", "01:00:16:00"),
        ("last", "01:00:16:00", "01:00:17:00"),
    ]
