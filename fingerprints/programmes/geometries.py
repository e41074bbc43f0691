"""Where in a frame a clip may be seen, and which part of it: by key images that register in samples."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from fingerprints.model import Features
from fingerprints.prints.bars import Box
from fingerprints.prints.views import WHOLE
from fingerprints.programmes.align import Alignment
from fingerprints.programmes.looks import Looks, Sight
from fingerprints.programmes.placed import Corners, Placed, placed
from fingerprints.programmes.programme import Programme
from fingerprints.programmes.segments import Region, mirrored, region_of
from fingerprints.programmes.sought import Query
from fingerprints.programmes.steadied import anchored, pace_of
from fingerprints.stills.geometry import UNIT, inverse, map_points
from fingerprints.stills.verify import Registration

__all__ = ["MOVING", "Pair", "Part", "box_of", "climbed", "geometries", "pairs_of"]

GEOMETRIES = 2
"""That are tried: in a moving shot one is only as good as the two frames are the same."""
IN_PLACE = 0.06
"""Of the frame: a clip whose corners are so near to the frame's fills it."""
FULL = 0.04
"""A region that leaves out less than this on any side is the whole frame."""
ABOUT = 3.0
"""Seconds about the voted time in which all key images are tried for a picture that is seen from a moving hand."""
FOLLOWED = 8
"""Samples about in which such a picture is registered: from there it is followed."""
MOVING = 24
"""Samples of a clip that moves in the frame in which it is registered."""

Part = Region | Placed
"""Of a frame: a box in it, or where a clip lies that is seen at an angle."""
Pair = tuple[Registration, Sight, Features, int, int]
"""How a key image lies in a sample, with the numbers of the sample and of the key image."""


def geometries(
    programme: Programme, looks: Looks, item: Query, line: Alignment, pairs: Sequence[Pair], *, flip: bool
) -> Iterator[tuple[Part, Region]]:
    """Parts of the frame in which the clip may be seen, with the visible parts of the clip.

    `pairs` are those of the line. The whole of both costs nothing, and needs no distinction between bars and a dark
    road.
    """
    in_place = [
        np.abs(sight.corners(found, key_image) - UNIT).max() < IN_PLACE for found, sight, key_image, *_ in pairs
    ]
    if any(in_place) or not pairs:
        yield WHOLE, WHOLE
    laid = None if any(in_place) else _placed(programme, looks, item, line, pairs, flip=flip)
    if laid is not None:
        yield laid, WHOLE
    for pair in pairs[:GEOMETRIES]:
        for panel in () if any(in_place) else _panels(programme, pair[3], flip=flip):
            parts = _parts(programme, *pair[:4], flip=flip, panel=panel)
            if parts is not None:
                yield parts
        parts = _parts(programme, *pair[:4], flip=flip)
        if parts is not None:
            yield parts
    if pairs and not any(in_place):
        yield WHOLE, WHOLE


def box_of(part: Part) -> Region:
    """Around a part of the frame as it is shown."""
    return region_of(np.median(part.corners, axis=0), flip=part.flip) if isinstance(part, Placed) else part


