"""A reference graded as a picture was: light, its fall-off, and colours. What was altered must not bend the fit."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["grade_alike"]

Levels = NDArray[np.float32]
Mask = NDArray[np.bool_]

_FALL = 90.0
"""Levels by which light may fall off, or rise."""
_SAMPLES = 24_000
"""Pixels from which a grade is fitted."""
_ROUNDS = 4
_KEEP = 0.7
"""Of the pixels, those that fit best, from which the next round's fit is made."""


def grade_alike(there: Levels, here: Levels, valid: Mask) -> Levels:
    """The reference with the picture's light and colours: a grade is a function of what it was made from.

    The other way round it is none: what was crushed cannot be had back.
    """
    places = np.flatnonzero(valid.ravel())
    places = places[:: max(1, len(places) // _SAMPLES)]
    wanted = here.reshape(-1, 3)[places]
    light = _mixed(there, places, wanted[:, 0])
    light = _curve(light, light.ravel()[places], wanted[:, 0])
    field = _field_terms(light.shape)
    field = np.concatenate([field, field * (light[..., None] / 128)], axis=-1).astype(np.float32)
    off = np.clip(wanted[:, 0] - light.ravel()[places], -_FALL, _FALL)
    fallen = field @ _robust(field.reshape(-1, field.shape[-1])[places], off, keep=0.9)
    light = light + np.clip(fallen, -_FALL, _FALL).astype(np.float32)
    # How saturated a colour comes out depends on its light: where a grade crushes, it takes the colour too.
    level, tones = there[..., :1] / 255, (there[..., 1:] - 128) / 255
    terms = np.dstack([level, tones, level**2, level * tones, np.ones_like(light)]).astype(np.float32)
    colours = terms @ _robust(terms.reshape(-1, 7)[places], wanted[:, 1:])
    return np.dstack([light, colours]).astype(np.float32)


def _mixed(there: Levels, places: NDArray[np.intp], target: Levels) -> Levels:
    """Light as a mix of light and colours: a filter before a monochrome picture makes red light or dark."""
    level, tones = there[..., :1] / 255, (there[..., 1:] - 128) / 64
    terms = np.dstack([np.ones_like(level), level, tones, level * tones, level**2, tones**2, tones.prod(-1)[..., None]])
    terms = terms.astype(np.float32)
    fit = _robust(terms.reshape(-1, terms.shape[-1])[places], target)
    return np.asarray(np.clip(terms @ fit, 0, 255), np.float32)


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
    around = (rows**2 + columns**2) ** 2
    return np.stack([np.ones_like(rows), rows, columns, rows * columns, rows**2, columns**2, around], axis=-1)


def _robust(terms: Levels, target: Levels, keep: float = _KEEP) -> Levels:
    """Least squares, again without what fitted worst."""
    kept, fit = np.ones(len(terms), bool), np.zeros(0, np.float32)
    for _ in range(_ROUNDS):
        fit = np.linalg.lstsq(terms[kept], target[kept], rcond=None)[0]
        kept = _fitting(np.abs(terms @ fit - target).reshape(len(terms), -1).sum(axis=1), keep)
    return np.asarray(fit, np.float32)


def _fitting(residual: NDArray[np.floating], keep: float = _KEEP) -> Mask:
    return np.asarray(residual <= np.quantile(residual, keep))
