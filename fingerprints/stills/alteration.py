"""Judges what was changed in a reference's picture: register, grade the reference alike, compare, draw a map.

A grade, grain, a crop or another encoding is no alteration; content that is not the reference's is. It is judged only
against references whose pixels are the work's own. The map shows where pictures differ beyond all that, never who or
what made them differ. Its rates are in `docs/matching.md`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from fingerprints.prints.bars import unbarred
from fingerprints.prints.features import working
from fingerprints.stills.conclusion import conclude
from fingerprints.stills.differences import Maps, blurred, compared
from fingerprints.stills.geometry import UNIT, Matrix, map_points
from fingerprints.stills.grading import follow_light
from fingerprints.stills.graphics.drawn import holds_letters, is_drawn, new_edges, straight_sides
from fingerprints.stills.graphics.layers import Layers, is_inverse, layers
from fingerprints.stills.graphics.veils import Veiled, lift_veils
from fingerprints.stills.judgement import GRAVE, Alteration, Difference
from fingerprints.stills.places import LEAST_AREA, Blob, find_smoothed, grade_places
from fingerprints.stills.registered import AlignedPair, Mask, eroded, registered
from fingerprints.stills.surroundings import extensions
from fingerprints.vocabulary import Grade, Quality, Relation
from media.place import Box
from media.still import Picture

__all__ = ["GRAVE", "JUDGED", "LEAST_AREA", "Alteration", "Difference", "Grade", "compare", "judge_pair"]

JUDGED = frozenset({Quality.MASTER, Quality.SCAN})
"""Qualities of references that alterations are judged against: previews differ from the work by themselves."""


_PAINTED = (0.5, 0.8)
"""Correlation of fine and of middle detail below which the whole is another painting of the same."""
_REMADE = (0.75, 0.92, 0.6, 4.0)
"""The same where a model made all of it anew: fine and middle detail at most, coarse at least, and energy of grain at
most, which also parts fine detail from the reference's."""
_UNLIKE = (0.3, 0.6)
"""Correlation of middle and of coarse detail below which the two are not the same picture."""
_ASKEW = (0.25, 0.4, 0.8)
"""Correlation of fine, middle and coarse detail below which the two could not be laid over each other."""
_BLACK = 12.0
"""Levels below which nothing is seen."""
_MARGIN = 7
"""Pixels at the border of the shared area that are not judged: the windows look over it."""
_LEAST_ON_FILM = 0.8
"""Percent of the shared area that is judged on a dusty film."""
_REACH = 0.03
"""Of the shorter side: how far a graphic's rim reaches."""
_TEXT, _VEIL = 0.08, 6.5
"""Part of a region's box that letters fill on a plate, and levels of detail of its own that a plate has at most."""
_VEILED = 0.5
"""Gain of detail under a plate, at most."""
_SHOWN = 0.5
"""Of the shared area: where graphics take more, nothing is judged."""


def compare(
    picture: Picture, reference: Picture, matrix: Matrix, *, quality: Quality, overlay: Mask | None = None
) -> Alteration:
    """Judge a picture by a reference that it was matched with.

    `matrix` is the match's homography (fractions of the reference to fractions of the picture), `overlay` is true where
    graphics cover the picture: see `graphics.overlays.static_overlay`.
    """
    if quality not in JUDGED:
        return Alteration(judged=False, reason=f"cannot judge: the reference is of quality {quality.value}")
    seen = _seen(picture)
    pair = registered(picture, reference, matrix, seen)
    if pair is None or not eroded(pair.valid, _MARGIN).any():
        return Alteration(judged=False, reason="cannot judge: too little of the reference can be seen")
    if picture.shape == reference.shape and np.array_equal(picture, reference):
        return Alteration(judged=True, reason=_SAME, relations=(Relation.EXACT,), similarity=1.0)
    return judge_pair(pair, [*_around(picture, pair.matrix, seen)], None if overlay is None else _laid(overlay, pair))


def _laid(overlay: Mask, pair: AlignedPair) -> Mask:
    """A mask over the picture, in the reference's frame."""
    size, own = (np.array(one.shape[1::-1], float) for one in (pair.valid, overlay))
    matrix = np.diag([*own, 1.0]) @ pair.matrix @ np.diag([*(1 / size), 1.0])
    how = cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpPerspective(overlay.astype(np.uint8), matrix, pair.valid.shape[::-1], flags=how) > 0)


