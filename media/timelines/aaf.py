"""Advanced Authoring Format, as Avid and Premiere write it. The one door to pyaaf2.

Source: AMWA "AAF Object Specification" 1.1. Compositions are walked with an own stack and a budget:
references between mobs may loop, and effects nest as deep as the file likes.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import aaf2

from media.errors import Malformed, MediaError, TooLarge
from media.timecode import Timecode, nominal
from media.timelines.event import MAX_EVENTS, Event, Said, Title, Words, rate_or_none

__all__ = ["aaf"]

_MAX_STEPS = 500_000
_MAX_CHAIN = 8
_MAX_MOBS = 100_000
_IDENTITY = ("CompanyName", "ProductName", "ProductVersionString", "Platform")


class _Clock(NamedTuple):
    """A composition's timecode track: start frame, frames that a second counts (0: there is none), drop-frame."""

    start: int
    frames: int
    drop: bool


def aaf(path: Path) -> Iterator[Said]:
    """Programs that wrote the file, then the clips of its top-level compositions, or of all where none is marked."""
    try:
        with aaf2.open(str(path), "r") as file:
            yield from _identities(file)
            mobs = list(file.content.compositionmobs())[:_MAX_MOBS]
            top = [mob for mob in mobs if mob.usage == "Usage_TopLevel"]
            for mob in top or mobs:
                yield from _composition(mob)
    except MediaError:
        raise
    except Exception as error:  # pyaaf2 raises whatever Python raises on damaged structures
        raise Malformed(f"not a sound AAF: {type(error).__name__}: {str(error)[:120]}") from error


def _identities(file: Any) -> Iterator[Words]:
    for number, entry in enumerate(_value(file.header, "IdentificationList") or ()):
        for key in _IDENTITY:
            said = _value(entry, key)
            if isinstance(said, str) and said.strip("\0 "):
                yield Words(f"Identification/{key}", said.strip("\0 "), f"IdentificationList[{number}]")


def _composition(mob: Any) -> Iterator[Said]:
    if mob.name:
        yield Title(str(mob.name), f"mob {mob.mob_id}")
    clock = _clock(mob)
    counts: dict[str, int] = {}
    for slot in mob.slots:
        kind = {"Picture": "video", "Sound": "audio"}.get(_kind(slot), "")
        if not kind:
            continue
        counts[kind] = counts.get(kind, 0) + 1
        rate = _edit_rate(slot)
        for clip, at, length in _clips(slot.segment):
            yield _event(clip, at, length, f"{kind} {counts[kind]}", rate, clock)


def _clips(segment: Any) -> Iterator[tuple[Any, int, int]]:
    """Source clips below a segment, with their position and length in edit units."""
    waiting: list[tuple[Any, int]] = [(segment, 0)]
    steps = found = 0
    while waiting:
        item, at = waiting.pop()
        steps += 1
        if steps > _MAX_STEPS:
            raise TooLarge(f"a composition of more than {_MAX_STEPS} components")
        name = type(item).__name__
        if name == "SourceClip":
            found += 1
            if found > MAX_EVENTS:
                raise TooLarge(f"a track of more than {MAX_EVENTS} clips")
            yield item, at, _length(item)
        elif name == "Sequence":
            waiting.extend(reversed(list(_placed(item, at))))
        else:
            waiting.extend((inner, at) for inner in reversed(_inner(item)))


def _placed(sequence: Any, at: int) -> Iterator[tuple[Any, int]]:
    """Components with their positions: a transition overlaps its neighbours."""
    for component in sequence.components:
        if type(component).__name__ == "Transition":
            at -= _length(component)
        else:
            yield component, at
            at += _length(component)


def _inner(item: Any) -> list[Any]:
    """What an effect, a selector, a nested scope or an essence group holds."""
    held: list[Any] = []
    for key in ("InputSegments", "Selected", "Slots", "Choices", "AlternateSegments"):
        value = _value(item, key)
        if value is not None:
            held.extend([value] if hasattr(value, "classdef") else list(value))
    return held


def _event(clip: Any, at: int, length: int, track: str, rate: Fraction | None, clock: _Clock) -> Event:
    name, file, reel = _source(clip)
    labels = ["", ""]
    # A sound track may count in samples: then its positions are no frames.
    if rate is not None and nominal(rate) == clock.frames:
        drop = clock.drop and rate.denominator == 1001
        labels = [str(Timecode(max(0, clock.start + frame), rate, drop)) for frame in (at, at + length)]
    return Event(
        name=name or file or reel or "(no name)",
        where=f"{track}, position {at}",
        file=file,
        reel=reel,
        track=track,
        record_in=labels[0],
        record_out=labels[1],
        rate=str(rate or ""),
    )


def _source(clip: Any) -> tuple[str, str, str]:
    """Down the chain of mobs: the master's name, the file's locator, the tape's name."""
    name = file = reel = ""
    current = clip
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
        below = next((found for found, _, _ in _first_clip(mob, current)), None)
        if below is None or below is current:
            break
        current = below
    return name, file, reel


def _first_clip(mob: Any, clip: Any) -> Iterator[tuple[Any, int, int]]:
    slots = list(mob.slots)
    slot = next((slot for slot in slots if slot.slot_id == clip.slot_id), slots[0] if slots else None)
    if slot is not None:
        yield from _clips(slot.segment)


def _clock(mob: Any) -> _Clock:
    for slot in mob.slots:
        segment = slot.segment
        for item in segment.components if type(segment).__name__ == "Sequence" else (segment,):
            if type(item).__name__ == "Timecode" and isinstance(_value(item, "Start"), int):
                return _Clock(int(_value(item, "Start")), int(_value(item, "FPS") or 0), bool(_value(item, "Drop")))
    return _Clock(0, 0, False)


def _edit_rate(slot: Any) -> Fraction | None:
    said = _value(slot, "EditRate")
    return rate_or_none(f"{said.numerator}/{said.denominator}") if said is not None and said.denominator else None


def _kind(slot: Any) -> str:
    return str(slot.segment.media_kind or "")


def _length(item: Any) -> int:
    said = _value(item, "Length")
    return int(said) if isinstance(said, int) else 0


def _value(item: Any, key: str) -> Any:
    found = item.get(key, None)
    return found.value if found is not None else None
