"""What a row is bound to: elements of the delivery wherever they appear, paths of other machines, one programme."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scanner.examinations import HeldExaminations
from scanner.judge.conclude import Judgement, conclude
from scanner.judge.policy import Setting, judge
from scanner.judge.rules import Engine, load_rules
from scanner.model import Category, Claim, Digest, Examination, Outcome, Place, Record
from tests.scanner.policy.world import (
    APPROVED,
    DAY,
    HASH,
    NETFLIX,
    OTHER,
    altered,
    film,
    finding,
    judged,
    match,
    outcome,
    register,
    row,
    still,
)  # fmt: skip

ELEMENT = match("ai-made", "embedded", reference="EP101/VFX/sky.png", facts={"claim": "generated", "digest": HASH})
BY_PATH = {"asset_glob": "VFX/sky.png", "category": "vfx-element", **APPROVED}


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (BY_PATH, Outcome.PASS),
        ({**BY_PATH, "asset_glob": "EP101/VFX/sky.png"}, Outcome.PASS),
        ({**BY_PATH, "content_digest": HASH}, Outcome.PASS),
        ({"content_digest": HASH, **APPROVED}, Outcome.PASS),
        ({**BY_PATH, "content_digest": "e" * 32}, Outcome.BLOCKER),
        ({**BY_PATH, "asset_glob": "VFX/land.png"}, Outcome.BLOCKER),
        ({**BY_PATH, "asset_glob": "VFX/*.png"}, Outcome.BLOCKER),
        ({**BY_PATH, "scope_temp_or_final": "temp"}, Outcome.BLOCKER),
        ({**BY_PATH, "generated_or_altered": "enhanced"}, Outcome.BLOCKER),
        ({"asset_glob": "VFX/sky.png", "status": "informed"}, Outcome.ISSUE),
    ],
    ids=str,
)  # fmt: skip
def test_a_row_that_names_an_element_covers_it_in_the_masters(cells: dict[str, str], expected: Outcome) -> None:
    assert outcome(film(), matches=(ELEMENT,), rows=(row(**cells),)) is expected


def test_a_row_that_names_no_finding_approves_only_where_there_is_one() -> None:
    one, two = finding(), finding(Claim.EDITED, name="b" * 16)
    loose = row(content_digest=HASH, **APPROVED)
    assert outcome(still(), one, rows=(loose,)) is Outcome.PASS
    verdict = judged(still(), one, two, rows=(loose,))
    assert verdict.outcome is Outcome.ISSUE, "it informs"
    assert f"names none of several findings ({'a' * 16}, {'b' * 16})" in verdict.reasons[0].text
    exact = row(3, content_digest=HASH, finding_id="b" * 16, **{**APPROVED, "generated_or_altered": "edited"})
    assert outcome(still(), one, two, rows=(loose, exact)) is Outcome.PASS, "one is left that no row names"


def test_one_reference_at_several_places_is_one_thing() -> None:
    shots = tuple(replace(ELEMENT, at=Place(labels=(f"00:00:0{n}:00", f"00:00:0{n}:12"))) for n in (1, 3, 5))
    assert outcome(film(), matches=shots, rows=(row(content_digest=OTHER, **APPROVED),)) is Outcome.PASS


def concluded(*seen: Examination, rows: tuple) -> list[Record]:
    judgement = Judgement(
        Engine(load_rules()), NETFLIX, register=register(*rows), setting=Setting(genre="fiction", day=DAY)
    )
    return list(conclude(HeldExaminations(seen), judgement))


def outcomes(*seen: Examination, rows: tuple) -> list[Outcome]:
    return [record.verdict.outcome for record in concluded(*seen, rows=rows)]


def test_a_path_of_another_machine_binds_by_its_tail_where_that_is_one_file() -> None:
    path = r"D:\Shows\EP101\art\poster.png"
    draft = row(asset_glob=path, status="draft")
    assert outcomes(still(), rows=(draft,)) == [Outcome.ISSUE]
    other = still("poster.png", digest=OTHER)
    elsewhere = replace(other, asset=replace(other.asset, root="EP102"))
    assert outcomes(still(), elsewhere, rows=(draft,)) == [Outcome.PASS, Outcome.PASS], "two files have this tail"
    assert outcomes(still("art/key.png"), rows=(draft,)) == [Outcome.PASS]


def test_a_shot_map_without_an_episode_speaks_of_the_one_programme() -> None:
    shot = row(tc_in="00:00:01:00", tc_out="00:00:03:00", status="draft")
    assert outcomes(film(), still(), rows=(shot,)) == [Outcome.ISSUE, Outcome.PASS]
    two = film("master/EP101_second.mov", digest="c" * 32)
    assert outcomes(film(), two, rows=(shot,)) == [Outcome.PASS, Outcome.PASS]
    trailer = film("promo/trailer.mov", category=Category.PROMO, digest="c" * 32)
    assert outcomes(film(), trailer, rows=(shot,)) == [Outcome.ISSUE, Outcome.PASS]


def test_an_approval_is_of_what_was_seen_at_its_place() -> None:
    at = {"in": "00:00:01:00", "out": "00:00:10:00"}
    cells = {"asset_glob": "EP101.mov", "tc_in": at["in"], "tc_out": at["out"], **APPROVED}
    seen = finding(at=at)
    assert outcome(film(), seen, rows=(row(**cells, finding_id="a" * 16),)) is Outcome.PASS
    later = finding(at=at, name="c" * 16)
    assert outcome(film(), later, rows=(row(**cells, finding_id="a" * 16),)) is Outcome.BLOCKER, (
        "another one is there now"
    )


@pytest.mark.parametrize(
    ("approvers", "cells", "expected"),
    [
        (("Netflix",), {"approved_by": "J. Doe, Netflix"}, Outcome.PASS),
        (("Netflix",), {"approver_role": "legal"}, Outcome.ISSUE),
        (("@example.com",), {"approved_by": "jd@example.com"}, Outcome.PASS),
        (("@example.com",), {"approved_by": "jd@notexample.com"}, Outcome.ISSUE),
        (("head of drama",), {"approver_role": "Head of Drama"}, Outcome.PASS),
        ((), {"approver_role": "Head of Drama"}, Outcome.FYI),
        ((), {"approver_role": "line producer"}, Outcome.ISSUE),
    ],
)
def test_a_setting_names_who_may_approve(approvers: tuple[str, ...], cells: dict[str, str], expected: Outcome) -> None:
    rows = replace(register(row(content_digest=HASH, **{**APPROVED, **cells})), approvers=approvers)
    setting = Setting(genre="fiction", day=DAY)
    assert judge(still(), (finding(),), NETFLIX, register=rows, setting=setting).outcome is expected


def test_colours_alone_are_an_enhancement_and_content_is_an_edit() -> None:
    cells = {"phash_or_ref_id": "FAM-014", "disclosure_method": "card", "use_case": "restoration", **APPROVED}
    enhanced = row(**{**cells, "generated_or_altered": "enhanced"})
    facts = {"quality": "scan", "licence": "L-1"}
    for relation, expected in (("recoloured", Outcome.PASS), ("altered", Outcome.BLOCKER)):
        found = match("archival", relation, alteration=altered(33.0), facts=facts)
        assert outcome(still(), matches=(found,), rows=(enhanced,)) is expected


def test_a_digest_is_none_of_a_file_that_has_none() -> None:
    seen = replace(still(), digest=Digest(algorithm="xxh3-128", value=OTHER))
    assert outcome(seen, finding(), rows=(row(content_digest=HASH, **APPROVED),)) is Outcome.BLOCKER