def _placed(
    programme: Programme, looks: Looks, item: Query, line: Alignment, pairs: Sequence[Pair], *, flip: bool
) -> Placed | None:
    """Where the whole clip is seen at an angle, or from a moving hand: then where it is in every sample, and when."""
    assert item.clip is not None  # noqa: S101
    moments = item.clip.moments
    seen = {
        number: (sight.corners(found, key_image), float(moments[which]))
        for found, sight, key_image, number, which in pairs
    }
    laid = placed(_by_row(programme, seen), flip=flip)
    if laid is None or laid.stays:
        return laid
    times = programme.moments
    inside = _samples_on(times, line)
    for number in inside[:: max(1, len(inside) // FOLLOWED)]:
        there = (times[number] - line.offset) * line.speed
        pair = _best_of(looks, item, number, np.flatnonzero(np.abs(moments - there) <= ABOUT).tolist(), flip=flip)
        if pair is not None:
            seen[number] = pair[1].corners(pair[0], pair[2]), float(moments[pair[-1]])
    return _timed(programme, item, seen, flip=flip)


def _timed(
    programme: Programme, item: Query, seen: Mapping[int, tuple[Corners, float]], *, flip: bool
) -> Placed | None:
    """Corners and moments by sample, brought to where and when the clip correlates best; and the time they keep."""
    assert item.clip is not None  # noqa: S101
    clip, closer, scores = item.clip, dict[int, tuple[Corners, float]](), list[float]()
    for number, (corners, moment) in sorted(seen.items()):
        grey = programme.picture(programme.samples[number])
        there, when, score = anchored(grey, corners, moment, clip.drawn, flip=flip)
        closer[number] = there, when
        scores.append(score)
    laid = placed(_by_row(programme, closer), flip=flip)
    if laid is None or laid.stays:
        return laid
    times = programme.clock[laid.rows].tolist()
    return replace(laid, pace=pace_of(times, [when for _, when in closer.values()], scores))


def _by_row(programme: Programme, seen: Mapping[int, tuple[Corners, float]]) -> dict[int, tuple[Corners, float]]:
    return {programme.samples[number].row: known for number, known in seen.items()}


def _panels(programme: Programme, number: int, *, flip: bool) -> Iterator[Region]:
    """Panels of a sample as parts of the frame, or of the mirrored frame: beside a clip others may be seen."""
    for box in programme.samples[number].panels:
        yield _part_of(programme, number, box, flip=flip)


def _part_of(programme: Programme, number: int, box: Box, *, flip: bool) -> Region:
    """A box in a sample's picture as a part of the frame, or of the mirrored frame."""
    height, width = programme.picture(programme.samples[number]).shape[:2]
    part = box[0] / width, box[1] / height, box[2] / width, box[3] / height
    return mirrored(part) if flip else part


def _parts(
    programme: Programme,
    found: Registration,
    sight: Sight,
    key_image: Features,
    number: int,
    *,
    flip: bool,
    panel: Region | None = None,
) -> tuple[Region, Region] | None:
    """What a registration says: the part of the frame, and the part of the clip. Of a panel, where that cuts it."""
    here = _inside(region_of(sight.corners(found, key_image), flip=False), programme, number, flip=flip)
    if panel is not None:
        whole = here
        here = _shared(here, panel)
        seen = max(0.0, here[2] - here[0]) * max(0.0, here[3] - here[1])
        if not 0.25 < seen / max((whole[2] - whole[0]) * (whole[3] - whole[1]), 1e-6) < 0.9:
            return None
    corners = np.array([[here[x], here[y]] for x, y in ((0, 1), (2, 1), (2, 3), (0, 3))])
    back = map_points(inverse(found.homography), sight.looked(corners))
    if back is None or min(here[2] - here[0], here[3] - here[1]) <= 0.05:
        return None
    there = region_of(back / key_image.size, flip=False)
    if flip:
        here = mirrored(here)
    return _full(here), _full(there)


def pairs_of(programme: Programme, looks: Looks, item: Query, line: Alignment, *, flip: bool) -> list[Pair]:
    """Samples with the key images that register best, best first: on the line and near it, since its time is rough."""
    assert item.clip is not None  # noqa: S101 - only clips come here
    moments, times = item.clip.moments, programme.moments
    inside = _samples_on(times, line)
    found = []
    for number in inside[:: max(1, len(inside) // 3)][:4]:
        key_image = int(np.abs(moments - (times[number] - line.offset) * line.speed).argmin())
        found.append(climbed(looks, item, number, [key_image], flip=flip))
    return sorted(filter(None, found), key=lambda pair: -pair[0].inliers)


def _samples_on(times: NDArray[np.float64], line: Alignment) -> list[int]:
    """The samples, by their seconds, from where a line begins to where it ends."""
    return np.flatnonzero((times >= line.first - 0.1) & (times <= line.last + 0.1)).tolist()


def _pair_of(looks: Looks, item: Query, number: int, key_image: int, *, flip: bool) -> Pair | None:
    """How a key image lies in a sample."""
    features = item.key_image(key_image)
    found = looks.registered(number, features, flip=flip, moves=True)
    return None if found is None else (*found, features, number, key_image)


def _best_of(looks: Looks, item: Query, number: int, key_images: Sequence[int], *, flip: bool) -> Pair | None:
    """The registration of the best of several key images in a sample."""
    pairs = (_pair_of(looks, item, number, key_image, flip=flip) for key_image in key_images)
    return max(filter(None, pairs), key=lambda pair: pair[0].inliers, default=None)


def climbed(looks: Looks, item: Query, number: int, key_images: Sequence[int], *, flip: bool) -> Pair | None:
    """The registration of the best key image in a sample: one of several, or of those next to the best of them."""
    assert item.clip is not None  # noqa: S101 - only clips come here
    best: Pair | None = None
    asked = [one for one in key_images if 0 <= one < len(item.clip.samples)]
    tried = set(asked)
    while asked:
        key_image = asked.pop(0)
        pair = _pair_of(looks, item, number, key_image, flip=flip)
        if pair is None or (best is not None and pair[0].inliers <= best[0].inliers):
            continue
        best = pair
        more = {key_image + step for step in (-1, 1) if 0 <= key_image + step < len(item.clip.samples)} - tried
        tried |= more
        asked += sorted(more)
    return best


def _inside(region: Region, programme: Programme, number: int, *, flip: bool) -> Region:
    """Without the bars of the shot."""
    box = programme.samples[number].box
    return region if box is None else _shared(region, _part_of(programme, number, box, flip=flip))


def _shared(one: Region, other: Region) -> Region:
    """What lies in both."""
    return max(one[0], other[0]), max(one[1], other[1]), min(one[2], other[2]), min(one[3], other[3])


def _full(region: Region) -> Region:
    whole = max(region[0], region[1], 1 - region[2], 1 - region[3]) < FULL
    return WHOLE if whole else region
