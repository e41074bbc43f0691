"""xmeml: nested sequences, retimed clips, edges under transitions, and what is switched off."""

from __future__ import annotations

import io
from fractions import Fraction

import pytest

from media.timelines import Event, Title
from media.timelines.xmeml import xmeml

RATE = "<rate><timebase>25</timebase><ntsc>FALSE</ntsc></rate>"
FILE = f"""<file id="f"><name>a.mov</name><pathurl>file:///a.mov</pathurl>{RATE}<timecode>{RATE}<frame>900000</frame>
</timecode></file>"""


def item(name: str, start: int, end: int, first: int, last: int, more: str = '<file id="f"/>') -> str:
    return f"""<clipitem id="{name}{start}"><name>{name}</name>{RATE}<start>{start}</start><end>{end}</end>
<in>{first}</in><out>{last}</out>{more}</clipitem>"""


def sequence(*tracks: str, name: str = "EP101", frame: int = 90000) -> str:
    held = "".join(f"<track>{track}</track>" for track in tracks)
    return f"""<sequence id="{name}"><name>{name}</name>{RATE}<timecode>{RATE}<frame>{frame}</frame></timecode>
<media><video>{held}</video></media></sequence>"""


def read(whole: str) -> list[Event]:
    said = list(xmeml(io.BytesIO(f'<xmeml version="5">{whole}</xmeml>'.encode())))
    assert [title.text for title in said if isinstance(title, Title)] == ["EP101"]
    return [event for event in said if isinstance(event, Event)]


def records(events: list[Event]) -> list[tuple[str, str, str]]:
    return [(event.name, event.record_in, event.record_out) for event in events]


def test_a_nested_sequence_shows_its_part_each_time_it_is_used() -> None:
    inner = sequence(item("one", 0, 50, 100, 150, FILE) + item("two", 50, 100, 0, 50), name="Nest", frame=0)
    outer = sequence(item("Nest", 0, 50, 25, 75, inner) + item("Nest", 100, 125, 50, 75, '<sequence id="Nest"/>'))
    events = read(outer)
    assert records(events) == [
        ("one", "01:00:00:00", "01:00:01:00"),
        ("two", "01:00:01:00", "01:00:02:00"),
        ("two", "01:00:04:00", "01:00:05:00"),
    ]
    assert [event.source_in for event in events] == ["10:00:05:00", "10:00:00:00", "10:00:00:00"]
    assert {event.within for event in events} == {"Nest"}


def test_a_nested_sequence_that_is_not_there_is_named() -> None:
    (event,) = read(sequence(item("Nest", 0, 50, 0, 50, '<sequence id="gone"/>')))
    assert (event.record_in, event.unexpanded) == ("01:00:00:00", "its content is not in the file, or contains it")


def test_nested_sequences_that_grow_without_measure_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("media.timelines.xmeml._MAX_OPENED", 2_000)  # tests/hostile tries the real one
    whole = sequence(item("leaf", 0, 50, 0, 50, FILE), name="s0", frame=0)
    for level in range(1, 9):
        first = item("n", 0, 50, 0, 50, whole)
        whole = sequence(*[first] + [item("n", 0, 50, 0, 50, f'<sequence id="s{level - 1}"/>')] * 9, name=f"s{level}")
    events = read(sequence(item("Top", 0, 50, 0, 50, whole)))
    assert 0 < len(events) <= 2_000
    assert any("more than" in event.unexpanded for event in events)


@pytest.mark.parametrize(
    ("parameters", "speed", "labels"),
    [
        pytest.param({"speed": "50"}, Fraction(1, 2), ("", ""), id="half, where only the speed is stated"),
        pytest.param({"speed": "100", "reverse": "TRUE"}, -1, ("", ""), id="reverse"),
        pytest.param({"speed": "100", "variablespeed": "1"}, None, ("", ""), id="ramp"),
        pytest.param({"speed": "100"}, 1, ("10:00:00:10", "10:00:02:10"), id="no change"),
    ],
)
def test_a_retimed_clip_has_no_plain_source_timecode(
    parameters: dict[str, str], speed: Fraction | None, labels: tuple[str, str]
) -> None:
    (event,) = read(sequence(item("a", 0, 50, 10, 60, FILE + filtered(parameters))))
    assert (event.record_in, event.record_out) == ("01:00:00:00", "01:00:02:00")
    assert (event.speed, event.source_in, event.source_out) == (speed, *labels)


@pytest.mark.parametrize(
    ("values", "speed", "labels"),
    [
        pytest.param((0, 200), 2, ("10:00:00:20", "10:00:04:20"), id="double"),
        pytest.param((100, 0), -1, ("10:00:01:16", "10:00:03:16"), id="reverse"),
    ],
)
def test_the_graph_of_a_retimed_clip_converts(
    values: tuple[int, int], speed: Fraction | None, labels: tuple[str, str]
) -> None:
    keys = "".join(
        f"<keyframe><when>{when}</when><value>{value}</value></keyframe>"
        for when, value in zip((0, 100), values, strict=True)
    )
    (event,) = read(sequence(item("a", 0, 50, 10, 60, FILE + filtered({"speed": "100"}, keys))))
    assert (event.speed, event.source_in, event.source_out) == (speed, *labels)


def filtered(parameters: dict[str, str], keys: str = "") -> str:
    held = "".join(
        f"<parameter><parameterid>{name}</parameterid><value>{value}</value></parameter>"
        for name, value in parameters.items()
    )
    graph = f"<parameter><parameterid>graphdict</parameterid>{keys}</parameter>" if keys else ""
    return f"<filter><effect><effectid>timeremap</effectid>{held}{graph}</effect></filter>"


def test_a_dissolve_is_where_its_two_clips_overlap() -> None:
    dissolve = f"<transitionitem>{RATE}<start>40</start><end>60</end></transitionitem>"
    events = read(sequence(item("a", 0, -1, 0, 60, FILE) + dissolve + item("b", -1, 100, 0, 60)))
    assert records(events) == [("a", "01:00:00:00", "01:00:02:10"), ("b", "01:00:01:15", "01:00:04:00")]


def test_what_is_switched_off_says_so() -> None:
    off = item("a", 0, 50, 0, 50, FILE + "<enabled>FALSE</enabled>")
    events = read(sequence(off, item("b", 0, 50, 0, 50) + "<enabled>FALSE</enabled>", item("c", 0, 50, 0, 50)))
    assert [event.is_enabled for event in events] == [False, False, True]
