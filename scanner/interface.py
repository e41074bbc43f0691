"""The Python interface: a program scans, judges again and reads records as the command line does.

Nothing is printed, no settings file is read that the program does not name, and no process, file or variable is left.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from threading import RLock
from typing import Any, TypeAlias, TypedDict, Unpack

from media.errors import ConfigError, LibraryError, MissingDependency, RunError
from media.work import end_work
from scanner.config import FILES
from scanner.model import Outcome, Record
from scanner.pipeline import Output, Run, run_scan, stored_run
from scanner.pipeline import rejudge as judge_stored
from scanner.progress import Progress
from scanner.provenance import stored_judging
from scanner.records.agreement import Disagreement
from scanner.records.summary import Summary
from scanner.reports import REPORTS
from scanner.reports.wording import notes
from scanner.settings import program_settings

__all__ = [
    "ConfigError",
    "Disagreement",
    "JudgingSettings",
    "LibraryError",
    "MissingDependency",
    "Outcome",
    "Record",
    "Run",
    "RunError",
    "ScanSettings",
    "Summary",
    "read_records",
    "read_run",
    "rejudge",
    "scan",
]

StrPath: TypeAlias = str | os.PathLike[str]
Paths: TypeAlias = StrPath | Sequence[StrPath]
Words: TypeAlias = str | Sequence[str]
Watcher: TypeAlias = Callable[[str, int, int | None], None]
"""Called with the stage, how many of its items are done, and of how many: None where that is not known."""

_ALONE = RLock()
"""Runs of one process share a sealed worker, so they take turns."""
_SAFE_PATH = "PYTHONSAFEPATH"


class JudgingSettings(TypedDict, total=False):
    """The settings that a run is judged by. Names, words and defaults are those of `provscan.toml`:
    docs/configuration.md."""

    policy: Paths | None
    genre: str | None
    delivery_date: str | date | None
    use: Words | None
    territory: Words | None
    register: Paths | None
    columns: Mapping[str, str] | None
    approvers: Words | None
    waivers: Paths | None
    library: Paths | None
    rules: Paths | None
    fail_on: str | None


class ScanSettings(JudgingSettings, total=False):
    """Every setting of a scan."""

    sources: Paths | None
    matching: str | None
    fps: int | None
    frames: str | None
    categories: Mapping[str, str] | None
    include: Words | None
    exclude: Words | None
    trust_anchors: Paths | None
    verify_limit: int | None
    digest: str | None
    sequence_minimum: int | None
    marks: str | None
    watermarks: Words | None
    executor: str | None
    scheduler: str | None
    jobs: int | None
    memory_limit: int | None
    cache: StrPath | None


def scan(
    paths: Paths,
    *,
    out: StrPath | None = None,
    formats: Words = (),
    redact: bool = False,
    config: StrPath | None = None,
    progress: Watcher | None = None,
    retry: bool = False,
    rehash: bool = False,
    **settings: Unpack[ScanSettings],
) -> Run:
    """Scan deliverables and judge them, as `provscan scan` does.

    `paths` are files and folders. `out` is the folder for records.jsonl, summary.json and the reports in `formats`
    (html where none is named); without it nothing is kept, and the records go when the run is closed. `config` is a
    settings file, and `settings` are those of `ScanSettings`, which take precedence. Examinations are cached in the
    folder `cache` alone: without one nothing is cached. An exception of `progress` ends the run and is raised here.

    Raises `TypeError` for an unknown setting, `RunError` where the command line ends with 4, `OSError` where a disk or
    the like fails, and `KeyboardInterrupt`. Findings and files that were not inspected raise nothing: see `Run`.
    """
    _refuse_unknown("scan", settings, ScanSettings)
    inspected = _list_paths("scan", "paths", paths)
    if not inspected:
        raise ConfigError("scan: no path was given; name the files or folders to scan")
    _refuse_missing("scan", {"paths": inspected, **settings})
    output = _output("scan", out, formats, redact=redact)
    chosen = program_settings("scan", settings, file=_path(config))
    with _running():
        return run_scan(
            inspected,
            chosen.config,
            output,
            _Calls(progress),
            no_cache=not chosen.config.cache,
            retry=retry,
            rehash=rehash,
            origins=chosen.origins,
        )


def rejudge(
    records: StrPath,
    *,
    out: StrPath | None = None,
    formats: Words = (),
    redact: bool = False,
    config: StrPath | None = None,
    progress: Watcher | None = None,
    **settings: Unpack[JudgingSettings],
) -> Run:
    """Judge the records of a scan again, as `provscan judge` does. No media is opened.

    `records` is a records.jsonl or the folder that holds one. Policy, genre, use and territory are those of the scan
    where neither `config` nor `settings` names them. Everything else, and what is raised, is as for `scan`; and
    `Disagreement` where the records are not those that the summary.json beside them declares.
    """
    _refuse_unknown("rejudge", settings, JudgingSettings)
    _refuse_missing("rejudge", settings)
    stored, output = _find_records(records), _output("rejudge", out, formats, redact=redact)
    before, not_read = stored_judging(stored)
    chosen = program_settings("rejudge", settings, file=_path(config), before=before)
    with _running():
        run = judge_stored(stored, chosen.config, output, _Calls(progress), origins=chosen.origins)
    if not_read:
        run.warnings = (_in_delivery(stored), *run.warnings)
    return run


def read_run(records: StrPath, *, redact: bool = False) -> Run:
    """Read the run that a scan left: its summary and its records. `records` is a records.jsonl or the folder that holds
    one.

    `redact` replaces private words. Raises `ConfigError` where it cannot be read, and `Disagreement` where the records
    are not those that the summary.json beside them declares.
    """
    summary, known = stored_run(_find_records(records), redact=redact)
    return Run(summary=summary, records=known, warnings=tuple(notes(summary)))


def read_records(records: StrPath, *, redact: bool = False) -> Iterator[Record]:
    """Yield the records of a stored run, one at a time, checked as by `read_run`."""
    return iter(read_run(records, redact=redact).records())


def _in_delivery(stored: Path) -> str:
    return (
        f"{stored.with_name('summary.json')} is inside the delivery that its records describe, and a delivery must"
        " not configure its own judging: name policy, genre, use and territory."
    )


class _Calls(Progress):
    """Passes progress on to a function."""

    def __init__(self, watcher: Watcher | None) -> None:
        self._watcher = watcher
        self._stage, self._done = "", 0
        self._total: int | None = None

    def stage(self, name: str, total: int | None = None, *, work: int = 0) -> None:
        """A stage begins; nothing of it is done."""
        self._stage, self._done, self._total = name, 0, total
        self._call()

    def step(self, what: str = "", *, work: int = 0) -> None:
        """One more is done."""
        self._done += 1
        self._call()

    def _call(self) -> None:
        if self._watcher is not None:
            self._watcher(self._stage, self._done, self._total)


@contextmanager
def _running() -> Iterator[None]:
    """One run at a time. Processes that it starts search no module in the working folder, which may be a delivery, and
    none of them is left."""
    if getattr(multiprocessing.current_process(), "_inheriting", False):
        raise RunError(
            "this process is a worker that imports the program; start the scan under if __name__ == '__main__'"
        )
    with _ALONE:
        before = os.environ.get(_SAFE_PATH)
        os.environ[_SAFE_PATH] = before or "1"
        try:
            yield
        finally:
            end_work()
            if before is None:
                del os.environ[_SAFE_PATH]
            else:
                os.environ[_SAFE_PATH] = before


def _refuse_unknown(place: str, settings: Mapping[str, Any], known: type) -> None:
    if unknown := sorted(set(settings) - set(known.__annotations__)):
        names = ", ".join(sorted(known.__annotations__))
        raise TypeError(f"{place}() got an unexpected keyword argument {unknown[0]!r}; settings are {names}")


def _refuse_missing(place: str, given: Mapping[str, Any]) -> None:
    """`ConfigError` where a file or folder that the caller names is not there, as the command line answers."""
    for name in ("paths", *FILES):
        for path in _list_paths(place, name, given.get(name) or ()):
            if not path.exists():
                raise ConfigError(f"{place}: {name}: {path} does not exist")


def _list_paths(place: str, name: str, paths: Paths) -> tuple[Path, ...]:
    several = (paths,) if isinstance(paths, str | os.PathLike) else paths
    try:
        return tuple(map(Path, several))
    except TypeError as error:
        raise ConfigError(f"{place}: {name} takes a path or several, not {paths!r}") from error


def _output(place: str, out: StrPath | None, formats: Words, *, redact: bool) -> Output:
    names = (formats,) if isinstance(formats, str) else tuple(formats)
    known = [report.name for report in REPORTS]
    for name in names:
        if name not in known:
            raise ConfigError(f"{place}: there is no report format {name!r}; choose from {', '.join(known)}")
    if names and out is None:
        raise ConfigError(f"{place}: formats are written into a folder; name it with out")
    return Output(folder=_path(out), formats=names, redact=redact)


def _path(path: StrPath | None) -> Path | None:
    return None if path is None else Path(path)


def _find_records(records: StrPath) -> Path:
    path = Path(records)
    return path / "records.jsonl" if path.is_dir() else path
