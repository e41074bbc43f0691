"""A flagged asset beside the reference that it shows: pictures for the report. Opens media again, in a sealed worker.

Always optional, like thumbnails: a pair that cannot be drawn is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from media.place import Box
from media.timecode import rate_of
from media.work.folders import Folder, find_folder
from scanner.clock import clock, places
from scanner.discover.sequences import frame_paths
from scanner.model import Asset, Examination, Kind, Match, Record, Sense
from scanner.reports.pictures.illustrate import frame_job
from scanner.reports.pictures.pictures import match_frame, pair_name, wants_pair
from scanner.reports.pictures.waveforms import Stretch, draw_waveforms

if TYPE_CHECKING:
    from media.still import Picture

__all__ = ["Pair", "SoundPair", "Source", "draw", "folders_of", "libraries_by_name", "open_source", "pairs_of"]

_QUALITY: Final = 75
"""Of a pair's JPEG: a report is mailed, and what differs is outlined."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a picture is: a file, and for a programme the second of it; or a reference in a library."""

    path: str
    seconds: float | None = None
    reference: str = ""
    """With it, `path` is the library's folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """What to draw, and the name of its file in `pictures/`."""

    name: str
    shown: Source
    reference: Source
    regions: tuple[Box, ...] = ()
    """Where the asset differs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundPair:
    """A sound to draw as waveforms, and the name of its file in `pictures/`."""

    name: str
    stretches: tuple[Stretch, ...]
    """Of the asset, then of the reference where its file is known."""


def pairs_of(
    record: Record, seen: Examination, libraries: dict[str, str], known: dict[str, Asset]
) -> list[Pair | SoundPair]:
    """The pairs of a record's matches. `libraries` are folders by name, `known` the run's own references by theirs."""
    pairs: list[Pair | SoundPair] = []
    for match in wants_pair(record):
        name = pair_name(record, match)
        if match.facts.sense == Sense.SOUND:
            if stretches := tuple(_stretches(record, seen.asset, match, known.get(match.reference))):
                pairs.append(SoundPair(name=name, stretches=stretches))
            continue
        shown, reference = _choose_source(record, seen.asset, match), _reference(match, libraries, known)
        if shown and reference:
            regions = match.alteration.regions if match.alteration else ()
            pairs.append(Pair(name=name, shown=shown, reference=reference, regions=regions))
    return pairs


def _stretches(record: Record, asset: Asset, match: Match, reference: Asset | None) -> Iterator[Stretch]:
    """Where it is heard; of a frame sequence, which has no sound, nowhere."""
    origin, spans = clock(record.examination), places(match.at, clock(record.examination))
    rate = origin.rate if origin else match.at.rate if match.at else None
    if asset.frames or not spans or not rate:
        return
    begin, end = (float(frame / rate_of(rate)) for frame in spans[0])
    yield Stretch(path=str(Path(asset.location) / asset.path), begin=begin, end=end)
    if reference is not None and reference.frames is None and (out := match.facts.reference_out) is not None:
        into = match.facts.reference_in or 0.0
        yield Stretch(path=str(Path(reference.location) / reference.path), begin=into, end=out)


def _choose_source(record: Record, asset: Asset, match: Match) -> Source | None:
    """The frame that was judged, else the middle of a segment; of a sequence, of the frames that show it."""
    root = Path(asset.location)
    if asset.kind is not Kind.VIDEO and asset.frames is None:
        return Source(path=str(root / asset.path))
    frame = match_frame(record, match)
    job = None if frame is None else frame_job(record, root, frame)
    if job is None:
        return None
    return Source(path=str(job.path), seconds=job.seconds if asset.kind is Kind.VIDEO else None)


def _reference(match: Match, libraries: dict[str, str], known: dict[str, Asset]) -> Source | None:
    if not match.facts.is_own:
        folder = libraries.get(match.facts.library)
        return Source(path=folder, reference=match.reference, seconds=_middle(match)) if folder else None
    asset = known.get(match.reference)
    if asset is None:
        return None
    _, first = next(iter(frame_paths(asset)))
    seconds = (_middle(match) or 0.0) if asset.kind is Kind.VIDEO else None
    return Source(path=str(Path(asset.location) / first), seconds=seconds)


def _middle(match: Match) -> float | None:
    """Seconds of a clip, amid what is seen of it."""
    facts = match.facts
    return None if facts.reference_out is None else ((facts.reference_in or 0.0) + facts.reference_out) / 2


def libraries_by_name(folders: Iterable[str]) -> dict[str, str]:
    """The folders of libraries, whole, by the names that matches have of them."""
    return {path.name: str(path) for path in (Path(folder).resolve() for folder in folders)}


def folders_of(pair: Pair | SoundPair) -> Iterator[Folder]:
    """The folders without which a pair cannot be drawn."""
    from fingerprints.library.travelling import library_folder

    if isinstance(pair, SoundPair):
        yield from (Folder(str(Path(stretch.path).parent)) for stretch in pair.stretches)
        return
    for source in (pair.shown, pair.reference):
        yield library_folder(source.path) if source.reference else Folder(str(Path(source.path).parent))


def draw(pair: Pair | SoundPair) -> bytes | None:
    """A JPEG of the two side by side, aligned, or of their waveforms; None where they cannot be opened or aligned."""
    if isinstance(pair, SoundPair):
        return draw_waveforms(pair.stretches)
    from fingerprints.stills.match import geometry
    from fingerprints.stills.side_by_side import side_by_side
    from media.errors import LibraryError, MediaError, MissingDependency
    from media.still import jpeg

    try:
        shown, reference = open_source(pair.shown), open_source(pair.reference)
        if (matrix := geometry(shown, reference)) is None:
            return None
        return jpeg(side_by_side(shown, reference, matrix, pair.regions), quality=_QUALITY)
    except (MediaError, LibraryError, MissingDependency, OSError, MemoryError):
        return None


def open_source(source: Source) -> Picture:
    """The picture of a source, large enough to compare. Raises `MediaError` or `LibraryError`."""
    from media.still import DETAIL_SIDE, frame_picture, open_picture

    path = Path(source.path)
    if source.reference:
        return _of_library(Path(find_folder(source.path)), source.reference, source.seconds)
    if source.seconds is not None:
        return frame_picture(path, source.seconds, side=DETAIL_SIDE)
    return open_picture(path, at_least=DETAIL_SIDE)


def _of_library(folder: Path, name: str, seconds: float | None) -> Picture:
    from fingerprints.library.library import Library
    from media.errors import LibraryError
    from media.still import DETAIL_SIDE

    with Library.open(folder) as library:
        reference = library.reference(name)
        if reference is None or not reference.key_images:
            shown = None
        elif seconds is not None:
            shown = library.frame(reference, seconds, at_least=DETAIL_SIDE)
        else:
            shown = library.picture(reference, reference.key_images[0], at_least=DETAIL_SIDE)
    if shown is None:
        raise LibraryError(f"{folder}: no picture of {name}")
    return shown
