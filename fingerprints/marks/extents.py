"""In and out of marks to the frame: one pass over a programme for all of them, that decodes what lies between looks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Final

import numpy as np

from fingerprints.marks.glimpses import STEP, FrameSource, Glimpse
from fingerprints.marks.overlays import PRESENT, StandingPart, edges_of, shown_in
from media.errors import MediaError
from media.still import grey

__all__ = ["find_extents"]

LEAST_ALIKE: Final = 0.2
"""Correlation of a frame's edges with an overlay's, where its neighbours show it."""
NEAR: Final = 1.0
"""Seconds between two stretches that are decoded as one: to seek again costs as much."""


@dataclass(slots=True, eq=False)
class _Look:
    """The frames in which an overlay begins or ends."""

    overlay: StandingPart
    start: float
    end: float
    is_end: bool
    shown: list[tuple[float, bool]] = field(default_factory=list)
    """Seconds of each frame, and whether it shows the overlay."""

    def take(self, glimpse: Glimpse) -> None:
        """A frame; those of another time or size are left out."""
        if self.start - 0.001 <= glimpse.seconds <= self.end + 0.001 and (
            glimpse.picture.shape[1::-1] == self.overlay.size
        ):
            self.shown.append((glimpse.seconds, _is_shown(glimpse, self.overlay)))

    def reached(self) -> float:
        """How far all frames show it; one that does not, between others that do, counts as noise."""
        frames = self.shown if self.is_end else self.shown[::-1]
        at = self.start if self.is_end else self.end
        missed = 0
        for seconds, is_shown in frames:
            missed = 0 if is_shown else missed + 1
            if missed > 1:
                break
            at = seconds if is_shown else at
        return at


def find_extents(
    source: FrameSource, overlays: Sequence[StandingPart], last: float, until: float
) -> list[tuple[float, float]]:
    """The seconds of the first and the last frame that show each overlay.

    `last`: seconds of the last frame that was looked at. After `until`, in the time of `monotonic`, what is left is as
    exact as the frames looked at.
    """
    looks = [look for overlay in overlays for look in _looks_of(overlay, last)]
    for group in _grouped(looks):
        if monotonic() > until:
            break
        try:
            for glimpse in source.between(group[0].start, max(look.end for look in group)):
                for look in group:
                    look.take(glimpse)
        except MediaError:
            pass  # damage is reported by who decodes all of it
    found = {(look.overlay, look.is_end): look.reached() for look in looks}
    return [(found.get((one, False), one.seen[0]), found.get((one, True), one.seen[-1])) for one in overlays]


def _looks_of(overlay: StandingPart, last: float) -> Iterator[_Look]:
    if overlay.before is not None:
        yield _Look(overlay, overlay.before, overlay.seen[0], is_end=False)
    end = overlay.seen[-1]
    if overlay.after is not None or end + 2 * STEP > last:
        yield _Look(overlay, end, overlay.after or end + 2 * STEP, is_end=True)


def _grouped(looks: Sequence[_Look]) -> Iterator[list[_Look]]:
    """Those that are decoded as one, in order."""
    group: list[_Look] = []
    for look in sorted(looks, key=lambda look: look.start):
        if group and look.start > max(one.end for one in group) + NEAR:
            yield group
            group = []
        group.append(look)
    if group:
        yield group


def _is_shown(glimpse: Glimpse, overlay: StandingPart) -> bool:
    at = overlay.part
    wide = at.widened(2, *overlay.size)
    left, top = at.x - wide.x, at.y - wide.y
    levels = np.asarray(grey(glimpse.picture[wide.region]), np.uint8)
    across, down = (each[top : top + at.h, left : left + at.w] for each in edges_of(levels))
    strength, alike = shown_in((across, down), overlay.edges)
    return strength >= PRESENT and alike >= LEAST_ALIKE
