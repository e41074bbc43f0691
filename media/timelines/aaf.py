"""Advanced Authoring Format, as Avid, Premiere, Pro Tools and Resolve write it. The only module that imports pyaaf2.

Source: AMWA "AAF Object Specification" 1.1. Compositions are walked with a stack of our own and a budget: references
between mobs may loop, and effects may nest to any depth. A clip's source is followed down to the tape.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from io import SEEK_END
from math import ceil, floor
from pathlib import Path
from struct import unpack_from
from typing import Any, NamedTuple

import aaf2

from media.errors import Malformed, MediaError, TooLarge
from media.timecode import Timecode, drops, nominal
from media.timelines.event import MAX_EVENTS, MAX_NAME, Event, Said, Title, Words, rate_or_none
from media.timelines.window import Window

__all__ = ["aaf"]

_HEADER = 76
"""Bytes of a compound file's header before its list of tables ([MS-CFB] 2.2)."""
_MAX_STEPS = 500_000
_MAX_OPENED = 50_000
"""Components that are looked at in nested compositions."""
_MAX_NESTING = 12
_MAX_CHAIN = 8
_MAX_MOBS = 100_000
_MOST_FRAMES = 1000
"""Edit units a second; above it they are samples."""
_IDENTITY = ("CompanyName", "ProductName", "ProductVersionString", "Platform")
_MOTION = ("Motion Control", "Speed Control", "Video Repeat", "Freeze", "Time Warp", "Timewarp")
_MOTION_MAPS = ("PARAM_SPEED_OFFSET_MAP_U", "PARAM_OFFSET_MAP_U")
_ZERO = Fraction(0)


class _Clock(NamedTuple):
    """What a composition's labels count by: start frame, rate (None: nothing has a label), drop-frame."""

    start: int
    rate: Fraction | None
    drop: bool

    def label(self, seconds: Fraction | None, units: Fraction) -> str:
        """The label at a time of a slot with so many edit units a second."""
        if seconds is None or self.rate is None:
            return ""
        return _label(self.start + round(_converted(seconds * units, units, self.rate)), self.rate, self.drop)


@dataclass(frozen=True, slots=True)
class _Spot:
    """A component, and the window through which what holds it is seen. Times in seconds."""

    item: Any
    window: Window
    at: Fraction
    """Where it begins on the time of what holds it."""
    length: Fraction | None
    """None goes on for as long as it is seen: under a motion effect the length that it states is not used."""
    units: Fraction
    """Edit units a second."""
    mobs: tuple[str, ...] = ()
    """The nested compositions on the way here: their ids,"""
    within: tuple[str, ...] = ()
    """and their names."""
    top: _Spot | None = None
    """The outermost clip that stands for a composition."""
    is_off: bool = False
    is_variable: bool = False
    is_throughout: bool = False
    """The one clip under a motion effect: it is seen as long as the effect, whatever length it states."""

    @property
    def seen(self) -> tuple[Fraction, Fraction | None] | None:
        """Where on the record it is seen."""
        if self.is_throughout and self.window.begin is not None:
            return self.window.begin, self.window.end
        return self.window.seen(self.at, self.length)


class _Source(NamedTuple):
    """What a clip is cut from: the names of master, file and tape, and the label of the clip's begin."""

    name: str
    file: str
    reel: str
    begin: Timecode | None


def aaf(path: Path) -> Iterator[Said]:
    """Programs that wrote the file, then the clips of its top-level compositions; where none is marked, of those that
    no other contains."""
    try:
        _check_header(path)
        with aaf2.open(str(path), "r") as file:
            yield from _identities(file)
            mobs = list(file.content.compositionmobs())[:_MAX_MOBS]
            for mob in _tops(mobs):
                yield from _composition(mob)
            if not mobs:
                yield from _masters(file)
    except MediaError:
        raise
    except Exception as error:  # pyaaf2 raises whatever Python raises on damaged structures
        raise Malformed(f"not a valid AAF: {type(error).__name__}: {str(error)[:120]}") from error


def _check_header(path: Path) -> None:
    """pyaaf2 reads as many sectors of allocation tables as the header states, also where the file has none."""
    with path.open("rb") as file:
        header = file.read(_HEADER)
        size = file.seek(0, SEEK_END)
    if len(header) < _HEADER:
        raise Malformed("not a valid AAF: it ends within its header")
    (shift,), (tables,) = unpack_from("<H", header, 30), unpack_from("<I", header, 72)
    if shift not in (9, 12) or tables << shift > size:
        raise Malformed("not a valid AAF: its header states sectors that the file does not have")


