"""The review of a job: each file that does not pass, worst first; what it shows; what is decided about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from media.errors import RunError
from scanner.desk.agenda import Agenda, AgendaItem
from scanner.desk.decisions import DecisionBook, DecisionState, Overtaken
from scanner.desk.excerpts import ExcerptSpan, excerpt_of, reference_excerpt_of
from scanner.desk.job import DeskJob
from scanner.desk.judging import judge_again
from scanner.desk.web import FormFields, desk_of, find_job, go_to, posted, refuse, render, send_json
from scanner.judge.phrases import is_placeholder
from scanner.judge.policy import load_policies
from scanner.judge.policy.content import Content, content_of
from scanner.judge.policy.waivers import Disposition
from scanner.judge.register.columns import APPROVAL, ASKED, COLUMNS, REQUIRED
from scanner.judge.register.cuesheet import cue_rows
from scanner.judge.register.entry import entry_of
from scanner.match_ids import match_id
from scanner.model import Finding, Match, Outcome, Record, Sense
from scanner.reports.components.cards import FileCard, card_of
from scanner.reports.pictures.pairs import Pair, pairs_of
from scanner.reports.pictures.pictures import PictureFolder
from scanner.reports.reasons import Because
from scanner.reports.view import sheet

__all__ = ["routes"]

_DECISIONS: Final = {
    Disposition.FIX: "It must be fixed. Nothing is accepted; the item stays open.",
    Disposition.CREATIVE_INTENT: "It is meant to be so.",
    Disposition.BEST_POSSIBLE: "It cannot be made better.",
    Disposition.FALSE_POSITIVE: "provscan is wrong about it.",
    Disposition.ACCEPTED_RISK: "The risk is known and taken.",
}
_WHERE: Final = ("asset_glob", "content_digest", "finding_id", "phash_or_ref_id", "tc_in", "tc_out", "region")

_LABELS: Final = {
    "asset_glob": "file", "content_digest": "digest", "finding_id": "finding", "phash_or_ref_id": "reference",
    "tc_in": "timecode in", "tc_out": "timecode out", "entry_id": "number of the row",
    "scope_temp_or_final": "approved for", "approval_ref": "document of the approval",
}  # fmt: skip
"""Columns in words; the others are read as they are named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reason:
    """A reason with what is decided about it."""

    because: Because
    standing: tuple[str, ...]
    """What other people stated about it; what is decided here is shown in full."""
    decided: tuple[Mapping[str, str], ...]
    can_decide: bool


class _Shown:
    """The pictures that a scan drew, as the report's components ask for them."""

    def __init__(self, job: DeskJob) -> None:
        self._folder = PictureFolder(job.pictures)
        self._base = f"/jobs/{job.id}/pictures"
        self.left_out: frozenset[str] = frozenset()

    def knows(self, name: str) -> bool:
        """Whether the picture can be shown."""
        return bool(self._folder.size(name))

    def source(self, name: str) -> str:
        """Its address; empty where there is none."""
        return f"{self._base}/{name}" if self.knows(name) else ""


def show_review(request: Request) -> Response:
    """To the first file that is not settled; of a delivery without any, a page that states it."""
    job, agenda = _agenda(request)
    if agenda.first is not None:
        return go_to(f"/jobs/{job.id}/review/{agenda.first.anchor}")
    return render(
        request, "review.html.j2", title="Review", job=job, step="review", summary=agenda.summary, agenda=agenda,
        item=None, state=DecisionBook(job).read(), fault="",
    )  # fmt: skip


def show_item(request: Request) -> Response:
    """One file."""
    job, agenda = _agenda(request)
    return _show(request, job, agenda, _item(request, agenda), DecisionBook(job).read())


def _agenda(request: Request) -> tuple[DeskJob, Agenda]:
    job = find_job(request)
    if not job.is_scanned:
        refuse(404, "This job has not been scanned yet.")
    return job, desk_of(request).agendas.read(job)


def _item(request: Request, agenda: Agenda) -> AgendaItem:
    number = agenda.find(request.path_params["anchor"])
    if number is None:
        refuse(404, "This file needs no decision, or it is not in this job.")
    return agenda.items[number]


