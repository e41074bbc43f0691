"""Recognised references under the policies: R6 to R13, with matches made by hand."""

from __future__ import annotations

import pytest

from scanner.model import Category, Claim, Outcome
from tests.scanner.policy.world import APA, NETFLIX, altered, film, finding, judged, match, outcome, row, still

LAPSED = {"licence": "L-1", "valid_until": "2026-01-01"}
SEEN = {"quality": "watermarked", "watermark": "seen"}
COMP = {"quality": "watermarked"}
SCAN, PREVIEW = {"quality": "scan", "licence": "L-1"}, {"quality": "preview", "licence": "L-1"}
ENHANCED, GENERATED = finding(Claim.ENHANCED), finding(Claim.GENERATED, name="b" * 16)

UNCERTAIN = {**altered(4.1), "grade": "uncertain"}
KEPT = {**altered(0.0), "grade": "not altered"}
CERTAIN = {**altered(0.7), "grade": "altered"}


@pytest.mark.parametrize(
    ("found", "beside", "genre", "netflix", "apa"),
    [
        (match("temp"), (), "fiction", Outcome.BLOCKER, Outcome.BLOCKER),
        (match("ai-made", "segment"), (), "fiction", Outcome.BLOCKER, Outcome.BLOCKER),
        (match("temp", "segment", alteration=UNCERTAIN), (), "fiction", Outcome.ISSUE, Outcome.ISSUE),
        (match("archival", "segment", alteration=UNCERTAIN), (), "fiction", Outcome.ISSUE, Outcome.ISSUE),
        (match("talent", "segment", alteration=UNCERTAIN), (), "fiction", Outcome.PASS, Outcome.PASS),
        (match("copyrighted"), (), "fiction", Outcome.ISSUE, Outcome.ISSUE),
        (match("copyrighted", facts={"licence": "L-1"}), (), "fiction", Outcome.PASS, Outcome.PASS),
        (match("copyrighted", facts=LAPSED), (), "fiction", Outcome.ISSUE, Outcome.ISSUE),
        (match("copyrighted", facts={"licence": "Quoted"}), (), "fiction", Outcome.ISSUE, Outcome.ISSUE),
        (match("copyrighted", facts=COMP), (), "fiction", Outcome.BLOCKER, Outcome.BLOCKER),
        (match("archival", facts={**COMP, "licence": "not-licensed"}), (), "fiction", Outcome.BLOCKER, Outcome.BLOCKER),
        (match("copyrighted", facts={**COMP, "licence": "L-1"}), (), "fiction", Outcome.ISSUE, Outcome.ISSUE),
        (match("talent"), (), "fiction", Outcome.PASS, Outcome.PASS),
        (match("archival", alteration=altered(1.0), facts=SCAN), (), "documentary", Outcome.PASS, Outcome.PASS),
        (match("archival", alteration=altered(4.1), facts=SCAN), (), "documentary", Outcome.BLOCKER, Outcome.BLOCKER),
        (match("archival", alteration=altered(4.1), facts=SCAN), (), "", Outcome.BLOCKER, Outcome.BLOCKER),
        (match("archival", alteration=altered(4.1), facts=SCAN), (), "fiction", Outcome.FYI, Outcome.BLOCKER),
        (match("archival", alteration=altered(14.0), facts=PREVIEW), (), "documentary", Outcome.ISSUE, Outcome.ISSUE),
        (match("archival", alteration={"judged": False}, facts=PREVIEW), (), "documentary", Outcome.ISSUE, Outcome.ISSUE),
        (match("archival", "near", alteration=UNCERTAIN, facts=SCAN), (), "documentary", Outcome.ISSUE, Outcome.ISSUE),
        (match("archival", "near", alteration=UNCERTAIN, facts=SCAN), (), "fiction", Outcome.PASS, Outcome.ISSUE),
        (match("archival", "near", alteration=KEPT, facts=SCAN), (), "documentary", Outcome.PASS, Outcome.PASS),
        (match("archival", alteration=CERTAIN, facts=SCAN), (), "documentary", Outcome.BLOCKER, Outcome.BLOCKER),
        (match("archival", facts=SEEN), (), "fiction", Outcome.BLOCKER, Outcome.BLOCKER),
        (match("archival", "exact", facts={"quality": "watermarked"}), (), "fiction", Outcome.BLOCKER, Outcome.BLOCKER),
        (match("archival", facts={"ai_terms": "prohibited"}), (ENHANCED,), "fiction", Outcome.BLOCKER, Outcome.BLOCKER),
        (match("archival", facts={"ai_terms": "Allowed", **SCAN}), (ENHANCED,), "fiction", Outcome.FYI, Outcome.ISSUE),
    ],
)  # fmt: skip
def test_what_a_match_means(found, beside, genre: str, netflix: Outcome, apa: Outcome) -> None:
    assert outcome(film(), *beside, matches=(found,), genre=genre) is netflix
    assert outcome(film(), *beside, matches=(found,), genre=genre, policy=APA) is apa


@pytest.mark.parametrize("policy", [NETFLIX, APA], ids=["netflix", "apa"])
def test_a_performer_in_ai_made_material_needs_consent(policy) -> None:
    verdict = judged(film(), GENERATED, matches=(match("talent"),), policy=policy)
    assert verdict.outcome is Outcome.BLOCKER
    assert any("consent" in reason.remedy for reason in verdict.reasons)


def test_a_reason_about_an_alteration_never_claims_ai() -> None:
    found = match(alteration=altered(31, (0, 0, 40, 40), (60, 60, 10, 10)), facts={**SCAN, "title": "the party"})
    (reason,) = judged(film(), matches=(found,)).reasons
    assert "matches FAM-014, the party; 31 % of the picture differs in 2 regions" in reason.text
    assert "does not show that AI was used" in reason.text


def test_archival_material_without_a_source_is_stopped_without_any_forensic_claim() -> None:
    seen = still("archival/party.jpg", Category.ARCHIVAL)
    verdict = judged(seen, policy=APA)
    assert [reason.rule for reason in verdict.reasons] == ["apa.unsourced-archival"]
    assert outcome(seen, policy=APA, matches=(match(alteration=altered(0.1), facts=SCAN),)) is Outcome.PASS
    sourced = row(content_digest="0123456789abcdef" * 2, source_material_ids="FAM-014", custody_note="scan of a print",
                  status="approved", approved_by="N. Approver", date_approved="2026-02-01", approval_ref="d",
                  scope_temp_or_final="final")  # fmt: skip
    assert outcome(seen, policy=APA, rows=(sourced,)) is Outcome.PASS
    assert outcome(seen, finding(), policy=APA) is Outcome.BLOCKER
