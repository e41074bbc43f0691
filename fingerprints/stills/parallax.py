"""Decides whether a picture is another photograph of the same place, by displaced parts.

A copy of a photograph, a print of it or a screen that shows it is flat: one smooth geometry maps all of it to the
reference. Another photograph was taken from another place, and what is nearer or farther than the façade that registers
is displaced; people, cars and shadows have moved. An edited copy has displaced parts too; the rest of it is where the
reference has it, to the pixel, and is equal to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from fingerprints.stills.detail import blocks_alike
from fingerprints.stills.geometry import Matrix
from fingerprints.stills.laying import band, lay_over
from fingerprints.stills.verify import PreparedPicture, Registration
from media.still import Picture

__all__ = ["Sameness", "judge_sameness", "part_displaced"]

_SIDE: Final = 480
"""Pixels of the longer side of what is shared, at which blocks are compared."""
_BLOCK: Final = 24
_REACH: Final = 8
"""Pixels each way within which a block is looked for."""
_TEXTURE: Final = 3.0
"""Grey levels by which a block's detail must vary, in both pictures."""
_CORNER: Final = 0.1
"""The lesser of a block's two gradients by the greater: along an edge, nothing says where it lies."""
_FOUND: Final = 0.7
"""Correlation at which a block is found again."""
_BESIDE: Final = 1.5
"""Pixels by which a block lies beside the smooth geometry of all."""
_BETTER: Final = 0.04
"""How much better it correlates there: scan lines and blur move the best place, and change the correlation little."""
_DOUBT: Final = 0.7
"""Of what the middle block's correlation lacks: in what is blurred or shone through, so much says nothing."""
_DEGREE: Final = 3
"""Of the smooth geometry: a lens bends by the third power."""
_FEWEST: Final = 40
"""Blocks that must be found again; with fewer nothing is stated."""
_MOST: Final = 0.057
"""Part of them that may lie beside: of planted pictures 0.053 did at most, of other photographs 0.061 at least."""
_MIRRORED: Final = 0.03
"""The same of a mirrored picture: a façade that is symmetrical about is its own mirror image."""
_EQUAL: Final = (0.985, 0.078)
"""Middle correlation where the agreeing points lie, and what may lie beside then: next to half a picture is another."""
_FRAMED: Final = (50, 0.12)
"""Bits of a view within which a picture has a framing of the reference, and what may lie beside then. What a model
paints anew wanders by pixels: 0.08 were displaced at most; of another photograph so near 0.21 were."""
_SHONE_THROUGH: Final = (64, 0.85)
"""Bits of a view, and correlation of four fifths of the blocks that are not displaced, at most, of a picture that fills
its frame as the reference fills its own and that another one shines through: as much may lie beside. Two photographs
from nearly one place correlate by 0.92."""
_EXACT: Final = 0.35
"""Pixels by which points are off: under that, the frame is the reference's own."""
_TURNS: Final = 12
_COPIED: Final = ((0.3, 0.93), (0.6, 0.95))
"""Pixels by which the middle block that is not displaced lies beside, at most, and the correlation that four fifths of
these blocks have, at least: of an edited copy. Of 99 registrations of other photographs none had either."""
_DOUBTED: Final = (0.15, 0.93, 80)
"""Part that lies beside, at most, correlation of four fifths of the others, at least, or bits of a view, at most: what
a model painted anew may be so displaced, and another photograph too."""

Blocks = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float32]]
"""Places of blocks (N × 2), where they are found from there (N × 2), and all correlations around (N × 17 × 17)."""


class Sameness(Enum):
    """Whether a picture that registers is a copy of the reference, edited or not, or another photograph."""

    COPY = "copy"
    DOUBTFUL = "doubtful"
    """Either: a person must check."""
    ANOTHER = "another"


@dataclass(frozen=True, slots=True)
class _Displacement:
    """Of the blocks that a picture and its reference share."""

    part: float
    """Of them that lie beside where the geometry of all lays them, 0 to 1."""
    offset: float = 0.0
    """Pixels by which the middle one of the others lies beside."""
    alike: float = 1.0
    """Correlation that four fifths of the others have."""

    @property
    def is_of_copy(self) -> bool:
        """Whether all that is not displaced is the reference's own, to the pixel."""
        return any(self.offset <= offset and self.alike >= alike for offset, alike in _COPIED)


def judge_sameness(look: PreparedPicture, found: Registration, picture: Picture, bits: int = 256) -> Sameness:
    """Whether the look was taken from another place than the reference that was registered in it.

    `picture` is the reference as grey, as large as its features say; by `bits` the nearest hash of a view differs.
    """
    is_framed = bits <= _FRAMED[0]
    if found.error <= _EXACT or (is_framed and found.in_place):
        return Sameness.COPY
    displacement = _displacement(look, found.homography, picture)
    displaced = displacement.part
    is_shone_through = found.in_place and not look.flip and bits <= _SHONE_THROUGH[0]
    is_shone_through = is_shone_through and displacement.alike <= _SHONE_THROUGH[1]
    most = _FRAMED[1] if is_framed or is_shone_through else _MIRRORED if look.flip else _MOST
    if displaced <= most or displacement.is_of_copy:
        return Sameness.COPY
    if displaced <= max(most, _EQUAL[1]):
        blocks = blocks_alike(look, found, picture)
        near = blocks.alike[blocks.within]
        if len(near) and float(np.median(near)) >= _EQUAL[0]:
            return Sameness.COPY
    part, alike, near_bits = _DOUBTED
    is_doubtful = displaced <= part or displacement.alike >= alike or bits <= near_bits
    return Sameness.DOUBTFUL if is_doubtful else Sameness.ANOTHER


