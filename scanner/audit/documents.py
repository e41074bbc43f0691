"""The roll-up as a page, a workbook, JSON, and lines for the terminal."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Final

from media.workbook import Table, stream_xlsx
from scanner.audit.rollup import Rollup
from scanner.exit_codes import ExitCode
from scanner.model import Outcome
from scanner.records.diff import State
from scanner.reports.templating import page_template
from scanner.reports.wording import count, inert
from scanner.reports.xlsx import OUTCOME_COLOURS

__all__ = ["DOCUMENTS", "lines", "render"]

_SHOWN: Final = 200
"""Rows of a table of the page; the workbook and the JSON hold all."""
_EXIT: Final = {
    ExitCode.OK: "nothing at or above --fail-on",
    ExitCode.FOUND: "at least one outcome at or above --fail-on",
    ExitCode.INCOMPLETE: "incomplete: some files could not be judged",
    ExitCode.SETUP: "a delivery could not be scanned",
    ExitCode.INTERNAL: "internal error",
}


def render(name: str, rollup: Rollup) -> bytes:
    """A document by its file name."""
    return _RENDERERS[name](rollup)


def _json(rollup: Rollup) -> bytes:
    return json.dumps(rollup.to_json(), indent=1).encode() + b"\n"


def _html(rollup: Rollup) -> bytes:
    page = page_template("audit.html.j2", style="report.css.j2")
    text = page.render(audit=rollup, order=tuple(reversed(Outcome)), shown=_SHOWN, exit_word=_EXIT)
    return text.encode("utf-8", "backslashreplace")


def _xlsx(rollup: Rollup) -> bytes:
    headings = _head_columns(rollup)
    tables = (
        Table(title="Deliveries", columns=_DELIVERIES, rows=_delivery_rows(rollup), colours=OUTCOME_COLOURS),
        Table(
            title="Rules",
            columns={**_RULES, **dict.fromkeys(headings.values(), 14)},
            rows=_rule_rows(rollup, headings),
            colours=OUTCOME_COLOURS,
        ),
        Table(title="In several deliveries", columns=_RECURRING, rows=_recurring_rows(rollup)),
        Table(title="Changes", columns=_CHANGES, rows=_change_rows(rollup)),
        Table(title="Audit", columns={"": 26, " ": 120}, rows=_about(rollup), prints_heading=False),
    )
    return b"".join(stream_xlsx(tables, made=datetime.fromisoformat(rollup.started)))


_RENDERERS: Final[Mapping[str, Callable[[Rollup], bytes]]] = {
    "audit.html": _html,
    "audit.xlsx": _xlsx,
    "audit.json": _json,
}
DOCUMENTS: Final = tuple(_RENDERERS)
"""File names, in the order in which they are written."""

_DELIVERIES: Final = {
    "Outcome": 10, "Delivery": 26, "Verdict": 60, "Files": 9, "Blocker": 9, "Issue": 9, "For information": 9, "Pass": 9,
    "Not inspected": 9, "New": 9, "Changed": 9, "Fixed": 9, "Report": 44, "SHA-256 of the records": 66,
}  # fmt: skip
_RULES: Final = {"Outcome": 10, "Rule": 28, "Why": 60, "Next step": 50}
_RECURRING: Final = {"AI": 6, "File or reference": 60, "Deliveries": 11, "In": 50, "Files": 9, "Tool": 24, "Rules": 44,
                     "Content": 66}  # fmt: skip
_CHANGES: Final = {"State": 18, "Delivery": 26, "Outcome": 10, "Before": 10, "File": 60, "Rule": 28, "Why": 60}


def _delivery_rows(rollup: Rollup) -> Iterator[list[str | int]]:
    for one in rollup.episodes:
        changes = {state.value: number for state, number in (one.changes or {}).items()}
        moved = [changes.get(state, "") for state in ("new", "changed", "fixed")]
        outcomes = [one.outcomes.get(outcome, 0) for outcome in reversed(Outcome)]
        page = f"{one.folder}/{one.pages[0]}" if one.pages else one.folder
        yield [one.outcome.value, inert(one.name), inert(one.headline), one.found, *outcomes, one.not_inspected, *moved,
               inert(page), one.sha256]  # fmt: skip


def _head_columns(rollup: Rollup) -> dict[str, str]:
    """The heading of each delivery's column, all different: a delivery may be called `Rule`, and two names may be equal
    once control characters are escaped."""
    headings: dict[str, str] = {}
    for one in rollup.episodes:
        heading = inert(one.name)
        while heading in (*_RULES, *headings.values()):
            heading += "*"
        headings[one.name] = heading
    return headings


def _rule_rows(rollup: Rollup, headings: Iterable[str]) -> Iterator[list[str | int]]:
    for row in rollup.grid:
        word = f"{row.rule} (accepted)" if row.is_accepted else row.rule
        numbers = [row.cells[name].files if name in row.cells else "" for name in headings]
        yield [row.outcome.value, inert(word), inert(row.text), inert(row.remedy), *numbers]


def _recurring_rows(rollup: Rollup) -> Iterator[list[str | int]]:
    for one in rollup.recurring:
        places = "; ".join(f"{name} ({count(files, 'file')})" for name, files in one.deliveries.items())
        yield ["yes" if one.is_ai else "", inert(one.name), len(one.deliveries), inert(places),
               sum(one.deliveries.values()), inert(", ".join(one.tools)), inert(", ".join(one.rules)),
               inert(one.key)]  # fmt: skip


def _change_rows(rollup: Rollup) -> Iterator[list[str | int]]:
    for name, change in rollup.changes:
        concern = change.concern
        before = change.old.outcome.value if change.old else ""
        yield [change.state.value, inert(name), concern.outcome.value, before, inert(concern.path), inert(concern.rule),
               inert(concern.text)]  # fmt: skip


def _about(rollup: Rollup) -> Iterator[tuple[str, str]]:
    yield "Series", inert(rollup.series)
    yield "Policy", inert(rollup.policy)
    yield "Started", rollup.started
    yield "Compared with", rollup.before or "no audit before this one"
    yield "Exit code", f"{int(rollup.exit_code)}: {_EXIT[rollup.exit_code]}"
    yield from (("Warning", inert(warning)) for warning in rollup.warnings)
    yield "Made with", rollup.tool


def lines(rollup: Rollup, *, most: int | None) -> Iterator[str]:
    """What the terminal shows: each delivery in a line, the rules that act, what recurs, what is new. Of rules and
    materials at most so many; None is all."""
    width = max((len(one.name) for one in rollup.episodes), default=0)
    total = count(len(rollup.episodes), "delivery", "deliveries")
    policy = f", judged by {inert(rollup.policy)}" if rollup.policy else ""
    yield f"{total} in {inert(rollup.series)}{policy}"
    for one in rollup.episodes:
        yield f"  {inert(one.name):<{min(width, 40)}}  {inert(one.headline)}"
    acting = [row for row in rollup.grid if row.outcome.rank >= Outcome.ISSUE.rank and not row.is_accepted]
    if acting:
        yield ""
        yield "Rules that need a decision:"
        for row in acting[:most]:
            where = f"{count(row.files, 'file')} in {count(len(row.cells), 'delivery', 'deliveries')}"
            yield f"  {row.outcome.value:<8} {row.rule}: {where}"
        yield from _more(len(acting), most)
    if rollup.ai_assets:
        yield ""
        yield "AI-made material that is in several deliveries:"
        for asset in rollup.ai_assets[:most]:
            yield f"  {inert(asset.name)}: {', '.join(map(inert, asset.deliveries))}"
        yield from _more(len(rollup.ai_assets), most)
    if rollup.before:
        yield ""
        yield f"Since the audit of {rollup.before}: {_counted_changes(rollup)}"


def _more(number: int, most: int | None) -> Iterator[str]:
    if most is not None and number > most:
        yield f"  and {number - most} more in audit.html"


def _counted_changes(rollup: Rollup) -> str:
    totals = Counter[State]()
    for one in rollup.episodes:
        totals.update(one.changes or {})
    return ", ".join(f"{number:,} {state}" for state, number in totals.items()) or "no delivery could be compared"
