"""The judge's laws, for whatever comes: stricter is never milder, more approvals never worse, books balance."""

from __future__ import annotations

import dataclasses
from collections import Counter
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from scanner.judge.policy import Reconciliation, Register, Setting, Waivers, judge
from scanner.judge.policy.policy import Policy, PolicyRule
from scanner.judge.policy.waivers import Disposition, Waiver, WaiverFile
from scanner.judge.register.span import joined, uncovered
from scanner.model import Category, Claim, Examination, Outcome, Problem, Record, Strength
from scanner.records.diff import State, compare
from tests.scanner.policy.world import (
    APA,
    APPROVED,
    DAY,
    HASH,
    NETFLIX,
    OTHER,
    altered,
    film,
    finding,
    match,
    register,
    row,
    still,
)

claims, strengths = st.sampled_from(Claim), st.sampled_from(Strength)
categories = st.sampled_from(Category)
findings = st.lists(st.builds(finding, claims, strengths, name=st.sampled_from(["a" * 16, "b" * 16])), max_size=3).map(
    tuple
)
matches = st.lists(
    st.builds(
        match,
        st.sampled_from(["archival", "copyrighted", "talent", "temp", "ai-made"]),
        st.sampled_from(["exact", "reframed", "altered"]),
        alteration=st.sampled_from([None, altered(1.0), altered(9.0, (0, 0, 10, 10))]),
        facts=st.sampled_from(
            [
                {},
                {"quality": "preview"},
                {"quality": "scan", "ai_terms": "prohibited"},
                {"licence": "L"},
                {"licence": "L", "uses": "festivals"},
                {"licence": "L", "uses": "svod", "territory": "see letter"},
            ]
        ),
    ),
    max_size=2,
).map(tuple)
problems = st.sampled_from([(), (Problem(code="malformed", stage="examine", by="exif", message="m"),)])
policies = st.sampled_from([NETFLIX, APA])
settings_ = st.builds(
    Setting,
    genre=st.sampled_from(["", "fiction", "documentary", "news"]),
    day=st.just(DAY),
    use=st.sampled_from([(), ("svod",)]),
)
words = st.fixed_dictionaries(
    {},
    optional={
        "content_digest": st.sampled_from([HASH, OTHER]),
        "asset_glob": st.sampled_from(["art/*", "poster.png", "**", "EP101.mov", "nowhere/*"]),
        "episode": st.sampled_from(["*", "EP101", "EP2"]),
        "category": st.sampled_from(["artwork", "final-picture", "temp"]),
        "tc_in": st.sampled_from(["00:00:00:00", "00:00:10:00"]),
        "tc_out": st.sampled_from(["00:00:10:00", "00:01:00:00"]),
        "generated_or_altered": st.sampled_from(["generated", "edited", "enhanced", ""]),
        "expires": st.sampled_from(["2020-01-01", "2030-01-01"]),
        "phash_or_ref_id": st.sampled_from(["FAM-014", "X"]),
        "region": st.sampled_from(["0,0,10,10", "50,50,5,5"]),
        "disclosure_method": st.just("card"),
        "consent_ref": st.just("c"),
        "use_case": st.sampled_from(["voice", "background", "restoration", "other"]),
        "date_approved": st.sampled_from(["2026-06-01", "2026-07-01", "2030-01-01"]),
        "scope_temp_or_final": st.sampled_from(["temp", "final"]),
    },
)
approvals = words.map(lambda cells: {**APPROVED, **cells})
complete = approvals.map(
    lambda cells: {
        **cells, "generated_or_altered": cells.get("generated_or_altered") or "generated", "use_case": "other",
        "scope_temp_or_final": "final", "expires": "2030-01-01", "date_approved": "2026-07-15",
        **({"tc_in": "00:00:00:00", "tc_out": "00:00:10:00"} if "tc_in" in cells or "tc_out" in cells else {}),
    }
)  # fmt: skip
"""Whole approvals, of uses that need no other column: what such a row declares it approves too."""
statuses = st.sampled_from(["draft", "informed", "submitted", "rejected", "withdrawn", "approved"])
anything = st.builds(lambda cells, status: {**cells, "status": status}, approvals, statuses)
assets = st.builds(
    lambda seen, category: dataclasses.replace(seen, asset=dataclasses.replace(seen.asset, category=category)),
    st.sampled_from([still(), film()]),
    categories,
)


def broken(seen: Examination, wrong: tuple[Problem, ...]) -> Examination:
    return dataclasses.replace(seen, problems=wrong)


def rows_of(tables: list[dict[str, str]]) -> Register:
    return register(*(row(number, **cells) for number, cells in enumerate(tables, 2)))


@given(assets, findings, matches, problems, policies, settings_, st.lists(anything, max_size=4), complete)
def test_another_approval_never_makes_it_worse(seen, found, known, wrong, policy, setting, tables, more) -> None:
    def verdict(rows: list[dict[str, str]]) -> Outcome:
        return judge(broken(seen, wrong), found, policy, matches=known, register=rows_of(rows), setting=setting).outcome

    assert verdict([*tables, more]).rank <= verdict(tables).rank


@given(assets, findings, matches, problems, policies, settings_, st.lists(anything, max_size=3), st.data())
def test_a_stricter_policy_is_never_milder(seen, found, known, wrong, policy, setting, tables, data) -> None:
    stricter = dataclasses.replace(
        policy, rules=tuple(data.draw(_harsher(rule)) for rule in policy.rules) + tuple(data.draw(_more))
    )
    both = [
        judge(broken(seen, wrong), found, one, matches=known, register=rows_of(tables), setting=setting).outcome.rank
        for one in (policy, stricter)
    ]
    assert both[0] <= both[1]