def _identities(file: Any) -> Iterator[Words]:
    for number, entry in enumerate(_value(file.header, "IdentificationList") or ()):
        for key in _IDENTITY:
            said = _value(entry, key)
            if isinstance(said, str) and said.strip("\0 "):
                yield Words(f"Identification/{key}", said.strip("\0 "), f"IdentificationList[{number}]")


def _masters(file: Any) -> Iterator[Event]:
    """The clips of a bin, where the file has no composition: they have no place."""
    for mob in list(file.content.mastermobs())[:MAX_EVENTS]:
        for slot in mob.slots:
            found = _clip_at(slot.segment, _ZERO) if _kind(slot) in ("Picture", "Sound") else None
            if found is not None:
                source = _source(found[0], _ZERO)
                name = str(mob.name or "") or source.name or source.file or source.reel or "(no name)"
                kind = {"Picture": "video", "Sound": "audio"}[_kind(slot)]
                where = f"mob {mob.mob_id}, slot {slot.slot_id}"
                yield Event(name=name, where=where, file=source.file, reel=source.reel, track=kind)


def _tops(mobs: list[Any]) -> list[Any]:
    marked = [mob for mob in mobs if mob.usage == "Usage_TopLevel"]
    if marked:
        return marked
    held = {str(clip.mob.mob_id) for mob in mobs for slot in mob.slots for clip in _clips(slot.segment) if clip.mob}
    return [mob for mob in mobs if str(mob.mob_id) not in held] or mobs


def _clips(segment: Any) -> Iterator[Any]:
    waiting, steps = [segment], 0
    while waiting and steps < _MAX_STEPS:
        item = waiting.pop()
        steps += 1
        if type(item).__name__ == "SourceClip":
            yield item
        waiting.extend(_held(item, "Components", "InputSegments", "Selected", "Slots", "Choices", "Alternates"))


def _composition(mob: Any) -> Iterator[Said]:
    if mob.name:
        yield Title(str(mob.name), f"mob {mob.mob_id}")
    clock = _clock(mob)
    counts: dict[str, int] = {}
    walk = _Walk(clock)
    for slot in mob.slots:
        kind = {"Picture": "video", "Sound": "audio"}.get(_kind(slot), "")
        units = _edit_rate(slot)
        if not kind or units is None:
            continue
        counts[kind] = counts.get(kind, 0) + 1
        whole = _Spot(slot.segment, Window(_ZERO, _ZERO, begin=_ZERO), _ZERO, None, units, (str(mob.mob_id),))
        yield from walk.events(whole, f"{kind} {counts[kind]}")


class _Walk:
    """The walk through a composition's slots."""

    def __init__(self, clock: _Clock) -> None:
        self._clock = clock
        self._steps = self._opened = 0

    def events(self, spot: _Spot, track: str) -> Iterator[Event]:
        """The clips of a slot, in order."""
        waiting = [spot]
        found = 0
        while waiting:
            at = waiting.pop()
            self._steps += 1
            if self._steps > _MAX_STEPS:
                raise TooLarge(f"a composition of more than {_MAX_STEPS} components")
            self._opened += at.top is not None
            fault = ""
            if at.top is not None and self._opened > _MAX_OPENED:
                waiting = [one for one in waiting if one.top is not at.top]
                at, fault = at.top, f"nested compositions of more than {_MAX_OPENED} components"
            elif type(at.item).__name__ != "SourceClip":
                waiting.extend(reversed(list(_below(at))))
                continue
            elif type(at.item.mob).__name__ == "CompositionMob":
                fault = _cannot_open(at)
                if not fault:
                    waiting.extend(_opened(at))
                    continue
            found += 1
            if found > MAX_EVENTS:
                raise TooLarge(f"a track of more than {MAX_EVENTS} clips")
            if (event := self._event(at, track, fault)) is not None:
                yield event

    def _event(self, at: _Spot, track: str, fault: str) -> Event | None:
        seen = at.seen
        if seen is None:
            return None
        begin, end = seen
        is_frames = nominal(at.units) == nominal(self._clock.rate or Fraction(1))
        source = _source(at.item, _ZERO) if not fault else _Source(str(at.item.mob.name or ""), "", "", None)
        event = Event(
            name=source.name or source.file or source.reel or "(no name)",
            where=f"{track}, position {round(begin * at.units)}" + "".join(f", in {name}" for name in at.within[::-1]),
            file=source.file,
            reel=source.reel,
            track=track,
            record_in=self._clock.label(begin, at.units),
            record_out=self._clock.label(end, at.units),
            rate=at.units if is_frames else self._clock.rate,
            is_enabled=not at.is_off,
            within=" / ".join(at.within),
            speed=None if at.is_variable else at.window.speed,
            unexpanded=fault,
        )
        if fault or at.is_variable or end is None:
            return event
        return _sourced(event, at, begin, end)


