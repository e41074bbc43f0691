"""Two pictures of one thing, laid over each other: the same raster, resolution, sharpness and tones.

Everything here is fitted *robustly*: what was altered must not bend the fit of what was not.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from fingerprints.geometry import UNIT, Matrix, map_points
from fingerprints.model import Picture

__all__ = ["CANVAS", "Pair", "registered"]

CANVAS = 640
"""The longer side at which pictures are compared, at most; less where one of them has less."""
_LEAST = 96
"""A shorter side of fewer pixels shows too little to judge."""
_ROUNDS = 4
_KEEP = 0.7
"""Of the pixels, those that fit best, from which the next round's fit is made."""

Levels = NDArray[np.float32]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """Both in the reference's frame. Levels are 0 to 255; colours are CIE Lab as OpenCV scales them."""

    reference: Levels
    """Rows × columns × L, a, b."""
    picture: Levels
    """The same, its tones matched to the reference's."""
    valid: Mask
    """Where both are."""
    shift: float
    """By how many levels the tones had to be changed: 0 says that nothing was graded."""
    sharper: float
    """How much more fine detail the picture has than the reference: 1 says as much."""
    has_colour: tuple[bool, bool]
    """Whether the reference, and whether the picture, is more than shades of one tone."""


def registered(picture: Picture, reference: Picture, matrix: Matrix, seen: NDArray[np.uint8]) -> Pair | None:
    """Lay a picture over its reference, of whose geometry `matrix` (fractions to fractions) is a good guess.

    `seen` is 1 where the picture is, 0 in its bars and under overlays. Nothing if too little is left.
    """
    there, here, valid = _same_raster(picture, reference, matrix, seen)
    if min(there.shape[:2]) < _LEAST or valid.mean() < 0.03:
        return None
    here, valid = _aligned(there, here, valid)
    there_lab, here_lab = (_lab(image) for image in (there, here))
    sharper = _detail(here_lab[..., 0], valid) / max(_detail(there_lab[..., 0], valid), 1e-3)
    there_lab, here_lab = _same_sharpness(there_lab, here_lab, valid)
    matched, shift = _same_tones(there_lab, here_lab, valid)
    colour = (_is_coloured(there_lab, valid), _is_coloured(here_lab, valid))
    return Pair(there_lab, matched, valid, shift, sharper, colour)


def _same_raster(
    picture: Picture, reference: Picture, matrix: Matrix, seen: NDArray[np.uint8]
) -> tuple[Picture, Picture, Mask]:
    height, width = reference.shape[:2]
    rows, columns = picture.shape[:2]
    corners = map_points(matrix, UNIT)
    if corners is None:
        return reference, reference, np.zeros((height, width), bool)
    x, y = (corners * (columns, rows)).T
    side = np.sqrt(abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2 / (width * height))
    scale = min(1.0, side, CANVAS / max(width, height))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    there = cv2.resize(_rgb(reference), size, interpolation=cv2.INTER_AREA)
    less = min(1.0, scale / side)
    small = (max(8, round(columns * less)), max(8, round(rows * less)))
    near = cv2.resize(_rgb(picture), small, interpolation=cv2.INTER_AREA)
    mask = cv2.resize(seen, small, interpolation=cv2.INTER_NEAREST)
    to = np.diag([*small, 1.0]) @ matrix @ np.diag([1 / size[0], 1 / size[1], 1.0])
    how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    here = cv2.warpPerspective(near, to, size, flags=how, borderMode=cv2.BORDER_REPLICATE)
    valid = cv2.warpPerspective(mask, to, size, flags=cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP)
    return np.asarray(there, np.uint8), np.asarray(here, np.uint8), _shrunk(valid > 0, 3)


def _aligned(there: Picture, here: Picture, valid: Mask) -> tuple[Picture, Mask]:
    """The last pixel, by enhanced correlation; as it was where that does not converge."""
    greys = [cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) for image in (there, here)]
    start = np.eye(3, dtype=np.float32)
    stop = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 40, 1e-5)
    try:
        _, found = cv2.findTransformECC(
            greys[0], greys[1], start, cv2.MOTION_HOMOGRAPHY, stop, valid.astype(np.uint8), 5
        )
    except cv2.error:
        return here, valid
    size = (there.shape[1], there.shape[0])
    moved = map_points(np.asarray(found, np.float64), UNIT * size)
    if moved is None or np.abs(moved - UNIT * size).max() > 0.04 * max(size):
        return here, valid
    how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    again = cv2.warpPerspective(here, found, size, flags=how, borderMode=cv2.BORDER_REPLICATE)
    still = cv2.warpPerspective(valid.astype(np.uint8), found, size, flags=cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP)
    return np.asarray(again, np.uint8), still > 0


