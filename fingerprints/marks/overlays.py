"""What stands still over moving pictures: parts of the frame whose edges stay while what is under them changes.

Frames are taken as they come. An overlay is followed by its own edges: how much of them a frame holds is how strongly
it is shown, so that a fade is followed too, and what is faint stands out against what moves.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from fingerprints.marks.glimpses import Glimpse
from fingerprints.marks.patches import Pixels, stand_out
from fingerprints.marks.strokes import LEAST_EDGE, LOGOS, Edges, compact_parts, is_low, is_wide, written_parts
from media.place import Box
from media.still import Picture, grey

__all__ = ["PRESENT", "StandingPart", "StandingParts", "edges_of", "shown_in"]

PRESENT: Final = 0.35
"""Of an overlay's own strength, that a frame shows at least."""
ALIKE: Final = 0.3
"""Correlation of a frame's edges with the overlay's, at least."""
STILL: Final = 0.4
"""Where more of the edges than this part stays, the picture under them does not move."""
OWN: Final = 0.35
"""Of the edges in an overlay's part, that are its own. A part that is not written needs four times as much as stays by
chance in all of the frame."""
NEW_AT_ONCE: Final = 8
"""Parts that are first followed from one window on, those at the edges of the picture first."""
MOVING_AT_ONCE, STILL_AT_ONCE = 24, 10
"""Parts that are followed at a time, where the picture moves and where it does not."""
KNOWN: Final = 0.5
"""Of a part, that one that is followed covers: then it is the same. A letter that is followed is not its whole word."""
SURELY: Final = 4
"""Frames that show what is read. Two or three have alike edges by chance, seldom in the shape of a word."""
ABSENT: Final = 2
"""So many frames in a row without it end an overlay."""


def edges_of(levels: NDArray[np.uint8]) -> Edges:
    """Slopes across and down, signed."""
    import cv2

    across, down = (cv2.Sobel(levels, cv2.CV_16S, dx, 1 - dx) for dx in (1, 0))
    return np.asarray(across, np.int16), np.asarray(down, np.int16)


