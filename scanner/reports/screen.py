"""The report on one screen: policy, verdict, every blocker and issue by its causes, the counts. Pure.

The lines of a terminal are shared out: the verdict and the counts first, then each rule with its first cause, then
further causes, those of the worst rules first. What has no room is counted, and is in the report. Where all findings
fit in full, they are printed in full. Names and timecodes are never shortened: they continue on the next line;
sentences are.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from scanner.model import Outcome
from scanner.records.summary import Summary
from scanner.reports.components.work import CauseEntry, RuleEntry, WorkTable
from scanner.reports.signing import sign_off
from scanner.reports.wording import (
    NOTHING,
    balance,
    count,
    headline,
    headline_outcome,
    inspected,
    judged_by,
    notes,
    register_books,
    settings_given,
    settings_not_read,
    unchecked,
    waivers_books,
)

__all__ = ["SCREEN", "Line", "Screen"]

SCREEN: Final = 36
"""Lines; with those that name the written files they fit a terminal of 40 lines."""
_SENTENCE: Final = 2
"""Lines of a sentence before it is cut."""
_WARNINGS: Final = 3
_PLACES: Final = 3
_INDENT: Final = 2

Line = tuple[int, tuple[tuple[str, str], ...]]
"""An indent, then a line that fits: words with their styles."""
Styles = Mapping[Outcome, str]


class _Level(Enum):
    """How fully rules are shown, the fullest first."""

    FULL = auto()
    BLOCKERS = auto()
    """Next steps of blockers alone."""
    PLAIN = auto()
    """No next steps."""
    SHORT = auto()
    """A line for each rule, and one place of each cause."""


_NEXT_STEPS: Final = {_Level.FULL: Outcome.ISSUE, _Level.BLOCKERS: Outcome.BLOCKER}
"""From which outcome on a rule has its next step."""


@dataclass(slots=True)
class _Block:
    """A rule: its head, its causes, and a note about those that have no room."""

    entry: RuleEntry
    head: list[Line]
    causes: list[list[Line]]
    shown: int = 1

    @property
    def left(self) -> int:
        """Causes that are not shown."""
        return self.entry.total - self.shown

    @property
    def length(self) -> int:
        """Its lines as it is shown now."""
        return len(self.head) + sum(map(len, self.causes[: self.shown])) + bool(self.left)


@dataclass(slots=True, frozen=True)
class Screen:
    """The parts of a screen, from top to bottom."""

    top: list[Line]
    foot: list[Line]
    acting: list[RuleEntry]
    room: int
    """Lines left between the two."""
    width: int
    styles: Styles

    @classmethod
    def of(cls, summary: Summary, work: WorkTable, styles: Styles, width: int, lines: int) -> Screen:
        """At most `lines` lines on a terminal of 80 columns or more."""
        top, foot = list(_top(summary, styles, width)), list(_foot(summary, work, width))
        return cls(top, foot, work.acting, lines - len(top) - len(foot), width, styles)

    def middle(self) -> Iterator[Line]:
        """What must be settled, in the room that is left."""
        return _middle(self.acting, self.styles, self.width, self.room)


def _top(summary: Summary, styles: Styles, width: int) -> Iterator[Line]:
    policy, *warnings = judged_by(summary)
    yield from _wrap(policy, width, most=_SENTENCE)
    for warning in warnings:
        yield from _wrap(warning, width, most=_SENTENCE, style="bold yellow")
    yield from _wrap(headline(summary), width, style=styles[headline_outcome(summary)])
    for sentence in sign_off(summary):
        yield from _wrap(sentence, width, most=_SENTENCE)
    if chosen := [given for given in settings_given(summary) if not given.startswith("policy = ")]:
        yield from _wrap(f"set: {'; '.join(chosen)}", width, indent=_INDENT, most=_SENTENCE, style="dim")
    said = [*notes(summary), *(f"Settings not read: {place}" for place in settings_not_read(summary))]
    for one in said[:_WARNINGS]:
        yield from _wrap(f"Warning: {one}", width, most=_SENTENCE, style="bold yellow")
    if len(said) > _WARNINGS:
        yield 0, ((f"and {count(len(said) - _WARNINGS, 'more warning')}; -v prints them", ""),)
    yield 0, ((" ", ""),)


def _middle(acting: list[RuleEntry], styles: Styles, width: int, room: int) -> Iterator[Line]:
    """Every rule in the lines that there are, as fully as all of them fit; of rules that have no room, their number."""
    blocks: list[_Block] = []
    for level in _Level:
        blocks = [_block(entry, styles, width, level) for entry in acting]
        if sum(block.length for block in blocks) + 1 <= room:
            break
    fits: list[_Block] = []
    for number, block in enumerate(blocks, 1):
        if fits and sum(one.length for one in fits) + block.length + 1 + (number < len(blocks)) > room:
            break
        fits.append(block)
    left = len(blocks) - len(fits)
    yield from _grown(fits, room - 1 - bool(left))
    if left:
        yield 0, ((f"and {count(left, 'more rule')}; -v prints them", "dim"),)
    if blocks:
        yield 0, ((" ", ""),)


def _grown(blocks: list[_Block], room: int) -> Iterator[Line]:
    """The blocks, with as many causes more as there is room for, worst rules first."""
    room -= sum(block.length for block in blocks)
    for block in blocks:
        while block.shown < len(block.causes):
            before = block.length
            block.shown += 1
            if block.length - before > room:
                block.shown -= 1
                break
            room -= block.length - before
    for block in blocks:
        yield from block.head
        for cause in block.causes[: block.shown]:
            yield from cause
        if block.left:
            yield _INDENT * 2, ((f"and {count(block.left, 'more cause')}", "dim"),)


def _block(entry: RuleEntry, styles: Styles, width: int, level: _Level) -> _Block:
    tag = entry.outcome.value.upper()
    is_short = level is _Level.SHORT
    sentence = f"{entry.size}: {entry.text}" if is_short else f"{entry.text} ({entry.size}, {entry.rule})"
    lines = list(_wrap(f"{tag}  {sentence}", width, most=1 if is_short else _SENTENCE + 1, style="bold"))
    (first, style), *_ = lines[0][1]
    lines[0] = (0, ((tag, styles[entry.outcome]), (first.removeprefix(tag), style)))
    floor = _NEXT_STEPS.get(level)
    if entry.remedy and floor is not None and entry.outcome.rank >= floor.rank:
        lines += _wrap(f"Next step: {entry.remedy}", width, indent=_INDENT, most=_SENTENCE)
    places = 1 if is_short else _PLACES
    causes = [list(_wrap(_cause(one, places), width, indent=_INDENT * 2)) for one in entry.causes]
    return _Block(entry, lines, causes)


def _cause(one: CauseEntry, most: int) -> str:
    """`EP101.mov 01:00:03:00–01:00:06:00`; `sky.png in 3 files: EP101.mov 01:00:03:00, …`."""
    places = ", ".join(f"{place.path} {place.where}".rstrip() for place in one.places[:most])
    if one.is_file:
        return places
    more = f" and {one.files - most} more" * (one.files > most)
    return f"{one.name} in {count(one.files, 'file')}: {places}{more}" if one.files > 1 else f"{one.name}: {places}"


def _foot(summary: Summary, work: WorkTable, width: int) -> Iterator[Line]:
    yield from _wrap(balance(summary), width, style="" if summary.balanced else "bold red")
    yield from _wrap(inspected(summary), width)
    passing = [f"{work.quiet:,} {NOTHING}"] * bool(work.quiet)
    allowed = work.allowed - work.approved
    passing += [f"{allowed:,} allowed by the policy"] * bool(allowed)
    passing += [f"{work.approved:,} approved by the register"] * bool(work.approved)
    if passing:
        yield from _wrap(f"pass: {', '.join(passing)}; no proof that no AI was used", width)
    for title, books in (("Register", register_books(summary)), ("Waivers", waivers_books(summary))):
        if books:
            yield from _wrap(f"{title}: {books}", width, most=_SENTENCE)
    known = summary.outcomes[Outcome.FYI]
    rest = ["evidence", *[f"{known:,} fyi"] * bool(known), f"{len(unchecked(summary)):,} things not checked"]
    more = f"exit code {int(summary.exit_code)}; -v and the report have {', '.join(rest)}"
    yield from _wrap(more, width, style="dim")


def _wrap(said: str, width: int, *, indent: int = 0, most: int = 0, style: str = "") -> Iterator[Line]:
    """The sentence in lines that fit, at most so many; 0 is all. A word longer than a line goes on in the next."""
    lines = textwrap.wrap(said, width - indent, break_on_hyphens=False) or [""]
    if most and len(lines) > most:
        lines[most - 1 :] = [f"{lines[most - 1][: width - indent - 1].rstrip()}…"]
    for line in lines:
        yield indent, ((line, style),)
