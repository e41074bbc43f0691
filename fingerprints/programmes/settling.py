"""Settles a line on the frames themselves, by what moves: the speed and offset of a part of a clip, and where it is.

The background of a static camera is alike at all times and does not determine the time: a line that only the background
supports is rejected.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from fingerprints.prints.phash import product
from fingerprints.programmes.align import ALIKE, ASKEW, FAST, SPEEDS, VOTES, Alignment, FrameVectors, Values
from fingerprints.programmes.moments import Moment, judge_moment

__all__ = [
    "BACKWARDS",
    "MOVES",
    "REACH",
    "SHORTEST",
    "STANDS",
    "STILL_ALIKE",
    "extent",
    "nearest",
    "settle",
    "settled_lines",
    "worth",
]

REACH = 1.5
"""Seconds about the vote in which the line is settled."""
LIKELY = 4
"""Speeds that are settled closely, where the picture tells them apart."""
ROUGHLY = 0.75
"""Part of the agreement that a line needs which is yet to be settled closely."""
SHORTEST = 12
"""Frames of a segment at least."""
COARSE = 0.03
"""Seconds of a frame, over which two are too far apart: what moves is elsewhere by then."""
CORE = 1.5
"""Seconds that are settled at the least."""
SURE = 0.7
"""Agreement that a line needs which was only suggested, or of time-lapse."""
STANDS = 0.8
"""Agreement that a line needs where the camera stands still: the same hands do the like at another time."""
LAPSE = 2.2
"""Speed from which on it is time-lapse."""
BACKWARDS = 0.88
"""Agreement that a line needs which runs backwards: what a hand puts down it took up before."""
STILL_ALIKE = 0.8
"""Likeness of the pictures that it needs where nothing moves."""
MOVES = 0.004
"""Part of a track's energy that must change in time for its motion to say anything."""
NIL = 1e-4
"""The same under which its agreement counts for ever less: a held picture has no motion but its encoder's."""
WHOLLY = 0.05
"""What a time at which a clip covers all that is compared is worth, of a full agreement."""
STEADY = 0.8
"""Likeness of a reference's frames to their mean at which its camera stands still."""
HOLDS = 0.5
"""Part of a line's usual similarity at which a frame still belongs to it."""
LEAST = 0.35
"""Similarity at which it belongs at the least."""
BREAK = 4
"""Frames in a row that do not belong, which end it."""


def _speeds_about(line: Alignment, *, still: bool) -> tuple[float, ...]:
    """Speeds at which a line is settled: those about the one that was voted for; all where hits tell none."""
    near = dict.fromkeys((line.speed, *SPEEDS, *(FAST if line.speed > 2 else ())))
    if still or line.votes < 2 * VOTES:
        return tuple(near)
    return tuple(speed for speed in near if 0.45 < speed / line.speed < 2.2)


def _least_of(line: Alignment, speed: float, *, steady: bool, askew: bool) -> float:
    """Agreement of what moves that a line needs."""
    if speed < 0:
        return BACKWARDS
    if steady and not askew:
        return STANDS
    if line.votes < VOTES or speed > LAPSE:
        return SURE
    return ASKEW if askew else ALIKE


