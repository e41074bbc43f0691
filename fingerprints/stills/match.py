"""Finds the references of a library that a picture shows. Candidates by hash and by votes of features; each is
verified.

A candidate is a match by its features (`verify`), or, where a picture has too few points for that, by a near hash of a
view whose layout agrees over the whole of it.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator
from dataclasses import replace
from functools import cache, partial
from itertools import chain
from typing import Protocol

import cv2
import numpy as np

from fingerprints.index.descriptors import DescriptorIndex
from fingerprints.index.index import JoinedIndex
from fingerprints.model import Features, KeyImage
from fingerprints.prints import features, views
from fingerprints.prints.line_up import line_up_of
from fingerprints.prints.panels import MOST
from fingerprints.stills import verify
from fingerprints.stills.detail import resembles, stands
from fingerprints.stills.geometry import Matrix, inverse
from fingerprints.stills.parallax import Sameness, judge_sameness
from fingerprints.stills.parts import Crop, laid_in, parts_of
from fingerprints.stills.placing import PictureMatch, lift_match, mark_exact, place_match
from fingerprints.stills.proposals import BITS, NEAR_BITS, Near, Way, nearest, voted
from fingerprints.stills.verify import INLIERS, PreparedPicture, Registration
from fingerprints.vocabulary import LineUp, Relation
from media.still import Picture, grey

__all__ = ["BITS", "Matcher", "Shelf", "geometry"]

_LAYOUT, _NEAR_LAYOUT = 0.6, 0.9
"""Agreement of a hash within the narrower radius, and within the wider."""
_COVERED = 0.15
"""Part of a picture under letters and plates from which it is also looked up without them."""
_REDRAWN = (218, 60)
"""Bits that agree, at least, and points, at most, of a picture that was painted anew in its place."""
_CORNER = (0.2, 25)
"""Of a reference that lies in a part of a picture: less of it needs as many points."""
_PAGE = 0.6
"""Of a reference: letters that are less of it are not what it shows."""

Looks = tuple[PreparedPicture, PreparedPicture]
"""A picture as it is, and mirrored."""


class Shelf(Protocol):
    """What a library must offer to be searched."""

    def hash_index(self) -> JoinedIndex:
        """Over all views of all key images."""

    def descriptor_index(self) -> DescriptorIndex:
        """Over all key images' local features."""

    def features(self, ordinal: int) -> Features:
        """The features of one key image."""

    def key_image(self, ordinal: int) -> KeyImage | None:
        """A key image by its ordinal."""

    def thumbnail(self, ordinal: int) -> Picture | None:
        """A small picture of it, if the library has one."""


class Matcher:
    """Looks pictures up in a library. Holds nothing but the library."""

    def __init__(self, library: Shelf) -> None:
        self._library = library

    def match(self, picture: Picture, *, with_doubtful: bool = False) -> tuple[PictureMatch, ...]:
        """All references that the whole picture or an inset in it shows, best first. Doubtful ones if asked for."""
        found: dict[int, PictureMatch] = {}
        doubted: dict[int, PictureMatch] = {}
        whole = verify.looks(picture)
        for part in parts_of(picture, whole[0].grey):
            for match in self._matches(part, whole if part.is_whole else None, found.keys()):
                kept = doubted if match.is_doubtful else found
                kept.setdefault(match.ordinal, match if part.is_whole else lift_match(match, part.back))
        if not found and whole[0].plain.mean() >= _COVERED:
            bare = whole[0].uncovered(), whole[1].uncovered()
            part = Crop(bare[0].grey, np.eye(3), has_points=True, is_whole=True)
            for match in self._matches(part, bare, ()):
                (doubted if match.is_doubtful else found).setdefault(match.ordinal, match)
        if with_doubtful:
            found = {**doubted, **found}
        return tuple(sorted(found.values(), key=lambda match: (-match.score / match.threshold, match.ordinal)))

    def _matches(self, part: Crop, pair: Looks | None, known: Container[int]) -> Iterator[PictureMatch]:
        near = nearest(self._library.hash_index(), part.picture, whole_only=not part.has_points)
        ways = set(near)
        if part.has_points:
            pair = pair or verify.looks(part.picture)
            index = self._library.descriptor_index()
            ways |= {Way(ordinal, look.flip) for look in pair for ordinal in voted(index, look.features)}
        if not ways:
            return
        pair = pair or verify.looks(part.picture)
        negatives = tuple(look.inverted() for look in pair) if any(way.negative for way in ways) else pair
        best: dict[int, PictureMatch] = {}
        for way in sorted(ways):
            if way.ordinal in known:
                continue
            match = self._verified(way, near.get(way), (negatives if way.negative else pair)[way.flip])
            if match is None or (not part.is_whole and _is_scrap(part, match)):
                continue
            kept = best.get(way.ordinal)
            if kept is None or (not match.is_doubtful, match.score) > (not kept.is_doubtful, kept.score):
                best[way.ordinal] = match
        yield from best.values()

    def _verified(self, way: Way, near: Near | None, look: PreparedPicture) -> PictureMatch | None:
        reference = self._library.features(way.ordinal)
        key_image = self._library.key_image(way.ordinal)
        if key_image is None:
            return None
        shown = cache(partial(self._shown, way.ordinal, reference))
        found = verify.register(look, reference)
        if found is not None and stands(look, found, shown):
            bits = near.bits if near else 256
            kept = shown()
            sameness = Sameness.COPY if kept is None else judge_sameness(look, found, kept, bits)
            match = None if sameness is Sameness.ANOTHER else _by_features(key_image, found, look, reference, near)
            if match is not None and sameness is Sameness.DOUBTFUL:
                match = replace(match, is_doubtful=True)
        elif near is not None:
            match = _by_hash(key_image, near, look, reference, shown())
            if match is not None and found is not None and found.accepted and not _is_redrawn(match, found):
                return None  # its points were refused by its detail
        else:
            return None
        if match is None or not way.negative:
            return match
        relation = Relation.NEAR if match.relation is Relation.EXACT else match.relation
        return replace(match, negative=True, relation=relation)

    def _shown(self, ordinal: int, reference: Features) -> Picture | None:
        """A key image as the library keeps it, as large as its features say."""
        kept = self._library.thumbnail(ordinal)
        return None if kept is None else _sized(kept, reference)


