"""A record is one line, and the line is the record, whatever a file is called and whatever it says."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.examine.codec import from_json as from_cache
from scanner.examine.codec import to_json as to_cache
from scanner.match_ids import match_id
from scanner.model import Examination, Kind, Outcome, Record
from scanner.records.records import StoredRecords, from_json, read_records, to_line
from scanner.records.redaction import redact_record
from tests.properties.strategies import examinations, records


@given(records)
def test_a_line_is_the_record(record: Record) -> None:
    line = to_line(record)
    assert line.isascii()
    assert line.count(b"\n") == 1
    assert from_json(json.loads(line)) == record


@given(st.lists(records, max_size=4))
def test_a_file_is_its_records(tmp_path_factory, several: list[Record]) -> None:
    path: Path = tmp_path_factory.mktemp("records") / "records.jsonl"
    path.write_bytes(b"".join(map(to_line, several)))
    assert list(read_records(path)) == several


@given(records)
def test_a_line_that_another_wrote_is_the_same_record(tmp_path_factory, record: Record) -> None:
    """Keys in another order, spaces, and keys that are not ours."""
    data = json.loads(to_line(record))
    more = [{"later": [1], key: value, "and": '","looks":[],"evidence":'} for key, value in data.items()]
    between = {key: value for one in more for key, value in one.items()}
    path: Path = tmp_path_factory.mktemp("records") / "records.jsonl"
    others = (json.dumps(dict(reversed(data.items()))), json.dumps(between, separators=(",", ":")))
    path.write_bytes("\n".join((*others, "")).encode("ascii") + to_line(record))
    stored, asset = StoredRecords(path), record.examination.asset
    assert list(stored(named=lambda name: name == asset.path)) == [record] * 3
    assert list(stored(kinds=[asset.kind], outcome=record.verdict.outcome)) == [record] * 3


@given(records)
def test_a_line_of_ours_that_is_not_asked_for_is_not_read(tmp_path_factory, record: Record) -> None:
    path: Path = tmp_path_factory.mktemp("records") / "records.jsonl"
    path.write_bytes(to_line(record))
    name = record.examination.asset.path
    plain = name.isascii() and name.isalnum()  # one with escapes may be any
    assert not plain or not list(StoredRecords(path)(named=lambda _: False))
    for outcome in Outcome:
        assert list(StoredRecords(path)(outcome=outcome)) == [record] * (outcome is record.verdict.outcome)
    asset = record.examination.asset
    for kind in Kind:
        assert list(StoredRecords(path)(kinds=[kind])) == [record] * (kind is asset.kind or asset.frames is not None)


@settings(max_examples=25)
@given(st.lists(records, max_size=3))
def test_stored_lines_are_copied_and_foreign_ones_written_anew(tmp_path_factory, several: list[Record]) -> None:
    path: Path = tmp_path_factory.mktemp("records") / "records.jsonl"
    ours = [to_line(record) for record in several]
    foreign = [json.dumps(json.loads(line), indent=None).encode() + b"\n" for line in ours]  # with spaces between
    path.write_bytes(b"".join([*ours, b"\n", *foreign]))
    assert list(StoredRecords(path).lines()) == [*ours, *ours]


@settings(max_examples=25)
@given(records, records)
def test_what_did_not_change_is_written_as_it_was_read(tmp_path_factory, record: Record, other: Record) -> None:
    """The same line as writing it anew, whatever of the record was replaced."""
    path: Path = tmp_path_factory.mktemp("records") / "records.jsonl"
    path.write_bytes(to_line(record))
    stored = StoredRecords(path)
    for read in stored():
        assert stored.line(read) == to_line(record)
        for name in ("verdict", "findings", "examination"):
            changed = replace(read, **{name: getattr(other, name)})
            assert stored.line(changed) == to_line(changed)
        assert stored.line(other) == to_line(other)


@settings(max_examples=25)
@given(records, st.sampled_from(Outcome))
def test_a_line_in_another_order_is_written_whole_again(tmp_path_factory, record: Record, outcome: Outcome) -> None:
    """Where the verdict does not end the line, nothing of the line is kept; nor where an inner key is called so."""
    data = json.loads(to_line(record))
    evidence = [{**item, "facts": {"a": "b", "verdict": "x"}} for item in data.pop("evidence")]
    path: Path = tmp_path_factory.mktemp("records") / "records.jsonl"
    path.write_text(json.dumps({**data, "evidence": evidence}, separators=(",", ":")) + "\n", "utf-8")
    stored = StoredRecords(path)
    for read in stored():
        changed = replace(read, verdict=replace(read.verdict, outcome=outcome))
        assert from_json(json.loads(stored.line(changed))) == changed


@given(examinations)
def test_the_cache_gives_back_what_it_was_given(examination: Examination) -> None:
    assert from_cache(Examination, to_cache(examination)) == examination


@given(records)
def test_redacting_takes_words_and_nothing_else(record: Record) -> None:
    less = redact_record(record)
    words = {"evidence": (), "problems": (), "sequences": ()}
    assert replace(less.examination, **words) == replace(record.examination, **words)
    assert replace(less.verdict, reasons=()) == replace(record.verdict, reasons=())
    for before, after in zip(record.verdict.reasons, less.verdict.reasons, strict=True):
        assert (after.rule, after.outcome, after.remedy) == (before.rule, before.outcome, before.remedy)
        assert bool(after.waiver) == bool(before.waiver)
    assert {id_ for it in less.verdict.reasons for id_ in it.because} <= {
        *(id_ for it in record.verdict.reasons for id_ in it.because), *map(match_id, less.matches)
    }  # fmt: skip
    assert [(it.id, it.rule, it.claim, it.at, it.evidence) for it in less.findings] == [
        (it.id, it.rule, it.claim, it.at, it.evidence) for it in record.findings
    ]
    assert [item.id for item in less.examination.evidence] == [item.id for item in record.examination.evidence]
    assert redact_record(less) == less
    assert from_json(json.loads(to_line(less))) == from_json(json.loads(to_line(redact_record(record))))
