"""Recognises graphics by their look: letters, rules and dust are thin and of one level, title boxes flat with sharp
edges.

Nothing photographic is as flat as what a title generator draws. A flat area without a sharp edge (a filled sky) is not
a graphic, nor is one with an edge and structure of its own, nor a flat shape amid the picture without letters or
straight sides: a drawn mouth is not a sign.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import cv2
import numpy as np

from fingerprints.stills.graphics.drawn import EDGE, EDGED, between_lines, is_placed, new_edges, straight_sides
from fingerprints.stills.registered import Levels, Mask

__all__ = ["Layers", "is_inverse", "layers"]

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
_MOSTLY: Final = 0.2
"""Least part of a plate that is flat: the rest is what is written on it."""
_TAB: Final = 3
"""Straight sides of what sticks out of a plate and belongs to it."""
_LETTERS: Final = (5, 4, 9)
"""Strokes beside each other that make text: in the row that has most, and in two fifths of the rows, or so many in one.
Teeth and a rule have fewer; a mouth drawn over another one breaks into five or six in single rows."""
_GRAINS: Final = 6.0
"""Times the spread of grain by which a stroke stands out."""
_LONG, _LINE = 8, 0.1
"""How many times longer than broad a line is, and of the shorter side, how long."""
_WIDER: Final = 2.3
"""How many times wider than high text is: of 43 titles each was 2.7 times and more, six of nine textures that look
like strokes less than 2.3 times."""
_STARK: Final = 50.0
"""Levels by which a speck of dust differs."""
_SPECK, _SPECKS = 0.0008, 18
"""Of the picture: most that a speck takes; how many there are on a dusty film."""
_WINDOW, _AGAINST = 5.0, -0.6
"""Sigma of the windows, in pixels, in which detail is correlated, and the correlation at most of what is inverted:
inverted boxes had it in 0.3 to 0.6 of their area, 30 graphics, films and dissolves in a thousandth of the picture."""
_INVERSE: Final = 0.2
"""Part of a place that is inverted, from which it is no graphic."""
_CELLS, _SPREAD_OUT, _MOST_IN_ONE = 4, 0.6, 0.25
"""Cells to a side; part of them where dust lies, and most of it that lies in one."""


@dataclass(frozen=True, eq=False)
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
    inverse: Mask
    """Where the reference's detail is, light for dark: no graphic makes that."""

    @cached_property
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

    @cached_property
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

    @cached_property
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
            _, _, across, down, _ = stats[number]
            own = labels == number
            is_line = across >= _WIDER * down and _is_full(own, across)
            keep[number] = is_line and float(self.thin[own].mean()) >= 0.3 and _is_text(self.strokes & own)
        return np.asarray(keep[labels])


def _is_full(shape: Mask, across: int) -> bool:
    """Whether a shape fills half of its width, in the rows that take half of its longest: what else hangs on letters,
    as an edge of the picture does that shows through their plate, is in few columns.
    """
    rows = shape.sum(axis=1)
    return float(rows[rows >= 0.5 * rows.max()].mean()) >= 0.5 * across


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
    inverse = _inverse(there[..., 0], here[..., 0])
    strokes &= ~inverse
    thin = (cv2.dilate(strokes.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0) & inside
    lettered = Layers(thin, np.zeros_like(thin), strokes, stark, inverse).lettered
    if (thin & ~lettered).sum() > _SPARSE * inside.sum():
        thin = strokes = np.zeros_like(thin)
    plates = _plates(there, here, apart, thin, inside, lettered, inverse)
    return Layers(thin & ~plates, plates, strokes, stark, inverse)


def _inverse(there: Levels, here: Levels) -> Mask:
    """Where middle detail of the picture is the reference's with its sign changed, over more than chance makes."""
    one, other = (_middle(light) for light in (there, here))
    shared, own, its = (cv2.GaussianBlur(each, (0, 0), _WINDOW) for each in (one * other, one * one, other * other))
    against = (shared <= _AGAINST * np.sqrt(own * its)) & (np.minimum(own, its) > 1)
    wide = np.ones((9, 9), np.uint8)
    opened = cv2.morphologyEx(against.astype(np.uint8), cv2.MORPH_OPEN, wide)
    return np.asarray(cv2.dilate(opened, wide) > 0)


def is_inverse(place: Mask, inverse: Mask) -> bool:
    """Whether so much of a place is inverted (`Layers.inverse`) that it is no graphic."""
    return float(inverse[place].mean()) >= _INVERSE


def _middle(light: Levels) -> Levels:
    return np.asarray(cv2.GaussianBlur(light, (0, 0), 1.6) - cv2.GaussianBlur(light, (0, 0), 4), np.float32)


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


def _plates(
    there: Levels, here: Levels, apart: Levels, thin: Mask, inside: Mask, lettered: Mask, inverse: Mask
) -> Mask:
    """Flat areas with a sharp outline that differ from the reference, with the letters on them."""
    five = np.ones((5, 5), np.uint8)
    spread = [cv2.dilate(one, five) - cv2.erode(one, five) for one in (here[..., 0], here[..., 1], here[..., 2])]
    flat = (spread[0] < _FLAT) & (np.maximum(spread[1], spread[2]) < _FLAT) & (cv2.blur(apart, (5, 5)) > _APART)
    lettering = cv2.dilate(thin.astype(np.uint8), five)
    core = cv2.morphologyEx((flat | (lettering > 0)).astype(np.uint8), cv2.MORPH_CLOSE, five)
    core = np.asarray(cv2.morphologyEx(core, cv2.MORPH_OPEN, five))
    done = np.zeros(inside.shape, bool)
    edges = new_edges(there, here)
    steep = cv2.dilate(edges, np.ones((11, 11), np.uint8))
    least = _LEAST_PLATE * inside.sum()
    for own, is_whole in _parts(core > 0, there, here, lettering > 0, least):
        if flat[own].mean() < _MOSTLY:
            continue
        near = cv2.dilate(own.astype(np.uint8), five)
        if is_inverse(near > 0, inverse):
            continue
        outlines, _ = cv2.findContours(near, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        outline = max(outlines, key=cv2.contourArea)
        x, y = outline[:, 0, :].T
        borders = inside[y, x]
        is_edged = borders.any() and (steep[y, x][borders] >= EDGE).mean() >= EDGED
        straight = straight_sides(near > 0, edges)
        if is_edged and (is_placed(near > 0, lettered, straight, inside) if is_whole else straight >= _TAB):
            done |= cv2.drawContours(np.zeros_like(near), [outline], -1, 1, cv2.FILLED) > 0
    return np.asarray(cv2.dilate(done.astype(np.uint8), np.ones((7, 7), np.uint8)) > 0)


def _parts(core: Mask, there: Levels, here: Levels, written: Mask, least: float) -> Iterator[tuple[Mask, bool]]:
    """Connected parts of that many pixels, and whether each is one: what sticks out of a plate is a part of its own.

    Something flat in the picture, or pasted into it, may touch a plate.
    """
    for whole in _connected(core, least):
        plate = between_lines(whole, there, here, written)
        if plate.sum() < least:
            plate = whole
        yield plate, True
        for rest in _connected(whole & ~plate, least):
            yield rest, False


def _connected(shape: Mask, least: float) -> Iterator[Mask]:
    count, labels, stats, _ = cv2.connectedComponentsWithStats(shape.astype(np.uint8))
    for number in range(1, count):
        if stats[number, cv2.CC_STAT_AREA] >= least:
            yield labels == number
