"""Asset → Examination: every reader looks, guarded. Runs in a sealed worker; can be pickled in and out.

A fault that one reader meets costs only that reader's look. What was found before a fault is kept.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from fingerprints.marks import ocr
from media import ffmpeg
from media.digest import DigestMode
from media.errors import MediaError, Unreadable, Unsupported
from media.identify import identify
from media.whole import check_whole
from scanner.discover.sequences import frame_paths
from scanner.examine.books import Books, place_of_frame
from scanner.examine.decoding import decode_final
from scanner.examine.digest import Sums, digest_asset
from scanner.examine.gaps import gaps
from scanner.model import (
    Asset,
    Category,
    Evidence,
    Examination,
    Look,
    LookStatus,
    MediaFacts,
    Problem,
    ProblemCode,
)
from scanner.readers import READERS, Medium, Reader, ReadSettings
from scanner.readers.visible import VISIBLE, search_seconds

__all__ = ["ExamineSettings", "examine", "limit_seconds", "lost", "toolset"]

VERSION = "examine/4"
"""Raised when the same looks give other problems; what the cache holds is then examined again."""

_NAMED = 12
"""Streams and places that were not decoded, by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExamineSettings:
    """The settings that change an examination's result. Pickled to workers; part of the cache key."""

    reading: ReadSettings = field(default_factory=ReadSettings)
    digest: DigestMode = DigestMode.AUTO
    watermarks: tuple[Category, ...] = ()
    """Categories whose pictures are also searched for pixel watermarks: costly."""
    marks: tuple[Category, ...] = ()
    """Categories whose pictures are searched for visible marks, where text can be read here: costly."""

    def searched(self, reader: str) -> tuple[Category, ...]:
        """The categories into which a costly reader looks."""
        if reader == VISIBLE.name:
            return self.marks if ocr.is_here() else ()
        return self.watermarks


def toolset(settings: ExamineSettings) -> str:
    """Identifies what gives the same examination: readers, their versions, and the settings."""
    readers = ",".join(f"{reader.name}/{reader.version}" for reader in READERS)
    anchors = ",".join(f"{path}:{_stamp(path)}" for path in settings.reading.trust_anchors)
    searched = ",".join(settings.watermarks)
    if settings.searched(VISIBLE.name):
        searched += f";{','.join(settings.marks)}:{ocr.version_here()}"
    lacks = "" if ffmpeg.is_here() else ";no ffmpeg"
    return f"{VERSION};{readers};{settings.reading.verify_limit};{anchors};{settings.digest};{searched}{lacks}"


def _stamp(path: str) -> str:
    try:
        status = Path(path).stat()
    except OSError:
        return "absent"
    return f"{status.st_size}.{status.st_mtime_ns}"


def limit_seconds(asset: Asset, settings: ExamineSettings | None = None) -> float:
    """The time limit of an asset: 60 s, a second for every 10 MB, half a second for every frame; more where its marks
    are looked for."""
    frames = asset.frames.count if asset.frames else 1
    is_searched = settings is not None and asset.category in settings.searched(VISIBLE.name)
    return 60.0 + asset.size / 10e6 + frames / 2 + (3 * search_seconds(asset.size) if is_searched else 0.0)


def _files_of(asset: Asset) -> Iterator[tuple[int | None, Path]]:
    """(frame number or None, path) of each file behind the asset, frames in order."""
    root = Path(asset.location)
    if asset.frames is None:
        yield None, root / asset.path
    else:
        yield from ((number, root / path) for number, path in frame_paths(asset))


def examine(asset: Asset, settings: ExamineSettings, sums: Sums | None = None) -> Examination:
    """Read everything that the readers find in one asset, and compute the `sums` that a list asks for.

    Never raises because of what media hold.
    """
    if asset.problems:  # found to be nothing that can be opened
        blocked = any(problem.blocking for problem in asset.problems)
        looks = _no_looks(LookStatus.FAILED if blocked else LookStatus.NOT_DEFINED)
        return Examination(asset=asset, problems=asset.problems, looks=looks)
    problems: list[Problem] = []
    books = Books()
    media: MediaFacts | None = None
    files = tuple(_files_of(asset))
    frames = tuple((number, path) for number, path in files if number is not None)
    for number, path in files:
        facts = _examine_file(asset, number, path, settings, books, frames)
        media = media or facts
        frames = ()  # what reads a sequence as a whole does so at its first frame
    problems.extend(books.problems)
    digest = None
    try:
        digest = digest_asset(asset, settings.digest, sums)
    except MediaError as error:
        problems.append(_problem(error.code, "digest", str(error)))
    problems.extend(gaps(asset, media, tuple(problems)))
    problems.extend(_decode(asset, problems))
    return Examination(
        asset=asset,
        digest=digest,
        media=media,
        evidence=books.evidence(asset.frames.count if asset.frames else 1),
        looks=books.looks(),
        problems=tuple(dict.fromkeys(problems)),
        listed=tuple(books.listed),
        played=tuple(books.played),
        sequences=books.sequences(),
    )


