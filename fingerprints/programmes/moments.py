"""Decides whether a picture that hardly moves shows the same moment as a clip, or only the same view.

A camera that stands still sees the same view all day. The little that moves, the light and what the sensor adds agree
with the clip at one time only. Where they do not, nothing distinguishes two recordings of the view.
"""

from __future__ import annotations

from enum import Enum

import numpy as np
from numpy.typing import NDArray

from fingerprints.programmes.align import Alignment, FrameVectors, Values

__all__ = ["Moment", "judge_moment"]

AGREES, STILL_AGREES = 0.5, 0.7
"""Correlation in time of what changes, without its trend, that the same moment has; and where hardly anything changes:
one leaf that moves agrees by .5 at the best time of another recording."""
STANDS_OUT = 0.15
"""By which it must be more than at any other time of the clip: what drifts or repeats agrees at many."""
BESIDE = 0.3
"""Seconds from which on a time is another."""
ELSEWHERE = 400
"""Other times that are compared at most."""
HELD = 2e-6
"""Usual change from frame to frame, as part of a picture, under which a clip is one picture that was held."""
FEWEST = 5
"""Frames in which a course in time is judged."""


class Moment(Enum):
    """What a picture that hardly moves says about its time."""

    SHOWN = "shown"
    """What changes agrees at this time, and at no other."""
    HELD = "held"
    """The clip is one held picture: it has no other moment."""
    OPEN = "open"
    """Nothing distinguishes the clip from another recording of the same view."""


def judge_moment(here: FrameVectors, there: FrameVectors, line: Alignment) -> Moment:
    """Whether the frames from a line's first second to its last show the clip at that time."""
    inside = (here.times >= line.first - 1e-6) & (here.times <= line.last + 1e-6)
    times, own = here.times[inside], _without_trend(here.values[inside])
    if len(times) < FEWEST:
        return Moment.OPEN
    at = (times - line.offset) * line.speed
    shown = there.values[np.unique(_rows(there, at))]
    if float(np.median((np.diff(shown, axis=0) ** 2).sum(axis=1))) < HELD:
        return Moment.HELD
    frame = float(np.median(np.diff(there.times)))
    agreement = max(_agreement(own, there, at + shift) for shift in (-frame / 2, 0.0, frame / 2))
    if agreement < (STILL_AGREES if line.is_still else AGREES):
        return Moment.OPEN
    shifts = _shifts(there, at, frame, abs(line.speed))
    elsewhere = max((_agreement(own, there, at + shift) for shift in shifts), default=0.0)
    return Moment.SHOWN if agreement - elsewhere >= STANDS_OUT else Moment.OPEN


def _shifts(there: FrameVectors, at: NDArray[np.float64], frame: float, speed: float) -> NDArray[np.float64]:
    """Seconds by which all of `at` may be moved within the clip, to times that are others; some of many."""
    earliest, latest = float(there.times[0] - at.min()), float(there.times[-1] - at.max())
    every = np.arange(earliest, latest + frame / 2, frame)
    others = every[np.abs(every) > BESIDE * max(1.0, speed)]
    return np.asarray(others[:: max(1, -(-len(others) // ELSEWHERE))], np.float64)


def _agreement(own: Values, there: FrameVectors, at: NDArray[np.float64]) -> float:
    """Correlation of `own`, which has no trend, with what the clip shows at these seconds, without its own."""
    other = _without_trend(there.values[_rows(there, at)])
    energy = float(np.sqrt((own**2).sum() * (other**2).sum()))
    return float((own * other).sum()) / max(energy, 1e-9)


def _rows(there: FrameVectors, at: NDArray[np.float64]) -> NDArray[np.int64]:
    """Rows of a clip that are nearest to seconds."""
    return np.asarray(np.rint(np.interp(at, there.times, np.arange(len(there.times)))), np.int64)


def _without_trend(values: Values) -> Values:
    """Rows of values without what stays, and without what grows evenly in time: that agrees at any time."""
    ramp = np.arange(len(values), dtype=np.float32) - (len(values) - 1) / 2
    ramp /= max(float(np.linalg.norm(ramp)), 1e-6)
    left = values - values.mean(axis=0)
    return np.asarray(left - np.outer(ramp, ramp @ left), np.float32)
