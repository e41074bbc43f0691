"""What a job leaves to decide: its files worst first, each with its record, and where its media are."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Final

from scanner.desk.job import DeskJob
from scanner.discover.roots import distinct_roots
from scanner.model import Asset, Outcome, Record
from scanner.pipeline import stored_run
from scanner.recognise.references import name_of
from scanner.records.redaction import HiddenReferences
from scanner.records.summary import Summary
from scanner.reports.components.anchors import file_anchor
from scanner.reports.reasons import reasons_of
from scanner.reports.wording import trim

__all__ = ["Agenda", "AgendaFolder", "AgendaItem"]

MOST_ITEMS: Final = 2_500
"""Files that are stepped through, worst first; the page states when there are more."""
_ORDER: Final = (Outcome.BLOCKER, Outcome.ISSUE, Outcome.FYI)


@dataclass(frozen=True, slots=True, kw_only=True)
class AgendaItem:
    """One file with a blocker or an issue, or with something that a person accepted."""

    anchor: str
    record: Record
    path: str
    outcome: Outcome
    rule: str
    text: str
    is_settled: bool
    """Whether a person accepted everything about it."""
    decided: str
    """What a person decided about its worst reason, such as `fix`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agenda:
    """The files of a job as it stands now."""

    summary: Summary
    items: tuple[AgendaItem, ...]
    left_out: int
    """Files beyond `MOST_ITEMS`."""
    roots: Mapping[str, Path]
    """Root's name → where it is, of the deliveries that are there."""
    references: Mapping[str, Asset]
    """References of the run by their name, with their place."""
    hidden: HiddenReferences
    """Ids of library references that the items do not show."""

    def find(self, anchor: str) -> int | None:
        """The place of a file in `items`."""
        return next((number for number, item in enumerate(self.items) if item.anchor == anchor), None)

    @property
    def first(self) -> AgendaItem | None:
        """Where a person begins: the first that is not settled, else the first."""
        return next((item for item in self.items if not item.is_settled), next(iter(self.items), None))


class AgendaFolder:
    """Keeps the agenda of the job that was read last, for as long as its records stay the same. Safe for threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: tuple[tuple[object, ...], Agenda] | None = None

    def read(self, job: DeskJob) -> Agenda:
        """The agenda of a job that was scanned. Raises `RunError` where its records cannot be read."""
        status = job.latest.stat()
        key = (job.latest, status.st_mtime_ns, status.st_size, status.st_ino, job.paths, job.choices.redact)
        with self._lock:
            if self._known is None or self._known[0] != key:
                self._known = (key, _read(job))
            return self._known[1]


def _read(job: DeskJob) -> Agenda:
    hidden = HiddenReferences()
    summary, records = stored_run(job.latest, redact=job.choices.redact, hidden=hidden)
    roots = {root.name: Path(root.location) for root in distinct_roots([Path(path) for path in job.paths])}
    by_outcome: dict[Outcome, list[AgendaItem]] = {outcome: [] for outcome in _ORDER}
    total = 0
    for record in records():
        found = by_outcome.get(record.verdict.outcome)
        if found is None or (record.verdict.outcome is Outcome.FYI and not _is_accepted(record)):
            continue
        total += 1
        if len(found) < MOST_ITEMS:
            found.append(_item(record))
    items = [item for outcome in _ORDER for item in by_outcome[outcome]]
    shown = tuple(islice(items, MOST_ITEMS))
    wanted = {match.reference for item in shown for match in item.record.matches if match.facts.is_own}
    references = {
        name: _placed(record.examination.asset, roots)
        for record in (records() if wanted else ())
        if (name := name_of(record.examination.asset)) in wanted
    }
    return Agenda(
        summary=summary, items=shown, left_out=total - len(shown), roots=roots,
        references={name: asset for name, asset in references.items() if asset.location}, hidden=hidden,
    )  # fmt: skip


def _item(record: Record) -> AgendaItem:
    reasons = [it for it in reasons_of(record) if it.outcome is not Outcome.PASS]
    worst = next((it for it in reasons if it.outcome is record.verdict.outcome), None)
    return AgendaItem(
        anchor=file_anchor(record), record=record, path=trim(record.examination.asset.path, 400),
        outcome=record.verdict.outcome, rule=worst.rule if worst else "", text=worst.text if worst else "",
        is_settled=record.verdict.outcome is Outcome.FYI, decided=worst.waiver.partition(":")[0] if worst else "",
    )  # fmt: skip


def _is_accepted(record: Record) -> bool:
    return any(reason.waiver for reason in record.verdict.reasons)


def _placed(asset: Asset, roots: Mapping[str, Path]) -> Asset:
    """The asset where it is now; without a place where its root is not there."""
    return replace(asset, location=str(roots.get(asset.root, "")) if asset.root in roots else "")
