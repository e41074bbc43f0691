"""Where in an asset something is: frames on a clock, and a box in the picture. One convention for both.

Frames are half-open spans, `(first, after)`. A box is in percent of the picture's sides, from its upper left corner.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any, Final

from media.timecode import Span, is_label, rate_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Box", "Place", "checked_box"]

_LARGEST: Final = 1 << 53
"""Frames beyond this are not exact in every JSON reader."""
_FURTHEST: Final = 1e6
"""Percent: no side of a box is further out."""


@dataclass(frozen=True, slots=True)
class Box:
    """A part of a picture in percent of its width and height, from the upper left corner."""

    x: float
    y: float
    w: float
    h: float

    @classmethod
    def around(cls, points: NDArray[Any]) -> Box:
        """The smallest box around points (N × 2) that are given as fractions of the sides."""
        low, high = points.min(axis=0) * 100, points.max(axis=0) * 100
        return cls(*(round(float(number), 2) for number in (*low, *(high - low))))

    @property
    def area_percent(self) -> float:
        """How much of the picture it covers."""
        return self.w * self.h / 100

    def lies_in(self, outer: Box, slack: float = 1.0) -> bool:
        """Whether it is inside another box, to `slack` percent of the picture."""
        return (
            self.x >= outer.x - slack
            and self.y >= outer.y - slack
            and self.x + self.w <= outer.x + outer.w + slack
            and self.y + self.h <= outer.y + outer.h + slack
        )


def checked_box(box: Box) -> Box:
    """The same box. Raises `ValueError` where a side is not a finite number or is far outside any picture."""
    if not all(isfinite(side) and abs(side) <= _FURTHEST for side in (box.x, box.y, box.w, box.h)):
        raise ValueError(f"{box} is no box in percent of a picture")
    return box


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A part of an asset: some of its frames, a box in its picture, or both. `ValueError` where it is not one."""

    frames: tuple[Span, ...] = ()
    """Counted from the asset's first frame, which is 0; where `is_numbered`, by the numbers in a sequence's file names.
    Empty where only labels are known, or where it holds for all frames."""
    is_numbered: bool = False
    rate: str = ""
    """Frames a second at which `frames` are counted, as a fraction: `24000/1001`; empty is the asset's own."""
    labels: tuple[str, str] | None = None
    """SMPTE timecodes of the first frame and of the frame after the last, on the asset's own clock."""
    box: Box | None = None

    def __post_init__(self) -> None:
        for first, after in self.frames:
            if not 0 <= first < after <= _LARGEST:
                raise ValueError(f"frames {first} up to {after} are none")
        if self.rate:
            rate_of(self.rate)
        if self.labels is not None and not all(map(is_label, self.labels)):
            raise ValueError(f"{self.labels} are no timecodes")
        if self.box is not None:
            checked_box(self.box)
