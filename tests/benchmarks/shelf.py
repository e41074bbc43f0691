"""A library in memory: what `Matcher` asks of one, without a folder."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from fingerprints.index.descriptors import DescriptorIndex, flat_part
from fingerprints.index.index import JoinedIndex, LinearIndex, SegmentIndex
from fingerprints.library.prints import THUMBNAIL_SIDE
from fingerprints.model import Features, KeyImage
from fingerprints.prints import features, views
from media.still import Picture, fitted

__all__ = ["MemoryShelf"]


class MemoryShelf:
    """References by id; ordinals are their places."""

    def __init__(self, pictures: Mapping[str, Picture]) -> None:
        self._names, self._pictures = tuple(pictures), tuple(pictures.values())
        self._features = [features.extract(picture) for picture in pictures.values()]
        seen = [views.windows(picture) for picture in pictures.values()]
        hashes = np.concatenate([np.zeros((0, 4), np.uint64), *(view.hashes for view in seen)])
        owners = np.repeat(np.arange(len(seen), dtype=np.uint32), [len(view.hashes) for view in seen])
        numbers = np.array([views.VIEW_NAMES.index(name) for view in seen for name in view.names], np.uint8)
        self._hashes = JoinedIndex([SegmentIndex(LinearIndex(hashes), owners, numbers)])
        described = np.concatenate([np.zeros((0, 32), np.uint8), *(one.descriptors for one in self._features)])
        counts = [len(one.descriptors) for one in self._features]
        starts = np.cumsum([0, *counts])[:-1].astype(np.int64)
        self._descriptors = DescriptorIndex([flat_part(described, np.arange(len(seen), dtype=np.uint32), starts)])

    def hash_index(self) -> JoinedIndex:
        return self._hashes

    def descriptor_index(self) -> DescriptorIndex:
        return self._descriptors

    def features(self, ordinal: int) -> Features:
        return self._features[ordinal]

    def thumbnail(self, ordinal: int) -> Picture:
        return fitted(self._pictures[ordinal], THUMBNAIL_SIDE)

    def key_image(self, ordinal: int) -> KeyImage:
        width, height = self._features[ordinal].size
        return KeyImage(ordinal=ordinal, reference=self._names[ordinal], at="", width=width, height=height)
