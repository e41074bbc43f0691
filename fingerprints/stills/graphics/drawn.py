"""Recognises a region that differs as drawn: of one colour with sharp edges, and where graphics stand or with letters.

A mark of a channel is so small that its letters, and what encoding makes of their colour, take much of it: its shape
is then compared, which is convex and of one colour, and another colour begins all around it.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from fingerprints.stills.registered import Levels, Mask

__all__ = ["EDGE", "EDGED", "between_lines", "holds_letters", "is_drawn", "is_placed", "new_edges", "straight_sides"]

EDGE: Final = 18.0
"""Levels between two pixels at the edge of a graphic."""
EDGED: Final = 0.55
"""Least part of a plate's outline that is so sharp."""
_PLAIN, _MOST_PLAIN = 9.0, 0.6
"""Levels about one colour, and the least part of a plain region that lies within."""
_OWN: Final = 5.0
"""Levels of detail of its own that a plate has at most."""
_STRAIGHT: Final = 0.6
"""Least part of a side that is one straight new edge."""
_BETWEEN: Final = 0.25
"""Of a shape's box, at least, between two straight edges that are borders of a plate."""
_BEGINS: Final = (12.0, 0.5)
"""Levels of difference that begin at the border of a plate, and part of the border along which they do at least."""
_SIDE: Final = 0.08
"""Of the shorter side: shorter sides of a region are straight by chance."""
_WRITTEN, _CORNER = 0.03, 0.22
"""Part of a plate's box under letters; how far from the middle, of both sides, a mark without letters may stand."""
_PAD, _HELD = 9, 0.7
"""Pixels around a region, and least part of the lines of letters on it that lies within."""
_LIKE: Final = 14.0
"""Levels about one colour within which a small mark lies, encoded."""
_SHAPE: Final = (0.92, 0.5, 0.8, 0.8, 0.7)
"""Of a mark, at least: its part of its convex hull, of the region that it takes, of it that lies in the region, of it
that is of its colour, and of the ring around it that is not."""


def is_drawn(region: Mask, here: Levels, steep: Levels, own: Levels, inside: Mask, lettered: Mask) -> bool:
    """Whether a region that differs is a title box: of one colour with letters or straight new edges, or without
    detail.

    `steep` are the picture's new edges, `own` is its detail that the reference does not explain: see
    `differences.Maps`.
    """
    within = region & inside
    if not within.any():
        return False
    straight = straight_sides(region, steep)
    if _is_plain(within, here, steep) or _is_mark(within, here):
        return is_placed(region, lettered, straight, inside)
    return float(np.median(own[within])) <= _OWN and straight >= 2


def is_placed(shape: Mask, lettered: Mask, straight: int, inside: Mask) -> bool:
    """Whether a flat shape is a graphic by more than its flatness: letters on it, straight sides, or a corner."""
    left, top, across, down = cv2.boundingRect(shape.astype(np.uint8))
    if straight >= 2 or float(lettered[top : top + down, left : left + across].mean()) >= _WRITTEN:
        return True
    x, y, width, height = cv2.boundingRect(inside.astype(np.uint8))
    off = (abs((left + across / 2 - x) / width - 0.5), abs((top + down / 2 - y) / height - 0.5))
    return min(off) >= _CORNER


def holds_letters(region: Mask, lettered: Mask) -> bool:
    """Whether the letters on a region end within it, as a name does on its plate. Lines that cross a thing go on."""
    box = _box(region, _PAD)
    _, labels = cv2.connectedComponents(lettered.astype(np.uint8))
    lines = np.isin(labels, np.unique(labels[box][lettered[box]]))
    return float(lettered[box].sum()) >= _HELD * float(lines.sum())