def _sourced(event: Event, at: _Spot, begin: Fraction, end: Fraction) -> Event:
    """The event with the labels of its source: what is seen from `begin` to `end`."""
    window = at.window.moved(-at.at)
    first, last = sorted((window.inner_at(begin), window.inner_at(end)))
    if window.speed < 0:  # the frame that begins the event is the last of the range, the frame that ends it the first
        first, last = first + abs(window.speed) / at.units, last + 1 / at.units
    low, high = floor(first * at.units), ceil(last * at.units)
    source = _source(at.item, low / at.units)
    if source.begin is None or low + _start(at.item) < 0:  # before the source begins an effect holds it
        return event
    rate = source.begin.rate
    length = max(1, round(_converted(Fraction(high - low), at.units, rate)))
    return replace(
        event,
        source_in=str(source.begin),
        source_out=str(source.begin + length),
        source_rate=None if rate == event.rate else rate,
    )


# What lies in a component


def _below(at: _Spot) -> Iterator[_Spot]:
    item, name = at.item, type(at.item).__name__
    if name == "Sequence":
        yield from _in_order(at)
    elif name == "OperationGroup":
        yield from _under_effect(at)
    elif name == "Selector":
        yield from (replace(at, item=held) for held in _held(item, "Selected"))
        yield from (replace(at, item=held, is_off=True) for held in _held(item, "Alternates"))
    elif name == "EssenceGroup":  # the same in several qualities
        yield from (replace(at, item=held) for held in _held(item, "Choices")[:1])
    elif name == "NestedScope":
        yield from (replace(at, item=held) for held in _held(item, "Slots"))
    elif name == "Pulldown":
        yield from (replace(at, item=held, is_variable=True) for held in _held(item, "InputSegment"))


def _in_order(at: _Spot) -> Iterator[_Spot]:
    """The components of a sequence with their positions: a transition overlaps its neighbours."""
    held = list(at.item.components)
    here = at.at
    if len(held) > 1:
        at = replace(at, is_throughout=False)
    for number, component in enumerate(held):
        length = _length(component) / at.units
        if type(component).__name__ == "Transition":
            here -= length
            continue
        if at.is_variable:  # where one ends and the next begins is not known
            yield replace(at, item=component)
            continue
        is_last = number == len(held) - 1 and at.length is None and at.window.end is not None
        yield replace(at, item=component, at=here, length=None if is_last else length)
        here += length


def _under_effect(at: _Spot) -> Iterator[_Spot]:
    """What an effect shows, for as long as the effect is, at the speed of a motion effect."""
    own = _length(at.item) / at.units
    seen = at.window.seen(at.at, own or at.length)
    if seen is None:
        return
    inputs = _held(at.item, "InputSegments")
    window = at.window.cut(*seen)
    if not _is_motion(at.item):
        yield from (replace(at, item=held, window=window, length=None) for held in inputs)
        return
    for held in inputs:
        motion = None if at.is_variable else _motion(at.item, held)
        if motion is None:  # its speed changes: it is seen throughout, and of its source nothing is known
            shown = window.retimed(at.at, _ZERO, _ZERO)
            yield replace(at, item=held, window=shown, at=_ZERO, length=None, is_variable=True)
        else:
            first, speed = motion
            shown = window.retimed(at.at, first / at.units, speed)
            yield replace(at, item=held, window=shown, at=_ZERO, length=None, is_throughout=True)


def _is_motion(group: Any) -> bool:
    name = str(getattr(group.operation, "name", "") or "")
    return any(word.lower() in name.lower() for word in _MOTION) or any(
        _parameter(group, key) is not None for key in (*_MOTION_MAPS, "SpeedRatio")
    )


