"""No cell of a register makes an outcome milder by a placeholder or by a word that nobody knows."""

from __future__ import annotations

import csv
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.judge.policy import Policy, Setting, Waivers, builtin_policies, judge, load_policy
from scanner.judge.policy.waivers import read_waivers
from scanner.judge.register.columns import APPROVAL, REQUIRED
from scanner.judge.vocabulary import CLOSED
from scanner.model import Category, Claim, Outcome
from tests.scanner.policy.world import DAY, HASH, finding, register, row, still


@cache
def loaded(name: str) -> Policy:
    return load_policy(name)


COMPLETE = {
    "content_digest": HASH, "title": "The Harbour", "tool": "the tool", "vendor": "its vendor", "licence_tier": "enterprise",
    "trains_on_inputs": "n", "inputs_used": "none", "use_case": "other", "generated_or_altered": "generated",
    "date_generated": "2026-05-01", "status": "approved", "approved_by": "N. Approver",
    "approver_role": "commissioner's legal department", "date_approved": "2026-04-01", "approval_ref": "LTR-7",
    "scope_temp_or_final": "final",
}  # fmt: skip
CELLS = {
    "use_case": ["other", "talent", "background", "key visual", "synthetic performer", "voice clone", "restoration"],
    "inputs_used": ["own material", "production material", "personal data", "third-party material; script"],
    "trains_on_inputs": ["y", "n", "unknown"],
    "stores_inputs": ["y", "n"],
    "licence_tier": ["enterprise", "free", "pro", "local"],
    "enterprise_tier": ["y", "n"],
    "generated_or_altered": ["generated", "edited", "enhanced"],
    "scope_temp_or_final": ["final", "temp"],
    "approved_by": ["N. Approver", "an operator"],
    "approver_role": ["legal", "line producer"],
    "approval_ref": ["LTR-7"],
    "date_approved": ["2026-04-01", "2026-10-01", "2026-12-24"],
    "date_generated": ["2026-05-01", "2026-03-01"],
    "expires": ["2030-01-01", "2020-01-01"],
    "talent_name": ["A. Performer"],
    "consent_ref": ["CON-9"],
    "consent_date": ["2026-03-15", "2026-09-01"],
    "story_relevant": ["y", "n", "unsure"],
    "human_contribution": ["painted over"],
    "terms_snapshot_ref": ["T-1"],
    "source_rights": ["an agency"],
    "licence_ref": ["L-1"],
    "personal_data": ["y", "n"],
    "third_party_ip": ["y", "n"],
    "minors": ["y", "n"],
    "guardian_consent_ref": ["G-1"],
    "deceased": ["y", "n"],
    "union_covered": ["y", "n"],
    "union_notice_ref": ["U-1"],
    "real_events": ["y", "n"],
    "disclosure_method": ["card", "none", "lower third"],
    "ai_terms": ["prohibited", "flag_and_review", "allowed"],
    "licensor_review_ref": ["R-1"],
    "changes_meaning": ["y", "n"],
    "approval_conditions": ["only the wide shot"],
    "conditions_met": ["y", "n"],
    "tool": ["another tool"],
    "status": ["approved", "approved (legal)"],
    "scope_text": ["the wide shot in EP101", "temporary use only"],
    "consent_scope": ["de-aging in EP101", "temp only"],
    "consent_project": ["The Harbour", "Another Film"],
    "consent_until": ["2030-01-01", "2020-01-01", "unlimited"],
    "estate_consent_ref": ["EST-1"],
    "prompt_names_works": ["y", "n"],
    "prompt_names_people": ["y", "n"],
    "prompt_clearance_ref": ["P-1"],
    "trained_on_artist": ["y", "n"],
    "training_clearance_ref": ["P-2"],
    "deepfake": ["y", "n", "unsure"],
    "disclosure_text": ["This picture was made with AI"],
    "disclosure_tc": ["01:00:00:00"],
    "prompt_ref": ["PR-1"],
    "judged_by": ["N. Editor"],
    "custody_note": ["scan of a print"],
    "vendor": ["its vendor"],
}
NOWHERE = frozenset({"entry_id", "source_material_ids"})
"""Needed columns whose cells are names of the row and of references: see what binds."""
PLACEHOLDERS = ("TBC", "TBD", "?", "to follow", "pending", "see email", "folgt", "à venir", "pendiente", "siehe Mail")
NOTHING = ("none", "n/a", "-", "N.N.", "[name]", "keine", "aucun", "ninguno")
UNKNOWN = ("blorp", "zonk zonk")
FREE = ("approved_by", "approver_role", "approval_ref", "talent_name", "consent_ref", "human_contribution", "source_rights",
        "licence_ref", "terms_snapshot_ref", "guardian_consent_ref", "union_notice_ref", "licensor_review_ref",
        "approval_conditions", "tool", "scope_text", "consent_scope", "consent_project", "estate_consent_ref",
        "prompt_clearance_ref", "training_clearance_ref", "disclosure_text", "prompt_ref", "judged_by", "custody_note",
        "vendor")  # fmt: skip