_NOT_LAID = "cannot judge: the two cannot be laid over each other"
_SAME = "no difference: the pixels are equal"


def judge_pair(pair: AlignedPair, around: Sequence[Difference] = (), overlay: Mask | None = None) -> Alteration:
    """Judge a registered pair. `around` are extensions found beside it, `overlay` are graphics that stay in place over
    it."""
    inside = eroded(pair.valid, _MARGIN)
    veiled = lift_veils(pair.reference, pair.picture, inside)
    if veiled is not None:
        pair = _uncovered(pair, veiled)
    drawn = layers(pair.reference, pair.picture, inside)
    over = drawn.plates | drawn.lettered
    for graphics in (None if veiled is None else veiled.rims, overlay):
        over = over if graphics is None else over | graphics
    shown = inside & ~over & ~_unlit(pair)
    if shown.sum() < _SHOWN * inside.sum():
        shown, over = inside, np.zeros_like(inside)
    maps = compared(_without(pair, over | drawn.loose), shown)
    fine, middle, coarse = maps.likeness
    is_other = middle < _UNLIKE[0] and coarse < _UNLIKE[1]
    if is_other or (fine < _ASKEW[0] and middle < _ASKEW[1] and coarse < _ASKEW[2]):
        return Alteration(judged=False, reason=_NOT_LAID, is_other=is_other)
    regions, over = _sorted_places(maps, pair, shown, drawn, over)
    if veiled is not None:
        over = over | veiled.plates
    return conclude(pair, maps, inside, regions, around, over, painted=_is_painted(maps))


_Region = tuple[Difference, Mask]
"""What differs, and where."""


def _sorted_places(maps: Maps, pair: AlignedPair, shown: Mask, drawn: Layers, over: Mask) -> tuple[list[_Region], Mask]:
    """Places where content differs, and where graphics are: `over`, with the places that are graphics by their look."""
    inside = eroded(pair.valid, _MARGIN)
    regions: list[_Region] = []
    edges = new_edges(pair.reference, pair.picture)
    for place, grade in grade_places(maps, pair, shown):
        mask = place.region
        if (change := _change(place, grade, pair)) is None:
            continue
        if drawn.is_dusty and change.area_percent < _LEAST_ON_FILM:
            continue
        text, adjoins = _lettering(mask, drawn.lettered), _adjoins(mask, over)
        is_veil = float(np.median(maps.own[mask])) <= _VEIL
        is_plate = straight_sides(mask, edges) >= 2 or (is_veil and holds_letters(mask, drawn.lettered))
        inverted = is_inverse(mask, drawn.inverse)
        if not inverted and (
            _beside(mask, over)
            # The rest of a plate: little of the detail is left.
            or (adjoins and (is_veil or maps.kept(mask)[1] <= _VEILED))
            or is_drawn(mask, pair.picture, edges, maps.own, inside, drawn.lettered)
            or (text >= _TEXT and is_plate)
        ):
            over = over | mask
        elif not inverted and (text >= _TEXT or adjoins or drawn.is_dusty):
            regions.append((replace(change, grade=Grade.UNCERTAIN), mask))
        else:
            regions.append((change, mask))
    if not any(change.grade is Grade.ALTERED for change, _ in regions):
        for place, grade in find_smoothed(maps, shown):
            if not _beside(place.region, over) and (change := _change(place, grade, pair)):
                regions.append((change, place.region))
    return regions, over


def _uncovered(pair: AlignedPair, veiled: Veiled) -> AlignedPair:
    """The pair without translucent plates, nor what they made of the light around them."""
    reference = pair.reference.copy()
    reference[..., 0] = follow_light(reference[..., 0], veiled.picture[..., 0], pair.valid)
    return replace(pair, reference=reference, picture=veiled.picture)


def _beside(region: Mask, over: Mask) -> bool:
    """Whether a region is no more than the rim of a graphic."""
    reach = 2 * max(4, round(_REACH * min(over.shape))) + 1
    near = cv2.dilate(over.astype(np.uint8), np.ones((reach, reach), np.uint8)) > 0
    return bool(near[region].mean() >= 0.8)


