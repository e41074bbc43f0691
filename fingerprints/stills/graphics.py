"""Recognises graphics by their look: letters, rules and dust are thin and of one level, title boxes flat with sharp
edges.

Nothing photographic is as flat as what a title generator draws. A flat area without a sharp edge (a filled sky) is not
a graphic, nor is one with an edge and structure of its own, nor a flat shape amid the picture without letters or
straight sides: a drawn mouth is not a sign.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from fingerprints.stills.registered import Levels, Mask

__all__ = ["Layers", "is_drawn", "is_placed", "layers", "straight_sides"]

_THIN: Final = 0.022
"""Of the shorter side: strokes, scratches and specks are narrower."""
_STAND_OUT: Final = 26.0
"""Levels by which a stroke differs from what is around it, and from the reference."""
_SPARSE: Final = 0.04
"""Of the shared area: more loose strokes than that are no dust, but another texture."""
_FLAT: Final = 8.0
"""Levels over five pixels: what varies less is flat."""
_LEAST_PLATE: Final = 0.0015
"""Of the shared area."""
_APART: Final = 9.0
"""Levels by which a plate differs from the reference."""
_EDGE: Final = 18.0
"""Levels between two pixels at the edge of a graphic."""
_EDGED: Final = 0.55
"""Least part of a plate's outline that is so sharp."""
_MOSTLY: Final = 0.2
"""Least part of a plate that is flat: the rest is what is written on it."""
_PLAIN, _MOST_PLAIN = 9.0, 0.6
"""Levels about one colour, and the least part of a plain region that lies within."""
_OWN: Final = 5.0
"""Levels of detail of its own that a plate has at most."""
_STRAIGHT: Final = 0.6
"""Least part of a side that is one straight new edge."""
_SIDE: Final = 0.08
"""Of the shorter side: shorter sides of a region are straight by chance."""
_LETTERS: Final = (5, 4, 9)
"""Strokes beside each other that make text: in the row that has most, and in two fifths of the rows, or so many in one.
Teeth and a rule have fewer; a mouth drawn over another one breaks into five or six in single rows."""
_WRITTEN, _CORNER = 0.03, 0.22
"""Part of a plate's box under letters; how far from the middle, of both sides, a mark without letters may stand."""
_GRAINS: Final = 6.0
"""Times the spread of grain by which a stroke stands out."""
_LONG, _LINE = 8, 0.1
"""How many times longer than broad a line is, and of the shorter side, how long."""
_WIDER: Final = 1.8
"""How many times wider than high text is."""
_STARK: Final = 50.0
"""Levels by which a speck of dust differs."""
_SPECK, _SPECKS = 0.0008, 18
"""Of the picture: most that a speck takes; how many there are on a dusty film."""
_CELLS, _SPREAD_OUT, _MOST_IN_ONE = 4, 0.6, 0.25
"""Cells to a side; part of them where dust lies, and most of it that lies in one."""


