"""Every worked decision, made by the real judge; those of pictures by a scan of real files too."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.decisions.cases import Decision, decisions, judged

ALL = tuple(decisions())


@pytest.mark.parametrize("decision", ALL, ids=lambda it: f"{it.file}-{it.case}")
def test_what_a_commissioner_would_decide(decision: Decision) -> None:
    record = judged(decision)
    said = "\n".join(f"{it.outcome}: {it.rule}: {it.text}" for it in record.verdict.reasons)
    assert record.verdict.outcome in decision.expected, f"{decision.why}\n{said or 'no reason'}"


def test_the_tables_hold_many_kinds() -> None:
    names = Counter(decision.case for decision in ALL)
    assert max(names.values()) == 1, "each case has its own name"
    assert all(decision.why and decision.kind for decision in ALL)
    assert len(ALL) >= 250
    assert len({decision.kind for decision in ALL}) >= 60
    assert {decision.policy for decision in ALL} >= {"netflix-2025", "apa-documentary", "delivery", "house"}
