"""Aligns two pictures of one subject: the same raster, resolution, sharpness and grade.

Every fit is *robust*: altered parts must not affect it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from fingerprints.stills.geometry import UNIT, Matrix, map_points
from fingerprints.stills.grading import grade_alike
from fingerprints.stills.neighbours import covered
from media.still import Picture

__all__ = ["CANVAS", "AlignedPair", "Levels", "Mask", "eroded", "registered"]

CANVAS = 640
"""The longer side at which pictures are compared, at most; less where one of them has less."""
_LEAST = 96
"""A shorter side of fewer pixels shows too little to judge."""
_FARTHEST = 0.12
"""Of the side, that the guess may be off: points on a part of a picture tell little of the rest."""
_REACH = 10
"""Pixels that the filter between two sharpnesses may reach: a movement of twice as many is undone."""
_RIDGE = 1e-3
"""Of the reference's energy: keeps the filter from following noise."""

Levels = NDArray[np.float32]
Mask = NDArray[np.bool_]
Grey = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class AlignedPair:
    """Both in the reference's frame. Levels are 0 to 255; colours are CIE Lab as OpenCV scales them."""

    reference: Levels
    """Rows × columns × L, a, b; graded as the picture was."""
    picture: Levels
    """The picture in the same form."""
    valid: Mask
    """Where both exist."""
    matrix: Matrix
    """Maps fractions of the reference to fractions of the picture, as fitted best."""
    shift: float
    """Levels by which the grade changed the reference: 0 means that nothing was graded."""
    sharper: float
    """Fine detail of the picture relative to the reference: 1 means as much."""
    has_colour: tuple[bool, bool]
    """Whether the reference, and whether the picture, is more than shades of one tone."""


@dataclass(frozen=True, slots=True, eq=False)
class _Scaled:
    """The two at the lower resolution of both, each in its own frame."""

    reference: Picture
    picture: Picture
    seen: Grey
    """1 where the picture is."""
    matrix: Matrix
    """Pixels of the reference to pixels of the picture."""


def registered(picture: Picture, reference: Picture, matrix: Matrix, seen: Grey) -> AlignedPair | None:
    """Align a picture with its reference; `matrix` (fractions to fractions) is a good first estimate of the geometry.

    `seen` is 1 where the picture is, 0 in its bars and under overlays. None if too little is left.
    """
    scaled = _scaled(picture, reference, matrix, seen)
    if scaled is None or min(scaled.reference.shape[:2]) < _LEAST or _laid(scaled, scaled.matrix)[1].mean() < 0.03:
        return None
    there_lab = _lab(scaled.reference)
    fitting = _aligned(scaled)
    here_lab, valid, beside = _laid_beside(scaled, there_lab, fitting)
    if beside.any():
        # Another picture beside it, as in a split screen, may have bent the geometry.
        scaled = _without(scaled, _laid_beside(scaled, there_lab, scaled.matrix)[2])
        fitting = _aligned(scaled)
        here_lab, valid, beside = _laid_beside(scaled, there_lab, fitting)
    valid &= ~beside
    if not valid.any():
        return None
    sharper = _detail(here_lab[..., 0], valid) / max(_detail(there_lab[..., 0], valid), 1e-3)
    colour = (_is_coloured(there_lab, valid), _is_coloured(here_lab, valid))
    graded = grade_alike(there_lab, here_lab, valid)
    graded[..., 0] = _same_sharpness(graded[..., 0], here_lab[..., 0], valid)
    shift = float(np.abs(graded - there_lab)[valid].mean())
    size, other = (np.array(image.shape[1::-1], float) for image in (scaled.reference, scaled.picture))
    found = np.diag([*(1 / other), 1.0]) @ fitting @ np.diag([*size, 1.0])
    return AlignedPair(graded, here_lab, valid, found / found[2, 2], shift, sharper, colour)


