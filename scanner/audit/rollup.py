"""The runs of many deliveries → one roll-up: a grid of rules and deliveries, what recurs, what changed. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from scanner.exit_codes import ExitCode, worst_exit
from scanner.judge.causes import Cause, cause_of_finding, cause_of_match
from scanner.model import Claim, Outcome, Record, Role, Scan
from scanner.records.diff import Change, Diff, State
from scanner.records.summary import Summary
from scanner.reports.components.work import RuleEntry, gather_work
from scanner.reports.wording import headline, headline_outcome

__all__ = ["SCHEMA", "Episode", "GridCell", "GridRow", "Recurring", "Rollup", "RollupMaker"]

SCHEMA: Final = "provscan/audit/1"
_AI: Final = frozenset({Claim.GENERATED, Claim.EDITED, Claim.CONTAINS})
_SHOWN: Final = (State.NEW, State.CHANGED, State.NOT_INSPECTED, State.FIXED)
_LISTED: Final = 2_000
"""Changes of a delivery that are listed; all of them are counted."""
_KEPT: Final = 100_000
"""Causes that are followed over the deliveries."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GridCell:
    """What one rule found in one delivery."""

    outcome: Outcome
    files: int
    causes: int

    def to_json(self) -> dict[str, Any]:
        """As `audit.json` has it."""
        return {"outcome": self.outcome.value, "files": self.files, "causes": self.causes}


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """One delivery of the series."""

    name: str
    headline: str
    """Its verdict in a sentence, or why there is none."""
    outcome: Outcome
    """In whose colour the headline stands: a delivery without a verdict is a blocker."""
    exit_code: ExitCode
    folder: str = ""
    """Of its records and reports, relative to the roll-up; empty where it was not scanned."""
    pages: tuple[str, ...] = ()
    """Names of its reports in that folder."""
    started: str = ""
    found: int = 0
    not_inspected: int = 0
    outcomes: Mapping[Outcome, int] = field(default_factory=dict)
    sha256: str = ""
    """Of its records."""
    changes: Mapping[State, int] | None = None
    """Since the audit before; None where that one does not have the delivery."""

    def to_json(self) -> dict[str, Any]:
        """As `audit.json` has it."""
        return {
            "delivery": self.name, "headline": self.headline, "exit_code": int(self.exit_code), "folder": self.folder,
            "started": self.started, "assets": self.found, "not_inspected": self.not_inspected,
            "outcomes": {outcome.value: number for outcome, number in self.outcomes.items()},
            "records_sha256": self.sha256,
            "changes": None if self.changes is None else {state.value: it for state, it in self.changes.items()},
        }  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class GridRow:
    """One rule of the policy over all deliveries."""

    rule: str
    text: str
    remedy: str
    is_accepted: bool
    """Whether waivers accepted what it found."""
    cells: Mapping[str, GridCell]
    """By delivery."""

    @property
    def outcome(self) -> Outcome:
        """The worst of its cells."""
        return max((cell.outcome for cell in self.cells.values()), key=lambda one: one.rank)

    @property
    def files(self) -> int:
        """Of all deliveries."""
        return sum(cell.files for cell in self.cells.values())

    def to_json(self) -> dict[str, Any]:
        """As `audit.json` has it."""
        return {
            "rule": self.rule, "outcome": self.outcome.value, "accepted": self.is_accepted, "text": self.text,
            "remedy": self.remedy, "deliveries": {name: cell.to_json() for name, cell in self.cells.items()},
        }  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Recurring:
    """One content that several deliveries show: a file, a source clip of a cut, or a reference."""

    key: str
    name: str
    is_ai: bool
    """Whether it was made or changed by AI, by a marker or as an AI-made reference."""
    tools: tuple[str, ...]
    rules: tuple[str, ...]
    """Rules of the policy that it breaks; none where it is allowed everywhere."""
    deliveries: Mapping[str, int]
    """Files that show it, by delivery."""

    def to_json(self) -> dict[str, Any]:
        """As `audit.json` has it."""
        return {
            "name": self.name, "content": self.key, "ai": self.is_ai, "tools": list(self.tools),
            "rules": list(self.rules), "deliveries": dict(self.deliveries),
        }  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollup:
    """Everything that the page, the workbook and the JSON document show."""

    series: str
    tool: str
    started: str
    before: str
    """When the audit that it is compared with was started; empty where there is none."""
    policy: str
    episodes: tuple[Episode, ...]
    grid: tuple[GridRow, ...]
    recurring: tuple[Recurring, ...]
    changes: tuple[tuple[str, Change], ...]
    """Delivery and change, worst first: what is new, changed, fixed or no longer inspected."""
    warnings: tuple[str, ...]
    exit_code: ExitCode

    @property
    def ai_assets(self) -> tuple[Recurring, ...]:
        """What was made or changed by AI and is in several deliveries."""
        return tuple(one for one in self.recurring if one.is_ai)

    def to_json(self) -> dict[str, Any]:
        """`audit.json`."""
        return {
            "schema": SCHEMA, "series": self.series, "tool": self.tool, "started": self.started,
            "before": self.before or None, "policy": self.policy, "exit_code": int(self.exit_code),
            "warnings": list(self.warnings),
            "deliveries": [one.to_json() for one in self.episodes],
            "rules": [one.to_json() for one in self.grid],
            "recurring": [one.to_json() for one in self.recurring],
            "changes": [
                {
                    "delivery": name, "state": change.state.value,
                    "old": change.old.to_json() if change.old else None,
                    "new": change.new.to_json() if change.new else None,
                }
                for name, change in self.changes
            ],
        }  # fmt: skip