def part_displaced(look: PreparedPicture, matrix: Matrix, picture: Picture) -> float:
    """The part of the shared blocks that are displaced from the geometry of all, 0 to 1; 0 if there are few."""
    return _displacement(look, matrix, picture).part


def _displacement(look: PreparedPicture, matrix: Matrix, picture: Picture) -> _Displacement:
    places, shifts, around = _blocks(look, matrix, picture)
    if len(places) < _FEWEST:
        return _Displacement(0.0)
    expected = _smooth(places, shifts)
    offsets = np.hypot(*(shifts - expected).T)
    at = np.clip(np.rint(expected), -_REACH, _REACH).astype(int) + _REACH
    there = np.array([_about(one, int(x), int(y)) for one, (x, y) in zip(around, at, strict=True)])
    better = max(_BETTER, _DOUBT * (1 - float(np.median(there))))
    displaced = (offsets > _BESIDE) & (around.max(axis=(1, 2)) - there >= better)
    if displaced.all():
        return _Displacement(1.0, float(_REACH), 0.0)
    offset, alike = float(np.median(offsets[~displaced])), float(np.quantile(there[~displaced], 0.2))
    return _Displacement(float(displaced.mean()), offset, alike)


def _about(likeness: NDArray[np.float32], x: int, y: int) -> float:
    """The best within a pixel of a place."""
    return float(likeness[max(0, y - 1) : y + 2, max(0, x - 1) : x + 2].max())


def _blocks(look: PreparedPicture, matrix: Matrix, picture: Picture) -> Blocks:
    """Blocks of the reference that have corners and are found again in the look laid over it."""
    over = lay_over(look, matrix, picture, _SIDE)
    one, other = band(over.reference), band(over.look)
    places, shifts, around = [], [], []
    for x, y in _chequered(over.mask.shape):
        block = np.s_[y : y + _BLOCK, x : x + _BLOCK]
        wide = np.s_[y - _REACH : y + _BLOCK + _REACH, x - _REACH : x + _BLOCK + _REACH]
        if over.pictured[block].mean() < 0.5 or not over.mask[wide].all():
            continue
        if min(one[block].std(), other[block].std()) < _TEXTURE:
            continue
        if not _has_corner(one[block]):
            continue
        likeness = cv2.matchTemplate(other[wide], one[block], cv2.TM_CCOEFF_NORMED)
        best = np.unravel_index(int(likeness.argmax()), likeness.shape)
        if likeness[best] >= _FOUND:
            places.append((x, y))
            shifts.append((best[1] - _REACH, best[0] - _REACH))
            around.append(likeness)
    many = (0, 2 * _REACH + 1, 2 * _REACH + 1)
    stacked = np.array(around, np.float32) if around else np.zeros(many, np.float32)
    return np.array(places, np.float64).reshape(-1, 2), np.array(shifts, np.float64).reshape(-1, 2), stacked


def _chequered(shape: tuple[int, ...]) -> Iterator[tuple[int, int]]:
    """Upper left corners of blocks half a block apart, every second of them."""
    step, (height, width) = _BLOCK // 2, shape
    for row, y in enumerate(range(_REACH, height - _BLOCK - _REACH + 1, step)):
        yield from ((x, y) for x in range(_REACH + step * (row % 2), width - _BLOCK - _REACH + 1, 2 * step))


def _has_corner(block: NDArray[np.float32]) -> bool:
    across, down = np.diff(block, axis=1)[:-1].ravel(), np.diff(block, axis=0)[:, :-1].ravel()
    least, most = np.linalg.eigvalsh(np.array([[across @ across, across @ down], [across @ down, down @ down]]))
    return bool(least > _CORNER * most)


def _smooth(places: NDArray[np.float64], shifts: NDArray[np.float64]) -> NDArray[np.float64]:
    """The shifts that a smooth geometry through most of them has at these places."""
    x, y = ((places - places.mean(axis=0)) / 200).T
    powers = [x**i * y**j for i in range(_DEGREE + 1) for j in range(_DEGREE + 1 - i)]
    terms, weights = np.stack(powers, axis=1), np.ones((len(x), 1))
    smooth = np.zeros_like(shifts)
    for _ in range(_TURNS):
        smooth = terms @ np.linalg.lstsq(terms * weights, shifts * weights, rcond=None)[0]
        weights = 1 / np.sqrt(1 + ((shifts - smooth) ** 2).sum(axis=1, keepdims=True))
    return smooth
