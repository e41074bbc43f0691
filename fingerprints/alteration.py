"""What was changed in a reference's picture: register, grade the reference alike, compare, draw a map.

A grade, grain, a crop or another encoding is no alteration; content that is not the reference's is. It is
judged only against references whose pixels are the work's own. The map shows where pictures differ
beyond all that, never who or what made them differ. Its rates are in `docs/matching.md`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from fingerprints.algorithms.bars import unbarred
from fingerprints.algorithms.features import working
from fingerprints.geometry import UNIT, Box, Matrix, in_place, map_points
from fingerprints.match import Relation
from fingerprints.model import Quality
from fingerprints.registered import Levels, Mask, Pair, eroded, registered
from fingerprints.surroundings import extensions
from media.still import Picture

__all__ = ["GRAVE", "JUDGED", "LEAST_AREA", "Alteration", "Change", "compare"]

JUDGED = frozenset({Quality.MASTER, Quality.SCAN})
"""Previews differ from the work by themselves."""

LEAST_AREA = 0.008
"""Of the shared area: a smaller region is not told from what encoding leaves."""
LEAST_COLOUR_AREA = 0.015
"""The same of a region that differs in colour only: encoders spare colour first."""
WHOLE = 0.45
"""Of the shared area: when more of it differs, it is no local change."""

_SIMILAR = 0.55
"""Structural similarity of a place that is the same."""
_RESIDUAL, _CLEAR_RESIDUAL = 1.3, 12.0
"""In units of what grain and edges leave: needed beside a lost similarity, and by itself."""
_OTHER = 0.6
"""Mean similarity below which the whole is another painting of the same."""
_COLOUR = 14.0
"""Steps of a or b, as OpenCV scales them."""
_GRADED = 4.0
"""Levels, on average."""
_SHARPER, _SOFTER = 1.6, 0.45
_MARGIN = 7
"""Pixels at the border of the shared area that are not judged: the windows look over it."""


GRAVE = frozenset({Relation.EXTENDED, Relation.RECOLOURED, Relation.ALTERED, Relation.RESYNTHESISED})
"""What no edit does to a picture by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One region that differs."""

    relation: Relation
    region: Box
    """In the picture."""
    reference_region: Box
    """In the reference; of an extension, all of it."""
    area_percent: float
    """Of what the picture shows of the reference; of an extension, of the picture."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Alteration:
    """The verdict and its map."""

    judged: bool
    reason: str
    """What the map shows, or why it was not judged."""
    relations: tuple[Relation, ...] = ()
    """All that hold, the gravest last."""
    changes: tuple[Change, ...] = ()
    """The largest first."""
    area_percent: float = 0.0
    """Of the shared area that was altered or recoloured."""
    similarity: float = 0.0
    """Mean structural similarity over the shared area."""
    changed: NDArray[np.bool_] | None = None
    """The map, in the reference's frame."""

    @property
    def relation(self) -> Relation | None:
        """The gravest that holds; nothing where it was not judged."""
        return self.relations[-1] if self.relations else None

    @property
    def regions(self) -> tuple[Box, ...]:
        """Where the picture differs, in the picture."""
        return tuple(change.region for change in self.changes)

    def record(self) -> Mapping[str, object]:
        """As a record keeps it: percent of the picture's sides and of the shared area."""
        boxes = [{"x": box.x, "y": box.y, "w": box.w, "h": box.h} for box in self.regions]
        relations = [relation.value for relation in self.relations]
        told: dict[str, object] = {"judged": self.judged, "reason": self.reason}
        return (
            {**told, "relations": relations, "area_percent": self.area_percent, "regions": boxes}
            if self.judged
            else told
        )


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
    inside = None if pair is None else eroded(pair.valid, _MARGIN)
    if pair is None or inside is None or not inside.any():
        return Alteration(judged=False, reason="cannot judge: too little of the reference can be seen")
    similarity, altered = _changed(pair, inside)
    coloured = _colours(pair, inside)
    changed = altered | coloured
    regions = [*_regions(changed, coloured, similarity, pair, inside)]
    around = [*_around(picture, pair.matrix, seen)]
    share = float(changed[inside].mean())
    mean = float(similarity[inside].mean())
    return Alteration(
        judged=True,
        reason=_said(share, len(regions), sum(change.area_percent for change in around)),
        relations=_relations(pair, [*regions, *around], overall=share > WHOLE or mean < _OTHER),
        changes=tuple(sorted([*regions, *around], key=lambda change: -change.area_percent)),
        area_percent=round(100 * share, 2),
        similarity=round(mean, 4),
        changed=changed,
    )