def _show(
    request: Request, job: DeskJob, agenda: Agenda, item: AgendaItem, state: DecisionState, *,
    fault: str = "", status: int = 200, filled: Mapping[str, str] | None = None,
) -> Response:  # fmt: skip
    number = agenda.find(item.anchor) or 0
    around = [agenda.items[it].anchor if 0 <= it < len(agenda.items) else "" for it in (number - 1, number + 1)]
    if not around[1] and agenda.first is not None and not agenda.first.is_settled and agenda.first != item:
        around[1] = agenda.first.anchor  # what was accepted stands at the end: on to what is open
    card = card_of(item.record, has_register=agenda.summary.provenance.register is not None)
    last = state.waivers[-1] if state.waivers else {}
    return render(
        request, "review.html.j2", status, title="Review", job=job, step="review", summary=agenda.summary,
        agenda=agenda, item=item, number=number, before=around[0], after=around[1], card=card, state=state,
        reasons=list(_reasons(item.record, card, state)), shown=_Shown(job), fault=fault, filled=filled or {},
        dispositions=[(it.value, it.value.replace("-", " "), words) for it, words in _DECISIONS.items()],
        who={name: (filled or {}).get(name, last.get(name, "")) for name in ("name", "role")},
        comments=state.comments_on(item.anchor), players=list(_players(agenda, item.record)),
        rows=_rows_of(item.record, state), columns=COLUMNS, labels=_LABELS, entry=entry_of(),
    )  # fmt: skip


def _reasons(record: Record, card: FileCard, state: DecisionState) -> Iterator[_Reason]:
    digest = sheet(record).digest
    can_decide = bool(digest) and content_of(digest, record.examination) is Content.WHOLE
    for one in card.reasons:
        if one.rule:
            decided = state.waivers_of(one.findings, one.rule, digest)
            standing = replace(one, waiver="").standing if decided else one.standing
            yield _Reason(because=one, standing=standing, decided=decided, can_decide=can_decide)


def _players(agenda: Agenda, record: Record) -> Iterator[dict[str, Any]]:
    """The findings that can be played or compared, by their id."""
    root = agenda.roots.get(record.examination.asset.root)
    for name, mark in _marks(record):
        span = excerpt_of(record, mark, root) if root else None
        compares = isinstance(mark, Match) and mark.facts.sense != Sense.SOUND
        beside = isinstance(mark, Match) and _reference_span(agenda, mark, span) is not None
        if span is not None or (compares and root):
            boxes = mark.alteration.regions if isinstance(mark, Match) and mark.alteration else ()
            yield {"id": name, "plays": span is not None, "compares": compares, "beside": beside, "boxes": boxes}


def _reference_span(agenda: Agenda, match: Match, span: ExcerptSpan | None) -> ExcerptSpan | None:
    reference = agenda.references.get(match.reference)
    return reference_excerpt_of(match, reference, span.rate if span else None) if reference else None


def decide(request: Request, form: FormFields) -> Response:
    """Write a decision about one reason, and judge again."""
    job, agenda = _agenda(request)
    item, book = _item(request, agenda), DecisionBook(job)
    filled = {name: form.text(name) for name in ("rule", "disposition", "name", "role", "reason", "expires")}
    fault = _fault_of(filled)
    matching = [
        it for it in item.record.verdict.reasons if it.rule == filled["rule"] and it.outcome is not Outcome.PASS
    ]
    digest = sheet(item.record).digest
    if not matching:
        fault = "This rule does not stop the file any more; look at it again."
    elif content_of(digest, item.record.examination) is not Content.WHOLE:
        fault = "The scan read only a sample of this file, so a decision cannot be bound to its content. Scan it again."
    if fault:
        return _show(request, job, agenda, item, book.read(), fault=fault, status=422, filled=filled)
    findings = list(dict.fromkeys(name for it in matching for name in it.because if name in _ids(item.record)))
    table = {name: filled[name] for name in ("disposition", "name", "role", "reason", "expires") if filled[name]}
    today = datetime.now(UTC).date().isoformat()
    tables = [{"finding": it, "rule": filled["rule"], "digest": digest, "date": today, **table}
              for it in findings or [filled["rule"]]]  # fmt: skip
    words = f"{filled['name']} decided “{filled['disposition'].replace('-', ' ')}” about {item.path} ({filled['rule']})"
    return _after(request, job, item, partial(book.decide, form.text("version"), tables, words), filled)


def _ids(record: Record) -> frozenset[str]:
    return frozenset(name for name, _ in _marks(record))