def _motion(group: Any, held: Any) -> tuple[Fraction, Fraction] | None:
    """Of a motion effect the source's edit unit that its begin shows, and the speed; None where that changes.

    `SpeedRatio` is record units for each of the source. Some writers round it, so the map decides where there is one.
    """
    length, shown = _length(group), _length(held)
    for name in _MOTION_MAPS:
        points = [(_number(it.time), _number(it.value)) for it in (_points(_parameter(group, name)) or ())]
        if len(points) > 2 or (len(points) == 2 and points[0][0] == points[1][0]):
            return None
        if len(points) == 2:
            (one, first), (two, last) = points
            speed = ((last - first) / (two - one)).limit_denominator(10_000)
            return first - one * speed, speed
    ratio = _number(_value(_parameter(group, "SpeedRatio"), "Value")) if _parameter(group, "SpeedRatio") else None
    if shown == 1 < length and ratio in (None, _ZERO, Fraction(length)):
        return _ZERO, _ZERO
    if ratio:
        return (_ZERO, 1 / ratio) if ratio > 0 else (Fraction(shown), 1 / ratio)
    return (_ZERO, Fraction(1)) if shown == length else None


def _cannot_open(at: _Spot) -> str:
    mob = at.item.mob
    if str(mob.mob_id) in at.mobs:
        return "it contains itself"
    if len(at.mobs) > _MAX_NESTING:
        return f"compositions nested more than {_MAX_NESTING} deep"
    return "" if _slot(mob, at.item) is not None else "its content is not in the file"


def _opened(at: _Spot) -> Iterator[_Spot]:
    """What a clip shows of the composition that it stands for."""
    mob, slot = at.item.mob, _slot(at.item.mob, at.item)
    seen = at.seen
    units = _edit_rate(slot) or at.units
    if seen is not None:
        start = _converted(Fraction(_start(at.item)), at.units, units) / units
        name = str(mob.name or "")[:MAX_NAME]
        yield replace(
            at, item=slot.segment, window=at.window.cut(*seen).moved(start - at.at), at=_ZERO, length=None, units=units,
            is_throughout=False,
            mobs=(*at.mobs, str(mob.mob_id)), within=(*at.within, name) if name else at.within, top=at.top or at,
        )  # fmt: skip


# What a clip is cut from


def _source(clip: Any, offset: Fraction) -> _Source:
    """Down the chain of mobs from `offset` seconds into a clip; the label is that of the deepest mob that has one."""
    name = file = reel = ""
    begin: Timecode | None = None
    current = clip
    units = _edit_rate(_slot(getattr(clip, "mob", None), clip)) or Fraction(1)
    at = Fraction(_start(clip)) + offset * units
    for _ in range(_MAX_CHAIN):
        mob = getattr(current, "mob", None)
        if mob is None:
            break
        name = name or str(mob.name or "")
        descriptor = _value(mob, "EssenceDescription")
        for locator in (_value(descriptor, "Locator") or ()) if descriptor is not None else ():
            file = file or str(_value(locator, "URLString") or "")
        if descriptor is not None and type(descriptor).__name__ in ("TapeDescriptor", "FilmDescriptor"):
            reel = reel or str(mob.name or "")
        begin = _label_in(mob, at, units) or begin
        slot = _slot(mob, current)
        if slot is None:
            break
        below = _clip_at(slot.segment, at)
        if below is None or below[0] is current:
            break
        current, into = below
        own = _edit_rate(_slot(getattr(current, "mob", None), current)) or units
        at, units = _converted(_start(current) + into, units, own), own
    return _Source(name, file, reel, begin)


def _clip_at(segment: Any, at: Fraction) -> tuple[Any, Fraction] | None:
    """The source clip that a segment shows at an edit unit, and how far into it; the first where none is there."""
    waiting: list[tuple[Any, Fraction]] = [(segment, at)]
    steps, first = 0, None
    while waiting and steps < _MAX_STEPS:
        item, into = waiting.pop()
        steps += 1
        name = type(item).__name__
        if name == "SourceClip":
            first = first or (item, into)
            if 0 <= into < _length(item) or not _length(item):
                return item, into
        elif name == "Sequence":
            placed = []
            for component in item.components:
                if type(component).__name__ == "Transition":
                    into += _length(component)
                    continue
                placed.append((component, into))
                into -= _length(component)
            waiting.extend(reversed(placed))
        else:
            held = _held(item, "InputSegments", "Selected", "Slots", "Choices")
            waiting.extend((inner, into) for inner in reversed(held))
    return first


