"""The page for producers, followed literally: what its table names is all that the built-in policies ask for."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scanner.judge.case import AI_CLAIMS
from scanner.judge.policy import Policy, builtin_policies, load_policy, unfilled
from scanner.judge.register.columns import COLUMNS
from scanner.model import Category, Claim
from tests.scanner.policy.world import APPROVED, HASH, NETFLIX, finding, judged, match, row, still

PAGE = Path(__file__).parents[3] / "docs" / "for-producers.md"
FILLED = {
    "status": "approved", "date_approved": "2026-06-01", "scope_temp_or_final": "final", "consent_date": "2026-05-01",
    "story_relevant": "y", "inputs_used": "personal data", "trains_on_inputs": "unknown", "changes_meaning": "n", "disclosure_method": "card", "conditions_met": "y",
    "approver_role": "commissioner's legal department",
    **dict.fromkeys(("minors", "deceased", "union_covered", "prompt_names_works", "trained_on_artist", "real_events"), "y"),
}  # fmt: skip
"""Columns of which a rule asks for a certain word; in the others anything will do."""


def columns() -> list[str]:
    table = PAGE.read_text("utf-8").partition("## 3.")[2].partition("\nAdd columns")[0]
    return [name for line in table.splitlines() if line.startswith("| `") for name in _named(line.split("|")[1])]


def _named(cell: str) -> list[str]:
    return re.findall(r"`(\w+)`", cell)


def needs(policy: Policy) -> set[str]:
    asked = (*(need for use in policy.uses for need in use.needs), *(need for it in policy.rules for need in it.needs))
    return {one.partition("=")[0] for need in asked for one in need.split("|")}


@pytest.mark.parametrize("name", builtin_policies())
def test_the_table_has_every_column_that_a_policy_asks_for(name: str) -> None:
    assert needs(load_policy(name)) - {"tool"} <= set(columns()) <= set(COLUMNS), "the cue sheet fills in the tool"


@pytest.mark.parametrize("use_case", ["background", "key_visual", "talent", "restoration"])
@pytest.mark.parametrize("category", [Category.ARTWORK, Category.ARCHIVAL])
@pytest.mark.parametrize("claim", AI_CLAIMS)
def test_a_row_filled_in_as_the_page_says_lacks_nothing(use_case: str, category: Category, claim: Claim) -> None:
    said = {Claim.EDITED: "edited", Claim.ENHANCED: "enhanced"}.get(claim, "generated")
    of_cue_sheet = {"content_digest": HASH, "category": category.value, "generated_or_altered": said}
    cells = {**dict.fromkeys(columns(), "as the page says"), **FILLED, "use_case": use_case, **of_cue_sheet}
    complete = row(**cells)
    given = {
        "matches": (match("copyrighted", reference="R-1"),),
        "rows": (complete, row(3, **{**cells, "phash_or_ref_id": "R-1"})),
    }
    for policy in (NETFLIX, load_policy("apa-documentary")):
        assert list(unfilled(complete, policy)) == []
        reasons = judged(still(category=category), finding(claim), policy=policy, **given).reasons
        assert any(reason.register for reason in reasons), "the row speaks of it"
        assert not [reason.text for reason in reasons if "lacks" in reason.text]


@pytest.mark.parametrize(
    ("cells", "lacking"),
    [
        ({"use_case": "key_visual"}, ["human_contribution", "approver_role"]),
        ({"use_case": "background"}, ["story_relevant"]),
        ({"use_case": "background", "story_relevant": "n"}, []),
        ({"use_case": "other", "category": "archival"}, ["disclosure_method"]),
        ({"use_case": "other", "category": "archival", "generated_or_altered": "enhanced", "changes_meaning": "y"},
         ["changes_meaning", "judged_by", "disclosure_method"]),
        ({"use_case": "key_visual", "status": "draft"}, []),
    ],
)  # fmt: skip
def test_what_an_approval_lacks_is_noted_before_anything_is_judged(cells: dict[str, str], lacking: list[str]) -> None:
    notes = list(unfilled(row(**{**APPROVED, **cells}), NETFLIX))
    assert [note.column for note in notes] == lacking
    assert not any(note.grave for note in notes)
    assert all("netflix-2025 asks for it" in note.message for note in notes)