def straight_sides(region: Mask, steep: Levels) -> int:
    """How many sides of a region's box are one straight new edge."""
    left, top, across, down = cv2.boundingRect(region.astype(np.uint8))
    reach, straight = 9, 0
    for axis, (place, span) in ((0, (top, (left, across))), (0, (top + down, (left, across))),
                                (1, (left, (top, down))), (1, (left + across, (top, down)))):  # fmt: skip
        near = slice(max(0, place - reach), place + reach)
        along = slice(span[0] + span[1] // 8, span[0] + span[1] - span[1] // 8)
        strip = steep[near, along] if axis == 0 else steep[along, near].T
        if strip.shape[1] < _SIDE * min(region.shape):
            continue
        # One line of the strip is an edge nearly all along.
        straight += float(np.max((strip >= EDGE).mean(axis=1))) >= _STRAIGHT
    return straight


def between_lines(shape: Mask, there: Levels, here: Levels, written: Mask) -> Mask:
    """The part of a shape between the first and the last straight edge across it, and down it, where there are two.

    At the border of a plate the difference from the reference begins at once, whatever the picture shows there. What
    is `written` on it is left out: letters stand on a line, too.
    """
    box = _box(shape, 5)
    off = here[box] - there[box]
    kept = np.zeros_like(shape)
    rows, columns = (_between(one, len(own)) for one, own in zip(_lines(off, written[box]), (off, off[0]), strict=True))
    kept[box][rows, columns] = shape[box][rows, columns]
    return kept


def _lines(off: Levels, written: Mask) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows and columns along which a difference begins or ends."""
    found = []
    for one, free in ((off, ~written), (off.transpose(1, 0, 2), ~written.T)):
        steps = np.zeros(one.shape[:2], bool)
        steps[1:-1] = np.abs(one[2:] - one[:-2]).max(axis=2, initial=0) >= _BEGINS[0]
        found.append(np.flatnonzero((steps & free).mean(axis=1) >= _BEGINS[1]))
    return found[0], found[1]


def _between(straight: NDArray[np.intp], length: int) -> slice:
    """From the first line to the last one; all of the length where these lie near each other."""
    if straight.size and np.ptp(straight) >= _BETWEEN * length:
        return slice(int(straight[0]), int(straight[-1]) + 1)
    return slice(None)


def _is_plain(region: Mask, here: Levels, steep: Levels) -> bool:
    """Whether a region is of one colour, but for what is written on it, and ends at sharp new edges all around."""
    whole = cv2.morphologyEx(region.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    colours = here[whole > 0]
    apart = np.abs(colours - np.median(colours, axis=0)).max(axis=1)
    if float((apart < _PLAIN).mean()) < _MOST_PLAIN:
        return False
    outlines, _ = cv2.findContours(whole, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    x, y = max(outlines, key=cv2.contourArea)[:, 0, :].T
    return bool((cv2.dilate(steep, np.ones((11, 11), np.uint8))[y, x] >= EDGE).mean() >= EDGED)


def _is_mark(region: Mask, here: Levels) -> bool:
    """Whether a convex shape of one colour, around which other colours begin, takes most of a region."""
    box = _box(region, 8)
    own, levels = region[box], here[box]
    colour = np.median(levels[own], axis=0)
    for _ in range(3):
        off = np.abs(levels - colour).max(axis=2)
        if not (own & (off < _LIKE)).any():
            return False
        colour = np.median(levels[own & (off < _LIKE)], axis=0)
    off = np.abs(levels - colour).max(axis=2)
    three, near = np.ones((3, 3), np.uint8), cv2.dilate(own.astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    like = cv2.morphologyEx((off < _LIKE).astype(np.uint8), cv2.MORPH_OPEN, three)
    like = cv2.morphologyEx(like, cv2.MORPH_CLOSE, three) * near
    outlines, _ = cv2.findContours(np.asarray(like, np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if not outlines:
        return False
    outline = max(outlines, key=cv2.contourArea)
    filled = cv2.drawContours(np.zeros(own.shape, np.uint8), [outline], -1, 1, cv2.FILLED)
    wide, narrow = (cv2.dilate(filled, np.ones((side, side), np.uint8)) > 0 for side in (9, 5))
    shape = filled > 0
    parts = (
        cv2.contourArea(outline) / max(1.0, cv2.contourArea(cv2.convexHull(outline))),
        (shape & own).sum() / own.sum(),
        (shape & own).sum() / shape.sum(),
        (off[shape] < _LIKE).mean(),
        (off[wide & ~narrow] >= EDGE).mean(),
    )
    return all(part >= least for part, least in zip(parts, _SHAPE, strict=True))


def _box(region: Mask, pad: int) -> tuple[slice, slice]:
    left, top, across, down = cv2.boundingRect(region.astype(np.uint8))
    return np.s_[max(0, top - pad) : top + down + pad, max(0, left - pad) : left + across + pad]


def new_edges(there: Levels, here: Levels) -> Levels:
    """Steps between neighbours in the picture that the reference does not have, in levels."""
    three = np.ones((3, 3), np.uint8)
    steep = np.maximum.reduce([cv2.morphologyEx(here[..., one], cv2.MORPH_GRADIENT, three) for one in range(3)])
    own = cv2.dilate(cv2.morphologyEx(there[..., 0], cv2.MORPH_GRADIENT, three), three)
    return np.where(own < 0.6 * steep, steep, 0).astype(np.float32)
