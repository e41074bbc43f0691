"""How much there is to recognise in a picture: keeps flat frames out of indices.

Black, fades, skies and gradients look alike in all pictures. The measure is the contrast, in grey levels, that remains
when every row's and every column's own level is subtracted: the coefficients that vary both ways.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["GATE", "qualities"]

FULL = 25.0
"""Levels of contrast that give the full quality of 1."""
GATE = 0.2
"""Hashes of lower quality are neither stored nor looked up: 5 levels of contrast."""

_PIXELS = 64 * 64
_TIE = 1e-3


def qualities(low: NDArray[np.float64]) -> NDArray[np.float32]:
    """0 to 1 for each of N × 16 × 16 coefficients of `phash.coefficients`."""
    both = low[:, 1:, 1:]
    # Parseval: coefficients of type II, unnormalised, are 2 · 64 times a pixel's share each way, over √2.
    contrast = np.sqrt(np.einsum("nvh,nvh->n", both, both)) / (2 * _PIXELS)
    flat = low.reshape(len(low), -1)
    # Coefficients that all sit on the median (a symmetric graphic) make bits out of rounding.
    tied = (np.abs(flat - np.median(flat, axis=1)[:, None]) < _TIE).mean(axis=1)
    return np.asarray(np.clip(contrast / FULL, 0, 1) * (1 - tied), np.float32)
