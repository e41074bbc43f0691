"""Marks in the picture, judged: a generator's label, a preview mark, placeholder text, and a label that is missing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from fingerprints.marks.lexicon import load_lexicon
from scanner.judge.policy import builtin_policies, load_policy
from scanner.judge.rules import Engine, load_rules
from scanner.model import (
    Category,
    Claim,
    Evidence,
    Examination,
    Finding,
    Look,
    LookStatus,
    Outcome,
    Strength,
    Verdict,
)
from tests.scanner.policy.world import APPROVED, HASH, OTHER, film, finding, judged, row, still

FINAL, TEMP = Category.FINAL_PICTURE, Category.TEMP
ENGINE = Engine(load_rules())


def mark(key: str, name: str, value: str, **facts: str) -> Evidence:
    stated = {"name": name, "form": "text", "firmness": "firm", "box": "80,90,15,4", **facts}
    return Evidence(reader="visible", key=key, value=value, where="picture", facts=stated, id="e1")


def looked(seen: Examination, *evidence: Evidence) -> Examination:
    status = LookStatus.FOUND if evidence else LookStatus.NOTHING
    return replace(seen, evidence=evidence, looks=(Look(by="visible", version=1, status=status),))


def verdict(said: Evidence, category: Category = FINAL, policy: str = "default", **more: Any) -> Verdict:
    seen = looked(still("a.png", category), said)
    return judged(seen, *ENGINE.detect(seen.evidence).findings, policy=load_policy(policy), **more)


def rules_of(said: Verdict) -> set[str]:
    return {reason.rule for reason in said.reasons}


SORA = mark("generator-label", "Sora", "Sora")
STOCK = mark("stock-mark", "Shutterstock", "shutterstock")
SHOT = mark("placeholder", "shot name", "ABC_010_0020_v003")
LABEL = mark("legal-label", "AI-generated", "KI-generiert")


def test_a_generators_label_in_a_final_counts_as_a_marker_of_that_tool() -> None:
    (found,) = ENGINE.detect((SORA,)).findings
    assert (found.claim, found.strength, found.tool, found.vendor) == (
        Claim.GENERATED, Strength.VISIBLE, "Sora", "OpenAI",
    )  # fmt: skip
    assert verdict(SORA, policy="netflix-2025").outcome is Outcome.BLOCKER
    assert verdict(SORA).outcome is Outcome.BLOCKER
    assert verdict(SORA, TEMP).outcome is Outcome.FYI


def test_a_label_whose_words_were_seen_in_a_real_file_has_a_rule_that_states_so() -> None:
    seen = [entry.name for entry in load_lexicon().entries if entry.kind == "generator-label" and entry.known == "seen"]
    assert "Meta AI" in seen
    for name in seen:
        rules = (rule for rule in ENGINE.rules.rules if (of := rule.condition.facts.get("name")) and of.fullmatch(name))
        assert [rule.seen for rule in rules] == ["sample"], name


def test_an_approval_that_covers_a_marked_final_covers_its_label() -> None:
    approved = row(asset_glob="a.png", **APPROVED, approver_role="commissioner", tool="Sora", content_digest=HASH)
    assert verdict(SORA, rows=(approved,)).outcome is Outcome.PASS


def test_what_is_possible_or_on_a_screen_of_the_scene_is_no_more_than_possible() -> None:
    for facts in ({"firmness": "possible"}, {"embedded": "yes"}):
        (found,) = ENGINE.detect((replace(SORA, facts={**SORA.facts, **facts}),)).findings
        assert (found.claim, found.strength) == (Claim.POSSIBLE, Strength.HEURISTIC)


def test_a_mark_beside_metadata_of_the_same_generation_is_one_finding() -> None:
    settings = Evidence(
        reader="xmp", key="Iptc4xmpExt:DigitalSourceType", where="xmp", id="e2",
        value="http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia",
    )  # fmt: skip
    (found,) = ENGINE.detect((SORA, settings)).findings
    assert (found.tool, found.strength, set(found.evidence)) == ("Sora", Strength.STRUCTURED, {"e1", "e2"})


@pytest.mark.parametrize("policy", builtin_policies())
def test_every_policy_asks_for_the_licence_of_a_preview_and_for_the_finished_shot(policy: str) -> None:
    said = verdict(STOCK, policy=policy)
    assert said.outcome is Outcome.BLOCKER
    assert "clearance" in said.actions
    said = verdict(SHOT, policy=policy)
    assert (said.outcome, said.actions) == (Outcome.ISSUE, ("fix",))
    assert "laceholder" in said.reasons[0].text
    assert verdict(STOCK, TEMP, policy).outcome in (Outcome.PASS, Outcome.FYI)
    assert verdict(SHOT, TEMP, policy).outcome in (Outcome.PASS, Outcome.FYI)


def test_netflix_names_placeholder_text_as_its_quality_control_does() -> None:
    assert verdict(SHOT, policy="netflix-2025").reasons[0].text.startswith("Placeholder Text (Asset QC)")


def test_no_row_of_the_register_settles_a_preview_mark() -> None:
    approved = row(asset_glob="a.png", **APPROVED, licence_ref="L-1", approver_role="commissioner")
    assert "delivery.preview-mark-in-final" in rules_of(verdict(STOCK, rows=(approved,)))


def test_a_credit_that_may_be_a_preview_mark_is_for_information() -> None:
    said = verdict(mark("stock-mark", "Reuters", "REUTERS", firmness="possible"))
    assert (said.outcome, rules_of(said)) == (Outcome.FYI, {"delivery.possible-mark-in-final"})


def test_a_slate_before_a_programme_is_for_information() -> None:
    assert verdict(mark("placeholder", "programme slate", "TRT: 00:45:12:10")).outcome is Outcome.FYI


DISCLOSED = {
    "asset_glob": "master/EP101.mov", "disclosure_method": "label", "disclosure_text": "KI-generiert", **APPROVED,
    "approver_role": "commissioner", "licence_tier": "enterprise",
}  # fmt: skip


def label_at(first: int, after: int) -> Finding:
    return finding(Claim.GENERATED, Strength.VISIBLE, {"in_frame": first, "out_frame": after})


def test_a_label_that_the_register_states_and_that_is_not_read_is_an_issue() -> None:
    said = judged(looked(film()), rows=(row(**DISCLOSED),), policy=load_policy("default"))
    reason = next(it for it in said.reasons if it.rule == "delivery.label-missing")
    assert reason.outcome is Outcome.ISSUE
    assert "disclose" in said.actions
    assert "row AI-2 states “KI-generiert”" in reason.text


def test_a_label_that_is_read_is_not_missing() -> None:
    seen = looked(film(), LABEL)
    said = judged(seen, label_at(0, 100), rows=(row(**DISCLOSED),), policy=load_policy("default"))
    assert "delivery.label-missing" not in rules_of(said)


def test_a_label_elsewhere_than_the_register_states_is_missing() -> None:
    seen = looked(film(), LABEL)
    for place, is_missing in (
        ("00:00:02:00", False),
        ("00:00:40:00", True),
        ("00:00:04:20", False),
        ("00:00:02", False),
        ("00:00:40", True),
    ):
        placed = row(**DISCLOSED, disclosure_tc=place)
        said = judged(seen, label_at(24, 100), rows=(placed,), policy=load_policy("default"))
        assert ("delivery.label-missing" in rules_of(said)) is is_missing, place


@pytest.mark.parametrize(
    ("words", "height", "frames", "lack"),
    [
        ("AI生成", 6, 100, ""),
        ("AI生成", 3, 100, "its words are 3.0 % of the short side high"),
        ("AI生成", 6, 24, "it stands for 1.0 s"),
        ("KI-generiert", 3, 24, ""),
        ("AI로 생성됨", 3, 24, ""),
    ],
)
def test_a_label_in_chinese_that_is_too_small_or_too_short_is_an_issue(
    words: str, height: int, frames: int, lack: str
) -> None:
    label = mark("legal-label", "AI-generated", words, box=f"80,90,15,{height}")
    stated = row(**{**DISCLOSED, "disclosure_text": words})
    media = film().media
    assert media is not None
    shown = replace(film(), media=replace(media, width=1920, height=1080))
    said = judged(looked(shown, label), label_at(0, frames), rows=(stated,), policy=load_policy("default"))
    reasons = [it.text for it in said.reasons if it.rule == "delivery.label-slight"]
    assert [lack in text for text in reasons] == ([True] if lack else [])


def test_where_marks_were_not_looked_for_no_label_is_missing() -> None:
    for looks in ((), (Look(by="visible", version=1, status=LookStatus.NOT_DEFINED),)):
        seen = replace(film(), looks=looks)
        said = judged(seen, rows=(row(**DISCLOSED),), policy=load_policy("default"))
        assert not any(it.startswith("delivery.label") for it in rules_of(said))


def test_a_sign_without_words_is_for_a_person_to_look_for() -> None:
    sign = row(**{**DISCLOSED, "disclosure_text": "the EU icon"})
    said = judged(looked(film()), rows=(sign,), policy=load_policy("default"))
    assert "delivery.label-not-read" in rules_of(said)
    assert "delivery.label-missing" not in rules_of(said)


def test_a_row_that_was_rejected_or_names_another_file_states_no_label() -> None:
    for other in ({"status": "rejected"}, {"asset_glob": "master/EP102.mov"}, {"disclosure_method": "credit"}):
        said = judged(looked(film(digest=OTHER)), rows=(row(**{**DISCLOSED, **other}),), policy=load_policy("default"))
        assert "delivery.label-missing" not in rules_of(said), other