def _said(share: float, regions: int, around: float) -> str:
    """No more than the map shows."""
    places = "1 region" if regions == 1 else f"{regions} regions"
    said = f"{100 * share:.1f} % of what is shown of the reference differs, in {places}" if regions else ""
    beyond = f"{around:.0f} % of the picture goes on beyond the reference's border" if around else ""
    return "; ".join(filter(None, (said, beyond))) or "no difference beyond grade, grain, framing and encoding"


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


def _changed(pair: Pair, inside: Mask) -> tuple[Levels, Mask]:
    """Structural similarity, and where it is lost with a residual beyond the grain's or the residual is clear."""
    there, here = pair.reference[..., 0], pair.picture[..., 0]
    mean_there, mean_here = _blur(there, 2.5), _blur(here, 2.5)
    variance_there = np.maximum(_blur(there * there, 2.5) - mean_there**2, 0)
    variance_here = np.maximum(_blur(here * here, 2.5) - mean_here**2, 0)
    shared = _blur(there * here, 2.5) - mean_there * mean_here
    similarity = (2 * shared + 58.5) / (variance_there + variance_here + 58.5)
    residual = _residual(_blur(there, 1.2), _blur(here, 1.2))
    residual /= np.float32(np.median(residual[inside]) + 1.5) + np.float32(0.12) * np.sqrt(variance_there)
    found = (similarity < _SIMILAR) & (residual > _RESIDUAL) | (residual > _CLEAR_RESIDUAL)
    return np.asarray(similarity, np.float32), _tidied(found & inside, LEAST_AREA * inside.sum())


def _residual(there: Levels, here: Levels) -> Levels:
    """The difference that no shift by a pixel explains."""
    shifts = [(down, across) for down in (-1, 0, 1) for across in (-1, 0, 1)]
    least = np.minimum.reduce([np.abs(np.roll(here, shift, axis=(0, 1)) - there) for shift in shifts])
    return _blur(np.asarray(least, np.float32), 2.0)


def _colours(pair: Pair, inside: Mask) -> Mask:
    """Where colours are not what the grade makes of the reference's."""
    if pair.has_colour == (False, True):
        return inside.copy()
    apart = [_blur(pair.picture[..., channel] - pair.reference[..., channel], 4.0) for channel in (1, 2)]
    return _tidied((np.hypot(*apart) > _COLOUR) & inside, LEAST_COLOUR_AREA * inside.sum())


def _tidied(found: Mask, least: float) -> Mask:
    """Without specks and holes, and without regions of fewer pixels than `least`."""
    tidy = cv2.morphologyEx(found.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    tidy = cv2.morphologyEx(tidy, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(tidy)
    large = stats[:, cv2.CC_STAT_AREA] >= max(least, 1)
    large[0] = False
    return np.asarray(large[labels])


def _regions(changed: Mask, coloured: Mask, similarity: Levels, pair: Pair, inside: Mask) -> Iterator[Change]:
    """Connected regions; one whose structure is the reference's and whose colours are not was recoloured."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(changed.astype(np.uint8))
    height, width = changed.shape
    for number, (left, top, across, down, area) in enumerate(stats[1:], 1):
        corners = (UNIT * (across, down) + (left, top)) / (width, height)
        here = map_points(pair.matrix, corners)
        if here is None:
            continue
        region = labels == number
        kept = coloured[region].mean() > 0.5 and np.median(similarity[region]) >= _SIMILAR
        yield Change(
            relation=Relation.RECOLOURED if kept else Relation.ALTERED,
            region=Box.around(np.clip(here, 0, 1)),
            reference_region=Box.around(corners),
            area_percent=round(100 * float(area) / float(inside.sum()), 2),
        )


def _around(picture: Picture, matrix: Matrix, seen: NDArray[np.uint8]) -> Iterator[Change]:
    whole = Box(0.0, 0.0, 100.0, 100.0)
    for box, share in extensions(picture, matrix, seen):
        percent = round(100 * share, 2)
        yield Change(relation=Relation.EXTENDED, region=box, reference_region=whole, area_percent=percent)


def _relations(pair: Pair, changes: Sequence[Change], *, overall: bool) -> tuple[Relation, ...]:
    seen = {change.relation for change in changes}
    altered = Relation.ALTERED in seen
    holding = {
        Relation.REFRAMED: not in_place(pair.matrix, (1, 1), (1, 1)),
        Relation.GRADED: pair.shift > _GRADED,
        Relation.ENHANCED: not altered and not _SOFTER < pair.sharper < _SHARPER,
        Relation.EXTENDED: Relation.EXTENDED in seen,
        Relation.RECOLOURED: Relation.RECOLOURED in seen,
        Relation.ALTERED: altered and not overall,
        Relation.RESYNTHESISED: altered and overall,
    }
    return tuple(relation for relation, holds in holding.items() if holds) or (Relation.EXACT,)


def _blur(levels: Levels, sigma: float) -> Levels:
    return np.asarray(cv2.GaussianBlur(levels, (0, 0), sigma), np.float32)
