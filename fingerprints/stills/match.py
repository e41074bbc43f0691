"""Which references of a library a picture shows. Candidates by hash and by votes of features; each is verified.

A candidate is a match by its features (`verify`), or, where a picture has too few points for that, by a
near hash of a view whose layout agrees over the whole of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from itertools import chain
from typing import Protocol

import cv2
import numpy as np

from fingerprints.index.descriptors import DescriptorIndex
from fingerprints.index.index import JoinedIndex
from fingerprints.model import Features, Plate
from fingerprints.prints import features, views
from fingerprints.stills import verify
from fingerprints.stills.detail import stands
from fingerprints.stills.geometry import UNIT, Box, Matrix, in_place, inverse, map_points, shared_boxes, zoom
from fingerprints.stills.parts import cut_out, laid_in
from fingerprints.stills.verify import INLIERS, Look, Registration
from media.still import Picture, grey

__all__ = ["BITS", "Matcher", "PictureMatch", "Relation", "Shelf", "framing", "geometry"]

BITS = 59
"""Bits of 256 within which a view is a match if its layout agrees."""
NEAR_BITS = 80
"""And within which it is one if the layout agrees nearly everywhere."""
_LAYOUT, _NEAR_LAYOUT = 0.6, 0.9
_SAME_BITS = 8
"""Within which a picture in place is called exact."""
_FAR_FROM = 20_000_000
"""Hashes from which the wider radius is not asked: it compares them all."""
_TRIED = 8
"""Candidates for each look, by votes and by hash."""
_VOTES = 4
_INSIDE = 0.75
"""A reference that is shown whole on less of the frame's side is embedded."""


class Relation(StrEnum):
    """What a picture makes of a reference."""

    EXACT = "exact"
    NEAR = "near"
    """The same framing; graded, grained, encoded again or lettered."""
    REFRAMED = "reframed"
    EMBEDDED = "embedded"
    """A picture inside a scene."""
    MIRRORED = "mirrored"
    # Said by `alteration` only, from the slightest to the gravest:
    GRADED = "graded"
    ENHANCED = "enhanced"
    """Fine detail is more or less everywhere, content nowhere other. A model's upscale and a good resize look alike."""
    EXTENDED = "extended"
    """The picture goes on, without a seam, beyond the reference's border."""
    RECOLOURED = "recoloured"
    """The structure is the reference's, colours are not."""
    ALTERED = "altered"
    """Registered, but regions differ."""
    RESYNTHESISED = "re-synthesised"
    """Registered, and other over much of what is shared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureMatch:
    """One reference in one picture."""

    ordinal: int
    reference: str
    """The reference's id."""
    relation: Relation
    score: int
    """Distinct points that agree; of a match by hash, 256 less the bits that differ."""
    threshold: int
    """What the score must reach."""
    region: Box
    """In the picture."""
    reference_region: Box
    """What of the reference is shown."""
    flip: bool
    scale: float
    """The side of the frame that the whole reference would fill: 1.25 is cropped, 0.33 lies within."""
    homography: tuple[float, ...]
    """Nine numbers by rows: fractions of the reference to fractions of the picture as it is."""

    @property
    def matrix(self) -> Matrix:
        """The homography."""
        return np.array(self.homography, np.float64).reshape(3, 3)


class Shelf(Protocol):
    """What a library must offer to be searched."""

    def hash_index(self) -> JoinedIndex:
        """Over all views of all plates."""

    def descriptor_index(self) -> DescriptorIndex:
        """Over all plates' local features."""

    def features(self, ordinal: int) -> Features:
        """Of one plate."""

    def plate(self, ordinal: int) -> Plate | None:
        """Which one it is."""

    def thumbnail(self, ordinal: int) -> Picture | None:
        """A small picture of it, if the library has one."""


@dataclass(frozen=True, slots=True)
class _Near:
    """The nearest of a plate's views to a guise of the picture."""

    bits: int
    guise: views.Region
    view: str
    flip: bool


