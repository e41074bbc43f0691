"""A library's pictures, clips and sounds as queries for programmes: no original is opened.

Thumbnails of stills are kept in memory while they are looked for, about 0.1 MB a picture; clips are memory-mapped.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from fingerprints.library.library import Library
from fingerprints.model import Features, Reference
from fingerprints.prints.features import unpack
from fingerprints.prints.views import VIEW_NAMES, Views
from fingerprints.programmes.sought import Query
from media.errors import LibraryError

__all__ = ["MOST", "items_of"]

MOST = 4
"""Key images that represent a reference with many, evenly spaced: its frames are alike, and each costs a search."""


def items_of(library: Library) -> Iterator[tuple[Reference, Query]]:
    """Clips, and key images with a thumbnail, `MOST` of a sequence; their names are unique in a library."""
    for reference in library.references():
        items = _key_images(library, reference) if reference.clip is None else _clip(library, reference)
        yield from ((reference, item) for item in items)


def _key_images(library: Library, reference: Reference) -> Iterator[Query]:
    for ordinal in reference.key_images[:: max(1, -(-len(reference.key_images) // MOST))]:
        if (shown := library.thumbnail(ordinal)) is not None:
            still, windows = _prints(library, ordinal)
            yield Query(str(ordinal), Path(reference.file), still=still, windows=windows, shown=shown)


def _clip(library: Library, reference: Reference) -> Iterator[Query]:
    try:
        kept = library.clip(reference)
    except LibraryError:
        if library.reference(reference.id) is None:  # another process removed it meanwhile
            return
        raise
    if kept is not None and reference.clip is not None:
        path = Path(reference.file)
        yield Query(
            reference.clip.name, path, clip=kept.programme, kept=kept.features, words=kept.words, kept_signs=kept.signs
        )


def _prints(library: Library, ordinal: int) -> tuple[Features, Views]:
    for segment in library.segments():
        if (made := segment.one(ordinal)) is not None:
            names = tuple(VIEW_NAMES[number] for number in made.views.tolist())
            return unpack(made.features), Views(names, made.hashes, np.ones(len(names), np.float32))
    raise LibraryError(f"{library.folder}: no key image {ordinal}; `provscan library verify` lists what is damaged")
