"""The triage of planned uses as lines for a terminal, as Markdown and as JSON. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from scanner.judge.policy.triage import Level, Planned
from scanner.model import Action
from scanner.notice.escaping import markdown_text
from scanner.reports.wording import count, trim

__all__ = ["ACTIONS", "SCHEMA", "planned_json", "planned_lines", "planned_markdown"]

SCHEMA: Final = "provscan/triage/1"
ACTIONS: Final[Mapping[Action, str]] = {
    Action.WRITTEN_APPROVAL: "written approval",
    Action.CONSENT: "consent",
    Action.CLEARANCE: "clearance of rights",
    Action.DISCLOSE: "disclosure to the audience",
    Action.INFORM: "inform the contact",
}
"""The actions in words."""
_HEADINGS: Final[Mapping[Level, str]] = {
    Level.ASK: "Ask first: do not proceed before the answer",
    Level.UNCLEAR: "Answer first: the row does not state enough to know what to ask",
    Level.INFORM: "Inform the contact, then proceed",
    Level.NOTHING: "The policy asks for nothing",
}


def planned_lines(planned: Sequence[Planned], source: str, policy: str, others: int) -> Iterator[str]:
    """Lines for a terminal, without control characters."""
    yield from (trim(line, 600) for line in _head(planned, source, policy, others))
    for level, heading in _HEADINGS.items():
        some = [one for one in planned if one.level is level]
        if some:
            yield ""
            yield f"{heading} ({len(some):,})"
        for one in some:
            yield ""
            yield f"{trim(one.row.id, 80)}  {trim(_title(one), 300)}"
            for label, text in _facts(one):
                yield f"  {label}: {trim(text, 900)}"


def planned_markdown(planned: Sequence[Planned], source: str, policy: str, others: int) -> str:
    """The triage as a Markdown document."""
    lines = ["# Planned uses of AI", ""]
    lines += [f"{markdown_text(line)}  " for line in _head(planned, source, policy, others)]
    for level, heading in _HEADINGS.items():
        some = [one for one in planned if one.level is level]
        if some:
            lines += ["", f"## {heading} ({len(some):,})"]
        for one in some:
            lines += ["", f"### {markdown_text(one.row.id, 80)}: {markdown_text(_title(one), 300)}", ""]
            lines += [f"- **{label}:** {markdown_text(text, 900)}" for label, text in _facts(one)]
    return "\n".join(lines) + "\n"


def planned_json(planned: Sequence[Planned], source: str, policy: str, others: int) -> dict[str, Any]:
    """The triage as data: `provscan/triage/1`."""
    return {
        "schema": SCHEMA,
        "register": source,
        "policy": policy,
        "counts": {level.value: sum(one.level is level for one in planned) for level in _HEADINGS},
        "not_planned": others,
        "uses": [
            {
                "row": one.row.id,
                "number": one.row.number,
                "file": one.row.file,
                "status": one.row.status,
                "level": one.level.value,
                "category": one.category.value,
                "category_assumed": one.is_assumed,
                "actions": [action.value for action in one.actions],
                "asks": [
                    {
                        "policy": ask.policy, "rule": ask.rule, "outcome": ask.outcome.value, "text": ask.text,
                        "remedy": ask.remedy, "actions": [action.value for action in ask.actions],
                    }
                    for ask in one.asks
                ],
                "missing": [{"column": column, "message": message} for column, message in one.missing],
            }
            for one in planned
        ],
    }  # fmt: skip


def _head(planned: Sequence[Planned], source: str, policy: str, others: int) -> Iterator[str]:
    yield f"Register: {source}. Policy: {policy}."
    if not planned:
        yield "No row has the status planned or draft: nothing was judged."
    else:
        asking = sum(one.level is Level.ASK for one in planned)
        unclear = sum(one.level is Level.UNCLEAR for one in planned)
        informing = sum(one.level is Level.INFORM for one in planned)
        parts = f"{asking:,} to ask first, {unclear:,} to answer first, {informing:,} to inform of"
        yield f"{count(len(planned), 'planned use')}: {parts}."
    if others:
        yield f"{count(others, 'row')} with another status {'is' if others == 1 else 'are'} not judged here."


def _title(one: Planned) -> str:
    cells = one.row.cells
    words = (cells.get("description", ""), cells.get("use_case", ""), cells.get("tool", ""))
    return " · ".join(word.strip() for word in words if word.strip()) or "nothing is stated of it"


def _facts(one: Planned) -> Iterator[tuple[str, str]]:
    """(label, text) of what a person has to know."""
    yield (
        "Judged as",
        f"{one.category}" + (" (not stated in the row; counted as final)" * one.is_assumed),
    )
    if one.actions:
        yield "Needs", ", ".join(ACTIONS[action] for action in one.actions)
    for ask in one.asks:
        yield "Why", f"{ask.text} [{ask.rule}, {ask.policy}]"
        if one.level is not Level.INFORM and ask.remedy:
            yield "To do", ask.remedy
    for column, message in one.missing:
        yield "Missing in the row", f"{column} {message}"
