"""A flagged asset beside the reference that it shows: pictures for the report. Opens media again, in a sealed worker.

Optional by nature, as thumbnails are: a pair that cannot be drawn is no pair.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from media.place import Box
from media.timecode import rate_of
from scanner.discover.sequences import frame_paths
from scanner.model import Asset, Examination, Kind, Match, Record
from scanner.reports.pictures.pictures import pair_name, wants_pair

if TYPE_CHECKING:
    from media.still import Picture

__all__ = ["Pair", "Source", "draw", "pairs_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a picture is: a file, and for a programme the second of it; or a reference in a library."""

    path: str
    seconds: float | None = None
    reference: str = ""
    """With it, `path` is the library's folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """What to draw, and the file of `pictures/` that it goes to."""

    name: str
    shown: Source
    reference: Source
    regions: tuple[Box, ...] = ()
    """Where the asset differs."""


def pairs_of(record: Record, seen: Examination, libraries: dict[str, str], known: dict[str, Asset]) -> list[Pair]:
    """Of a record's matches. `libraries` are folders by name, `known` the run's own references by theirs."""
    pairs = []
    for match in wants_pair(record):
        shown, reference = _shown(seen.asset, match), _reference(match, libraries, known)
        if shown and reference:
            name, regions = pair_name(record, match), tuple(_regions(match))
            pairs.append(Pair(name=name, shown=shown, reference=reference, regions=regions))
    return pairs


def _regions(match: Match) -> Iterator[Box]:
    boxes = (match.alteration or {}).get("regions")
    for box in boxes if isinstance(boxes, list) else ():
        yield Box(box["x"], box["y"], box["w"], box["h"])


def _shown(asset: Asset, match: Match) -> Source | None:
    """The frame that was judged, else the middle of a segment; of a sequence, of the frames that show it."""
    root, at = Path(asset.location), match.at
    frame = (match.alteration or {}).get("frame")
    if asset.kind is Kind.VIDEO:
        if at is None or not at.frames or not at.rate:
            return None
        if not isinstance(frame, int):
            frame = sum(at.frames[0]) // 2
        return Source(path=str(root / asset.path), seconds=float((frame + 0.5) / rate_of(at.rate)))
    if asset.frames is None or at is None or not at.is_numbered:
        return Source(path=str(root / asset.path))
    number = frame if isinstance(frame, int) else (sum(at.frames[0]) - 1) // 2
    there = (path for other, path in frame_paths(asset) if other is not None and other >= number)
    return Source(path=str(root / next(there, asset.path % at.frames[0][0])))


def _reference(match: Match, libraries: dict[str, str], known: dict[str, Asset]) -> Source | None:
    if (library := match.facts.get("library")) is not None:
        folder = libraries.get(library)
        return Source(path=folder, reference=match.reference, seconds=_middle(match)) if folder else None
    asset = known.get(match.reference)
    if asset is None:
        return None
    _, first = next(iter(frame_paths(asset)))
    seconds = (_middle(match) or 0.0) if asset.kind is Kind.VIDEO else None
    return Source(path=str(Path(asset.location) / first), seconds=seconds)


def _middle(match: Match) -> float | None:
    """Seconds of a clip, amid what is seen of it."""
    if "reference_out" not in match.facts:
        return None
    return (float(match.facts.get("reference_in", "0")) + float(match.facts["reference_out"])) / 2


def draw(pair: Pair) -> bytes | None:
    """A JPEG of the two side by side, laid alike; None where they cannot be opened or laid."""
    from fingerprints.stills.match import geometry
    from fingerprints.stills.side_by_side import side_by_side
    from media.errors import LibraryError, MediaError, MissingDependency
    from media.still import jpeg

    try:
        shown, reference = _opened(pair.shown), _opened(pair.reference)
        if (matrix := geometry(shown, reference)) is None:
            return None
        return jpeg(side_by_side(shown, reference, matrix, pair.regions))
    except (MediaError, LibraryError, MissingDependency, OSError, MemoryError):
        return None


def _opened(source: Source) -> Picture:
    from media.still import DETAIL_SIDE, frame_picture, open_picture

    path = Path(source.path)
    if source.reference:
        return _of_library(path, source.reference, source.seconds)
    if source.seconds is not None:
        return frame_picture(path, source.seconds, side=DETAIL_SIDE)
    return open_picture(path, at_least=DETAIL_SIDE)


def _of_library(folder: Path, name: str, seconds: float | None) -> Picture:
    from fingerprints.library.library import Library
    from media.errors import LibraryError
    from media.still import DETAIL_SIDE

    with Library.open(folder) as library:
        reference = library.reference(name)
        if reference is None or not reference.plates:
            shown = None
        elif seconds is not None:
            shown = library.frame(reference, seconds, at_least=DETAIL_SIDE)
        else:
            shown = library.picture(reference, reference.plates[0], at_least=DETAIL_SIDE)
    if shown is None:
        raise LibraryError(f"{folder}: no picture of {name}")
    return shown
