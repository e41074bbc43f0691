"""A policy: the rules of a commissioner or a production house. Pure data; `load` makes it from TOML.

Rule: of all rules that apply to a case the strictest decides, the earlier one among equals. Another rule, a harsher
outcome or a wider condition therefore never makes a verdict milder.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import IntEnum
from functools import lru_cache
from typing import Any

from scanner.judge.case import Case
from scanner.judge.register.row import Row
from scanner.model import Action, Category, Claim, Outcome, Strength

__all__ = [
    "ABOUT",
    "Policy",
    "PolicyExample",
    "PolicyRule",
    "Standing",
    "UseCase",
    "decide",
    "find_rules",
    "speaking",
    "uses_of",
]

ABOUT: Mapping[str, str] = {
    "finding": "a marker that the file carries",
    "match": "a reference that was recognised in it",
    "line-up": "bars, tone, silence or a card that it shares with a reference, and nothing else of it",
    "doubtful": "a clip that may be in it, or another recording of the same view",
    "unsourced": "archival material without a recognised reference",
    "declared": "a use that the register declares but no marker shows",
    "late-approval": "an approval that was given after the material was generated",
    "late-consent": "a consent that was given after the material was generated",
    "left-open": "questions about a tool that the rows on which an outcome rests leave empty",
    "approver": "an approval that does not show for whom it was given",
    "contradiction": "a declaration that covers less than was found",
    "problem": "it could not be inspected",
    "unread-kind": "a kind of file that provscan does not read",
    "tampered": "a manifest that does not match its file",
    "credentials-elsewhere": "its Content Credentials are stored elsewhere and were not read",
    "mismatch": "a list in the delivery gives another digest",
    "absent": "a list names what is not there",
    "disputed": "names of its folders contradict each other about its use",
    "unlisted": "media files are missing from a list that should cover their folder",
    "label-missing": "a label that a register row states and that was not read, or is too small or too short",
    "holes": "frames are missing between the first and the last of a sequence",
}
"""What a rule can be about."""


_YEAR = 366


class Standing(IntEnum):
    """How far the register of AI uses covers a hit."""

    NONE = 0
    INFORMED = 1
    LACKING = 2
    """Approved, but a column that the rule needs is empty, or a part is not covered."""
    APPROVED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyExample:
    """A case, and the outcome that the rule must give it; `outcome` None where the rule must not apply."""

    case: Case
    standing: Standing
    outcome: Outcome | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyRule:
    """What the policy asks for in one kind of case."""

    id: str
    text: str
    """The sentence that a verdict prints: what was found. It must stay true when the use is approved."""
    uncovered: str = ""
    """The sentence after it where no approval covers the whole hit."""
    remedy: str
    """What would make it pass."""
    about: str
    """A word of `ABOUT`."""
    outcomes: tuple[Outcome, Outcome, Outcome, Outcome]
    """By `Standing`, never harsher for a higher one."""
    actions: tuple[Action, ...] = ()
    asks: tuple[tuple[str, frozenset[Any]], ...] = ()
    """(field of `Case`, words of which it must be one); none means any case."""
    needs: tuple[str, ...] = ()
    """Register columns that an approval must fill in: `column`, or `column=word`."""
    source: str = ""
    examples: tuple[PolicyExample, ...] = ()
    inherited: bool = False
    """Whether the rule comes unchanged from a policy that this one extends."""

    @property
    def outcome(self) -> Outcome:
        """The outcome where no register row covers the hit."""
        return self.outcomes[Standing.NONE]

    @property
    def categories(self) -> tuple[Category, ...]:
        """Categories that the rule applies to; empty: all."""
        return self._words("category", Category)

    @property
    def claims(self) -> tuple[Claim, ...]:
        """Claims that the rule applies to; empty: all."""
        return self._words("claim", Claim)

    @property
    def strengths(self) -> tuple[Strength, ...]:
        """Strengths that the rule applies to; empty: all."""
        return self._words("strength", Strength)

    @property
    def when(self) -> tuple[str, ...]:
        """Its conditions except the category, in words: `generated, contains`, `role archival`."""
        plain = (*self.claims, *self.strengths)
        rest = tuple(
            f"{name.replace('_', ' ')} {' or '.join(sorted(words))}"
            for name, words in self.asks
            if name not in ("category", "claim", "strength")
        )
        return (*plain, *rest) if plain or self.about == "finding" else (self.about, *rest)

    def covers(self, case: Case) -> bool:
        """Whether the rule applies to such a case. A genre that was not given counts as every genre."""
        if self.about != case.about:
            return False
        for name, words in self.asks:
            value = getattr(case, name)
            if isinstance(value, tuple):
                if words.isdisjoint(value):
                    return False
            elif value not in words and not (name == "genre" and not value):
                return False
        return True

    def _words(self, name: str, kind: Iterable[Any]) -> tuple[Any, ...]:
        asked = next((words for field_name, words in self.asks if field_name == name), frozenset())
        return tuple(word for word in kind if word in asked)


@dataclass(frozen=True, slots=True, kw_only=True)
class UseCase:
    """A line of the use-case matrix: what an approval of such a use must also fill in and, with an `outcome`, that such
    a use needs an approval before it starts, wherever its material is."""

    text: str
    when: tuple[Mapping[str, frozenset[str]], ...]
    """Alternatives, each: register column → words of which it declares one; `*` is any value."""
    needs: tuple[str, ...] = ()
    id: str = ""
    outcome: Outcome | None = None
    """The outcome while no complete approval covers it; None: nothing is asked where there is no approval."""
    remedy: str = ""
    actions: tuple[Action, ...] = ()
    genres: tuple[str, ...] = ()
    """Empty: all. A genre that was not given counts as every genre."""
    categories: tuple[Category, ...] = ()
    """Empty: all."""
    approved_too: bool = False
    """Whether the production's approval is not enough: only somebody else can permit the use."""

    def covers(self, row: Row) -> bool:
        """Whether a register row declares this use, or leaves open whether it does."""
        return any(_fits(row, way) for way in self.when)

    def left_open(self, row: Row) -> tuple[str, ...]:
        """The undecided columns that alone make a row count as this use; none where the row declares it."""
        ways = [way for way in self.when if _fits(row, way)]
        opened = [tuple(it for it in way if row.leaves_open(it) or it in row.unanswered) for way in ways]
        return () if any(not some for some in opened) else tuple(dict.fromkeys(it for some in opened for it in some))

    def holds(self, category: Category | None, genre: str) -> bool:
        """Whether it applies to material of a category and genre; a value that was not given counts as every value."""
        fits = not self.categories or category is None or category in self.categories
        return fits and (not self.genres or not genre or genre in self.genres)


