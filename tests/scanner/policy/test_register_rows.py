"""A row's worth: what binds it to a hit, what it covers, what takes that away."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from scanner.model import Category, Claim, Frames, Kind, Outcome
from tests.scanner.policy.world import APPROVED, HASH, OTHER, film, finding, judged, match, outcome, row, still

BOUND = {"content_digest": HASH}
CONSENT = {"talent_name": "A. Performer", "consent_ref": "c-1", "consent_date": "2026-01-01"}
SHOT = {"in": "00:00:01:00", "out": "00:00:10:00"}
EDITED = finding(Claim.EDITED, at=SHOT)


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({}, Outcome.BLOCKER),
        ({"asset_glob": "art/poster.png", "status": "draft"}, Outcome.BLOCKER),
        ({"asset_glob": "art/*"}, Outcome.ISSUE),
        ({"asset_glob": "EP101/art/*"}, Outcome.ISSUE),
        ({"asset_glob": "poster.png", **APPROVED}, Outcome.ISSUE),
        ({**BOUND}, Outcome.ISSUE),
        ({**BOUND, **APPROVED}, Outcome.PASS),
        ({"content_digest": f"xxh3-128:{HASH.upper()}", **APPROVED}, Outcome.PASS),
        ({**BOUND, **APPROVED, "asset_glob": "somewhere/else.png"}, Outcome.PASS),
        ({**BOUND, **APPROVED, "tc_in": "01:00:00:00", "tc_out": "01:00:01:00"}, Outcome.PASS),
        ({"content_digest": OTHER, **APPROVED, "asset_glob": "art/poster.png"}, Outcome.BLOCKER),
        ({"content_digest": "ab" * 32, **APPROVED, "asset_glob": "art/poster.png"}, Outcome.BLOCKER),
        ({**BOUND, **APPROVED, "scope_temp_or_final": "temp"}, Outcome.BLOCKER),
        ({**BOUND, **APPROVED, "scope_temp_or_final": ""}, Outcome.BLOCKER),
        ({**BOUND, **APPROVED, "approval_ref": ""}, Outcome.ISSUE),
        ({**BOUND, **APPROVED, "expires": "2026-11-21"}, Outcome.BLOCKER),
        ({**BOUND, **APPROVED, "expires": "2026-11-22"}, Outcome.PASS),
        ({**BOUND, **APPROVED, "expires": "01/02/2027"}, Outcome.BLOCKER),
        ({**BOUND, **APPROVED, "date_approved": "2026-12-24"}, Outcome.BLOCKER),
        ({**BOUND, **APPROVED, "episode": "EP101"}, Outcome.PASS),
        ({**BOUND, **APPROVED, "episode": "*"}, Outcome.PASS),
        ({**BOUND, **APPROVED, "episode": "EP10"}, Outcome.BLOCKER),
        ({**BOUND, **APPROVED, "category": "artwork"}, Outcome.PASS),
        ({**BOUND, **APPROVED, "category": "ideation"}, Outcome.BLOCKER),
        ({**BOUND, **APPROVED, "generated_or_altered": "enhanced"}, Outcome.BLOCKER),
        ({**BOUND, **APPROVED, "use_case": "voice"}, Outcome.ISSUE),
        ({**BOUND, **APPROVED, "use_case": "voice", **CONSENT}, Outcome.PASS),
        ({**BOUND, **APPROVED, "use_case": "background"}, Outcome.ISSUE),
        ({**BOUND, **APPROVED, "use_case": "background", "story_relevant": "n"}, Outcome.PASS),
        ({**BOUND, **APPROVED, "use_case": "background", "story_relevant": "y"}, Outcome.ISSUE),
        ({**BOUND, "status": "rejected"}, Outcome.BLOCKER),
    ],
    ids=str,
)  # fmt: skip
def test_a_generated_poster_and_one_row(cells: dict[str, str], expected: Outcome) -> None:
    assert outcome(still(), finding(), rows=(row(**cells),)) is expected


def test_a_reason_says_what_the_row_is_worth() -> None:
    (reason,) = judged(still(), finding(), rows=(row(**BOUND, **APPROVED),)).reasons
    assert (reason.register, reason.binding, reason.because) == ("AI-2", "content", ("a" * 16,))
    (reason,) = judged(still(), finding(), rows=(row(asset_glob="poster.png", **APPROVED),)).reasons
    assert reason.binding == "path"
    assert "names only the path" in reason.text


@pytest.mark.parametrize(
    ("status", "expected"), [("rejected", Outcome.BLOCKER), ("withdrawn", Outcome.BLOCKER), ("informed", Outcome.PASS)]
)
def test_a_later_rejection_takes_an_approval_back(status: str, expected: Outcome) -> None:
    rows = (row(**BOUND, **APPROVED), row(3, **BOUND, status=status, date_approved="2026-07-01"))
    assert outcome(still(), finding(), rows=rows) is expected
    newer = row(4, **BOUND, **{**APPROVED, "date_approved": "2026-08-01"})
    assert outcome(still(), finding(), rows=(*rows, newer)) is Outcome.PASS


def test_an_approval_by_place_holds_for_what_was_seen_there() -> None:
    place = {"asset_glob": "EP101.mov", "tc_in": "00:00:01:00", "tc_out": "00:00:10:00"}
    alone = row(**place, **APPROVED)
    verdict = judged(film(), EDITED, rows=(alone,))
    assert verdict.outcome is Outcome.ISSUE, "an exchanged file would be approved as well"
    assert (
        f"names only the place, which informs: to approve what was seen there, enter finding_id {'a' * 16}"
        in verdict.reasons[0].text
    )
    named = row(**place, finding_id="a" * 16, **{**APPROVED, "date_approved": "2025-12-31"})
    assert outcome(film(), EDITED, rows=(named,)) is Outcome.PASS, "the time of a file decides nothing"
    exchanged = finding(Claim.EDITED, at=SHOT, name="b" * 16)
    assert outcome(film(), exchanged, rows=(named,)) is Outcome.ISSUE
    temp = match("temp", reference="TMP-7", at={**SHOT, "in_frame": 24, "out_frame": 240, "rate": "24/1"})
    assert outcome(film(), matches=(temp,), rows=(alone,)) is Outcome.ISSUE
    assert outcome(film(), matches=(temp,), rows=(row(**place, phash_or_ref_id="TMP-7", **APPROVED),)) is Outcome.PASS


def part(first: str, after: str, number: int = 2, **more: str):
    about = {"asset_glob": "EP101.mov", "finding_id": "a" * 16, "generated_or_altered": "edited"}
    given = {**about, **APPROVED, **more}
    return row(number, tc_in=first, tc_out=after, **given)


@pytest.mark.parametrize(
    ("rows", "left"),
    [
        ([("00:00:01:00", "00:00:10:00")], ""),
        ([("00:00:00:00", "00:00:59:23")], ""),
        ([("00:00:01:00", "00:00:09:23")], "00:00:09:23–00:00:10:00"),
        ([("00:00:01:01", "00:00:10:00")], "00:00:01:00–00:00:01:01"),
        ([("00:00:01:00", "00:00:05:00"), ("00:00:05:00", "00:00:10:00")], ""),
        ([("00:00:06:00", "00:00:10:00"), ("00:00:01:00", "00:00:07:00")], ""),
        ([("00:00:01:00", "00:00:05:00"), ("00:00:05:01", "00:00:10:00")], "00:00:05:00–00:00:05:01"),
        ([("00:00:02:00", "00:00:03:00"), ("00:00:05:00", "00:00:06:00")],
         "00:00:01:00–00:00:02:00, 00:00:03:00–00:00:05:00, 00:00:06:00–00:00:10:00"),
    ],
    ids=str,
)  # fmt: skip
def test_rows_cover_jointly_and_what_is_left_is_printed(rows: list[tuple[str, str]], left: str) -> None:
    verdict = judged(film(), EDITED, rows=tuple(part(a, b, n) for n, (a, b) in enumerate(rows, 2)))
    assert verdict.outcome is (Outcome.ISSUE if left else Outcome.PASS)
    assert verdict.reasons[0].text.endswith(f"not covered: {left})") if left else verdict.reasons[0].binding == "place"


@pytest.mark.parametrize(
    ("rate", "drop"),
    [
        ("24000/1001", False),
        ("24/1", False),
        ("25/1", False),
        ("30000/1001", True),
        ("30000/1001", False),
        ("50/1", False),
        ("60000/1001", True),
    ],
)
def test_one_frame_too_few_is_not_covered_at_any_rate(rate: str, drop: bool) -> None:
    from fractions import Fraction

    from media.timecode import Timecode

    first = Timecode(10_007, Fraction(rate), drop)
    after = first + 4321
    seen = film(rate=rate, start=str(Timecode(0, Fraction(rate), drop)))
    found = finding(Claim.EDITED, at={"in": str(first), "out": str(after), "rate": rate})
    assert outcome(seen, found, rows=(part(str(first), str(after)),)) is Outcome.PASS
    assert outcome(seen, found, rows=(part(str(first), str(after - 1)),)) is Outcome.ISSUE
    assert outcome(seen, found, rows=(part(str(first + 1), str(after)),)) is Outcome.ISSUE


def test_a_finding_of_the_whole_film_is_not_covered_by_five_seconds() -> None:
    verdict = judged(film(seconds=9), finding(Claim.EDITED), rows=(part("00:00:00:00", "00:00:05:00"),))
    assert verdict.outcome is Outcome.ISSUE
    assert "not covered: 00:00:05:00–00:00:09:00" in verdict.reasons[0].text


def test_frame_numbers_speak_of_sequences() -> None:
    frames = Frames(ranges=((1001, 1024),))
    seen = still("sh010.%04d.exr", Category.GRAPHICS, frames=frames)
    at = {"frames": [[1010, 1012]]}
    assert outcome(seen, finding(Claim.EDITED, at=at), rows=(part("1010", "1012", asset_glob="*.exr"),)) is Outcome.PASS
    verdict = judged(seen, finding(Claim.EDITED, at=at), rows=(part("1010", "1011", asset_glob="*.exr"),))
    assert "not covered: frames 1012–1012" in verdict.reasons[0].text


def test_a_shot_map_without_paths_speaks_of_its_episode() -> None:
    named = part("00:00:01:00", "00:00:10:00", asset_glob="", episode="EP101")
    assert outcome(film(), EDITED, rows=(named,)) is Outcome.PASS
    anywhere = part("00:00:01:00", "00:00:10:00", asset_glob="")
    assert outcome(film(), EDITED, rows=(anywhere,)) is Outcome.ISSUE


def test_a_reference_binds_its_match_wherever_it_went() -> None:
    temp = match("temp", reference="TMP-7", at={**SHOT, "in_frame": 24, "out_frame": 240, "rate": "24/1"})
    cells = {"phash_or_ref_id": "TMP-7", **APPROVED}
    assert outcome(film(), matches=(temp,)) is Outcome.BLOCKER
    verdict = judged(film(), matches=(temp,), rows=(row(**cells),))
    assert (verdict.outcome, verdict.reasons[0].binding) == (Outcome.PASS, "reference")
    assert outcome(film(), matches=(temp,), rows=(row(**{**cells, "scope_temp_or_final": "temp"}),)) is Outcome.BLOCKER
    assert outcome(film(), matches=(temp,), rows=(row(**{**cells, "phash_or_ref_id": "TMP-8"}),)) is Outcome.BLOCKER


@pytest.mark.parametrize(
    ("named", "binding"),
    [("06_Temp/beach.png", "picture"), ("EP101/06_Temp/beach.png", "reference"), ("beach.png", None)],
)
def test_a_row_that_names_a_picture_speaks_of_wherever_it_was_recognised(named: str, binding: str | None) -> None:
    seen = match("temp", "embedded", reference="EP101/06_Temp/beach.png")
    verdict = judged(film(), matches=(seen,), rows=(row(source_material_ids=named, **APPROVED),))
    assert (verdict.reasons[0].binding, verdict.outcome is Outcome.PASS) == (binding, binding is not None)


def test_what_says_less_than_was_found_contradicts_and_both_are_shown() -> None:
    verdict = judged(still(), finding(), rows=(row(**BOUND, **{**APPROVED, "generated_or_altered": "enhanced"}),))
    assert verdict.outcome is Outcome.BLOCKER
    said = next(reason for reason in verdict.reasons if reason.rule.startswith("delivery.contradicts"))
    assert "'enhanced'" in said.text
    assert "generated" in said.text


def test_a_contradiction_in_working_material_is_no_worse_than_without_the_row() -> None:
    seen = still("ideation/a.png", Category.IDEATION)
    assert outcome(seen, finding()) is Outcome.FYI
    assert (
        outcome(seen, finding(), rows=(row(**BOUND, **{**APPROVED, "generated_or_altered": "enhanced"}),))
        is Outcome.FYI
    )


def test_the_clock_of_the_file_is_utc() -> None:
    written = int(datetime(2026, 6, 1, 23, 59, tzinfo=UTC).timestamp() * 1e9)
    seen = still(kind=Kind.IMAGE, mtime_ns=written)
    assert outcome(seen, finding(), rows=(row(**BOUND, **APPROVED),)) is Outcome.PASS
