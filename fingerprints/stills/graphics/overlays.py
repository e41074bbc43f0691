"""Finds graphics over a moving picture: they stay in place while the picture around them demonstrably moves.

A held picture stays in place everywhere, which shows nothing about graphics: there is no overlay then.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np

from fingerprints.stills.geometry import UNIT, Matrix, inverse, map_points
from fingerprints.stills.graphics.drawn import straight_sides
from fingerprints.stills.registered import Levels, Mask
from media.still import Picture

__all__ = ["is_moving", "static_overlay"]

_STILL, _TEXTURE = 6, 24
"""Levels: what differs by less stands still, and what has less contrast says nothing about moving."""
_LEAST_AREA = 0.0015
"""Of the frame: smaller marks are where a movement happens to meet its like."""
_MOST = 0.4
"""Of the frame: when more of it stands still, the picture does not move."""
_MOVED: Final = 0.008
"""Of the frame's side, that the reference must move by between two frames."""
_RING: Final = 0.06
"""Of the frame's shorter side: how far around a graphic the picture must be seen to move."""
_FIXED: Final = 0.5
"""Least part of what stands still in a candidate that would not look so if it moved with the picture."""
_SIDES: Final = 3
"""Straight sides by which a box is a plate."""
_AROUND: Final = 0.5
"""Least part of the textured picture around a graphic that must move."""


def is_moving(matrices: Sequence[Matrix]) -> bool:
    """Whether a reference is at different places in some frames.

    `matrices` map fractions of the reference to fractions of each frame. False for fewer than two.
    """
    return any(_moved(matrices[0], matrix) >= _MOVED for matrix in matrices[1:])


def _moved(one: Matrix, other: Matrix) -> float:
    """How far the picture moves between two frames, of the frame's side; 0 where that cannot be said."""
    seen = 0.2 + 0.6 * UNIT
    back = map_points(inverse(one), seen)
    there = None if back is None else map_points(other, back)
    return 0.0 if there is None else float(np.hypot(*(there - seen).T).mean())


def static_overlay(frames: Sequence[Picture], placed: Sequence[tuple[Picture, Matrix]]) -> Mask | None:
    """True where graphics stay in place over frames of one raster in which a reference moves.

    `placed` are some of the frames, each with the reference's place in it. None where the picture is held, where too
    much stays in place, where the textured picture around a candidate does not move, or where the candidate would look
    the same if it moved with the picture: lines along the direction of a slow move stay in place, too.
    """
    matrices = [matrix for _, matrix in placed]
    if len(frames) < 3 or len({frame.shape for frame in frames}) > 1 or not is_moving(matrices):
        return None
    greys = np.stack([_smooth(frame) for frame in frames])
    texture = cv2.morphologyEx(np.median(greys, axis=0).astype(np.float32), cv2.MORPH_GRADIENT, np.ones((5, 5)))
    is_still, is_textured = np.ptp(greys, axis=0) < _STILL, texture > _TEXTURE
    still = cv2.morphologyEx((is_still & is_textured).astype(np.uint8), cv2.MORPH_CLOSE, np.ones((15, 15), np.uint8))
    still = cv2.dilate(still, np.ones((7, 7), np.uint8))
    outlines, _ = cv2.findContours(still, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    asked = is_still & is_textured
    stays = asked & ~_carried(placed)
    overlay = np.zeros(still.shape, bool)
    for outline in outlines:
        if cv2.contourArea(outline) >= _LEAST_AREA * still.size:
            graphic = cv2.drawContours(np.zeros_like(still), [outline], -1, 1, cv2.FILLED) > 0
            is_fixed = float(stays[graphic].sum()) >= _FIXED * float(asked[graphic].sum())
            if is_fixed and _moves_around(graphic, still > 0, ~is_still, is_textured):
                overlay |= graphic
    overlay = _whole(overlay, _steady_edges(frames))
    return None if not overlay.any() or overlay.mean() > _MOST else overlay


def _whole(graphics: Mask, edges: Levels) -> Mask:
    """Graphics with the rest of their plates: boxes around those near each other, where three sides are straight edges.

    What is plain on a plate, or shows the picture through it, does not stand still demonstrably.
    """
    whole, reach = graphics.copy(), _reach(graphics)
    count, labels = cv2.connectedComponents(cv2.dilate(graphics.astype(np.uint8), np.ones((reach, reach), np.uint8)))
    for number in range(1, count):
        group = graphics & (labels == number)
        if straight_sides(group, edges) >= _SIDES:
            left, top, across, down = cv2.boundingRect(group.astype(np.uint8))
            whole[top : top + down, left : left + across] = True
    return whole


def _reach(shape: Mask) -> int:
    """Side of the square that reaches `_RING` around a graphic, in pixels."""
    return 2 * max(4, round(_RING * int(min(shape.shape)))) + 1


def _steady_edges(frames: Sequence[Picture]) -> Levels:
    """Steps between neighbours that every frame has in the same place, in levels."""
    three = np.ones((3, 3), np.uint8)
    greys = (frame if frame.ndim == 2 else frame.mean(axis=2).astype(np.uint8) for frame in frames)
    steps = [cv2.morphologyEx(grey, cv2.MORPH_GRADIENT, three) for grey in greys]
    return np.asarray(np.minimum.reduce(steps), np.float32)


def _carried(placed: Sequence[tuple[Picture, Matrix]]) -> Mask:
    """Where the two frames between which the reference moves most look alike when one is moved onto the other."""
    first, begins = placed[0]
    last, ends = max(placed[1:], key=lambda one: _moved(begins, one[1]))
    size = np.diag([*map(float, last.shape[1::-1]), 1.0])
    moved = size @ ends @ inverse(begins) @ np.linalg.inv(size)
    one, other = (_smooth(picture) for picture in (first, last))
    carried = cv2.warpPerspective(
        one, moved, other.shape[::-1], flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(np.abs(carried - other) < 2 * _STILL)


def _smooth(frame: Picture) -> Levels:
    grey = (frame if frame.ndim == 2 else frame.mean(axis=2)).astype(np.float32)
    return np.asarray(cv2.GaussianBlur(grey, (0, 0), 1.0), np.float32)


def _moves_around(graphic: Mask, still: Mask, moves: Mask, is_textured: Mask) -> bool:
    """Whether the picture next to a candidate moves: of what has texture there and is no candidate itself."""
    reach = _reach(graphic)
    ring = (cv2.dilate(graphic.astype(np.uint8), np.ones((reach, reach), np.uint8)) > 0) & ~graphic
    textured = ring & (is_textured | moves)
    return bool(textured.any()) and float(moves[textured & ~still].sum()) >= _AROUND * float(textured.sum())
