"""The scan of a job: start, progress by stage and file, stop, resume."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from scanner.desk.commands import has_earlier_work, print_command, reports_arguments, scan_arguments
from scanner.desk.desk import Desk
from scanner.desk.job import DeskJob
from scanner.desk.runner import CommandRun
from scanner.desk.web import desk_of, find_job, go_to, refuse, render
from scanner.pipeline import stored_run

__all__ = ["routes"]

_PAUSE = 0.4
"""Seconds between two looks at a run."""


def show_run(request: Request) -> Response:
    """Where the scan of a job is, or the verdict of the last one."""
    desk, job = desk_of(request), find_job(request)
    run = desk.runner.find_run(job.id)
    is_active = run is not None and run.is_active
    summary = stored_run(job.latest)[0] if job.is_scanned and not is_active else None
    return render(
        request,
        "run.html.j2",
        title="Scan",
        job=job,
        step="run",
        run=run,
        is_active=is_active,
        summary=summary,
        missing=[path for path in job.paths if not Path(path).exists()],
        can_resume=not job.is_scanned and has_earlier_work(job),
        busy=_other_job(desk, job),
        command=print_command(scan_arguments(job)) if job.paths else "",
    )


def start_run(request: Request) -> Response:
    """Scan, then write the reports; a scan that was stopped goes on from its cache."""
    desk, job = desk_of(request), find_job(request)
    if not job.paths:
        refuse(
            400, "This job was opened from a finished scan: its delivery is not known, so it cannot be scanned again."
        )
    Path(job.scanned).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    desk.runner.start(job.id, [partial(scan_arguments, job), partial(_reports_of_scan, job)])
    return go_to(f"/jobs/{job.id}/run")


def stop_run(request: Request) -> Response:
    """Interrupt the scan; what was examined is kept."""
    desk, job = desk_of(request), find_job(request)
    desk.runner.stop(job.id)
    return go_to(f"/jobs/{job.id}/run")


def follow_run(request: Request) -> Response:
    """The progress of a job's run as server-sent events, until it ends."""
    desk, job = desk_of(request), find_job(request)
    run = desk.runner.find_run(job.id)
    if run is None:
        refuse(404, "This job is not being scanned.")
    return StreamingResponse(_events(desk, run, request), media_type="text/event-stream")


async def _events(desk: Desk, run: CommandRun, request: Request) -> AsyncIterator[str]:
    seen = -1
    while not desk.is_ending and not await request.is_disconnected():
        if run.changed != seen:
            seen = run.changed
            yield f"data: {json.dumps(run.to_json())}\n\n"
        if not run.is_active:
            return
        await asyncio.sleep(_PAUSE)


def _reports_of_scan(job: DeskJob) -> list[str]:
    """The command that writes the reports of a new scan. The scan was judged with the decisions of this job: what was
    judged again from the scan before it holds no more."""
    for name in ("records.jsonl", "summary.json"):
        (job.decided / name).unlink(missing_ok=True)
    return reports_arguments(job)


def _other_job(desk: Desk, job: DeskJob) -> DeskJob | None:
    active = desk.runner.active
    return desk.jobs.read_job(active.job) if active is not None and active.job != job.id else None


routes = (
    Route("/jobs/{job}/run", show_run),
    Route("/jobs/{job}/run/start", start_run, methods=["POST"]),
    Route("/jobs/{job}/run/stop", stop_run, methods=["POST"]),
    Route("/jobs/{job}/run/events", follow_run),
)
