"""What was changed in a reference's picture: register, grade the reference alike, compare, draw a map.

A grade, grain, a crop or another encoding is no alteration; content that is not the reference's is. It is
judged only against references whose pixels are the work's own. The map shows where pictures differ
beyond all that, never who or what made them differ. Its rates are in `docs/matching.md`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from fingerprints.model import Quality
from fingerprints.prints.bars import unbarred
from fingerprints.prints.features import working
from fingerprints.stills.differences import Maps, blurred, compared
from fingerprints.stills.geometry import UNIT, Box, Matrix, in_place, map_points
from fingerprints.stills.graphics import is_drawn, layers
from fingerprints.stills.judgement import GRAVE, Alteration, Change, Grade
from fingerprints.stills.match import Relation
from fingerprints.stills.registered import Levels, Mask, Pair, eroded, registered
from fingerprints.stills.surroundings import extensions
from media.still import Picture

__all__ = ["GRAVE", "JUDGED", "LEAST_AREA", "Alteration", "Change", "Grade", "compare", "judge_pair"]

JUDGED = frozenset({Quality.MASTER, Quality.SCAN})
"""Previews differ from the work by themselves."""

LEAST_AREA = 0.0025
"""Of the shared area: a smaller region is not told from what encoding leaves."""
LEAST_DOUBTED = 0.0045
"""The same of a region that is no more than uncertain."""
LEAST_COLOUR_AREA = 0.004
"""The same of a region that differs in colour only: encoders spare colour first."""

_SURE = (3.2, 3.0, 5.0, 8.5)
"""Strength of a region that is altered (see `differences.Maps.score`): a constant, what is added for each unit of the
picture's own tenth-highest score, the least and the most."""
_SUSPECT = 0.78
"""Of that: from which a person should look."""
_GROWN = 0.5
"""Of a region's strength: what is joined to it."""
_ALIKE = 0.8
"""Correlation of detail in a region whose structure is the reference's."""
_RIM = 0.25
"""Of a region's own difference in levels: what differs by less is its rim."""
_PAINTED = (0.5, 0.8)
"""Correlation of fine and of middle detail below which the whole is another painting of the same."""
_UNLIKE = (0.3, 0.6)
"""Correlation of middle and of coarse detail below which the two are not the same picture."""
_COLOUR = 14.0
"""Steps of a or b, as OpenCV scales them."""
_GRADED = 3.0
"""Levels, on average."""
_SHARPER, _SOFTER = 1.45, 0.6
_MARGIN = 7
"""Pixels at the border of the shared area that are not judged: the windows look over it."""
_DUST, _LEAST_ON_FILM = 0.002, 0.8
"""Part of the shared area under loose specks and scratches that makes a dusty film; percent that is judged on one."""
_REACH = 0.03
"""Of the shorter side: how far a graphic's rim reaches."""
_TEXT, _VEIL = 0.08, 6.5
"""Part of a region's box that letters fill on a plate, and levels of detail of its own that a plate has at most."""
_LEAST_GRAPHICS = 0.5
"""Percent of the shared area: less may be dust."""
_SHOWN = 0.5
"""Of the shared area: where graphics take more, nothing is judged."""


def compare(
    picture: Picture, reference: Picture, matrix: Matrix, *, quality: Quality, overlay: Mask | None = None
) -> Alteration:
    """Judge a picture of a reference that it was matched with.

    `matrix` is the match's homography (fractions of the reference to fractions of the picture), `overlay`
    is true where graphics lie over the picture: see `overlays.static_overlay`.
    """
    if quality not in JUDGED:
        return Alteration(judged=False, reason=f"cannot judge: the reference is of quality {quality.value}")
    seen = _seen(picture, overlay)
    pair = registered(picture, reference, matrix, seen)
    if pair is None or not eroded(pair.valid, _MARGIN).any():
        return Alteration(judged=False, reason="cannot judge: too little of the reference can be seen")
    if picture.shape == reference.shape and np.array_equal(picture, reference):
        return Alteration(judged=True, reason=_SAME, relations=(Relation.EXACT,), similarity=1.0)
    return judge_pair(pair, [*_around(picture, pair.matrix, seen)])


_SAME = "no difference: the pixels are equal"


