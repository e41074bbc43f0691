"""Finds where a registered picture has other structure than its reference: maps that calibrate themselves.

Three bands of detail are compared in small windows. In each, the residue after a local gain is compared with that of
other places in the same picture where the reference has as much structure: grain, encoding, blur, screens and dissolves
change all of a picture alike, and content is changed in places. Structure is measured without its level, so light that
changes slowly, by a lens, a grade or local tone mapping, leaves no residue.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import cv2
import numpy as np

from fingerprints.stills.registered import AlignedPair, Levels, Mask

__all__ = ["Maps", "blurred", "compared"]

BANDS: Final = ((0.7, 1.6), (1.6, 4.0), (4.0, 10.0))
"""Sigmas of the two blurs between which a band of detail lies, in pixels of the canvas, fine to coarse."""
_WINDOWS: Final = (4.0, 5.0, 8.0)
"""Sigma of the window in which each band is compared."""
_LEAST: Final = 1.0
"""Square levels: less energy than rounding leaves."""
_GAIN: Final = (0.5, 2.2)
"""What local tone mapping may make of structure, beside the picture's usual gain."""
_FINE_GAIN: Final = (0.75, 1.6)
"""The same of fine detail, beside the local gain of the next coarser band: what smooths takes fine detail alone."""
_SPREAD: Final = 0.45
"""Least usual spread of the logarithm of what is left: windows hold few independent places."""
_BINS: Final = 10
_PARTS: Final = (0.5, 0.08, 0.02)
"""Most that finishing leaves of the structure, in parts of its energy, fine to coarse."""
_FLOOR, _FALLS = 1.0, 0.5
"""Energy of noise in a coarser band: at most a constant and that part of the next finer band's."""
_WIDE: Final = 0.16
"""Of the shorter side: sigma of a wide neighbourhood."""


@dataclass(frozen=True, slots=True, eq=False)
class Maps:
    """Maps in the reference's frame."""

    score: Levels
    """How many times its usual spread the residue exceeds what is usual, the largest of all bands."""
    loss: Levels
    """The same for fine detail alone, where it is removed."""
    excess: Levels
    """Logarithm of the residue of middle and coarse detail over the most that finishing leaves, whatever is usual."""
    alike: Levels
    """Correlation of middle and fine detail, where it is known."""
    own: Levels
    """Levels of middle detail in the picture that no gain of the reference explains."""
    likeness: tuple[float, float, float]
    """Correlation of the pictures where the reference has structure: fine, middle, coarse."""
    grain: float
    """Energy of fine detail that is independent of the reference's: grain and noise."""
    expected: tuple[float, float, float]
    """What the likeness would be of an untouched picture with so much noise."""
    widely: float
    """Excess that is exceeded over three tenths of the picture: high where another one shines through all of it."""
    bands: tuple[_Band, _Band, _Band]

    def fine(self, region: Mask) -> tuple[float, float]:
        """In a region: correlation of fine detail, and its mean energy in the reference."""
        there, here, shared, _ = self.bands[0].sums(region)
        return shared / float(np.sqrt(there * here + 1)), there / max(1, int(region.sum()))

    def kept(self, region: Mask) -> tuple[float, float, float]:
        """In a region: least correlation and least gain of middle and coarse detail, and the gain of fine detail."""
        sums = [band.sums(region) for band in self.bands]
        correlations = [shared / np.sqrt(there * here + 1) for there, here, shared, _ in sums]
        gains = [shared / (there + 1) / wide for there, _, shared, wide in sums]
        return min(correlations[1:]), min(gains[1:]), gains[0]


def blurred(levels: Levels, sigma: float) -> Levels:
    """The values blurred by a Gaussian of that sigma, in pixels."""
    return np.asarray(cv2.GaussianBlur(levels, (0, 0), sigma), np.float32)


