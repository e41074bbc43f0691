"""Follows a picture that a handheld camera films, frame by frame: it is aligned with what its clip shows at that time.

Points place a picture to a few hundredths of a frame, and the motion in a clip is often less than that. So each frame
is aligned with the clip's own picture by correlation. That needs the right time, which is searched for too: a wrong
time correlates less. It begins where it correlates best, and continues from frame to frame.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from fingerprints.prints.phash import SIDE
from fingerprints.programmes.align import SPEEDS
from fingerprints.programmes.placed import Corners, Pace, Placed, square, straightened
from media.still import Picture

__all__ = ["anchored", "pace_of", "tracked"]

_SOFT, _SHARP = 4.0, 1.5
"""Pixels of 64 by which the two pictures are softened: first a larger step is found, then a closer one."""
_STEPS: Final = 12
_CORRELATES = 0.5
"""Correlation of a frame with the picture that it should show, under which its place is not learned from it."""
_FAR = 12.0
"""Pixels of 64 by which a corner that was registered is off, or moves from one frame to the next, at most."""
_LOST = 8
"""Frames in a row that do not correlate, after which the picture is looked for only where it was registered."""
_BETTER = 0.03
"""Correlation by which a place that was registered is better than the one that was followed to there."""
_ABOUT, _APART = 0.48, 0.04
"""Seconds about a registered moment in which the right one is searched for, and from one to the next."""
_AGREE = 0.08
"""Seconds by which moments differ that agree on a time."""
_FEWEST = 3
"""Rows that must agree on a time."""
_OTHER = 0.8
"""What rows that agree on another speed count, beside those that agree on real time."""

Shows = Callable[[float], NDArray[np.float32]]
"""Draws the 64 × 64 picture that a clip shows at a second."""


def anchored(
    grey: Picture, corners: Corners, moment: float, shows: Shows, *, flip: bool
) -> tuple[Corners, float, float]:
    """The corners in a frame, the second of the clip about a moment that is seen there, and how well they correlate."""
    frame = np.ascontiguousarray(grey[:, ::-1]) if flip else grey
    best = corners, moment, -1.0
    for other in np.arange(moment - _ABOUT, moment + _ABOUT + _APART / 2, _APART):
        placed, score = _laid_over(frame, corners, shows(float(other)))
        if score > best[2]:
            best = placed, float(other), score
    shown = shows(best[1])
    bent = _laid_over(frame, best[0], shown, (_SHARP,), cv2.MOTION_HOMOGRAPHY)
    return (bent[0], best[1], bent[1]) if bent[1] > best[2] + _BETTER else best


def pace_of(times: Sequence[float], moments: Sequence[float], scores: Sequence[float]) -> Pace:
    """The time on which most moments of a clip agree, each seen at a time of a programme; else that of the best."""
    here, there, weights = np.array(times), np.array(moments), np.array(scores)
    best = int(weights.argmax())
    worth, found = 0.0, Pace(1.0, float(here[best] - there[best]), 1)
    for speed in SPEEDS:
        offsets = here - there / speed
        for offset in offsets:
            near = np.abs(offsets - offset) <= _AGREE / min(1.0, abs(speed))
            each = float(weights[near].sum()) * (1.0 if speed == 1.0 else _OTHER)
            if near.sum() >= _FEWEST and each > worth:
                worth = each
                found = Pace(speed, float(np.average(offsets[near], weights=weights[near])), int(near.sum()))
    return found


def tracked(greys: Sequence[Picture], first: int, start: Placed, shows: Callable[[int], NDArray[np.float32]]) -> Placed:
    """Where the picture is in every frame, the first of which is row `first`; `shows` draws what a row should show."""
    frames = [np.ascontiguousarray(grey[:, ::-1]) if start.flip else grey for grey in greys]
    rows = range(first, first + len(frames))
    known: dict[int, tuple[Corners, float]] = {}
    for row, corners in zip(start.rows.tolist(), start.corners, strict=True):
        if row in rows:
            known[row] = _laid_over(frames[row - first], corners, shows(row))
    if not known:
        return start
    best = max(known, key=lambda row: known[row][1])
    found = {best: known[best][0]}
    for way in (range(best + 1, rows.stop), range(best - 1, first - 1, -1)):
        found.update(_followed(frames, first, way, known[best][0], known, shows))
    every = np.array(sorted(found), np.int64)
    there = np.interp(every, start.rows, start.moments)
    return replace(start, rows=every, corners=np.stack([found[int(row)] for row in every]), moments=there)


def _followed(
    frames: Sequence[Picture],
    first: int,
    way: Iterable[int],
    corners: Corners,
    known: Mapping[int, tuple[Corners, float]],
    shows: Callable[[int], NDArray[np.float32]],
) -> dict[int, Corners]:
    """The corners at rows one after the other, from where they are beside the first of them."""
    found: dict[int, Corners] = {}
    missed = 0
    for row in way:
        score = 0.0
        if missed < _LOST:
            corners, score = _laid_over(frames[row - first], corners, shows(row))
        if row in known and known[row][1] > score + _BETTER:
            corners, score = known[row]
        missed = 0 if score >= _CORRELATES else missed + 1
        found[row] = corners
    return found


def _laid_over(
    frame: Picture,
    corners: Corners,
    shown: NDArray[np.float32],
    softened: Sequence[float] = (_SOFT, _SHARP),
    kind: int = cv2.MOTION_AFFINE,
) -> tuple[Corners, float]:
    """The corners where a frame is most like what should be shown, and the correlation; else as they were."""
    size, whole, score = frame.shape[::-1], square(SIDE), 0.0
    for soft in softened:
        here = cv2.GaussianBlur(straightened(frame, corners).astype(np.float32), (0, 0), soft)
        there = cv2.GaussianBlur(shown, (0, 0), soft) if soft > _SHARP else shown
        rows = 3 if kind == cv2.MOTION_HOMOGRAPHY else 2
        stop = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, _STEPS, 1e-3)
        mask = np.ones((SIDE, SIDE), np.uint8)
        try:
            score, found = cv2.findTransformECC(there, here, np.eye(rows, 3, dtype=np.float32), kind, stop, mask, 1)
        except cv2.error:
            return corners, 0.0
        matrix = np.vstack([found, [0, 0, 1]])[:3].astype(np.float64)
        moved = cv2.perspectiveTransform(whole[None], matrix)[0]
        if score < _CORRELATES or np.abs(moved - whole).max() > _FAR:
            return corners, min(score, _CORRELATES)
        back = cv2.getPerspectiveTransform(whole, (corners * size).astype(np.float32))
        corners = np.asarray(cv2.perspectiveTransform(moved[None], back)[0] / size, np.float64)
    return corners, float(score)
