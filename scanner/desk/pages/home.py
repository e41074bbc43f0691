"""The first page: start with a delivery, or go on with an earlier job."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from scanner.desk.web import desk_of, render

__all__ = ["routes"]


def show_home(request: Request) -> Response:
    """Earlier jobs, and the form that starts one."""
    return render(request, "home.html.j2", title="Start", jobs=desk_of(request).jobs.list_jobs())


routes = (Route("/", show_home),)