def judge_pair(pair: Pair, around: Sequence[Change] = ()) -> Alteration:
    """Judge a registered pair. `around` are extensions that were found beside it."""
    inside = eroded(pair.valid, _MARGIN)
    drawn = layers(pair.reference, pair.picture, inside)
    over = drawn.plates | drawn.lettered
    shown = inside & ~over
    if shown.sum() < _SHOWN * inside.sum():
        shown, over = inside, np.zeros_like(inside)
    maps = compared(_without(pair, over | drawn.thin), shown)
    is_other = maps.likeness[1] < _UNLIKE[0] and maps.likeness[2] < _UNLIKE[1]
    if is_other:
        return Alteration(judged=False, reason="cannot judge: the two cannot be laid over each other", is_other=True)
    painted = maps.likeness[0] < _PAINTED[0] and maps.likeness[1] < _PAINTED[1]
    found = [*_regions(maps, pair, shown)]
    regions = []
    loose = float((drawn.thin & ~drawn.lettered)[inside].mean())
    for change, mask in found:
        if loose > _DUST and change.area_percent < _LEAST_ON_FILM:
            continue
        text = _lettering(mask, drawn.lettered)
        if (
            _beside(mask, over)
            or is_drawn(mask, pair.reference, pair.picture, maps.own, inside)
            or (text >= _TEXT and float(np.median(maps.own[mask])) <= _VEIL)
        ):
            over = over | mask
        elif text >= _TEXT:
            regions.append((replace(change, grade=Grade.UNCERTAIN), mask))
        else:
            regions.append((change, mask))
    changed = np.zeros_like(inside)
    for _, mask in regions:
        changed |= mask
    changes = [*(change for change, _ in regions), *around]
    share, mean = float(changed[inside].mean()), float(np.mean(maps.likeness[1:]))
    grade = max((change.grade for change in changes), key=_GRADES.index, default=Grade.NONE)
    if painted:
        grade, changed, share = Grade.ALTERED, inside.copy(), 1.0
    graphics = round(100 * float(over[inside].mean()), 2)
    graphics = graphics if graphics >= _LEAST_GRAPHICS else 0.0
    return Alteration(
        judged=True,
        reason=_stated(share, changes, grade, graphics, painted=painted),
        relations=_relations(pair, maps, changes, grade, painted=painted),
        changes=tuple(sorted(changes, key=lambda change: -change.area_percent)),
        area_percent=round(100 * share, 2),
        similarity=round(mean, 4),
        changed=changed,
        grade=grade,
        graphics_percent=graphics,
    )


_GRADES = (Grade.NONE, Grade.UNCERTAIN, Grade.ALTERED)


def _beside(region: Mask, over: Mask) -> bool:
    """Whether a region is no more than the rim of a graphic."""
    reach = 2 * max(4, round(_REACH * min(over.shape))) + 1
    near = cv2.dilate(over.astype(np.uint8), np.ones((reach, reach), np.uint8)) > 0
    return bool(near[region].mean() >= 0.8)


def _lettering(region: Mask, lettered: Mask) -> float:
    """The part of a region's box that letters fill: a name stands on a plate."""
    left, top, across, down = cv2.boundingRect(region.astype(np.uint8))
    return float(lettered[top : top + down, left : left + across].mean())


def _without(pair: Pair, over: Mask) -> Pair:
    """The pair with the reference's own picture, lit as its surroundings are, under what lies over it."""
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


def _stated(share: float, changes: Sequence[Change], grade: Grade, graphics: float, *, painted: bool) -> str:
    """No more than the map shows."""
    inner = sum(change.relation is not Relation.EXTENDED for change in changes)
    around = sum(change.area_percent for change in changes if change.relation is Relation.EXTENDED)
    places = "1 region" if inner == 1 else f"{inner} regions"
    differs = f"{100 * share:.1f} % of what is shown of the reference differs, in {places}"
    if painted:
        differs = "all of it has other detail than the reference, as if painted anew"
    elif grade is Grade.UNCERTAIN:
        differs = f"{100 * share:.1f} % of what is shown may differ, in {places}: compare it with the reference by eye"
    beyond = f"{around:.0f} % of the picture goes on beyond the reference's border" if around else ""
    found = "; ".join(filter(None, (differs if inner or painted else "", beyond)))
    over = f"; graphics cover {graphics:.1f} % of it" if graphics else ""
    return (found or "no difference beyond grade, grain, framing and encoding") + over


