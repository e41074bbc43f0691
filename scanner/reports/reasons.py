"""Why a record is judged as it is, made readable: every text short and inert. Pure.

Rule: a sentence that several findings share is printed once, and never hides a different one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from scanner.model import Outcome, Problem, Reason, Record
from scanner.reports.wording import trim

__all__ = ["Because", "reasons_of", "worst_outcome"]

_NAME = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Because:
    """A reason of the verdict."""

    rule: str
    outcome: Outcome
    text: str
    remedy: str
    register: str
    binding: str
    """How firmly the register's rows are bound to it."""
    waiver: str
    """Who accepted it, as what, and why."""
    findings: tuple[str, ...]
    policies: tuple[str, ...] = ()
    """Where several policies judge: those that demand it."""

    @property
    def standing(self) -> tuple[str, ...]:
        """What people have stated about it: `register row AI-014, bound by content`, `accepted: creative intent: …`."""
        bound = f", bound by {self.binding}" if self.binding else ""
        row = (f"register row {self.register}{bound}",) if self.register else ()
        row = (*row, f"asked by {' and '.join(self.policies)}") if self.policies else row
        return (*row, f"waiver: {self.waiver}") if self.waiver else row

    @property
    def accepted(self) -> bool:
        """Whether a person accepted it as it is. A waiver that says *fix* accepts nothing."""
        return bool(self.waiver) and self.outcome is Outcome.FYI

    @property
    def settled(self) -> bool:
        """Whether nothing remains to be done about it."""
        return self.accepted or self.outcome is Outcome.PASS

    @property
    def sentence(self) -> str:
        """The whole reason, one sentence after the other."""
        people = (f"[{said}]" for said in self.standing)
        return " ".join(filter(None, (self.text, "" if self.settled else self.remedy, *people)))


def reasons_of(record: Record) -> tuple[Because, ...]:
    """The verdict's reasons, worst first; a sentence that several findings share is one reason."""
    said: dict[Reason, list[str]] = {}
    for reason in record.verdict.reasons:
        said.setdefault(replace(reason, because=()), []).extend(reason.because)
    problems = record.examination.problems
    found = [
        Because(
            rule=trim(reason.rule, _NAME),
            outcome=reason.outcome,
            text=trim(_without_problem(reason.text, problems), 600),
            remedy=trim(reason.remedy, 600),
            register=trim(reason.register or "", _NAME),
            binding=trim(reason.binding or "", _NAME),
            waiver=trim(reason.waiver or "", 600),
            findings=tuple(because),
            policies=tuple(trim(name, _NAME) for name in reason.asked_by),
        )
        for reason, because in said.items()
    ]
    return tuple(sorted(found, key=lambda it: -it.outcome.rank))


def worst_outcome(reasons: Iterable[Because | Reason]) -> Outcome:
    """The worst outcome of some reasons; `pass` where there are none."""
    return max((reason.outcome for reason in reasons), key=lambda outcome: outcome.rank, default=Outcome.PASS)


def _without_problem(text: str, problems: Iterable[Problem]) -> str:
    """A reason's sentence without the problem in brackets: every report prints the problem beside it."""
    for problem in problems:
        text = text.partition(f" ({problem.by}: ")[0]
    return text