def _scaled(picture: Picture, reference: Picture, matrix: Matrix, seen: Grey) -> _Scaled | None:
    height, width = reference.shape[:2]
    rows, columns = picture.shape[:2]
    corners = map_points(matrix, UNIT)
    if corners is None:
        return None
    x, y = (corners * (columns, rows)).T
    side = np.sqrt(abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2 / (width * height))
    scale = min(1.0, side, CANVAS / max(width, height))
    less = min(1.0, scale / max(side, 1e-6))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = (max(8, round(columns * less)), max(8, round(rows * less)))
    there, here = (
        np.asarray(cv2.resize(_rgb(image), to, interpolation=cv2.INTER_AREA), np.uint8)
        for image, to in ((reference, size), (picture, small))
    )
    mask = np.asarray(cv2.resize(seen, small, interpolation=cv2.INTER_NEAREST), np.uint8)
    pixels = np.diag([*small, 1.0]) @ matrix @ np.diag([1 / size[0], 1 / size[1], 1.0])
    return _Scaled(there, here, mask, pixels / pixels[2, 2])


def _laid_beside(scaled: _Scaled, there: Levels, matrix: Matrix) -> tuple[Levels, Mask, Mask]:
    """The picture as Lab in the reference's frame, where it is there, and where it is another picture beside the
    reference's. `there` is the reference as Lab."""
    here, valid = _laid(scaled, matrix)
    lab = _lab(here)
    return lab, valid, covered(there[..., 0], lab[..., 0], valid)


def _without(scaled: _Scaled, beside: Mask) -> _Scaled:
    """The two, with a part of the reference's frame that the picture does not show."""
    if not beside.any():
        return scaled
    size = scaled.seen.shape[::-1]
    hidden = cv2.warpPerspective(beside.astype(np.uint8), scaled.matrix, size, flags=cv2.INTER_NEAREST)
    return replace(scaled, seen=np.asarray(np.where(hidden > 0, 0, scaled.seen), np.uint8))


def _laid(scaled: _Scaled, matrix: Matrix) -> tuple[Picture, Mask]:
    """The picture in the reference's frame, and where it is there."""
    size = (scaled.reference.shape[1], scaled.reference.shape[0])
    how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    here = cv2.warpPerspective(scaled.picture, matrix, size, flags=how, borderMode=cv2.BORDER_REPLICATE)
    valid = cv2.warpPerspective(scaled.seen, matrix, size, flags=cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP)
    return np.asarray(here, np.uint8), eroded(valid > 0, 3)


def _aligned(scaled: _Scaled) -> Matrix:
    """The geometry to the last pixel, by enhanced correlation from coarse to fine; the guess where that is no better.

    A few points can claim a keystone that is none: the guess is also tried without it.
    """
    there, here = (_grey(one) for one in (scaled.reference, scaled.picture))
    guess = scaled.matrix
    corners = UNIT * there.shape[1::-1]
    first, *finer = [less for less in (4, 2, 1) if less == 1 or min(there.shape) >= 72 * less]
    frontal = _step(there, here, scaled.seen, _frontal(guess, corners), first, cv2.MOTION_AFFINE)[1]
    starts = [_step(there, here, scaled.seen, start, first) for start in (guess, frontal)]
    _, found = max(starts, key=lambda start: start[0])
    for less in finer:
        _, found = _step(there, here, scaled.seen, found, less)
    before, after = (map_points(matrix, corners) for matrix in (guess, found))
    if before is None or after is None or np.abs(after - before).max() > _FARTHEST * max(np.ptp(before, axis=0)):
        return guess
    better = _correlation(there, scaled, found) > _correlation(there, scaled, guess)
    return found if better else guess


def _frontal(matrix: Matrix, corners: NDArray[np.float64]) -> Matrix:
    """The nearest geometry without perspective."""
    moved = map_points(matrix, corners)
    if moved is None:
        return matrix
    rows = np.linalg.lstsq(np.c_[corners, np.ones(4)], moved, rcond=None)[0].T
    return np.vstack([rows, [0.0, 0.0, 1.0]])


