"""Lays a look and a reference over each other, in one frame, and gives the detail in which they are compared."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from fingerprints.stills.geometry import Matrix, inverse, shared_boxes
from fingerprints.stills.verify import PreparedPicture
from media.still import Picture

__all__ = ["Detail", "Mask", "Overlay", "band", "correlation", "laid", "lay_over"]

Detail = NDArray[np.float32]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Overlay:
    """A look aligned with a reference: the part of the reference's frame that the look shows, at one scale."""

    look: Picture
    reference: Picture
    mask: Mask
    """Where the look reaches."""
    seen: Mask
    """Where it is seen there."""
    pictured: Mask
    """Where it is seen and not plain."""
    low: NDArray[np.float64]
    """The upper left corner, in pixels of the reference."""
    scale: float
    """Pixels for each pixel of the reference."""


def lay_over(look: PreparedPicture, matrix: Matrix, picture: Picture, side: int) -> Overlay:
    """Align a look with the reference, as grey, that is registered in it. `matrix`: the reference's pixels to the
    look's.

    The longer side of what both show has `side` pixels, or half as many again as in the reference, if that is less.
    """
    height, width = picture.shape
    low, high = _shown_of(matrix, (width, height), look.grey.shape)
    scale = min(1.5, side / max(1.0, float((high - low).max())))
    size = tuple(np.maximum(1, np.rint((high - low) * scale)).astype(int).tolist())
    zoom = np.array([[scale, 0, -low[0] * scale], [0, scale, -low[1] * scale], [0, 0, 1]])
    back = zoom @ inverse(matrix)
    shown, mask = laid(look.grey, back, size[::-1])
    seen, plain = (cv2.warpPerspective(one.astype(np.float32), back, size) for one in (look.seen, look.plain))
    is_seen = mask & (seen > 0.5)
    reference, _ = laid(picture, zoom, size[::-1])
    return Overlay(shown, reference, mask, is_seen, is_seen & (plain < 0.5), low, scale)


def _shown_of(
    matrix: Matrix, size: tuple[int, int], frame: tuple[int, ...]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The upper left and the lower right corner of what a frame shows of a picture, in the picture's pixels."""
    fractions = np.diag([1 / frame[1], 1 / frame[0], 1.0]) @ matrix @ np.diag([*size, 1.0])
    boxes = shared_boxes(fractions)
    if boxes is None:
        return np.zeros(2), np.array(size, np.float64)
    box = boxes[1]
    low = np.array([box.x, box.y]) / 100 * size
    return low, np.maximum(low + np.array([box.w, box.h]) / 100 * size, low + 1)


def laid(picture: Picture, matrix: Matrix, shape: tuple[int, ...]) -> tuple[Picture, Mask]:
    """The picture in a frame of that shape, and where it is there; softened first where it shrinks."""
    size = shape[1], shape[0]
    shrink = np.clip(np.sqrt(abs(np.linalg.det(matrix[:2, :2]))), 0.05, 1.0)
    soft = cv2.GaussianBlur(picture, (0, 0), 0.5 / shrink) if shrink < 0.8 else picture
    shown = cv2.warpPerspective(soft, matrix, size, flags=cv2.INTER_LINEAR)
    mask = cv2.warpPerspective(np.full(picture.shape, 255, np.uint8), matrix, size)
    return np.asarray(shown, np.uint8), np.asarray(mask) > 250


def correlation(one: Detail, other: Detail) -> float:
    """Of the detail of two pictures of one size, −1 to 1."""
    one, other = one - one.mean(), other - other.mean()
    return float((one * other).sum() / max(float(np.linalg.norm(one) * np.linalg.norm(other)), 1e-3))


def band(grey: Picture, shown: Mask | None = None) -> Detail:
    """A band of detail. Hidden pixels do not contribute to it, nor to the pixels beside them."""
    levels = grey.astype(np.float32)
    if shown is None:
        return np.asarray(cv2.GaussianBlur(levels, (0, 0), 1.5) - cv2.GaussianBlur(levels, (0, 0), 12), np.float32)
    weight = shown.astype(np.float32)
    fine, coarse = (
        cv2.GaussianBlur(levels * weight, (0, 0), sigma) / np.maximum(cv2.GaussianBlur(weight, (0, 0), sigma), 1e-3)
        for sigma in (1.5, 12)
    )
    return np.asarray(fine - coarse, np.float32)
