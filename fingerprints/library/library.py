"""The reference library: a folder of fingerprints by which known pictures and sounds are recognised.

Embedded, local, and safe to kill. `adding` fills it, `log` reads what archival producers keep, `copying` exports and
merges it, `checks` verifies it, `repair` repairs it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from fingerprints.index.descriptors import DescriptorIndex
from fingerprints.index.index import JoinedIndex
from fingerprints.library.catalogue import Catalogue
from fingerprints.library.clips import CLIPS
from fingerprints.library.database import REPAIR
from fingerprints.library.segments import KeyImagePrints, Shard, discard, joining_bytes, write_segment
from fingerprints.model import Features, KeyImage, Reference
from fingerprints.prints import STORED
from media.errors import LibraryError, MediaError
from media.still import Picture, frame_picture, open_picture, picture_in

if TYPE_CHECKING:
    from fingerprints.library.clip_arrays import KeptClip

__all__ = ["SEGMENTS", "Library", "now"]

SEGMENTS = "segments"
_FAN_IN = 8
"""Segments of one order of size that become one."""


@dataclass(frozen=True, slots=True, eq=False)
class _Opened:
    """The segments as they were after one change."""

    change: int
    segments: tuple[Shard, ...]
    removed: frozenset[int]
    hashes: JoinedIndex


class Library:
    """An open library. A context. Other processes may add to it and remove from it meanwhile."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.folder = catalogue.folder
        self.offline: set[str] = set()
        """Files of references that were wanted in full size and are not here."""
        self._opened: _Opened | None = None
        self._descriptors: tuple[int, DescriptorIndex] | None = None

    @classmethod
    def create(cls, folder: Path) -> Library:
        """Create a new, empty one. Raises `LibraryError` where the folder holds anything."""
        library = cls(Catalogue.create(folder, dict(STORED)))
        (folder / SEGMENTS).mkdir()
        (folder / CLIPS).mkdir()
        return library

    @classmethod
    def open(cls, folder: Path) -> Library:
        """Open a library. Raises `LibraryError` for another folder. Fingerprints of other versions are refused when
        they are used."""
        return cls(Catalogue.open(folder))

    def close(self) -> None:
        """Close its files."""
        self._opened = self._descriptors = None
        self.catalogue.close()

    def __enter__(self) -> Library:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # What it holds

    def references(self) -> Iterator[Reference]:
        """All references, by id."""
        return self.catalogue.references()

    def reference(self, name: str) -> Reference | None:
        """The reference of this id."""
        return next(self.catalogue.references("id = ?", (name,)), None)

    def key_image(self, ordinal: int) -> KeyImage | None:
        """The key image of this ordinal; None where it does not exist."""
        return self.catalogue.key_image(ordinal)

    def thumbnail(self, ordinal: int) -> Picture | None:
        """A small picture of a key image; None in a library that was exported without thumbnails."""
        data = self.catalogue.thumbnail(ordinal)
        try:
            return None if data is None else picture_in(data)
        except MediaError as fault:
            raise LibraryError(f"{self.folder}: key image {ordinal} is damaged: {fault}") from fault

    def picture(self, reference: Reference, ordinal: int, *, at_least: int) -> Picture | None:
        """A key image from the file that it was added from, if that still exists; otherwise its thumbnail."""
        # Only a still's file is its key image: of sequences and documents the library does not keep what to open.
        original = self.original(reference) if len(reference.key_images) == 1 or reference.clip else None
        if original is not None:
            with suppress(MediaError):
                if reference.clip is not None:
                    return frame_picture(original, self._second(ordinal), side=at_least)
                return open_picture(original, at_least=at_least)
        elif len(reference.key_images) == 1 or reference.clip:
            self.offline.add(reference.file)
        return self.thumbnail(ordinal)

    def frame(self, reference: Reference, seconds: float, *, at_least: int) -> Picture | None:
        """The frame of a clip at a time after its first, from its file; otherwise the nearest key image."""
        if reference.clip is None or not reference.key_images:
            return None
        moment, original = reference.clip.origin + seconds, self.original(reference)
        if original is not None:
            with suppress(MediaError):
                return frame_picture(original, moment, side=at_least)
        return self.thumbnail(min(reference.key_images, key=lambda ordinal: abs(self._second(ordinal) - moment)))

    def _second(self, ordinal: int) -> float:
        key_image = self.key_image(ordinal)
        try:
            return float(key_image.at.split()[0]) if key_image else 0.0
        except (ValueError, IndexError):
            return 0.0

    def clip(self, reference: Reference) -> KeptClip | None:
        """What tracing needs of a video or a sound. Raises `LibraryError` where it is damaged."""
        if reference.clip is None:
            return None
        from fingerprints.library.clip_arrays import KeptClip

        self.is_readable()
        folder = self.folder / CLIPS / reference.clip.name
        return KeptClip.open(folder, self.original(reference) or folder)

    def original(self, reference: Reference) -> Path | None:
        """The file that a reference was added from, if it still exists and has the same size."""
        path = Path(reference.file)
        try:
            is_same = path.is_absolute() and path.stat().st_size == reference.size
        except OSError:
            return None
        return path if is_same else None

    def remove(self, name: str) -> bool:
        """Remove a reference; returns whether it existed."""
        with self.catalogue.changing():
            if (reference := self.reference(name)) is None:
                return False
            self.catalogue.delete(reference)
        if reference.clip is not None:
            discard(self.folder / CLIPS / reference.clip.name)
        return True

    # What finds it

    def hash_index(self) -> JoinedIndex:
        """Over all views of all key images, memory-mapped, as the library is now."""
        return self._now().hashes

    def features(self, ordinal: int) -> Features:
        """The features of one key image. Raises `LibraryError` where it does not exist."""
        for segment in self._now().segments:
            if (found := segment.features(ordinal)) is not None:
                return found
        raise LibraryError(f"{self.folder}: no key image {ordinal}; `provscan library verify` lists what is damaged")

    def descriptor_index(self) -> DescriptorIndex:
        """Over the local features of all key images, memory-mapped, as the library is now."""
        now = self._now()
        if self._descriptors is None or self._descriptors[0] != now.change:
            parts = [part for segment in now.segments for part in segment.descriptor_parts()]
            self._descriptors = (now.change, DescriptorIndex(parts, tuple(now.removed)))
        return self._descriptors[1]

    def segments(self) -> tuple[Shard, ...]:
        """The segments that count now."""
        return self._now().segments

    def is_readable(self) -> None:
        """Raise `LibraryError`, with how to fix it, where its fingerprints were made by other algorithms than these."""
        made = self.catalogue.algorithms()
        if made != dict(STORED):
            raise LibraryError(
                f"{self.folder} was made with {_format_versions(made)}; this provscan reads"
                f" {_format_versions(STORED)}. Create it again from its files:"
                f" `provscan library list {self.folder} --format csv > LOG.csv`,"
                " `provscan library init NEW`, `provscan library import NEW LOG.csv`"
            )
        if made_by := {clip.made for clip in self.catalogue.clips().values()}:
            self._are_readable(made_by)

    def _are_readable(self, made: set[str]) -> None:
        from fingerprints.library.clip_arrays import MADE

        if other := made - {MADE}:
            raise LibraryError(
                f"{self.folder} holds clips made with {', '.join(sorted(other))}; this provscan reads {MADE}. Create it"
                f" again from its files: `provscan library list {self.folder} --format csv > LOG.csv`,"
                " `provscan library init NEW`, `provscan library import NEW LOG.csv`"
            )

    def _now(self) -> _Opened:
        while True:
            change = self.catalogue.change()
            if self._opened is not None and self._opened.change == change:
                return self._opened
            self.is_readable()
            try:
                self._opened = self._open(change)
            except LibraryError:
                # Another process may have merged a segment away between the catalogue and the folder.
                if self.catalogue.change() == change:
                    raise

    def _open(self, change: int) -> _Opened:
        segments = tuple(Shard(self.folder / SEGMENTS / name) for name in self.catalogue.segments())
        removed = self.catalogue.removed()
        index = JoinedIndex([segment.hash_part() for segment in segments], tuple(removed))
        for segment in segments:
            segment.map_all()
        return _Opened(change, segments, removed, index)

    # Segments

    def merge_segments(self, memory: int | None = None) -> None:
        """Join segments of one order of size until few are left; removed key images are dropped for good. What would
        take more than `memory` bytes stays apart."""
        while (crowd := self._crowd(memory)) and self._merge(crowd):
            pass

    def _crowd(self, memory: int | None) -> Sequence[str]:
        orders: dict[int, list[tuple[str, int]]] = {}
        for name, (key_images, _) in self.catalogue.segments().items():
            orders.setdefault((key_images + 1).bit_length() // 3, []).append((name, key_images))
        for _, crowd in sorted(orders.items()):
            if len(crowd) >= _FAN_IN and (memory is None or joining_bytes(sum(size for _, size in crowd)) <= memory):
                return [name for name, _ in crowd]
        return ()

    def _merge(self, names: Sequence[str]) -> bool:
        """Whether they were merged; not if another process was sooner."""
        parent = self.folder / SEGMENTS
        old = [Shard(parent / name) for name in names]
        removed = self.catalogue.removed()
        try:  # another process may be merging the same ones away
            held = [one.key_images["ordinal"].tolist() for one in old]
            rows = sorted((ordinal, place) for place, ordinals in enumerate(held) for ordinal in ordinals)
            streams = [self._checked(one, removed) for one in old]
            joined = write_segment(parent, (next(streams[at]) for ordinal, at in rows if ordinal not in removed))
        except LibraryError:
            if set(names) <= set(self.catalogue.segments()):
                raise
            return False
        digests = joined.digests()
        with self.catalogue.changing():
            is_mine = set(names) <= set(self.catalogue.segments())
            if is_mine:
                self.catalogue.discount_segments(names)
                self.catalogue.count_segment(joined.name, len(joined), digests)
                self.catalogue.forget(removed & {ordinal for ordinal, _ in rows})
        for folder in (one.folder for one in old) if is_mine else (joined.folder,):
            discard(folder)
        return is_mine

    def _checked(self, segment: Shard, removed: frozenset[int]) -> Iterator[tuple[int, KeyImagePrints]]:
        """As `Shard.prints`; `LibraryError` for damaged ones: a digest of the joined segment would hide them."""
        for ordinal, prints in segment.prints(removed):
            if self.catalogue.sum_of(ordinal) not in (None, prints.sum()):
                raise LibraryError(f"{segment.folder} is damaged; see `{REPAIR} {self.folder}`")
            yield ordinal, prints


def now() -> str:
    """ISO time, UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _format_versions(versions: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {version}" for name, version in sorted(versions.items())) or "no algorithm at all"
