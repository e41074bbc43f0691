"""Whether a picture is line-up: colour bars, or words on an even ground. Decided by what it is, never by its name.

A picture is line-up where all of it is explained: even colours in equal columns; or an even ground, and strokes that
stand in rows as letters do. A drawing, a photograph, a shaded logo or a faint picture behind the words is none.
"""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from fingerprints.vocabulary import LineUp
from media.still import Picture

__all__ = ["line_up_of"]

CLEAR = 24
"""Levels of 255 by which letters stand out of their ground."""
EVEN = 6
"""Levels by which an even ground differs from itself, after a codec."""
GROUND, SHADED = 0.6, 0.02
"""Parts of the frame: the ground at the least, and at the most what is neither ground nor letter nor beside one."""
AROUND = 9
"""Pixels about a letter in which a codec rings."""
TALL, WIDE = 0.16, 0.35
"""A letter's, or a word's whose letters touch, at the most: parts of the frame."""
ROW = 3
"""Letters, at the least, that stand in one row."""
IN_ROWS = 0.85
"""Of the ink at the least."""
STROKE = 0.45
"""A letter's stroke by its height, at the most: a disc has 1."""
SMALLEST = 6
"""Pixels of the smallest part that counts."""
COLUMNS, EQUAL = 6, 1.3
"""Columns side by side, each darker than the one before, and how much wider than another one may be."""
SWEPT = 0.05
"""Of a leader's frame, at the least, over which its hand has swept."""
CROSSED, RINGED = 0.8, 0.6
"""Of a leader's lines, and of a ring's way about the middle, that are drawn."""
FLAT = 0.9
"""Of a frame of bars at the least."""

Grey = NDArray[np.uint8]


def line_up_of(picture: Picture) -> LineUp:
    """Of one frame, its longer side some hundred pixels."""
    grey = np.asarray(picture if picture.ndim == 2 else cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8)
    if min(grey.shape) < 64:
        return LineUp.NO
    if _is_bars(grey):
        return LineUp.SIGNAL
    return LineUp.CARD if _is_card(grey) or _is_leader(grey) else LineUp.NO


