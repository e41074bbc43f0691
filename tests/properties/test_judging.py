"""Laws of judging that hold for any examination."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

from hypothesis import assume, given
from hypothesis import strategies as st

from scanner.examinations import HeldExaminations
from scanner.judge.conclude import Judgement, conclude
from scanner.judge.policy import Policy, judge, load_policy
from scanner.judge.rules import Engine, load_rules
from scanner.model import Claim, Evidence, Examination, Finding, Outcome, Record, Scan
from scanner.provenance import stored_provenance
from scanner.records.summary import tally
from tests.properties.strategies import evidence, examinations, findings, problems, stricter_policies

AI = {Claim.GENERATED, Claim.EDITED, Claim.CONTAINS}


@cache
def engine() -> Engine:
    return Engine(load_rules())


@cache
def policy() -> Policy:
    return load_policy("netflix-2025")


@cache
def examples() -> list[tuple[Evidence, ...]]:
    """What the rules' own hits say: evidence that means something.

    Not of rules that give way (`lacks`): those say themselves which other statement silences them.
    """
    return [
        tuple(Evidence(reader=s.reader, key=s.key, value=s.value, where="here", facts=s.facts) for s in hit.says)
        for rule in engine().rules.rules
        if not rule.lacks
        for hit in rule.hits
    ]


said = st.lists(st.integers(0, 10**6).map(lambda n: examples()[n % len(examples())]), max_size=3).map(
    lambda hits: tuple(item for hit in hits for item in hit)
)


def numbered(items: tuple[Evidence, ...]) -> tuple[Evidence, ...]:
    return tuple(
        Evidence(reader=i.reader, key=i.key, value=i.value, where=i.where, facts=i.facts, frames=i.frames, id=f"e{n}")
        for n, i in enumerate(items, 1)
    )


@given(examinations, st.lists(findings, max_size=4), stricter_policies())
def test_a_stricter_policy_is_never_milder(
    examination: Examination, found: list[Finding], policies: tuple[Policy, Policy]
) -> None:
    mild, strict = (judge(examination, found, policy) for policy in policies)
    assert strict.outcome.rank >= mild.outcome.rank
    assert strict.scan is mild.scan


@given(examinations, st.lists(findings, max_size=4), problems)
def test_what_could_not_be_inspected_never_passes(examination: Examination, found: list[Finding], problem) -> None:
    assume(problem.blocking)
    verdict = judge(replace(examination, problems=(*examination.problems, problem)), found, policy())
    assert verdict.scan is Scan.INCOMPLETE
    assert verdict.outcome is not Outcome.PASS


@given(examinations, st.lists(findings, max_size=4), findings)
def test_one_more_finding_is_never_milder(examination: Examination, found: list[Finding], more: Finding) -> None:
    before, after = judge(examination, found, policy()), judge(examination, [*found, more], policy())
    assert after.outcome.rank >= before.outcome.rank


@given(st.lists(examinations, max_size=6))
def test_the_books_balance_for_any_mix(several: list[Examination]) -> None:
    judgement = Judgement(engine(), policy())
    records: list[Record] = list(conclude(HeldExaminations(several), judgement))
    assert [record.examination.asset for record in records] == [examination.asset for examination in several]
    books = tally(records)
    for fail_on in (None, *Outcome):
        summary = books.summary(stored_provenance(Path("no/such/records.jsonl")), fail_on=fail_on)
        assert summary.balanced
        assert summary.found == len(several)


@given(said, st.lists(evidence, max_size=3))
def test_more_evidence_never_takes_an_ai_finding_away(marks: tuple[Evidence, ...], more: list[Evidence]) -> None:
    before = engine().detect(numbered(marks)).findings
    after = engine().detect(numbered((*marks, *more))).findings
    assert {it.claim for it in before} & AI <= {it.claim for it in after}


@given(said, said)
def test_marks_of_other_tools_never_take_ai_away(one: tuple[Evidence, ...], other: tuple[Evidence, ...]) -> None:
    before = any(it.claim in AI for it in engine().detect(numbered(one)).findings)
    after = any(it.claim in AI for it in engine().detect(numbered((*one, *other))).findings)
    assert after >= before


@given(said, st.randoms())
def test_a_findings_id_does_not_depend_on_where_or_in_what_order(marks: tuple[Evidence, ...], chance) -> None:
    elsewhere = [
        Evidence(reader=item.reader, key=item.key, value=item.value, where=f"there {n}", facts=item.facts)
        for n, item in enumerate(marks)
    ]
    ids = {finding.id for finding in engine().detect(numbered(marks)).findings}
    assert {finding.id for finding in engine().detect(numbered(tuple(elsewhere))).findings} == ids
    chance.shuffle(elsewhere)
    shuffled = engine().detect(numbered(tuple(elsewhere))).findings
    assert {finding.id for finding in shuffled} == ids
