"""What rows cover together, frame by frame and region by region, against an account that counts every frame."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.config import Config
from scanner.judge.loading import judgement_of
from scanner.model import Category, Claim, Frames, MediaFacts, Outcome
from tests.scanner.policy.world import (
    APPROVED,
    HASH,
    OTHER,
    altered,
    film,
    finding,
    judged,
    match,
    outcome,
    row,
    still,
)

SECONDS, BOXES = 6, ((0.0, 0.0, 30.0, 30.0), (60.0, 60.0, 40.0, 40.0))
WIDE = {"0,0,50,50": (0,), "50,50,50,50": (1,), "0,0,50,50; 50,50,50,50": (0, 1), "": (0, 1)}
"""Of a row's boxes, which regions of the hit they hold."""
SHOT = match(
    alteration=altered(20, *BOXES),
    facts={"quality": "scan"},
    at={"in": "01:00:00:00", "out": f"01:00:0{SECONDS}:00", "in_frame": 0, "out_frame": SECONDS * 24, "rate": "24/1"},
)
TOLD = {
    "disclosure_method": "card",
    "use_case": "other",
    "asset_glob": "master/EP101.mov",
    "generated_or_altered": "edited",
}
FILM = film(start="01:00:00:00")
rows_ = st.lists(
    st.tuples(st.integers(0, SECONDS), st.integers(0, SECONDS), st.sampled_from(list(WIDE)), st.booleans()), max_size=5
)


@given(rows_)
def test_rows_cover_a_hit_only_where_each_region_is_covered_at_every_moment(given_rows) -> None:
    rows = [
        row(
            number,
            **{**APPROVED, **TOLD, "region": boxes, "status": "approved" if approved else "draft"},
            tc_in=f"01:00:0{first}:00",
            tc_out=f"01:00:0{after}:00",
        )
        for number, (first, after, boxes, approved) in enumerate(given_rows, 2)
    ]
    held = all(
        any(first <= second < after and region in WIDE[boxes] for first, after, boxes, ok in given_rows if ok)
        for second in range(SECONDS)
        for region in (0, 1)
    )
    said = judged(FILM, matches=(SHOT,), rows=rows, genre="documentary")
    assert (said.outcome is Outcome.PASS) == held


AT = {"in": "23:59:50:00", "out": "00:00:10:00", "in_frame": 0, "out_frame": 480, "rate": "24/1"}


@pytest.mark.parametrize(
    ("into", "out", "passes"),
    [
        ("23:59:50:00", "00:00:10:00", True),
        ("23:59:50:00", "00:00:09:23", False),
        ("00:00:00:00", "00:00:10:00", False),
        ("23:59:50:00", "23:59:50:01", False),
        ("0", "479", True),
        ("0", "478", False),
    ],
)
def test_a_programme_over_midnight_is_covered_by_its_labels_and_by_its_frames(
    into: str, out: str, passes: bool
) -> None:
    given_row = row(2, asset_glob="master/EP101.mov", finding_id="a" * 16, tc_in=into, tc_out=out, **APPROVED)
    said = outcome(film(start="23:59:50:00"), finding(at=AT), rows=[given_row])
    assert (said is Outcome.PASS) == passes


SEQUENCE = dataclasses.replace(
    still("vfx/a.%04d.dpx", frames=Frames(ranges=((1001, 1048),))),
    media=MediaFacts(rate="24/1", timecode="01:00:00:00"),
)


@pytest.mark.parametrize(
    ("into", "out", "expected"),
    [
        ("1001", "1048", Outcome.PASS),
        ("01:00:00:00", "01:00:02:00", Outcome.PASS),
        ("01:00:00:00", "01:00:01:00", Outcome.BLOCKER),
        ("00:00:00:00", "00:00:02:00", Outcome.BLOCKER),
    ],
)
def test_a_sequence_is_covered_by_its_numbers_or_its_labels(into: str, out: str, expected: Outcome) -> None:
    rows = [row(2, asset_glob="vfx/a.%04d.dpx", finding_id="a" * 16, tc_in=into, tc_out=out, **APPROVED)]
    assert outcome(SEQUENCE, finding(), rows=rows) is expected


