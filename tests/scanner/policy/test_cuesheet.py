"""The cue sheet: what was read of a use is filled in, wherever it was read."""

from __future__ import annotations

from scanner.model import Claim, Outcome, Record, Scan, Verdict
from scanner.policy.cuesheet import cue_rows
from tests.scanner.policy.world import altered, film, finding, match, still

AT = {"in": "00:00:02:00", "out": "00:00:04:00"}


def rows(*records: Record) -> list[dict[str, str]]:
    return [dict(row) for row in cue_rows(lambda: iter(records))]


def record(examination: object, *findings: object, matches: tuple = ()) -> Record:
    verdict = Verdict(outcome=Outcome.PASS, scan=Scan.COMPLETE)
    return Record(examination=examination, findings=findings, matches=matches, verdict=verdict)  # type: ignore[arg-type]


def test_a_still_found_in_a_master_was_made_as_the_still_says() -> None:
    source = still("06_Temp/beach.png")
    master = record(film(), matches=(match("temp", reference="EP101/06_Temp/beach.png", at=AT),))
    seen, made = rows(master, record(source, finding(Claim.GENERATED)))
    assert (seen["tool"], seen["generated_or_altered"], seen["tc_in"]) == ("Midjourney", "generated", "00:00:02:00")
    assert (seen["asset_glob"], seen["use_case"]) == ("master/EP101.mov", ""), "only people know what it is for"
    assert made["tool"] == "Midjourney"


def test_what_does_not_say_how_it_was_made_fills_nothing_in() -> None:
    of_library = match(reference="EP101/a.png", facts={"library": "ARCHIVE"}, alteration=altered())
    other = match("temp", reference="EP101/b.png")
    captured = record(still("b.png"), finding(Claim.CAPTURED))
    told = rows(record(film(), matches=(of_library, other)), record(still("a.png"), finding()), captured)
    assert [(row.get("tool", ""), row["generated_or_altered"]) for row in told[:2]] == [("", "edited"), ("", "")]
