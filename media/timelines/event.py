"""What a timeline states: `Title`, `Event`, `Words`. Shared by all formats."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from media.timecode import Span, Timecode, rate_of

__all__ = [
    "MAX_EVENTS",
    "MAX_NAME",
    "EditSequence",
    "Event",
    "Said",
    "Title",
    "Unread",
    "Words",
    "label",
    "rate_or_none",
]

MAX_EVENTS = 50_000
"""A feature film has some thousands."""
MAX_NAME = 80
"""Characters of a compound clip's name as the events within it repeat it."""
_NOMINAL = Fraction(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One use of one source clip. Empty where the timeline states nothing."""

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
    rate: Fraction | None = None
    """Frames a second."""
    source_rate: Fraction | None = None
    """The rate of the source's labels, where it is not `rate`."""
    speed: Fraction | None = _NOMINAL
    """Speed of the source in the cut: 2 is double speed, -1 backwards, 0 a freeze; None where it changes within the
    event, or is not known. `source_in` and `source_out` are what is seen, the lower label first."""
    speed_fps: Decimal | None = None
    """The speed as an edit list, which states no rate, gives it: frames of the source in a second, with its
    decimals."""
    is_enabled: bool = True
    """False where the editor switched it off: it is named, and not in the cut."""
    within: str = ""
    """The compound clips or nested sequences around it, outermost first."""
    unexpanded: str = ""
    """Why its content is not known: a compound that contains itself, or whose content is not in the file."""
    is_misplaced: bool = False
    """Whether its stated place is impossible: a timecode that no clock shows, a negative length."""

    def is_on(self, sense: str) -> bool:
        """Whether it is seen (`picture`) or heard (`sound`). Track `B`, and an event that names no track, is both."""
        kind = self.track.partition(" ")[0].lower()
        return kind in ("", "b", "none") or {"picture": "v", "sound": "a"}.get(sense, "") in kind

    def span_on(self, clock: Timecode) -> Span | None:
        """The frames of a clock from its record in up to its record out; None where it has none there: it counts at
        another rate, or a list that states no rate counts otherwise, with or without drop-frame."""
        try:
            if self.rate is not None and rate_of(self.rate) != clock.rate:
                return None
            into, out = (Timecode.parse(edge, clock.rate) for edge in (self.record_in, self.record_out))
        except ValueError:
            return None
        return (into.frame, out.frame) if self.rate is not None or into.drop == out.drop == clock.drop else None


@dataclass(frozen=True, slots=True)
class EditSequence:
    """One sequence of a timeline: an edit list is one, an exchange file may hold several."""

    title: str
    """Empty where the timeline states none."""
    events: tuple[Event, ...]

    @property
    def enabled(self) -> tuple[Event, ...]:
        """The events in the cut: those that the editor did not switch off."""
        return tuple(event for event in self.events if event.is_enabled)


@dataclass(frozen=True, slots=True)
class Title:
    """The name of a sequence, which it begins."""

    text: str
    where: str


@dataclass(frozen=True, slots=True)
class Words:
    """Any other text: the program that wrote it, a marker, a note."""

    key: str
    text: str
    where: str


@dataclass(frozen=True, slots=True)
class Unread:
    """An event of which nothing could be understood."""

    where: str


Said = Event | Title | Unread | Words


def label(seconds: Fraction | None, rate: Fraction | None, *, drop: bool = False) -> str:
    """The timecode label at a time; empty where either is unknown or it is before zero."""
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