def test_a_sequence_without_a_rate_has_no_labels_and_the_row_is_told_so() -> None:
    seen = dataclasses.replace(SEQUENCE, media=None)
    rows = [row(2, asset_glob="vfx/a.%04d.dpx", tc_in="00:00:00:00", tc_out="00:00:02:00", **APPROVED)]
    verdict = judged(seen, finding(), rows=rows)
    assert verdict.outcome is Outcome.BLOCKER
    assert "row AI-2 names 00:00:00:00, and these files have no frame rate" in verdict.reasons[0].text


@pytest.mark.parametrize(
    ("into", "out", "says"),
    [
        (
            "01:00:59;28",
            "01:01:00;00",
            "names 01:01:00;00, which does not exist at this file's frame rate (29.97, drop-frame)",
        ),
        ("01:00:00;00", "01:00:00;30", "names 01:00:00;30, which does not exist"),
        ("01:00:05;00", "01:00:01;00", "ends at 01:00:01;00, which is not after 01:00:05;00"),
        ("25:00:00;00", "25:00:01;00", "names 25:00:00;00, which does not exist"),
    ],
)
def test_a_timecode_that_is_none_is_told_and_covers_nothing(into: str, out: str, says: str) -> None:
    seen = film(rate="30000/1001", start="01:00:00;00", seconds=120)
    verdict = judged(seen, finding(), rows=[row(2, asset_glob="master/EP101.mov", tc_in=into, tc_out=out, **APPROVED)])
    assert verdict.outcome is Outcome.BLOCKER
    assert says in verdict.reasons[0].text


def test_a_drop_frame_label_of_a_file_that_counts_without_is_not_converted() -> None:
    seen = film(rate="30000/1001", start="01:00:00:00", seconds=120)
    rows = [row(2, asset_glob="master/EP101.mov", tc_in="01:00:00;00", tc_out="01:02:00;04", **APPROVED)]
    verdict = judged(seen, finding(), rows=rows)
    assert verdict.outcome is Outcome.BLOCKER
    assert "without drop-frame" in verdict.reasons[0].text


TWO = (match(reference="FAM-014", alteration=altered(), facts={"quality": "scan"}),
       match(reference="FAM-099", alteration=altered(), facts={"quality": "scan"}))  # fmt: skip


def test_a_row_of_one_reference_says_nothing_of_another_in_the_same_content() -> None:
    rows = [row(2, content_digest=HASH, phash_or_ref_id="FAM-014", **{**APPROVED, **TOLD, "asset_glob": ""})]
    assert judged(still(), matches=TWO[:1], rows=rows, genre="documentary").outcome is Outcome.PASS
    assert judged(still(), matches=TWO, rows=rows, genre="documentary").outcome is Outcome.BLOCKER


def test_a_row_of_one_finding_says_nothing_of_another_in_the_same_content() -> None:
    one, two = finding(name="a" * 16), finding(Claim.EDITED, name="b" * 16)
    rows = [row(2, content_digest=HASH, finding_id="A" * 16, **APPROVED)]
    assert outcome(still(), one, rows=rows) is Outcome.PASS
    assert outcome(still(), one, two, rows=rows) is Outcome.ISSUE


@pytest.mark.parametrize(
    ("no", "expected"),
    [
        ({"content_digest": HASH}, Outcome.BLOCKER),
        ({"finding_id": "a" * 16, "asset_glob": ""}, Outcome.BLOCKER),
        ({"content_digest": "e" * 32, "asset_glob": "art/poster.png"}, Outcome.PASS),
        ({"content_digest": HASH, "date_approved": "2026-05-01"}, Outcome.PASS),
        ({"content_digest": HASH, "generated_or_altered": "enhanced"}, Outcome.BLOCKER),
    ],
    ids=["this content", "this finding", "other content", "before the approval", "declares less"],
)
def test_a_rejection_takes_back_what_it_speaks_of(no: dict[str, str], expected: Outcome) -> None:
    rows = [
        row(2, content_digest=HASH, **APPROVED),
        row(3, **{**APPROVED, "date_approved": "2026-07-01", **no, "status": "rejected"}),
    ]
    assert outcome(still(), finding(), rows=rows) is expected


def test_an_approval_that_names_the_finding_alone_only_informs() -> None:
    rows = [row(2, finding_id="a" * 16, **{**APPROVED, "asset_glob": ""})]
    assert outcome(still(), finding(), rows=rows) is Outcome.ISSUE


