"""Finds another picture beside a reference's: half of a split screen shows a part of it, in which nothing is altered.

A neighbour begins at a straight seam from border to border, and nothing beyond it is the reference's.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["covered"]

Levels = NDArray[np.float32]
Mask = NDArray[np.bool_]

_LEAST: Final = 0.12
"""Of the shared area: a narrower strip is a graphic or a registration that is a little off."""
_SAME, _OTHER = 0.5, 0.3
"""Correlation of structure, averaged along a line: what the reference's side has at least, the neighbour's at most."""
_TURN: Final = 0.06
"""Of the side: within so little the one turns into the other."""
_STEPS: Final = 48
_FLAT, _MOST_FLAT = 4.0, 0.45
"""Square levels of structure under which a place is flat, and the most of a neighbour's part that is flat in both: it
was 0.27 at most of 30 neighbours, and 0.72 around a thing that was changed in an empty sky."""


def covered(there: Levels, here: Levels, valid: Mask) -> Mask:
    """True where another picture is beside the reference's. Both are light, in the reference's frame."""
    p, h = (_band(one) for one in (there, here))
    shared, own, other = (_window(one) for one in (p * h, p * p, h * h))
    likeness = shared / np.sqrt(np.maximum(own * other, 1.0))
    telling = valid & (own > max(4.0, float(np.median(own[valid])) / 4 if valid.any() else 4.0))
    done, flat = np.zeros_like(valid), (own < _FLAT) & (other < _FLAT)
    for axis in (0, 1):
        for part in _sides(likeness, telling, valid, axis):
            if flat[part].mean() <= _MOST_FLAT:
                done |= part
    return done if done.any() and (done & valid).sum() < 0.85 * valid.sum() else np.zeros_like(valid)


def _band(light: Levels) -> Levels:
    return np.asarray(cv2.GaussianBlur(light, (0, 0), 1.2) - cv2.GaussianBlur(light, (0, 0), 5), np.float32)


def _window(product: Levels) -> Levels:
    return np.asarray(cv2.GaussianBlur(product, (0, 0), 3.0), np.float32)


def _sides(likeness: Levels, telling: Mask, valid: Mask, axis: int) -> list[Mask]:
    """Along one axis: the part before a seam, or after one."""
    size = valid.shape[1 - axis]
    sums = np.where(telling, np.clip(likeness, -0.2, 1), 0).sum(axis=axis)
    counts = telling.sum(axis=axis)
    shown = np.flatnonzero(valid.any(axis=axis))
    if len(shown) < _STEPS:
        return []
    first, last = int(shown[0]), int(shown[-1]) + 1
    turn = max(3, round(_TURN * (last - first)))
    found = []
    for seam in range(first + turn, last - turn, 2):
        before, behind = (first, seam - turn // 2), (seam + turn // 2, last)
        just_before, just_behind = (seam - 2 * turn, seam - turn // 2), (seam + turn // 2, seam + 2 * turn)
        for near, far, next_near, next_far in (
            (before, behind, just_before, just_behind),
            (behind, before, just_behind, just_before),
        ):
            values = [_mean(sums, counts, span) for span in (near, far, next_near, next_far)]
            if None in values:
                continue
            same, other, same_next, other_next = (float(value) for value in values if value is not None)
            if min(same, same_next) >= _SAME and max(other, other_next) <= _OTHER:
                found.append((same - other + same_next - other_next, seam, far))
    if not found:
        return []
    _, seam, far = max(found)
    reach = slice(max(0, seam - turn), size) if far[0] > seam - turn else slice(0, seam + turn)
    part = np.zeros_like(valid)
    part[(slice(None), reach) if axis == 0 else (reach, slice(None))] = True
    return [part] if (part & valid).sum() >= _LEAST * valid.sum() else []


def _mean(sums: Levels, counts: Levels, span: tuple[int, int]) -> float | None:
    begin, stop = max(0, span[0]), max(0, span[1])
    count = counts[begin:stop].sum()
    return float(sums[begin:stop].sum() / count) if count >= 50 else None
