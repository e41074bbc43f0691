"""What a job scans and by what it is judged, chosen by a person and kept in the user's settings."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from media.errors import ConfigError, MissingDependency
from scanner.config import CHOICES, parse_date, parse_territory
from scanner.desk.job import DeskJob, ScanChoices
from scanner.desk.shelf import OutOfDate
from scanner.desk.web import FormFields, desk_of, find_job, go_to, posted, render
from scanner.judge.policy import builtin_policies, load_policy
from scanner.records.summary import ABOUT
from scanner.reports import REPORTS
from scanner.settings import load_settings

__all__ = ["routes"]

_FILES: Final = ("register", "waivers", "library", "sources", "trust_anchors")
_OFFERED: Final = tuple(
    report for report in REPORTS if report.file_name and report.name not in ("console", "jsonl", "resolve")
)


def show_choices(request: Request) -> Response:
    """The form with what was chosen."""
    return _show(request, find_job(request))


def save_choices(request: Request, form: FormFields) -> Response:
    """Keep the choices; then to the folders, or to the start of the scan where the button says so."""
    job = find_job(request)
    wanted, faults = _read(job, form)
    if faults:
        return _show(request, wanted, faults, status=422)
    try:
        saved = desk_of(request).jobs.save_job(replace(wanted, version=form.job_version))
    except OutOfDate as stale:
        return _show(request, replace(wanted, version=stale.now.version), now=stale.now, status=409)
    except ConfigError as error:
        return _show(request, wanted, [str(error)], status=422)
    return go_to(f"/jobs/{saved.id}/{'folders' if form.text('then') != 'run' else 'run'}")


def _show(
    request: Request, job: DeskJob, faults: list[str] | None = None, *, now: DeskJob | None = None, status: int = 200
) -> Response:
    return render(
        request,
        "choose.html.j2",
        status,
        title="Choose",
        job=job,
        step="choose",
        chosen=job.choices,
        about=dict(job.choices.about),
        faults=faults or [],
        theirs=list(_differences(job, now)) if now else [],
        is_stale=now is not None,
        policies=[(name, load_policy(name).title) for name in builtin_policies()],
        policy_files=[one for one in job.choices.policy if one not in builtin_policies()],
        genres=CHOICES["genre"],
        uses=CHOICES["use"],
        marks=CHOICES["marks"],
        watermarks=CHOICES["watermarks"],
        formats=[(report.name, report.file_name, _is_ready(report)) for report in _OFFERED],
        about_names=ABOUT,
        also=_settings_elsewhere(job),
    )


def _settings_elsewhere(job: DeskJob) -> list[str]:
    """What settings files and variables of the user set for every scan; choices come first."""
    try:
        settings = load_settings([Path(path) for path in job.paths], file=None, flags={}, environ=os.environ)
    except ConfigError as error:
        return [str(error)]
    return [f"{one['name']} = {one['value']}, from {one['from']}" for one in settings.origins.given(settings.config)]


def _is_ready(report: Any) -> bool:
    """Whether all that a report needs is installed."""
    try:
        report.check()
    except MissingDependency:
        return False
    return True


def _read(job: DeskJob, form: FormFields) -> tuple[DeskJob, list[str]]:
    """The job as the form wants it, and sentences about what cannot be so."""
    faults: list[str] = []
    named = {name: form.texts(name) for name in _FILES}
    paths = form.texts("paths") if job.paths else ()
    faults += _missing("Delivery", paths)
    faults += [
        fault for name, values in named.items() for fault in _missing(name.replace("_", " ").capitalize(), values)
    ]
    faults += _missing("Policy", form.texts("policy_file"))
    if job.paths and not paths:
        faults.append("Delivery: none is named; type a path or choose a folder.")
    chosen = ScanChoices(
        **named,
        policy=(*(one for one in form.texts("policy") if one in builtin_policies()), *form.texts("policy_file")),
        genre=form.text("genre") if form.text("genre") in CHOICES["genre"] else "",
        use=tuple(one for one in form.texts("use") if one in CHOICES["use"]),
        territory=_try(faults, parse_territory, "Territory", tuple(form.text("territory").replace(",", " ").split())),
        delivery_date=_try(faults, parse_date, "Delivery date", form.text("delivery_date")),
        categories=job.choices.categories,
        include=form.lines("include"),
        exclude=form.lines("exclude"),
        marks=form.text("marks") if form.text("marks") in CHOICES["marks"] else "",
        watermarks=tuple(one for one in form.texts("watermarks") if one in CHOICES["watermarks"]),
        matching="off" if form.text("comparing") == "off" else "",
        frames="key" if form.text("comparing") == "key" else "",
        formats=tuple(one.name for one in _OFFERED if one.name in form.texts("formats")) or ("html",),
        about=tuple((name, form.text(f"about_{name}")) for name in ABOUT if form.text(f"about_{name}")),
        redact=form.has("redact"),
    )
    out = form.text("out") or job.out
    if not Path(out).is_absolute():
        faults.append(f"Output folder: {out} is not a whole path; begin with the disk or with /.")
    return replace(job, paths=paths, out=out, choices=chosen), faults


def _try(faults: list[str], parse: Any, place: str, value: Any) -> Any:
    """What `parse` makes of a value that is not empty; a fault and the empty value where it refuses it."""
    if not value:
        return value
    try:
        return parse(place, value)
    except ConfigError as error:
        faults.append(str(error))
        return type(value)()


def _missing(word: str, paths: tuple[str, ...]) -> Iterator[str]:
    for path in paths:
        try:
            is_there = Path(path).exists()
        except (OSError, ValueError):
            is_there = False
        if not is_there or not Path(path).is_absolute():
            yield f"{word}: {path} does not exist. Give a whole path, or choose it with Browse."


def _differences(mine: DeskJob, theirs: DeskJob) -> Iterator[tuple[str, str, str]]:
    """(what, as this window wants it, as the other one saved it), where they differ."""
    pairs = [("deliveries", mine.paths, theirs.paths), ("output folder", mine.out, theirs.out)]
    pairs += [
        (name.replace("_", " "), getattr(mine.choices, name), getattr(theirs.choices, name))
        for name in ScanChoices.__dataclass_fields__
    ]
    for name, one, other in pairs:
        if one != other:
            yield name, _print(one), _print(other)


def _print(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(" = ".join(one) if isinstance(one, tuple) else one for one in value) or "none"
    return str(value) or "none"


routes = (
    Route("/jobs/{job}/choose", show_choices),
    Route("/jobs/{job}/choose", posted(save_choices), methods=["POST"]),
)