@st.composite
def _harsher(draw: Any, rule: PolicyRule) -> PolicyRule:
    """Higher outcomes, fewer conditions, more needs; or the same."""
    how = draw(st.sampled_from(["same", "same", "same", "raise", "widen", "need"]))
    if how == "raise":
        floor = draw(st.sampled_from(Outcome))
        return dataclasses.replace(
            rule, outcomes=tuple(max(one, floor, key=lambda it: it.rank) for one in rule.outcomes)
        )
    if how == "widen" and rule.asks:
        return dataclasses.replace(rule, asks=rule.asks[1:])
    return dataclasses.replace(rule, needs=(*rule.needs, "judged_by")) if how == "need" else rule


_more = st.lists(
    st.builds(
        lambda claim, outcome: PolicyRule(
            id="more", text="T.", remedy="R.", about="finding", outcomes=(outcome, outcome, Outcome.PASS, Outcome.PASS),
            asks=(("claim", frozenset({claim})),),
        ),
        claims,
        st.sampled_from(Outcome),
    ),
    max_size=2,
)  # fmt: skip


@given(assets, findings, matches, policies, settings_, st.lists(anything, max_size=3))
def test_what_could_not_be_inspected_never_passes_and_every_hit_that_is_asked_about_has_its_reason(
    seen, found, known, policy: Policy, setting, tables
) -> None:
    wrong = (Problem(code="malformed", stage="examine", by="exif", message="m"),)
    verdict = judge(broken(seen, wrong), found, policy, matches=known, register=rows_of(tables), setting=setting)
    assert verdict.outcome is not Outcome.PASS
    plain = judge(broken(seen, wrong), found, policy, matches=known, setting=setting)
    assert {name for reason in plain.reasons for name in reason.because} == {
        name for reason in verdict.reasons for name in reason.because
    }


runs = st.lists(
    st.tuples(
        st.sampled_from(["a.png", "b.png", "c.png"]), st.sampled_from([HASH, OTHER, "e" * 32]), findings, problems
    ),
    max_size=4,
)


def records(run: list[tuple]) -> list[Record]:
    made = []
    for path, digest, found, wrong in {entry[0]: entry for entry in run}.values():
        seen = dataclasses.replace(still(path, digest=digest), problems=wrong)
        made.append(Record(examination=seen, findings=found, verdict=judge(seen, found, NETFLIX)))
    return made


def concerns(run: list[Record]) -> int:
    return sum(reason.outcome is not Outcome.PASS for record in run for reason in record.verdict.reasons)


@given(runs, runs)
def test_the_books_of_a_fix_check_balance(one: list[tuple], two: list[tuple]) -> None:
    old, new = records(one), records(two)
    counts = compare(old, new).counts
    kept = counts[State.STILL] + counts[State.CHANGED] + counts[State.MOVED]
    assert kept + counts[State.FIXED] + counts[State.NOT_INSPECTED] == concerns(old)
    assert kept + counts[State.NEW] == concerns(new)


waivers_ = st.lists(
    st.builds(
        lambda name, digest, disposition: Waiver(
            file="w.toml", number=0, finding=name, digest=f"xxh3-128:{digest}", disposition=disposition, name="Q.",
            role="", reason="r", on="2026-11-01",
        ),
        st.sampled_from(["a" * 16, "b" * 16, "c" * 16, "netflix.generated-in-final", "delivery.not-inspected-in-final"]),
        st.sampled_from([HASH, OTHER, "e" * 32]),
        st.sampled_from(Disposition),
    ),
    max_size=4,
)  # fmt: skip


@given(runs, waivers_)
def test_what_is_waived_stays_in_the_books(one: list[tuple], accepted: list[Waiver]) -> None:
    numbered = tuple(dataclasses.replace(it, number=number) for number, it in enumerate(accepted))
    waivers = Waivers((WaiverFile(name="w.toml", digest="00", waivers=numbered),))
    both, plain = Reconciliation(Register(), waivers), records(one)
    for record in plain:
        seen = record.examination
        verdict = judge(seen, record.findings, NETFLIX, waivers=waivers)
        both.add(dataclasses.replace(record, verdict=verdict))
        assert sorted((it.rule, it.because) for it in verdict.reasons) == sorted(
            (it.rule, it.because) for it in record.verdict.reasons
        )
        assert verdict.outcome.rank <= record.verdict.outcome.rank
        assert verdict.scan is record.verdict.scan
        assert (verdict.outcome is Outcome.PASS) == (record.verdict.outcome is Outcome.PASS), "never passed unseen"
    said = both.waivers_json()
    assert said is not None
    assert sum(said["states"].values()) == said["waivers"] == len(accepted)


@given(runs)
def test_a_run_compared_with_itself_is_still_present(one: list[tuple]) -> None:
    run = records(one)
    counts = Counter(change.state for change in compare(run, run).changes)
    assert set(counts) <= {State.STILL}


@given(runs, st.lists(anything, max_size=4))
def test_every_row_comes_out_in_one_state(one: list[tuple], tables: list[dict[str, str]]) -> None:
    both = Reconciliation(rows_of(tables), Waivers())
    for record in records(one):
        both.add(record)
    said = both.register_json()
    assert said is not None
    assert sum(said["states"].values()) == said["rows"] == len(tables)
    assert said["states"]["found"] == len(tables) - len(said["declared_not_found"])


spans = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=6)


@given(spans, spans)
def test_what_is_left_uncovered_is_exactly_the_frames_of_no_span(whole: list, by: list) -> None:
    def frames(given: Any) -> set[int]:
        return {frame for first, after in given for frame in range(first, after)}

    assert frames(uncovered(joined(whole), by)) == frames(whole) - frames(by)
