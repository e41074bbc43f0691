"""Other ways to recognise a photograph, beside which ours is measured: hashes, and ORB with RANSAC."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import imagehash
import numpy as np
from PIL import Image

__all__ = ["PEERS", "Peer"]

Photo = np.ndarray


@dataclass(frozen=True)
class Peer:
    """How a method describes references, and how far from a picture each of them is: less is nearer."""

    name: str
    describe: Callable[[Sequence[Photo]], Any]
    rank: Callable[[Photo, Any], Mapping[int, float]]


def PEERS() -> list[Peer]:
    """Those that are installed."""
    found = [
        _hashing("imagehash phash 16", lambda image: np.packbits(imagehash.phash(image, hash_size=16).hash)),
        Peer("ORB + RANSAC", lambda photos: [_points(photo) for photo in photos], _registered),
    ]
    try:
        import pdqhash
    except ImportError:
        return found
    return [_hashing("PDQ", lambda image: np.packbits(pdqhash.compute(np.asarray(image))[0])), *found]


def _hashing(name: str, make: Callable[[Image.Image], np.ndarray]) -> Peer:
    def rank(picture: Photo, stored: np.ndarray) -> Mapping[int, float]:
        return dict(enumerate(np.bitwise_count(stored ^ make(Image.fromarray(picture))).sum(axis=1).astype(float)))

    return Peer(name, lambda photos: np.stack([make(Image.fromarray(photo)) for photo in photos]), rank)


def _points(photo: Photo) -> tuple[np.ndarray, np.ndarray | None]:
    scale = 640 / max(photo.shape)
    grey = cv2.resize(cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY), None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    points, descriptors = cv2.ORB.create(1000).detectAndCompute(grey, None)
    return np.array([point.pt for point in points], np.float32).reshape(-1, 2), descriptors


def _registered(picture: Photo, stored: Sequence[tuple[np.ndarray, np.ndarray | None]]) -> Mapping[int, float]:
    """Points that agree on a homography, negated: every reference is tried."""
    here, mine = _points(picture)
    matcher, found = cv2.BFMatcher(cv2.NORM_HAMMING), {}
    for row, (there, theirs) in enumerate(stored):
        if mine is None or theirs is None or min(len(mine), len(theirs)) < 8:
            continue
        pairs = [pair[0] for pair in matcher.knnMatch(mine, theirs, 2) if pair[0].distance < 0.8 * pair[1].distance]
        if len(pairs) < 8:
            continue
        ours, other = here[[pair.queryIdx for pair in pairs]], there[[pair.trainIdx for pair in pairs]]
        matrix, agreeing = cv2.findHomography(other, ours, cv2.RANSAC, 5.0)
        if matrix is not None:
            found[row] = -float(agreeing.sum())
    return found