"""Columns that take any words: only a placeholder is none there."""

rows = st.fixed_dictionaries({}, optional={column: st.sampled_from(words) for column, words in CELLS.items()})
statuses = st.sampled_from(["approved", "approved", "informed", "rejected", "draft"])
categories = st.sampled_from(
    [Category.ARTWORK, Category.FINAL_PICTURE, Category.TEMP, Category.IDEATION, Category.ARCHIVAL, Category.PROMO]
)
genres = st.sampled_from(["fiction", "documentary"])
claims = st.sampled_from([Claim.GENERATED, Claim.EDITED, Claim.ENHANCED, None])


policies = st.sampled_from(builtin_policies()).map(loaded)


@given(rows, statuses, categories, genres, claims, policies, st.data())
def test_a_placeholder_or_an_unknown_word_is_never_milder(cells, status, category, genre, claim, policy, data) -> None:
    given_ = {**COMPLETE, **cells, "status": status}
    column = data.draw(st.sampled_from(sorted(set(given_) & set(CELLS))))
    word = data.draw(st.sampled_from((*PLACEHOLDERS, *NOTHING) if column in FREE else (*PLACEHOLDERS, *UNKNOWN)))

    def outcome(of: dict[str, str]) -> Outcome:
        found = [finding(claim)] if claim else []
        seen, setting = still(category=category), Setting(genre=genre, day=DAY)
        return judge(seen, found, policy, register=register(row(**of)), setting=setting).outcome

    assert outcome({**given_, column: word}).rank >= outcome(given_).rank, (policy.name, column, word)


@pytest.mark.parametrize("name", builtin_policies())
def test_every_column_that_counts_is_tried(name: str) -> None:
    policy = loaded(name)
    needs = [need for one in (*policy.rules, *policy.uses) for need in one.needs]
    counted = {part.partition("=")[0] for need in needs for part in need.split("|")}
    counted |= {column for use in policy.uses for way in use.when for column in way}
    assert counted | set(CLOSED) | set(REQUIRED) | set(APPROVAL) <= set(CELLS) | NOWHERE


WAIVER = {
    "finding": "a" * 16, "rule": "", "digest": f"xxh3-128:{HASH}", "disposition": "accepted-risk", "name": "A. Supervisor",
    "role": "QC", "reason": "agreed in the review", "date": "2026-05-01", "expires": "2030-01-01",
}  # fmt: skip


@given(
    st.sampled_from(sorted(WAIVER)),
    st.sampled_from((*PLACEHOLDERS, *NOTHING, *UNKNOWN, "")),
    st.sampled_from(["", "2020"]),
)
def test_nor_is_one_in_a_waiver(tmp_path_factory: pytest.TempPathFactory, column: str, word: str, ended: str) -> None:
    before = {**WAIVER, "expires": "2020-01-01"} if ended else WAIVER

    def outcome(of: dict[str, str]) -> Outcome:
        path = tmp_path_factory.getbasetemp() / "waivers.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            table = csv.DictWriter(file, tuple(WAIVER))
            table.writeheader()
            table.writerow(of)
        waivers = Waivers((read_waivers(path),))
        policy, setting = loaded("netflix-2025"), Setting(genre="fiction", day=DAY)
        return judge(still(), [finding()], policy, waivers=waivers, setting=setting).outcome

    assert outcome({**before, column: word}).rank >= outcome(before).rank, (column, word)
