"""A window on the time inside a clip: which part of it is seen, where on the record, and at which speed. Pure, exact.

Clips contain clips: compounds, nested sequences, effects. Each is a window on the time of its content; windows are
combined here, so that every format's nesting is worked out alike.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

__all__ = ["Window"]


@dataclass(frozen=True, slots=True)
class Window:
    """Inner time as a straight line over record time, from `begin` up to `end`. All times in seconds."""

    anchor: Fraction
    """A record time, and"""
    inner: Fraction
    """the inner time that is seen at it."""
    speed: Fraction = Fraction(1)
    """Inner seconds for each second of the record: 2 is double speed, 0 a freeze, below it runs backwards."""
    begin: Fraction | None = None
    end: Fraction | None = None
    """The end of the visible part on the record; None: without bound."""

    def inner_at(self, record: Fraction) -> Fraction:
        """The inner time that is seen at a record time."""
        return self.inner + (record - self.anchor) * self.speed

    def seen(self, start: Fraction, length: Fraction | None) -> tuple[Fraction, Fraction | None] | None:
        """The record range in which `length` inner seconds from `start` are seen; None where they are not, or where the
        range would have no start. A `length` of None goes on to the end."""
        if self.speed == 0:
            held = start <= self.inner and (length is None or self.inner < start + length)
            return (self.begin, self.end) if held and self.begin is not None else None
        first: Fraction | None = self.anchor + (start - self.inner) / self.speed
        after = None if length is None else self.anchor + (start + length - self.inner) / self.speed
        if self.speed < 0:
            first, after = after, first
        begin = max((time for time in (first, self.begin) if time is not None), default=None)
        end = min((time for time in (after, self.end) if time is not None), default=None)
        if begin is None or (end is not None and end <= begin):
            return None
        return begin, end

    def moved(self, by: Fraction) -> Window:
        """The same window for an inner clock that is `by` ahead."""
        return replace(self, inner=self.inner + by)

    def cut(self, begin: Fraction, end: Fraction | None) -> Window:
        """The same window, seen in this record range only, which is inside its own."""
        return replace(self, begin=begin, end=end)

    def retimed(self, at: Fraction, inner: Fraction, speed: Fraction) -> Window:
        """The window through a change of speed: `inner` is seen when this one's inner time is `at`."""
        return replace(self, inner=inner + (self.inner - at) * speed, speed=self.speed * speed)
