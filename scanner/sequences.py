"""The events of a timeline as words: for the rules, which look into statements, and for records.

Events are typed where they are read and stay so. A rule asks for words: `state_event` gives it an event's, and a record
holds those only where a finding cites them. `read_sequences` takes events from records that held each as a statement.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from media.timecode import rate_of
from media.timelines.event import EditSequence, Event
from scanner.model import Evidence

__all__ = [
    "CLIP",
    "COUNT",
    "READER",
    "WORDS",
    "event_of",
    "event_words",
    "read_sequences",
    "state_event",
    "state_events",
]

READER: Final = "timeline"
"""The reader that yields events, and the one of their statements."""
CLIP: Final = "source-clip"
"""The key of an event's statement."""
COUNT: Final = "events"
"""The key of the statement that gives the number of a timeline's events."""
_VARIABLE: Final = "variable"
_TEXTS: Final = ("file", "reel", "track", "record_in", "record_out", "source_in", "source_out")
_RATES: Final = ("rate", "source_rate")
_MORE: Final = ("within", "unexpanded")
WORDS: Final = (*_TEXTS, *_RATES, "speed", "speed_fps", "enabled", *_MORE)
"""What an event may state in words, in the order in which records have it."""
_FRACTION = re.compile(r"-?\d{1,999}(?:/\d{1,999})?")
_DECIMAL = re.compile(r"[+-]?\d{1,9}(?:\.\d{0,9})?")


def event_words(event: Event) -> dict[str, str]:
    """What an event states beside its name and place, as records have it: `speed` where it is not 1, `enabled` where it
    is not."""
    words = {name: getattr(event, name) for name in _TEXTS}
    words |= {name: str(getattr(event, name) or "") for name in _RATES}
    words["speed"] = _VARIABLE if event.speed is None else "" if event.speed == 1 else str(event.speed)
    words["speed_fps"] = "" if event.speed_fps is None else str(event.speed_fps)
    words["enabled"] = "" if event.is_enabled else "no"
    words |= {name: getattr(event, name) for name in _MORE}
    return {name: said for name, said in words.items() if said}


def event_of(name: str, where: str, words: Mapping[str, str]) -> Event:
    """Read the event again. Raises `ValueError` for an invalid rate or speed."""
    known: dict[str, Any] = {key: words[key] for key in (*_TEXTS, *_MORE) if key in words}
    known |= {key: rate_of(words[key]) for key in _RATES if words.get(key)}
    if speed := words.get("speed"):
        known["speed"] = None if speed == _VARIABLE else _checked(Fraction, _FRACTION, speed)
    if fps := words.get("speed_fps"):
        known["speed_fps"] = _checked(Decimal, _DECIMAL, fps)
    return Event(name=name, where=where, is_enabled=words.get("enabled") != "no", **known)


def _checked(kind: Callable[[str], Any], pattern: re.Pattern[str], text: str) -> Any:
    if not pattern.fullmatch(text):
        raise ValueError(f"{text[:80]!r} is no speed")
    try:
        return kind(text)
    except ZeroDivisionError as error:
        raise ValueError(f"{text[:80]!r} is no speed") from error


def state_event(event: Event, number: int = 0) -> Evidence:
    """An event as the statement that rules find at `timeline:source-clip`; `number` is that of its id."""
    id_ = f"e{number}" if number else ""
    return Evidence(reader=READER, key=CLIP, value=event.name, where=event.where, facts=event_words(event), id=id_)


def state_events(sequences: Iterable[EditSequence], start: int = 1) -> Iterator[Evidence]:
    """All of them, with ids from `start` on."""
    events = (event for sequence in sequences for event in sequence.events)
    return (state_event(event, number) for number, event in enumerate(events, start))


def read_sequences(evidence: Iterable[Evidence]) -> tuple[EditSequence, ...]:
    """The sequences of a timeline's record that held every event as a statement: each `title` begins one. None of a
    record that states the number of `events`, and holds only those that are cited."""
    evidence = [item for item in evidence if item.reader == READER]
    if any(item.key == COUNT for item in evidence):
        return ()
    groups: list[tuple[str, list[Event]]] = [("", [])]
    for item in evidence:
        if item.key == "title":
            groups.append((item.value, []))
        elif item.key == CLIP:
            groups[-1][1].append(_read_stated(item))
    return tuple(EditSequence(title, tuple(events)) for title, events in groups if events)


def _read_stated(item: Evidence) -> Event:
    """An event as it was stated; a log's rate, which was kept word for word, is left out where it is none."""
    try:
        return event_of(item.value, item.where, item.facts)
    except ValueError:
        kept = {name: said for name, said in item.facts.items() if name not in (*_RATES, "speed", "speed_fps")}
        return event_of(item.value, item.where, {**kept, "speed": _VARIABLE})
