"""The desk itself: keys, jobs and templates that every page uses."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from scanner.audit.stored import is_audit
from scanner.desk.agenda import AgendaFolder
from scanner.desk.excerpts import ExcerptFolder
from scanner.desk.runner import Runner
from scanner.desk.safety import AccessKeys
from scanner.desk.shelf import AuditShelf, JobShelf
from scanner.desk.windows import OpenWindows
from scanner.reports.html import add_filters
from scanner.reports.templating import Environment, page_environment

__all__ = ["Desk"]


@cache
def _templates() -> Environment:
    environment = page_environment("scanner.desk")
    add_filters(environment)
    return environment


@dataclass(slots=True)
class Desk:
    """One run of the desk."""

    keys: AccessKeys
    jobs: JobShelf
    audits: AuditShelf = field(init=False)
    runner: Runner = field(default_factory=Runner)
    windows: OpenWindows = field(default_factory=OpenWindows)
    agendas: AgendaFolder = field(default_factory=AgendaFolder)
    excerpts: ExcerptFolder = field(default_factory=ExcerptFolder)
    is_ending: bool = False

    def __post_init__(self) -> None:
        self.audits = AuditShelf(self.jobs.settings / "audits")

    @property
    def templates(self) -> Environment:
        """Templates of the desk, and those of the report with its components."""
        return _templates()

    def begin(self, folder: Path) -> str:
        """The page of a folder: of an audit its grid, of an earlier run its review, of a delivery the choices of a new
        job."""
        if is_audit(folder):
            return f"/audits/{self.audits.open_audit(folder)}"
        if (folder / "records.jsonl").is_file() and (folder / "summary.json").is_file():
            return f"/jobs/{self.jobs.open_run(folder).id}/review"
        return f"/jobs/{self.jobs.make_job((folder,)).id}/choose"

    def close(self) -> None:
        """End everything that was started."""
        self.is_ending = True
        self.runner.close()
        self.excerpts.close()
