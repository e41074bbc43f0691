"""Samples of a programme as they are looked up, whole or one of their panels, and where references are in them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from fingerprints.model import Features
from fingerprints.prints import features
from fingerprints.prints.bars import Box
from fingerprints.programmes.placed import Corners
from fingerprints.programmes.programme import Programme
from fingerprints.programmes.segments import Region, mirrored
from fingerprints.stills import verify
from fingerprints.stills.detail import stands
from fingerprints.stills.verify import PreparedPicture, Registration
from media.still import Picture

__all__ = ["Looks", "Sight"]

POINTS, POINTS_SPREAD = 15, 0.1
"""Points that agree, and the part of the shared area that they enclose, by which a clip is proposed."""


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """A sample as it is looked up, whole or one of its panels, as it is or mirrored."""

    look: PreparedPicture
    part: Region
    """Of the frame that it shows, mirrored with it."""

    def framed(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """The look's pixels as parts of the frame."""
        left, top, right, bottom = self.part
        return points / self.look.features.size * (right - left, bottom - top) + (left, top)

    def looked(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """The way back."""
        left, top, right, bottom = self.part
        return (points - (left, top)) / (right - left, bottom - top) * self.look.features.size

    def registered(
        self, reference: Features, picture: Callable[[], Picture] | None = None, *, moves: bool = False
    ) -> Registration | None:
        """Where a reference is in it; `picture` opens it where few points decide, and its detail must confirm it.

        For a reference that `moves`, points alone propose: titles hide its layout, and its course in time decides.
        """
        found = verify.register(self.look, reference)
        if found is None or stands(self.look, found, picture):
            return found
        return found if moves and found.inliers >= POINTS and found.spread >= POINTS_SPREAD else None

    def corners(self, found: Registration, reference: Features) -> Corners:
        """Where a reference is in the frame."""
        placed = verify.quad(found.homography, reference.size)
        assert placed is not None  # noqa: S101 - an accepted registration has its corners
        return self.framed(placed)


@dataclass(eq=False)
class Looks:
    """Samples of a programme as they are looked up; the last ones are kept."""

    programme: Programme

    def __post_init__(self) -> None:
        self._picture = lru_cache(maxsize=8)(lambda number: self.programme.picture(self.programme.samples[number]))
        self.sight = lru_cache(maxsize=160)(self._sight)

    def registered(
        self,
        number: int,
        reference: Features,
        *,
        flip: bool,
        picture: Callable[[], Picture] | None = None,
        moves: bool = False,
    ) -> tuple[Registration, Sight] | None:
        """Where a reference is in a sample: in the whole, otherwise in a panel. See `Sight.registered`."""
        for panel in (None, *self.programme.samples[number].panels):
            sight = self.sight(number, flip, panel)
            found = sight.registered(reference, picture, moves=moves)
            if found is not None:
                return found, sight
        return None

    def _sight(self, number: int, flip: bool, panel: Box | None = None) -> Sight:
        if flip:
            straight = self.sight(number, False, panel)
            return Sight(straight.look.mirrored(), mirrored(straight.part))
        grey = self._picture(number)
        height, width = grey.shape
        x, y, until, down = panel or (0, 0, width, height)
        look = verify.look(features.working(np.ascontiguousarray(grey[y:down, x:until])))
        return Sight(look, (x / width, y / height, until / width, down / height))
