"""The published schemas: everything that is written fits them, and no key is written that they do not tell of."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given

from scanner import model
from scanner.model import Outcome, Record
from scanner.records.diff import State, compare
from scanner.records.records import SCHEMA, from_json, to_json, to_line
from scanner.records.summary import tally
from scanner.reports import REPORTS
from tests.contracts.written import records
from tests.e2e.demo import Scanned
from tests.scanner.policy.world import film, judged, match
from tests.scanner.reports.handmade import PROVENANCE, RECORDS, summed

DOCS = Path(__file__).parents[2] / "docs"


def schema(name: str) -> dict[str, Any]:
    number = 2 if name == "record" else 1
    return json.loads((DOCS / "schemas" / f"{name}-{number}.schema.json").read_text("utf-8"))


def told(rules: Any) -> Any:
    """The same rules, allowing only the keys that they name."""
    if isinstance(rules, Mapping):
        closed = {key: told(value) for key, value in rules.items()}
        return {"additionalProperties": False, **closed} if "properties" in rules else closed
    return [told(rule) for rule in rules] if isinstance(rules, list) else rules


RECORD = jsonschema.Draft202012Validator(told(schema("record")))
SUMMARY = jsonschema.Draft202012Validator(told(schema("summary")))
DIFF = jsonschema.Draft202012Validator(told(schema("diff")))


def faults(validator: jsonschema.Draft202012Validator, document: Any) -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(document)]


@pytest.mark.parametrize("name", ["record", "summary", "diff"])
def test_a_schema_is_one(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(schema(name))


@given(records())
def test_any_record_fits(record: Record) -> None:
    written = json.loads(to_line(record))
    assert faults(RECORD, written) == []
    assert to_json(from_json(written)) == to_json(record)


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: ascii(record.examination.asset.path)[:24])
def test_a_usual_record_fits(record: Record) -> None:
    assert faults(RECORD, to_json(record)) == []


@pytest.mark.parametrize("books", [summed(), summed(()), tally(()).summary(PROVENANCE, fail_on=None)])
def test_a_summary_fits(books: Any) -> None:
    assert faults(SUMMARY, json.loads(json.dumps(books.to_json()))) == []


def _of_a_temp(frame: int) -> Record:
    """A master that shows temporary material from a frame on."""
    seen, at = film(), {"in_frame": frame, "out_frame": frame + 48, "rate": "24/1"}
    hit = match("temp", reference="EP101/06_Temp/a.png", at=at)
    return Record(examination=seen, matches=(hit,), verdict=judged(seen, matches=(hit,)))


def test_every_state_of_a_comparison_fits() -> None:
    worst, rest = RECORDS[1], RECORDS[2:]
    less = [replace(it, verdict=replace(it.verdict, outcome=Outcome.PASS, reasons=())) for it in rest]
    milder = replace(worst.verdict.reasons[0], outcome=Outcome.FYI)
    changed = replace(worst, verdict=replace(worst.verdict, reasons=(milder, *worst.verdict.reasons[1:])))
    seen = set()
    moved = [([_of_a_temp(100)], [_of_a_temp(115)])]
    for old, new in ((rest, less), (less, rest), (RECORDS, RECORDS), (RECORDS, []), ([worst], [changed]), *moved):
        document = json.loads(json.dumps(compare(old, new).to_json()))
        assert faults(DIFF, document) == []
        seen.update(change["state"] for change in document["changes"])
    assert seen == set(State)
    assert list(document["counts"]) == list(State)
    document["changes"][0]["state"] = "gone"
    assert faults(DIFF, document)


def test_what_a_scan_writes_fits(scanned: Scanned) -> None:
    assert [fault for record in scanned.records.values() for fault in faults(RECORD, record)] == []
    assert faults(SUMMARY, scanned.summary) == []


@pytest.mark.parametrize(
    ("place", "wrong"),
    [
        (("schema",), "provscan/record/3"),
        (("asset", "kind"), "photo"),
        (("asset", "size"), -1),
        (("asset", "frames"), [[1, 2]]),
        (("verdict", "outcome"), "warning"),
        (("looks",), None),
        (("unheard_of",), 1),
    ],
    ids=lambda value: ".".join(value) if isinstance(value, tuple) else None,
)
def test_what_is_wrong_does_not_fit(place: tuple[str, ...], wrong: object) -> None:
    record = to_json(RECORDS[1])
    holder = record
    for name in place[:-1]:
        holder = holder[name]
    holder[place[-1]] = wrong
    assert faults(RECORD, record)


def vocabularies(rules: Any) -> Iterator[frozenset[str]]:
    if isinstance(rules, Mapping):
        if isinstance(rules.get("enum"), list):
            yield frozenset(map(str, rules["enum"]))
        for value in rules.values():
            yield from vocabularies(value)
    if isinstance(rules, list):
        for value in rules:
            yield from vocabularies(value)


VOCABULARIES = (
    *(model.Action, model.Category, model.Claim, model.Kind),
    *(model.LookStatus, model.Outcome, model.Scan, model.Strength),
)


@pytest.mark.parametrize("words", VOCABULARIES)
def test_vocabularies_are_the_models(words: type[StrEnum]) -> None:
    assert frozenset(word.value for word in words) in set(vocabularies(schema("record")))


@pytest.mark.parametrize(
    ("noun", "place"),
    [
        (model.Finding, "findings"), (model.Match, "matches"), (model.Problem, "problems"),
        (model.Look, "looks"), (model.Evidence, "evidence"),
    ],
)  # fmt: skip
def test_every_field_of_a_noun_is_told(noun: Any, place: str) -> None:
    more = {model.Match: {"id", "region"}, model.Finding: {"region"}}.get(noun, set())
    fields = {field.name for field in dataclasses.fields(noun)} | more
    rules = schema("record")
    name = rules["properties"][place]["items"]["$ref"].rpartition("/")[2]
    assert set(rules["$defs"][name]["properties"]) == fields


@pytest.mark.parametrize("words", [model.Role, model.Relation, model.ProblemCode, model.Quality, model.Grade])
def test_an_open_vocabulary_admits_words_of_a_later_version(words: type[StrEnum]) -> None:
    rules = schema("record")["$defs"][words.__name__]
    assert {word.value for word in words} == set(rules["anyOf"][0]["enum"])
    jsonschema.Draft202012Validator(rules).validate("a word of a later version")


def examples(page: str) -> list[dict[str, Any]]:
    text = (DOCS / page).read_text("utf-8")
    return [json.loads(found) for found in re.findall(r"```json\n(.*?)```", text, re.DOTALL)]


def test_the_examples_of_the_page_fit() -> None:
    found = examples("records.md")
    assert len(found) >= 2
    for example in found:
        if example["schema"] == SCHEMA:
            assert faults(RECORD, example) == []
            assert to_json(from_json(example)) == example
        else:
            assert faults(SUMMARY, example) == []


def test_the_page_shows_what_the_demo_delivery_says(scanned: Scanned) -> None:
    (shown,) = (example for example in examples("records.md") if example["schema"] == SCHEMA)
    real = scanned.records[shown["asset"]["path"]]
    assert shown["evidence"] == real["evidence"]
    looked = {look["by"]: look["status"] for look in real["looks"] if look["status"] != "not-defined"}
    assert {look["by"]: look["status"] for look in shown["looks"]} == looked
    for mine, its in zip(shown["findings"], real["findings"], strict=True):
        assert {key: mine[key] for key in ("id", "rule", "claim", "evidence")}.items() <= its.items()
    assert shown["verdict"]["outcome"] == real["verdict"]["outcome"]


def test_every_format_is_explained() -> None:
    page = (DOCS / "exports.md").read_text("utf-8")
    for report in REPORTS:
        assert f"`--format {report.name}`" in page
        assert f"`{report.file_name}`" in page
