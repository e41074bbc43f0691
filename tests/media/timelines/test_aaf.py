"""AAF: effects have their own length, nested compositions are opened, and sources are followed to the tape."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any
from uuid import UUID

import aaf2
import pytest

from media.errors import Malformed
from media.timelines import Event
from media.timelines.aaf import aaf

MOTION = UUID("9d2ea890-0968-11d3-8a38-0050040ef7d2")
RATIO = UUID("72559a80-24d7-11d3-8a50-0050040ef7d2")
Build = Callable[[Any, Any], list[Any]]


class Cut:
    """A file with one tape, one master of it, and a composition of what a test puts there."""

    def __init__(self, file: Any) -> None:
        self.file = file
        self.tape = file.create.SourceMob("TAPE7")
        _, code = self.tape.create_tape_slots("TAPE7", 24, 24)
        code.segment.start = 14 * 3600 * 24
        camera = file.create.SourceMob("A003C002.mxf")
        camera.descriptor = file.create.ImportDescriptor()
        taped = self.tape.create_source_clip(1, start=48, length=1000)
        camera.slots.append(file.create.TimelineMobSlot(1, edit_rate=24, segment=taped))
        self.master = file.create.MasterMob("A003C002")
        filed = camera.create_source_clip(1, start=24, length=900)
        self.master.slots.append(file.create.TimelineMobSlot(1, edit_rate=24, segment=filed))
        file.content.mobs.extend([self.tape, camera, self.master])
        definition = file.create.OperationDef(MOTION, "Motion Control")
        definition.media_kind = "Picture"
        definition["NumberInputs"].value = 1
        file.dictionary.register_def(definition)
        self.motion = definition
        self.ratio = file.create.ParameterDef(RATIO, "SpeedRatio", "", file.dictionary.lookup_typedef("Rational"))
        file.dictionary.register_def(self.ratio)

    def clip(self, start: int, length: int, of: Any = None, slot: int = 1) -> Any:
        return (of or self.master).create_source_clip(slot, start=start, length=length, media_kind="picture")

    def effect(self, length: int, held: Any, ratio: str = "") -> Any:
        group = self.file.create.OperationGroup(self.motion)
        group.media_kind = "Picture"
        group.length = length
        group.segments.append(held)
        if ratio:
            group.parameters.append(self.file.create.ConstantValue(self.ratio, Fraction(ratio)))
        return group

    def composition(self, name: str, *components: Any, usage: str = "", rate: Any = 24, kind: str = "picture") -> Any:
        mob = self.file.create.CompositionMob(name)
        if usage:
            mob.usage = usage
            code = self.file.create.Timecode(fps=24)
            code.start, code.length = 86400, 1000
            mob.slots.append(self.file.create.TimelineMobSlot(9, edit_rate=24, segment=code))
        sequence = self.file.create.Sequence(media_kind=kind)
        sequence.components.extend(components)
        mob.slots.append(self.file.create.TimelineMobSlot(1, edit_rate=rate, segment=sequence))
        self.file.content.mobs.append(mob)
        return mob


def read(path: Path, build: Callable[[Cut], Any]) -> list[Event]:
    with aaf2.open(str(path), "w") as file:
        build(Cut(file))
    return [said for said in aaf(path) if isinstance(said, Event)]


def records(events: list[Event]) -> list[tuple[str, str]]:
    return [(event.record_in, event.record_out) for event in events]


def test_the_source_timecode_is_that_of_the_tape(tmp_path: Path) -> None:
    (event,) = read(tmp_path / "a.aaf", lambda cut: cut.composition("EP101", cut.clip(10, 24), usage="Usage_TopLevel"))
    # 10 frames into the master, which begins 24 frames into the camera file, which begins 48 into the tape.
    assert (event.source_in, event.source_out) == ("14:00:03:10", "14:00:04:10")
    assert (event.reel, event.name) == ("TAPE7", "A003C002")


@pytest.mark.parametrize(
    ("held", "ratio", "speed", "source"),
    [
        pytest.param(1, "", 0, ("14:00:03:00", "14:00:03:01"), id="freeze"),
        pytest.param(1, "50", 0, ("14:00:03:00", "14:00:03:01"), id="freeze that states its length as speed"),
        pytest.param(25, "2", Fraction(1, 2), ("14:00:03:00", "14:00:04:01"), id="half speed"),
        pytest.param(100, "1/2", 2, ("14:00:03:00", "14:00:07:04"), id="double speed"),
        pytest.param(25, "", None, ("", ""), id="a speed that is not stated"),
    ],
)
def test_a_motion_effect_has_its_own_length(
    tmp_path: Path, held: int, ratio: str, speed: Fraction | None, source: tuple[str, str]
) -> None:
    def build(cut: Cut) -> None:
        slow = cut.effect(50, cut.clip(0, held), ratio)
        cut.composition("EP101", cut.clip(0, 24), slow, cut.clip(0, 24), usage="Usage_TopLevel")

    events = read(tmp_path / "a.aaf", build)
    assert records(events) == [
        ("01:00:00:00", "01:00:01:00"),
        ("01:00:01:00", "01:00:03:02"),
        ("01:00:03:02", "01:00:04:02"),
    ]
    assert (events[1].speed, events[1].source_in, events[1].source_out) == (speed, *source)


def test_a_nested_composition_shows_its_part(tmp_path: Path) -> None:
    def build(cut: Cut) -> None:
        filler = cut.file.create.Filler("picture", 10)
        inner = cut.composition("Nest", cut.clip(0, 20), filler, cut.clip(100, 50))
        cut.composition("EP101", cut.clip(12, 28, of=inner), usage="Usage_TopLevel")

    events = read(tmp_path / "a.aaf", build)
    assert records(events) == [("01:00:00:00", "01:00:00:08"), ("01:00:00:18", "01:00:01:04")]
    assert [event.source_in for event in events] == ["14:00:03:12", "14:00:07:04"]
    assert {event.within for event in events} == {"Nest"}


def test_compositions_that_hold_each_other_are_named(tmp_path: Path) -> None:
    def build(cut: Cut) -> None:
        one, two = cut.composition("One", cut.clip(0, 8)), cut.composition("Two")
        two.slots[0].segment.components.append(cut.clip(0, 16, of=one))
        one.slots[0].segment.components.append(cut.clip(0, 16, of=two))
        cut.composition("EP101", cut.clip(0, 24, of=one), usage="Usage_TopLevel")

    events = read(tmp_path / "a.aaf", build)
    assert [event.unexpanded for event in events][-1] == "it contains itself"
    assert records(events)[0] == ("01:00:00:00", "01:00:00:08")


def test_compositions_that_grow_without_measure_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("media.timelines.aaf._MAX_OPENED", 200)

    def build(cut: Cut) -> None:
        inner = cut.composition("m0", cut.clip(0, 8))
        for level in range(1, 8):
            held = [cut.clip(0, 8, of=inner) for _ in range(6)]
            inner = cut.composition(f"m{level}", *held)
        whole = cut.clip(0, 800, of=inner)
        cut.composition("EP101", whole, cut.clip(0, 8), usage="Usage_TopLevel")

    events = read(tmp_path / "a.aaf", build)
    assert len(events) < 250
    assert events[-2].unexpanded.startswith("nested compositions of more than")
    assert (events[-1].name, events[-1].unexpanded) == ("A003C002", "")


def test_a_clip_that_was_switched_off_says_so(tmp_path: Path) -> None:
    def build(cut: Cut) -> None:
        selector = cut.file.create.Selector()
        selector.media_kind = "Picture"
        selector.length = 24
        selector["Selected"].value = cut.file.create.Filler("picture", 24)
        selector["Alternates"].value = [cut.clip(0, 24)]
        cut.composition("EP101", selector, cut.clip(0, 24), usage="Usage_TopLevel")

    events = read(tmp_path / "a.aaf", build)
    assert [event.is_enabled for event in events] == [False, True]
    assert records(events)[1] == ("01:00:01:00", "01:00:02:00")


def test_sound_that_counts_samples_lies_on_the_frames_of_the_composition(tmp_path: Path) -> None:
    def build(cut: Cut) -> None:
        sound = cut.file.create.MasterMob("mix.wav")
        empty = cut.file.create.SourceClip(media_kind="sound")
        empty.length = 48000 * 60
        sound.slots.append(cut.file.create.TimelineMobSlot(1, edit_rate=48000, segment=empty))
        cut.file.content.mobs.append(sound)
        used = sound.create_source_clip(1, start=0, length=96000, media_kind="sound")
        filler = cut.file.create.Filler("sound", 48000)
        cut.composition("EP101", filler, used, usage="Usage_TopLevel", rate=48000, kind="sound")

    (event,) = read(tmp_path / "a.aaf", build)
    assert (event.record_in, event.record_out, event.rate) == ("01:00:01:00", "01:00:03:00", 24)
    assert (event.name, event.track) == ("mix.wav", "audio 1")


@pytest.mark.parametrize(("place", "value"), [(72, b"\xff\xff\xff\xff"), (30, b"\x20\0"), (30, b"")])
def test_a_header_that_states_more_tables_than_there_are_is_refused(place: int, value: bytes, tmp_path: Path) -> None:
    path = tmp_path / "cut.aaf"
    with aaf2.open(str(path), "w") as file:
        Cut(file)
    data = path.read_bytes()
    path.write_bytes(data[:place] + value + data[place + len(value) :] if value else data[:place])
    with pytest.raises(Malformed, match="header"):
        list(aaf(path))


def test_a_bin_without_a_composition_lists_its_clips(tmp_path: Path) -> None:
    (event,) = read(tmp_path / "a.aaf", lambda cut: None)
    assert (event.name, event.reel, event.record_in) == ("A003C002", "TAPE7", "")