def _label_in(mob: Any, at: Fraction, units: Fraction) -> Timecode | None:
    """The label that a mob's own timecode track has at an edit unit of another track."""
    tracks = sorted(mob.slots, key=lambda slot: _value(slot, "PhysicalTrackNumber") != 1)
    for slot in tracks:
        clock = _timecode(slot)
        if clock is not None and clock.rate is not None:
            frame = clock.start + int(_converted(at, units, clock.rate) // 1)
            return Timecode(frame, clock.rate, clock.drop)
    return None


def _clock(mob: Any) -> _Clock:
    """A composition's labels; without a timecode track they count from zero, by the frames of its picture."""
    tracks = sorted(mob.slots, key=lambda slot: _value(slot, "PhysicalTrackNumber") != 1)
    stated = next((clock for slot in tracks if (clock := _timecode(slot)) is not None), None)
    if stated is not None:
        return stated
    rates = [rate for kind in ("Picture", "Sound") for slot in mob.slots if _kind(slot) == kind
             if (rate := _edit_rate(slot)) is not None and rate < _MOST_FRAMES]  # fmt: skip
    return _Clock(0, rates[0] if rates else None, False)


def _timecode(slot: Any) -> _Clock | None:
    """A timecode track: the first of its segments, where its frames a second are its edit units."""
    units = _edit_rate(slot)
    segment = slot.segment
    for item in segment.components if type(segment).__name__ == "Sequence" else (segment,):
        if type(item).__name__ == "Timecode" and isinstance(_value(item, "Start"), int):
            frames, drop = int(_value(item, "FPS") or 0), bool(_value(item, "Drop"))
            if units is None or nominal(units) != frames:
                return None
            if drop and not drops(units):
                units = Fraction(frames * 1000, 1001)
            return _Clock(int(_value(item, "Start")), units, drop and drops(units) > 0)
    return None


# Values


def _converted(units: Fraction, rate: Fraction, other: Fraction) -> Fraction:
    """Edit units at another rate: frames stay frames where both count as many in a second."""
    return units if nominal(rate) == nominal(other) else units * other / rate


def _label(frame: int, rate: Fraction, drop: bool) -> str:
    return str(Timecode(max(0, frame), rate, drop and drops(rate) > 0))


def _slot(mob: Any, clip: Any) -> Any:
    """The slot of a mob that a clip names; its first where there is no such."""
    slots = list(mob.slots) if mob is not None else []
    return next((slot for slot in slots if slot.slot_id == clip.slot_id), slots[0] if slots else None)


def _edit_rate(slot: Any) -> Fraction | None:
    said = _value(slot, "EditRate") if slot is not None else None
    if said is None or not said.denominator:
        return None
    exact = Fraction(said.numerator, said.denominator)
    if exact > _MOST_FRAMES:
        return exact if exact < 10_000_000 else None
    return rate_or_none(f"{said.numerator}/{said.denominator}")


def _held(item: Any, *keys: str) -> list[Any]:
    """The components under these properties."""
    held: list[Any] = []
    for key in keys:
        value = _value(item, key)
        if value is not None:
            held.extend([value] if hasattr(value, "classdef") else list(value))
    return [entry.segment if hasattr(entry, "segment") else entry for entry in held]


def _parameter(group: Any, name: str) -> Any:
    return next((entry for entry in group.parameters if entry.name == name), None)


def _points(parameter: Any) -> list[Any] | None:
    return list(parameter.pointlist)[:16] if hasattr(parameter, "pointlist") else None


def _number(said: Any) -> Fraction:
    try:
        return Fraction(said) if isinstance(said, int | float | Fraction) else Fraction(str(said))
    except (ValueError, ZeroDivisionError, OverflowError):
        return _ZERO


def _kind(slot: Any) -> str:
    return str(slot.segment.media_kind or "")


def _start(clip: Any) -> int:
    said = _value(clip, "StartTime")
    return int(said) if isinstance(said, int) else 0


def _length(item: Any) -> int:
    said = _value(item, "Length")
    return int(said) if isinstance(said, int) else 0


def _value(item: Any, key: str) -> Any:
    found = item.get(key, None) if item is not None else None
    return found.value if found is not None else None
