"""Compares the detail of a reference with a picture, to confirm a match where few points agree.

A crop of a plain subject has few corners, all in one place. If nearly all of the picture has the reference's detail,
block by block, the reference is shown nevertheless. A shared caption or bug fills few blocks. Half of a split screen,
or the part that a title leaves free, is shown where the agreeing points are, if the detail there is the reference's and
is more than letters, title boxes and empty sky.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from fingerprints.stills.geometry import Matrix
from fingerprints.stills.laying import Mask, band, correlation, laid, lay_over
from fingerprints.stills.verify import INLIERS, PreparedPicture, Registration
from media.still import Picture

__all__ = ["agrees", "blocks_alike", "likeness", "resembles", "stands"]

_SIDE: Final = 320
"""Pixels of the picture's longer side at which details are compared: a geometry may be off by a pixel of those."""
_BLOCK: Final = 20
_EVEN: Final = 2.0
"""Grey levels: a block whose detail varies less says nothing."""
_ALIKE, _MOST = 0.5, 0.7
"""Correlation of a block that agrees, and the least part of those that say something which must."""
_WHOLE: Final = 0.45
"""Correlation of all of it together."""
_FEWEST, _SHARE = 30, 0.25
"""Blocks that must say something, and their least part of what is seen: more than any caption or bug fills."""
_LEAST: Final = 200
"""Pixels that both must have."""
_GRAINED: Final = 1.5
"""Times the grain by which a block that is even in the reference may vary: brighter places have more of it."""
_REACH: Final = 0.04
"""Of the reference's side: how far beyond the agreeing points what they lie on is asked."""
_PICTURED: Final = 0.35
"""Of a block, at least, is not plain."""
_FEW_BLOCKS, _UNLIKE = 8, 0.45
"""Blocks where the agreeing points lie, and the middle one's correlation below which they tell nothing."""
_OTHER: Final = (12, 0.12, 0.4)
"""Blocks that are not plain, their part of all blocks, and how many of them are alike: below, only what is plain is."""
_PAGE: Final = 0.6
"""Of a reference: what is seen of one, if only what is plain of it is."""
_FILLS: Final = (24, 0.75, 0.9)
"""Blocks that are not plain, the part of the look that is shared, and how many of the blocks are alike in it."""
_EMPTY: Final = 0.3
"""Of all blocks are plain: few points on such a part are a plate's."""
_SCRAP: Final = (0.15, 0.1)
"""Part of a reference, and part of the frame that the agreeing points lie on: less of both is a letter or a mark."""
_LETTERED: Final = 0.3
"""Of all blocks: where fewer that are not plain lie around the agreeing points, these lie on what is plain."""
_BESIDE: Final = (20, 0.9, 1.3, 0.12)
"""Blocks, the middle correlation, the pixels that agreeing points are off and the part of the frame: another view of
the same place."""
_PART: Final = (20, 16, 0.8, 0.8, 0.1)
"""Points, blocks, the part of these that is alike, the middle correlation and the part of the frame: what a part shown
by itself needs at least."""
_IN_PLACE: Final = 2
"""Times as much of a reference that fills the frame as it fills its own: so does a shared title."""
_FAINT: Final = (50, 0.35, 0.7, 0.5, 0.25)
"""Blocks, a low correlation, the part of them that has it, the middle one and the part of the frame: what a picture
that shows through another one needs at least."""

_RESEMBLING: Final = 0.4
"""Correlation of detail of a picture that was found by its hash alone."""
_TELLING: Final = 40
"""Blocks with detail in both pictures that tell them from others: the plainest of 250 photographs had 53 and more, and
gradients, skies and horizons that hashes took for each other 34 and less."""
_PLAINEST: Final = (24, 0.95, 0.9)
"""Where fewer tell, at least: such blocks, the part of them that is alike, and the correlation of all of the image."""


