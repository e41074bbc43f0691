"""Proposes key images that a picture may show: by hashes of the whole, and by votes of its points, also by place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fingerprints.index.descriptors import DescriptorIndex
from fingerprints.index.index import JoinedIndex
from fingerprints.model import Features
from fingerprints.prints import phash, views
from media.still import Picture

__all__ = ["BITS", "NEAR_BITS", "Near", "Way", "nearest", "voted"]

BITS: Final = phash.NEAR
"""Bits of 256 within which a view is a match if its layout agrees."""
NEAR_BITS: Final = 80
"""Bits of 256 within which a view is a match if its layout agrees nearly everywhere."""
TRIED: Final = 8
"""Candidates of a look by votes, of all of it; twice as many by hash."""
_FAR_FROM: Final = 20_000_000
"""Hashes from which the wider radius is not asked: it compares them all."""
_VOTES: Final = 4
_PLACED: Final = 12
"""Candidates more, by their votes in one place of a picture."""
_STANDS_OUT: Final = 3.5
"""Spreads over the usual number of votes of a key image in a place."""
_PLACES: Final = ((0.5, 3), (0.3, 5))
"""Side of a place, of the picture's, and how many there are each way: what takes a third of a frame lies in one."""


class Way(NamedTuple):
    """A key image, and the orientation in which the picture may show it."""

    ordinal: int
    flip: bool
    negative: bool = False


@dataclass(frozen=True, slots=True)
class Near:
    """The view of a key image that is nearest to a variant of the picture."""

    bits: int
    guise: views.Region
    view: str


def nearest(index: JoinedIndex, picture: Picture, *, whole_only: bool = False) -> dict[Way, Near]:
    """The nearest key images by hash: as they are, mirrored or negative; without the 4:3 centre, if `whole_only`."""
    asked = views.queries(picture)
    kept = [row for row, name in enumerate(asked.names) if not (whole_only and name.startswith("centre"))]
    if not len(index) or not kept:
        return {}
    straight = asked.hashes[kept]
    # A negative's coefficients have the other sign, and so its bits.
    hashes = straight if whole_only else np.concatenate([straight, ~straight])
    hits = index.search(hashes, NEAR_BITS if len(index) < _FAR_FROM else BITS)
    shown = views.guises(picture)
    best: dict[Way, Near] = {}
    order = np.argsort(hits.distances, kind="stable")[: 64 * TRIED]
    entries = hits.entries[order]
    for row, ordinal, view in zip(order, index.key_images(entries).tolist(), index.views(entries), strict=True):
        query = int(hits.queries[row])
        guise, _, turned = asked.names[kept[query % len(kept)]].partition(" ")
        way = Way(ordinal, bool(turned), query >= len(kept))
        if way not in best and len(best) < 2 * TRIED:
            best[way] = Near(int(hits.distances[row]), shown[guise], view)
    return best


def voted(index: DescriptorIndex, look: Features) -> Sequence[int]:
    """Ordinals of the key images that have points like a look's: most votes then what stands out in a place."""
    rows, ordinals = index.ballots(look.descriptors)
    if not len(rows):
        return ()
    names, key_images = np.unique(ordinals, return_inverse=True)
    counts = np.bincount(key_images)
    chosen = [row for row in np.lexsort((names, -counts))[:TRIED].tolist() if counts[row] >= _VOTES]
    outstanding = _outstanding(look.points[rows] / look.size, key_images, counts)
    chosen += [row for row in outstanding if row not in chosen][:_PLACED]
    return [int(names[row]) for row in chosen]


def _outstanding(places: NDArray[np.float64], key_images: NDArray[np.int64], counts: NDArray[np.int64]) -> list[int]:
    """Key images with many more votes in one place than key images have there, those that stand out most first."""
    best = np.zeros(len(counts))
    for side, count in _PLACES:
        for start in np.stack(np.meshgrid(*2 * [np.linspace(0, 1 - side, count)]), axis=-1).reshape(-1, 2):
            here = key_images[((places >= start) & (places < start + side)).all(axis=1)]
            votes = np.bincount(here, minlength=len(counts))
            usual = len(here) / max(len(counts), 1)
            out = np.where(votes >= _VOTES, (votes - usual) / np.sqrt(usual + 1), 0)
            np.maximum(best, out, out=best)
    order = np.argsort(-best, kind="stable")
    return [int(row) for row in order[: 3 * _PLACED] if best[row] >= _STANDS_OUT]
