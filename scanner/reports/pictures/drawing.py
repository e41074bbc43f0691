"""Draws the pictures of a report: thumbnails of flagged assets, and matches beside their references.

Each is drawn in a sealed worker. One that cannot be drawn costs the run nothing; the report states how many are
missing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from media.work import Lost
from media.work.folders import Folder
from scanner.config import Config
from scanner.examine.inspection import executor_of
from scanner.model import Asset, Record
from scanner.progress import Progress
from scanner.recognise.references import name_of
from scanner.reports.pictures.illustrate import Job, frame_jobs, job_of, thumbnail
from scanner.reports.pictures.pairs import draw, folders_of, libraries_by_name, pairs_of
from scanner.reports.pictures.pictures import NoPictures, Pictures, does_not_pass, picture_name

__all__ = ["draw_pairs", "draw_pictures"]

_SECONDS = 60.0
"""For one picture."""


def draw_pictures(
    records: Callable[[], Iterable[Record]],
    assets: Callable[[], Iterable[Asset]],
    config: Config,
    folder: Path,
    progress: Progress,
    known: Pictures | None = None,
) -> int:
    """Draw thumbnails of flagged assets, and matches beside their references, except those that are `known`.

    `assets` are those of the records, in the same order. Returns how many were lost with their workers.
    """
    lost = 0
    known = known or NoPictures()
    names: dict[Job, list[str]] = {}
    for record, asset in zip(records(), assets(), strict=True):
        root = Path(asset.location)
        if (job := job_of(record, root)) is not None:
            names.setdefault(job, []).append(picture_name(record))
        for name, job in frame_jobs(record, root):
            names.setdefault(job, []).append(name)
    names = {
        job: missing for job, each in names.items() if (missing := [name for name in each if not known.size(name)])
    }
    progress.stage("Drawing", len(names))
    folder.mkdir(exist_ok=True)
    for job, drawn in executor_of(config).run(
        thumbnail, names, limit=lambda _: _SECONDS, needs=lambda job: [Folder(str(job.path.parent))]
    ):
        if isinstance(drawn, bytes):
            for name in names[job]:
                (folder / name).write_bytes(drawn)
        lost += isinstance(drawn, Lost)
        progress.step(job.path.name)
    return lost + draw_pairs(records, assets, config, folder, progress, known=known)


def draw_pairs(
    records: Callable[[], Iterable[Record]],
    assets: Callable[[], Iterable[Asset]],
    config: Config,
    folder: Path,
    progress: Progress,
    wanted: Callable[[Record], bool] = does_not_pass,
    known: Pictures | None = None,
) -> int:
    """Draw recognised material beside its reference. Returns how many were lost with their workers."""
    lost = 0
    known = known or NoPictures()
    libraries = libraries_by_name(config.library)
    named = {match.reference for record in records() for match in record.matches}
    own = {name: asset for asset in assets() if (name := name_of(asset)) in named}
    pairs = (
        pair
        for record, asset in zip(records(), assets(), strict=True)
        if wanted(record)
        for pair in pairs_of(record, replace(record.examination, asset=asset), libraries, own)
        if not known.size(pair.name)
    )
    progress.stage("Drawing matches")
    for pair, drawn in executor_of(config).run(draw, pairs, limit=lambda _: _SECONDS, needs=folders_of):
        if isinstance(drawn, bytes):
            (folder / pair.name).write_bytes(drawn)
        lost += isinstance(drawn, Lost)
        progress.step(pair.name)
    return lost
