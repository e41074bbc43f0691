"""What the review plays and shows: pictures of the scan, excerpts around a finding, a reference laid over a picture."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from scanner.desk.agenda import Agenda
from scanner.desk.excerpts import ExcerptSpan, excerpt_of, marks_of, reference_excerpt_of
from scanner.desk.job import DeskJob
from scanner.desk.web import desk_of, find_item, find_job, refuse, send_json
from scanner.model import Finding, Match, Record, Sense
from scanner.reports.pictures.pairs import Pair, libraries_by_name, pairs_of
from scanner.reports.pictures.pictures import PictureFolder

__all__ = ["list_players", "routes"]


def list_players(agenda: Agenda, record: Record) -> Iterator[dict[str, Any]]:
    """The findings that can be played or compared, by their id."""
    root = agenda.roots.get(record.examination.asset.root)
    for name, mark in marks_of(record):
        span = excerpt_of(record, mark, root) if root else None
        compares = isinstance(mark, Match) and mark.facts.sense != Sense.SOUND
        beside = isinstance(mark, Match) and _reference_span(agenda, mark, span) is not None
        if span is not None or (compares and root):
            boxes = mark.alteration.regions if isinstance(mark, Match) and mark.alteration else ()
            yield {"id": name, "plays": span is not None, "compares": compares, "beside": beside, "boxes": boxes}


def show_picture(request: Request) -> Response:
    """A picture that the scan drew, by its name in `pictures/`."""
    data = PictureFolder(find_job(request).pictures).read(request.path_params["name"])
    if not data:
        refuse(404, "There is no such picture.")
    return Response(data, media_type="image/jpeg")


def cut_excerpt(request: Request) -> Response:
    """The frames and the sound around a finding, or of its reference, as data for the player."""
    job, agenda, record, mark = _find_mark(request)
    root = agenda.roots.get(record.examination.asset.root)
    span = excerpt_of(record, mark, root) if root else None
    if request.query_params.get("of") == "reference":
        span = _reference_span(agenda, mark, span) if isinstance(mark, Match) else None
    if span is None:
        return send_json({"error": "The file of this finding is missing, or it has neither frames nor sound."}, 404)
    made = desk_of(request).excerpts.cut(span)
    if isinstance(made, str):
        return send_json({"error": made}, 422)
    return send_json(made.to_json(f"/jobs/{job.id}/excerpts"))


def lay_over(request: Request) -> Response:
    """The picture of a match and its reference laid over it, as data for the slider."""
    job, agenda, record, mark = _find_mark(request)
    root = agenda.roots.get(record.examination.asset.root)
    pair = _pair(job, agenda, record, mark, root) if isinstance(mark, Match) and root else None
    if pair is None:
        return send_json({"error": "The two cannot be laid over each other: one of the files is missing."}, 404)
    made = desk_of(request).excerpts.lay(pair)
    if isinstance(made, str):
        return send_json({"error": made}, 404)
    base = f"/jobs/{job.id}/excerpts/{made[0]}"
    return send_json({"left": f"{base}/left.jpg", "right": f"{base}/right.jpg"})


def show_excerpt(request: Request) -> Response:
    """A file of an excerpt."""
    name = request.path_params["name"]
    data = desk_of(request).excerpts.read(request.path_params["key"], name)
    if data is None:
        refuse(404, "This excerpt is gone; load the page again.")
    return Response(data, media_type="audio/wav" if name.endswith(".wav") else "image/jpeg")


def _find_mark(request: Request) -> tuple[DeskJob, Agenda, Record, Finding | Match]:
    job, agenda, item = find_item(request)
    mark = dict(marks_of(item.record)).get(request.path_params["mark"])
    return job, agenda, item.record, mark if mark is not None else refuse(404, "There is no such finding.")


def _reference_span(agenda: Agenda, match: Match, span: ExcerptSpan | None) -> ExcerptSpan | None:
    reference = agenda.references.get(match.reference)
    return reference_excerpt_of(match, reference, span.rate if span else None) if reference else None


def _pair(job: DeskJob, agenda: Agenda, record: Record, match: Match, root: Path) -> Pair | None:
    seen = replace(record.examination, asset=replace(record.examination.asset, location=str(root)))
    (named,) = agenda.hidden.show((replace(record, matches=(match,)),))
    found = pairs_of(named, seen, libraries_by_name(job.choices.library), dict(agenda.references))
    return next((pair for pair in found if isinstance(pair, Pair)), None)


_FILE: Final = "/jobs/{job}/review/{anchor}"
routes = (
    Route(f"{_FILE}/excerpt/{{mark}}", cut_excerpt),
    Route(f"{_FILE}/overlay/{{mark}}", lay_over),
    Route("/jobs/{job}/pictures/{name}", show_picture),
    Route("/jobs/{job}/excerpts/{key}/{name}", show_excerpt),
)
