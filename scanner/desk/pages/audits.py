"""An audit: its deliveries, and the grid of rules; each cell opens the review of that delivery."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from scanner.audit.stored import AuditGrid, read_grid
from scanner.desk.agenda import Agenda
from scanner.desk.web import FormFields, desk_of, go_to, posted, refuse, render

__all__ = ["routes"]

_AUDIT = "/audits/{audit}"
_SHOWN = 200
"""Rules of the grid; audit.xlsx has all."""


def show_audit(request: Request) -> Response:
    """The roll-up."""
    grid = _find_grid(request)
    return render(
        request, "audit_grid.html.j2", title=f"Audit of {grid.series}", audit=request.path_params["audit"], grid=grid,
        shown=_SHOWN,
    )  # fmt: skip


def open_delivery(request: Request, form: FormFields) -> Response:
    """The review of the delivery whose number was sent; with the number of a rule, at the first file that the rule does
    not let pass."""
    grid = _find_grid(request)
    number, _, row = form.text("cell").partition(".")
    try:
        delivery = grid.deliveries[_parse_index(number)]
        rule = grid.rules[_parse_index(row)].rule if row else ""
    except (ValueError, IndexError):
        refuse(404, "This audit has no such delivery. It may have run again: open it again.")
    if delivery.folder is None or not (delivery.folder / "records.jsonl").is_file():
        refuse(404, f"{delivery.name} has no records to review.")
    desk = desk_of(request)
    job = desk.jobs.open_run(delivery.folder)
    agenda = desk.agendas.read(job) if rule and job.is_scanned else None
    anchor = _find_anchor(agenda, rule) if agenda else ""
    return go_to(f"/jobs/{job.id}/review" + (f"/{anchor}" if anchor else ""))


def forget_audit(request: Request, _: FormFields) -> Response:
    """Take an audit off the list; its documents stay."""
    try:
        desk_of(request).audits.forget_audit(request.path_params["audit"])
    except KeyError:
        refuse(404, "There is no such audit.")
    return go_to("/")


def _find_grid(request: Request) -> AuditGrid:
    try:
        return read_grid(desk_of(request).audits.find_folder(request.path_params["audit"]))
    except KeyError:
        refuse(404, "There is no such audit.")


def _parse_index(text: str) -> int:
    if not text.isdecimal():
        raise ValueError(text)
    return int(text)


def _find_anchor(agenda: Agenda, rule: str) -> str:
    """The first file that a rule does not let pass; empty where it is not among the files to decide."""
    for item in agenda.items:
        if any(reason.rule == rule for reason in item.record.verdict.reasons):
            return item.anchor
    return ""


routes = (
    Route(_AUDIT, show_audit),
    Route(f"{_AUDIT}/open", posted(open_delivery), methods=["POST"]),
    Route(f"{_AUDIT}/forget", posted(forget_audit), methods=["POST"]),
)