@dataclass(frozen=True, slots=True, eq=False)
class Layers:
    """Where graphics cover the picture, in the reference's frame."""

    thin: Mask
    """Letters, rules, scratches, dust."""
    plates: Mask
    """Flat graphics with the text on them."""
    strokes: Mask
    """The middle of thin things: neighbouring letters do not touch here."""
    stark: Mask
    """Strokes that differ by `_STARK` levels: ringing around an encoder's blocks does not."""

    @property
    def is_dusty(self) -> bool:
        """Whether there are many specks everywhere, as on film."""
        loose = (self.thin & ~self.lettered).astype(np.uint8)
        count, labels, stats, centres = cv2.connectedComponentsWithStats(loose)
        is_stark = np.bincount(labels[self.stark], minlength=count) > 0
        is_speck = (stats[:, cv2.CC_STAT_AREA] <= _SPECK * loose.size) & is_stark
        is_speck[0] = False
        if is_speck.sum() < _SPECKS:
            return False
        cells = (centres[is_speck] / loose.shape[::-1] * _CELLS).astype(int)
        counts = np.bincount(cells @ (1, _CELLS), minlength=_CELLS**2)
        return bool((counts > 0).sum() >= _SPREAD_OUT * _CELLS**2 and counts.max() <= _MOST_IN_ONE * counts.sum())

    @property
    def loose(self) -> Mask:
        """Specks and long lines: dust, scratches, hairs and rules. All that is thin, where the picture is dusty."""
        free = self.thin & ~self.lettered
        if self.is_dusty:
            return free
        _, labels, stats, _ = cv2.connectedComponentsWithStats(free.astype(np.uint8))
        across, down, area = (stats[:, one] for one in (cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT, cv2.CC_STAT_AREA))
        long = np.maximum(across, down) >= np.maximum(_LONG * np.minimum(across, down), _LINE * min(free.shape))
        keep = long | (area <= _SPECK * free.size)
        keep[0] = False
        return np.asarray(keep[labels])

    @property
    def lettered(self) -> Mask:
        """Thin things so near each other that they are text, with the space between."""
        near = max(3, round(0.02 * min(self.thin.shape))) | 1
        kernel = np.ones((near, 2 * near + 1), np.uint8)
        joined = cv2.morphologyEx(self.thin.astype(np.uint8), cv2.MORPH_CLOSE, kernel)
        # A rule under a name reaches beyond it; no letter is as low as a rule.
        joined = cv2.morphologyEx(joined, cv2.MORPH_OPEN, np.ones((near, 1), np.uint8))
        count, labels, stats, _ = cv2.connectedComponentsWithStats(joined)
        keep = np.zeros(count, bool)
        for number in range(1, count):
            _, _, across, down, area = stats[number]
            is_line = across >= _WIDER * down and area >= 0.5 * across * down
            own = labels == number
            keep[number] = is_line and float(self.thin[own].mean()) >= 0.3 and _is_text(self.strokes & own)
        return np.asarray(keep[labels])


def _is_text(strokes: Mask) -> bool:
    """Whether enough strokes follow each other in many rows, or very many in one: letters are upright."""
    counts = (strokes[:, 1:] & ~strokes[:, :-1]).sum(axis=1)
    counts = counts[counts > 0]
    least, many, enough = _LETTERS
    most = int(counts.max(initial=0))
    return most >= enough or (most >= least and float(np.quantile(counts, 0.6)) >= many)


