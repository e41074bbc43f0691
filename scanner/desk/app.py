"""The application: every page behind the one gate."""

from __future__ import annotations

from importlib import resources
from typing import Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from media.errors import MediaError, RunError
from scanner.desk.desk import Desk
from scanner.desk.pages import ROUTES
from scanner.desk.safety import Gate
from scanner.desk.web import desk_of, refuse, render, send_json
from scanner.reports.templating import read_source
from scanner.reports.wording import inert

__all__ = ["make_app"]

_TYPES: Final = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
_REPORT_STYLE: Final = "report.css"


def make_app(desk: Desk) -> Starlette:
    """The pages of a desk. What a page raises of the error tree becomes a page that states it."""
    app = Starlette(
        routes=[Route("/static/{name}", _static), *ROUTES],
        middleware=[Middleware(Gate, keys=desk.keys)],
        exception_handlers={HTTPException: _show_refusal, RunError: _show_error, MediaError: _show_error},
    )
    app.state.desk = desk
    return app


def _static(request: Request) -> Response:
    """A style or script of the package, by its exact name."""
    name = request.path_params["name"]
    suffix = name.rpartition(".")[2]
    if name == _REPORT_STYLE:
        return Response(read_source(desk_of(request).templates, "report.css.j2"), media_type=_TYPES["css"])
    known = {it.name: it for it in resources.files("scanner.desk").joinpath("static").iterdir() if it.is_file()}
    if name not in known or suffix not in _TYPES:
        refuse(404, "There is no such file.")
    return Response(known[name].read_bytes(), media_type=_TYPES[suffix])


def _show_refusal(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for these
    return _show(request, error.status_code, error.detail)


def _show_error(request: Request, error: Exception) -> Response:
    return _show(request, 400, str(error))


def _show(request: Request, status: int, reason: str) -> Response:
    """A sentence as a page, or as data where a script asked."""
    words = inert(reason)
    if "application/json" in request.headers.get("accept", ""):
        return send_json({"error": words}, status)
    return render(request, "error.html.j2", status, title="Not possible", reason=words)
