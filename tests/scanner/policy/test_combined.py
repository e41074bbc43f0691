"""Several policies together, the neutral one where nobody chose, and texts that are old."""

from __future__ import annotations

import json
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from fixtures import marks
from media.errors import ConfigError
from scanner.config import read_environment, read_file
from scanner.judge.policy import NEUTRAL, builtin_policies, judge_by_all, load_policies, load_policy
from scanner.judge.policy.load import load_policy as load
from scanner.model import Action, Category, Claim, Outcome
from tests.e2e.conftest import Call, call  # noqa: F401 - a fixture
from tests.e2e.demo import records_of
from tests.scanner.policy.test_policy_files import HEAD, saved
from tests.scanner.policy.world import film, finding, match, still

BOTH = ("netflix-2025", "apa-documentary")


def test_the_stricter_outcome_holds_and_every_reason_says_who_asks() -> None:
    seen, found = still(), finding(Claim.EDITED)
    alone = {name: judge_by_all(seen, [found], load_policies([name])) for name in BOTH}
    together = judge_by_all(seen, [found], load_policies(BOTH))
    assert [verdict.outcome for verdict in alone.values()] == [Outcome.ISSUE, Outcome.BLOCKER]
    assert together.outcome is Outcome.BLOCKER
    assert {reason.rule: reason.asked_by for reason in together.reasons} == {
        "apa.generated": ("apa-documentary",), "netflix.edited-in-final": ("netflix-2025",),
    }  # fmt: skip
    assert set(together.actions) == {Action.DISCLOSE, Action.WRITTEN_APPROVAL}
    assert all(not reason.asked_by for verdict in alone.values() for reason in verdict.reasons)


def test_what_both_ask_in_the_same_words_is_said_once() -> None:
    shown = match("copyrighted", facts={"quality": "watermarked"})
    verdict = judge_by_all(film(), [], load_policies(BOTH), matches=[shown])
    (both,) = (one for one in verdict.reasons if one.rule == "delivery.unlicensed-preview-in-final")
    assert both.asked_by == BOTH


def test_another_policy_never_makes_a_verdict_milder() -> None:
    names = builtin_policies()
    pairs = [(load_policy(one), load_policy(other), load_policies((one, other))) for one, other in pairwise(names)]
    for claim in (Claim.GENERATED, Claim.EDITED, Claim.ENHANCED, Claim.POSSIBLE):
        for category in Category:
            seen, found = still(category=category), finding(claim)
            for policies in pairs:
                one, other, both = (judge_by_all(seen, [found], policy).outcome for policy in policies)
                assert both is max(one, other, key=lambda outcome: outcome.rank)


def test_one_policy_named_twice_is_one() -> None:
    assert load_policies(["delivery", "delivery"]).name == "delivery"
    assert load_policies(BOTH).name == "netflix-2025 + apa-documentary"
    assert load_policies(BOTH).digest != load_policies(BOTH[::-1]).digest


def test_nobody_named_a_commissioner() -> None:
    neutral = load_policies(())
    assert neutral.name == NEUTRAL
    for claim in (Claim.GENERATED, Claim.EDITED, Claim.CONTAINS):
        verdict = judge_by_all(film(), [finding(claim)], neutral)
        assert verdict.outcome is Outcome.BLOCKER
        assert "your commissioner" in verdict.reasons[0].remedy
    assert judge_by_all(still(category=Category.ARCHIVAL), [finding(Claim.ENHANCED)], neutral).outcome is Outcome.ISSUE
    assert judge_by_all(still(category=Category.TEMP), [finding()], neutral).outcome is Outcome.FYI
    words = " ".join(f"{rule.text} {rule.uncovered} {rule.remedy} {rule.source}" for rule in neutral.rules)
    assert "Netflix" not in words


def test_the_template_asks_what_the_neutral_policy_asks() -> None:
    assert load_policy("house").rules[0].inherited
    assert {rule.id for rule in load_policy("house").rules} == {rule.id for rule in load_policy(NEUTRAL).rules}


def test_a_text_is_old_after_twelve_months(tmp_path: Path) -> None:
    policy = load(saved(tmp_path, HEAD + 'dated = 2025-11-11\nread = 2026-11-29\nextends = "delivery"\n'))
    assert (policy.dated, policy.read) == (date(2025, 11, 11), date(2026, 11, 29))
    assert not policy.is_old(date(2026, 11, 11))
    assert policy.is_old(date(2026, 11, 13))
    assert not load_policy(NEUTRAL).is_old(date(2036, 1, 1))
    with pytest.raises(ConfigError, match="without quotation marks"):
        load(saved(tmp_path, HEAD + 'dated = "2025-11-11"\nextends = "delivery"\n'))


@pytest.mark.parametrize("name", sorted({*builtin_policies()} - {"default", "delivery", "house"}))
def test_a_policy_of_somebody_else_names_its_source_and_when_it_was_read(name: str) -> None:
    policy = load_policy(name)
    assert policy.read
    assert policy.read >= date(2026, 11, 29)
    assert policy.dated is None or policy.dated <= policy.read
    assert all(rule.source for rule in policy.rules if not rule.inherited)


def test_settings_name_one_policy_or_several(tmp_path: Path) -> None:
    file = tmp_path / "provscan.toml"
    file.write_text('policy = "netflix-2025"')
    assert read_file(file) == {"policy": ("netflix-2025",)}
    file.write_text('policy = ["netflix-2025", "house.toml"]')
    assert read_file(file) == {"policy": ("netflix-2025", str(tmp_path / "house.toml"))}
    assert read_environment({"PROVSCAN_POLICY": "house"}) == {"policy": ("house",)}
    file.write_text("policy = 1")
    with pytest.raises(ConfigError):
        read_file(file)


def test_a_scan_says_by_which_policies_it_judges_and_judge_takes_them_over(call: Call, tmp_path: Path) -> None:  # noqa: F811
    folder, out, again = tmp_path / "EP101/Artwork", tmp_path / "out", tmp_path / "again"
    folder.mkdir(parents=True)
    mark = PngInfo()
    mark.add_text("parameters", marks.a1111())
    Image.new("RGB", (64, 64), "teal").save(folder / "poster.png", pnginfo=mark)
    chosen = ("--policy", "netflix-2025", "--policy", "apa-documentary", "--delivery-date", "2026-11-22")
    done = call("scan", tmp_path / "EP101", "--out", out, "--matching", "off", *chosen)
    assert done.code == 1
    said = " ".join(done.out.split())
    assert said.startswith("Judged by policy netflix-2025 + apa-documentary: Netflix")
    assert "The text of policy netflix-2025 is dated 2025-11-11, more than twelve months ago" in said
    assert "asked by apa-documentary" in said
    assert call("judge", out / "records.jsonl", "--out", again, "--delivery-date", "2026-11-22").code == 1
    first, second = (json.loads((place / "summary.json").read_text()) for place in (out, again))
    assert first["policy"] == second["policy"]
    assert [one["name"] for one in second["policies"]] == ["netflix-2025", "apa-documentary"]
    assert records_of(out) == records_of(again)

    unnamed = call("scan", tmp_path / "EP101", "--out", tmp_path / "unnamed", "--matching", "off")
    assert "(no policy was given: choose your commissioner's with --policy" in " ".join(unnamed.out.split()[:40])
    assert json.loads((tmp_path / "unnamed/summary.json").read_text())["policy"]["chosen"] == "no"