@dataclass(slots=True)
class _Content:
    name: str
    is_ai: bool = False
    tools: set[str] = field(default_factory=set)
    rules: set[str] = field(default_factory=set)
    deliveries: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class _Row:
    entry: RuleEntry
    cells: dict[str, GridCell] = field(default_factory=dict)


class RollupMaker:
    """Adds one delivery after the other. Memory follows what was found, never the number of files."""

    def __init__(self) -> None:
        self._episodes: list[Episode] = []
        self._rows: dict[tuple[str, bool], _Row] = {}
        self._contents: dict[str, _Content] = {}
        self._changes: list[tuple[str, Change]] = []
        self._shortened: list[str] = []
        self._policy = ""

    def add(
        self,
        name: str,
        summary: Summary,
        records: Callable[[], Iterable[Record]],
        *,
        exit_code: ExitCode,
        folder: str,
        pages: Iterable[str],
        changes: Diff | None,
    ) -> None:
        """A delivery that was scanned."""
        made = summary.provenance
        self._policy = self._policy or made.policy.get("title") or made.policy.get("name", "")
        self._episodes.append(
            Episode(
                name=name, headline=headline(summary), outcome=headline_outcome(summary), exit_code=exit_code,
                folder=folder, pages=tuple(pages), started=made.started, found=summary.found,
                not_inspected=summary.scans.get(Scan.INCOMPLETE, 0), outcomes=summary.outcomes,
                sha256=summary.seal.sha256 if summary.seal else "", changes=changes.counts if changes else None,
            )
        )  # fmt: skip
        for entry in gather_work(records()).rules:
            self._enter(name, entry)
        self._see_ai(name, records())
        if changes is not None:
            found = [(name, change) for state in _SHOWN for change in changes.of(state)]
            self._changes.extend(found[:_LISTED])
            if len(found) > _LISTED:
                self._shortened.append(
                    f"{name}: the first {_LISTED:,} of {len(found):,} changes are listed; all of them are counted"
                )

    def add_failed(self, name: str, why: str, exit_code: ExitCode) -> None:
        """A delivery of which there is no verdict."""
        headline = f"NOT SCANNED: {why}"
        self._episodes.append(Episode(name=name, headline=headline, outcome=Outcome.BLOCKER, exit_code=exit_code))

    def finish(self, *, series: str, tool: str, started: str, before: str, warnings: Iterable[str]) -> Rollup:
        """The roll-up of all that was added."""
        rows = [
            GridRow(rule=one.entry.rule, text=one.entry.text, remedy=one.entry.remedy, is_accepted=one.entry.accepted,
                    cells=one.cells)
            for one in self._rows.values()
        ]  # fmt: skip
        rows.sort(key=lambda row: (row.is_accepted, -row.outcome.rank, -len(row.cells), -row.files, row.rule))
        order = {state: number for number, state in enumerate(State)}
        changes = sorted(self._changes, key=lambda it: (order[it[1].state], -it[1].concern.outcome.rank))
        return Rollup(
            series=series, tool=tool, started=started, before=before, policy=self._policy,
            episodes=tuple(self._episodes), grid=tuple(rows), recurring=tuple(self._recurring()),
            changes=tuple(changes), warnings=(*warnings, *self._shortened),
            exit_code=worst_exit((one.exit_code for one in self._episodes), default=ExitCode.INCOMPLETE),
        )  # fmt: skip

    def _enter(self, name: str, entry: RuleEntry) -> None:
        row = self._rows.setdefault((entry.rule, entry.accepted), _Row(entry))
        before = row.cells.get(name)
        row.cells[name] = GridCell(
            outcome=max(entry.outcome, before.outcome, key=lambda one: one.rank) if before else entry.outcome,
            files=entry.files + (before.files if before else 0),
            causes=entry.total + (before.causes if before else 0),
        )
        for key, cause in entry.keys.items():
            content = self._content(key, cause.name)
            if content is not None:
                content.rules.add(entry.rule)
                content.deliveries[name] = max(content.deliveries[name], cause.files)

    def _see_ai(self, name: str, records: Iterable[Record]) -> None:
        files = Counter[str]()
        for record in records:
            for cause, tool in _ai_causes(record):
                content = self._content(cause.key, cause.name)
                if content is not None:
                    content.is_ai = True
                    content.tools |= {tool} if tool else set()
                    files[cause.key] += 1
        for key, number in files.items():
            deliveries = self._contents[key].deliveries
            deliveries[name] = max(deliveries[name], number)

    def _content(self, key: str, name: str) -> _Content | None:
        content = self._contents.get(key)
        if content is None and len(self._contents) < _KEPT:
            content = self._contents[key] = _Content(name)
        return content

    def _recurring(self) -> Iterator[Recurring]:
        several = [(key, it) for key, it in self._contents.items() if len(it.deliveries) > 1]
        several.sort(key=lambda it: (not it[1].rules, -len(it[1].deliveries), not it[1].is_ai, it[1].name))
        for key, it in several:
            yield Recurring(
                key=key, name=it.name, is_ai=it.is_ai, tools=tuple(sorted(it.tools)), rules=tuple(sorted(it.rules)),
                deliveries=dict(it.deliveries),
            )  # fmt: skip


def _ai_causes(record: Record) -> Iterator[tuple[Cause, str]]:
    """Each content that the record shows as made or changed by AI, once, with its tool."""
    seen: dict[str, tuple[Cause, str]] = {}
    for finding in record.findings:
        if finding.claim in _AI:
            cause = cause_of_finding(record.examination, finding)
            seen.setdefault(cause.key, (cause, finding.tool or ""))
    for match in record.matches:
        if match.role is Role.AI_MADE:
            cause = cause_of_match(match)
            seen.setdefault(cause.key, (cause, ""))
    yield from seen.values()
