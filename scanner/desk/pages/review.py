"""The review of a job: each file that does not pass, worst first; what it shows; what is decided about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from media.errors import RunError
from scanner.desk.agenda import Agenda, AgendaItem
from scanner.desk.decisions import DecisionBook, DecisionState, Overtaken
from scanner.desk.excerpts import marks_of
from scanner.desk.job import DeskJob
from scanner.desk.judging import judge_again
from scanner.desk.pages.media import list_players
from scanner.desk.rows import faults_of_cells, name_column, propose_rows
from scanner.desk.web import FormFields, desk_of, find_item, find_scanned_job, go_to, is_day, posted, render
from scanner.judge.phrases import is_placeholder
from scanner.judge.policy.content import Content, content_of
from scanner.judge.policy.waivers import Disposition
from scanner.judge.register.columns import COLUMNS
from scanner.judge.register.entry import entry_of
from scanner.model import Outcome, Record
from scanner.reports.components.cards import FileCard, card_of
from scanner.reports.pictures.pictures import PictureFolder
from scanner.reports.reasons import Because
from scanner.reports.view import sheet

__all__ = ["routes"]

_DECISIONS: Final = {
    Disposition.FIX: "It must be fixed. Nothing is accepted; the item stays open.",
    Disposition.CREATIVE_INTENT: "It is intended.",
    Disposition.BEST_POSSIBLE: "It cannot be made better.",
    Disposition.FALSE_POSITIVE: "provscan is wrong about it.",
    Disposition.ACCEPTED_RISK: "The risk is known and accepted.",
}


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
    job = find_scanned_job(request)
    agenda = desk_of(request).agendas.read(job)
    if agenda.first is not None:
        return go_to(f"/jobs/{job.id}/review/{agenda.first.anchor}")
    return render(
        request, "review.html.j2", title="Review", job=job, step="review", summary=agenda.summary, agenda=agenda,
        item=None, state=DecisionBook(job).read(), fault="",
    )  # fmt: skip


def show_item(request: Request) -> Response:
    """One file."""
    job, agenda, item = find_item(request)
    return _show(request, job, agenda, item, DecisionBook(job).read())


def _show(
    request: Request, job: DeskJob, agenda: Agenda, item: AgendaItem, state: DecisionState, *,
    fault: str = "", faults: Sequence[str] = (), status: int = 200, filled: Mapping[str, str] | None = None,
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
        reasons=list(_reasons(item.record, card, state)), shown=_Shown(job), fault=fault, faults=faults,
        filled=filled or {},
        dispositions=[(it.value, it.value.replace("-", " "), words) for it, words in _DECISIONS.items()],
        who={name: (filled or {}).get(name, last.get(name, "")) for name in ("name", "role")},
        comments=state.comments_on(item.anchor), players=list(list_players(agenda, item.record)),
        rows=propose_rows(item.record, state.rows), columns=COLUMNS, name_column=name_column, entry=entry_of(),
    )  # fmt: skip


def _reasons(record: Record, card: FileCard, state: DecisionState) -> Iterator[_Reason]:
    digest = sheet(record).digest
    can_decide = bool(digest) and content_of(digest, record.examination) is Content.WHOLE
    for one in card.reasons:
        if one.rule:
            decided = state.waivers_of(one.findings, one.rule, digest)
            standing = replace(one, waiver="").standing if decided else one.standing
            yield _Reason(because=one, standing=standing, decided=decided, can_decide=can_decide)


def decide(request: Request, form: FormFields) -> Response:
    """Write a decision about one reason, and judge again."""
    job, agenda, item = find_item(request)
    book = DecisionBook(job)
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
    known = dict(marks_of(item.record))
    findings = list(dict.fromkeys(name for it in matching for name in it.because if name in known))
    table = {name: filled[name] for name in ("disposition", "name", "role", "reason", "expires") if filled[name]}
    today = datetime.now(UTC).date().isoformat()
    tables = [{"finding": it, "rule": filled["rule"], "digest": digest, "date": today, **table}
              for it in findings or [filled["rule"]]]  # fmt: skip
    words = f"{filled['name']} decided “{filled['disposition'].replace('-', ' ')}” about {item.path} ({filled['rule']})"
    return _after(request, job, item, partial(book.decide, form.text("version"), tables, words), filled)


def _fault_of(filled: Mapping[str, str]) -> str:
    if filled["disposition"] not in tuple(Disposition):
        return "Choose a decision."
    for name in ("name", "reason"):
        if not filled[name] or is_placeholder(filled[name]):
            return f"Fill in the {name}: a decision is a person's, and has a reason."
    if filled["expires"] and not is_day(filled["expires"]):
        return "The last day is written 2026-11-22."
    return ""


def withdraw(request: Request, form: FormFields) -> Response:
    """Take the decisions about one reason back."""
    job, _, item = find_item(request)
    book = DecisionBook(job)
    rule, digest = form.text("rule"), sheet(item.record).digest
    findings = [name for it in item.record.verdict.reasons if it.rule == rule for name in it.because]
    gone = book.read().waivers_of(findings, rule, digest)
    words = f"A decision about {item.path} ({rule}) was withdrawn"
    return _after(request, job, item, partial(book.withdraw, form.text("version"), gone, words))


def comment(request: Request, form: FormFields) -> Response:
    """Add a remark to a file."""
    job, agenda, item = find_item(request)
    book = DecisionBook(job)
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
    job, _, item = find_item(request)
    return _after(request, job, item, partial(DecisionBook(job).undo, form.text("version")))


def add_row(request: Request, form: FormFields) -> Response:
    """Write a row into the register of this job, and judge again."""
    job, agenda, item = find_item(request)
    book = DecisionBook(job)
    cells = {name: "; ".join(chosen) for name in COLUMNS if (chosen := form.texts(f"cell_{name}"))}
    if faults := faults_of_cells(cells):
        fault = "The row is not written yet. Correct:"
        return _show(request, job, agenda, item, book.read(), fault=fault, faults=faults, status=422, filled=cells)
    words = f"Register row {cells['entry_id']} for {item.path}"
    return _after(request, job, item, partial(book.add_row, form.text("version"), cells, words), cells)


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


_FILE: Final = "/jobs/{job}/review/{anchor}"
routes = (
    Route("/jobs/{job}/review", show_review),
    Route(_FILE, show_item),
    Route(f"{_FILE}/decide", posted(decide), methods=["POST"]),
    Route(f"{_FILE}/withdraw", posted(withdraw), methods=["POST"]),
    Route(f"{_FILE}/comment", posted(comment), methods=["POST"]),
    Route(f"{_FILE}/row", posted(add_row), methods=["POST"]),
    Route(f"{_FILE}/undo", posted(undo), methods=["POST"]),
)
