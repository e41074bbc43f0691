"""Concludes from what differs: the grade of a comparison, its relations, and a sentence that says no more than the
map."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fingerprints.stills.differences import Maps
from fingerprints.stills.geometry import in_place
from fingerprints.stills.judgement import Alteration, Difference
from fingerprints.stills.registered import AlignedPair, Mask
from fingerprints.vocabulary import Grade, Relation

__all__ = ["conclude"]

_GRADED = 3.0
"""Levels, on average."""
_SHARPER, _SOFTER = 1.45, 0.6
_LEAST_GRAPHICS = 0.5
"""Percent of the shared area: less may be dust."""
_GRADES = (Grade.NONE, Grade.UNCERTAIN, Grade.ALTERED)


def conclude(
    pair: AlignedPair,
    maps: Maps,
    inside: Mask,
    regions: Sequence[tuple[Difference, Mask]],
    around: Sequence[Difference],
    over: Mask,
    *,
    painted: bool,
) -> Alteration:
    """What a comparison states: of `regions` that differ and of extensions `around`, where graphics are `over` it.

    `inside` is what was judged; `painted`: whether a model painted all of it again.
    """
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


def _stated(share: float, changes: Sequence[Difference], grade: Grade, graphics: float, *, painted: bool) -> str:
    """No more than the map shows."""
    inner = sum(change.relation is not Relation.EXTENDED for change in changes)
    around = sum(change.area_percent for change in changes if change.relation is Relation.EXTENDED)
    places = "1 region" if inner == 1 else f"{inner} regions"
    differs = f"{100 * share:.1f} % of the visible part of the reference differs, in {places}"
    if painted:
        differs = "all of it differs in detail from the reference, as if repainted"
    elif grade is Grade.UNCERTAIN:
        differs = f"{100 * share:.1f} % of the visible part may differ, in {places}: compare the two by eye"
    beyond = f"{around:.0f} % of the picture goes on beyond the reference's border" if around else ""
    found = "; ".join(filter(None, (differs if inner or painted else "", beyond)))
    over = f"; graphics cover {graphics:.1f} % of it" if graphics else ""
    return (found or "no difference beyond grade, grain, framing and encoding") + over


def _relations(
    pair: AlignedPair, maps: Maps, changes: Sequence[Difference], grade: Grade, *, painted: bool
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
