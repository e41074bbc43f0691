"""The cue sheet: what was read of a use is filled in, wherever it was read."""

from __future__ import annotations

from scanner.judge.register.cuesheet import cue_rows
from scanner.judge.register.row import row_of
from scanner.model import Category, Claim, Match, Outcome, Record, Scan, Verdict
from tests.scanner.policy.world import APPROVED, HASH, OTHER, altered, film, finding, judged, match, still

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


MASTER, SCREENER = "master/EP101.mov", "master/EP101_screener.mp4"


def shown(path: str, digest: str, *matches: Match) -> Record:
    seen = film(path, digest=digest)
    return Record(examination=seen, matches=matches, verdict=judged(seen, matches=matches, genre=""))


def approved(records: list[Record]) -> dict[str, Outcome]:
    """Each file's outcome when every row of the cue sheet is completed and approved."""
    filled = {
        **APPROVED, "use_case": "other", "licence_tier": "enterprise", "trains_on_inputs": "n", "inputs_used": "none",
        "tool": "T", "generated_or_altered": "generated",
    }  # fmt: skip
    cells = [{**filled, **{name: cell for name, cell in one.items() if cell}, **APPROVED} for one in rows(*records)]
    known = tuple(row_of("cue.xlsx", number, one)[0] for number, one in enumerate(cells, 2))
    return {
        it.examination.asset.path: judged(
            it.examination, *it.findings, matches=it.matches, rows=known, genre=""
        ).outcome
        for it in records
    }  # fmt: skip


def test_an_ai_made_still_has_one_row_for_the_master_the_screener_and_itself() -> None:
    facts = {"digest": f"xxh3-128:{HASH}", "claim": "generated"}
    seen = match("temp", reference="EP101/06_Temp/beach.png", at=AT, facts=facts)
    element = still("06_Temp/beach.png", Category.TEMP)
    own = Record(examination=element, findings=(finding(),), verdict=judged(element, finding()))
    records = [shown(MASTER, OTHER, seen), shown(SCREENER, "c" * 32, seen), own]
    (one,) = rows(*records)
    assert (one["asset_glob"], one["content_digest"], one["finding_id"]) == (
        "06_Temp/beach.png", f"xxh3-128:{HASH}", "",
    )  # fmt: skip
    assert one["notes"] == f"also in {MASTER} 00:00:02:00–00:00:04:00; {SCREENER} 00:00:02:00–00:00:04:00"
    assert set(approved(records).values()) == {Outcome.PASS}


def test_a_still_with_several_findings_has_a_row_for_each_and_one_for_where_it_is_seen() -> None:
    facts = {"digest": f"xxh3-128:{HASH}", "claim": "generated"}
    seen = match("temp", reference="EP101/06_Temp/beach.png", at=AT, facts=facts)
    element, two = still("06_Temp/beach.png", Category.TEMP), (finding(), finding(Claim.EDITED, name="b" * 16))
    records = [shown(MASTER, OTHER, seen), Record(examination=element, findings=two, verdict=judged(element, *two))]
    assert [(one["asset_glob"], one.get("finding_id", "")) for one in rows(*records)] == [
        ("06_Temp/beach.png", "a" * 16), ("06_Temp/beach.png", "b" * 16), ("06_Temp/beach.png", ""),
    ]  # fmt: skip
    assert set(approved(records).values()) == {Outcome.PASS}


def test_a_reference_of_a_library_has_one_row_for_all_versions_of_a_programme() -> None:
    photo = match("copyrighted", reference="R-1", at=AT, facts={"library": "L"})
    later = match(
        "copyrighted", reference="R-1", at={"in": "00:00:09:00", "out": "00:00:10:00"}, facts={"library": "L"}
    )
    records = [
        shown(MASTER, OTHER, photo, later),
        shown(SCREENER, "c" * 32, photo),
        shown("promo/TR.mov", "d" * 32, photo),
    ]
    told = rows(*records)
    assert [(one.get("asset_glob", ""), one["phash_or_ref_id"], one["tc_in"]) for one in told] == [
        ("", "R-1", "00:00:02:00"), (MASTER, "R-1", "00:00:09:00"), ("promo/TR.mov", "R-1", "00:00:02:00"),
    ], "another use is another row, and so is a trailer"  # fmt: skip
    assert told[0]["notes"] == f"in {MASTER}; {SCREENER}"
    assert (told[0]["finding_id"], told[0]["episode"]) == ("", "EP101"), "it speaks of no other episode"
