from __future__ import annotations

import re
from dataclasses import replace

import pytest

from scanner.model import Digest, Outcome, Reason, Record
from scanner.reports.components.work import gather_work
from scanner.reports.console import ConsoleReport
from tests.scanner.reports.handmade import RECORDS, quiet, stopped, summed


def printed(report: ConsoleReport, records: tuple = RECORDS) -> str:
    return "".join(report.render(summed(records), lambda: records))


@pytest.mark.parametrize("width", [40, 80, 132])
def test_it_fits_the_terminal(width: int) -> None:
    assert max(len(line) for line in printed(ConsoleReport(width=width)).splitlines()) <= width


def test_the_verdict_comes_first_and_blockers_next() -> None:
    lines = printed(ConsoleReport()).splitlines()
    assert lines[0] == "Judged by policy netflix-2025: Netflix, generative AI guidance of August 2025."
    assert lines[1] == "NOT READY: 2 blockers, 2 issues; 2 files could not be inspected"
    assert [line.split()[0] for line in lines if re.match("(BLOCKER|ISSUE|FYI|COUNTS)", line)] == [
        "BLOCKER",
        "ISSUE",
        "ISSUE",
        "FYI",
        "FYI",
        "COUNTS",
    ]


def test_a_long_delivery_is_cut_short_and_still_counted() -> None:
    records = tuple(stopped(f"art/{number:03}.png", number) for number in range(322))
    text = printed(ConsoleReport(listed=10), records)
    assert "NOT READY: 1 blocker in 322 files" in text, "copies of one content are one cause"
    assert "BLOCKER  1 cause in 322 files" in text
    assert "and 312 more; see report.html" in text
    assert text.partition("COUNTS")[0].count("art/") == 10


def test_what_was_declared_and_accepted_is_said_both_ways() -> None:
    text = " ".join(printed(ConsoleReport()).split())
    for said in (
        "3 rows declared: 1 found, 1 no marker found, 1 not in the delivery; 3 found and not declared; 1 declared",
        "row 3 (AI-8): declared, but no marker was found: art/slate.png",
        "art/keyart_final.png: found, but not declared in the register: generated, finding f0000",
        "declared differently from the finding (hpf.json declares no_ai): enhanced, finding f2",
        "2 waivers: 1 in use, 1 stale, 0 not met, 0 expired",
        "the waiver is stale: the content has changed since",
        "to pass: A register row that covers the frames. register row AI-7, bound by place",
        "waiver: creative intent: flipped for the cut",
    ):
        assert said in text
    assert "2 more; see summary.json" in " ".join(printed(ConsoleReport(listed=5)).split())


def test_colour_only_where_asked() -> None:
    assert "\x1b" not in printed(ConsoleReport())
    coloured = printed(ConsoleReport(colour=True))
    assert "\x1b[1;31m" in coloured
    assert set(re.findall(r"\x1b\[?[^m]*m?", coloured)) <= set(re.findall(r"\x1b\[[0-9;]*m", coloured)), "colour alone"
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured).split() == printed(ConsoleReport()).split()


def test_each_file_that_does_not_pass_stands_under_one_reason() -> None:
    work = gather_work((*RECORDS, quiet("more.png")), worst_only=True, listed=1)
    assert sum(entry.files for entry in work.rules) + work.quiet + work.allowed == len(RECORDS) + 1
    assert (work.quiet, work.allowed) == (3, 1)
    assert all(len(entry.sheets) == 1 for entry in work.rules)


def _recognised(path: str, *references: str) -> Record:
    """A file in which a rule speaks of several references."""
    sentence = "Temporary material (music, too) appears in what counts as final."
    reasons = tuple(
        Reason(rule="house.temp", outcome=Outcome.BLOCKER, because=(name,), text=f"{sentence} (matches {name})")
        for name in references
    )
    record = quiet(path)
    return replace(record, verdict=replace(record.verdict, outcome=Outcome.BLOCKER, reasons=reasons))


@pytest.mark.parametrize(
    ("files", "shown"),
    [
        ([("a.mov", "x.png")], " (matches x.png)"),
        ([("a.mov", "x.png"), ("b.mov", "x.png")], " (matches x.png)"),
        ([("a.mov", "x.png"), ("b.mov", "y.png")], ""),
        ([("a.mov", "x.png", "y.png")], ""),
        ([("a.mov", "x.png"), ("b.mov", "x.png", "y.png")], ""),
    ],
)
def test_a_heading_names_a_reference_only_where_it_is_the_only_one(files: list[tuple[str, ...]], shown: str) -> None:
    (entry,) = gather_work([_recognised(*file) for file in files], worst_only=True).rules
    assert entry.text == f"Temporary material (music, too) appears in what counts as final.{shown}"