def _same_sharpness(there: Levels, here: Levels, valid: Mask) -> tuple[Levels, Levels]:
    """The sharper one is blurred until it shows no more detail than the other."""
    there, here = (np.asarray(cv2.GaussianBlur(image, (0, 0), 1.0), np.float32) for image in (there, here))
    pair = [there, here]
    details = [_detail(image[..., 0], valid) for image in pair]
    which = int(details[1] > details[0])
    best = pair[which]
    for sigma in (0.6, 0.9, 1.3, 1.8, 2.5, 3.5):
        if _detail(best[..., 0], valid) <= 1.08 * details[1 - which]:
            break
        best = np.asarray(cv2.GaussianBlur(pair[which], (0, 0), sigma), np.float32)
    pair[which] = best
    return pair[0], pair[1]


def _same_tones(there: Levels, here: Levels, valid: Mask) -> tuple[Levels, float]:
    """The picture with the reference's light and colours, and by how much that changed it."""
    light = _curve(here[..., 0], there[..., 0], valid)
    light = light + _field(there[..., 0] - light, valid)
    colours = _affine(np.dstack([light, here[..., 1:]]), there[..., 1:], valid)
    matched = np.dstack([light, colours]).astype(np.float32)
    return matched, float(np.abs(matched - here)[valid].mean())


def _curve(source: Levels, target: Levels, valid: Mask) -> Levels:
    """Target's level for each of source's, by medians, again without what fitted worst."""
    kept = valid
    bins = np.linspace(0, 256, 33)
    centres = (bins[1:] + bins[:-1]) / 2
    made = source
    for _ in range(_ROUNDS):
        values, wanted = source[kept], target[kept]
        which = np.clip(np.digitize(values, bins) - 1, 0, 31)
        order = np.lexsort((wanted, which))
        starts = np.searchsorted(which[order], np.arange(33))
        counts = np.diff(starts)
        good = counts >= max(20, len(values) // 2000)
        if good.sum() < 2:
            return source
        medians = np.array([np.median(wanted[order[a:b]]) for a, b in zip(starts[:-1][good], starts[1:][good], strict=True)])
        made = np.interp(source, centres[good], np.maximum.accumulate(medians)).astype(np.float32)
        kept = _fitting(np.abs(made - target), valid)
    return made


def _field(residual: Levels, valid: Mask) -> Levels:
    """Light that falls off: the residual as a square polynomial of the place."""
    rows, columns = np.mgrid[-1 : 1 : residual.shape[0] * 1j, -1 : 1 : residual.shape[1] * 1j].astype(np.float32)
    terms = np.stack([np.ones_like(rows), rows, columns, rows * columns, rows**2, columns**2], axis=-1)
    kept, made = valid, np.zeros_like(residual)
    for _ in range(_ROUNDS):
        fit = np.linalg.lstsq(terms[kept][::7], np.clip(residual[kept], -40, 40)[::7], rcond=None)[0]
        made = np.asarray(terms @ fit, np.float32)
        kept = _fitting(np.abs(made - residual), valid)
    return made


def _affine(source: Levels, target: Levels, valid: Mask) -> Levels:
    """Target's two colours as an affine function of source's light and colours."""
    terms = np.dstack([source, source[..., :1] ** 2 / 255, np.full(source.shape[:2], 255, np.float32)]) / 255
    kept, made = valid, target
    for _ in range(_ROUNDS):
        fit = np.linalg.lstsq(terms[kept][::5], target[kept][::5], rcond=None)[0]
        made = np.asarray(terms @ fit, np.float32)
        kept = _fitting(np.abs(made - target).sum(axis=2), valid)
    return made


def _fitting(residual: Levels, valid: Mask) -> Mask:
    return valid & (residual <= np.quantile(residual[valid], _KEEP))


def _detail(light: Levels, valid: Mask) -> float:
    fine = np.abs(light - cv2.GaussianBlur(light, (0, 0), 1.5))[valid]
    return float(np.quantile(fine, 0.8)) if fine.size else 0.0


def _is_coloured(lab: Levels, valid: Mask) -> bool:
    """Whether colours vary by more than light explains: a sepia print is one tone."""
    terms = np.stack([np.ones(int(valid.sum())), lab[..., 0][valid], lab[..., 0][valid] ** 2], axis=-1)[::7]
    colours = lab[..., 1:][valid][::7]
    fit = np.linalg.lstsq(terms, colours, rcond=None)[0]
    return bool(np.sqrt(((colours - terms @ fit) ** 2).sum(axis=1).mean()) > 3.0)


def _shrunk(mask: Mask, pixels: int) -> Mask:
    framed = cv2.copyMakeBorder(mask.astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    kernel = np.ones((2 * pixels + 1, 2 * pixels + 1), np.uint8)
    return np.asarray(cv2.erode(framed, kernel)[1:-1, 1:-1] > 0)


def _rgb(picture: Picture) -> Picture:
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_GRAY2RGB), np.uint8) if picture.ndim == 2 else picture


def _lab(image: Picture) -> Levels:
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2LAB), np.float32)