@dataclass(eq=False)
class StandingPart:
    """A part of the frame that stands still for some time."""

    part: Pixels
    size: tuple[int, int]
    """Width and height of the frames that it is a part of."""
    edges: Edges
    """Its own: those that stay."""
    cut: Picture
    """The part with what is around it, as it is read."""
    within: Pixels
    """The place of `cut` in the frame."""
    seen: list[float] = field(default_factory=list)
    """Seconds of the frames that show it."""
    before: float | None = None
    """Seconds of the frame looked at before the first of them."""
    after: float | None = None
    over_motion: bool = False
    """Whether the picture under it moved while it stood."""
    is_written: bool = True
    """Whether it may be text: strokes in a row."""
    missed: int = 0
    is_offered: bool = False
    """Whether it was put among those that are read."""

    @property
    def box(self) -> Box:
        """Its place in percent of the frame."""
        part = self.part
        corners = np.array([[part.x, part.y], [part.x + part.w, part.y + part.h]], np.float64)
        return Box.around(corners / np.array(self.size))

    def lift(self, box: Box) -> Box:
        """A box in percent of the cut, in percent of the frame."""
        width, height = self.size
        at = self.within
        x, y = at.x + box.x * at.w / 100, at.y + box.y * at.h / 100
        sides = (x * 100 / width, y * 100 / height, box.w * at.w / width, box.h * at.h / height)
        return Box(*(round(side, 2) for side in sides))

    def has_rows(self) -> bool:
        """Whether it holds several rows of text: between them nothing stays."""
        strength = np.abs(self.edges[0]) + np.abs(self.edges[1])
        filled = (strength > 0).mean(axis=1)
        middle = filled[len(filled) // 4 : -(len(filled) // 4) or None]
        return len(middle) > 0 and float(middle.min()) < 0.05 * float(filled.max())

    @property
    def is_low(self) -> bool:
        """Whether it lies in one of the lower corners, where generators put their logos."""
        return is_low(self.part, *self.size)


def shown_in(edges: Edges, own: Edges) -> tuple[float, float]:
    """How strongly edges show an overlay, 1 as its own, and their correlation."""
    x, y = (one.astype(np.float32) for one in edges)
    a, b = (one.astype(np.float32) for one in own)
    mask = (np.abs(a) + np.abs(b)) > 0
    power = float((a * a + b * b).sum()) or 1.0
    product = float((x * a + y * b).sum())
    norm = float(((x * x + y * y) * mask).sum()) ** 0.5 * power**0.5
    return product / power, product / norm if norm else 0.0


class StandingParts:
    """The overlays of a programme, found as its frames come."""

    def __init__(self) -> None:
        self.live: list[StandingPart] = []
        self.fresh: list[StandingPart] = []
        """Found since this was last emptied: not read yet."""
        self._last: deque[tuple[Glimpse, Edges]] = deque(maxlen=4)

    def take(self, glimpse: Glimpse) -> None:
        """The next frame."""
        levels = np.asarray(grey(glimpse.picture), np.uint8)
        if self._last and self._last[-1][0].picture.shape != glimpse.picture.shape:
            self._last.clear()
            self.close()
        edges = edges_of(levels)
        self._follow(glimpse, edges)
        self._last.append((glimpse, edges))
        window = self._window()
        if len(window) > 1:
            self._find(window)

    def _window(self) -> list[tuple[Glimpse, Edges]]:
        """Three frames within a few seconds, or two."""
        frames = list(self._last)[-3:]
        return frames if len(frames) < 3 or frames[-1][0].seconds - frames[0][0].seconds <= 2.5 else frames[1:]

    def close(self) -> None:
        """No more frames: what is followed ends."""
        self.live = []

    def _follow(self, glimpse: Glimpse, edges: Edges) -> None:
        still = []
        for one in self.live:
            across, down = (each[one.part.region] for each in edges)
            strength, alike = shown_in((across, down), one.edges)
            if strength >= PRESENT and alike >= ALIKE:
                one.seen.append(glimpse.seconds)
                one.missed, one.after = 0, None
                still.append(one)
                if not one.is_offered and len(one.seen) >= SURELY:
                    self._offer(one)
                continue
            one.missed += 1
            one.after = one.after or glimpse.seconds
            if one.missed < ABSENT:
                still.append(one)
        self.live = still

    def _find(self, window: list[tuple[Glimpse, Edges]]) -> None:
        staying = (_staying([edges[0] for _, edges in window]), _staying([edges[1] for _, edges in window]))
        strength = np.maximum(np.abs(staying[0]), np.abs(staying[1]))
        now = window[-1][1]
        there = (np.abs(now[0]) > LEAST_EDGE) | (np.abs(now[1]) > LEAST_EDGE)
        mask = strength > LEAST_EDGE
        share = float(mask.sum()) / max(1.0, float(there.sum()))
        moves = share < STILL
        for one in self.live:
            one.over_motion |= moves and not one.missed
        ranked = []
        for part, is_written in (*written_parts(staying, mask), *compact_parts(staying, mask)):
            if any(one.part.share_of(part) > KNOWN for one in self.live):
                continue
            least = OWN if is_written and is_wide(part) else max(OWN, min(0.8, 4 * share))
            if _part_of(mask, there, part) < least and moves:
                continue
            ranked.append((_rank(strength, part) * (2 if is_written else 1), part, is_written))
        ranked.sort(key=lambda one: -one[0])
        glimpses = [glimpse for glimpse, _ in window]
        room = (MOVING_AT_ONCE if moves else STILL_AT_ONCE) - len(self.live)
        for _, part, is_written in ranked[: max(0, min(NEW_AT_ONCE, room))]:
            self.live = [one for one in self.live if part.share_of(one.part) <= KNOWN]
            self._begin(glimpses, part, staying, moves=moves, is_written=is_written)

    def _begin(self, window: list[Glimpse], part: Pixels, staying: Edges, *, moves: bool, is_written: bool) -> None:
        height, width = window[-1].picture.shape[:2]
        cut = (one[part.region] for one in staying)
        across, down = (np.where(np.abs(one) > LEAST_EDGE // 2, one, 0) for one in cut)
        within = _framed(part, width, height)
        frames = list(self._last)
        first = next(number for number, (glimpse, _) in enumerate(frames) if glimpse is window[0])
        overlay = StandingPart(
            part,
            (width, height),
            (across, down),
            _legible([one.picture[within.region] for one in window]),
            within,
            seen=[one.seconds for one in window],
            before=frames[first - 1][0].seconds if first else None,
            over_motion=moves,
            is_written=is_written,
        )
        self.live.append(overlay)
        if len(overlay.seen) >= SURELY or is_wide(part) or _is_cornered(part, width, height):
            self._offer(overlay)

    def _offer(self, overlay: StandingPart) -> None:
        overlay.is_offered = True
        self.fresh.append(overlay)


def _is_cornered(part: Pixels, width: int, height: int) -> bool:
    """Whether it lies in the lower right corner, where most logos are."""
    return part.x > LOGOS * width and part.y > LOGOS * height


def _framed(part: Pixels, width: int, height: int) -> Pixels:
    """With room at its sides for digits that run and strokes that were not seen to stay."""
    tall = part.h
    left, top = max(0, part.x - 2 * tall), max(0, part.y - tall * 2 // 3 - 2)
    right, bottom = min(width, part.x + part.w + 2 * tall), min(height, part.y + part.h + tall * 2 // 3 + 2)
    return Pixels(left, top, right - left, bottom - top)


def _staying(slopes: list[NDArray[np.int16]]) -> NDArray[np.int16]:
    """The slope that all frames have at least, where they agree on its sign; else 0."""
    low = high = slopes[0]
    for one in slopes[1:]:
        low, high = np.minimum(low, one), np.maximum(high, one)
    return np.asarray(np.maximum(low, 0) + np.minimum(high, 0), np.int16)


def _legible(cuts: list[Picture]) -> Picture:
    """As it stands in the last frame; where it is faint, the mean of the frames with its contrast raised."""
    last = np.asarray(grey(cuts[-1]), np.float32)
    mean = np.mean([np.asarray(grey(one), np.float32) for one in cuts], axis=0)
    low, high = np.percentile(mean, (1, 99))
    if high - low >= 110 or np.abs(last - mean).mean() < 4:
        return cuts[-1].copy()  # a view would keep the whole frame in memory
    raised = np.clip((mean - low) * (255 / max(high - low, 12.0)), 0, 255).astype(np.uint8)
    return np.repeat(raised[:, :, None], 3, axis=2)


def _rank(strength: NDArray[Any], part: Pixels) -> float:
    """How clearly a part stands out from the ring around it; more at the edges of the picture."""
    height, width = strength.shape
    near = min(part.x, part.y, width - part.x - part.w, height - part.y - part.h) < 0.08 * min(width, height)
    return stand_out(strength, part, around=max(4, part.h // 2), floor=6) * (1.5 if near else 1.0)


def _part_of(mask: NDArray[np.bool_], there: NDArray[np.bool_], part: Pixels) -> float:
    """How much of the edges in a part stays."""
    return float(mask[part.region].sum()) / max(1.0, float(there[part.region].sum()))
