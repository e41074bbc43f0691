"""The jobs and audits that a person made or opened, a file each in a folder of the user's settings."""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from media.errors import ConfigError
from scanner.audit.stored import is_audit
from scanner.desk.job import DeskJob, ScanChoices, job_from_json, job_to_json, refuse_own_delivery
from scanner.output.document import write_document

__all__ = ["AuditShelf", "JobShelf", "OutOfDate"]

_ID = re.compile(r"[0-9a-f]{16}")


class OutOfDate(Exception):
    """Another window saved the job in the meantime; `now` is what it saved."""

    def __init__(self, now: DeskJob) -> None:
        super().__init__("The job was changed in another window.")
        self.now = now


class JobShelf:
    """Reads and writes jobs. `settings`: folder of their files; `work`: of records that scans write;
    `documents`: where output folders are proposed. Safe for threads."""

    def __init__(self, settings: Path, work: Path, documents: Path) -> None:
        self.settings = settings
        self._work = work
        self._documents = documents
        self._lock = threading.Lock()

    def list_jobs(self) -> list[DeskJob]:
        """All jobs, newest first; files that hold none are passed over."""
        found = []
        for path in self.settings.glob("*.json") if self.settings.is_dir() else ():
            try:
                found.append(self.read_job(path.stem))
            except (ConfigError, KeyError):
                continue
        return sorted(found, key=lambda job: (job.made, job.id), reverse=True)

    def read_job(self, name: str) -> DeskJob:
        """The job of an id. Raises `KeyError` where there is none, and `ConfigError` where its file is damaged."""
        if not _ID.fullmatch(name):
            raise KeyError(name)
        path = self.settings / f"{name}.json"
        try:
            return job_from_json(path.read_text("utf-8"), str(path))
        except FileNotFoundError as error:
            raise KeyError(name) from error
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"{path}: {error}") from error

    def make_job(self, paths: tuple[Path, ...]) -> DeskJob:
        """A new job of these deliveries, with the choices of the last one of the same deliveries; that one itself where
        it has not been scanned yet."""
        whole = tuple(str(Path(os.path.realpath(path))) for path in paths)
        before = next((job for job in self.list_jobs() if job.paths == whole), None)
        if before is not None and not before.is_scanned:
            return before
        name = secrets.token_hex(8)
        title = re.sub(r"[^\w.-]+", "-", Path(whole[0]).name).strip("-.") or "delivery"
        now = datetime.now(UTC)
        job = DeskJob(
            id=name,
            version=1,
            made=now.isoformat(timespec="seconds"),
            paths=whole,
            scanned=str(self._work / name / "scan"),
            out=str(self._documents / f"{title} {now.astimezone():%Y-%m-%d %H%M%S}"),
            choices=before.choices if before else ScanChoices(),
        )
        self._write(job)
        return job

    def open_run(self, folder: Path) -> DeskJob:
        """The job of a folder that a scan wrote: the known one, or a new one without deliveries."""
        whole = os.path.realpath(folder)
        if known := next((job for job in self.list_jobs() if whole in (job.scanned, job.out)), None):
            return known
        job = DeskJob(
            id=secrets.token_hex(8),
            version=1,
            made=datetime.now(UTC).isoformat(timespec="seconds"),
            paths=(),
            scanned=whole,
            out=str(Path(whole, "desk")),
        )
        self._write(job)
        return job

    def save_job(self, job: DeskJob) -> DeskJob:
        """The job with the next version. Raises `OutOfDate` where another window saved it since `job.version`, and
        `ConfigError` where a document would be written into a delivery."""
        refuse_own_delivery(job)
        with self._lock:
            now = self.read_job(job.id)
            if now.version != job.version:
                raise OutOfDate(now)
            saved = replace(job, version=job.version + 1)
            self._write(saved)
            return saved

    def forget_job(self, name: str) -> None:
        """Take a job off the list. Its documents stay."""
        self.read_job(name)
        (self.settings / f"{name}.json").unlink(missing_ok=True)

    def _write(self, job: DeskJob) -> None:
        _write(self.settings, job.id, job_to_json(job))


class AuditShelf:
    """The folders of audits that a person opened, a file each in a folder of the user's settings."""

    def __init__(self, settings: Path) -> None:
        self._settings = settings

    def open_audit(self, folder: Path) -> str:
        """The id of an audit's folder: 16 hexadecimal digits, the same each time. Raises `ConfigError` where it cannot
        be kept."""
        whole = os.path.realpath(folder)
        name = hashlib.sha256(os.fsencode(whole)).hexdigest()[:16]
        _write(self._settings, name, json.dumps({"folder": whole}))
        return name

    def find_folder(self, name: str) -> Path:
        """The folder of an audit. Raises `KeyError` where there is none of this id."""
        try:
            if not _ID.fullmatch(name):
                raise KeyError(name)
            return Path(str(json.loads((self._settings / f"{name}.json").read_text("utf-8"))["folder"]))
        except (OSError, ValueError, TypeError) as error:
            raise KeyError(name) from error

    def list_audits(self) -> Iterator[tuple[str, Path]]:
        """Id and folder of each audit that is still there, by name."""
        found = []
        for path in self._settings.glob("*.json") if self._settings.is_dir() else ():
            try:
                found.append((path.stem, self.find_folder(path.stem)))
            except KeyError:
                continue
        yield from sorted((one for one in found if is_audit(one[1])), key=lambda one: (one[1].name, one[0]))

    def forget_audit(self, name: str) -> None:
        """Take an audit off the list. Its documents stay."""
        self.find_folder(name)
        (self._settings / f"{name}.json").unlink(missing_ok=True)


def _write(settings: Path, name: str, text: str) -> None:
    """Keep a file of the list. Raises `ConfigError` where the folder of settings cannot be written."""
    try:
        settings.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise ConfigError(f"settings folder {settings}: {error.strerror or error}; make it writable") from error
    write_document(settings / f"{name}.json", [text.encode()])