def _is_scrap(part: Crop, match: PictureMatch) -> bool:
    """Whether a part of a picture shows too little of a reference: letters, or a corner with few points.

    A column of text that two pages share is not a picture. An inset is shown for the most part.
    """
    shown = match.reference_region.w * match.reference_region.h / 1e4
    if shown < _CORNER[0] and match.threshold == INLIERS and match.score < _CORNER[1]:
        return True
    return shown < _PAGE and line_up_of(features.working(part.picture)) is not LineUp.NO


def _is_redrawn(by_hash: PictureMatch, found: Registration) -> bool:
    """Whether displaced detail may be repainted, and not another view of the same place.

    A repainted picture keeps everything coarse, and few of its points; another view keeps more of these.
    """
    return by_hash.score >= _REDRAWN[0] and found.inliers <= _REDRAWN[1]


def _sized(picture: Picture, reference: Features) -> Picture:
    return np.asarray(cv2.resize(grey(picture), reference.size, interpolation=cv2.INTER_AREA), np.uint8)


def geometry(picture: Picture, reference: Picture) -> Matrix | None:
    """How a picture shows another, by their points: fractions of the other to fractions of the picture."""
    points = features.extract(reference)
    key_image = KeyImage(ordinal=0, reference="", at="", width=points.size[0], height=points.size[1])
    working = features.working(picture)
    for part in chain((Crop(picture, np.eye(3), has_points=True),), laid_in(picture, working, MOST)):
        pair = verify.looks(part.picture)
        best = _registered(pair, points, lambda: _sized(reference, points))
        match = _by_features(key_image, best, pair[best.flip], points, None) if best else None
        if match is not None:
            return lift_match(match, part.back).matrix
    return None


def _registered(pair: Looks, reference: Features, shown: Callable[[], Picture | None]) -> Registration | None:
    """The better of the two that stand."""
    found = [one for look in pair if (one := verify.register(look, reference)) and stands(look, one, shown)]
    return max(found, key=lambda one: one.inliers, default=None)


def _by_features(
    key_image: KeyImage, found: Registration, look: PreparedPicture, reference: Features, near: Near | None
) -> PictureMatch | None:
    width, height = look.features.size
    matrix = np.diag([1 / width, 1 / height, 1.0]) @ found.homography @ np.diag([*reference.size, 1.0])
    match = place_match(key_image, matrix, found.flip, score=found.inliers, threshold=INLIERS)
    return mark_exact(match, near.bits) if match and near else match


def _by_hash(
    key_image: KeyImage, near: Near, look: PreparedPicture, reference: Features, shown: Picture | None
) -> PictureMatch | None:
    """The geometry that the views claim, if the layout agrees, and the detail of the reference, if it is kept."""
    left, top, right, bottom = views.region(near.view, reference.size)
    x0, y0, x1, y1 = near.guise
    if look.flip:
        x0, x1 = 1 - x1, 1 - x0
    across, down = (x1 - x0) / (right - left), (y1 - y0) / (bottom - top)
    matrix = np.array([[across, 0, x0 - left * across], [0, down, y0 - top * down], [0, 0, 1]])
    back = np.diag([*reference.size, 1.0]) @ inverse(matrix)
    back = back @ np.diag([1 / look.features.size[0], 1 / look.features.size[1], 1.0])
    _, agreement = look.agreement(reference, back)
    if agreement < (_LAYOUT if near.bits <= BITS else _NEAR_LAYOUT):
        return None
    if shown is not None and not resembles(look.grey, shown, inverse(back)):
        return None
    limit = BITS if near.bits <= BITS else NEAR_BITS
    match = place_match(key_image, matrix, look.flip, score=256 - near.bits, threshold=256 - limit)
    return mark_exact(match, near.bits) if match else None
