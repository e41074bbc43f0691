"""One file as a card: its verdict, and each finding with its place, evidence, picture, rules and register row. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final, Literal

from scanner.model import Outcome, Record
from scanner.reports.components.anchors import file_anchor, finding_anchor
from scanner.reports.components.illustrations import Illustration, illustrations_of, thumbnail_of
from scanner.reports.reasons import Because, worst_outcome
from scanner.reports.view import Mark, Sheet, sheet

__all__ = ["FileCard", "FindingView", "RegisterLine", "card_of"]

_NOTES: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterLine:
    """What the register states about a finding."""

    text: str
    state: Literal["row", "missing", "norow"]
    """A row covers it, none does, or no register was given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingView:
    """A finding or a match, as a person judges it."""

    anchor: str
    mark: Mark
    outcome: Outcome
    """The worst outcome that the policy gives it; `pass` where it allows it."""
    rules: tuple[str, ...]
    """Rules of the policy, worst first."""
    register: RegisterLine | None
    """None where the policy demands nothing about it."""
    picture: Illustration | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileCard:
    """A file."""

    anchor: str
    page: Sheet
    picture: Illustration | None
    """A picture of the whole file, where no finding has one of its own."""
    findings: tuple[FindingView, ...]
    reasons: tuple[Because, ...]
    """The reasons that need action, and those that a person answered; worst first. Reasons that differ in brackets only
    are one."""

    @property
    def rules(self) -> tuple[str, ...]:
        """Every rule that does not let it pass, worst first."""
        return tuple(dict.fromkeys(it.rule for it in self.page.reasons if it.outcome is not Outcome.PASS and it.rule))

    @property
    def pictures(self) -> Iterator[Illustration]:
        """All pictures of it."""
        yield from (one for one in (self.picture, *(it.picture for it in self.findings)) if one is not None)


def card_of(record: Record, *, has_register: bool) -> FileCard:
    """The card of a record. `has_register`: whether a register of AI uses was given."""
    page, anchor = sheet(record), file_anchor(record)
    pictures = illustrations_of(record)
    return FileCard(
        anchor=anchor,
        page=page,
        picture=thumbnail_of(record, pictures),
        findings=tuple(
            _finding(page, mark, finding_anchor(anchor, mark.id), pictures.get(mark.id), has_register)
            for mark in page.marks
        ),
        reasons=tuple(_join_reasons(page.reasons)),
    )


def _finding(page: Sheet, mark: Mark, anchor: str, picture: Illustration | None, has_register: bool) -> FindingView:
    reasons = [reason for reason in page.reasons if mark.id in reason.findings]
    outcome = worst_outcome(reasons)
    return FindingView(
        anchor=anchor,
        mark=mark,
        outcome=outcome,
        rules=tuple(dict.fromkeys(one.rule for one in reasons if one.outcome is not Outcome.PASS)),
        register=_register(reasons, outcome, has_register),
        picture=picture,
    )


def _register(reasons: list[Because], outcome: Outcome, has_register: bool) -> RegisterLine | None:
    rows = dict.fromkeys(f"{one.register}, bound by {one.binding}" if one.binding else one.register
                         for one in reasons if one.register)  # fmt: skip
    if rows:
        return RegisterLine(text="; ".join(rows), state="row")
    if outcome is Outcome.PASS:
        return None
    if has_register:
        return RegisterLine(text="no row covers it", state="missing")
    return RegisterLine(text="no register was given", state="norow")


def _join_reasons(reasons: Iterable[Because]) -> Iterator[Because]:
    """Reasons of one rule that differ only in what the judge put in brackets, as one with all of these."""
    grouped: dict[tuple[str, str, str, Outcome, tuple[str, ...]], list[tuple[Because, str]]] = {}
    for one in reasons:
        if one.outcome is Outcome.PASS and not one.standing:
            continue
        bare, _, note = one.text.partition(". (")
        key = (bare if note else one.text, one.rule, one.remedy, one.outcome, one.standing)
        grouped.setdefault(key, []).append((one, note.removesuffix(")")))
    for (bare, *_), group in grouped.items():
        notes = list(dict.fromkeys(note for _, note in group if note))
        more = f"; and {len(notes) - _NOTES} more" * (len(notes) > _NOTES)
        text = f"{bare}. ({'; '.join(notes[:_NOTES])}{more})" if len(notes) > 1 else group[0][0].text
        yield replace(group[0][0], text=text, findings=tuple(name for one, _ in group for name in one.findings))