class Matcher:
    """Looks pictures up in a library. Holds nothing but the library."""

    def __init__(self, library: Shelf) -> None:
        self._library = library

    def match(self, picture: Picture) -> tuple[PictureMatch, ...]:
        """All that is found, in the whole picture or in one that is laid into it; best first."""
        pair = verify.looks(picture)
        found = {match.ordinal: match for match in self._matches(picture, pair)}
        for part in laid_in(pair[0].grey):
            small = cut_out(picture, part)
            for match in self._matches(small, verify.looks(small)):
                found.setdefault(match.ordinal, _lifted(match, part))
        return tuple(sorted(found.values(), key=lambda match: (-match.score / match.threshold, match.ordinal)))

    def _matches(self, picture: Picture, pair: tuple[Look, Look]) -> Iterator[PictureMatch]:
        near = self._near(picture)
        for ordinal in sorted({*near, *self._voted(pair)}):
            if match := self._verified(ordinal, near.get(ordinal), pair):
                yield match

    def _near(self, picture: Picture) -> dict[int, _Near]:
        """The nearest plates by hash."""
        asked, index = views.queries(picture), self._library.hash_index()
        if not len(index) or not len(asked.hashes):
            return {}
        hits = index.search(asked.hashes, NEAR_BITS if len(index) < _FAR_FROM else BITS)
        shown = views.guises(picture)
        best: dict[int, _Near] = {}
        order = np.argsort(hits.distances, kind="stable")[: 64 * _TRIED]
        entries = hits.entries[order]
        columns = zip(order, index.plates(entries).tolist(), index.views(entries), strict=True)
        for row, ordinal, view in columns:
            if ordinal not in best and len(best) < 2 * _TRIED:
                guise, _, turned = asked.names[hits.queries[row]].partition(" ")
                best[ordinal] = _Near(int(hits.distances[row]), shown[guise], view, bool(turned))
        return best

    def _voted(self, pair: tuple[Look, Look]) -> Iterator[int]:
        index = self._library.descriptor_index()
        for look in pair:
            for ordinal, votes in index.vote(look.features.descriptors)[:_TRIED]:
                if votes >= _VOTES:
                    yield ordinal

    def _verified(self, ordinal: int, near: _Near | None, pair: tuple[Look, Look]) -> PictureMatch | None:
        reference = self._library.features(ordinal)
        plate = self._library.plate(ordinal)
        if plate is None:
            return None
        if best := _registered(pair, reference, partial(self._shown, ordinal, reference)):
            return _by_features(plate, best, pair[best.flip], reference, near)
        if near is not None:
            return _by_hash(plate, near, pair[near.flip], reference)
        return None

    def _shown(self, ordinal: int, reference: Features) -> Picture | None:
        """A plate as the library keeps it, as large as its features say."""
        kept = self._library.thumbnail(ordinal)
        return None if kept is None else _sized(kept, reference)


def _sized(picture: Picture, reference: Features) -> Picture:
    return np.asarray(cv2.resize(grey(picture), reference.size, interpolation=cv2.INTER_AREA), np.uint8)


def geometry(picture: Picture, reference: Picture) -> Matrix | None:
    """How a picture shows another, by their points: fractions of the other to fractions of the picture."""
    points = features.extract(reference)
    plate = Plate(ordinal=0, reference="", at="", width=points.size[0], height=points.size[1])
    for part in chain((views.WHOLE,), laid_in(features.working(picture))):
        pair = verify.looks(cut_out(picture, part))
        best = _registered(pair, points, lambda: _sized(reference, points))
        match = _by_features(plate, best, pair[best.flip], points, None) if best else None
        if match is not None:
            return _lifted(match, part).matrix
    return None