def test_a_file_stands_under_each_of_its_rules_or_under_its_worst_alone() -> None:
    record = quiet("a.mov")
    reasons = tuple(
        Reason(rule=rule, outcome=outcome, because=(), text=f"{rule} is not met.")
        for rule, outcome in (("house.temp", Outcome.BLOCKER), ("house.talent", Outcome.ISSUE))
    )
    records = [replace(record, verdict=replace(record.verdict, outcome=Outcome.BLOCKER, reasons=reasons))]
    assert [entry.rule for entry in gather_work(records).rules] == ["house.temp", "house.talent"]
    (worst,) = gather_work(records, worst_only=True, listed=1).rules
    assert (worst.rule, [page.path for page in worst.sheets]) == ("house.temp", ["a.mov"])


def test_copies_in_which_nothing_was_found_are_counted_as_files() -> None:
    digest = Digest(algorithm="xxh3-128", value="ab" * 16)
    copies = tuple(
        replace(one, examination=replace(one.examination, digest=digest))
        for one in (_recognised("a.mov", "x.png"), _recognised("b.mov", "x.png"))
    )
    assert "BLOCKER  2 files  house.temp\n" in printed(ConsoleReport(), copies)


def test_what_is_asked_of_all_is_said_once_and_the_rest_with_the_file() -> None:
    text = printed(ConsoleReport(), RECORDS[1:3])
    assert "To do: get written approval.\n" in text
    assert "to do: disclose it to the audience\n" in text


def screen(records: tuple = RECORDS, *, lines: int = 36, width: int = 80) -> list[str]:
    return printed(ConsoleReport(width=width, lines=lines), records).splitlines()


def _of_rule(number: int, files: int = 9) -> tuple[Record, ...]:
    made = (stopped(f"art/{number}/{file:02}.png", number * 100 + file) for file in range(files))
    rule = {"rule": f"house.{number}", "text": f"Number {number} is not allowed."}
    return tuple(
        replace(
            one,
            examination=replace(one.examination, digest=Digest(algorithm="xxh3-128", value=f"{number}-{place}")),
            verdict=replace(one.verdict, reasons=tuple(replace(it, **rule) for it in one.verdict.reasons)),
        )
        for place, one in enumerate(made)
    )


def test_one_screen_has_the_verdict_every_blocker_and_issue_and_the_books() -> None:
    lines = screen()
    assert len(lines) <= 36
    assert lines[0].startswith("Judged by policy netflix-2025")
    assert lines[1] == "NOT READY: 2 blockers, 2 issues; 2 files could not be inspected"
    text = " ".join(" ".join(lines).split())
    for said in (
        "art/keyart_final.png", "picture/EP101_v03.mov 01:00:28:10–01:00:31:02", "promo/teaser_30s.mp4",
        "found 9 = written 9 = 2 blocker + 2 issue + 2 fyi + 3 pass", "Next step: A register row with the approval's",
        "3 rows declared", "2 waivers: 1 in use",
    ):  # fmt: skip
        assert said in text


@pytest.mark.parametrize("rules", [1, 3, 8, 30])
@pytest.mark.parametrize("lines", [24, 36, 60])
def test_a_screen_is_never_longer_and_counts_what_it_leaves_out(rules: int, lines: int) -> None:
    records = tuple(one for number in range(rules) for one in _of_rule(number))
    found = screen(records, lines=lines)
    assert len(found) <= lines
    named = sum(line.startswith("BLOCKER") for line in found)
    more = next((int(line.split()[1]) for line in found if line.endswith("-v prints them") and " rule" in line), 0)
    assert named + more == rules
    shown = sum("art/" in line for line in found)
    assert shown + sum(int(line.split()[1]) for line in found if "more cause" in line) == 9 * named


def test_a_screen_fits_its_width_and_cuts_no_name() -> None:
    long = "art/" + "a_rather_long_name_of_a_file_that_goes_on" * 4 + ".png"
    lines = screen((stopped(long),), width=60)
    assert max(map(len, lines)) <= 60
    assert long in "".join(line.strip() for line in lines)


def test_a_delivery_that_passes_has_a_short_screen() -> None:
    lines = screen((quiet("slate.png"),))
    assert lines[1] == "NO MARKER FOUND: 1 file inspected"
    assert len(lines) < 20
    assert "no proof that no AI was used" in " ".join(" ".join(lines).split())