def compared(pair: AlignedPair, inside: Mask) -> Maps:
    """Compare structure where `inside` is true."""
    there = pair.reference[..., 0]
    # Nothing differs where the picture is not: what lies beyond its border must not reach into the windows.
    here = np.where(pair.valid, pair.picture[..., 0], there).astype(np.float32)
    bands = [
        _Band.of(there, here, low, high, window, inside) for (low, high), window in zip(BANDS, _WINDOWS, strict=True)
    ]
    fine, middle, coarse = bands
    coarse_gain, middle_gain = (np.clip(one.gain, _GAIN[0] * one.wide, _GAIN[1] * one.wide) for one in (coarse, middle))
    around = np.where(middle.known > 4, middle_gain, coarse_gain).astype(np.float32)
    fine_gain = np.clip(fine.gain, _FINE_GAIN[0] * around, _FINE_GAIN[1] * around)
    scores = [
        fine.score(fine_gain, here, inside),
        middle.score(middle_gain, here, inside),
        coarse.score(coarse_gain, here, inside),
    ]
    lost = _lost(there, here, inside)
    excess, noises = _excess((fine, middle, coarse), (fine_gain, middle_gain, coarse_gain), inside)
    return Maps(
        score=np.maximum.reduce(scores),
        loss=np.asarray(lost, np.float32),
        excess=excess,
        own=np.sqrt(np.maximum(middle.here - middle.shared**2 / np.maximum(middle.there, 1.0), 0)),
        alike=np.minimum(middle.correlation, fine.correlation),
        likeness=(fine.likeness, middle.likeness, coarse.likeness),
        grain=noises[0],
        widely=float(np.quantile(excess[inside], 0.7)),
        expected=tuple(band.expected(noise, inside) for band, noise in zip(bands, noises, strict=True)),  # type: ignore[arg-type]
        bands=(fine, middle, coarse),
    )


def _excess(bands: tuple[_Band, ...], gains: tuple[Levels, ...], inside: Mask) -> tuple[Levels, list[float]]:
    """What is left beside the most that is left of a finished picture, and the energy of noise in each band.

    Finishing leaves two things: noise, which is weaker the coarser the detail, and a small part of the structure.
    """
    noises: list[float] = []
    logs = []
    for band, gain, part in zip(bands, gains, _PARTS, strict=True):
        left = band.left(gain)
        flat, strong = (np.quantile(band.there[inside], part) for part in (0.35, 0.65))
        noise = float(np.quantile(left[inside & (band.there <= flat)], 0.4))
        if noises:
            noise = min(noise, _FLOOR + _FALLS * noises[-1])
        noises.append(noise)
        held = inside & (band.there >= strong)
        usual = float(np.quantile(left[held] / np.maximum(band.there[held], 1e-3), 0.4))
        logs.append(np.log((left + 1) / (1.5 * noise + min(1.5 * usual, part) * band.there + 1)))
    return np.asarray(np.maximum.reduce(logs[1:]), np.float32), noises


