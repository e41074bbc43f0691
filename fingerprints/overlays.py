"""Graphics that lie over moving pictures: they stand still while what is under them moves."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from fingerprints.registered import Mask
from media.still import Picture

__all__ = ["static_overlay"]

_STILL, _TEXTURE = 6, 24
"""Levels: what differs by less stands still, and what has less contrast says nothing about moving."""
_LEAST_AREA = 0.0015
"""Of the frame: smaller marks are where a movement happens to meet its like."""
_MOST = 0.4
"""Of the frame: when more of it stands still, the picture does not move."""


def static_overlay(frames: Sequence[Picture]) -> Mask | None:
    """What stays still in frames of one raster whose picture moves: bugs, captions. Nothing where too much does."""
    if len(frames) < 3 or len({frame.shape for frame in frames}) > 1:
        return None
    greys = np.stack(
        [cv2.GaussianBlur(frame if frame.ndim == 2 else frame.mean(axis=2), (0, 0), 1.0) for frame in frames]
    )
    texture = cv2.morphologyEx(np.median(greys, axis=0).astype(np.float32), cv2.MORPH_GRADIENT, np.ones((5, 5)))
    still = ((np.ptp(greys, axis=0) < _STILL) & (texture > _TEXTURE)).astype(np.uint8)
    still = cv2.morphologyEx(still, cv2.MORPH_CLOSE, np.ones((15, 15), np.uint8))
    still = cv2.dilate(still, np.ones((7, 7), np.uint8))
    outlines, _ = cv2.findContours(still, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    large = [outline for outline in outlines if cv2.contourArea(outline) >= _LEAST_AREA * still.size]
    overlay = cv2.drawContours(np.zeros_like(still), large, -1, 1, cv2.FILLED) > 0
    return None if overlay.mean() > _MOST else np.asarray(overlay)
