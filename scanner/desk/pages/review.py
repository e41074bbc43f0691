"""The review of a job: what was found, worst first."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from scanner.desk.web import find_job, refuse, render
from scanner.pipeline import stored_run

__all__ = ["routes"]


def show_review(request: Request) -> Response:
    """The verdict of a job, as its records state it now."""
    job = find_job(request)
    if not job.is_scanned:
        refuse(404, "This job has not been scanned yet.")
    summary, _ = stored_run(job.latest, redact=job.choices.redact)
    return render(request, "review.html.j2", title="Review", job=job, summary=summary, step="review")


routes = (Route("/jobs/{job}/review", show_review),)
