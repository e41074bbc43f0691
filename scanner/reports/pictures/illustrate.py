"""Flagged records → small pictures for the report. The third step: it opens media again, in a sealed worker.

Always optional: a picture that cannot be made is left out, and is never a problem of the file or the run.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final

from media.errors import MediaError
from scanner.clock import clock
from scanner.model import Kind, Record
from scanner.reports.pictures.pictures import frame_name, shown_frames, thumbnail_frame, wants_picture

__all__ = ["MAX_SIDE", "Job", "frame_job", "frame_jobs", "job_of", "thumbnail"]

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
    """Time in a video, in seconds."""


def job_of(record: Record, root: Path) -> Job | None:
    """The picture to draw for a record whose files are under `root`: the frame of the first finding that has a place.

    Otherwise a tenth into a video, or the first frame of a sequence. None where no picture is wanted.
    """
    if not wants_picture(record):
        return None
    frame = thumbnail_frame(record)
    if frame is not None and (job := frame_job(record, root, frame)):
        return job
    asset, media = record.examination.asset, record.examination.media
    path = asset.path % asset.frames.ranges[0][0] if asset.frames else asset.path
    return Job(path=root / path, kind=asset.kind, seconds=(media.duration or 0.0) / 10 if media else 0.0)


def frame_jobs(record: Record, root: Path) -> Iterator[tuple[str, Job]]:
    """Name in `pictures/` → what to draw, for each frame that shows a finding and is not the thumbnail's."""
    if wants_picture(record):
        shown = set(shown_frames(record).values()) - {thumbnail_frame(record)}
        for frame in sorted(shown):
            if (job := frame_job(record, root, frame)) is not None:
                yield frame_name(record, frame), job


def frame_job(record: Record, root: Path, frame: int) -> Job | None:
    """One frame, counted as records count; None where its time is not known or the sequence does not have it."""
    asset = record.examination.asset
    if asset.frames:
        if not any(first <= frame <= last for first, last in asset.frames.ranges):
            frame = next((first for first, _ in asset.frames.ranges if first >= frame), asset.frames.ranges[0][0])
        return Job(path=root / (asset.path % frame), kind=asset.kind)
    origin = clock(record.examination)
    if origin is None:
        return None
    return Job(path=root / asset.path, kind=asset.kind, seconds=float((frame + Fraction(1, 2)) / origin.rate))


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
