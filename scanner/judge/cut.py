"""A timeline's sequences as cuts, whose events can be laid on a programme's clock. Pure.

Rule: an event is placed where its labels state, at the rate and by the count that they state; otherwise it has no
place.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate, takewhile
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import unquote

from media.timecode import Span, Timecode, whole_seconds
from scanner.globs import folded
from scanner.model import EditSequence, Event

__all__ = [
    "EXACT",
    "AssetKey",
    "Cut",
    "Laid",
    "Track",
    "base_name",
    "called",
    "cuts_of",
    "identity",
    "name_in_folder",
    "shared",
    "words",
]

_TOUCHED: Final = 5
"""Frames: a hit's ends are that exact, so an event that is only touched is not what is seen."""
EXACT: Final = 1_000
"""The closeness of a name that is the programme's own."""
_OURS: Final = "provscan"
_VERSION = re.compile(r"v\d+|ver|version\d*|edit|cut|lock|locked|pl|conform|final|fine|rough|online|offline|export")
_ENDING = re.compile(r"\.(?!v\d)[a-z][a-z0-9]{1,4}$")
_NUMBER = re.compile(r"[._-]?(?:%0?\d{0,2}d|#+|@+|\[\d+-\d+\])$")
_FOLDER_AND_NAME: Final = 2
AssetKey = tuple[str, str]
"""Root and path of an asset."""


@dataclass(frozen=True, slots=True)
class Laid:
    """An event on a programme's clock: from its first frame up to the one after its last."""

    first: int
    after: int
    """Where both are 0 it has no place."""
    clip: Event
    names: frozenset[str]


class Track:
    """The events of a cut on a clock: all of them, or those that are seen or heard."""

    def __init__(self, events: Iterable[Laid]) -> None:
        laid = list(events)
        self.events = sorted((event for event in laid if event.after), key=lambda event: event.first)
        self.ends = list(accumulate((event.after for event in self.events), max))
        """The latest end up to each of them."""
        self.names = _all_names(self.events)
        self.loose = [event for event in laid if not event.after]
        """Events that have no place of their own, as under a dissolve in xmeml."""
        self.loose_names = _all_names(self.loose)

    def of(self, sense: str) -> Track:
        """The `picture` events or the `sound` events."""
        return Track(event for event in (*self.events, *self.loose) if event.clip.is_on(sense))

    def at(self, span: Span) -> list[Laid]:
        """The events that show at some frames, without those that only touch the frames beside them."""
        low, high = bisect_right(self.ends, span[0]), bisect_left(self.events, span[1], key=lambda event: event.first)
        found = [event for event in self.events[low:high] if event.after > span[0]]
        return [event for event in found if shared(span, event) > _TOUCHED] or found


def _all_names(events: Iterable[Laid]) -> frozenset[str]:
    return frozenset[str]().union(*(event.names for event in events))


@dataclass(frozen=True, slots=True)
class Cut:
    """One sequence of a timeline."""

    place: AssetKey
    titles: frozenset[str]
    """The timeline's stem, unless it holds several sequences, and the sequence's title; lower case."""
    clips: tuple[Event, ...]

    def closeness(self, stem: str) -> int:
        """How close its names come to a programme's; 0 where they name another."""
        if stem.lower() in self.titles:
            return EXACT
        said = words(stem)
        named = map(identity, self.titles)
        return max((len(title) for title in named if said[: len(title)] == title), default=0)

    @property
    def seconds(self) -> Fraction:
        """From its first event to its last, by its labels, to a second; 0 where none has a place."""
        labels = [whole_seconds(label) for clip in self.clips for label in (clip.record_in, clip.record_out)]
        known = [label for label in labels if label is not None]
        return Fraction(max(known) - min(known)) if known else Fraction(0)

    def track(self, clock: Timecode) -> Track:
        """Its events on a clock; those of another rate or count have no place on it."""
        return Track(filter(None, (_laid(clip, clock) for clip in self.clips)))


def cuts_of(place: AssetKey, sequences: Iterable[EditSequence]) -> list[Cut]:
    """A timeline's cuts: the sequences with events that are switched on. A list of our own hits has none."""
    stated = [(one.title.strip().lower(), one.enabled) for one in sequences]
    cuts = [(title, clips) for title, clips in stated if clips and not title.startswith(_OURS)]
    own = PurePosixPath(place[1]).stem.lower() if len(cuts) == 1 else ""
    return [Cut(place, frozenset(filter(None, (own, title))), clips) for title, clips in cuts]


# Where events lie


def _laid(clip: Event, clock: Timecode) -> Laid | None:
    """The event on a clock; None where it has no length."""
    names = frozenset[str]().union(*map(called, filter(None, (clip.name, clip.file, clip.reel))))
    span = clip.span_on(clock)
    if span is not None and span[0] >= span[1]:
        return None
    return Laid(*(span or (0, 0)), clip, names)


def shared(span: Span, event: Laid) -> int:
    """How many frames of a span an event fills."""
    return min(span[1], event.after) - max(span[0], event.first)


# What things are called


def words(name: str) -> tuple[str, ...]:
    """The words of a file's name or a title, lower case."""
    return tuple(re.findall(r"[^\W_]+", name.lower()))


def identity(title: str) -> tuple[str, ...]:
    """The part of a timeline's name that does not number its version; empty where no number distinguishes it from
    others."""
    named = tuple(takewhile(lambda word: _VERSION.fullmatch(word) is None, words(title)))
    return named if any(char.isdigit() for word in named for char in word) else ()


def base_name(path: str) -> str:
    """The last part of a path or URL of any system, lower case."""
    return _parts(path)[-1]


def name_in_folder(path: str) -> str:
    """The last two parts of a path or URL of any system, lower case; empty where it names no folder."""
    last = _parts(path)[-2:]
    return "/".join(last) if len(last) == _FOLDER_AND_NAME and all(last) else ""


def _parts(path: str) -> list[str]:
    if "://" in path:
        path = unquote(re.split("[?#]", path.partition("://")[2], maxsplit=1)[0])
    return folded(path.replace("\\", "/").rstrip("/")).split("/")


def called(said: str) -> frozenset[str]:
    """The names that a clip or file may have: with and without its ending and the pattern of its frame numbers."""
    name = base_name(said)
    stem = _ENDING.sub("", name)
    return frozenset(filter(None, (name, stem, _NUMBER.sub("", stem))))
