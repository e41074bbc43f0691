"""A tool that can use AI and does not state whether it did: an fyi in every policy, and silent where more is known."""

from __future__ import annotations

import pytest

from scanner.judge.policy import builtin_policies, load_policy
from scanner.judge.policy.judge import judge
from scanner.judge.rules import Engine, load_rules
from scanner.model import Asset, Category, Claim, Evidence, Examination, Finding, Kind, Outcome

ENGINE = Engine(load_rules())


def stated(*pairs: tuple[str, str]) -> tuple[Evidence, ...]:
    homes = ((home.partition(":"), value) for home, value in pairs)
    return tuple(
        Evidence(reader=reader, key=key, value=value, where="x", id=f"e{number}")
        for number, ((reader, _, key), value) in enumerate(homes, 1)
    )


def found(*pairs: tuple[str, str]) -> tuple[Finding, ...]:
    return ENGINE.detect(stated(*pairs)).findings


@pytest.mark.parametrize(
    "name", ["Topaz Photo AI 3.1.2", "Gigapixel AI", "Luminar Neo 1.20", "Lensa", "Remini", "ON1", "Leonardo.Ai"]
)
def test_it_is_neither_possible_nor_nothing(name: str) -> None:
    (finding,) = found(("exif:Software", name))
    assert finding.claim is Claim.CAPABLE


@pytest.mark.parametrize("policy", builtin_policies())
@pytest.mark.parametrize("category", [Category.FINAL_PICTURE, Category.ARTWORK, Category.ARCHIVAL])
def test_it_is_an_fyi_in_every_policy(policy: str, category: Category) -> None:
    evidence = stated(("exif:Software", "Luminar Neo 1.20"))
    asset = Asset(
        path="a.jpg",
        root="r",
        location="/r",
        kind=Kind.IMAGE,
        media_type="image/jpeg",
        size=1,
        mtime_ns=0,
        category=category,
    )
    examination = Examination(asset=asset, evidence=evidence)
    verdict = judge(examination, ENGINE.detect(evidence).findings, load_policy(policy))
    told = [reason for reason in verdict.reasons if reason.rule == "delivery.able-to-use-ai"]
    assert [reason.outcome for reason in told] == [Outcome.FYI]


@pytest.mark.parametrize(
    ("home", "value", "claim"),
    [
        (
            "png-text:parameters",
            "x\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Version: v1.10.1",
            Claim.GENERATED,
        ),
        ("isobmff:videoai", "Enhanced using prob-4; mode: auto", Claim.ENHANCED),
    ],
)
def test_where_more_is_known_it_adds_its_evidence(home: str, value: str, claim: Claim) -> None:
    (finding,) = found((home, value), ("exif:Software", "Topaz Photo AI"))
    assert (finding.claim, finding.evidence) == (claim, ("e1", "e2"))


def test_a_name_of_a_download_stands_beside_it() -> None:
    both = found(("name:file", "Lucid_Origin_A_dynamic_photo_in_the_style_0.jpg"), ("exif:Software", "Luminar Neo"))
    assert [finding.claim for finding in both] == [Claim.POSSIBLE, Claim.CAPABLE]