def _unlit(pair: AlignedPair) -> Mask:
    """Where both are black: nothing can be seen there."""
    light = np.maximum(pair.reference[..., 0], pair.picture[..., 0])
    return np.asarray(blurred(light, 2.0) < _BLACK)


def _is_painted(maps: Maps) -> bool:
    """Whether all detail is another than noise makes of the reference's, while what is coarse is kept: a model's."""
    fine, middle = (one / other for one, other in zip(maps.likeness[:2], maps.expected[:2], strict=True))
    # A texture of its own counts as noise and would explain fine detail away: there, the likeness as it is.
    if maps.likeness[0] < _PAINTED[0] and middle < _PAINTED[1]:
        return True
    most, at_most, least, grain = _REMADE
    return fine < most and middle < at_most and maps.likeness[2] >= least and maps.grain <= grain


def _adjoins(region: Mask, over: Mask) -> bool:
    """Whether a region is between the same rows as a title box, and next to it."""
    left, top, across, down = cv2.boundingRect(region.astype(np.uint8))
    reach = max(4, round(_REACH * min(over.shape)))
    sides = (over[:, max(0, left - reach) : left + 1], over[:, left + across - 1 : left + across + reach])
    rows = np.flatnonzero(np.maximum.reduce([side.mean(axis=1) for side in sides if side.size]) >= 0.5)
    return bool(rows.size) and top >= rows[0] - reach and top + down <= rows[-1] + reach


def _lettering(region: Mask, lettered: Mask) -> float:
    """The part of a region's box that letters fill: a name stands on a plate."""
    left, top, across, down = cv2.boundingRect(region.astype(np.uint8))
    return float(lettered[top : top + down, left : left + across].mean())


def _without(pair: AlignedPair, over: Mask) -> AlignedPair:
    """The pair with the reference's own picture, lit as its surroundings are, under the graphics."""
    if not over.any():
        return pair
    soft = np.clip(blurred(np.asarray(cv2.dilate(over.astype(np.float32), np.ones((3, 3))), np.float32), 0.8), 0, 1)
    there, here = pair.reference[..., 0], pair.picture[..., 0]
    free = 1 - (soft > 0.01).astype(np.float32)
    weight = blurred(free, 5.0) + 1e-3
    means = [blurred(one * free, 5.0) / weight for one in (there, here, there * there, there * here)]
    gain = (means[3] - means[0] * means[1]) / np.maximum(means[2] - means[0] ** 2, 4.0)
    lit = means[1] + np.clip(gain, 0, 2) * (there - means[0])
    known = np.clip(weight * 8, 0, 1)
    filled = pair.reference.copy()
    filled[..., 0] = known * lit + (1 - known) * there
    return replace(
        pair, picture=np.asarray(pair.picture * (1 - soft[..., None]) + filled * soft[..., None], np.float32)
    )


def _seen(picture: Picture) -> NDArray[np.uint8]:
    """1 where the picture is, 0 in its bars."""
    height, width = picture.shape[:2]
    seen = np.ones((height, width), np.uint8)
    small = working(picture)
    if bars := unbarred(small):
        left, top, right, bottom = (np.array(bars) * width / small.shape[1]).round().astype(int)
        seen[:] = 0
        seen[top:bottom, left:right] = 1
    return seen


def _change(place: Blob, grade: Grade, pair: AlignedPair) -> Difference | None:
    region = place.region
    height, width = region.shape
    left, top, across, down = cv2.boundingRect(region.astype(np.uint8))
    corners = (UNIT * (across, down) + (left, top)) / (width, height)
    here = map_points(pair.matrix, corners)
    if here is None:
        return None
    return Difference(
        relation=Relation.RECOLOURED if place.by_colour else Relation.ALTERED,
        region=Box.around(np.clip(here, 0, 1)),
        reference_region=Box.around(corners),
        area_percent=round(100 * place.area, 2),
        grade=grade,
        strength=place.strength,
    )


def _around(picture: Picture, matrix: Matrix, seen: NDArray[np.uint8]) -> Iterator[Difference]:
    whole = Box(0.0, 0.0, 100.0, 100.0)
    for box, share in extensions(picture, matrix, seen):
        percent = round(100 * share, 2)
        yield Difference(relation=Relation.EXTENDED, region=box, reference_region=whole, area_percent=percent)
