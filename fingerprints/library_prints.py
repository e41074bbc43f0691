"""From a file (or a sequence's frames) to its fingerprints: what workers do. Nothing here writes.

A picture is decoded once, for hashes, features and thumbnail alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fingerprints.algorithms.features import extract, pack
from fingerprints.algorithms.views import VIEW_NAMES, windows
from fingerprints.digest import digest_files
from fingerprints.errors import MediaFault
from fingerprints.library_segments import PlatePrints
from fingerprints.model import Picture
from fingerprints.pdf_pictures import pdf_pictures
from fingerprints.pictures import WORKING_SIDE, fitted, jpeg, open_with_size

__all__ = ["FilePrints", "PicturePrints", "take_prints"]

THUMBNAIL_SIDE = 480
_STILL_BITS = 10
"""A frame that differs from the last kept one by so few bits shows nothing new."""
_MOST_FRAMES = 500
"""Kept of one sequence."""
_NUMBERS = {name: number for number, name in enumerate(VIEW_NAMES)}


@dataclass(frozen=True, slots=True, eq=False)
class PicturePrints:
    """The fingerprints of one picture of a file."""

    at: str
    width: int
    height: int
    prints: PlatePrints
    thumbnail: bytes
    """JPEG."""


@dataclass(frozen=True, slots=True, eq=False)
class FilePrints:
    """All that a library keeps of a file, but what people say of it."""

    digest: str
    size: int
    pictures: tuple[PicturePrints, ...]


def take_prints(files: Sequence[Path]) -> FilePrints:
    """Of one still or PDF, or of a sequence's frames in order. Raises `MediaFault`."""
    digest = digest_files(files)
    pictures = tuple(_frames(files)) if len(files) > 1 else tuple(_single(files[0]))
    if not pictures:
        raise MediaFault("holds no picture that could be found again")
    return FilePrints(digest, sum(path.stat().st_size for path in files), pictures)


def _single(path: Path) -> Iterator[PicturePrints]:
    if _is_pdf(path):
        for at, picture, size in pdf_pictures(path, at_least=WORKING_SIDE):
            yield _prints(at, picture, size)
    else:
        picture, size = open_with_size(path, at_least=WORKING_SIDE)
        yield _prints("", picture, size)


def _is_pdf(path: Path) -> bool:
    with path.open("rb") as file:
        return b"%PDF-" in file.read(1024)


def _frames(files: Sequence[Path]) -> Iterator[PicturePrints]:
    """Those that show something new; the first always."""
    last = None
    kept = 0
    for path in files:
        picture, size = open_with_size(path, at_least=WORKING_SIDE)
        made = _prints(path.name, picture, size)
        whole = made.prints.hashes[:1]
        if last is not None and len(whole) and int(np.bitwise_count(whole ^ last).sum()) <= _STILL_BITS:
            continue
        yield made
        last, kept = (whole if len(whole) else None), kept + 1
        if kept == _MOST_FRAMES:
            return


def _prints(at: str, picture: Picture, size: tuple[int, int]) -> PicturePrints:
    work = fitted(picture, WORKING_SIDE)
    views = windows(work)
    prints = PlatePrints(
        hashes=views.hashes,
        views=np.asarray([_NUMBERS[name] for name in views.names], np.uint8),
        features=pack(extract(work)),
    )
    return PicturePrints(at, *size, prints, jpeg(fitted(work, THUMBNAIL_SIDE), quality=80))