def _fits(row: Row, way: Mapping[str, frozenset[str]]) -> bool:
    """Whether a row declares all of it; beside what it declares, a question left empty is one left open."""
    declared = [column for column, words in way.items() if row.declares(column, words)]
    return bool(declared) and all(column in declared or column in row.unanswered for column in way)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Policy:
    """The rules of a commissioner or a production house, in the order in which they are tried."""

    name: str
    title: str
    source: str
    digest: str
    """Digest of its file and of those that it extends."""
    rules: tuple[PolicyRule, ...] = field(default=())
    uses: tuple[UseCase, ...] = ()
    extends: tuple[str, ...] = ()
    commissioned: bool = False
    """Whether an approval must be the commissioner's: one by the production's own people only informs."""
    altered_area: float = 2.5
    """Percent of a picture that may differ from its reference before it counts as altered."""
    dated: date | None = None
    """The date of the text that it paraphrases; None where there is none, or its date is not known."""
    read: date | None = None
    """The day on which that text was last read."""
    parts: tuple[Policy, ...] = ()
    """The policies that it combines, each of which judges by itself."""

    def is_old(self, day: date | None) -> bool:
        """Whether its text is more than twelve months old on a day."""
        return day is not None and self.dated is not None and (day - self.dated).days > _YEAR


@lru_cache(maxsize=16_384)
def uses_of(policy: Policy, row: Row) -> tuple[UseCase, ...]:
    """The uses that a row declares, or leaves open whether it does."""
    return tuple(use for use in policy.uses if use.covers(row))


@lru_cache(maxsize=8192)
def find_rules(policy: Policy, case: Case) -> tuple[PolicyRule, ...]:
    """The rules that apply to a case. For a use that a register declares, also those that would apply to its marker,
    none harsher than an issue, because no marker was found."""
    rules = speaking(policy, case)
    if case.about != "declared" or case.claim is None:
        return rules
    marked = speaking(policy, replace(case, about="finding", strength=Strength.STRUCTURED))
    return (*rules, *(replace(rule, outcomes=_at_most_issue(rule.outcomes)) for rule in marked))


def _at_most_issue(outcomes: tuple[Outcome, Outcome, Outcome, Outcome]) -> tuple[Outcome, Outcome, Outcome, Outcome]:
    none, informed, lacking, approved = (min(it, Outcome.ISSUE, key=lambda one: one.rank) for it in outcomes)
    return none, informed, lacking, approved


@lru_cache(maxsize=8192)
def speaking(policy: Policy, case: Case) -> tuple[PolicyRule, ...]:
    """The rules that apply to a case, in the order of the policy."""
    return tuple(rule for rule in policy.rules if rule.covers(case))


def decide(policy: Policy, case: Case, standing: Standing = Standing.NONE) -> PolicyRule | None:
    """The rule that decides a case: the strictest that applies."""
    return max(speaking(policy, case), key=lambda rule: rule.outcomes[standing].rank, default=None)
