"""Makes the fingerprints of a file (or a sequence's frames), in workers.

A picture is decoded once, for hashes, features and thumbnail alike. What tracing needs of a video or a sound is too
much to send back: it is written as a clip, which counts once the catalogue lists it.
"""

from __future__ import annotations

import hashlib
import multiprocessing
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from fingerprints.library.clips import pack_clip
from fingerprints.library.kinds import find_kind
from fingerprints.library.segments import KeyImagePrints
from fingerprints.model import Clip
from fingerprints.prints import chromaprint
from fingerprints.prints.features import extract, pack
from fingerprints.prints.views import VIEW_NAMES, windows
from media.digest import digest_files
from media.errors import Malformed, MediaError, MissingDependency
from media.probe import probe
from media.still import WORKING_SIDE, Picture, fitted, jpeg, open_with_size
from media.work.folders import Folder

if TYPE_CHECKING:
    from fingerprints.programmes.programme import Programme

__all__ = [
    "FilePrints",
    "Files",
    "PicturePrints",
    "limit_seconds",
    "needs_of",
    "take_away",
    "take_checked",
    "take_prints",
]

THUMBNAIL_SIDE = 480
_STILL_BITS = 10
"""A frame that differs from the last kept one by so few bits shows nothing new."""
_MOST_FRAMES = 500
"""Kept of one sequence."""
_MOST_KEY_IMAGES = 100
"""Frames of a clip that stills are compared with; programmes are compared with all of it."""
_FIRST_SECONDS, _SECONDS_A_MEGABYTE = 600.0, 4.0
_NUMBERS = {name: number for number, name in enumerate(VIEW_NAMES)}


@dataclass(frozen=True, slots=True, eq=False)
class PicturePrints:
    """The fingerprints of one picture of a file."""

    at: str
    width: int
    height: int
    prints: KeyImagePrints
    thumbnail: bytes
    """JPEG."""


@dataclass(frozen=True, slots=True, eq=False)
class FilePrints:
    """Everything that a library keeps of a file, except its details."""

    digest: str
    size: int
    pictures: tuple[PicturePrints, ...]
    clip: Clip | None = None
    fault: str = ""
    """Why it was read only in part."""


@dataclass(frozen=True, slots=True)
class Files:
    """A reference's files, and the SHA-256 that its first one should have; empty: not known."""

    paths: tuple[Path, ...]
    sha256: str = ""


def limit_seconds(files: Files) -> float:
    """Time limit for reading: ten minutes, and four seconds for every megabyte."""
    size = 0
    for path in files.paths:
        with suppress(OSError):  # the worker reports it
            size += path.stat().st_size
    return _FIRST_SECONDS + _SECONDS_A_MEGABYTE * size / 1e6


def take_checked(files: Files, clips: Path) -> FilePrints | Malformed:
    """The fingerprints, or why there are none. Clips are written into that folder."""
    _use_one_thread()
    try:
        if files.sha256 and _sha256(files.paths[0]) != files.sha256.lower():
            return Malformed("its SHA-256 differs from the log: it is another file or another version")
        return take_prints(files.paths, clips)
    except MediaError as fault:
        return Malformed(str(fault))
    except (OSError, ValueError, MemoryError, MissingDependency) as error:
        return Malformed(f"cannot be read: {error or type(error).__name__}")


def take_away(files: Files) -> tuple[FilePrints | Malformed, dict[str, bytes]]:
    """The same on a machine that does not see the library: with the files of its clip, by name."""
    with TemporaryDirectory(prefix="provscan-clips-") as folder:
        made = take_checked(files, Path(folder))
        clip = made.clip if isinstance(made, FilePrints) else None
        return made, pack_clip(clip, Path(folder)) if clip else {}


def needs_of(files: Files) -> Iterator[Folder]:
    """The folders that a machine must see to read the files."""
    yield from (Folder(folder) for folder in dict.fromkeys(str(path.absolute().parent) for path in files.paths))


@cache
def _use_one_thread() -> None:
    """In a worker: there is one for each processor already."""
    if multiprocessing.parent_process() is not None:
        cv2.setNumThreads(1)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def take_prints(files: Sequence[Path], clips: Path) -> FilePrints:
    """Make the fingerprints of one file, or of a sequence's frames in order. A clip is written into `clips`. Raises
    `MediaError`."""
    digest = digest_files(files)
    size = sum(path.stat().st_size for path in files)
    try:
        pictures = tuple(_frames(files)) if len(files) > 1 else tuple(_single(files[0]))
    except MediaError as no_picture:
        if len(files) > 1 or find_kind(files[0]):
            raise
        return _moving(files[0], digest, size, clips, no_picture)
    if not pictures:
        raise Malformed("contains no picture that could be recognised")
    return FilePrints(digest, size, pictures)


def _moving(path: Path, digest: str, size: int, clips: Path, no_picture: MediaError) -> FilePrints:
    from fingerprints.library.clip_arrays import write_clip  # late: slow to load, and most references are stills
    from fingerprints.programmes.programme import read

    try:
        programme = read(path, reference=True)
    except MediaError as fault:
        raise Malformed(f"{no_picture}; as video or sound: {fault}") from fault
    if not programme.samples and not len(programme.peaks.times):
        raise Malformed("contains no picture or sound that could be recognised")
    pictures = tuple(_key_images(programme))
    return FilePrints(digest, size, pictures, write_clip(clips, programme, _words(programme)), programme.fault)


def _words(programme: Programme) -> NDArray[np.uint32]:
    """Without them the landmarks find it all the same."""
    with suppress(MediaError):
        if len(programme.peaks.times):
            return chromaprint.words(programme.path)
    return np.zeros(0, np.uint32)


def _key_images(programme: Programme) -> Iterator[PicturePrints]:
    """Frames that stand for it, evenly, without the bars of their shots."""
    shown = probe(programme.path).first("video")
    looked = [sample for sample in programme.samples if sample.look]
    for sample in looked[:: max(1, -(-len(looked) // _MOST_KEY_IMAGES))]:
        picture = programme.picture(sample)
        size = (shown.width, shown.height) if shown and shown.width and shown.height else picture.shape[1::-1]
        if sample.box is not None:
            left, top, right, bottom = sample.box
            picture = picture[top:bottom, left:right]
        yield _prints(f"{programme.seconds_of(sample.row):.3f} s", picture, size)


def _single(path: Path) -> Iterator[PicturePrints]:
    if kind := find_kind(path):
        for at, picture, size in kind.read_pictures(path, at_least=WORKING_SIDE):
            yield _prints(at, picture, size)
    else:
        picture, size = open_with_size(path, at_least=WORKING_SIDE)
        yield _prints("", picture, size)


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
    prints = KeyImagePrints(
        hashes=views.hashes,
        views=np.asarray([_NUMBERS[name] for name in views.names], np.uint8),
        features=pack(extract(work)),
    )
    return PicturePrints(at, *size, prints, jpeg(fitted(work, THUMBNAIL_SIDE), quality=80))
