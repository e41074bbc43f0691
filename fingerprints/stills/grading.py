"""Grades a reference as a picture was graded: light, its fall-off, and colours. Altered parts must not affect the
fit."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["fit_robustly", "follow_light", "grade_alike"]

Levels = NDArray[np.float32]
Mask = NDArray[np.bool_]

_FALL = 200.0
"""Levels by which light may fall off, or rise."""
_SAMPLES = 24_000
"""Pixels from which a grade is fitted."""
_ROUNDS = 4
_TURNS = 3
"""Of the curve and the fall-off."""
_SLOWLY, _SLOW = 24.0, 40.0
"""Pixels over which light is left to change, and levels by which it may."""
_KNOTS = (0.1, 0.25, 0.5, 0.75, 0.9)
"""Where the pieces of a channel's curve meet, of its range."""
_LEAST_GAIN = 0.2
"""Of light that falls off: below, its curve cannot be seen."""
_KEEP = 0.7
"""Of the pixels, those that fit best, from which the next round's fit is made."""


def grade_alike(there: Levels, here: Levels, valid: Mask) -> Levels:
    """The reference with the picture's light and colours: a grade is a function of its source.

    The inverse is not a function: crushed levels cannot be restored. The fall-off of light and the curve of light are
    fitted in turns, because each alone would distort the other.
    """
    places = np.flatnonzero(valid.ravel())
    places = places[:: max(1, len(places) // _SAMPLES)]
    wanted = here.reshape(-1, 3)[places]
    field = _field_terms(there.shape[:2])
    fields = field.reshape(-1, field.shape[-1])[places]
    terms = _channel_terms(there)
    target, best, light = wanted[:, 0], np.inf, there[..., 0]
    for _ in range(_TURNS):
        made = _mixed(terms, places, target)
        made = _curve(made, made.ravel()[places], target)
        source = made.ravel()[places]
        both = np.concatenate([fields, fields * (source[:, None] / 128)], axis=-1)
        fit = fit_robustly(both, np.clip(wanted[:, 0] - source, -_FALL, _FALL), keep=0.9)
        added, gained = (np.asarray(field @ part, np.float32) for part in np.split(fit, 2))
        fallen = np.clip(added + gained * (made / 128), -_FALL, _FALL)
        off = float(np.median(np.abs(source + fallen.ravel()[places] - wanted[:, 0])))
        if off >= best:
            break
        best, light = off, made + fallen.astype(np.float32)
        # What the curve is to give, were there no fall-off.
        gain = np.maximum(1 + gained.ravel()[places] / 128, _LEAST_GAIN)
        target = np.clip((wanted[:, 0] - added.ravel()[places]) / gain, 0, 255).astype(np.float32)
    light = follow_light(light, here[..., 0], valid)
    # How saturated a colour comes out depends on its light: where a grade crushes, it takes the colour too.
    level, tones = there[..., :1] / 255, (there[..., 1:] - 128) / 255
    terms = np.dstack([level, tones, level**2, level * tones, np.ones_like(light)]).astype(np.float32)
    colours = terms @ fit_robustly(terms.reshape(-1, 7)[places], wanted[:, 1:])
    return np.dstack([light, colours]).astype(np.float32)


def follow_light(there: Levels, here: Levels, valid: Mask) -> Levels:
    """The reference's light, changed as slowly over its place as the picture's differs from it."""
    return there + _slow(np.clip(here - there, -_SLOW, _SLOW), valid)


def _slow(off: Levels, valid: Mask) -> Levels:
    """What changes more slowly than any detail that is compared: the rest of a fall-off that no polynomial follows."""
    known, less = valid.astype(np.float32), 6
    small = (off.shape[1] // less, off.shape[0] // less)
    sums = [cv2.resize(one, small, interpolation=cv2.INTER_AREA) for one in (off * known, known)]
    soft, weight = (cv2.GaussianBlur(one, (0, 0), _SLOWLY / less) for one in sums)
    slow = soft / np.maximum(weight, 1e-3)
    return np.asarray(cv2.resize(slow, off.shape[::-1], interpolation=cv2.INTER_CUBIC), np.float32)


def _mixed(terms: Levels, places: NDArray[np.intp], target: Levels) -> Levels:
    """Light as a sum of curves of the three channels: a grade, and the filter before a monochrome picture."""
    fit = fit_robustly(terms.reshape(-1, terms.shape[-1])[places], target)
    return np.asarray(np.clip(terms @ fit, 0, 255), np.float32)


def _channel_terms(there: Levels) -> Levels:
    """Straight pieces of a curve for each of red, green and blue, and what colours add to light."""
    channels = cv2.cvtColor(np.clip(there, 0, 255).astype(np.uint8), cv2.COLOR_LAB2RGB).astype(np.float32) / 255
    level, tones = there[..., :1] / 255, (there[..., 1:] - 128) / 64
    pieces = [np.ones_like(level), channels, tones, level * tones, tones**2, tones.prod(-1)[..., None]]
    pieces += [np.maximum(channels - knot, 0) for knot in _KNOTS]
    return np.dstack(pieces).astype(np.float32)


def _curve(light: Levels, source: Levels, target: Levels) -> Levels:
    """Light by target's level for each of source's, by medians, again without what fitted worst."""
    which = np.clip(source // 8, 0, 31).astype(int)
    kept, made = np.ones(len(source), bool), light
    for _ in range(_ROUNDS):
        bins = [kept & (which == number) for number in range(32)]
        bins = [inside for inside in bins if inside.sum() >= max(20, len(source) // 2000)]
        if len(bins) < 2:
            return light
        levels = np.array([np.median(source[inside]) for inside in bins])
        offsets = np.maximum.accumulate([np.median(target[inside]) for inside in bins]) - levels
        # Offsets, not levels, so that shadows and lights beyond the last bin keep their shape.
        kept = _fitting(np.abs(source + np.interp(source, levels, offsets) - target))
        made = (light + np.interp(light, levels, offsets)).astype(np.float32)
    return made


def _field_terms(shape: tuple[int, ...]) -> Levels:
    """Light falls off as a polynomial of the place."""
    rows, columns = np.mgrid[-1 : 1 : shape[0] * 1j, -1 : 1 : shape[1] * 1j].astype(np.float32)
    square = rows**2 + columns**2
    terms = (np.ones_like(rows), rows, columns, rows * columns, rows**2, columns**2)
    return np.stack([*terms, square * rows, square * columns, square**2, square**3], axis=-1)


def fit_robustly(terms: Levels, target: Levels, keep: float = _KEEP) -> Levels:
    """Least squares, again without what fitted worst: terms N × T, target N or N × C, `keep` the part that stays."""
    kept, fit = np.ones(len(terms), bool), np.zeros(0, np.float32)
    small = 1e-6 * np.eye(terms.shape[1])
    for _ in range(_ROUNDS):
        # By normal equations: a tenth of what a decomposition of all rows costs. Terms are of like size.
        one, other = (values[kept].astype(np.float64) for values in (terms, target))
        squares = one.T @ one
        fit = np.linalg.solve(squares + small * np.trace(squares), one.T @ other).astype(np.float32)
        kept = _fitting(np.abs(terms @ fit - target).reshape(len(terms), -1).sum(axis=1), keep)
    return np.asarray(fit, np.float32)


def _fitting(residual: NDArray[np.floating], keep: float = _KEEP) -> Mask:
    return np.asarray(residual <= np.quantile(residual, keep))
