"""OTIO: time effects, trimmed compositions, collections, and what is switched off."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import pytest

from media.timelines import Event, Title
from media.timelines.otio import otio


def moment(value: float, rate: float = 24) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "RationalTime.1", "rate": rate, "value": value}


def span(start: float, length: float, rate: float = 24) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "TimeRange.1", "start_time": moment(start, rate), "duration": moment(length, rate)}


def clip(name: str, start: float, length: float, **more: Any) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "Clip.2", "name": name, "source_range": span(start, length), **more}


def held(kind: str, *children: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"OTIO_SCHEMA": f"{kind}.1", "kind": "Video", "children": list(children), **more}


def timeline(*children: dict[str, Any], name: str = "EP101") -> dict[str, Any]:
    tracks = held("Stack", held("Track", *children))
    return {"OTIO_SCHEMA": "Timeline.1", "name": name, "global_start_time": moment(86400), "tracks": tracks}


def read(whole: dict[str, Any]) -> list[Event]:
    return [said for said in otio(json.dumps(whole).encode()) if isinstance(said, Event)]


def effect(schema: str, **more: Any) -> dict[str, Any]:
    return {"OTIO_SCHEMA": f"{schema}.1", **more}


@pytest.mark.parametrize(
    ("effects", "speed", "labels"),
    [
        ([effect("LinearTimeWarp", time_scalar=2.0)], 2, ("00:00:01:00", "00:00:05:00")),
        ([effect("LinearTimeWarp", time_scalar=0.5)], Fraction(1, 2), ("00:00:01:00", "00:00:02:00")),
        ([effect("LinearTimeWarp", time_scalar=-1)], -1, ("00:00:01:00", "00:00:03:00")),
        ([effect("LinearTimeWarp", time_scalar=-2)], -2, ("", "")),
        ([effect("FreezeFrame", time_scalar=0)], 0, ("00:00:01:00", "00:00:01:01")),
        ([effect("TimeEffect")], None, ("", "")),
        ([effect("Effect")], 1, ("00:00:01:00", "00:00:03:00")),
    ],
)
def test_time_effects(effects: list[dict[str, Any]], speed: Fraction | None, labels: tuple[str, str]) -> None:
    one, two = read(timeline(clip("a", 24, 48, effects=effects), clip("b", 0, 24)))
    assert (one.record_in, one.record_out, two.record_in) == ("01:00:00:00", "01:00:02:00", "01:00:02:00")
    assert (one.speed, one.source_in, one.source_out) == (speed, *labels)


def test_a_composition_shows_its_range() -> None:
    inner = held("Track", clip("one", 0, 24), clip("two", 100, 48), source_range=span(12, 36))
    one, two, after = read(timeline(inner, clip("b", 0, 24)))
    assert (one.record_in, one.record_out, one.source_in) == ("01:00:00:00", "01:00:00:12", "00:00:00:12")
    assert (two.record_in, two.record_out, two.source_out) == ("01:00:00:12", "01:00:01:12", "00:00:05:04")
    assert after.record_in == "01:00:01:12"


def test_gaps_are_no_clips_and_a_source_has_its_own_rate() -> None:
    (event,) = read(timeline(effect("Gap", source_range=span(0, 24)), clip("a", 0, 0, source_range=span(50, 50, 25))))
    assert (event.record_in, event.record_out) == ("01:00:01:00", "01:00:03:00")
    assert (event.rate, event.source_rate, event.source_in) == (24, 25, "00:00:02:00")


def test_each_timeline_of_a_collection_is_a_cut_of_its_own() -> None:
    both = held("SerializableCollection", timeline(clip("a", 0, 24)), timeline(clip("b", 0, 24), name="EP102"))
    said = list(otio(json.dumps(both).encode()))
    assert [it.text for it in said if isinstance(it, Title)] == ["EP101", "EP102"]
    assert [it.record_in for it in said if isinstance(it, Event)] == ["01:00:00:00", "01:00:00:00"]


def test_what_is_switched_off_says_so() -> None:
    off, on = read(timeline(clip("a", 0, 24, enabled=False), clip("b", 0, 24)))
    assert (off.is_enabled, on.is_enabled) == (False, True)
