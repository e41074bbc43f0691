"""A job as command lines of provscan: lists of arguments, which no shell reads."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from scanner.desk.job import DeskJob

__all__ = ["categories_arguments", "has_earlier_work", "print_command", "reports_arguments", "scan_arguments"]

_SCANNED_WITH: Final = ("sources", "trust_anchors", "include", "exclude", "watermarks")


def scan_arguments(job: DeskJob) -> list[str]:
    """`scan`, into the folder of the scan's own records, never redacted."""
    settings = [*_options(job.judged_by), *_scanning(job), *_about(job)]
    return ["scan", *job.paths, *settings, "--out", job.scanned, "--format", "html"]


def reports_arguments(job: DeskJob) -> list[str]:
    """`judge`, with the decisions and rows of this job, into its output folder."""
    formats = [word for name in job.choices.formats for word in ("--format", name)]
    redact = ["--redact"] if job.choices.redact else []
    return ["judge", str(job.records), *_options(job.judged_by), *_about(job), *redact, "--out", job.out, *formats]


def categories_arguments(job: DeskJob) -> list[str]:
    """`categories`, with the corrections of this job."""
    globs = {"include": job.choices.include, "exclude": job.choices.exclude}
    return ["categories", *job.paths, *_categories(job), *_options(globs), "--json"]


def print_command(arguments: list[str]) -> str:
    """The same for a terminal."""
    return shlex.join(["provscan", *arguments])


def _scanning(job: DeskJob) -> Iterator[str]:
    chosen = job.choices
    yield from _options({name: getattr(chosen, name) for name in _SCANNED_WITH})
    yield from _categories(job)
    yield from _options({"marks": chosen.marks, "matching": chosen.matching})
    if chosen.frames == "key":
        yield "--keyframes"


def _categories(job: DeskJob) -> Iterator[str]:
    # What has no folder is everything: its glob comes last.
    for glob, category in sorted(job.choices.categories, key=lambda pair: pair[0] == "*"):
        yield from ("--category", f"{glob}={category}")


def _about(job: DeskJob) -> Iterator[str]:
    for name, words in job.choices.about:
        yield from ("--about", f"{name}={words}")


def _options(settings: Mapping[str, str | tuple[str, ...]]) -> Iterator[str]:
    for name, value in settings.items():
        for word in (value,) if isinstance(value, str) else value:
            if word:
                yield from (f"--{name.replace('_', '-')}", word)


def has_earlier_work(job: DeskJob) -> bool:
    """Whether a scan of this job began before: what it examined is in the cache."""
    return Path(job.scanned).parent.is_dir()
