"""The low frequencies of a part of a frame, from those of the whole: for a clip whose file is missing.

Frequencies above the whole's low ones count as zero: a small part is dull, and a tiny one has no content.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fingerprints.prints.phash import LOW, SIDE, Coefficients, basis

__all__ = ["cut_out"]


def cut_out(low: NDArray[np.floating], region: tuple[float, float, float, float]) -> Coefficients:
    """Of N × 16 × 16 coefficients; the region is left, top, right, bottom as fractions."""
    left, top, right, bottom = region
    across, down = _along(left, right), _along(top, bottom)
    return np.asarray(down @ low.astype(np.float64) @ across.T)


def _along(start: float, end: float) -> NDArray[np.float64]:
    """16 × 16: coefficients of a line → those of a part of it. The cosines are drawn where the part is sampled."""
    places = start + (end - start) * (np.arange(SIDE) + 0.5) / SIDE
    waves = np.cos(np.pi * np.outer(places, np.arange(LOW))) / SIDE
    waves[:, 0] /= 2
    return np.asarray(basis().T @ waves)
