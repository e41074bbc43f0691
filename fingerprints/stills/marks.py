"""Whether a picture shows the mark of a watermarked preview: it then equals the preview in every block.

No model of any mark is needed: noise of a codec averages out within a block, and a missing mark does not.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from fingerprints.stills.geometry import Matrix
from fingerprints.stills.registered import eroded, registered
from media.still import Picture

__all__ = ["shows_mark_of"]

_BLOCK: Final = 8
_MARGIN: Final = 4
"""Pixels beside the border of what both show that are left out."""
_LEAST: Final = 40
"""With fewer blocks nothing is decided."""
_FARTHEST: Final = 4.0
"""Levels of 255 by which the 98th of a hundred blocks may differ. A white mark of 15 % over mid-grey differs by 19."""


def shows_mark_of(picture: Picture, reference: Picture, matrix: Matrix) -> bool:
    """Whether a picture shows a watermarked reference with its mark, at the place that `matrix` (fractions to
    fractions) gives.

    False where it does not, or where that cannot be decided.
    """
    far = block_distance(picture, reference, matrix)
    return far is not None and far <= _FARTHEST


def block_distance(picture: Picture, reference: Picture, matrix: Matrix) -> float | None:
    """The 98th percentile of the differences between blocks, in levels of lightness; None where too little is seen."""
    pair = registered(picture, reference, matrix, np.ones(picture.shape[:2], np.uint8))
    if pair is None:
        return None
    valid = eroded(pair.valid, _MARGIN)
    rows, columns = (side // _BLOCK for side in valid.shape)
    if not rows or not columns:
        return None

    def blocks(levels: NDArray[np.float32]) -> NDArray[np.float32]:
        whole = levels[: rows * _BLOCK, : columns * _BLOCK]
        mean: NDArray[np.float32] = whole.reshape(rows, _BLOCK, columns, _BLOCK).mean(axis=(1, 3), dtype=np.float32)
        return mean

    inside = blocks(valid.astype(np.float32)) >= 1
    if inside.sum() < _LEAST:
        return None
    far = np.abs(blocks(pair.picture[..., 0]) - blocks(pair.reference[..., 0]))[inside]
    return float(np.percentile(far, 98))