def _fault_of(filled: Mapping[str, str]) -> str:
    if filled["disposition"] not in tuple(Disposition):
        return "Choose a decision."
    for name in ("name", "reason"):
        if not filled[name] or is_placeholder(filled[name]):
            return f"Fill in the {name}: a decision is a person's, and has a reason."
    if filled["expires"]:
        try:
            date.fromisoformat(filled["expires"])
        except ValueError:
            return "The last day is written 2026-11-22."
    return ""


def withdraw(request: Request, form: FormFields) -> Response:
    """Take the decisions about one reason back."""
    job, agenda = _agenda(request)
    item, book = _item(request, agenda), DecisionBook(job)
    rule, digest = form.text("rule"), sheet(item.record).digest
    findings = [name for it in item.record.verdict.reasons if it.rule == rule for name in it.because]
    gone = book.read().waivers_of(findings, rule, digest)
    words = f"A decision about {item.path} ({rule}) was taken back"
    return _after(request, job, item, partial(book.withdraw, form.text("version"), gone, words))


def comment(request: Request, form: FormFields) -> Response:
    """Add a remark to a file."""
    job, agenda = _agenda(request)
    item, book = _item(request, agenda), DecisionBook(job)
    name, text = form.text("name"), form.text("text")
    if not name or not text:
        fault = "A comment needs a name and some words."
        return _show(
            request, job, agenda, item, book.read(), fault=fault, status=422, filled={"name": name, "text": text}
        )
    return _after(
        request, job, item, partial(book.comment, form.text("version"), item.anchor, name, text), {"text": text},
        judges=False,
    )  # fmt: skip


def undo(request: Request, form: FormFields) -> Response:
    """Take the last step of the job back, whichever file it was about."""
    job, agenda = _agenda(request)
    item = _item(request, agenda)
    return _after(request, job, item, partial(DecisionBook(job).undo, form.text("version")))


def add_row(request: Request, form: FormFields) -> Response:
    """Write a row into the register of this job, and judge again."""
    job, agenda = _agenda(request)
    item, book = _item(request, agenda), DecisionBook(job)
    cells = {name: form.text(f"cell_{name}") for name in COLUMNS if form.text(f"cell_{name}")}
    missing = [name for name in REQUIRED if not cells.get(name)]
    if cells.get("status") == "approved":
        missing += [name for name in APPROVAL if not cells.get(name)]
    if missing:
        fault = f"Fill in {', '.join(missing)}: a row without them counts for nothing."
        return _show(request, job, agenda, item, book.read(), fault=fault, status=422, filled=cells)
    words = f"Register row {cells['entry_id']} for {item.path}"
    return _after(request, job, item, partial(book.add_row, form.text("version"), cells, words), cells)


def _rows_of(record: Record, state: DecisionState) -> list[dict[str, Any]]:
    """A proposal for each use in the file: what the scan read, and the columns that a person fills in."""
    taken = {row.get("entry_id", "") for row in state.rows}
    asked = [name for name in (*REQUIRED, *ASKED, *_needs_of(record), *APPROVAL) if name in COLUMNS]
    found = []
    for row in cue_rows(lambda: [record]):
        number = len(taken) + 1
        while f"DESK-{number:04}" in taken:
            number += 1
        cells = {name: value for name, value in row.items() if name in COLUMNS and value}
        taken.add(f"DESK-{number:04}")
        cells |= {"entry_id": f"DESK-{number:04}"}
        names = dict.fromkeys((*(name for name in _WHERE if name in cells), "description", *asked, "notes"))
        found.append({"cells": cells, "names": [*names], "more": [name for name in COLUMNS if name not in names]})
    return found[:12]


def _needs_of(record: Record) -> Iterator[str]:
    """The columns that the rules of its reasons ask for in an approval."""
    rules = {reason.rule for reason in record.verdict.reasons}
    for name in {part for reason in record.verdict.reasons for part in reason.asked_by}:
        try:
            policy = load_policies([name])
        except RunError:
            continue
        for rule in policy.rules:
            if rule.id in rules:
                for need in rule.needs:
                    yield from (part.partition("=")[0] for part in need.split("|"))


