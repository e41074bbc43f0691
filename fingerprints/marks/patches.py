"""Small parts of a picture, read enlarged on one sheet: text under 20 pixels high is not found in the whole picture.

To read costs by the pixel, so that some parts three times as large cost less than the picture as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from fingerprints.marks.ocr import Line, read_lines
from media.place import Box
from media.still import Picture, grey

__all__ = ["Pixels", "overlap_of", "propose_text", "read_cut", "read_parts", "stand_out"]

ENLARGED: Final = 3.0
"""How much a part is enlarged whose text is small."""
TALL: Final = 96
"""Pixels: no part's text is enlarged over this height."""
SHEET: Final = 1200
"""Width of a sheet in pixels."""
GAP: Final = 14
"""Pixels between the parts of a sheet."""
PROPOSED: Final = 14
"""Parts of a picture that are read, the clearest first."""
LEAST_LEVELS: Final = 12.0
"""Grey levels by which strokes differ from what is around them."""


@dataclass(frozen=True, slots=True)
class Pixels:
    """A part of a picture in pixels."""

    x: int
    y: int
    w: int
    h: int

    @property
    def region(self) -> tuple[slice, slice]:
        """As an index of a picture: its rows and columns."""
        return slice(self.y, self.y + self.h), slice(self.x, self.x + self.w)

    def holds(self, x: float, y: float) -> bool:
        """Whether a point lies in it."""
        return self.x <= x < self.x + self.w and self.y <= y < self.y + self.h

    def share_of(self, other: Pixels) -> float:
        """How much of another part this one covers, 0 to 1."""
        return _shared(self, other) / (other.w * other.h)

    def widened(self, by: int, width: int, height: int) -> Pixels:
        """With a margin, inside a picture of this size."""
        left, top = max(0, self.x - by), max(0, self.y - by)
        right, bottom = min(width, self.x + self.w + by), min(height, self.y + self.h + by)
        return Pixels(left, top, right - left, bottom - top)


