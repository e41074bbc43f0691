"""A library's pictures as items that can be looked for in programmes: stored fingerprints, no file is opened.

Thumbnails are kept in memory while they are looked for: about 0.1 MB a picture.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from fingerprints.algorithms.features import unpack
from fingerprints.algorithms.views import VIEW_NAMES, Views
from fingerprints.errors import LibraryFault
from fingerprints.library import Library
from fingerprints.model import Features, Plate, Reference
from fingerprints.sought import Item

__all__ = ["MOST", "items_of"]

MOST = 4
"""Plates that stand for a reference of many, evenly spaced: its frames are alike, and each costs a search."""


def items_of(library: Library) -> Iterator[tuple[Reference, Plate, Item]]:
    """The plates that have their picture, as items named by their ordinals; `MOST` of a sequence."""
    for reference in library.references():
        for ordinal in reference.plates[:: max(1, -(-len(reference.plates) // MOST))]:
            plate, shown = library.plate(ordinal), library.thumbnail(ordinal)
            if plate is not None and shown is not None:
                still, windows = _prints(library, ordinal)
                item = Item(str(ordinal), Path(reference.file), still=still, windows=windows, shown=shown)
                yield reference, plate, item


def _prints(library: Library, ordinal: int) -> tuple[Features, Views]:
    for segment in library.segments():
        if (made := segment.one(ordinal)) is not None:
            names = tuple(VIEW_NAMES[number] for number in made.views.tolist())
            return unpack(made.features), Views(names, made.hashes, np.ones(len(names), np.float32))
    raise LibraryFault(f"{library.folder}: no plate {ordinal}; `provscan library verify` says what is damaged")