def _lifted(match: PictureMatch, part: views.Region) -> PictureMatch:
    """A match in a part of a picture, as one in the picture."""
    left, top, right, bottom = part
    wide, high = right - left, bottom - top
    matrix = np.array([[wide, 0, left], [0, high, top], [0, 0, 1]]) @ match.matrix
    x, y, w, h = match.region.x, match.region.y, match.region.w, match.region.h
    return replace(
        match,
        relation=match.relation if part == views.WHOLE else _relation(matrix, match.flip),
        region=Box(*(round(side, 2) for side in (100 * left + wide * x, 100 * top + high * y, wide * w, high * h))),
        scale=zoom(matrix),
        homography=tuple(float(number) for number in matrix.ravel()),
    )


def framing(side: float, *, flip: bool) -> Relation:
    """Of a reference that is not in place: by how much of the frame's side the whole of it takes."""
    if flip:
        return Relation.MIRRORED
    return Relation.EMBEDDED if side < _INSIDE else Relation.REFRAMED


def _registered(
    pair: tuple[Look, Look], reference: Features, shown: Callable[[], Picture | None]
) -> Registration | None:
    """The better of the two that stand."""
    found = [one for look in pair if (one := verify.register(look, reference)) and stands(look, one, shown)]
    return max(found, key=lambda one: one.inliers, default=None)


def _by_features(
    plate: Plate, found: Registration, look: Look, reference: Features, near: _Near | None
) -> PictureMatch | None:
    width, height = look.features.size
    matrix = np.diag([1 / width, 1 / height, 1.0]) @ found.homography @ np.diag([*reference.size, 1.0])
    match = _placed(plate, matrix, found.flip, score=found.inliers, threshold=INLIERS)
    return _exact(match, near) if match and near else match


def _by_hash(plate: Plate, near: _Near, look: Look, reference: Features) -> PictureMatch | None:
    """The geometry that the views claim, if the layout agrees."""
    left, top, right, bottom = views.region(near.view, reference.size)
    x0, y0, x1, y1 = near.guise
    if near.flip:
        x0, x1 = 1 - x1, 1 - x0
    across, down = (x1 - x0) / (right - left), (y1 - y0) / (bottom - top)
    matrix = np.array([[across, 0, x0 - left * across], [0, down, y0 - top * down], [0, 0, 1]])
    back = np.diag([*reference.size, 1.0]) @ inverse(matrix)
    back = back @ np.diag([1 / look.features.size[0], 1 / look.features.size[1], 1.0])
    _, agreement = look.agreement(reference, back)
    if agreement < (_LAYOUT if near.bits <= BITS else _NEAR_LAYOUT):
        return None
    limit = BITS if near.bits <= BITS else NEAR_BITS
    match = _placed(plate, matrix, near.flip, score=256 - near.bits, threshold=256 - limit)
    return _exact(match, near) if match else None


def _exact(match: PictureMatch, near: _Near) -> PictureMatch:
    """The match, called exact if it is in place and has the same hash too."""
    is_exact = match.relation is Relation.NEAR and near.bits <= _SAME_BITS
    return replace(match, relation=Relation.EXACT) if is_exact else match


def _placed(plate: Plate, matrix: Matrix, flip: bool, *, score: int, threshold: int) -> PictureMatch | None:
    """A match of a geometry in fractions, of the mirrored picture if `flip`."""
    if flip:
        matrix = np.array([[-1.0, 0, 1], [0, 1, 0], [0, 0, 1]]) @ matrix
    if (boxes := shared_boxes(matrix)) is None:
        return None
    matrix = matrix / matrix[2, 2]
    return PictureMatch(
        ordinal=plate.ordinal,
        reference=plate.reference,
        relation=_relation(matrix, flip),
        score=score,
        threshold=threshold,
        region=boxes[0],
        reference_region=boxes[1],
        flip=flip,
        scale=zoom(matrix),
        homography=tuple(float(number) for number in matrix.ravel()),
    )


def _relation(matrix: Matrix, flip: bool) -> Relation:
    if not flip and in_place(matrix, (1, 1), (1, 1)):
        return Relation.NEAR
    corners = map_points(matrix, UNIT)
    if corners is None or not ((corners > -0.1) & (corners < 1.1)).all():
        return framing(1.0, flip=flip)
    return framing(float(np.ptp(corners, axis=0).max()), flip=flip)
