"""The nouns of pictures, their fingerprints and what a library knows about them. Frozen; nothing here computes.

A *reference* is one item of a library (a photo, a sequence, a document, a video, a sound). Its *key images* are the
pictures that represent it: a still itself, chosen frames of a sequence or a video, each picture of a PDF; a sound has
none. A key image has an *ordinal*, which its library never uses again; indices answer with ordinals.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fingerprints.vocabulary import Quality, Role

__all__ = [
    "Clip",
    "Details",
    "Features",
    "Hashes",
    "Hits",
    "KeyImage",
    "Reference",
]

Hashes = NDArray[np.uint64]
"""N × 4: hashes of 256 bits; the little-endian view of their 32 bytes."""


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """Local features of one picture, all rows in step."""

    points: NDArray[np.float32]
    """N × 2: x, y in pixels of the working size, from the upper left corner."""
    descriptors: NDArray[np.uint8]
    """N × 32."""
    size: tuple[int, int]
    """Width and height of the working size, at which `points` are counted."""
    layout: NDArray[np.uint8]
    """128 bytes: for each of 32 × 32 cells, whether it is brighter than its surroundings."""


@dataclass(frozen=True, slots=True, eq=False)
class Hits:
    """Pairs that an index found, all rows in step, ordered by query, then distance, then entry."""

    queries: NDArray[np.int64]
    """Row of the query."""
    entries: NDArray[np.int64]
    """Row of the index; `JoinedIndex` has its key image and view."""
    distances: NDArray[np.int64]
    """Bits that differ, of 256."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """What people state about a reference. Texts are as given; empty where nothing is known."""

    id: str
    role: Role
    title: str = ""
    source: str = ""
    rights: str = ""
    licence: str = ""
    ai_terms: str = ""
    """What the licence states about AI use of the work."""
    quality: Quality = Quality.SCAN
    valid_until: str = ""
    """ISO date; empty: no end is known."""
    uses: str = ""
    """The media that it is licensed for, as the log states them: `SVOD, festivals`, `all media excl. theatrical`."""
    territory: str = ""
    """Where: `UK, IE`, `world excl. US`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """What a reference of video or sound has beside its key images, which are some of its frames."""

    name: str
    """Name of its folder in the library."""
    seconds: float
    rate: str
    """Frames a second, `24000/1001`; empty: it has no picture."""
    origin: float
    """Seconds of the file at which its first frame is shown."""
    has_sound: bool
    made: str
    """The algorithms that made it, with their versions."""
    digests: Mapping[str, str]
    """Digests of its files, by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """One item of a library."""

    details: Details
    file: str
    """Where it was added from: an absolute path. A sequence's first frame."""
    digest: str
    """xxh3 of 128 bits, hexadecimal; of a sequence, of its frames' digests in order."""
    size: int
    key_images: tuple[int, ...]
    """Ordinals."""
    added: str
    """ISO time, UTC."""
    clip: Clip | None = None
    """Of video and sound."""

    @property
    def id(self) -> str:
        """The reference's name in reports."""
        return self.details.id


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyImage:
    """One picture of a reference."""

    ordinal: int
    reference: str
    """The reference's id."""
    at: str
    """Which of its pictures: empty for a still's only one, `frame 1001`, `page 3, picture 1`, `12.480 s`."""
    width: int
    height: int
    """Size of the whole picture, opened upright."""
