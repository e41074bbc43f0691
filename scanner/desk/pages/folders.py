"""How each folder of a delivery was understood, and its correction."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from scanner.desk.commands import categories_arguments
from scanner.desk.shelf import OutOfDate
from scanner.desk.web import FormFields, desk_of, find_job, go_to, posted, refuse, render
from scanner.model import Category

__all__ = ["routes"]

_SECONDS: Final = 1800.0
"""How long the names and first bytes of a delivery may take."""
_CATEGORIES: Final = tuple(one.value for one in Category if one is not Category.UNCATEGORISED)


def show_folders(request: Request) -> Response:
    """The page; a script of it asks for the list, which can take a while."""
    return render(request, "folders.html.j2", title="Folders", job=find_job(request), step="folders")


def list_understood(request: Request, _: FormFields) -> Response:
    """The form with each folder, as a part of the page."""
    job = find_job(request)
    if not job.paths:
        refuse(400, "The delivery of this job is not known.")
    printed = desk_of(request).runner.run_quietly(categories_arguments(job), _SECONDS)
    set_by_user = dict(job.choices.categories)
    folders = [{**one, "chosen": set_by_user.pop(one["glob"], "")} for one in map(json.loads, printed.splitlines())]
    return render(
        request,
        "folder_list.html.j2",
        job=job,
        folders=folders,
        more=set_by_user,
        categories=_CATEGORIES,
        open_folders=sum(one["is_open"] and not one["chosen"] for one in folders),
    )


def save_folders(request: Request, form: FormFields) -> Response:
    """Keep the corrections, and go on to the scan."""
    job = find_job(request)
    rows = list(zip(form.all("glob"), form.all("category"), form.all("recognised"), strict=False))
    choices = replace(job.choices, categories=_corrections(rows))
    try:
        desk_of(request).jobs.save_job(replace(job, version=form.job_version, choices=choices))
    except OutOfDate:
        return render(
            request,
            "folders.html.j2",
            409,
            title="Folders",
            job=job,
            step="folders",
            conflict="The job was changed in another window since this list was made. Nothing was overwritten:"
            " check the list below and save again.",
        )
    return go_to(f"/jobs/{job.id}/run")


def _corrections(rows: list[tuple[str, str, str]]) -> tuple[tuple[str, str], ...]:
    """(glob, category) pairs. A correction of the files beside the folders is `*`, which is everything: then the others
    are written out before it."""
    everything = any(glob == "*" and category for glob, category, _ in rows)
    pairs = {
        glob: category or recognised
        for glob, category, recognised in rows
        if (category or everything) and (category or recognised) in _CATEGORIES
    }
    return tuple(sorted(pairs.items(), key=lambda pair: pair[0] == "*"))


routes = (
    Route("/jobs/{job}/folders", show_folders),
    Route("/jobs/{job}/folders", posted(save_folders), methods=["POST"]),
    Route("/jobs/{job}/folders/list", posted(list_understood), methods=["POST"]),
)