def _examine_file(
    asset: Asset,
    number: int | None,
    path: Path,
    settings: ExamineSettings,
    books: Books,
    frames: tuple[tuple[int, Path], ...] = (),
) -> MediaFacts | None:
    sidecars = tuple(Path(asset.location) / name for name in asset.sidecars)
    try:
        size, reading = path.stat().st_size, settings.reading
        medium = Medium(
            path, asset.media_type, asset.kind, size=size, sidecars=sidecars, settings=reading, frames=frames
        )
    except OSError as error:
        books.fail("examine", number, Unreadable(f"cannot be read: {error.strerror or error}"))
        return None
    try:
        if (
            number is not None
            and (other := identify(medium.file, path.name, medium.size).media_type) != asset.media_type
        ):
            books.fail("examine", number, Unsupported(f"is {other}, not {asset.media_type} as the frames around it"))
            medium.media_type = other
        facts = None
        for reader in READERS:
            facts = _look(reader, asset, medium, number, settings, books) or facts
        _check_whole(medium, number, books)
        return facts
    except MediaError as error:
        books.fail("examine", number, error)
        return None
    finally:
        medium.close()


def _check_whole(medium: Medium, number: int | None, books: Books) -> None:
    """How the container's structure broke where readers walked it, or what it promises and does not have."""
    fault = medium.fault
    if fault is None:
        try:
            check_whole(medium.file, medium.media_type, medium.size)
        except MediaError as error:
            fault = error
    if fault is not None:
        books.fail("structure", number, fault)


def _decode(asset: Asset, problems: Sequence[Problem]) -> Iterator[Problem]:
    """What cannot be decoded of a final; of one that is not inspected anyway nothing is decoded."""
    if any(problem.blocking for problem in problems):
        return
    try:
        left = decode_final(asset)
    except MediaError as error:
        yield _problem(error.code, "decode", str(error))
        return
    for code, is_late in ((ProblemCode.TIMED_OUT, True), (ProblemCode.UNSUPPORTED, False)):
        texts = [one.text for one in left if one.is_late is is_late]
        more = f"; and {len(texts) - _NAMED} more" if len(texts) > _NAMED else ""
        if texts:
            yield _problem(code, "decode", f"not decoded: {'; '.join(texts[:_NAMED])}{more}", blocking=False)


def _look(
    reader: Reader, asset: Asset, medium: Medium, number: int | None, settings: ExamineSettings, books: Books
) -> MediaFacts | None:
    """Note what a reader states and what came of its look; the technical facts that it learned are returned."""
    facts = None
    if reader.reads_whole and number is not None and not medium.frames:
        return facts  # looked at with the sequence's first frame
    if not _is_defined(reader, medium) or (reader.costly and asset.category not in settings.searched(reader.name)):
        books.look(reader.name, LookStatus.NOT_DEFINED)
        return facts
    status = LookStatus.NOTHING
    try:
        for stated in reader.read(medium):
            if isinstance(stated, MediaFacts):
                facts = stated
            elif not isinstance(stated, Evidence):
                books.enter(stated)
            else:
                books.add(stated, None if reader.reads_whole else number)
                status = LookStatus.FOUND
    except MediaError as error:
        books.fail(reader.name, number, error)
        status = LookStatus.FAILED
    except Exception as error:  # noqa: BLE001 - one reader's bug must not cost the others' looks
        where = traceback.extract_tb(error.__traceback__)[-1]
        message = f"{type(error).__name__}: {error} ({Path(where.filename).name}:{where.lineno})"
        books.problem(_problem(ProblemCode.BUG, reader.name, place_of_frame(number) + message))
        status = LookStatus.FAILED
    books.look(reader.name, status)
    return facts


def _is_defined(reader: Reader, medium: Medium) -> bool:
    if medium.media_type in reader.media_types:
        return True
    suffix = reader.sidecar_suffix
    return bool(suffix) and any(path.suffix.lower() == suffix for path in medium.sidecars)


def _no_looks(status: LookStatus = LookStatus.FAILED) -> tuple[Look, ...]:
    return tuple(Look(by=reader.name, version=reader.version, status=status) for reader in READERS)


def _problem(code: ProblemCode, by: str, message: str, *, blocking: bool = True) -> Problem:
    return Problem(code=code, stage="examine", by=by, message=message, blocking=blocking)


def lost(asset: Asset, code: ProblemCode, message: str) -> Examination:
    """The examination of an asset whose worker died, hung or grew: nothing read, and a problem that states it."""
    problem = Problem(code=code, stage="examine", by="execute", message=message, blocking=True)
    return Examination(asset=asset, looks=_no_looks(), problems=(*asset.problems, problem))
