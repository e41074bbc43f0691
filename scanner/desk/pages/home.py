"""The first page: start with a delivery, or go on with an earlier job."""

from __future__ import annotations

import os
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from media.errors import RunError
from scanner.desk.commands import has_earlier_work
from scanner.desk.desk import Desk
from scanner.desk.job import DeskJob
from scanner.desk.web import FormFields, desk_of, find_job, go_to, posted, render
from scanner.records.agreement import read_summary

__all__ = ["routes"]


def show_home(request: Request) -> Response:
    """Earlier jobs, and the form that starts one."""
    return _show(request)


def begin_job(request: Request, form: FormFields) -> Response:
    """A new job of the folder that was named; the review of a finished scan, the grid of an audit."""
    typed = form.text("path")
    path = Path(os.path.expanduser(typed))  # noqa: PTH111 - `~` alone is a home, too
    if not typed:
        return _show(request, "Type the path of a delivery, or choose it with Browse.", typed, 422)
    if not path.is_absolute() or not path.exists():
        return _show(request, f"{typed} does not exist. Give a whole path, or choose it with Browse.", typed, 422)
    return go_to(desk_of(request).begin(path))


def forget_job(request: Request, _: FormFields) -> Response:
    """Take a job off the list; its documents stay."""
    desk_of(request).jobs.forget_job(find_job(request).id)
    return go_to("/")


def _show(request: Request, fault: str = "", typed: str = "", status: int = 200) -> Response:
    desk = desk_of(request)
    jobs = [(job, *_state(desk, job)) for job in desk.jobs.list_jobs()]
    return render(
        request, "home.html.j2", status, title="Start", jobs=jobs, audits=list(desk.audits.list_audits()), fault=fault,
        typed=typed,
    )  # fmt: skip


def _state(desk: Desk, job: DeskJob) -> tuple[str, dict[str, int], str]:
    """The page at which a job goes on; how many files of each outcome; where it is, in words."""
    run = desk.runner.find_run(job.id)
    if run is not None and run.is_active:
        return "run", {}, "scanning"
    if not job.is_scanned:
        return ("run", {}, "stopped") if has_earlier_work(job) else ("choose", {}, "not scanned yet")
    try:
        stored = read_summary(job.latest) or {}
        counts = {"not inspected": int(stored["scan"]["incomplete"])}
        return "review", {**{str(key): int(count) for key, count in stored["outcomes"].items()}, **counts}, ""
    except (RunError, OSError, ValueError, KeyError, TypeError, AttributeError):
        return "run", {}, "its summary cannot be read"


routes = (
    Route("/", show_home),
    Route("/begin", posted(begin_job), methods=["POST"]),
    Route("/jobs/{job}/forget", posted(forget_job), methods=["POST"]),
)
