"""What open windows report, so that the desk ends with the last of them."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from scanner.desk.web import FormFields, desk_of, posted, send_json

__all__ = ["routes"]


def report_open(request: Request, form: FormFields) -> Response:
    """A window is open."""
    desk_of(request).windows.report(form.text("window")[:64])
    return send_json({})


def report_closed(request: Request, form: FormFields) -> Response:
    """A window was closed, or left its page."""
    desk_of(request).windows.close(form.text("window")[:64])
    return send_json({})


routes = (
    Route("/windows/open", posted(report_open), methods=["POST"]),
    Route("/windows/closed", posted(report_closed), methods=["POST"]),
)