def _far(levels: Levels, sigma: float) -> Levels:
    """A wide blur, made small."""
    less = max(1, int(sigma / 4))
    small = cv2.resize(levels, None, fx=1 / less, fy=1 / less, interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(small, (0, 0), sigma / less)
    return np.asarray(cv2.resize(soft, levels.shape[::-1], interpolation=cv2.INTER_LINEAR), np.float32)


def _lost(there: Levels, here: Levels, inside: Mask) -> Levels:
    """How much less faint detail there is than elsewhere, by the usual spread: what smooths spares strong edges."""
    faint = [blurred(np.sqrt(np.abs(one - blurred(one, 1.4))), 5.0) for one in (there, here)]
    ratio, own = np.log((faint[1] + 0.15) / (faint[0] + 0.15)), np.log(faint[0] + 0.15)
    expected, spread = _usual(own, -ratio, inside)
    return np.asarray((-ratio - expected) / spread, np.float32)


def _usual(by: Levels, values: Levels, inside: Mask, least: float = 0.08) -> tuple[Levels, Levels]:
    """Middle and spread of values, as functions of another map."""
    edges = np.quantile(by[inside], np.linspace(0, 1, _BINS + 1))
    centres, middles, spreads = [], [], []
    for begin, end in pairwise(edges):
        held = values[inside & (by >= begin) & (by <= end)]
        if held.size >= 20:
            low, middle = np.quantile(held, (0.25, 0.5))
            centres.append((begin + end) / 2)
            middles.append(middle)
            spreads.append(max(least, (middle - low) / 0.6745))
    if not centres:
        return np.zeros_like(by), np.ones_like(by)
    return np.interp(by, centres, middles), np.interp(by, centres, spreads)


@dataclass(frozen=True, slots=True, eq=False)
class _Band:
    """One band: local energies of the reference (scaled by the picture's usual gain), of the picture, and shared."""

    there: Levels
    here: Levels
    shared: Levels
    gain: Levels
    """Of the picture over the reference, beside the usual one."""
    wide: Levels
    """The same over a wide neighbourhood: what light that falls off makes of it."""
    known: Levels
    likeness: float

    @classmethod
    def of(cls, there: Levels, here: Levels, low: float, high: float, window: float, inside: Mask) -> _Band:
        p, h = (blurred(one, low) - blurred(one, high) for one in (there, here))
        vp, vh, shared = blurred(p * p, window), blurred(h * h, window), blurred(p * h, window)
        strong = inside & (vp >= np.quantile(vp[inside], 0.6))
        usual = float(np.median(shared[strong] / np.maximum(vp[strong], 1e-3))) if strong.any() else 1.0
        usual = max(usual, 0.05)
        vp, shared = vp * usual**2, shared * usual
        left = np.maximum(vh - 2 * shared + vp, 0)
        gain = shared / np.maximum(vp, 0.25)
        far = _WIDE * min(there.shape)
        over = np.where(inside, 1, 0).astype(np.float32)
        # A wide mean of what both share, over a reference that counts for no more where it is strong.
        even = over / (vp + float(np.median(vp[inside])) + _LEAST)
        wide = np.clip(_far(shared * even, far) / np.maximum(_far(vp * even, far), 1e-4), 0.15, 4)
        floor = float(np.median(left[inside])) + _LEAST
        ratio = shared[strong] / np.sqrt(np.maximum(vp[strong] * vh[strong], 1e-3))
        likeness = float(np.median(ratio)) if strong.any() else 1.0
        known, around = (np.asarray(one, np.float32) for one in (vp / floor, wide))
        return cls(vp, vh, shared, np.asarray(gain, np.float32), around, known, likeness)

    @property
    def correlation(self) -> Levels:
        """Of the two in each window."""
        return np.asarray(self.shared / np.sqrt(np.maximum(self.there * self.here, 0.25)), np.float32)

    def expected(self, noise: float, inside: Mask) -> float:
        """Correlation where the reference has structure, were noise all that differs."""
        strong = float(np.median(self.there[inside & (self.there >= np.quantile(self.there[inside], 0.6))]))
        return float(np.sqrt(strong / (strong + noise + 1e-3)))

    def left(self, gain: Levels) -> Levels:
        """Energy that a gain of the reference does not explain."""
        return np.asarray(np.maximum(self.here - 2 * gain * self.shared + gain**2 * self.there, 0), np.float32)

    def sums(self, region: Mask) -> tuple[float, float, float, float]:
        """In a region: energies of the reference, of the picture, shared; and what light makes of the gain there."""
        sums = (float(one[region].sum()) for one in (self.there, self.here, self.shared))
        return (*sums, max(0.05, float(np.median(self.wide[region]))))  # type: ignore[return-value]

    def score(self, gain: Levels, here: Levels, inside: Mask) -> Levels:
        """What is left after a gain, beside what is usual where the reference has as much structure."""
        residue, structure = np.log(self.left(gain) + _LEAST), np.log(self.there + _LEAST)
        expected, spread = _usual(structure, residue, inside, _SPREAD)
        score = (residue - expected) / spread
        # Shadows and lights are grained, clipped and encoded otherwise than what lies between.
        by_light, _ = _usual(blurred(here, 5.0), score, inside)
        return np.asarray(score - np.maximum(by_light, 0), np.float32)