def test_a_rejection_of_one_second_takes_back_that_second() -> None:
    where = {"asset_glob": "master/EP101.mov"}
    rows = [
        row(2, **where, finding_id="a" * 16, tc_in="00:00:00:00", tc_out="00:00:20:00", **APPROVED),
        row(3, **where, tc_in="00:00:19:00", tc_out="00:00:20:00", **{**APPROVED, "status": "rejected"}),
    ]
    whole = finding(at={"in": "00:00:00:00", "out": "00:00:20:00"})
    verdict = judged(film(), whole, rows=rows)
    assert verdict.outcome is Outcome.BLOCKER, "what was refused is as if nobody had been asked"
    assert "not covered: 00:00:19:00–00:00:20:00" in verdict.reasons[0].text
    before = judged(film(), finding(at={"in": "00:00:00:00", "out": "00:00:19:00"}), rows=rows).reasons
    assert [(it.rule, it.outcome) for it in before] == [
        ("delivery.declared-although-rejected", Outcome.BLOCKER),
        ("netflix.generated-in-final", Outcome.PASS),
    ], "the refused second is still declared to be in the file"


def test_a_rejection_at_timecodes_that_are_none_takes_back_everything() -> None:
    where = {"asset_glob": "master/EP101.mov"}
    rows = [
        row(2, **where, tc_in="00:00:00:00", tc_out="00:00:20:00", **APPROVED),
        row(3, **where, tc_in="00:00:19:00", tc_out="00:00:19:99", **{**APPROVED, "status": "rejected"}),
    ]
    assert outcome(film(), finding(at={"in": "00:00:00:00", "out": "00:00:20:00"}), rows=rows) is Outcome.BLOCKER


def test_recognised_material_says_what_was_done_and_no_time_of_change_decides() -> None:
    """A row that declares less than the recognised file says of itself approves nothing."""
    facts = {"claim": "generated", "written": "2026-10-01"}
    seen, temp = film(), (match("ai-made", "embedded", reference="EP101/Temp/sky.png", facts=facts),)
    named = {"source_material_ids": "EP101/Temp/sky.png", **APPROVED}
    later = {"date_approved": "2026-10-02"}
    assert judged(seen, matches=temp, rows=[row(2, **{**named, **later})]).outcome is Outcome.PASS
    assert judged(seen, matches=temp, rows=[row(2, **named)]).outcome is Outcome.PASS
    less = judged(seen, matches=temp, rows=[row(2, **{**named, **later, "generated_or_altered": "enhanced"})])
    assert "declares 'enhanced'; found: generated" in " ".join(reason.text for reason in less.reasons)


def test_the_remedies_of_milder_rules_are_told_and_a_waiver_accepts_one_thing() -> None:
    facts = {"quality": "scan", "licence": "L-1", "ai_terms": "prohibited", "valid_until": "2020-01-01"}
    found = (match(alteration=altered(), facts=facts),)
    verdict = judged(still(), matches=found, genre="documentary")
    assert {str(action) for action in verdict.actions} >= {"disclose", "clearance"}
    assert len(verdict.reasons) == 2


def test_what_is_approved_is_not_said_to_be_uncovered() -> None:
    (open_,) = judged(still(), finding()).reasons
    (covered,) = judged(still(), finding(), rows=[row(2, content_digest=HASH, **APPROVED)]).reasons
    assert "No complete written approval covers it" in open_.text
    assert "approval" not in covered.text
    assert covered.register == "AI-2"


def test_registers_of_one_name_are_kept_apart(tmp_path: Path) -> None:
    text = "entry_id,asset_glob,tool,use_case,generated_or_altered,status\nA,a.png,T,other,generated,{}\n"
    for episode, status in (("EP101", "informed"), ("EP102", "draft")):
        (tmp_path / episode).mkdir()
        (tmp_path / episode / "register.csv").write_text(text.format(status))
    files = tuple(str(tmp_path / episode / "register.csv") for episode in ("EP101", "EP102"))
    register = judgement_of(Config(register=(*files, files[0]))).register
    assert [(it.file, it.status) for it in register.rows] == [(files[0], "informed"), (files[1], "draft")]
    assert [it.status for it in register.naming(still("a.png", Category.ARTWORK, OTHER))] == ["informed", "draft"]


def test_an_approval_that_is_not_right_says_where() -> None:
    rows = [row(2, content_digest=HASH, **{**APPROVED, "category": "Key Art", "approval_ref": ""})]
    verdict = judged(still(), finding(), rows=rows)
    assert verdict.outcome is Outcome.ISSUE
    assert "row AI-2 has errors in approval_ref, category" in verdict.reasons[0].text
