"""Turns a `Record` into the JSON values of its line, key by key. Called for every record of a season."""

from __future__ import annotations

import dataclasses
from typing import Any

from scanner.match_ids import match_id
from scanner.model import (
    Comparison,
    CutFacts,
    EditSequence,
    Evidence,
    Examination,
    Finding,
    Frames,
    Look,
    Match,
    MatchFacts,
    MediaFacts,
    Problem,
    Reason,
    Record,
    Verdict,
)
from scanner.records.place_json import at_json, box_json
from scanner.records.record_types import SCHEMA
from scanner.sequences import WORDS, event_words

__all__ = ["looks_json", "to_json", "to_json_with", "verdict_json"]


def to_json(record: Record) -> dict[str, Any]:
    """The record as the schema defines it."""
    return to_json_with(record, looks_json(record.examination.looks))


def to_json_with(record: Record, looks: list[dict[str, Any]] | None) -> dict[str, Any]:
    """The record with these looks; a caller that has them as text gives None, and inserts the text."""
    seen = record.examination
    return {
        "schema": SCHEMA,
        "asset": _asset(seen),
        "media": _media(seen.media) if seen.media else None,
        "looks": looks,
        "evidence": [_evidence(evidence) for evidence in seen.evidence],
        **({"sequences": [_sequence(one) for one in seen.sequences]} if seen.sequences else {}),
        "findings": [_finding(finding) for finding in record.findings],
        "matches": [_match(match) for match in record.matches],
        "problems": [_problem(problem) for problem in seen.problems],
        "verdict": verdict_json(record.verdict),
    }


def _asset(seen: Examination) -> dict[str, Any]:
    asset = seen.asset
    return {
        "path": asset.path,
        "root": asset.root,
        "kind": asset.kind,
        "media_type": asset.media_type,
        "size": asset.size,
        "mtime_ns": asset.mtime_ns,
        "category": asset.category,
        "digest": {"algorithm": seen.digest.algorithm, "value": seen.digest.value} if seen.digest else None,
        **({"whole_digest": {"algorithm": seen.whole.algorithm, "value": seen.whole.value}} if seen.whole else {}),
        "frames": _frames(asset.frames) if asset.frames else None,
        "sidecars": list(asset.sidecars),
        **({"disputed": list(asset.disputed)} if asset.disputed else {}),
    }


def _frames(frames: Frames) -> dict[str, Any]:
    return {"ranges": _pairs(frames.ranges), "missing": _pairs(frames.missing)}


def _pairs(ranges: tuple[tuple[int, int], ...]) -> list[list[int]]:
    return [list(pair) for pair in ranges]


def _media(media: MediaFacts) -> dict[str, Any]:
    return {
        "width": media.width,
        "height": media.height,
        "duration": media.duration,
        "rate": media.rate,
        "timecode": media.timecode,
        "codecs": list(media.codecs),
    }


def looks_json(looks: tuple[Look, ...]) -> list[dict[str, Any]]:
    """The result of every reader's look."""
    return [{"by": look.by, "version": look.version, "status": look.status} for look in looks]


def _evidence(item: Evidence) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "id": item.id,
        "reader": item.reader,
        "key": item.key,
        "value": item.value,
        "where": item.where,
    }
    if item.facts:
        plain["facts"] = dict(item.facts)
    if item.frames:
        plain["frames"] = _pairs(item.frames)
    return plain


def _sequence(sequence: EditSequence) -> dict[str, Any]:
    """As a table, without the columns that no event states."""
    stated = [{"name": event.name, "where": event.where, **event_words(event)} for event in sequence.events]
    used = {name for words in stated for name, said in words.items() if said}
    columns = ["name", "where", *(name for name in WORDS if name in used)]
    rows = [[words.get(name, "") for name in columns] for words in stated]
    return {**({"title": sequence.title} if sequence.title else {}), "columns": columns, "events": rows}


def _finding(found: Finding) -> dict[str, Any]:
    return {
        "id": found.id,
        "rule": found.rule,
        "tool": found.tool,
        "vendor": found.vendor,
        "claim": found.claim,
        "strength": found.strength,
        "evidence": list(found.evidence),
        "text": found.text,
        "model": found.model,
        "version": found.version,
        "at": at_json(found.at),
        "rules": list(found.rules),
        **({"region": box_json(found.at.box)} if found.at and found.at.box else {}),
    }


def _match(match: Match) -> dict[str, Any]:
    plain = {
        "id": match_id(match),
        "reference": match.reference,
        "role": match.role,
        "relation": match.relation,
        "score": match.score,
        "threshold": match.threshold,
        "at": at_json(match.at),
        "region": box_json(match.at.box) if match.at and match.at.box else None,
        "flip": match.flip,
        "alteration": _comparison(match.alteration) if match.alteration else None,
    }
    facts = _list_known(match.facts)
    return {**plain, "facts": facts} if facts else plain


def _comparison(comparison: Comparison) -> dict[str, Any]:
    stated: dict[str, Any] = {"judged": comparison.judged, "reason": comparison.reason}
    if comparison.judged:
        stated |= {
            "grade": comparison.grade,
            "relations": list(comparison.relations),
            "area_percent": comparison.area_percent,
            "regions": [box_json(box) for box in comparison.regions],
        }
    if comparison.graphics_percent:
        stated["graphics_percent"] = comparison.graphics_percent
    return stated if comparison.frame is None else {**stated, "frame": comparison.frame}


_NONE = object()
_DEFAULTS = {
    noun: {field.name: _NONE if field.default is dataclasses.MISSING else field.default for field in fields}
    for noun, fields in ((noun, dataclasses.fields(noun)) for noun in (MatchFacts, CutFacts))
}


def _list_known(facts: MatchFacts | CutFacts) -> dict[str, Any]:
    """The fields that are not as where nothing is known."""
    defaults = _DEFAULTS[type(facts)].items()
    return {name: _state_value(value) for name, usual in defaults if (value := getattr(facts, name)) != usual}


def _state_value(value: Any) -> Any:
    return _list_known(value) if isinstance(value, CutFacts) else list(value) if isinstance(value, tuple) else value


def _problem(problem: Problem) -> dict[str, Any]:
    return {
        "code": problem.code,
        "stage": problem.stage,
        "by": problem.by,
        "message": problem.message,
        "blocking": problem.blocking,
    }


def verdict_json(verdict: Verdict) -> dict[str, Any]:
    """The verdict as JSON values."""
    return {
        "outcome": verdict.outcome,
        "scan": verdict.scan,
        "actions": list(verdict.actions),
        "reasons": [_reason(reason) for reason in verdict.reasons],
    }


def _reason(reason: Reason) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "rule": reason.rule,
        "outcome": reason.outcome,
        "because": list(reason.because),
        "text": reason.text,
        "remedy": reason.remedy,
        "register": reason.register,
    }
    if reason.binding:
        plain["binding"] = reason.binding
    if reason.waiver:
        plain["waiver"] = reason.waiver
    if reason.asked_by:
        plain["asked_by"] = list(reason.asked_by)
    return plain
