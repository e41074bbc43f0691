"""What was changed in a reference's picture: register, match tones, compare at the lower resolution, draw a map.

A grade, grain, a crop or another encoding is not an alteration; content that is not the reference's is. The
map is judged only against references whose pixels are the work's own. What it shows is where the
pictures differ beyond that, never who or what made them differ.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray

from fingerprints.algorithms.bars import unbarred
from fingerprints.geometry import UNIT, Box, Matrix, in_place, inverse, map_points, zoom
from fingerprints.model import Picture, Quality
from fingerprints.registered import Pair, registered

__all__ = ["Alteration", "Change", "Kind", "compare", "static_overlay"]


class Kind(StrEnum):
    """What a picture is to its reference, the gravest that holds."""

    EXACT = "exact"
    REFRAMED = "reframed"
    GRADED = "graded"
    ENHANCED = "enhanced"
    """Sharpness differs everywhere, content nowhere. Upscaling by a model and a good resize look alike here."""
    RECOLOURED = "recoloured"
    ALTERED = "altered locally"
    EXTENDED = "extended"
    """The picture goes on, without a seam, beyond the reference's border."""
    RESYNTHESISED = "re-synthesised"
    """Registered, and different over most of what is shared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One region that differs."""

    kind: Kind
    region: Box
    """In the picture."""
    reference_region: Box
    area_percent: float
    """Of what the picture shows of the reference; of an extension, of the picture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alteration:
    """The verdict and its map."""

    judged: bool
    kind: Kind | None
    kinds: tuple[Kind, ...] = ()
    """All that hold."""
    changes: tuple[Change, ...] = ()
    area_percent: float = 0.0
    """Of the shared area that was altered or recoloured."""
    similarity: float = 0.0
    """Mean structural similarity over the shared area, after the tones were matched."""
    reason: str = ""
    """Why it was not judged."""
    mask: NDArray[np.bool_] | None = None
    """The map, in the reference's frame."""


LEAST_AREA = 0.004
"""Of the shared area: a smaller region is not told from what encoding leaves."""
"""The measured figures are in `docs/matching.md`."""
_WHOLE = 0.45
"""Of the shared area: more is no local change."""
