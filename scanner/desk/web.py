"""What pages need to answer: forms, rendered templates, data for our scripts, and the job that a path names."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import date
from typing import Any, NoReturn
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from scanner.desk.agenda import Agenda, AgendaItem
from scanner.desk.desk import Desk
from scanner.desk.job import DeskJob

__all__ = ["FormFields", "desk_of", "find_item", "find_job", "find_scanned_job", "go_to", "is_day", "posted", "refuse",
           "render", "send_json"]  # fmt: skip

_MOST_FIELDS = 20_000


class FormFields:
    """The fields of a form that was sent, as text."""

    def __init__(self, fields: Mapping[str, list[str]]) -> None:
        self._fields = fields

    def text(self, name: str) -> str:
        """The last value, without blanks around it; empty where there is none."""
        return self._fields.get(name, [""])[-1].strip()

    def texts(self, name: str) -> tuple[str, ...]:
        """Every value that is not blank, in order."""
        return tuple(value.strip() for value in self._fields.get(name, ()) if value.strip())

    def all(self, name: str) -> tuple[str, ...]:
        """Every value as it was sent: the columns of a table have as many each."""
        return tuple(self._fields.get(name, ()))

    def lines(self, name: str) -> tuple[str, ...]:
        """The lines of a text area that are not blank."""
        return tuple(line.strip() for line in self.text(name).splitlines() if line.strip())

    def has(self, name: str) -> bool:
        """Whether the field was sent with a value: a box was ticked."""
        return bool(self.text(name))

    @property
    def job_version(self) -> int:
        """The version of the job from which the form was made; 0 where it states none."""
        return int(self.text("version")) if self.text("version").isdecimal() else 0


async def _read_form(request: Request) -> FormFields:
    """The form of a POST. The gate has compared its token already."""
    body = (await request.body()).decode("utf-8", "replace")
    try:
        return FormFields(parse_qs(body, keep_blank_values=True, max_num_fields=_MOST_FIELDS))
    except ValueError:
        refuse(413, "The form has too many fields.")


def posted(handler: Callable[[Request, FormFields], Response]) -> Callable[[Request], Awaitable[Response]]:
    """The endpoint of a POST: the handler gets the request and its form, in a thread: it may wait for a disk."""

    async def endpoint(request: Request) -> Response:
        return await run_in_threadpool(handler, request, await _read_form(request))

    return endpoint


def is_day(text: str) -> bool:
    """Whether a field holds a date as browsers send it: 2026-11-22."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def desk_of(request: Request) -> Desk:
    """The desk that answers."""
    desk: Desk = request.app.state.desk
    return desk


def find_job(request: Request) -> DeskJob:
    """The job that the path names by `{job}`; `HTTPException` 404 where there is none."""
    try:
        return desk_of(request).jobs.read_job(request.path_params["job"])
    except KeyError:
        refuse(404, "There is no such job.")


def find_scanned_job(request: Request) -> DeskJob:
    """The job that the path names, which a scan has ended; else `HTTPException` 404."""
    job = find_job(request)
    if not job.is_scanned:
        refuse(404, "This job has not been scanned yet.")
    return job


def find_item(request: Request) -> tuple[DeskJob, Agenda, AgendaItem]:
    """The job, what it leaves to decide, and the file that the path names by `{anchor}`; else `HTTPException` 404."""
    job = find_scanned_job(request)
    agenda = desk_of(request).agendas.read(job)
    number = agenda.find(request.path_params["anchor"])
    if number is None:
        refuse(404, "This file needs no decision, or it is not in this job.")
    return job, agenda, agenda.items[number]


def render(request: Request, template: str, status: int = 200, **context: Any) -> Response:
    """A page of `templates/`. It has `token`, for a form's hidden field, and `words`, the texts of reports.
    With `job` and `step` (`choose`, `run`, `review`, `sign`) the bar shows where one is."""
    desk = desk_of(request)
    page = desk.templates.get_template(template)
    return HTMLResponse(page.render({"token": desk.keys.token, "job": None, "step": "", **context}), status_code=status)


def send_json(value: Any, status: int = 200) -> Response:
    """Data for a script of ours."""
    # In ASCII: a name with odd bytes has no UTF-8.
    return Response(json.dumps(value), status, media_type="application/json")


def go_to(path: str) -> Response:
    """The browser's next page, after a POST."""
    return RedirectResponse(path, status_code=303)


def refuse(status: int, reason: str) -> NoReturn:
    """Answer with an error page: what is wrong, and what to do."""
    raise HTTPException(status, reason)