def _seen(picture: Picture, overlay: Mask | None) -> NDArray[np.uint8]:
    """1 where the picture is: neither bars nor overlays."""
    height, width = picture.shape[:2]
    seen = np.ones((height, width), np.uint8)
    small = working(picture)
    if bars := unbarred(small):
        left, top, right, bottom = (np.array(bars) * width / small.shape[1]).round().astype(int)
        seen[:] = 0
        seen[top:bottom, left:right] = 1
    if overlay is not None:
        seen[cv2.resize(overlay.astype(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST) > 0] = 0
    return seen


def _regions(maps: Maps, pair: Pair, shown: Mask) -> Iterator[tuple[Change, Mask]]:
    """Connected places that stand out, of structure or of colour alone."""
    sure, suspect = _limits(maps, shown)
    coloured, vivid = _colours(pair, shown)
    total = float(shown.sum())
    seeds = (maps.score > 0.6 * suspect) & shown | coloured
    tidy = cv2.morphologyEx(seeds.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    count, labels = cv2.connectedComponents(tidy)
    apart = blurred(np.abs(pair.picture - pair.reference).max(axis=2), 1.5)
    for number in range(1, count):
        region = labels == number
        strength = float(np.quantile(maps.score[region], 0.9))
        alike = float(np.median(maps.alike[region]))
        by_colour = float(coloured[region].mean()) > 0.5 and (strength < suspect or alike > _ALIKE)
        if not by_colour:
            region &= maps.score > _GROWN * strength
            region = _drawn_in(region, apart)
        area = float(region.sum())
        if area < (LEAST_COLOUR_AREA if by_colour else LEAST_AREA) * total or (not by_colour and strength < suspect):
            continue
        is_sure = float(vivid[region].mean()) > 0.3 if by_colour else strength >= sure
        relation = Relation.RECOLOURED if by_colour else Relation.ALTERED
        if not is_sure and area < LEAST_DOUBTED * total:
            continue
        grade = Grade.ALTERED if is_sure else Grade.UNCERTAIN
        if change := _change(region, relation, grade, strength, pair, total):
            yield change, region


def _drawn_in(region: Mask, apart: Levels) -> Mask:
    """A region without the rim that the windows of comparison add to it."""
    if not region.any():
        return region
    tight = region & (apart > _RIM * float(np.quantile(apart[region], 0.9)))
    return np.asarray(cv2.morphologyEx(tight.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((7, 7), np.uint8)) > 0) & region


def _limits(maps: Maps, shown: Mask) -> tuple[float, float]:
    """Strengths from which a region is altered, and from which it is uncertain: higher where all is rough."""
    tail = float(np.quantile(maps.score[shown], 0.9))
    sure = float(np.clip(_SURE[0] + _SURE[1] * tail, *_SURE[2:]))
    return sure, _SUSPECT * sure


def _change(region: Mask, relation: Relation, grade: Grade, strength: float, pair: Pair, total: float) -> Change | None:
    height, width = region.shape
    left, top, across, down = cv2.boundingRect(region.astype(np.uint8))
    corners = (UNIT * (across, down) + (left, top)) / (width, height)
    here = map_points(pair.matrix, corners)
    if here is None:
        return None
    return Change(
        relation=relation,
        region=Box.around(np.clip(here, 0, 1)),
        reference_region=Box.around(corners),
        area_percent=round(100 * float(region.sum()) / total, 2),
        grade=grade,
        strength=strength,
    )


def _colours(pair: Pair, shown: Mask) -> tuple[Mask, Mask]:
    """Where colours are not what the grade makes of the reference's, and where they are far from it."""
    if pair.has_colour == (False, True):
        return shown.copy(), shown.copy()
    if not pair.has_colour[1]:
        return np.zeros_like(shown), np.zeros_like(shown)
    apart = np.hypot(*(blurred(pair.picture[..., one] - pair.reference[..., one], 3.0) for one in (1, 2)))
    limit = max(_COLOUR, 3.0 * float(np.quantile(apart[shown], 0.85)))
    found = cv2.morphologyEx(((apart > limit) & shown).astype(np.uint8), cv2.MORPH_OPEN, np.ones((5, 5), np.uint8)) > 0
    return np.asarray(found), np.asarray(found & (apart > 1.6 * limit))


def _around(picture: Picture, matrix: Matrix, seen: NDArray[np.uint8]) -> Iterator[Change]:
    whole = Box(0.0, 0.0, 100.0, 100.0)
    for box, share in extensions(picture, matrix, seen):
        percent = round(100 * share, 2)
        yield Change(relation=Relation.EXTENDED, region=box, reference_region=whole, area_percent=percent)


def _relations(
    pair: Pair, maps: Maps, changes: Sequence[Change], grade: Grade, *, painted: bool
) -> tuple[Relation, ...]:
    seen = {change.relation for change in changes if change.grade is Grade.ALTERED}
    altered = Relation.ALTERED in seen and not painted
    holding = {
        Relation.NEAR: True,
        Relation.REFRAMED: not in_place(pair.matrix, (1, 1), (1, 1)),
        Relation.GRADED: pair.shift > _GRADED,
        Relation.ENHANCED: not altered and not painted and not _SOFTER < pair.sharper < _SHARPER,
        Relation.EXTENDED: Relation.EXTENDED in seen,
        Relation.RECOLOURED: Relation.RECOLOURED in seen,
        Relation.ALTERED: altered,
        Relation.RESYNTHESISED: painted and grade is Grade.ALTERED,
    }
    holds = tuple(relation for relation, is_so in holding.items() if is_so)
    return holds[1:] if len(holds) > 1 else holds