def _after(
    request: Request, job: DeskJob, item: AgendaItem, change: Any, filled: Mapping[str, str] | None = None, *,
    judges: bool = True,
) -> Response:  # fmt: skip
    """Make a change, judge again, and go back to the file; of two windows the second sees what the first decided."""
    agendas = desk_of(request).agendas
    try:
        change()
    except Overtaken as late:
        return _show(request, job, agendas.read(job), item, late.now, fault=str(late), status=409, filled=filled)
    except RunError as error:
        state = DecisionBook(job).read()
        return _show(request, job, agendas.read(job), item, state, fault=str(error), status=422, filled=filled)
    if judges:
        judge_again(job)
    agenda = agendas.read(job)
    if agenda.find(item.anchor) is None:
        return go_to(f"/jobs/{job.id}/review")
    return go_to(f"/jobs/{job.id}/review/{item.anchor}")


def show_picture(request: Request) -> Response:
    """A picture that the scan drew, by its name in `pictures/`."""
    data = PictureFolder(find_job(request).pictures).read(request.path_params["name"])
    if not data:
        refuse(404, "There is no such picture.")
    return Response(data, media_type="image/jpeg")


def cut_excerpt(request: Request) -> Response:
    """The frames and the sound around a finding, or of its reference, as data for the player."""
    job, agenda = _agenda(request)
    item = _item(request, agenda)
    mark, root = _mark(request, item.record), agenda.roots.get(item.record.examination.asset.root)
    span = excerpt_of(item.record, mark, root) if root else None
    if request.query_params.get("of") == "reference":
        span = _reference_span(agenda, mark, span) if isinstance(mark, Match) else None
    if span is None:
        return send_json({"error": "The file of this finding is not there, or it is no programme."}, 404)
    made = desk_of(request).excerpts.cut(span)
    if isinstance(made, str):
        return send_json({"error": made}, 422)
    return send_json(made.to_json(f"/jobs/{job.id}/excerpts"))


def lay_over(request: Request) -> Response:
    """The picture of a match and its reference laid over it, as data for the slider."""
    job, agenda = _agenda(request)
    item = _item(request, agenda)
    mark, root = _mark(request, item.record), agenda.roots.get(item.record.examination.asset.root)
    pair = _pair(job, agenda, item.record, mark, root) if isinstance(mark, Match) and root else None
    key = desk_of(request).excerpts.lay(pair) if pair else None
    if key is None:
        return send_json({"error": "The two cannot be laid over each other: one of them is not there."}, 404)
    base = f"/jobs/{job.id}/excerpts/{key}"
    return send_json({"left": f"{base}/left.jpg", "right": f"{base}/right.jpg"})


def _pair(job: DeskJob, agenda: Agenda, record: Record, match: Match, root: Path) -> Pair | None:
    libraries = {Path(path).resolve().name: path for path in job.choices.library}
    seen = replace(record.examination, asset=replace(record.examination.asset, location=str(root)))
    found = pairs_of(replace(record, matches=(match,)), seen, libraries, dict(agenda.references))
    return next((pair for pair in found if isinstance(pair, Pair)), None)


def _mark(request: Request, record: Record) -> Finding | Match:
    found = dict(_marks(record)).get(request.path_params["mark"])
    return found if found is not None else refuse(404, "There is no such finding.")


def _marks(record: Record) -> Iterator[tuple[str, Finding | Match]]:
    """Findings and matches by their ids."""
    yield from ((finding.id, finding) for finding in record.findings)
    yield from ((match_id(match), match) for match in record.matches)


def show_excerpt(request: Request) -> Response:
    """A file of an excerpt."""
    name = request.path_params["name"]
    data = desk_of(request).excerpts.read(request.path_params["key"], name)
    if data is None:
        refuse(404, "This excerpt is gone; load the page again.")
    return Response(data, media_type="audio/wav" if name.endswith(".wav") else "image/jpeg")


_FILE: Final = "/jobs/{job}/review/{anchor}"
routes = (
    Route("/jobs/{job}/review", show_review),
    Route(_FILE, show_item),
    Route(f"{_FILE}/decide", posted(decide), methods=["POST"]),
    Route(f"{_FILE}/withdraw", posted(withdraw), methods=["POST"]),
    Route(f"{_FILE}/comment", posted(comment), methods=["POST"]),
    Route(f"{_FILE}/row", posted(add_row), methods=["POST"]),
    Route(f"{_FILE}/undo", posted(undo), methods=["POST"]),
    Route(f"{_FILE}/excerpt/{{mark}}", cut_excerpt),
    Route(f"{_FILE}/overlay/{{mark}}", lay_over),
    Route("/jobs/{job}/pictures/{name}", show_picture),
    Route("/jobs/{job}/excerpts/{key}/{name}", show_excerpt),
)
