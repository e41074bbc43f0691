"""Flagged records → small pictures for the report. The third step: it opens media again, in a sealed worker.

Optional by nature: a picture that cannot be made is no picture, never a problem of the file or the run.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from media.errors import MediaError
from scanner.model import Finding, Kind, Match, Record
from scanner.pictures import wants_picture

if TYPE_CHECKING:
    from scanner.readers.pixels import Picture

__all__ = ["MAX_SIDE", "Job", "job_of", "thumbnail"]

MAX_SIDE: Final = 320
"""Pixels of a thumbnail's longer side."""

_FILM: Final = frozenset({"image/x-dpx", "image/x-exr"})
"""What Pillow does not decode."""
_BACKDROP: Final = (96, 100, 104)
_ORIENTATION: Final = 0x0112
_TURNS: Final = {3: 180, 6: 270, 8: 90}
"""EXIF orientation → degrees counter-clockwise. The mirrored ones are not written by cameras."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One picture to draw. Pickled to workers."""

    path: Path
    media_type: str
    kind: Kind
    seconds: float = 0.0
    """Where in a video."""


def job_of(record: Record, root: Path) -> Job | None:
    """What to draw for a record whose files lie under `root`: the place of the first finding that names one.

    Else a tenth into a video, or the first frame of a sequence. None where no picture is wanted.
    """
    if not wants_picture(record):
        return None
    seen = record.examination
    asset = seen.asset
    marks: tuple[Finding | Match, ...] = (*record.findings, *record.matches)
    places = [mark.at for mark in marks if mark.at]
    path = asset.path
    if asset.frames:
        frame = next((first for at in places if (first := _first_frame(at)) is not None), asset.frames.ranges[0][0])
        path = asset.path % frame
    tenth = (seen.media.duration or 0.0) / 10 if seen.media else 0.0
    seconds = next((time for at in places if (time := _seconds(at)) is not None), tenth)
    return Job(path=root / path, media_type=asset.media_type, kind=asset.kind, seconds=seconds)


def _first_frame(at: Mapping[str, Any]) -> int | None:
    try:
        return int(at["frames"][0][0])
    except (KeyError, IndexError, TypeError, ValueError):
        return None


def _seconds(at: Mapping[str, Any]) -> float | None:
    try:
        return float(at["in_frame"] / Fraction(at["rate"]))
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None


def thumbnail(job: Job) -> bytes | None:
    """A JPEG of at most `MAX_SIDE` pixels a side; None where none can be made."""
    from media.errors import MissingDependency

    try:
        if job.kind is Kind.VIDEO:
            return _of_video(job)
        return _of_film_frame(job) if job.media_type in _FILM else _of_image(job)
    except (MediaError, MissingDependency, OSError, MemoryError):
        return None


def _of_video(job: Job) -> bytes:
    from media.ffmpeg import still

    try:
        return still(job.path, job.seconds, max_side=MAX_SIDE)
    except MediaError:
        if not job.seconds:
            raise
        return still(job.path, 0.0, max_side=MAX_SIDE)  # a declared duration may be longer than the picture


def _of_film_frame(job: Job) -> bytes:
    from media.still import fitted, jpeg, open_picture

    return jpeg(fitted(open_picture(job.path, at_least=MAX_SIDE), MAX_SIDE), quality=80)


def _of_image(job: Job) -> bytes:
    from scanner.readers.interface import Medium
    from scanner.readers.pixels import picture

    medium = Medium(job.path, job.media_type, job.kind, size=job.path.stat().st_size)
    with closing(medium), picture(medium) as image:
        image.draft("RGB", (MAX_SIDE, MAX_SIDE))  # a JPEG is decoded no larger than needed
        turn = _TURNS.get(image.getexif().get(_ORIENTATION, 1), 0)
        small = _flat(image)
        small.thumbnail((MAX_SIDE, MAX_SIDE))
        page = io.BytesIO()
        small.rotate(turn, expand=True).save(page, "JPEG", quality=80, comment=b"")
    return page.getvalue()


def _flat(image: Picture) -> Picture:
    """Eight bits of red, green and blue; what is transparent lies on grey."""
    if image.mode.startswith("I"):  # sixteen bits in one channel: convert() would clip them to white
        return image.point(lambda value: value * (1 / 256)).convert("L").convert("RGB")
    if "A" not in image.getbands() and "transparency" not in image.info:
        return image.convert("RGB")
    cut = image.convert("RGBA")
    cut.thumbnail((MAX_SIDE, MAX_SIDE))
    page = cut.convert("RGB")
    page.paste(_BACKDROP, (0, 0, *page.size))
    page.paste(cut, (0, 0), cut.getchannel("A"))
    return page