def settle(
    here: FrameVectors,
    there: FrameVectors,
    guess: Alignment,
    *,
    reach: float,
    speed: float,
    least: float = ALIKE,
    ease: float = 1.0,
) -> Alignment | None:
    """The best line at a speed within `reach` seconds of a guess; None if what moves does not agree."""
    more = max(0.0, CORE - (guess.last - guess.first)) / 2 + 1e-6
    core = np.flatnonzero((here.times >= guess.first - more) & (here.times <= guess.last + more))
    if len(core) < 2 or len(there.times) < 2:
        return None
    core = core[:: max(1, len(core) // (150 if reach < 2 else 50))]
    times, values = here.times[core], here.values[core]
    frame = float(np.median(np.diff(there.times)))
    step = (frame / 2 if reach < 1 else frame if frame > COARSE else 2 * frame) / max(1.0, abs(speed))
    # A line of another speed turns about the middle of the guess.
    middle = (guess.first + guess.last) / 2
    turned = middle - (middle - guess.offset) * guess.speed / speed
    offsets = np.arange(turned - reach, turned + reach + step, step)
    at = (times[None, :] - offsets[:, None]) * speed
    inside = (at >= there.times[0] - frame) & (at <= there.times[-1] + frame)
    enough = inside.sum(axis=1) >= max(2, len(times) // 2)
    if not enough.any():
        return None
    like, motion, still = _likeness(values, there, _usual(there, guess), at[enough], inside[enough])
    # The little that moves may agree at one time; of a held picture, which agrees at all, as much as can be is seen.
    score = np.where(still, like + motion + WHOLLY * inside[enough].mean(axis=1), motion + 0.1 * like)
    row = int(score.argmax())
    told = like[row] if still[row] else motion[row]
    # What does not move shows no time-lapse.
    if told < ease * (STILL_ALIKE if still[row] else least) or (still[row] and speed > LAPSE):
        return None
    return replace(
        guess,
        speed=speed,
        offset=float(offsets[enough][row]),
        score=float(told),
        is_still=bool(still[row]),
        least=least,
    )


def _likeness(
    values: Values, there: FrameVectors, usual: Values, at: NDArray[np.float64], inside: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """Of frames to those of another track at each of M × N times: of the pictures, of what moves, if anything does."""
    rows = nearest(there.times, at)
    low, high = int(rows.min()), int(rows.max()) + 1
    others = there.values[low:high]
    own, other = values - values.mean(axis=0), others - usual
    counts = inside.sum(axis=1)
    numbers = np.arange(len(values))
    plain = product(others, values.T).T
    # As own @ other.T: the means leave by themselves.
    moving = plain - (values @ usual)[:, None] - values.mean(axis=0) @ other.T
    like = (plain[numbers, rows - low] * inside).sum(axis=1) / counts
    ours = inside @ (own**2).sum(axis=1)
    theirs = ((other**2).sum(axis=1)[rows - low] * inside).sum(axis=1)
    motion = (moving[numbers, rows - low] * inside).sum(axis=1) / np.maximum(np.sqrt(ours * theirs), NIL * counts)
    # Where one moves and the other does not, what moves must agree.
    return like, motion, np.sqrt(ours * theirs) < MOVES * counts


def _is_steady(there: FrameVectors, guess: Alignment) -> bool:
    """Whether the reference hardly changes near the guess, so that hits do not determine the time."""
    first, last = guess.there
    near = there.values[(there.times >= first - 2) & (there.times <= last + 2)]
    return len(near) > 2 and float(np.median(near @ _usual(there, guess))) > STEADY


def nearest(times: NDArray[np.float64], at: NDArray[np.float64]) -> NDArray[np.int64]:
    """Rows of the times nearest to others; those beyond the ends get the ends."""
    return np.asarray(np.rint(np.interp(at, times, np.arange(len(times)))), np.int64)


def _usual(there: FrameVectors, guess: Alignment) -> Values:
    """The mean of the reference where the guess lies."""
    first, last = guess.there
    near = (there.times >= first - 1) & (there.times <= last + 1)
    return np.asarray(there.values[near].mean(axis=0) if near.sum() > 2 else there.values.mean(axis=0), np.float32)


def extent(here: FrameVectors, there: FrameVectors, line: Alignment) -> tuple[int, int]:
    """The rows of `here`, the second not included, that show the reference along the line."""
    at = (here.times - line.offset) * line.speed
    step = float(np.median(np.diff(there.times)))
    like = np.einsum("nv,nv->n", here.values, there.values[nearest(there.times, at)])
    inside = (at >= there.times[0] - 0.6 * step) & (at <= there.times[-1] + step)
    core = (here.times >= line.first) & (here.times <= line.last) & inside
    usual = float(np.median(like[core])) if core.any() else 1.0
    good = inside & (like >= max(HOLDS * usual, LEAST))
    middle = np.flatnonzero(core & good)
    if not len(middle):
        return 0, 0
    return _walk(good, int(middle[0]), -1), _walk(good, int(middle[-1]), 1) + 1


def _walk(good: NDArray[np.bool_], row: int, step: int) -> int:
    """The last good row before `BREAK` bad ones."""
    last, bad = row, 0
    while 0 <= row + step < len(good) and bad < BREAK:
        row += step
        bad = 0 if good[row] else bad + 1
        last = row if good[row] else last
    return last


def worth(line: Alignment) -> float:
    """Agreement over length; real time wins where another speed hardly explains more, and a shown moment over none."""
    sure = 0.5 if line.is_doubtful else 1.0
    usual = 1.0 if line.speed == 1.0 else 0.985 if abs(line.speed - 1) < 0.05 else 0.96
    return float(line.score * sure * usual * (line.last - line.first) ** 0.5)


def settled_lines(here: FrameVectors, there: FrameVectors, line: Alignment, *, askew: bool) -> Iterator[Alignment]:
    """Lines of the likeliest speeds: settled about the vote, then on all frames that they explain.

    Where the camera stands still and the vote says nothing, any place and speed may be right.
    """
    still = _is_steady(there, line)
    reach = max(REACH, there.times[-1] - there.times[0]) if still else REACH
    rough = [
        settle(
            here,
            there,
            line,
            reach=reach,
            speed=speed,
            least=_least_of(line, speed, steady=still, askew=askew),
            ease=ROUGHLY,
        )
        for speed in _speeds_about(line, still=still)
    ]
    likely = sorted((found for found in rough if found), key=lambda found: -worth(found))
    for one in likely if still else likely[:LIKELY]:
        found = _narrowed(here, there, one, _least_of(line, one.speed, steady=still, askew=askew))
        if found is not None:
            yield found


def _narrowed(here: FrameVectors, there: FrameVectors, line: Alignment, least: float) -> Alignment | None:
    """Settled ever more closely, each time on all frames that the last line explains.

    Where the camera stands still, all of it must agree closely, or its middle: at its ends it may be dissolved.
    """
    found: Alignment | None = line
    floor = ALIKE if least == STANDS else least
    for narrower in (0.0, 0.4, 0.2):
        found = settle(here, there, line, reach=narrower, speed=line.speed, least=floor) if narrower else line
        if found is None:
            return None
        first, end = extent(here, there, found)
        if end - first < SHORTEST:
            return None
        line = replace(found, first=float(here.times[first]), last=float(here.times[end - 1]))
    if line.is_still or least <= line.score < SURE:
        return replace(line, is_doubtful=judge_moment(here, there, line) is Moment.OPEN)
    if line.score >= least:
        return line
    edge = (line.last - line.first) / 4
    middle = replace(line, first=line.first + edge, last=line.last - edge)
    return line if settle(here, there, middle, reach=0.1, speed=line.speed, least=least) else None
