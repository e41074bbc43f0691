"""Shots of a second and less: every frame of the shot is compared with as many of the clip, at the same pace.

A vote over time needs some seconds. Here the frames decide: the pictures must be alike, and where they change, what
changes must agree.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from fingerprints.programmes.align import ALIKE, BACKWARDS, MOVES, Alignment, FrameVectors, nearest

__all__ = ["FEWEST", "LONGEST", "settle_brief"]

FEWEST = 3
"""Frames of a shot at least."""
LONGEST = 1.0
"""Seconds of a shot at most: a longer one is settled like all."""
BRIEF_ALIKE, STILL_BRIEF = 0.8, 0.92
"""Likeness of the pictures that is needed, and where nothing moves."""
REACH = 1.5
"""Seconds about the guess."""


def settle_brief(here: FrameVectors, there: FrameVectors, guess: Alignment) -> Alignment | None:
    """The best line, forwards or backwards, on which all frames of a shot are those of the clip; nothing if none is."""
    found = [line for speed in (1.0, -1.0) if (line := _settled(here, there, guess, speed)) is not None]
    return max(found, key=lambda line: line.score * (1.0 if line.speed > 0 else 0.97), default=None)


def _settled(here: FrameVectors, there: FrameVectors, guess: Alignment, speed: float) -> Alignment | None:
    count = len(here.times)
    if min(count, len(there.times)) < FEWEST:
        return None
    frame = float(np.median(np.diff(there.times)))
    middle = float(here.times.mean())
    turned = middle - (middle - guess.offset) * guess.speed / speed
    offsets = turned + np.arange(-REACH, REACH + frame / 2, frame / 2)
    at = (here.times[None, :] - offsets[:, None]) * speed
    inside = ((at >= there.times[0] - frame) & (at <= there.times[-1] + frame)).all(axis=1)
    if not inside.any():
        return None
    offsets, shown = offsets[inside], there.values[nearest(there.times, at[inside])]
    like = np.einsum("nv,mnv->m", here.values, shown) / count
    own, other = here.values - here.values.mean(axis=0), shown - shown.mean(axis=1, keepdims=True)
    energy = np.sqrt(float((own**2).sum()) * (other**2).sum(axis=(1, 2)))
    motion = np.einsum("nv,mnv->m", own, other) / np.maximum(energy, 1e-6)
    still = energy < MOVES * count
    row = int((like + np.where(still, 0.0, 0.3 * motion)).argmax())
    if still[row]:
        stands, told = like[row] >= STILL_BRIEF, like[row]
    else:
        stands, told = like[row] >= BRIEF_ALIKE and motion[row] >= (ALIKE if speed > 0 else BACKWARDS), motion[row]
    if not stands:
        return None
    ends = float(here.times[0]), float(here.times[-1])
    return replace(
        guess, speed=speed, offset=float(offsets[row]), first=ends[0], last=ends[1], score=float(told),
        is_still=bool(still[row]), least=ALIKE if speed > 0 else BACKWARDS,
    )  # fmt: skip
