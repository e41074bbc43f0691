"""The report in the terminal: the verdict first, then what to act on, then counts that agree.

Fits 80 columns. Long deliveries are shortened here, with a reference to the full report.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from scanner.model import Outcome
from scanner.records.summary import Summary
from scanner.reports.components.work import RuleEntry, WorkTable, gather_twice, gather_work
from scanner.reports.interface import Listed, Records, Report
from scanner.reports.screen import Line, Screen
from scanner.reports.signing import sign_off
from scanner.reports.view import Mark, Sheet
from scanner.reports.wording import (
    NOTHING,
    OUTCOMES,
    balance,
    count,
    headline,
    headline_outcome,
    inert,
    inspected,
    judged_by,
    notes,
    register_and_waivers,
    settings_given,
    settings_not_read,
    trim,
    unchecked,
)

__all__ = ["ConsoleReport"]

_STYLES: Final[Mapping[Outcome, str]] = {
    Outcome.BLOCKER: "bold red",
    Outcome.ISSUE: "bold yellow",
    Outcome.FYI: "bold cyan",
    Outcome.PASS: "bold green",
}
_QUOTE = 160
_MARKS = 4


class ConsoleReport(Report):
    """What `provscan scan` prints. Plain text unless `colour`. In full, with `listed` files under each reason; or in at
    most `lines` lines, as much as one screen takes."""

    name = "console"
    file_name = "report.txt"
    lists: Listed = "what does not pass"

    def __init__(self, *, width: int = 80, colour: bool = False, listed: int = 10, lines: int = 0) -> None:
        self._width = max(40, width)
        self._colour = colour
        self._listed = listed
        self._lines = lines

    def escape(self, text: str) -> str:
        """See `Report.escape`."""
        return inert(text)

    def render(self, summary: Summary, records: Records) -> Iterator[str]:
        """The verdict, the work, the counts, and what the run was made with."""
        if self._lines:
            yield from self._screen(summary, records)
            return
        yield self._print(_verdict(summary))
        work = gather_work(records(), worst_only=True, listed=self._listed)
        for entry in work.rules:
            yield self._print(_rule(entry))
        yield self._print(_list_approved(work))
        yield self._print(_counts(summary, work))
        yield self._print(_people(summary, self._listed))
        yield self._print(_list_unchecked(summary))
        yield self._print(_list_provenance(summary))

    def _screen(self, summary: Summary, records: Records) -> Iterator[str]:
        """What fits on one screen; with the evidence where that fits too."""
        under_all, work = gather_twice(records(), listed=self._listed)
        screen = Screen.of(summary, under_all, _STYLES, self._width, self._lines)
        full = self._print(line for entry in work.acting for line in _rule(entry))
        fits = full.count("\n") <= screen.room
        yield self._print(map(_style_line, screen.top))
        yield full if fits else self._print(map(_style_line, screen.middle()))
        yield self._print(map(_style_line, screen.foot))

    def _print(self, lines: Iterable[tuple[int, Text]]) -> str:
        """Lines of an indent and a text, wrapped under that indent."""
        page = io.StringIO()
        console = Console(
            file=page,
            width=self._width,
            force_terminal=self._colour,
            color_system="standard" if self._colour else None,
            legacy_windows=False,
            highlight=False,
            markup=False,
            emoji=False,
        )
        for indent, text in lines:
            text.overflow = "fold"
            console.print(Padding(text, (0, 0, 0, indent), expand=False))
        return "".join(f"{line.rstrip()}\n" for line in page.getvalue().splitlines())


def _style_line(line: Line) -> tuple[int, Text]:
    indent, words = line
    return indent, Text.assemble(*words)


def _verdict(summary: Summary) -> Iterator[tuple[int, Text]]:
    policy, *warnings = judged_by(summary)
    yield 0, Text(policy)
    for warning in warnings:
        yield 0, Text(warning, style="bold yellow")
    yield 0, Text(headline(summary), style=_STYLES[headline_outcome(summary)])
    roots = ", ".join(inert(root) for root in summary.provenance.roots)
    if roots:
        yield 0, Text(f"in {roots}", style="dim")
    for sentence in sign_off(summary):
        yield 0, Text(sentence)
    for note in notes(summary):
        yield 0, Text(f"Warning: {note}", style="bold yellow")
    for said in settings_given(summary):
        yield 2, Text(f"set: {said}", style="dim")
    for place in settings_not_read(summary):
        yield 2, Text(f"settings not read: {place}", style="bold")
    yield 0, Text(" ")


def _rule(entry: RuleEntry) -> Iterator[tuple[int, Text]]:
    size = entry.size_by_cause if entry.is_shared else count(entry.files, "file")
    head = Text.assemble((entry.outcome.value.upper(), _STYLES[entry.outcome]), f"  {size}")
    head.append(f"  {entry.rule}", style="dim")
    yield 0, head
    yield 2, Text(f"{'Accepted by a waiver: ' * entry.accepted}{entry.text}", style="bold")
    if entry.todo:
        yield 2, Text(f"To do: {'; '.join(entry.todo)}.")
    if entry.remedy:
        yield 2, Text(f"To pass: {entry.remedy}")
    named: set[str] = set()
    again: list[Sheet] = []
    for page in entry.sheets:
        keys = [cause.key for cause in page.causes]
        if keys and named.issuperset(keys) and not page.faults:
            again.append(page)
            continue
        yield from _again(again)
        again.clear()
        yield from _file(page, entry)
        named.update(keys)
    yield from _again(again)
    if entry.files > len(entry.sheets):
        yield 4, Text(f"and {entry.files - len(entry.sheets):,} more; see report.html", style="dim")
    yield 0, Text(" ")


def _again(pages: Iterable[Sheet]) -> Iterator[tuple[int, Text]]:
    """Files that show only what those above them show: which, and where, in a line."""
    line = Text("the same in ", style="dim")
    for number, page in enumerate(pages):
        causes = page.causes
        where = ", ".join(dict.fromkeys(mark.where for mark in page.marks if mark.cause in causes and mark.where))
        line.append("; " * bool(number), style="dim")
        line.append(page.path, style="bold")
        line.append(f" {where}" * bool(where))
    if line.plain != "the same in ":
        yield 6, line


def _file(page: Sheet, entry: RuleEntry) -> Iterator[tuple[int, Text]]:
    yield 4, Text.assemble((page.path, "bold"), (f"  {page.category}", "dim"))
    for mark in page.marks[:_MARKS]:
        yield 6, Text(mark.line)
        yield from _describe_mark(mark)
    if len(page.marks) > _MARKS:
        yield 6, Text(f"and {count(len(page.marks) - _MARKS, 'finding')} more", style="dim")
    for fault in page.faults[:_MARKS]:
        yield 6, Text(f"{'' if fault.blocking else 'remark: '}{fault.line}")
    if not page.faults and page.reasons and page.reasons[0].text not in entry.text:
        yield 6, Text(page.reasons[0].text)
    for number, reason in enumerate(page.reasons):
        if number and (reason.standing or reason.outcome is not Outcome.PASS):
            yield 6, Text(f"also {reason.outcome}: {reason.text}")
            if reason.outcome.rank >= Outcome.ISSUE.rank and reason.remedy not in ("", entry.remedy):
                yield 8, Text(f"to pass: {reason.remedy}")
        for said in reason.standing:
            yield 8, Text(said, style="green" if reason.settled else "")
    own = [words for words in page.todo if words not in entry.todo]
    if own:
        yield 6, Text(f"to do: {'; '.join(own)}")


def _list_approved(work: WorkTable) -> Iterator[tuple[int, Text]]:
    """What passes because somebody approved it: whoever signs signs for that too."""
    if not work.approved:
        return
    yield 0, Text.assemble(("APPROVED", _STYLES[Outcome.PASS]), f"  {count(work.approved, 'file')}")
    for page in work.covered:
        yield 4, Text.assemble((page.path, "bold"), (f"  {page.category}", "dim"))
        for reason in page.reasons:
            for said in reason.standing:
                yield 6, Text(f"{reason.text} {said}")
    if work.approved > len(work.covered):
        yield 4, Text(f"and {work.approved - len(work.covered):,} more; see report.html", style="dim")
    yield 0, Text(" ")


def _describe_mark(mark: Mark) -> Iterator[tuple[int, Text]]:
    if mark.statements:
        quote = trim(mark.statements[0].value, _QUOTE)
        yield 8, Text.assemble((mark.source, "dim"), (": ", "dim"), f"“{quote}”")


def _counts(summary: Summary, work: WorkTable) -> Iterator[tuple[int, Text]]:
    yield 0, Text("COUNTS", style="bold")
    yield 2, Text(balance(summary), style="" if summary.balanced else "bold red")
    yield 2, Text(inspected(summary))
    if work.quiet or work.allowed:
        allowed = f", {work.allowed:,} with findings that the policy allows" * bool(work.allowed)
        yield 2, Text(f"pass: {work.quiet:,} with {NOTHING}{allowed}.")
        yield 2, Text(OUTCOMES[Outcome.PASS], style="dim")
    for title, counts in (("tools", summary.tools), ("claims", summary.claims)):
        if counts:
            named = ", ".join(f"{trim(name, 60)} {number:,}" for name, number in list(counts.items())[:12])
            yield 2, Text(f"{title}: {named}")
    yield 0, Text(" ")


def _people(summary: Summary, listed: int) -> Iterator[tuple[int, Text]]:
    """What was declared and accepted, against what was found; nothing where no such file was given."""
    for title, books, said in register_and_waivers(summary):
        yield 0, Text(title.upper(), style="bold")
        yield 2, Text(books)
        for sentence in said[:listed]:
            yield 2, Text(f"- {sentence}")
        if len(said) > listed:
            yield 2, Text(f"and {len(said) - listed:,} more; see summary.json", style="dim")
        yield 0, Text(" ")


def _list_unchecked(summary: Summary) -> Iterator[tuple[int, Text]]:
    yield 0, Text("NOT CHECKED", style="bold")
    for sentence in unchecked(summary):
        yield 2, Text(f"- {trim(sentence, 400)}")
    yield 0, Text(" ")


def _list_provenance(summary: Summary) -> Iterator[tuple[int, Text]]:
    made = summary.provenance
    yield 0, Text("MADE WITH", style="bold")
    yield 2, Text(f"{inert(made.tool)}, started {inert(made.started)}, {summary.seconds:,.1f} s")
    for title, facts in (("policy", made.policy), ("rules", made.rules), ("settings", made.settings)):
        if facts:
            yield 2, Text(f"{title}: " + ", ".join(f"{inert(name)} {trim(value, 80)}" for name, value in facts.items()))
    if made.versions:
        yield 2, Text(", ".join(f"{inert(name)} {trim(value, 40)}" for name, value in made.versions.items()))
    yield 2, Text(f"exit code {int(summary.exit_code)}")
