"""Stills that a cut names and nothing sources."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scanner.examinations import HeldExaminations
from scanner.judge.conclude import Judgement, conclude
from scanner.judge.policy import Register, Setting
from scanner.judge.rules import Engine, load_rules
from scanner.model import Asset, Category, EditSequence, Event, Examination, Kind, Outcome
from tests.scanner.policy.world import NETFLIX, altered, match, register, row, still


def cut(*names: str) -> Examination:
    asset = Asset(
        path="edl/DOC.edl", root="EP101", location="", kind=Kind.TIMELINE, media_type="text/plain", size=1, mtime_ns=0
    )
    events = tuple(Event(name=name, where=f"event {n}") for n, name in enumerate(names, 1))
    return Examination(asset=asset, sequences=(EditSequence("", events),))


def decided(*seen: Examination, matches=None, rows: Register | None = None, genre: str = "documentary"):
    judgement = Judgement(Engine(load_rules()), NETFLIX, register=rows or Register(), setting=Setting(genre=genre))
    pairs = [(one, (matches or {}).get(one.asset.path, ())) for one in seen]
    return {it.examination.asset.path: it for it in conclude(HeldExaminations(seen), judgement, matched=lambda: pairs)}


def test_a_still_that_nothing_sources_is_unsourced_wherever_it_lies() -> None:
    for beside in ((), (still("graphics/IMG_8821.jpg", Category.GRAPHICS),)):
        record = decided(cut("IMG_8821.jpg", "A001C002.mov", "IMG_8821.jpg"), *beside)["edl/DOC.edl"]
        assert record.verdict.outcome is Outcome.ISSUE
        (reason,) = record.verdict.reasons
        assert (reason.rule, reason.text) == (
            "netflix.unsourced-archival",
            "Archival material with no recognised source. (IMG_8821.jpg)",
        )


@pytest.mark.parametrize("genre", ["fiction", ""])
def test_it_is_asked_of_facts_only(genre: str) -> None:
    assert decided(cut("IMG_8821.jpg"), genre=genre)["edl/DOC.edl"].verdict.outcome is Outcome.PASS


def test_what_a_library_or_a_row_accounts_for_is_sourced() -> None:
    seen = cut("IMG_8821.jpg")
    named = register(row(source_material_ids="IMG_8821.jpg", status="informed"))
    assert decided(seen, rows=named)["edl/DOC.edl"].verdict.outcome is Outcome.PASS
    facts = {"library": "ARCHIVE", "licence": "L-1", "quality": "scan"}
    shown = replace(match("archival", alteration=altered(0.0), facts=facts), reference="IMG_8821")
    master = still("master/frame.png", Category.FINAL_PICTURE)
    assert decided(seen, master, matches={"master/frame.png": (shown,)})["edl/DOC.edl"].verdict.outcome is Outcome.PASS
    lies = still("archival/IMG_8821.jpg", Category.ARCHIVAL)
    other = replace(shown, reference="FAM-014")
    both = decided(seen, lies, matches={"archival/IMG_8821.jpg": (other,)})
    assert both["edl/DOC.edl"].verdict.outcome is Outcome.PASS, "the file was recognised under another name"
