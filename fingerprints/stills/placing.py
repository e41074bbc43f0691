"""A reference found in a picture: where it is, at which scale and orientation, and how it was found."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from fingerprints.model import KeyImage
from fingerprints.stills.geometry import UNIT, Matrix, in_place, map_points, shared_boxes, zoom
from fingerprints.vocabulary import Relation
from media.place import Box

__all__ = ["PictureMatch", "framing", "lift_match", "mark_exact", "place_match"]

_SAME_BITS: Final = 8
"""Within which a picture in place is called exact."""
_INSIDE: Final = 0.75
"""A reference that is shown whole on less of the frame's side is embedded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureMatch:
    """One reference in one picture."""

    ordinal: int
    reference: str
    """The reference's id."""
    relation: Relation
    score: int
    """Distinct points that agree; for a match by hash, 256 less the bits that differ."""
    threshold: int
    """What the score must reach."""
    region: Box
    """In the picture."""
    reference_region: Box
    """The part of the reference that is shown."""
    flip: bool
    scale: float
    """The side of the frame that the whole reference would fill: 1.25 is cropped, 0.33 is an inset."""
    negative: bool = False
    """Whether light and dark are exchanged."""
    is_doubtful: bool = False
    """Whether parts are displaced, so that it may be another photograph of the same place, or an altered copy."""
    homography: tuple[float, ...]
    """Nine numbers by rows: fractions of the reference to fractions of the picture as it is."""

    @property
    def matrix(self) -> Matrix:
        """The homography."""
        return np.array(self.homography, np.float64).reshape(3, 3)


def place_match(key_image: KeyImage, matrix: Matrix, flip: bool, *, score: int, threshold: int) -> PictureMatch | None:
    """A match of a geometry in fractions, of the mirrored picture if `flip`."""
    if flip:
        matrix = np.array([[-1.0, 0, 1], [0, 1, 0], [0, 0, 1]]) @ matrix
    if (boxes := shared_boxes(matrix)) is None:
        return None
    matrix = matrix / matrix[2, 2]
    return PictureMatch(
        ordinal=key_image.ordinal,
        reference=key_image.reference,
        relation=_relation(matrix, flip),
        score=score,
        threshold=threshold,
        region=boxes[0],
        reference_region=boxes[1],
        flip=flip,
        scale=zoom(matrix),
        homography=tuple(float(number) for number in matrix.ravel()),
    )


def lift_match(match: PictureMatch, back: Matrix) -> PictureMatch:
    """A match in a part of a picture, as one in the picture; `back` takes fractions of the part there."""
    matrix = back @ match.matrix
    x, y, w, h = (side / 100 for side in (match.region.x, match.region.y, match.region.w, match.region.h))
    corners = map_points(back, UNIT * (w, h) + (x, y))
    return replace(
        match,
        relation=_relation(matrix, match.flip),
        region=match.region if corners is None else Box.around(np.clip(corners, 0, 1)),
        scale=zoom(matrix),
        homography=tuple(float(number) for number in (matrix / matrix[2, 2]).ravel()),
    )


def mark_exact(match: PictureMatch, bits: int) -> PictureMatch:
    """The match, with relation exact if it is in place and has the same hash too."""
    is_exact = match.relation is Relation.NEAR and bits <= _SAME_BITS
    return replace(match, relation=Relation.EXACT) if is_exact else match


def framing(side: float, *, flip: bool) -> Relation:
    """The part of the frame's side that the whole reference takes, where it is not in place."""
    if flip:
        return Relation.MIRRORED
    return Relation.EMBEDDED if side < _INSIDE else Relation.REFRAMED


def _relation(matrix: Matrix, flip: bool) -> Relation:
    if not flip and in_place(matrix, (1, 1), (1, 1)):
        return Relation.NEAR
    corners = map_points(matrix, UNIT)
    if corners is None or not ((corners > -0.1) & (corners < 1.1)).all():
        return framing(1.0, flip=flip)
    return framing(float(np.ptp(corners, axis=0).max()), flip=flip)
