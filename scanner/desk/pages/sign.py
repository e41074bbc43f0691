"""The sign-off of a job, and its documents."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from scanner.desk.decisions import DecisionBook
from scanner.desk.job import DeskJob
from scanner.desk.signing import (
    DECISIONS,
    SignOff,
    list_documents,
    records_digest,
    sign_job,
    signed_of,
    state_open,
    write_job_reports,
)
from scanner.desk.web import FormFields, desk_of, find_job, find_scanned_job, go_to, is_day, posted, refuse, render
from scanner.model import Outcome
from scanner.pipeline import stored_run
from scanner.reports.components.work import gather_work
from scanner.reports.signing import NOT_CRYPTOGRAPHIC
from scanner.reports.wording import count

__all__ = ["routes"]

_WITHOUT_EXCEPTIONS: Final = "deliver"


def show_sign(request: Request) -> Response:
    """What is open, the form, and the documents that were written."""
    return _show(request, find_scanned_job(request))


def sign(request: Request, form: FormFields) -> Response:
    """Write the reports with the sign-off."""
    job = find_scanned_job(request)
    typed = SignOff(
        decision=form.text("decision"), name=form.text("name"), role=form.text("role"), day=form.text("day")
    )
    faults = [word for word, value in (("Decision", typed.decision in DECISIONS), ("Name", typed.name)) if not value]
    faults += ["Date"] if not is_day(typed.day) else []
    if faults:
        return _show(request, job, f"Not signed. Missing: {', '.join(faults)}.", typed, 422)
    if typed.decision == _WITHOUT_EXCEPTIONS and (blocked := _blocked(job)):
        fault = (
            f"Not signed: {count(blocked, 'file')} {'has' if blocked == 1 else 'have'} a blocker."
            " Decide about them at the review, or sign with the exceptions noted."
        )
        return _show(request, job, fault, typed, 422)
    if form.text("source") != records_digest(job):
        stale = "Not signed: the records changed since this page was shown. Check what is open now, and sign again."
        return _show(request, job, stale, typed, 409)
    sign_job(job, typed, desk_of(request).runner)
    return go_to(f"/jobs/{job.id}/sign")


def _blocked(job: DeskJob) -> int:
    """Files that a blocker stops, as the job stands now."""
    return stored_run(job.latest)[0].outcomes[Outcome.BLOCKER]


def write_documents(request: Request, _: FormFields) -> Response:
    """Write the reports from what holds now, without a sign-off."""
    job = find_scanned_job(request)
    write_job_reports(job, desk_of(request).runner)
    return go_to(f"/jobs/{job.id}/sign")


def send_document(request: Request) -> Response:
    """One document of the output folder, to be saved: never shown as a page of the desk."""
    job, name = find_job(request), request.path_params["document"]
    path = next((path for path in list_documents(job) if _name(path) == name), None)
    if path is None:
        refuse(404, "There is no such document. The reports may have been written again: load the page again.")
    return FileResponse(path, media_type="application/octet-stream", filename=path.name)


def _show(request: Request, job: DeskJob, fault: str = "", typed: SignOff | None = None, status: int = 200) -> Response:
    summary, records = stored_run(job.latest, redact=job.choices.redact)
    today = datetime.now(UTC).astimezone().date().isoformat()
    last = next(iter(DecisionBook(job).read().waivers[-1:]), {})
    who = SignOff(decision="", name=last.get("name", ""), role=last.get("role", ""), day=today)
    return render(
        request,
        "sign.html.j2",
        status,
        title="Sign",
        job=job,
        step="sign",
        summary=summary,
        open=state_open(summary),
        work=gather_work(records()),
        signed=signed_of(job),
        source=records_digest(job),
        decisions=DECISIONS,
        typed=typed or who,
        fault=fault,
        not_cryptographic=NOT_CRYPTOGRAPHIC,
        documents=[(_name(path), path.name, path.stat().st_size) for path in list_documents(job)],
    )


def _name(path: Path) -> str:
    """By which a document is asked for: no part of its path."""
    return hashlib.blake2b(path.name.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


routes = (
    Route("/jobs/{job}/sign", show_sign),
    Route("/jobs/{job}/sign", posted(sign), methods=["POST"]),
    Route("/jobs/{job}/documents", posted(write_documents), methods=["POST"]),
    Route("/jobs/{job}/documents/{document}", send_document),
)
