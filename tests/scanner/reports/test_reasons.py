"""Reasons as reports print them: one for the same words, and none hidden by another."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from scanner.model import Outcome, Reason, Record
from scanner.reports.console import ConsoleReport
from scanner.reports.reasons import reasons_of
from tests.scanner.policy.world import APPROVED, HASH, finding, judged, row, still
from tests.scanner.reports.handmade import RECORDS, summed


def test_what_an_approval_covers_does_not_hide_what_it_leaves_open() -> None:
    """Two findings under one rule and in the same words; one has its row."""
    said = {"rule": "r.one", "because": (), "text": "AI made it.", "remedy": "Ask."}
    covered = Reason(**{**said, "because": ("a",)}, outcome=Outcome.PASS, register="AI-1")
    left = Reason(**{**said, "because": ("b",)}, outcome=Outcome.BLOCKER)
    more = Reason(**{**said, "because": ("c",)}, outcome=Outcome.BLOCKER)
    for reasons in ((covered, left, more), (left, more, covered)):
        record = _with(reasons)
        told = [(it.outcome, it.register, it.findings) for it in reasons_of(record)]
        assert told == [(Outcome.BLOCKER, "", ("b", "c")), (Outcome.PASS, "AI-1", ("a",))]
        page = "".join(ConsoleReport().render(summed((record,)), partial(iter, (record,))))
        assert "BLOCKER  1 file  r.one" in page


def test_a_real_verdict_keeps_all_of_its_reasons() -> None:
    verdict = judged(still(digest=HASH), finding(), rows=(row(content_digest=HASH, **APPROVED),))
    (reason,) = reasons_of(_with(verdict.reasons))
    assert (reason.outcome, reason.register, reason.settled) == (Outcome.PASS, "AI-2", True)


def _with(reasons: tuple[Reason, ...]) -> Record:
    worst = max(reasons, key=lambda it: it.outcome.rank).outcome
    return replace(RECORDS[0], verdict=replace(RECORDS[0].verdict, outcome=worst, reasons=reasons))
