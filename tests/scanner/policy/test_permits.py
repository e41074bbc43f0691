"""Licences in the words of archival logs, against what a delivery is for: yes, no, or a person has to read it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.judge.permits import is_unbounded, permits
from scanner.judge.policy import Setting, judge
from scanner.model import Match, Outcome, Outlet
from tests.scanner.policy.world import APA, DAY, NETFLIX, film, match, register, row, still

LICENSED = {"licence": "L-1", "quality": "scan"}
SVOD = Setting(genre="documentary", day=DAY, use=("svod",), territory=("GB", "IE"))
UNTOLD = Setting(genre="documentary", day=DAY)


@pytest.mark.parametrize(
    ("stated", "asked", "answer"),
    [
        ("SVOD", "svod", "yes"),
        ("TV and VOD", "svod", "yes"),
        ("Festivals; free-to-air TV", "svod", "no"),
        ("Education only", "svod", "no"),
        ("Free TV / Pay TV", "pay-tv", "yes"),
        ("All media now known or hereafter devised", "promo", "yes"),
        ("All media excl. theatrical", "svod", "yes"),
        ("All media excl. theatrical", "theatrical", "no"),
        ("All media except Channel X+", "svod", "unknown"),
        ("no theatrical", "theatrical", "no"),
        ("not for theatrical", "svod", "unknown"),
        ("theatrical, svod 5 years", "svod", "unknown"),
        ("online", "svod", "unknown"),
        ("online", "online", "yes"),
        ("SVOD (this channel only)", "svod", "unknown"),
        ("see agreement", "svod", "unknown"),
        ("", "svod", "unknown"),
        ("worldwide", "GB", "yes"),
        ("Throughout the universe", "world", "yes"),
        ("World excl. US/Canada", "US", "no"),
        ("World excl. US/Canada", "GB", "yes"),
        ("World excl. US", "world", "no"),
        ("UK & Ireland", "IE", "yes"),
        ("UK / 5 years", "GB", "yes"),
        ("UK", "US", "no"),
        ("UK", "world", "no"),
        ("DK, SE, NO", "NO", "yes"),
        ("DK, SE", "NO", "no"),
        ("Scandinavia", "NO", "unknown"),
    ],
)
def test_what_a_log_states_is_understood_or_left_to_a_person(stated: str, asked: str, answer: str) -> None:
    assert permits(stated, (asked,)) == answer


def test_all_that_a_delivery_is_for_must_be_permitted() -> None:
    assert permits("svod, festivals", ("svod", "festival")) == "yes"
    assert permits("svod", ("svod", "theatrical")) == "no"
    assert permits("svod, other", ("svod", "theatrical")) == "unknown"
    assert is_unbounded("All media")
    assert not is_unbounded("svod")


@given(st.sampled_from(["svod", "festivals", "TV", "UK", "us"]), st.sampled_from([*Outlet, "world", "GB"]))
def test_beside_words_that_nobody_knows_nothing_is_refused(stated: str, asked: str) -> None:
    assert permits(f"{stated}; as per letter", (asked,)) != "no"


@given(st.text(max_size=80), st.sampled_from([*Outlet, "world", "GB"]))
def test_any_text_has_an_answer(stated: str, asked: str) -> None:
    assert permits(stated, (asked,)) in ("yes", "no", "unknown")
    assert permits(f"{stated}; not for {asked}", (asked,)) == "no"


def _found(role: str = "archival", **facts: str) -> Match:
    return match(role, facts={**LICENSED, **facts})


@pytest.mark.parametrize(
    ("found", "setting", "apa", "netflix"),
    [
        (_found(uses="festivals"), SVOD, Outcome.ISSUE, Outcome.ISSUE),
        (_found("copyrighted", uses="festivals"), SVOD, Outcome.ISSUE, Outcome.ISSUE),
        (_found("copyrighted", uses="all media", territory="US"), SVOD, Outcome.ISSUE, Outcome.ISSUE),
        (_found("copyrighted", uses="all media", territory="UK, IE"), SVOD, Outcome.PASS, Outcome.PASS),
        (_found("copyrighted", uses="all media"), SVOD, Outcome.FYI, Outcome.FYI),
        (_found("copyrighted"), SVOD, Outcome.FYI, Outcome.FYI),
        (_found("copyrighted", uses="svod"), UNTOLD, Outcome.FYI, Outcome.FYI),
        (_found("copyrighted", uses="all media", territory="world"), UNTOLD, Outcome.PASS, Outcome.PASS),
        (_found("copyrighted"), UNTOLD, Outcome.PASS, Outcome.PASS),
        (match("archival", facts={"quality": "scan"}), SVOD, Outcome.ISSUE, Outcome.ISSUE),
        (match("own", facts=LICENSED), SVOD, Outcome.PASS, Outcome.PASS),
    ],
)
def test_a_licence_is_held_against_what_the_delivery_is_for(
    found: Match, setting: Setting, apa: Outcome, netflix: Outcome
) -> None:
    for policy, outcome in ((APA, apa), (NETFLIX, netflix)):
        assert judge(film(), (), policy, matches=(found,), setting=setting).outcome is outcome


def test_the_reason_says_both_sides_and_no_more_than_is_known() -> None:
    (refused,) = judge(film(), (), APA, matches=(_found(uses="festivals", territory="UK; IE"),), setting=SVOD).reasons
    assert "its licence's uses: festivals; this delivery's: svod" in refused.text
    assert "territory" not in refused.text.partition("(")[2]
    (open_,) = judge(film(), (), APA, matches=(_found(uses="festivals"),), setting=UNTOLD).reasons
    assert "its licence's uses: festivals; this delivery's: not given" in open_.text
    (silent,) = judge(film(), (), APA, matches=(_found(territory="world"),), setting=SVOD).reasons
    assert "its licence's uses: not on file; this delivery's: svod" in silent.text


def test_a_register_row_with_the_licence_settles_it() -> None:
    found = _found(uses="festivals")
    named = {"phash_or_ref_id": "FAM-014", "status": "approved", "approved_by": "N. Approver", "date_approved": "2026-06-01",
             "approval_ref": "letter", "scope_temp_or_final": "final"}  # fmt: skip
    for licence, outcome in (("", Outcome.ISSUE), ("L-1, extension", Outcome.PASS)):
        rows = register(row(**named, licence_ref=licence))
        assert judge(still(), (), APA, matches=(found,), register=rows, setting=SVOD).outcome is outcome
