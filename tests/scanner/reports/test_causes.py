"""One cause is one line with its places: an AI-made shot in a master, its screener, its MXF and its cuts."""

from __future__ import annotations

from dataclasses import replace

from scanner.examinations import HeldExaminations
from scanner.judge.conclude import Judgement, conclude
from scanner.judge.policy import Reconciliation, Register, Setting, Waivers
from scanner.judge.rules import Engine, load_rules
from scanner.model import Asset, Category, EditSequence, Event, Examination, Kind, Record
from scanner.reports.components.work import gather_work
from scanner.reports.console import ConsoleReport
from scanner.reports.html import HtmlReport
from tests.decisions.cases import MARKERS
from tests.scanner.policy.world import APPROVED, DAY, HASH, NETFLIX, film, register, row, still
from tests.scanner.reports.handmade import summed

MADE = replace(MARKERS["generator's parameters"][0], id="e1")


def cut(path: str) -> Examination:
    asset = Asset(path=path, root="EP101", location="", kind=Kind.TIMELINE, media_type="text/plain", size=1, mtime_ns=0)
    clip = Event(name="harbour_wide.png", where="001", record_in="00:00:10:00", record_out="00:00:12:00")
    return Examination(asset=asset, sequences=(EditSequence("", (clip,)),))


def delivery() -> list[Examination]:
    element = replace(still("VFX/harbour_wide.png", Category.VFX_ELEMENT), evidence=(MADE,))
    films = [film(f"{folder}/EP101_v3.{kind}", digest=char * 32) for folder, kind, char in (
        ("Masters", "mov", "a"), ("Masters", "mxf", "b"), ("Screener", "mp4", "c"),
    )]  # fmt: skip
    return [element, *films, cut("cut/EP101_v3.edl"), cut("cut/EP101_v3.xml"), cut("cut/EP101_v3.otio")]


def concluded(rows: Register | None = None) -> list[Record]:
    judgement = Judgement(
        Engine(load_rules()), NETFLIX, register=rows or Register(), setting=Setting(genre="fiction", day=DAY)
    )
    seen = delivery()
    return list(conclude(HeldExaminations(seen), judgement))


def test_the_same_shot_in_six_files_is_one_cause_with_its_places() -> None:
    records = tuple(concluded())
    entry = max(gather_work(records, worst_only=True).rules, key=lambda it: it.files)
    assert (entry.rule, entry.files, entry.size) == ("netflix.generated-in-final", 6, "1 cause in 6 files")
    (cause,) = entry.causes
    assert (cause.name, cause.files, len(cause.places)) == ("VFX/harbour_wide.png", 6, 6)
    assert (cause.places[0].path, cause.places[0].where) == ("Masters/EP101_v3.mov", "00:00:10:00–00:00:12:00")
    text = "".join(ConsoleReport().render(summed(records), lambda: records))
    assert "NOT READY: 1 blocker in 6 files, 1 issue" in text
    assert "BLOCKER  1 cause in 6 files" in text
    _, line = text.split("\n      the same in ")
    named = " ".join(line.split("\n\n")[0].split())
    assert [path in named for path in ("Masters/EP101_v3.mxf", "Screener/EP101_v3.mp4", "cut/EP101_v3.otio")] == [
        True
    ] * 3
    page = "".join(HtmlReport().render(summed(records), lambda: records))
    assert "<b>VFX/harbour_wide.png</b>, 1 cause in 6 files" in page
    assert "<h1>NOT READY: 1 blocker in 6 files, 1 issue</h1>" in page


def test_two_shots_are_two_causes() -> None:
    other = replace(still("VFX/second_wide.png", Category.VFX_ELEMENT, "d" * 32), evidence=(MADE,))
    (clip,) = cut("cut/EP101_v3.edl").sequences[0].events
    seen = [*delivery(), other]
    seen[4] = replace(seen[4], sequences=(EditSequence("", (clip, replace(clip, name="second_wide.png"))),))
    records = list(conclude(HeldExaminations(seen), Judgement(Engine(load_rules()), NETFLIX)))
    entry = max(gather_work(records, worst_only=True).rules, key=lambda it: it.files)
    assert sorted((one.name, one.files) for one in entry.causes) == [
        ("VFX/harbour_wide.png", 6),
        ("VFX/second_wide.png", 4),
    ]


def test_one_row_of_the_element_covers_all_its_places() -> None:
    for cells in ({"content_digest": HASH}, {"asset_glob": "VFX/harbour_wide.png", "content_digest": HASH}):
        records = concluded(register(row(**cells, **APPROVED)))
        assert {record.verdict.outcome.value for record in records} == {"pass"}


def test_what_no_row_declares_is_named_once_with_its_places() -> None:
    rows = register(row(asset_glob="elsewhere.png", status="draft"))
    both = Reconciliation(rows, Waivers())
    for record in concluded(rows):
        both.add(record)
    told = both.register_json()
    assert told is not None
    (one,) = told["found_not_declared"]["first"]
    assert (one["hits"], told["found_not_declared"]["count"], len(one["also_in"])) == (7, 7, 6)