def stands(look: PreparedPicture, found: Registration, picture: Callable[[], Picture | None] | None) -> bool:
    """Whether a reference is seen where it was registered: by all checks, or by its detail where they do not decide.

    `picture` opens the reference as grey, as large as its features state.
    """
    if found.inliers < INLIERS or picture is None or (shown := picture()) is None:
        return found.accepted
    blocks = blocks_alike(look, found, shown)
    if found.accepted:
        return not blocks.contradict(found)
    if blocks.show_part(found):
        return True
    is_page = found.shared < _PAGE and blocks.plain > _EMPTY * (blocks.plain + len(blocks.alike))
    return not is_page and agrees(look.grey, look.seen, shown, found.homography)


@dataclass(frozen=True, slots=True, eq=False)
class Blocks:
    """Blocks that a look and a reference share when aligned, and that are not plain."""

    alike: NDArray[np.float64]
    """Correlation of detail."""
    within: Mask
    """Whether agreeing points are around it."""
    plain: int
    """How many plain blocks there are."""
    area: float
    """Part of the look that one block takes."""

    def contradict(self, found: Registration) -> bool:
        """Whether the points agree in a place where the picture is another one, or on letters and title boxes only.

        A page of letters only is seen as a whole. Another photograph of the same house from a few steps aside has
        points that agree roughly, and detail that is slightly displaced.
        """
        near, count = self.alike[self.within], len(self.alike)
        if found.shared < _SCRAP[0] and len(near) * self.area < _SCRAP[1]:
            return True
        if len(near) < _LETTERED * (self.plain + count):
            if self.plain > count and found.framed < _PAGE:
                return not self._fills_alike()
            least, share, most = _OTHER
            is_enough = count >= max(least, share * (count + self.plain))
            if is_enough and float(np.mean(self.alike >= _ALIKE)) < most:
                return not self.show_part(found)
        if self._beside(found):
            return True
        return len(near) >= _FEW_BLOCKS and float(np.median(near)) < _UNLIKE

    def _fills_alike(self) -> bool:
        """Whether the shared part fills the look, and all that is not plain in it is alike, as in a zoom into it."""
        least, filled, share = _FILLS
        count = len(self.alike)
        if count < least or self.area * (self.plain + count) < filled:
            return False
        return float(np.mean(self.alike >= _ALIKE)) >= share

    def _beside(self, found: Registration) -> bool:
        """Whether points agree about, on detail that is a little beside the reference's: another view of the place."""
        near = self.alike[self.within]
        few, middle, pixels, area = _BESIDE
        is_large = len(near) >= few and len(near) * self.area >= area
        return is_large and found.error > pixels and float(np.median(near)) < middle

    def show_part(self, found: Registration) -> bool:
        """Whether the detail at the points is the reference's, whatever is elsewhere."""
        near = self.alike[self.within]
        least, few, most, middle, area = _PART
        times = _IN_PLACE if found.in_place else 1
        if found.inliers < least or len(near) < times * few or len(near) * self.area < times * area:
            return False
        if np.mean(near >= _ALIKE) >= most and np.median(near) >= middle:
            return not self._beside(found)
        few, low, share, middle, area = _FAINT
        if len(near) < few or len(near) * self.area < area or found.error > _BESIDE[2]:
            return False
        return bool(np.mean(near >= low) >= share and np.median(near) >= middle)


def blocks_alike(look: PreparedPicture, found: Registration, picture: Picture) -> Blocks:
    """Compare a look with the reference that was registered in it, block by block in the reference's frame."""
    over = lay_over(look, found.homography, picture, _SIDE)
    here, there = band(over.look, over.pictured), band(over.reference, over.pictured)
    hull = cv2.convexHull(np.asarray((found.agreeing - over.low) * over.scale, np.float32)).round().astype(np.int32)
    around = cv2.fillConvexPoly(np.zeros(over.seen.shape, np.uint8), hull, 1)
    reach = 2 * round(_REACH * max(over.seen.shape)) + 1
    around = cv2.dilate(around, np.ones((reach, reach), np.uint8))
    varying: list[tuple[float, float, float]] = []
    within, drawn = [], 0
    for block in _blocks_of(over.seen):
        shown = over.pictured[block]
        if shown.mean() < _PICTURED:
            drawn += 1
            continue
        one, other = here[block][shown], there[block][shown]
        if max(one.std(), other.std()) >= _EVEN:
            varying.append((correlation(one, other), one.std(), other.std()))
            within.append(around[block].mean() > 0.5)
    alike, own, its = np.array(varying, np.float64).reshape(-1, 3).T
    near = np.array(within, bool)
    tells = ~_is_grain(alike, own, its, near)
    area = _BLOCK**2 * abs(np.linalg.det(found.homography)) / over.scale**2 / look.grey.size
    return Blocks(alike[tells], near[tells], drawn, float(area))