def _is_bars(grey: Grey) -> bool:
    """Equal columns, each darker than the last, over a quarter of the height; and hardly an edge besides."""
    even = cv2.medianBlur(grey, 5).astype(np.int16)
    steps = np.maximum(np.abs(np.diff(even, axis=1))[:-1], np.abs(np.diff(even, axis=0))[:, :-1])
    if float((steps <= EVEN).mean()) < FLAT:
        return False
    height = len(even)
    rows = [number for number in range(height // 16, height, height // 16) if _are_columns(even[number])]
    return len(rows) >= 4 and any(later - row <= height // 16 for row, later in pairwise(rows))


def _are_columns(row: NDArray[np.int16]) -> bool:
    edges = np.flatnonzero(np.abs(row[3:] - row[:-3]) > EVEN)
    cuts = np.concatenate([[0], edges[np.diff(edges, prepend=-10) > 3] + 2, [len(row)]])
    widths, levels = np.diff(cuts), [float(np.median(part)) for part in np.split(row, cuts[1:-1]) if len(part)]
    run, first = 1, 0
    for place in range(1, len(levels)):
        span = widths[first : place + 1]
        if levels[place] < levels[place - 1] - EVEN and span.max() <= EQUAL * span.min() and span.min() > len(row) / 20:
            run += 1
            if run >= COLUMNS:
                return True
        else:
            run, first = 1, place
    return False


def _is_leader(grey: Grey) -> bool:
    """A cross through the middle, rings about it, a figure in them; a hand may have swept over the ground."""
    levels = np.bincount(cv2.medianBlur(grey, 5).ravel(), minlength=256)
    ground = int(levels.argmax())
    levels[max(0, ground - 2 * EVEN) : ground + 2 * EVEN] = 0
    swept = int(levels.argmax()) if levels.max() > SWEPT * grey.size else ground
    off = np.minimum(*(np.abs(grey.astype(np.int16) - level) for level in (ground, swept)))
    ink = off > CLEAR
    height, width = ink.shape
    rows, columns = (slice(side // 2 - side // 60, side // 2 + side // 60 + 1) for side in (height, width))
    if ink[rows].any(axis=0).mean() < CROSSED or ink[:, columns].any(axis=1).mean() < CROSSED:
        return False
    ink[rows] = ink[:, columns] = False
    down, across = np.indices(ink.shape)
    radius = np.hypot(down - height / 2, across - width / 2).astype(np.int64)
    round_about = np.bincount(radius.ravel(), ink.ravel()) / np.maximum(np.bincount(radius.ravel()), 1)
    rings = np.convolve(round_about, np.ones(5), "same") > RINGED
    rings[: height // 10] = False
    if not rings.any():
        return False
    rest = ink & ~np.convolve(rings, np.ones(7), "same").astype(bool)[radius]
    inside = int((rest & (radius < int(np.flatnonzero(rings)[0]))).sum())
    return float((off > EVEN).mean()) < 1 - GROUND and inside >= 0.8 * int(rest.sum())


def _without_rules(ink: Grey) -> Grey:
    """Without the long thin lines along the frame that boxes and tables have."""
    high, wide = ink.shape
    along = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((1, wide // 6), np.uint8))
    down = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((high // 5, 1), np.uint8))
    lines = np.maximum(along, down)
    solid = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((AROUND, AROUND), np.uint8))
    lines[solid > 0] = 0
    return np.where(cv2.dilate(lines, np.ones((3, 3), np.uint8)) > 0, 0, ink).astype(np.uint8)


def _is_card(grey: Grey) -> bool:
    ground = int(np.bincount(cv2.medianBlur(grey, 5).ravel(), minlength=256).argmax())
    off = np.abs(grey.astype(np.int16) - ground)
    ink = (off > CLEAR).astype(np.uint8)
    near = cv2.dilate(ink, np.ones((AROUND, AROUND), np.uint8)) > 0
    if float((off <= EVEN).mean()) < GROUND or float(((off > EVEN) & ~near).mean()) > SHADED:
        return False
    ink = _without_rules(ink)
    _, labels, stats, centres = cv2.connectedComponentsWithStats(ink, connectivity=8)
    kept = np.flatnonzero(stats[:, cv2.CC_STAT_AREA] >= SMALLEST)
    kept = kept[kept != 0]
    if len(kept) < ROW:
        return False
    thick = cv2.distanceTransform(ink, cv2.DIST_L2, 3)
    strokes = np.zeros(len(stats), np.float32)
    np.maximum.at(strokes, np.asarray(labels, np.int64).ravel(), np.asarray(thick, np.float32).ravel())
    wide, high, area = stats[kept][:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT, cv2.CC_STAT_AREA]].T
    letter = (high <= TALL * grey.shape[0]) & (wide <= WIDE * grey.shape[1])
    letter &= 2 * strokes[kept] <= np.maximum(STROKE * np.maximum(high, wide), 3)
    in_rows = _in_rows(centres[kept, 1], high, letter)
    return int(in_rows.sum()) >= ROW and int(area[in_rows].sum()) >= IN_ROWS * int(area.sum())


def _in_rows(middles: NDArray[np.float64], high: NDArray[np.int32], letter: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which letters stand beside enough others of about their height. Dots and commas stand in the row of others."""
    found = np.zeros(len(letter), bool)
    rows = np.flatnonzero(letter)
    for one in rows.tolist():
        apart = np.abs(middles[rows] - middles[one])
        taller = np.maximum(high[rows], high[one])
        alike = np.minimum(high[rows], high[one]) * 3 >= taller
        found[one] = int((alike & (apart <= 0.6 * taller)).sum()) >= ROW
    for one in rows[~found[rows]].tolist():
        near = rows[found[rows]]
        found[one] = bool((np.abs(middles[near] - middles[one]) <= 0.8 * high[near]).any())
    return found
