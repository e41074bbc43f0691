"""A job as command lines of provscan: lists of arguments, which no shell reads."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from scanner.desk.job import DeskJob

__all__ = ["categories_arguments", "has_earlier_work", "print_command", "reports_arguments", "scan_arguments"]

_JUDGED_BY: Final = ("policy", "use", "territory", "register", "waivers")
_WORDS: Final = ("genre", "delivery_date")
_SCANNED_WITH: Final = ("sources", "trust_anchors", "include", "exclude", "watermarks")


def scan_arguments(job: DeskJob) -> list[str]:
    """`scan`, into the folder of the scan's own records, never redacted."""
    return [
        "scan", *job.paths, *_judging(job), *_scanning(job), *_about(job), "--out", job.scanned, "--format", "html"
    ]  # fmt: skip


def reports_arguments(job: DeskJob) -> list[str]:
    """`judge`, with the decisions and rows of this job, into its output folder."""
    formats = [word for name in job.choices.formats for word in ("--format", name)]
    redact = ["--redact"] if job.choices.redact else []
    return ["judge", str(job.records), *_judging(job), *_about(job), *redact, "--out", job.out, *formats]


def categories_arguments(job: DeskJob) -> list[str]:
    """`categories`, with the corrections of this job."""
    chosen = job.choices
    globs = [
        word for name in ("include", "exclude") for value in getattr(chosen, name) for word in (f"--{name}", value)
    ]
    return ["categories", *job.paths, *_categories(job), *globs, "--json"]


def print_command(arguments: list[str]) -> str:
    """The same for a terminal."""
    return shlex.join(["provscan", *arguments])


def _judging(job: DeskJob) -> Iterator[str]:
    chosen = job.choices
    for name in _JUDGED_BY:
        for value in getattr(chosen, name):
            yield from (_flag(name), value)
    for name in _WORDS:
        if value := getattr(chosen, name):
            yield from (_flag(name), value)
    for library in chosen.library:
        yield from ("--library", library)
    yield from _own_files(job)


def _own_files(job: DeskJob) -> Iterator[str]:
    """The decisions and register rows that were written at the desk, where there are any."""
    for flag, path in (("--waivers", job.waivers_file), ("--register", job.register_file)):
        if path.is_file():
            yield from (flag, str(path))


def _scanning(job: DeskJob) -> Iterator[str]:
    chosen = job.choices
    for name in _SCANNED_WITH:
        for value in getattr(chosen, name):
            yield from (_flag(name), value)
    yield from _categories(job)
    if chosen.marks:
        yield from ("--marks", chosen.marks)
    if chosen.matching:
        yield from ("--matching", chosen.matching)
    if chosen.frames == "key":
        yield "--keyframes"


def _categories(job: DeskJob) -> Iterator[str]:
    # What has no folder is everything: its glob comes last.
    for glob, category in sorted(job.choices.categories, key=lambda pair: pair[0] == "*"):
        yield from ("--category", f"{glob}={category}")


def _about(job: DeskJob) -> Iterator[str]:
    for name, words in job.choices.about:
        yield from ("--about", f"{name}={words}")


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def has_earlier_work(job: DeskJob) -> bool:
    """Whether a scan of this job began before: what it examined is in the cache."""
    return Path(job.scanned).parent.is_dir()