def layers(there: Levels, here: Levels, inside: Mask) -> Layers:
    """Find graphics in `here`, a picture's L, a, b over the graded reference's `there`."""
    apart = np.abs(here - there).max(axis=2)
    strokes = _thin(there[..., 0], here[..., 0], apart, inside)
    stark = strokes & (apart >= _STARK)
    thin = (cv2.dilate(strokes.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0) & inside
    lettered = Layers(thin, np.zeros_like(thin), strokes, stark).lettered
    if (thin & ~lettered).sum() > _SPARSE * inside.sum():
        thin = strokes = np.zeros_like(thin)
    plates = _plates(there, here, apart, thin, inside, lettered)
    return Layers(thin & ~plates, plates, strokes, stark)


def is_drawn(region: Mask, there: Levels, here: Levels, own: Levels, inside: Mask, lettered: Mask) -> bool:
    """Whether a region that differs is a title box: of one colour with letters or straight new edges, or without
    detail.

    `own` is the picture's detail that the reference does not explain: see `differences.Maps`.
    """
    within, steep = region & inside, new_edges(there, here)
    if not within.any():
        return False
    straight = straight_sides(region, steep)
    if _is_plain(within, here, steep):
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
        straight += float(np.max((strip >= _EDGE).mean(axis=1))) >= _STRAIGHT
    return straight


def _is_plain(region: Mask, here: Levels, steep: Levels) -> bool:
    """Whether a region is of one colour, but for what is written on it, and ends at sharp new edges all around."""
    whole = cv2.morphologyEx(region.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    colours = here[whole > 0]
    apart = np.abs(colours - np.median(colours, axis=0)).max(axis=1)
    if float((apart < _PLAIN).mean()) < _MOST_PLAIN:
        return False
    outlines, _ = cv2.findContours(whole, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    x, y = max(outlines, key=cv2.contourArea)[:, 0, :].T
    return bool((cv2.dilate(steep, np.ones((11, 11), np.uint8))[y, x] >= _EDGE).mean() >= _EDGED)


def new_edges(there: Levels, here: Levels) -> Levels:
    """Steps between neighbours in the picture that the reference does not have, in levels."""
    three = np.ones((3, 3), np.uint8)
    steep = np.maximum.reduce([cv2.morphologyEx(here[..., one], cv2.MORPH_GRADIENT, three) for one in range(3)])
    own = cv2.dilate(cv2.morphologyEx(there[..., 0], cv2.MORPH_GRADIENT, three), three)
    return np.where(own < 0.6 * steep, steep, 0).astype(np.float32)


def _thin(there: Levels, here: Levels, apart: Levels, inside: Mask) -> Mask:
    """What stands out of the picture, and of its grain, in strokes narrower than `_THIN`, and not in the reference."""
    size = max(5, round(_THIN * min(here.shape))) | 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    off = here - there
    grain = 1.48 * float(np.median(np.abs(off - cv2.blur(off, (3, 3)))[inside])) if inside.any() else 0.0
    least = max(_STAND_OUT, _GRAINS * grain)
    done = np.zeros(here.shape, bool)
    for how in (cv2.MORPH_TOPHAT, cv2.MORPH_BLACKHAT):
        own, other = (cv2.morphologyEx(light, how, kernel) for light in (here, there))
        done |= (own > least) & (own > 2 * other + 12)
    return np.asarray(done & (apart > least) & inside)


def _plates(there: Levels, here: Levels, apart: Levels, thin: Mask, inside: Mask, lettered: Mask) -> Mask:
    """Flat areas with a sharp outline that differ from the reference, with the letters on them."""
    five = np.ones((5, 5), np.uint8)
    spread = [cv2.dilate(one, five) - cv2.erode(one, five) for one in (here[..., 0], here[..., 1], here[..., 2])]
    flat = (spread[0] < _FLAT) & (np.maximum(spread[1], spread[2]) < _FLAT) & (cv2.blur(apart, (5, 5)) > _APART)
    lettering = cv2.dilate(thin.astype(np.uint8), five)
    core = cv2.morphologyEx((flat | (lettering > 0)).astype(np.uint8), cv2.MORPH_CLOSE, five)
    core = cv2.morphologyEx(core, cv2.MORPH_OPEN, five)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(core)
    done = np.zeros(inside.shape, bool)
    edges = new_edges(there, here)
    steep = cv2.dilate(edges, np.ones((11, 11), np.uint8))
    for number in range(1, count):
        own = labels == number
        if stats[number, cv2.CC_STAT_AREA] < _LEAST_PLATE * inside.sum() or flat[own].mean() < _MOSTLY:
            continue
        near = cv2.dilate(own.astype(np.uint8), five)
        outlines, _ = cv2.findContours(near, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        outline = max(outlines, key=cv2.contourArea)
        x, y = outline[:, 0, :].T
        borders = inside[y, x]
        is_edged = borders.any() and (steep[y, x][borders] >= _EDGE).mean() >= _EDGED
        if is_edged and is_placed(near > 0, lettered, straight_sides(near > 0, edges), inside):
            done |= cv2.drawContours(np.zeros_like(near), [outline], -1, 1, cv2.FILLED) > 0
    return np.asarray(cv2.dilate(done.astype(np.uint8), np.ones((7, 7), np.uint8)) > 0)
