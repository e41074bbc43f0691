"""Draws pictures that a scan did not draw, when a report of its records wants them and the media are at hand."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Final

from media.errors import ConfigError
from scanner.config import Config
from scanner.discover.roots import distinct_roots
from scanner.model import Asset, Record
from scanner.progress import Progress
from scanner.reports.pictures.drawing import draw_pictures
from scanner.reports.pictures.pictures import PictureFolder, Pictures

__all__ = ["EitherPictures", "draw_missing"]

_PATTERN: Final = re.compile(r"(?:[^%]|%%)*%0?\d{0,2}d(?:[^%]|%%)*")
"""The path of a frame sequence: one number of a bounded width."""


@dataclass(frozen=True, slots=True)
class EitherPictures:
    """Pictures of two folders: those of the first, and from the second those that the first lacks."""

    first: Pictures
    second: Pictures

    def size(self, name: str) -> int:
        """See `Pictures`."""
        return self.first.size(name) or self.second.size(name)

    def read(self, name: str) -> bytes:
        """See `Pictures`."""
        return self.first.read(name) or self.second.read(name)


@dataclass(frozen=True, slots=True)
class _AtHand:
    """The stored records whose media are at hand, and their assets."""

    stored: Callable[[], Iterable[Record]]
    locations: Mapping[str, str]
    """A scanned root's name → where it is now."""

    def records(self) -> Iterator[Record]:
        """Those whose asset is in such a root. A path that leads out of it is left out: records may come from
        anywhere."""
        return (record for record in self.stored() if self._holds(record.examination.asset))

    def assets(self) -> Iterator[Asset]:
        """The asset of each record, where it is now."""
        for record in self.records():
            asset = record.examination.asset
            yield replace(asset, location=self.locations[asset.root])

    def _holds(self, asset: Asset) -> bool:
        path = PurePosixPath(asset.path)
        if asset.root not in self.locations or path.is_absolute() or ".." in path.parts or "\0" in asset.path:
            return False
        return asset.frames is None or bool(asset.frames.ranges and _PATTERN.fullmatch(asset.path))


def draw_missing(
    stored: Callable[[], Iterable[Record]],
    media: Sequence[Path],
    drawn: Path,
    config: Config,
    into: Path,
    progress: Progress,
) -> Pictures:
    """The pictures of a report: those in the folder `drawn`, and what is missing there, drawn into another folder.

    `media` are scanned roots, where they are now. Raises `ConfigError` where none of them has the name of a scanned
    root.
    """
    locations = {root.name: root.location for root in distinct_roots(media)}
    scanned = dict.fromkeys(record.examination.asset.root for record in stored())
    if locations.keys().isdisjoint(scanned):
        names = ", ".join(scanned) or "none"
        raise ConfigError(f"--media {media[0]}: no scanned folder has this name; the records have: {names}")
    known = PictureFolder(drawn)
    at_hand = _AtHand(stored, locations)
    draw_pictures(at_hand.records, at_hand.assets, config, into, progress, known=known)
    return EitherPictures(known, PictureFolder(into))