def propose_text(picture: Picture) -> list[Pixels]:
    """Where thin strokes stand in a row, more contrasted than what is around them: at most `PROPOSED` parts."""
    import cv2

    levels = np.asarray(grey(picture), np.uint8)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (7, 7))
    hats = (cv2.morphologyEx(levels, each, kernel) for each in (cv2.MORPH_TOPHAT, cv2.MORPH_BLACKHAT))
    strokes = np.maximum(*hats).astype(np.float32)
    around = cv2.blur(strokes, (81, 81))
    rows: Any = ((strokes > LEAST_LEVELS) & (strokes > 2 * around + 4)).astype(np.uint8)
    rows = cv2.morphologyEx(rows, cv2.MORPH_CLOSE, np.ones((3, 9), np.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats(rows)
    ranked = []
    for number in range(1, count):
        x, y, w, h, area = (int(value) for value in stats[number])
        if 5 <= h <= 40 and w >= 12 and 1.2 <= w / h <= 20 and area >= 0.25 * w * h:
            part = Pixels(x, y, w, h)
            ranked.append((stand_out(strokes, part, around=h, floor=4), part))
    ranked.sort(key=lambda pair: -pair[0])
    return [part for _, part in ranked[:PROPOSED]]


def stand_out(strength: NDArray[Any], part: Pixels, *, around: int, floor: float) -> float:
    """How many times stronger a part is than the ring of `around` pixels about it; `floor` is added to the ring."""
    height, width = strength.shape
    wide = part.widened(around, width, height)
    inner = float(strength[part.region].sum())
    outer = float(strength[wide.region].sum()) - inner
    ring = wide.w * wide.h - part.w * part.h
    return (inner / (part.w * part.h)) / (outer / max(ring, 1) + floor)


def overlap_of(one: Box | Pixels, other: Box | Pixels) -> float:
    """Of the smaller part, how much the other covers, 0 to 1."""
    smaller = min(one.w * one.h, other.w * other.h)
    return _shared(one, other) / smaller if smaller > 0 else 0.0


def _shared(one: Box | Pixels, other: Box | Pixels) -> float:
    """The area that two parts share."""
    wide = min(one.x + one.w, other.x + other.w) - max(one.x, other.x)
    high = min(one.y + one.h, other.y + other.h) - max(one.y, other.y)
    return max(0.0, wide) * max(0.0, high)


def read_parts(picture: Picture, parts: Sequence[Pixels]) -> list[Line]:
    """The lines in some parts of a picture, boxes in percent of the picture."""
    return [line for _, line in read_cut([(picture, part) for part in parts])]


def read_cut(cuts: Sequence[tuple[Picture, Pixels]], *, margin: float = 1.0) -> list[tuple[int, Line]]:
    """The lines in parts of several pictures: the number of the part, and the line in percent of its picture.

    `margin` is what is read around a part, in its heights.
    """
    found = []
    for tiles in _sheets(cuts, margin):
        sheet = _drawn(tiles)
        height, width = sheet.shape[:2]
        for line in read_lines(sheet):
            x, y = (line.box.x + line.box.w / 2) * width / 100, (line.box.y + line.box.h / 2) * height / 100
            tile = next((one for one in tiles if one.at.holds(x, y)), None)
            if tile is not None:
                box = tile.lift(line.box, (width, height), cuts[tile.number][0])
                found.append((tile.number, replace(line, box=box)))
    return found


@dataclass(frozen=True, slots=True, eq=False)
class _Tile:
    """A part of a picture, enlarged, and its place on a sheet."""

    number: int
    """Of the part among those that are read."""
    part: Pixels
    """With its margin, in its picture."""
    times: float
    """How much it is enlarged."""
    picture: Picture
    """Enlarged."""
    at: Pixels

    def lift(self, box: Box, size: tuple[int, int], picture: Picture) -> Box:
        """A box in percent of a sheet of this width and height, in percent of the picture that the part is of."""
        width, height = size
        high, wide = picture.shape[:2]
        x = self.part.x + (box.x * width / 100 - self.at.x) / self.times
        y = self.part.y + (box.y * height / 100 - self.at.y) / self.times
        sides = (x * 100 / wide, y * 100 / high, box.w * width / self.times / wide, box.h * height / self.times / high)
        return Box(*(round(side, 2) for side in sides))


def _sheets(cuts: Sequence[tuple[Picture, Pixels]], around: float) -> Iterator[list[_Tile]]:
    """The parts, each with a margin and enlarged, in rows on sheets of `SHEET` by at most `SHEET` pixels."""
    tiles: list[_Tile] = []
    x = y = row = GAP
    for number in sorted(range(len(cuts)), key=lambda number: -cuts[number][1].h):
        part, times, picture = _enlarged(*cuts[number], around)
        high, wide = picture.shape[:2]
        if x + wide + GAP > SHEET and tiles:
            x, y, row = GAP, y + row + GAP, 0
        if y + high + GAP > SHEET and tiles:
            yield tiles
            tiles = []
            x, y, row = GAP, GAP, 0
        tiles.append(_Tile(number, part, times, picture, Pixels(x, y, wide, high)))
        x, row = x + wide + GAP, max(row, high)
    if tiles:
        yield tiles


def _enlarged(picture: Picture, part: Pixels, around: float) -> tuple[Pixels, float, Picture]:
    """A part with its margin, how much it is enlarged, and the enlarged picture of it."""
    import cv2

    height, width = picture.shape[:2]
    times = min(ENLARGED, TALL / max(part.h, 1), (SHEET - 2 * GAP) / (part.w + 2 * around * part.h))
    part = part.widened(round(max(4, part.h) * around), width, height)
    shown = cv2.resize(picture[part.region], None, fx=times, fy=times, interpolation=cv2.INTER_CUBIC)
    return part, times, np.asarray(shown, np.uint8)


def _drawn(tiles: Sequence[_Tile]) -> Picture:
    """The tiles on a grey sheet that is no larger than they need."""
    high = max(one.at.y + one.at.h for one in tiles) + GAP
    wide = max(one.at.x + one.at.w for one in tiles) + GAP
    sheet = np.full((high, max(wide, 320), 3), 128, np.uint8)
    for one in tiles:
        sheet[one.at.region] = one.picture if one.picture.ndim == 3 else one.picture[:, :, None]
    return sheet