def _step(
    there: Grey, here: Grey, seen: Grey, start: Matrix, less: int, motion: int = cv2.MOTION_HOMOGRAPHY
) -> tuple[float, Matrix]:
    """A better geometry found at a part of the size, and its correlation; the same one where it does not converge."""
    one, other, mask = (
        cv2.resize(image, (max(1, image.shape[1] // less), max(1, image.shape[0] // less)), interpolation=how)
        for image, how in ((there, cv2.INTER_AREA), (here, cv2.INTER_AREA), (seen, cv2.INTER_NEAREST))
    )
    grow = np.diag([less, less, 1.0])
    guess = np.linalg.inv(grow) @ start @ grow
    rows = 3 if motion == cv2.MOTION_HOMOGRAPHY else 2
    stop = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 30 if less < 4 else 60, 1e-5)
    try:
        score, found = cv2.findTransformECC(one, other, guess[:rows].astype(np.float32), motion, stop, mask, 5)
    except cv2.error:
        return -1.0, start
    whole = np.vstack([found, [0.0, 0.0, 1.0]])[:3].astype(np.float64)
    return float(score), grow @ whole @ np.linalg.inv(grow)


def _correlation(there: Grey, scaled: _Scaled, matrix: Matrix) -> float:
    here, valid = _laid(scaled, matrix)
    if not valid.any():
        return -1.0
    return float(cv2.computeECC(there, _grey(here), valid.astype(np.uint8)))


def _same_sharpness(there: Levels, here: Levels, valid: Mask) -> Levels:
    """The reference through the filter that makes it most like the picture: blur, movement, sharpening.

    One small kernel for all of it, by least squares over what both show; an altered part bends it little.
    """
    one, other = (np.where(valid, light - cv2.GaussianBlur(light, (0, 0), 8), 0) for light in (there, here))
    reach = 2 * _REACH
    shape = [cv2.getOptimalDFTSize(side + reach) for side in one.shape]
    wave, wanted = np.fft.rfft2(one, shape), np.fft.rfft2(other, shape)
    own = np.fft.irfft2(np.abs(wave) ** 2, shape)
    shared = np.fft.irfft2(np.conj(wave) * wanted, shape)
    steps = np.arange(-_REACH, _REACH + 1)
    rows, columns = (grid.ravel() for grid in np.meshgrid(steps, steps, indexing="ij"))
    matrix = own[rows[:, None] - rows[None, :], columns[:, None] - columns[None, :]]
    matrix[np.diag_indices_from(matrix)] += _RIDGE * own[0, 0]
    kernel = np.linalg.solve(matrix, shared[rows, columns]).reshape(len(steps), len(steps))
    base = cv2.GaussianBlur(there, (0, 0), 8)
    made = cv2.filter2D(there - base, cv2.CV_32F, kernel[::-1, ::-1].astype(np.float32))
    return np.asarray(base + made, np.float32)


def _detail(light: Levels, valid: Mask) -> float:
    fine = np.abs(light - cv2.GaussianBlur(light, (0, 0), 1.5))[valid]
    return float(np.quantile(fine, 0.8)) if fine.size else 0.0


def _is_coloured(lab: Levels, valid: Mask) -> bool:
    """Whether colours vary by more than light explains: a sepia print is one tone."""
    terms = np.stack([np.ones(int(valid.sum())), lab[..., 0][valid], lab[..., 0][valid] ** 2], axis=-1)[::7]
    colours = lab[..., 1:][valid][::7]
    fit = np.linalg.lstsq(terms, colours, rcond=None)[0]
    return bool(np.sqrt(((colours - terms @ fit) ** 2).sum(axis=1).mean()) > 3.0)


def eroded(mask: Mask, pixels: int) -> Mask:
    """The mask without so many pixels at its border, nor at the picture's."""
    framed = cv2.copyMakeBorder(mask.astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    kernel = np.ones((2 * pixels + 1, 2 * pixels + 1), np.uint8)
    return np.asarray(cv2.erode(framed, kernel)[1:-1, 1:-1] > 0)


def _grey(picture: Picture) -> Grey:
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8)


def _rgb(picture: Picture) -> Picture:
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_GRAY2RGB), np.uint8) if picture.ndim == 2 else picture


def _lab(image: Picture) -> Levels:
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2LAB), np.float32)
