"""The events of a timeline from the file to the record and back: typed all the way, however many they are."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, PngImagePlugin

from media.listed import ListedFile, PlayedResource
from scanner.config import Config
from scanner.examine.store import Store
from scanner.model import Asset, EditSequence, Event, Evidence, Examination, Kind, Record
from scanner.pipeline import Output, rejudge, run_scan
from scanner.records.records import StoredRecords, from_json, read_records, to_json, to_line
from scanner.records.redaction import redact_record
from scanner.sequences import event_of, event_words, read_sequences, state_events

MADE_BY_AI = "a harbour\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 64x64, Model: m, Version: v1.10.1"
EVENT = (
    "{0:06}  AX       V     C        00:00:00:00 00:00:02:00 01:00:{1:02}:00 01:00:{2:02}:00\n* FROM CLIP NAME: {3}\n"
)


def edl(*names: str) -> str:
    events = (EVENT.format(n, n * 2 % 58, n * 2 % 58 + 2, name) for n, name in enumerate(names, 1))
    return "TITLE: EP101_v3\nFCM: NON-DROP FRAME\n" + "".join(events)


@pytest.fixture
def delivery(tmp_path: Path) -> Path:
    """An AI-made still, a cut that names it, a download and a still that nothing sources, and the master of the cut."""
    root = tmp_path / "EP101"
    root.mkdir()
    info = PngImagePlugin.PngInfo()
    info.add_text("parameters", MADE_BY_AI)
    Image.new("RGB", (64, 64), "teal").save(root / "harbour_wide.png", pnginfo=info)
    names = ("harbour_wide.png", "IMG_8821.jpg", "Gemini_Generated_Image_abc123abc123abc1.png", "interview_a.mov")
    (root / "EP101_v3.edl").write_text(edl(*names))
    return root


def scanned(root: Path, out: Path) -> list[dict[str, Any]]:
    config = Config(executor="serial", matching="off", genre="documentary")
    with run_scan([root], config, Output(folder=out, formats=("jsonl",)), no_cache=True):
        return [json.loads(line) for line in (out / "records.jsonl").read_text("ascii").splitlines()]


def cut_of(records: list[dict[str, Any]]) -> dict[str, Any]:
    (record,) = (one for one in records if one["asset"]["path"] == "EP101_v3.edl")
    return record


def test_a_record_has_the_events_as_a_table_and_states_those_that_a_rule_cites(delivery: Path, tmp_path: Path) -> None:
    record = cut_of(scanned(delivery, tmp_path / "out"))
    (sequence,) = record["sequences"]
    assert sequence["title"] == "EP101_v3"
    assert sequence["columns"] == [
        "name", "where", "reel", "track", "record_in", "record_out", "source_in", "source_out",
    ]  # fmt: skip
    assert [row[0] for row in sequence["events"]][:2] == ["harbour_wide.png", "IMG_8821.jpg"]
    stated = {item["id"]: item for item in record["evidence"]}
    assert [(it["key"], it["value"]) for it in stated.values() if it["reader"] == "timeline"] == [
        ("title", "EP101_v3"),
        ("events", "4 events"),
        ("source-clip", "Gemini_Generated_Image_abc123abc123abc1.png"),
    ]
    assert list(stated) == [f"e{n}" for n in range(1, len(stated) + 1)]
    for finding in record["findings"]:
        assert set(finding["evidence"]) <= stated.keys()
    by_rule = {one["rule"]: [stated[id_]["value"] for id_ in one["evidence"]] for one in record["findings"]}
    assert by_rule["provscan.conformed-from-ai-source"] == ["harbour_wide.png"]


def as_before(record: dict[str, Any]) -> dict[str, Any]:
    """The record as it was when every event was a statement: with their words as facts, and no table."""
    (sequence,) = record.pop("sequences")
    concluded = [it for it in record["evidence"] if it["key"] != "events"]
    rows = [dict(zip(sequence["columns"], row, strict=True)) for row in sequence["events"]]
    ids = {(it["value"], it["where"]): it["id"] for it in concluded if it["key"] == "source-clip"}
    for number, row in enumerate(rows):
        name, where = row.pop("name"), row.pop("where")
        if (name, where) not in ids:
            facts = {key: said for key, said in row.items() if said}
            said = {"reader": "timeline", "key": "source-clip", "value": name, "where": where, "facts": facts}
            concluded.insert(1, {"id": f"e{100 + number}", **said})
    # in the order of the file, as the reader stated them
    order = {row_where: n for n, row_where in enumerate(row[1] for row in sequence["events"])}
    concluded.sort(key=lambda it: order.get(it["where"], -1 if it["key"] == "title" else 99))
    return {**record, "evidence": concluded}


def decided(record: Record) -> tuple[Any, ...]:
    """A verdict whose reasons cite statements by their words: their numbers are those of the record."""
    words = {item.id: (item.reader, item.key, item.value) for item in record.examination.evidence}
    reasons = [
        replace(one, because=tuple(str(words.get(id_, id_)) for id_ in one.because)) for one in record.verdict.reasons
    ]
    return record.verdict.outcome, record.verdict.scan, record.verdict.actions, reasons


@pytest.mark.parametrize("genre", ["documentary", "news"], ids=["same policy", "another genre"])
def test_records_that_held_events_as_statements_are_judged_the_same(delivery: Path, tmp_path: Path, genre: str) -> None:
    records = scanned(delivery, tmp_path / "out")
    older = tmp_path / "older" / "records.jsonl"
    older.parent.mkdir()
    older.write_text(
        "".join(json.dumps(as_before(dict(one)) if "sequences" in one else one) + "\n" for one in records), "ascii"
    )
    config = Config(executor="serial", genre=genre)
    new, old = tmp_path / "new", tmp_path / "old"
    with rejudge(tmp_path / "out" / "records.jsonl", config, Output(folder=new)) as run:
        assert run.summary.found == len(records)
    with rejudge(older, config, Output(folder=old)):
        pass
    for one, other in zip(read_records(new / "records.jsonl"), read_records(old / "records.jsonl"), strict=True):
        assert one.examination.sequences == other.examination.sequences
        assert [it.id for it in one.findings] == [it.id for it in other.findings]
        assert decided(one) == decided(other)
    again = [json.loads(line) for line in (new / "records.jsonl").read_text("ascii").splitlines()]
    assert [one["verdict"] for one in again] == [one["verdict"] for one in records]
    assert cut_of(again) == cut_of(records)


def test_thousands_of_events_make_no_thousands_of_statements(tmp_path: Path) -> None:
    root = tmp_path / "EP101"
    root.mkdir()
    (root / "EP101_v3.edl").write_text(edl(*(f"A{n:03}C{n % 99:03}_{n}" for n in range(3_000))))
    record = cut_of(scanned(root, tmp_path / "out"))
    assert len(record["evidence"]) == 2
    assert len(record["sequences"][0]["events"]) == 3_000
    line = (tmp_path / "out" / "records.jsonl").stat().st_size
    assert line < 3_000 * 140, "the words of an edit list's event and no more"
    (stored,) = StoredRecords(tmp_path / "out" / "records.jsonl")()
    assert to_line(stored) == (tmp_path / "out" / "records.jsonl").read_bytes()


def test_a_redacted_record_has_no_events(delivery: Path, tmp_path: Path) -> None:
    scanned(delivery, tmp_path / "out")
    records = [redact_record(record) for record in read_records(tmp_path / "out" / "records.jsonl")]
    assert "interview_a" not in "".join(map(str, map(to_json, records)))
    again = [from_json(json.loads(to_line(record))) for record in records]
    assert [record.examination.sequences for record in again] == [() for _ in records]


@pytest.mark.parametrize(
    "event",
    [
        Event(name="a", where="line 1"),
        Event(name="a", where="x", speed=None, within="Comp", unexpanded="it contains itself", is_enabled=False),
        Event(name="a", where="x", speed=Fraction(-1, 3), rate=Fraction(24000, 1001), source_rate=Fraction(25)),
        Event(name="a", where="x", speed=Fraction(0), speed_fps=Decimal("-12.50"), track="A2", reel="R", file="/f"),
    ],
)
def test_an_event_comes_back_from_its_words(event: Event) -> None:
    assert event_of(event.name, event.where, event_words(event)) == event
    (sequence,) = read_sequences(state_events([EditSequence("", (event,))]))
    assert sequence.events == (event,)


@pytest.mark.parametrize(
    "words", [{"rate": "fast"}, {"speed": "1/0"}, {"speed": "1e999999999"}, {"speed_fps": "1e99"}, {"rate": "0"}]
)
def test_words_that_are_no_rate_or_speed_are_refused_in_a_table_and_left_out_of_a_statement(
    words: dict[str, str],
) -> None:
    with pytest.raises(ValueError, match="is no"):
        event_of("a", "x", words)
    (sequence,) = read_sequences([Evidence(reader="timeline", key="source-clip", value="a", where="x", facts=words)])
    (event,) = sequence.events
    assert (event.rate, event.speed_fps, event.speed) == (None, None, None)


def test_the_store_gives_back_events_lists_and_what_is_played(tmp_path: Path) -> None:
    asset = Asset(
        path="a.edl", root="r", location=str(tmp_path), kind=Kind.TIMELINE, media_type="x/y", size=1, mtime_ns=1
    )
    played = tuple(
        PlayedResource(f"urn:uuid:{n}", "line 1", "MainImage", 1, entry=n, rate=Fraction(24000, 1001))
        for n in range(6_000)
    )
    listed = tuple(ListedFile(path=f"a/{n}.mov", where="line 1") for n in range(6_000))
    events = tuple(Event(name="a\udc80", where=f"event {n}", rate=Fraction(25), speed=None) for n in range(3))
    seen = Examination(asset=asset, listed=listed, played=played, sequences=(EditSequence("EP", events),))
    with Store.open(tmp_path / "cache") as store:
        store.enlist([asset], "tools")
        store.put(seen, "tools")
        known = store.get(asset, "tools")
        assert known is not None
        assert known.sequences == seen.sequences
        assert (known.listed, known.played) == ((), ())
        assert tuple(store.listed(asset, "tools")) == listed
        assert tuple(store.played(asset, "tools")) == played
