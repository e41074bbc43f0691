"""Waivers: bound to a finding and its content, never to a place."""

from __future__ import annotations

from pathlib import Path

import pytest

from media.errors import ConfigError
from scanner.judge.policy import Reconciliation, Register, Waivers
from scanner.judge.policy.waivers import read_waivers
from scanner.match_ids import match_id
from scanner.model import Examination, Outcome, Problem, Record, Scan
from tests.scanner.policy.world import DAY, HASH, OTHER, altered, finding, judged, match, still

TABLE = {
    "finding": "a" * 16, "digest": f"xxh3-128:{HASH}", "disposition": "creative-intent",
    "name": "Q. Operator", "role": "QC",
    "reason": "meant so", "date": "2026-11-01",
}  # fmt: skip


def waivers(folder: Path, **changed: str) -> Waivers:
    lines = (f'{key} = "{value}"' for key, value in {**TABLE, **changed}.items() if value)
    (folder / "waivers.toml").write_text("[[waiver]]\n" + "\n".join(lines))
    return Waivers((read_waivers(folder / "waivers.toml"),))


def record(seen: Examination, given: Waivers) -> Record:
    return Record(examination=seen, findings=(finding(),), verdict=judged(seen, finding(), waivers=given))


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, Outcome.FYI),
        ({"disposition": "Best Possible"}, Outcome.FYI),
        ({"disposition": "false_positive"}, Outcome.FYI),
        ({"disposition": "accepted-risk"}, Outcome.FYI),
        ({"disposition": "fix"}, Outcome.BLOCKER),
        ({"digest": HASH}, Outcome.FYI),
        ({"digest": OTHER}, Outcome.BLOCKER),
        ({"finding": "A" * 16}, Outcome.FYI),
        ({"finding": "c" * 16}, Outcome.BLOCKER),
        ({"rule": "netflix.generated-in-final"}, Outcome.FYI),
        ({"rule": "netflix.another"}, Outcome.BLOCKER),
        ({"date": "2026-12-24"}, Outcome.BLOCKER),
        ({"finding": "netflix.generated-in-final"}, Outcome.BLOCKER),
        ({"expires": "2026-11-21"}, Outcome.BLOCKER),
        ({"expires": "2026-11-22"}, Outcome.FYI),
    ],
    ids=str,
)
def test_what_a_waiver_does(changed: dict[str, str], expected: Outcome, tmp_path: Path) -> None:
    verdict = judged(still(), finding(), waivers=waivers(tmp_path, **changed))
    assert verdict.outcome is expected
    assert len(verdict.reasons) == 1, "an accepted item is still listed"
    assert bool(verdict.actions) == (expected is Outcome.BLOCKER)


def test_of_two_waivers_the_one_that_accepts_counts_in_any_order(tmp_path: Path) -> None:
    lines = [f'{key} = "{value}"' for key, value in TABLE.items()]
    accepts = "[[waiver]]\n" + "\n".join(lines) + "\n"
    for text in (accepts, accepts.replace("creative-intent", "fix")):
        other = accepts if "fix" in text else accepts.replace("creative-intent", "fix")
        (tmp_path / "w.toml").write_text(text + other)
        assert judged(still(), finding(), waivers=Waivers((read_waivers(tmp_path / "w.toml"),))).outcome is Outcome.FYI


def test_a_waiver_of_a_finding_does_not_accept_what_another_rule_asks_of_it(tmp_path: Path) -> None:
    facts = {"quality": "scan", "licence": "L-1", "ai_terms": "prohibited"}
    found = match(alteration=altered(), facts=facts)
    plain = judged(still(), matches=(found,))
    assert [reason.rule for reason in plain.reasons] == [
        "netflix.altered-archival-as-fact",
        "netflix.altered-although-prohibited",
    ]
    given = waivers(tmp_path, finding=match_id(found))
    waived = judged(still(), matches=(found,), waivers=given)
    assert waived.outcome is Outcome.BLOCKER
    assert [(bool(it.waiver), it.outcome) for it in waived.reasons] == [(False, Outcome.BLOCKER), (True, Outcome.FYI)]
    both = Waivers((*given.files, *waivers(tmp_path, finding=match_id(found), rule=plain.reasons[1].rule).files))
    assert judged(still(), matches=(found,), waivers=both).outcome is Outcome.FYI


def test_a_digest_that_no_scan_computes_is_a_fault(tmp_path: Path) -> None:
    (file,) = waivers(tmp_path, digest="sha256:" + "ab" * 32).files
    assert not file.waivers
    assert "copy the one that reports print" in str(file.faults[0])


def test_it_outlives_a_renamed_file_and_dies_with_a_changed_one(tmp_path: Path) -> None:
    given = waivers(tmp_path)
    assert judged(still("other/name.png"), finding(), waivers=given).outcome is Outcome.FYI
    changed = record(still(digest=OTHER), given)
    assert changed.verdict.outcome is Outcome.BLOCKER
    both = Reconciliation(Register(), given, DAY)
    both.add(changed)
    assert both.sentences() == (
        f"waivers.toml, waiver 1 of {'a' * 16}: the waiver is stale: the content has changed since",
    )


def test_what_was_not_inspected_can_be_signed_for_and_still_does_not_pass(tmp_path: Path) -> None:
    seen = still()
    broken = Examination(
        asset=seen.asset, digest=seen.digest, problems=(Problem(code="malformed", stage="s", by="b", message="m"),)
    )
    given = waivers(tmp_path, finding="delivery.not-inspected-in-final", disposition="accepted-risk")
    verdict = judged(broken, waivers=given)
    assert (verdict.outcome, verdict.scan) == (Outcome.FYI, Scan.INCOMPLETE)
    assert verdict.reasons[0].waiver == "accepted risk: meant so – Q. Operator (QC), 2026-11-01"


@pytest.mark.parametrize("missing", ["finding", "digest", "disposition", "name", "reason", "date"])
def test_a_waiver_without_a_name_or_a_reason_does_not_hold(missing: str, tmp_path: Path) -> None:
    given = waivers(tmp_path, **{missing: ""})
    assert not given.all
    assert f"waivers.toml, row 1, {missing}" in str(given.files[0].faults[0])


def test_csv_says_the_same(tmp_path: Path) -> None:
    head = {"finding": "finding_fingerprint", "digest": "content_sha256"}
    text = ";".join(head.get(key, key) for key in TABLE) + "\n" + ";".join(TABLE.values()) + "\n"
    (tmp_path / "w.csv").write_text(text)
    (waiver,) = read_waivers(tmp_path / "w.csv").waivers
    assert (waiver.finding, waiver.name) == ("a" * 16, "Q. Operator")


@pytest.mark.parametrize(
    ("name", "text"), [("w.toml", "= ["), ("w.toml", "waiver = 1"), ("w.toml", "[x]"), ("w.csv", "a,b\n1,2\n")]
)
def test_what_is_no_list_of_waivers_is_refused(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(ConfigError, match=name):
        read_waivers(tmp_path / name)
