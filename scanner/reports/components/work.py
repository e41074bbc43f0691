"""What to act on, by rule: the causes of each rule's findings, and the files and timecodes where each is seen. Pure.

A file is counted under every rule that does not let it pass or, with `worst_only`, under its worst. The first causes of
each rule and the first places of each cause are kept; the others are counted, so that memory follows the number of
rules and not of files.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from scanner.judge.causes import Cause
from scanner.model import Outcome, Record
from scanner.reports.components.anchors import file_anchor, finding_anchor
from scanner.reports.places import join_first
from scanner.reports.reasons import Because
from scanner.reports.view import Mark, Sheet, sheet
from scanner.reports.wording import count, name_actions

__all__ = ["CauseEntry", "RuleEntry", "SeenPlace", "WorkTable", "gather_twice", "gather_work"]

_Key = tuple[Outcome, str, bool]
"""Outcome, rule, and whether a person accepted it."""
_CAUSES: Final = 2_000
"""Causes of a rule that are counted separately; the files of all are counted."""
_LISTED: Final = 200
"""Causes of a rule that are kept with their places."""
_PLACES: Final = 12
_SPANS: Final = 3
_NO_REASON: Final = Because(
    rule="", outcome=Outcome.PASS, text="No reason was recorded.", remedy="", register="", binding="", waiver="",
    findings=(),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenPlace:
    """One file in which a cause is seen."""

    path: str
    where: str
    """Timecodes or frames in it, the first three; empty where it holds for the whole file."""
    file: str
    """Anchor of the file."""
    anchor: str
    """Of the first such finding, else of the file."""


@dataclass(slots=True)
class CauseEntry:
    """What several findings have in common: a source clip, a reference, or the file itself."""

    name: str
    room: int
    """The number of places that are kept at most."""
    files: int = 0
    places: list[SeenPlace] = field(default_factory=list)
    """The first places."""

    @property
    def is_file(self) -> bool:
        """Whether it is seen in one file only, which is the cause."""
        return self.files == 1 and self.places[0].path == self.name


@dataclass(slots=True)
class RuleEntry:
    """One rule of the policy, and everything that it does not let pass."""

    outcome: Outcome
    rule: str
    text: str
    """Its sentence; without the part in brackets where that differs from finding to finding."""
    remedy: str
    accepted: bool = False
    """Whether a waiver accepted it."""
    files: int = 0
    causes: list[CauseEntry] = field(default_factory=list)
    """The first causes, in the order in which they were found."""
    keys: dict[str, CauseEntry] = field(default_factory=dict)
    """The causes that were counted separately."""
    sheets: list[Sheet] = field(default_factory=list)
    """The first files whose worst rule this is, where they were requested; those of one cause together."""
    actions: set[str] | None = None
    """The actions that every file with this as its worst rule needs; None where there is no such file."""

    @property
    def total(self) -> int:
        """How many causes it has; at most 2,000 are counted separately."""
        return len(self.keys)

    @property
    def is_shared(self) -> bool:
        """Whether a cause is seen in several files."""
        return any(one.files > 1 for one in self.keys.values())

    @property
    def size(self) -> str:
        """`6 files`, or `4 causes in 6 files` where a cause is seen in several files or a file shows several."""
        if self.total == self.files and all(one.files == 1 for one in self.causes):
            return count(self.files, "file")
        return self.size_by_cause

    @property
    def size_by_cause(self) -> str:
        """`4 causes in 6 files`."""
        more = "more than " * (self.total >= _CAUSES)
        return f"{more}{count(self.total, 'cause')} in {count(self.files, 'file')}"

    @property
    def todo(self) -> tuple[str, ...]:
        """The actions in plain words."""
        return name_actions(self.actions or ())


@dataclass(slots=True)
class WorkTable:
    """Every rule that needs action, worst first, and what passed."""

    rules: list[RuleEntry]
    quiet: int = 0
    """Files that pass and state nothing."""
    allowed: int = 0
    """Files that pass although something was found."""
    approved: int = 0
    """Of these, files that rows of the register cover."""
    covered: list[Sheet] = field(default_factory=list)
    """The first of them, where they were requested."""

    @property
    def acting(self) -> list[RuleEntry]:
        """The rules that need a decision before delivery."""
        return [entry for entry in self.rules if entry.outcome.rank >= Outcome.ISSUE.rank]


def gather_work(records: Iterable[Record], *, worst_only: bool = False, listed: int = 0) -> WorkTable:
    """Gather the work that the records leave. A file is listed under each of its rules, once.

    With `worst_only` it is listed under the worst of them alone, and its causes are those of findings. `listed` files
    are kept for each rule that is the worst of them, and for what the register covers.
    """
    gathering = _Gathering(worst_only, listed)
    for record in records:
        gathering.add(record)
    return gathering.table()


def gather_twice(records: Iterable[Record], *, listed: int) -> tuple[WorkTable, WorkTable]:
    """Gather the work in one pass over the records: under all rules, and `worst_only` with `listed` files."""
    under_all, under_worst = _Gathering(False, 0), _Gathering(True, listed)
    for record in records:
        under_all.add(record)
        under_worst.add(record)
    return under_all.table(), under_worst.table()


class _Gathering:
    """A `WorkTable` while records come."""

    def __init__(self, worst_only: bool, listed: int) -> None:
        self._worst_only = worst_only
        self._listed = listed
        self._found: dict[_Key, RuleEntry] = {}
        self._table = WorkTable([])

    def add(self, record: Record) -> None:
        """Enter one record."""
        table = self._table
        if record.verdict.outcome is not Outcome.PASS:
            _enter(self._found, record, self._worst_only, self._listed)
        elif record.findings or record.matches:
            table.allowed += 1
            if any(reason.register for reason in record.verdict.reasons):
                table.approved += 1
                if len(table.covered) < self._listed:
                    table.covered.append(sheet(record))
        else:
            table.quiet += 1

    def table(self) -> WorkTable:
        """The table, when all records came."""
        self._table.rules = sorted(
            self._found.values(),
            key=lambda one: (-one.outcome.rank, one.accepted and not self._worst_only, -one.files, one.rule),
        )
        return self._table


def _enter(found: dict[_Key, RuleEntry], record: Record, worst_only: bool, listed: int) -> None:
    page, anchor = sheet(record), file_anchor(record)
    by_rule = _worst_reasons(page) if worst_only else _acting_reasons(page)
    for number, (key, reasons) in enumerate(by_rule.items()):
        entry = _entry(found, key, reasons)
        entry.files += 1
        if not number:
            asked = set(page.actions)
            entry.actions = asked if entry.actions is None else entry.actions & asked
        names = {name for reason in reasons for name in reason.findings}
        marks = [mark for mark in page.marks if mark.id in names]
        for cause, its in _causes(page, marks, whole_file=not worst_only):
            _note(entry, cause, _place(page, anchor, its))
        if not number and len(entry.sheets) < listed:
            _keep_sheet(entry, page)


def _acting_reasons(page: Sheet) -> dict[_Key, list[Because]]:
    """What does not let it pass, by rule, the worst first."""
    by_rule: dict[_Key, list[Because]] = {}
    for reason in page.reasons or (_NO_REASON,):
        outcome = reason.outcome if page.reasons else page.outcome
        if outcome is not Outcome.PASS:
            by_rule.setdefault((outcome, reason.rule, reason.accepted), []).append(reason)
    return by_rule


def _worst_reasons(page: Sheet) -> dict[_Key, list[Because]]:
    """What the worst rule states of it."""
    its = [*page.worst_reasons] or [_NO_REASON]
    return {(page.outcome, its[0].rule, its[0].accepted): its}


def _keep_sheet(entry: RuleEntry, page: Sheet) -> None:
    order = {key: number for number, key in enumerate(entry.keys)}
    entry.sheets.append(page)
    entry.sheets.sort(key=lambda it: min((order.get(cause.key, len(order)) for cause in it.causes), default=-1))


def _entry(found: dict[_Key, RuleEntry], key: _Key, reasons: list[Because]) -> RuleEntry:
    text = reasons[0].text if len({one.text for one in reasons}) == 1 else _bare(reasons[0].text)
    entry = found.get(key)
    if entry is None:
        outcome, rule, accepted = key
        remedy = "" if accepted else next((one.remedy for one in reasons if one.remedy), "")
        entry = found[key] = RuleEntry(outcome=outcome, rule=rule, text=text, remedy=remedy, accepted=accepted)
    elif entry.text != text:
        entry.text = _bare(entry.text)
    return entry


def _causes(page: Sheet, marks: Iterable[Mark], *, whole_file: bool) -> Iterator[tuple[Cause, list[Mark]]]:
    """Its causes, each with its findings; with `whole_file` the file itself where the reason rests on no finding."""
    grouped: dict[Cause, list[Mark]] = {}
    for mark in marks:
        grouped.setdefault(mark.cause, []).append(mark)
    yield from grouped.items()
    if whole_file and not grouped:
        yield Cause(page.digest or f"{page.root}/{page.path}", page.path), []


def _place(page: Sheet, anchor: str, marks: list[Mark]) -> SeenPlace:
    where = join_first((mark.at for mark in marks), _SPANS)
    target = finding_anchor(anchor, marks[0].id) if marks else anchor
    return SeenPlace(path=page.path, where=where, file=anchor, anchor=target)


def _note(entry: RuleEntry, cause: Cause, place: SeenPlace) -> None:
    one = entry.keys.get(cause.key)
    if one is None:
        if entry.total >= _CAUSES:
            return
        is_listed = entry.total < _LISTED
        one = entry.keys[cause.key] = CauseEntry(cause.name, room=_PLACES * is_listed)
        if is_listed:
            entry.causes.append(one)
    one.files += 1
    if len(one.places) < one.room:
        one.places.append(place)


def _bare(text: str) -> str:
    """A rule's sentence without what the judge put in brackets behind it; the rule's own brackets stay."""
    sentence, noted, _ = text.partition(". (")
    return f"{sentence}." if noted else text if text.endswith(".") else text.partition(" (")[0]
