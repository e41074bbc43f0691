"""The notice as one document, independent of its format: groups of uses, each with labelled facts and pictures. Pure.

Every text is one line without control characters; each format escapes it for itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from scanner.model import Action
from scanner.notice.items import AiUse
from scanner.notice.planned import ACTIONS
from scanner.records.redaction import IS_REDACTED, redact_sentence, redact_word
from scanner.reports.wording import count, trim

__all__ = ["Fact", "Letter", "Section", "Use", "letter_of", "redact_letter"]

_GROUPS: Final[Mapping[Action, str]] = {
    Action.WRITTEN_APPROVAL: "To approve in writing",
    Action.CONSENT: "Consent",
    Action.CLEARANCE: "To clear",
    Action.DISCLOSE: "To disclose to the audience",
    Action.INFORM: "To inform",
}
_ROWS: Final[Mapping[str, str]] = {
    "description": "What is seen or heard",
    "use_case": "Use",
    "story_relevant": "Important for the story",
    "tool": "Tool",
    "model_version": "Model",
    "vendor": "Vendor",
    "licence_tier": "Plan",
    "trains_on_inputs": "Vendor may train on inputs",
    "inputs_used": "Put into the tool",
    "human_contribution": "What people did with the result",
    "scope_temp_or_final": "For",
    "talent_name": "Performer",
    "consent_ref": "Consent kept at",
    "source_rights": "Rights held by",
    "licence_ref": "Licence kept at",
    "disclosure_method": "Disclosure to the audience",
    "prompt_ref": "Prompt kept at",
}
"""Columns of the register that a contact is shown."""
_MOST_PLACES: Final = 40
_MOST_PICTURES: Final = 2


@dataclass(frozen=True, slots=True)
class Fact:
    """A labelled sentence."""

    label: str
    text: str
    is_missing: bool = False


@dataclass(frozen=True, slots=True)
class Use:
    """One use in the document."""

    title: str
    facts: tuple[Fact, ...]
    pictures: tuple[str, ...]
    """Names in `pictures`; some may not exist."""


@dataclass(frozen=True, slots=True)
class Section:
    """Uses with the same first demand."""

    title: str
    uses: tuple[Use, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """The whole document."""

    title: str
    lines: tuple[str, ...]
    groups: tuple[Section, ...]

    @property
    def pictures(self) -> tuple[str, ...]:
        """The names of all pictures that it would show."""
        return tuple(dict.fromkeys(name for group in self.groups for use in group.uses for name in use.pictures))


def letter_of(items: Sequence[AiUse], subject: str, policy: str, warnings: Iterable[str] = ()) -> Letter:
    """Make the document of some items. `subject` names the delivery, `policy` what it was judged by."""
    groups: list[Section] = []
    number = 0
    for action, heading in _GROUPS.items():
        some = [item for item in items if next(iter(it for it in _GROUPS if it in item.actions), None) is action]
        if some:
            uses = []
            for item in some:
                number += 1
                uses.append(_use(item, number))
            groups.append(Section(heading, tuple(uses)))
    counted = ", ".join(f"{len(group.uses):,} {group.title[0].lower()}{group.title[1:]}" for group in groups)
    marked = sum(bool(item.missing) for item in items)
    lines = [
        f"Judged by: {policy}.",
        f"{count(len(items), 'use')}: {counted}." if items else "There is nothing to ask or to inform of.",
        *([f"{count(marked, 'use')} marked MISSING: complete the register before sending."] * bool(marked)),
        "The list holds what files state, what was recognised in them, and what the register declares. That nothing was"
        " found in a file is no proof that no AI was used.",
        *warnings,
    ]
    return Letter(
        title=f"AI uses in {trim(subject, 200)}" if subject else "AI uses",
        lines=tuple(trim(line, 900) for line in lines),
        groups=tuple(groups),
    )


def redact_letter(letter: Letter, allowed: frozenset[str]) -> Letter:
    """The document without private words, and a line that states this; `allowed` are words of paths in the delivery."""

    def fact(one: Fact) -> Fact:
        cell = one.label in _ROWS.values()
        return replace(one, text=redact_word(one.text) if cell else redact_sentence(one.text, allowed))

    groups = [
        replace(
            group,
            uses=tuple(
                replace(use, title=redact_sentence(use.title, allowed), facts=tuple(map(fact, use.facts)))
                for use in group.uses
            ),
        )
        for group in letter.groups
    ]
    lines = (IS_REDACTED, *(redact_sentence(line, allowed) for line in letter.lines))
    return replace(letter, lines=lines, groups=tuple(groups))


def _use(item: AiUse, number: int) -> Use:
    facts = tuple(Fact(fact.label, trim(fact.text, 900), fact.is_missing) for fact in _facts(item))
    return Use(f"{number}. {trim(item.name, 200)}", facts, tuple(filter(None, item.pictures))[:_MOST_PICTURES])


def _facts(item: AiUse) -> Iterator[Fact]:
    asked = [action for action in ACTIONS if action in item.actions]
    if len(asked) > 1:
        asked = [action for action in asked if action is not Action.INFORM]  # whoever is asked is informed
    yield Fact("Asked of you", ", ".join(ACTIONS[action] for action in asked))
    if item.is_planned:
        yield Fact("State", "planned; nothing was made yet")
    timed = {place.path for place in item.places if place.times}
    where = [place for place in item.places if place.times or place.path not in timed]
    for place in where[:_MOST_PLACES]:
        yield Fact("Where", f"{place.path}, {place.times}" if place.times else place.path)
    if len(where) > _MOST_PLACES:
        yield Fact("Where", f"and {len(where) - _MOST_PLACES:,} more places")
    for column, label in _ROWS.items():
        text = item.cell(column) or (item.made if column == "tool" else "")
        if text:
            yield Fact(label, text)
    for why in item.whys:
        yield Fact("Why", f"{why.text} [{why.rule}, {why.policy}]")
        if why.remedy:
            yield Fact("What settles it", why.remedy)
    if item.rows:
        rows = ", ".join(
            f"{row.id} ({row.cells.get('status', '').strip() or row.status})" for row in item.rows.values()
        )
        yield Fact("Register", rows)
    for column, message in item.missing.items():
        named = f"{_ROWS[column]} ({column}):" if column in _ROWS else column
        yield Fact("MISSING", f"{named} {message}", is_missing=True)
    if any(action in item.actions for action in _GROUPS if action is not Action.INFORM):
        yield Fact("Answer", "approved / refused; conditions; name, role, date and reference:")
