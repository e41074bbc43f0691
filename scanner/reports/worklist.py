"""What to act on, gathered: files that a rule stopped for the same reason, under that reason. Pure.

Holds the first few files of each reason and counts the rest, so that memory follows the number of
rules and not of files. Every file that does not pass stands under exactly one reason: its worst.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from scanner.model import Outcome, Record
from scanner.reports.reasons import reasons_of
from scanner.reports.view import Sheet, sheet
from scanner.reports.wording import ACTIONS, count

__all__ = ["Group", "Worklist", "worklist"]

_Key = tuple[Outcome, str, bool]
"""Outcome, rule, and whether a person accepted it."""
_CAUSES = 2000
"""So many causes of a reason are told apart; the files of all are counted."""
_PLACES = 12
_NO_REASON = "No reason was recorded."


@dataclass(slots=True)
class Seen:
    """A cause, and where it is seen."""

    name: str
    files: int = 0
    places: list[str] = field(default_factory=list)
    """The first of them: `Masters/EP101.mov 01:00:10:00–01:00:12:00`."""


@dataclass(slots=True)
class Group:
    """One reason and the files under it."""

    outcome: Outcome
    rule: str
    text: str
    """Its sentence; without the part in brackets where that differs from hit to hit."""
    remedy: str
    actions: set[str]
    """What is asked for every one of them."""
    count: int = 0
    causes: dict[str, Seen] = field(default_factory=dict)
    """What their findings come from, the first of them, by its key."""
    sheets: list[Sheet] = field(default_factory=list)
    """The first of them; those of one cause together."""

    @property
    def shared(self) -> tuple[Seen, ...]:
        """The causes that are seen in several files."""
        return tuple(one for one in self.causes.values() if one.files > 1)

    @property
    def size(self) -> str:
        """`6 files`, or `1 cause in 6 files` where findings of several come from the same."""
        files = count(self.count, "file")
        more = "more than " * (len(self.causes) >= _CAUSES)
        return f"{more}{count(len(self.causes), 'cause')} in {files}" if self.shared else files

    @property
    def todo(self) -> tuple[str, ...]:
        """The actions in plain words."""
        return tuple(words for action, words in ACTIONS.items() if action.value in self.actions)


@dataclass(slots=True)
class Worklist:
    """All reasons, worst and most frequent first, and what passed."""

    groups: list[Group]
    quiet: int = 0
    """Files that pass and say nothing."""
    allowed: int = 0
    """Files that pass although something was found."""
    approved: int = 0
    """Of these, files that rows of the register cover."""
    covered: list[Sheet] = field(default_factory=list)
    """The first of them."""


def worklist(records: Iterable[Record], *, listed: int) -> Worklist:
    """The work that the records leave; at most `listed` files are kept of each reason."""
    groups: dict[_Key, Group] = {}
    work = Worklist([])
    for record in records:
        if record.verdict.outcome is not Outcome.PASS:
            _put(groups, record, listed)
        elif record.findings or record.matches:
            work.allowed += 1
            if any(reason.register for reason in record.verdict.reasons):
                work.approved += 1
                if len(work.covered) < listed:
                    work.covered.append(sheet(record))
        else:
            work.quiet += 1
    work.groups = sorted(groups.values(), key=lambda group: (-group.outcome.rank, -group.count, group.rule))
    return work


def _put(groups: dict[_Key, Group], record: Record, listed: int) -> None:
    verdict, reasons = record.verdict, reasons_of(record)
    worst = reasons[0] if reasons else None
    rule, text, remedy = (worst.rule, worst.text, worst.remedy) if worst else ("", _NO_REASON, "")
    if len({reason.text for reason in reasons if reason.rule == rule and reason.outcome is verdict.outcome}) > 1:
        text = _bare(text)
    accepted = worst is not None and worst.accepted
    if accepted:
        text, remedy = f"Accepted by a waiver: {text}", ""
    key, actions = (verdict.outcome, rule, accepted), {action.value for action in verdict.actions}
    group = groups.get(key)
    if group is None:
        group = Group(outcome=verdict.outcome, rule=rule, text=text, remedy=remedy, actions=set(actions))
        groups[key] = group
    elif group.text != text:
        group.text = _bare(group.text)
    group.actions &= actions
    group.count += 1
    _note_causes(group, page := sheet(record))
    if len(group.sheets) < listed:
        group.sheets.append(page)
        order = {key: number for number, key in enumerate(group.causes)}
        group.sheets.sort(key=lambda it: min((order.get(cause.key, len(order)) for cause in it.causes), default=-1))


def _note_causes(group: Group, page: Sheet) -> None:
    for cause in page.causes:
        if cause.key not in group.causes and len(group.causes) >= _CAUSES:
            continue
        seen = group.causes.setdefault(cause.key, Seen(cause.name))
        seen.files += 1
        if len(seen.places) < _PLACES:
            where = ", ".join(dict.fromkeys(mark.where for mark in page.marks if mark.cause == cause and mark.where))
            seen.places.append(f"{page.path} {where}".rstrip())


def _bare(text: str) -> str:
    """A rule's sentence without what the judge put in brackets behind it; the rule's own brackets stay."""
    sentence, noted, _ = text.partition(". (")
    return f"{sentence}." if noted else text if text.endswith(".") else text.partition(" (")[0]
