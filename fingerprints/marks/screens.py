"""Screens and sheets that a picture shows: four-sided shapes in it, in which a mark is part of the scene."""

from __future__ import annotations

from typing import Final

import numpy as np

from media.place import Box
from media.still import Picture, fitted, grey

__all__ = ["find_screens"]

SIDE: Final = 640
"""Longer side in pixels at which shapes are looked for."""
LEAST, MOST = 0.02, 0.7
"""Of the picture's area."""
MARGIN: Final = 0.8
"""Percent: a shape this near to opposite edges is the frame of the picture itself, or its bars."""


def find_screens(picture: Picture) -> tuple[Box, ...]:
    """The boxes around four-sided convex shapes in a picture, smallest first."""
    import cv2

    small = fitted(grey(picture), SIDE)
    height, width = small.shape
    edges = cv2.dilate(cv2.Canny(cv2.GaussianBlur(small, (5, 5), 0), 40, 120), np.ones((3, 3), np.uint8))
    outlines, _ = cv2.findContours(edges, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    found = []
    for outline in outlines:
        area = cv2.contourArea(outline)
        if not LEAST <= area / (height * width) <= MOST:
            continue
        corners = cv2.approxPolyDP(outline, 0.03 * cv2.arcLength(outline, closed=True), closed=True)
        if len(corners) != 4 or not cv2.isContourConvex(corners):
            continue
        box = Box.around(corners.reshape(-1, 2) / np.array([width, height], np.float64))
        if not _spans_picture(box):
            found.append((area, box))
    return tuple(box for _, box in sorted(found, key=lambda pair: pair[0]))


def _spans_picture(box: Box) -> bool:
    """Whether it reaches from edge to edge, as a picture between bars does."""
    across = box.x <= MARGIN and box.x + box.w >= 100 - MARGIN
    down = box.y <= MARGIN and box.y + box.h >= 100 - MARGIN
    return across or down
