"""What a timeline says: `Title`, `Event`, `Words`. Shared by all formats."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from media.timecode import Timecode, rate_of

__all__ = [
    "MAX_EVENTS",
    "MAX_NAME",
    "VARIABLE",
    "Event",
    "Said",
    "Title",
    "Unread",
    "Words",
    "label",
    "rate_or_none",
    "speed_of",
]

MAX_EVENTS = 50_000
"""A feature film has some thousands."""
MAX_NAME = 80
"""Characters of a compound clip's name as the events within it repeat it."""
VARIABLE = "variable"
"""A speed that changes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One use of one source clip. Empty where the timeline does not say."""

    name: str
    """The clip's name as the editor sees it."""
    where: str
    file: str = ""
    """Path or URL of the medium, word for word."""
    reel: str = ""
    track: str = ""
    """`V`, `A2`, `video 1`."""
    record_in: str = ""
    record_out: str = ""
    source_in: str = ""
    source_out: str = ""
    rate: str = ""
    """Frames a second, as a fraction."""
    source_rate: str = ""
    """What the source's labels count by, where it is another rate than `rate`."""
    speed: str = ""
    """Of the source in the cut, as a fraction, where it is not 1: `2`, `1/2`, `-1`, `0` for a freeze; `VARIABLE` where
    it changes within the event. `source_in` and `source_out` are what is seen, the lower label first."""
    speed_fps: str = ""
    """The same as an edit list, which states no rate, gives it: frames of the source in a second, word for word."""
    enabled: str = ""
    """`no` where the editor switched it off: it is named, and not in the cut."""
    within: str = ""
    """The compound clips or nested sequences that it lies in, outermost first."""
    unexpanded: str = ""
    """Why what it holds is not known: a compound that contains itself, or whose content is not in the file."""
    is_misplaced: bool = False
    """It says where it lies, and it cannot lie there: a timecode that no clock shows, a length below nothing."""


@dataclass(frozen=True, slots=True)
class Title:
    """What the timeline is called."""

    text: str
    where: str


@dataclass(frozen=True, slots=True)
class Words:
    """Anything else that is said in words: the program that wrote it, a marker, a note."""

    key: str
    text: str
    where: str


@dataclass(frozen=True, slots=True)
class Unread:
    """An event of which nothing could be understood."""

    where: str


Said = Event | Title | Unread | Words


def label(seconds: Fraction | None, rate: Fraction | None, *, drop: bool = False) -> str:
    """The timecode label at a time; empty where either is unknown or it lies before zero."""
    if seconds is None or rate is None or seconds < 0:
        return ""
    try:
        return str(Timecode.at(seconds, rate, drop=drop))
    except ValueError:
        return str(Timecode.at(seconds, rate))


def rate_or_none(said: str | float) -> Fraction | None:
    """The frame rate that is meant; None where there is none."""
    try:
        return rate_of(said)
    except ValueError:
        return None


def speed_of(speed: Fraction) -> str:
    """A speed as events state it; empty where it is 1."""
    return "" if speed == 1 else str(speed)
