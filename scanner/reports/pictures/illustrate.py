"""Flagged records → small pictures for the report. The third step: it opens media again, in a sealed worker.

Optional by nature: a picture that cannot be made is no picture, never a problem of the file or the run.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from media.errors import MediaError
from media.timecode import rate_of
from scanner.model import Finding, Kind, Match, Place, Record
from scanner.reports.pictures.pictures import wants_picture

__all__ = ["MAX_SIDE", "Job", "job_of", "thumbnail"]

MAX_SIDE: Final = 320
"""Pixels of a thumbnail's longer side."""

_BACKDROP: Final = 100
"""Grey behind what is transparent: black words and white words are both seen on it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One picture to draw. Pickled to workers."""

    path: Path
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
    return Job(path=root / path, kind=asset.kind, seconds=seconds)


def _first_frame(at: Place) -> int | None:
    return at.frames[0][0] if at.frames and at.is_numbered else None


def _seconds(at: Place) -> float | None:
    return float(at.frames[0][0] / rate_of(at.rate)) if at.frames and at.rate and not at.is_numbered else None


def thumbnail(job: Job) -> bytes | None:
    """A JPEG of at most `MAX_SIDE` pixels a side; None where none can be made."""
    from media.errors import MissingDependency

    try:
        if job.kind is Kind.VIDEO:
            return _of_video(job)
        return _of_image(job)
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


def _of_image(job: Job) -> bytes:
    from media.still import fitted, jpeg, open_picture

    picture = open_picture(job.path, at_least=MAX_SIDE, backdrop=_BACKDROP)
    return jpeg(fitted(picture, MAX_SIDE), quality=80)