def _is_grain(
    alike: NDArray[np.float64], own: NDArray[np.float64], its: NDArray[np.float64], near: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Which blocks are even in the reference, and vary in the look by no more than grain does where points agree.

    `alike` are correlations, `own` and `its` the levels by which the look's and the reference's detail varies.
    """
    known = near & (alike >= _ALIKE)
    if not known.any():
        return np.zeros(len(alike), bool)
    grain = float(np.median((own * np.sqrt(np.clip(1 - alike**2, 0, 1)))[known]))
    return np.asarray((its < _EVEN) & (own <= _GRAINED * grain))


def _blocks_of(mask: Mask) -> Iterator[tuple[slice, slice]]:
    """The blocks that lie wholly within a mask."""
    height, width = mask.shape
    for top in range(0, height - _BLOCK + 1, _BLOCK):
        for left in range(0, width - _BLOCK + 1, _BLOCK):
            block = np.s_[top : top + _BLOCK, left : left + _BLOCK]
            if mask[block].all():
                yield block


def likeness(frame: Picture, picture: Picture, matrix: Matrix) -> float:
    """Correlation of detail where the picture should be, −1 to 1. `matrix`: its pixels to the frame's."""
    shown, mask = laid(picture, matrix, frame.shape)
    return correlation(band(frame)[mask], band(shown)[mask]) if mask.sum() >= _LEAST else 0.0


def resembles(frame: Picture, picture: Picture, matrix: Matrix) -> bool:
    """Whether a picture that a hash found is seen in the frame, by its detail: `matrix` maps its pixels to the frame's.

    Plain pictures have no detail that tells one from another, and a hash takes them for each other.
    """
    together = likeness(frame, picture, matrix)
    if together < _RESEMBLING:
        return False
    small, zoom = _small(frame)
    shown, mask = laid(picture, zoom @ matrix, small.shape)
    here, there = band(small), band(shown)
    telling = [block for block in _blocks_of(mask) if min(here[block].std(), there[block].std()) >= _EVEN]
    if len(telling) >= _TELLING:
        return True
    few, most, least = _PLAINEST
    if len(telling) < few or together < least:
        return False
    return bool(np.mean([correlation(here[block], there[block]) >= _ALIKE for block in telling]) >= most)


def _small(frame: Picture) -> tuple[Picture, Matrix]:
    """The frame with a longer side of `_SIDE` at most, and what maps its pixels there."""
    scale = min(1.0, _SIDE / max(frame.shape))
    small = cv2.resize(frame, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8), np.diag([scale, scale, 1.0])


def agrees(frame: Picture, seen: NDArray[np.uint8], picture: Picture, matrix: Matrix) -> bool:
    """Whether the detail of the visible part of the frame is, nearly everywhere, that of the aligned picture."""
    small, zoom = _small(frame)
    shown, mask = laid(picture, zoom @ matrix, small.shape)
    mask &= cv2.resize(seen, small.shape[::-1], interpolation=cv2.INTER_NEAREST) > 0
    here, there = band(small), band(shown)
    asked, alike = 0, []
    for block in _blocks_of(mask):
        asked += 1
        if max(here[block].std(), there[block].std()) >= _EVEN:
            alike.append(correlation(here[block], there[block]))
    if len(alike) < max(_FEWEST, _SHARE * asked) or np.mean(np.array(alike) >= _ALIKE) < _MOST:
        return False
    return correlation(here[mask], there[mask]) >= _WHOLE
